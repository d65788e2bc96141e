#include "connect/opcua/browse.h"

#include <fmt/format.h>

#include <set>

#include "connect/opcua/facts.h"
#include "connect/opcua/status.h"

namespace tundish::connect::opcua {
namespace {

/// Beyond this many children nobody waits to learn which of them have children of their own.
constexpr std::size_t kLookAheadMax = 1000;

bool is_property(const UA_ReferenceDescription& reference) {
  const UA_NodeId property = UA_NODEID_NUMERIC(0, UA_NS0ID_HASPROPERTY);
  return UA_NodeId_equal(&reference.referenceTypeId, &property);
}

/// The target, when it is in this server.
const UA_NodeId* local_target(const UA_ReferenceDescription& reference) {
  return reference.nodeId.serverIndex == 0 && reference.nodeId.namespaceUri.length == 0
             ? &reference.nodeId.nodeId
             : nullptr;
}

Status add_children_flags(Services& services, std::span<const UA_NodeId* const> nodes,
                          std::vector<BrowseNode>& children) {
  if (nodes.size() > kLookAheadMax) {
    for (BrowseNode& child : children) child.has_children = !child.is_variable;
    return {};
  }
  constexpr std::size_t kEnough = 20;  // properties come among the references
  TUNDISH_TRY(const auto below, services.browse(nodes, Services::Direction::kChildren, kEnough));
  for (std::size_t index = 0; index < nodes.size(); ++index)
    for (const auto& reference : below[index].references)
      if (!is_property(*reference)) {
        children[index].has_children = true;
        break;
      }
  return {};
}

Status add_variable_facts(Services& services, std::span<const UA_NodeId* const> nodes,
                          std::vector<BrowseNode>& children) {
  std::vector<const UA_NodeId*> variables;
  std::vector<std::size_t> owners;
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    if (!children[index].is_variable) continue;
    variables.push_back(nodes[index]);
    owners.push_back(index);
  }
  FactReader reader(services);
  TUNDISH_TRY(const auto facts, reader.read(variables, true));
  for (std::size_t index = 0; index < owners.size(); ++index) {
    BrowseNode& child = children[owners[index]];
    if (facts[index].supported) child.type = facts[index].type;
    child.unit = facts[index].unit;
    child.step = facts[index].step;
  }
  return {};
}

}  // namespace

Result<std::vector<BrowseNode>> browse_children(Services& services,
                                                const std::string& namespace_uri,
                                                const std::string& identifier,
                                                std::size_t nodes_max) {
  TUNDISH_TRY(const Namespaces namespaces, services.read_namespaces());
  TUNDISH_TRY(const UA_UInt16 namespace_index, namespaces.index_of(namespace_uri));
  Ua<UA_NodeId> parent(UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER));
  if (!identifier.empty()) {
    TUNDISH_TRY(parent, parse_identifier(identifier, namespace_index));
  }
  const UA_NodeId* start = parent.get();
  TUNDISH_TRY(const auto browsed,
              services.browse({&start, 1}, Services::Direction::kChildren, nodes_max));
  if (browsed[0].status != UA_STATUSCODE_GOOD)
    return fail_status(browsed[0].status,
                       fmt::format("the server would not browse '{}'", identifier));

  std::vector<BrowseNode> children;
  std::vector<const UA_NodeId*> nodes;
  std::set<std::string> seen;  // several references may lead to one node
  for (const auto& reference : browsed[0].references) {
    const UA_NodeId* target = local_target(*reference);
    if (target == nullptr || is_property(*reference)) continue;
    BrowseNode node;
    node.namespace_uri = namespaces.uri_of(target->namespaceIndex);
    node.identifier = format_identifier(*target);
    if (!seen.insert(node.namespace_uri + '\n' + node.identifier).second) continue;
    node.browse_name = string_of(reference->browseName.name);
    node.display_name = string_of(reference->displayName.text);
    node.is_variable = reference->nodeClass == UA_NODECLASS_VARIABLE;
    children.push_back(std::move(node));
    nodes.push_back(target);
  }
  TUNDISH_RETURN_IF_ERROR(add_children_flags(services, nodes, children));
  TUNDISH_RETURN_IF_ERROR(add_variable_facts(services, nodes, children));
  return children;
}

}  // namespace tundish::connect::opcua
