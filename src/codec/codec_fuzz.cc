#include <bit>
#include <cstdint>
#include <cstdlib>
#include <type_traits>
#include <vector>

#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/runs.h"
#include "codec/strings.h"
#include "codec/versions.h"

// Byte 0 chooses the kind of column, bytes 1 and 2 the number of rows; the rest is the column.
// What decodes must survive encoding and decoding again.

namespace tundish::codec {
namespace {

template <class T>
using Encode = void (*)(std::span<const T>, Bytes&);

/// The dense forms of what the packed ones can hold, too.
void try_dense(ByteSpan bytes, std::size_t rows) {
  std::vector<std::uint64_t> values(rows);
  if (!decode_integers(bytes, values)) return;
  Bytes integers, doubles, clock;
  encode_integers(values, integers, Tier::kDense);
  std::vector<std::uint64_t> decoded(rows);
  if (!decode_integers(integers, decoded) || decoded != values) std::abort();
  for (std::uint64_t& value : values)
    value =
        std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(value)) / 10);
  encode_doubles(values, doubles, Tier::kDense);
  if (!decode_doubles(doubles, decoded) || decoded != values) std::abort();
  std::vector<TimeNs> times(values.begin(), values.end()), decoded_times(rows);
  encode_times(times, clock, Tier::kDense);
  if (!decode_times(clock, decoded_times) || decoded_times != times) std::abort();
}

template <class T>
void try_column(ByteSpan bytes, std::size_t rows, Status (*decode)(ByteSpan, std::span<T>),
                std::type_identity_t<Encode<T>> encode) {
  std::vector<T> values(rows);
  if (!decode(bytes, values)) return;
  Bytes again;
  encode(values, again);
  std::vector<T> decoded(rows);
  if (!decode(again, decoded) || decoded != values) std::abort();
}

void try_strings(ByteSpan bytes, std::size_t rows) {
  std::vector<std::uint64_t> bits(rows);
  std::string text;
  if (!decode_strings(bytes, bits, text)) return;
  // Few bytes can stand for long strings many times; encoding what a writer never makes is no use.
  Bytes again;
  encode_strings(bits, text, again);
  std::vector<std::uint64_t> decoded(rows);
  std::string decoded_text;
  if (again.size() < kColumnBytesMax && !decode_strings(again, decoded, decoded_text)) std::abort();
}

}  // namespace
}  // namespace tundish::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  using namespace tundish::codec;
  if (size < 3) return 0;
  const std::size_t rows = (static_cast<std::size_t>(data[1]) << 8 | data[2]) % 5000;
  const ByteSpan bytes = std::as_bytes(std::span(data + 3, size - 3));
  switch (data[0] % 6) {
    case 0: try_column<TimeNs>(bytes, rows, decode_times, encode_times); break;
    case 1:
      try_column<std::uint64_t>(bytes, rows, decode_integers, encode_integers);
      try_dense(bytes, rows);
      break;
    case 2: try_column<std::uint64_t>(bytes, rows, decode_doubles, encode_doubles); break;
    case 3: try_column<std::uint64_t>(bytes, rows, decode_bools, encode_bools); break;
    case 4: try_column<std::uint32_t>(bytes, rows, decode_qualities, encode_qualities); break;
    case 5:
      try_strings(bytes, rows);
      try_column<Version>(bytes, rows, decode_versions, encode_versions);
      break;
  }
  return 0;
}
