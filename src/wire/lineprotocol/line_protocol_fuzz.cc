#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/tag_path.h"
#include "model/value.h"
#include "wire/lineprotocol/line_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  wire::LineProtocolOptions options;
  options.enterprise_code = "steel-01";
  options.received = 1'700'000'000'123'456'789;
  options.precision = size % 2 == 0 ? 1 : kSecond;
  const auto body =
      wire::decode_line_protocol({reinterpret_cast<const char*>(data), size}, options);
  if (!body) return 0;
  const auto& batch = body->batch;
  if (body->places.size() != batch.rows.size() || batch.path_index.size() != batch.rows.size())
    std::abort();
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    if (batch.path_index[row] >= batch.paths.size()) std::abort();
    if (batch.rows.types[row] == ValueType::kString && !is_utf8(batch.rows.text_at(row)))
      std::abort();
  }
  for (const std::string& path : batch.paths)
    if (enterprise_of(path) != "steel-01" || !is_utf8(path)) std::abort();
  return 0;
}
