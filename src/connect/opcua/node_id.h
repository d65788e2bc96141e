#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/opcua/ua.h"

namespace tundish::connect::opcua {

/// `i=2258`, `s=Line1.Temp`, `g=09087e75-8e5e-499b-954f-f2a9603db28a`, `b=M/RbKBsRVkePCePcx24oRA==`
/// as a node id in the namespace with index `namespace_index` (OPC 10000-6, 5.3.1.10). Everything
/// after `s=` is the identifier, semicolons included. Errors: kInvalidArgument.
Result<Ua<UA_NodeId>> parse_identifier(std::string_view identifier, UA_UInt16 namespace_index);

/// The reverse, without the namespace.
std::string format_identifier(const UA_NodeId& id);

/// The server's NamespaceArray as read after the connect: URI <-> index, never kept longer than the
/// session, because indexes change when a server restarts.
class Namespaces {
 public:
  Namespaces() = default;
  explicit Namespaces(std::vector<std::string> uris) : uris_(std::move(uris)) {}
  /// Empty and the OPC UA URI itself are index 0. Errors: kNotFound.
  Result<UA_UInt16> index_of(const std::string& uri) const;
  /// Empty when the server uses an index that its array does not have.
  std::string uri_of(UA_UInt16 index) const;

 private:
  std::vector<std::string> uris_;
};

inline constexpr std::string_view kOpcUaNamespace = "http://opcfoundation.org/UA/";

}  // namespace tundish::connect::opcua
