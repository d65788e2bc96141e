#include <cstdint>
#include <cstdlib>

#include "aggregate/exact_sum.h"

// Any bytes as a serialized sum: what is taken must come back from its own bytes.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  using tundish::aggregate::ExactSum;
  ByteReader packed(std::as_bytes(std::span(data, size)));
  if (const ExactSum sum = ExactSum::deserialize_packed(packed); packed.ok()) {
    Bytes bytes;
    sum.serialize_packed(bytes);
    ByteReader again(bytes);
    if (!(ExactSum::deserialize_packed(again) == sum) || !again.at_end()) std::abort();
  }
  ByteReader reader(std::as_bytes(std::span(data, size)));
  const ExactSum sum = ExactSum::deserialize(reader);
  if (!reader.ok()) return 0;
  Bytes bytes;
  sum.serialize(bytes);
  ByteReader again(bytes);
  if (!(ExactSum::deserialize(again) == sum) || !again.at_end()) std::abort();
  (void)sum.rounded_quotient(3, -1);
  return 0;
}
