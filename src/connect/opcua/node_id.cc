#include "connect/opcua/node_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace tundish::connect::opcua {
namespace {

std::unexpected<Error> bad_identifier(std::string_view identifier, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not a node identifier: {}", identifier, why), "identifier");
}

}  // namespace

Result<Ua<UA_NodeId>> parse_identifier(std::string_view identifier, UA_UInt16 namespace_index) {
  constexpr std::size_t kBytesMax = 4096;  // OPC 10000-3, 8.2.4
  if (identifier.size() < 3 || identifier[1] != '=')
    return bad_identifier(identifier, "it must start with i=, s=, g= or b=");
  if (identifier.size() > kBytesMax + 2)
    return bad_identifier("...", "it is longer than 4096 bytes");
  const std::string_view rest = identifier.substr(2);
  Ua<UA_NodeId> id;
  switch (identifier[0]) {
    case 'i': {
      UA_UInt32 number = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
      if (error != std::errc() || end != rest.data() + rest.size())
        return bad_identifier(identifier, "after i= comes a number from 0 to 4294967295");
      *id = UA_NODEID_NUMERIC(namespace_index, number);
      return id;
    }
    case 's':
      id->namespaceIndex = namespace_index;
      id->identifierType = UA_NODEIDTYPE_STRING;
      id->identifier.string = allocate(rest);
      return id;
    case 'g':
    case 'b': {
      if (UA_NodeId_parse(id.get(), borrow(identifier)) != UA_STATUSCODE_GOOD)
        return bad_identifier(
            identifier, identifier[0] == 'g' ? "after g= comes a GUID" : "after b= comes base64");
      id->namespaceIndex = namespace_index;
      return id;
    }
    default: return bad_identifier(identifier, "it must start with i=, s=, g= or b=");
  }
}

std::string format_identifier(const UA_NodeId& id) {
  if (id.identifierType == UA_NODEIDTYPE_NUMERIC) return fmt::format("i={}", id.identifier.numeric);
  if (id.identifierType == UA_NODEIDTYPE_STRING) return "s=" + string_of(id.identifier.string);
  // Borrows the identifier, so it is not cleared.
  UA_NodeId without_namespace = id;
  without_namespace.namespaceIndex = 0;
  UA_String text = UA_STRING_NULL;
  if (UA_NodeId_print(&without_namespace, &text) != UA_STATUSCODE_GOOD) return {};
  std::string result = string_of(text);
  UA_String_clear(&text);
  return result;
}

Result<UA_UInt16> Namespaces::index_of(const std::string& uri) const {
  if (uri.empty() || uri == kOpcUaNamespace) return UA_UInt16{0};
  const auto found = std::find(uris_.begin(), uris_.end(), uri);
  if (found == uris_.end() || found - uris_.begin() > std::numeric_limits<UA_UInt16>::max())
    return fail(ErrorCode::kNotFound, fmt::format("the server has no namespace '{}'", uri));
  return static_cast<UA_UInt16>(found - uris_.begin());
}

std::string Namespaces::uri_of(UA_UInt16 index) const {
  if (index == 0) return std::string(kOpcUaNamespace);
  return index < uris_.size() ? uris_[index] : std::string();
}

}  // namespace tundish::connect::opcua
