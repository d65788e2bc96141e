#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "connect/opcua/client.h"
#include "connect/opcua/node_id.h"
#include "connect/opcua/ua.h"

namespace tundish::connect::opcua {

/// What a server takes in one call (OPC 10000-5, 6.3.11), our own limit where it names none.
struct OperationLimits {
  std::size_t read = 500;
  std::size_t browse = 500;
  std::size_t translate = 500;
  std::size_t monitored_items = 500;
};

/// Service calls of one session, cut into as many requests as the server's limits ask for. All on
/// the client's thread; errors as Client::call.
class Services {
 public:
  Services(Client& client, std::size_t per_request) : client_(client) {
    limits_ = {per_request, per_request, per_request, per_request};
  }

  Result<Namespaces> read_namespaces();
  /// A server that does not tell its limits gets ours.
  Status read_limits();
  const OperationLimits& limits() const { return limits_; }
  Client& client() { return client_; }

  /// The server's clock.
  Result<TimeNs> read_time();

  struct Attribute {
    const UA_NodeId* node = nullptr;
    UA_AttributeId attribute = UA_ATTRIBUTEID_VALUE;
  };
  /// In the order asked for, one answer each.
  Result<std::vector<Ua<UA_DataValue>>> read(std::span<const Attribute> attributes);

  struct Step {
    UA_UInt32 reference_type = 0;  ///< in namespace 0, subtypes included
    std::string_view browse_name;  ///< in namespace 0
  };
  /// Follows the same steps from each node; nothing for nodes where they lead nowhere.
  Result<std::vector<std::optional<Ua<UA_NodeId>>>> follow(std::span<const UA_NodeId* const> nodes,
                                                           std::span<const Step> steps);

  /// References of `nodes`, forward and hierarchical or, `supertypes`, inverse HasSubtype. All
  /// pages, at most `references_max` per node. Answers in the order asked for.
  struct Browsed {
    UA_StatusCode status = UA_STATUSCODE_GOOD;
    std::vector<Ua<UA_ReferenceDescription>> references;
  };
  enum class Direction { kChildren, kSupertypes };
  Result<std::vector<Browsed>> browse(std::span<const UA_NodeId* const> nodes, Direction direction,
                                      std::size_t references_max);

 private:
  Status browse_some(std::span<const UA_NodeId* const> nodes, Direction direction,
                     std::size_t references_max, std::vector<Browsed>& browsed);

  Client& client_;
  OperationLimits limits_;
};

}  // namespace tundish::connect::opcua
