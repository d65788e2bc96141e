#include "connect/opcua/services.h"

#include <algorithm>
#include <array>
#include <utility>

#include "connect/opcua/values.h"

namespace tundish::connect::opcua {
namespace {

/// Pages of a node's references; a server may send less.
constexpr UA_UInt32 kReferencesPerPage = 1000;

/// A borrowed list for a request's array.
template <class T>
T* borrow_array(const std::vector<T>& items) {
  return const_cast<T*>(items.data());
}

/// Takes over what a result holds.
template <class T>
Ua<T> take(T& from) {
  Ua<T> taken(from);
  UA_init(&from, ua_type<T>());
  return taken;
}

std::size_t smaller_limit(std::size_t ours, const UA_DataValue& theirs) {
  const auto& value = theirs.value;
  if (!theirs.hasValue || !UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_UINT32]))
    return ours;
  const std::size_t limit = *static_cast<const UA_UInt32*>(value.data);
  return limit == 0 ? ours : std::min(ours, limit);
}

void move_references(UA_BrowseResult& result, std::size_t references_max,
                     std::vector<Ua<UA_ReferenceDescription>>& into) {
  for (std::size_t index = 0; index < result.referencesSize && into.size() < references_max;
       ++index)
    into.push_back(take(result.references[index]));
}

}  // namespace

Result<Namespaces> Services::read_namespaces() {
  const UA_NodeId node = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_NAMESPACEARRAY);
  const Attribute attribute{&node, UA_ATTRIBUTEID_VALUE};
  TUNDISH_TRY(const auto values, read({&attribute, 1}));
  const UA_DataValue& value = *values[0];
  if (!value.hasValue || !UA_Variant_hasArrayType(&value.value, &UA_TYPES[UA_TYPES_STRING]))
    return fail(ErrorCode::kRemote, "the server does not tell its namespaces");
  const std::span uris(static_cast<const UA_String*>(value.value.data), value.value.arrayLength);
  std::vector<std::string> list;
  for (const UA_String& uri : uris) list.push_back(string_of(uri));
  return Namespaces(std::move(list));
}

Status Services::read_limits() {
  using Limit = std::pair<UA_UInt32, std::size_t OperationLimits::*>;
  constexpr std::array<Limit, 4> kLimits{{
      {UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXNODESPERREAD, &OperationLimits::read},
      {UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXNODESPERBROWSE,
       &OperationLimits::browse},
      {UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXNODESPERTRANSLATEBROWSEPATHSTONODEIDS,
       &OperationLimits::translate},
      {UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXMONITOREDITEMSPERCALL,
       &OperationLimits::monitored_items},
  }};
  // One by one: the limit on reading is not known yet, and may be one.
  for (const auto& [id, member] : kLimits) {
    const UA_NodeId node = UA_NODEID_NUMERIC(0, id);
    const Attribute attribute{&node, UA_ATTRIBUTEID_VALUE};
    TUNDISH_TRY(const auto values, read({&attribute, 1}));
    limits_.*member = smaller_limit(limits_.*member, *values[0]);
  }
  return {};
}

Result<TimeNs> Services::read_time() {
  const UA_NodeId node = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERSTATUS_CURRENTTIME);
  const Attribute attribute{&node, UA_ATTRIBUTEID_VALUE};
  TUNDISH_TRY(const auto values, read({&attribute, 1}));
  const UA_DataValue& value = *values[0];
  if (!value.hasValue || !UA_Variant_hasScalarType(&value.value, &UA_TYPES[UA_TYPES_DATETIME]))
    return fail(ErrorCode::kRemote, "the server does not tell its time");
  return time_of(*static_cast<const UA_DateTime*>(value.value.data));
}

Result<std::vector<Ua<UA_DataValue>>> Services::read(std::span<const Attribute> attributes) {
  std::vector<Ua<UA_DataValue>> values;
  values.reserve(attributes.size());
  for (std::size_t begin = 0; begin < attributes.size(); begin += limits_.read) {
    const auto chunk = attributes.subspan(begin, std::min(limits_.read, attributes.size() - begin));
    std::vector<UA_ReadValueId> nodes(chunk.size());
    for (std::size_t index = 0; index < chunk.size(); ++index) {
      UA_ReadValueId_init(&nodes[index]);
      nodes[index].nodeId = *chunk[index].node;
      nodes[index].attributeId = chunk[index].attribute;
    }
    UA_ReadRequest request;
    UA_ReadRequest_init(&request);
    request.timestampsToReturn = UA_TIMESTAMPSTORETURN_BOTH;
    request.nodesToRead = borrow_array(nodes);
    request.nodesToReadSize = nodes.size();
    TUNDISH_TRY(auto response, (client_.call<UA_ReadRequest, UA_ReadResponse>(
                                   request, "the server would not read")));
    if (response->resultsSize != chunk.size())
      return fail(ErrorCode::kRemote, "the server answered a read with another number of values");
    for (std::size_t index = 0; index < chunk.size(); ++index)
      values.push_back(take(response->results[index]));
  }
  return values;
}

Result<std::vector<std::optional<Ua<UA_NodeId>>>> Services::follow(
    std::span<const UA_NodeId* const> nodes, std::span<const Step> steps) {
  std::vector<UA_RelativePathElement> elements(steps.size());
  for (std::size_t index = 0; index < steps.size(); ++index) {
    UA_RelativePathElement_init(&elements[index]);
    elements[index].referenceTypeId = UA_NODEID_NUMERIC(0, steps[index].reference_type);
    elements[index].includeSubtypes = true;
    elements[index].targetName.name = borrow(steps[index].browse_name);
  }
  std::vector<std::optional<Ua<UA_NodeId>>> targets;
  targets.reserve(nodes.size());
  for (std::size_t begin = 0; begin < nodes.size(); begin += limits_.translate) {
    const auto chunk = nodes.subspan(begin, std::min(limits_.translate, nodes.size() - begin));
    std::vector<UA_BrowsePath> paths(chunk.size());
    for (std::size_t index = 0; index < chunk.size(); ++index) {
      UA_BrowsePath_init(&paths[index]);
      paths[index].startingNode = *chunk[index];
      paths[index].relativePath.elements = borrow_array(elements);
      paths[index].relativePath.elementsSize = elements.size();
    }
    UA_TranslateBrowsePathsToNodeIdsRequest request;
    UA_TranslateBrowsePathsToNodeIdsRequest_init(&request);
    request.browsePaths = borrow_array(paths);
    request.browsePathsSize = paths.size();
    TUNDISH_TRY(auto response, (client_.call<UA_TranslateBrowsePathsToNodeIdsRequest,
                                             UA_TranslateBrowsePathsToNodeIdsResponse>(
                                   request, "the server would not follow paths")));
    if (response->resultsSize != chunk.size())
      return fail(ErrorCode::kRemote, "the server answered with another number of paths");
    for (std::size_t index = 0; index < chunk.size(); ++index) {
      const UA_BrowsePathResult& result = response->results[index];
      if (result.statusCode != UA_STATUSCODE_GOOD || result.targetsSize == 0 ||
          result.targets[0].targetId.serverIndex != 0)
        targets.emplace_back();
      else
        targets.emplace_back(Ua<UA_NodeId>::copy_of(result.targets[0].targetId.nodeId));
    }
  }
  return targets;
}

Result<std::vector<Services::Browsed>> Services::browse(std::span<const UA_NodeId* const> nodes,
                                                        Direction direction,
                                                        std::size_t references_max) {
  std::vector<Browsed> browsed;
  browsed.reserve(nodes.size());
  for (std::size_t begin = 0; begin < nodes.size(); begin += limits_.browse)
    TUNDISH_RETURN_IF_ERROR(
        browse_some(nodes.subspan(begin, std::min(limits_.browse, nodes.size() - begin)), direction,
                    references_max, browsed));
  return browsed;
}

Status Services::browse_some(std::span<const UA_NodeId* const> nodes, Direction direction,
                             std::size_t references_max, std::vector<Browsed>& browsed) {
  std::vector<UA_BrowseDescription> descriptions(nodes.size());
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    UA_BrowseDescription& description = descriptions[index];
    UA_BrowseDescription_init(&description);
    description.nodeId = *nodes[index];
    description.includeSubtypes = true;
    description.resultMask = UA_BROWSERESULTMASK_ALL;
    if (direction == Direction::kChildren) {
      description.browseDirection = UA_BROWSEDIRECTION_FORWARD;
      description.referenceTypeId = UA_NODEID_NUMERIC(0, UA_NS0ID_HIERARCHICALREFERENCES);
      description.nodeClassMask = UA_NODECLASS_OBJECT | UA_NODECLASS_VARIABLE | UA_NODECLASS_VIEW;
    } else {
      description.browseDirection = UA_BROWSEDIRECTION_INVERSE;
      description.referenceTypeId = UA_NODEID_NUMERIC(0, UA_NS0ID_HASSUBTYPE);
    }
  }
  UA_BrowseRequest request;
  UA_BrowseRequest_init(&request);
  request.requestedMaxReferencesPerNode = kReferencesPerPage;
  request.nodesToBrowse = borrow_array(descriptions);
  request.nodesToBrowseSize = descriptions.size();
  TUNDISH_TRY(auto response, (client_.call<UA_BrowseRequest, UA_BrowseResponse>(
                                 request, "the server would not browse")));
  if (response->resultsSize != nodes.size())
    return fail(ErrorCode::kRemote, "the server answered with another number of browse results");

  for (std::size_t index = 0; index < nodes.size(); ++index) {
    Browsed node;
    UA_BrowseResult* result = &response->results[index];
    node.status = result->statusCode;
    move_references(*result, references_max, node.references);
    Ua<UA_BrowseNextResponse> page;
    // A continuation point is a place at the server that must be given back.
    while (result->continuationPoint.length > 0) {
      const bool release = node.references.size() >= references_max;
      const std::size_t before = node.references.size();
      UA_BrowseNextRequest next;
      UA_BrowseNextRequest_init(&next);
      next.releaseContinuationPoints = release;
      next.continuationPoints = &result->continuationPoint;
      next.continuationPointsSize = 1;
      TUNDISH_TRY(auto following, (client_.call<UA_BrowseNextRequest, UA_BrowseNextResponse>(
                                      next, "the server would not browse on")));
      if (release) break;
      if (following->resultsSize != 1) break;
      page = std::move(following);
      result = &page->results[0];
      if (result->statusCode != UA_STATUSCODE_GOOD) break;
      move_references(*result, references_max, node.references);
      if (node.references.size() == before && result->continuationPoint.length > 0) break;
    }
    browsed.push_back(std::move(node));
  }
  return {};
}

}  // namespace tundish::connect::opcua
