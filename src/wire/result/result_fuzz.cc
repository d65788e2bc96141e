#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/crc32c.h"
#include "wire/result/result.h"

/// The input is a row of payloads, each with a length byte before it; head and checksums are put
/// around them, so that what is behind those is reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  Bytes bytes;
  ByteWriter out(bytes);
  out.raw(as_byte_span("TDRESLT\x01"));
  for (std::size_t at = 0; at < size;) {
    const std::size_t length = std::min<std::size_t>(data[at], size - at - 1);
    const ByteSpan payload = std::as_bytes(std::span(data + at + 1, length));
    out.fixed(static_cast<std::uint32_t>(length));
    out.raw(payload);
    out.fixed(crc32c(payload));
    at += 1 + length;
  }
  const auto result = wire::decode_result(bytes);
  if (!result) return 0;
  Bytes again;
  wire::ResultWriter writer(again, result->position);
  for (const auto& series : result->series) {
    writer.series({TagId{EnterpriseId(1), series.number}, series.path, series.type, series.step,
                   series.unit, "", series.simulated});
    for (const Columns& piece : series.pieces) writer.rows(piece);
    for (const wire::ResultIntervals& intervals : series.intervals) writer.intervals(intervals);
  }
  writer.end(result->damage);
  const auto second = wire::decode_result(again);
  if (!second || second->series.size() != result->series.size()) std::abort();
  return 0;
}
