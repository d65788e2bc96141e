#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "connect/opcua/services.h"
#include "model/ports/connections.h"

namespace tundish::connect::opcua {

/// Children of a node for a person who picks items: objects, folders, views and variables along
/// hierarchical references, properties left out, at most `nodes_max`. An empty identifier is the
/// Objects folder. Errors: kInvalidArgument, kNotFound (unknown namespace), kRemote with the status.
Result<std::vector<BrowseNode>> browse_children(Services& services,
                                                const std::string& namespace_uri,
                                                const std::string& identifier,
                                                std::size_t nodes_max);

}  // namespace tundish::connect::opcua
