// One segment's bytes from anywhere: the header, every record that can be found, every payload. The
// first byte says which way: 0 a whole segment whose checksums stand as they are, else a payload of
// that type, which no checksum protects here.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "historian/journal_format.h"
#include "historian/journal_record.h"

using namespace tundish;
using namespace tundish::historian;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteSpan bytes = std::as_bytes(std::span(data + 1, size - 1));
  if (data[0] == 0) {
    (void)decode_segment_header(bytes);
    for (std::uint64_t at = 0; at < bytes.size(); at += kRecordAlignment) {
      if (const auto frame = parse_frame(bytes, 1, at)) (void)unpack_record(*frame);
    }
    return 0;
  }
  const auto type = static_cast<RecordType>(data[0]);
  const auto record = decode_record(type, bytes);
  if (!record) return 0;
  // What was believed can be written, and reads back as the same.
  const Bytes again = encode_record(*record);
  const auto twice = decode_record(type, again);
  if (!twice || encode_record(*twice) != again) std::abort();
  return 0;
}
