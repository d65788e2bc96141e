#include "codec/column_codec.h"

#include "codec/zstd.h"

namespace tundish::codec {
namespace {

constexpr std::size_t kWorthCompressing = 48;  // bytes; a frame costs about 12 of its own
constexpr int kLevel = 1;

}  // namespace

void compress_column(Bytes& out, std::size_t from) {
  const std::size_t plain_bytes = out.size() - from;
  if (plain_bytes < kWorthCompressing || plain_bytes > kColumnBytesMax) return;
  const ByteSpan plain = ByteSpan(out).subspan(from);
  Bytes folded{static_cast<std::byte>(kZstdFlag)};
  ByteWriter(folded).varint(plain_bytes);
  zstd_compress(plain, kLevel, folded);
  // Unfolding costs time at every read, so a few bytes are not worth it.
  if (folded.size() + plain_bytes / 16 >= plain_bytes) return;
  out.resize(from);
  out.insert(out.end(), folded.begin(), folded.end());
}

void take_smaller(const Bytes& other, Bytes& out, std::size_t from) {
  const std::size_t bytes = out.size() - from;
  if (other.size() + bytes / 128 >= bytes) return;
  out.resize(from);
  out.insert(out.end(), other.begin(), other.end());
}

Result<ByteSpan> open_column(ByteSpan bytes, Bytes& unfolded) {
  if (bytes.empty()) return fail(ErrorCode::kCorruption, "a column is empty");
  if ((static_cast<std::uint8_t>(bytes.front()) & kZstdFlag) == 0) return bytes;
  ByteReader reader(bytes);
  if (reader.fixed<std::uint8_t>() != kZstdFlag)
    return fail(ErrorCode::kCorruption, "a column has an unknown encoding");
  const auto plain_bytes = static_cast<std::size_t>(reader.varint_max(kColumnBytesMax));
  if (!reader.ok()) return fail(ErrorCode::kCorruption, "a compressed column states a wrong size");
  TUNDISH_TRY(unfolded, zstd_decompress(reader.raw(reader.remaining()), plain_bytes));
  return ByteSpan(unfolded);
}

void fold(ByteSpan plain, Bytes& out) {
  constexpr int kFoldLevel = 6;  // once a block, and read at every start
  Bytes folded;
  ByteWriter(folded).varint(plain.size());
  zstd_compress(plain, kFoldLevel, folded);
  if (folded.size() > plain.size()) {
    out.push_back(std::byte{0});
    ByteWriter(out).raw(plain);
  } else {
    ByteWriter(out).raw(folded);
  }
}

Result<ByteSpan> open_folded(ByteSpan bytes, std::size_t bytes_max, Bytes& unfolded) {
  ByteReader reader(bytes);
  const auto plain_bytes = static_cast<std::size_t>(reader.varint_max(bytes_max));
  if (!reader.ok()) return fail(ErrorCode::kCorruption, "folded bytes state a wrong size");
  const ByteSpan rest = reader.raw(reader.remaining());
  if (plain_bytes == 0) return rest;
  TUNDISH_TRY(unfolded, zstd_decompress(rest, plain_bytes));
  return ByteSpan(unfolded);
}

Status corrupt_column(std::string_view kind, std::string_view what) {
  std::string message = "the column of ";
  message.append(kind).append(" ").append(what);
  return fail(ErrorCode::kCorruption, std::move(message));
}

}  // namespace tundish::codec
