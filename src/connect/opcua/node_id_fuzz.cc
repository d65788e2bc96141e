// Identifiers and endpoint addresses as people and files write them.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "connect/config_check.h"
#include "connect/opcua/node_id.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish::connect;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)check_endpoint(std::string(text));
  const auto id = opcua::parse_identifier(text, 3);
  if (!id) return 0;
  // What was understood can be written and is understood the same way again.
  const auto again = opcua::parse_identifier(opcua::format_identifier(**id), 3);
  TUNDISH_CHECK(again.has_value());
  TUNDISH_CHECK(UA_NodeId_equal(again->get(), id->get()));
  return 0;
}
