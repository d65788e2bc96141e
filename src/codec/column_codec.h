#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tundish::codec {

/// No decoder makes more rows than this, whatever the bytes say.
inline constexpr std::size_t kRowsMax = 1 << 20;
/// No compressed column unfolds to more bytes than this.
inline constexpr std::size_t kColumnBytesMax = 8 << 20;

/// How much work a column is worth. Packed decodes fastest; dense takes the fewest bytes, for what is kept long.
enum class Tier : std::uint8_t { kPacked, kDense };

/// A column of at most so many bytes has no dense form that is smaller.
inline constexpr std::size_t kWorthDensity = 64;

inline constexpr std::size_t kNotPossible = std::numeric_limits<std::size_t>::max();

/// One way to write a column of n values. A kind of column (times, doubles, ...) is a table of
/// these; the writer takes the one with the smallest estimate. An `id` is on disk: never reuse one.
template <class T>
struct ColumnCodec {
  std::uint8_t id;  ///< below 0x80, distinct within a table
  std::string_view name;
  /// Bytes that encode() would write, exactly or nearly; kNotPossible when it cannot hold `values`.
  std::size_t (*estimate)(std::span<const T> values);
  /// Appends to `out`. Lossless.
  void (*encode)(std::span<const T> values, Bytes& out);
  /// Fills `values`, whose size the caller knows; false when the bytes do not hold as many.
  /// The bytes may be anything: nothing is read past their end.
  bool (*decode)(ByteReader& bytes, std::span<T> values);
};

/// Bit 7 of a column's first byte: what follows is one zstd frame of the encoded column.
inline constexpr std::uint8_t kZstdFlag = 0x80;

/// zstd around out[from..] (an encoding byte and its payload) when that is clearly smaller.
void compress_column(Bytes& out, std::size_t from);
/// Undoes compress_column. `unfolded` owns the bytes when there was a frame.
/// Errors: kCorruption.
Result<ByteSpan> open_column(ByteSpan bytes, Bytes& unfolded);

/// Appends varint size, then `plain` as one zstd frame where that is smaller, else as it is: then the size is 0.
void fold(ByteSpan plain, Bytes& out);
/// Undoes fold(); `unfolded` owns the bytes when there was a frame. Errors: kCorruption, also for more than `bytes_max`.
Result<ByteSpan> open_folded(ByteSpan bytes, std::size_t bytes_max, Bytes& unfolded);

/// Puts `other` in the place of out[from..] when it is smaller by more than a hundredth.
void take_smaller(const Bytes& other, Bytes& out, std::size_t from);

Status corrupt_column(std::string_view kind, std::string_view what);

/// Appends the encoding byte and the smallest encoding of `values` that `table` has.
template <class T>
void encode_plain_column(std::span<const ColumnCodec<T>> table, std::span<const T> values,
                         Bytes& out) {
  const ColumnCodec<T>* best = &table.front();
  std::size_t best_bytes = kNotPossible;
  for (const ColumnCodec<T>& codec : table) {
    const std::size_t bytes = codec.estimate(values);
    if (bytes < best_bytes) {
      best = &codec;
      best_bytes = bytes;
    }
  }
  out.push_back(static_cast<std::byte>(best->id));
  best->encode(values, out);
}

/// Fills `values` from all that is left in `bytes`; false when they are not such a column.
template <class T>
bool decode_plain_column(std::span<const ColumnCodec<T>> table, ByteReader& bytes,
                         std::span<T> values) {
  const auto id = bytes.fixed<std::uint8_t>();
  for (const ColumnCodec<T>& codec : table)
    if (codec.id == id) return bytes.ok() && codec.decode(bytes, values) && bytes.at_end();
  return false;
}

template <class T>
void encode_column(std::span<const ColumnCodec<T>> table, std::span<const T> values, Bytes& out) {
  const std::size_t from = out.size();
  encode_plain_column(table, values, out);
  compress_column(out, from);
}

template <class T>
Status decode_column(std::string_view kind, std::span<const ColumnCodec<T>> table, ByteSpan bytes,
                     std::span<T> values) {
  if (values.size() > kRowsMax) return corrupt_column(kind, "has too many rows");
  Bytes unfolded;
  TUNDISH_TRY(const ByteSpan plain, open_column(bytes, unfolded));
  ByteReader reader(plain);
  if (!decode_plain_column(table, reader, values))
    return corrupt_column(kind, "does not decode to the stated number of rows");
  return {};
}

/// Bytes of a LEB128 varint.
constexpr std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++bytes;
  }
  return bytes;
}

}  // namespace tundish::codec
