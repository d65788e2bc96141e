#include "connect/opcua/facts.h"

#include <fmt/format.h>

#include <array>

#include "connect/opcua/units.h"
#include "connect/opcua/values.h"
#include "connect/tag_text.h"

namespace tundish::connect::opcua {
namespace {

constexpr int kSupertypesMax = 32;  // a hierarchy deeper than this is a loop

std::string key_of(const UA_NodeId& id) {
  return fmt::format("{};{}", id.namespaceIndex, format_identifier(id));
}

bool is_numeric_ns0(const UA_NodeId& id) {
  return id.namespaceIndex == 0 && id.identifierType == UA_NODEIDTYPE_NUMERIC;
}

/// Value ranks that a scalar may have (OPC 10000-3, 8.6): scalar, any, scalar or one dimension.
bool may_be_scalar(const UA_DataValue& value) {
  if (!value.hasValue || !UA_Variant_hasScalarType(&value.value, &UA_TYPES[UA_TYPES_INT32]))
    return true;
  return *static_cast<const UA_Int32*>(value.value.data) < 0;
}

}  // namespace

Result<std::vector<NodeFacts>> FactReader::read(std::span<const UA_NodeId* const> nodes,
                                                bool with_units) {
  constexpr std::size_t kPerNode = 3;
  std::vector<Services::Attribute> attributes;
  attributes.reserve(nodes.size() * kPerNode);
  for (const UA_NodeId* node : nodes) {
    attributes.push_back({node, UA_ATTRIBUTEID_DATATYPE});
    attributes.push_back({node, UA_ATTRIBUTEID_VALUERANK});
    attributes.push_back({node, UA_ATTRIBUTEID_DESCRIPTION});
  }
  TUNDISH_TRY(const auto values, services_.read(attributes));

  std::vector<NodeFacts> facts(nodes.size());
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    NodeFacts& fact = facts[index];
    const UA_DataValue& type = *values[index * kPerNode];
    const UA_DataValue& rank = *values[index * kPerNode + 1];
    const UA_DataValue& text = *values[index * kPerNode + 2];
    if (type.hasStatus) fact.status = type.status;
    if (type.hasValue && UA_Variant_hasScalarType(&type.value, &UA_TYPES[UA_TYPES_NODEID])) {
      TUNDISH_TRY(const DataType data_type,
                  resolve(*static_cast<const UA_NodeId*>(type.value.data)));
      fact.type = data_type.type;
      fact.supported = data_type.supported && may_be_scalar(rank);
      fact.step = data_type.discrete || data_type.type == ValueType::kBool ||
                  data_type.type == ValueType::kString;
    }
    if (text.hasValue && UA_Variant_hasScalarType(&text.value, &UA_TYPES[UA_TYPES_LOCALIZEDTEXT]))
      fact.description =
          fit_text(view_of(static_cast<const UA_LocalizedText*>(text.value.data)->text),
                   kDescriptionBytesMax);
  }
  if (with_units) {
    // Not every server can follow paths; what it cannot tell, a person can enter.
    for (const Status& status : {add_units(nodes, facts), add_steps(nodes, facts)})
      if (!status && status.error().code != ErrorCode::kRemote)
        return std::unexpected(status.error());
  }
  return facts;
}

Result<FactReader::DataType> FactReader::resolve(const UA_NodeId& data_type) {
  const std::string key = key_of(data_type);
  if (const auto known = data_types_.find(key); known != data_types_.end()) return known->second;

  DataType resolved;
  Ua<UA_NodeId> current = Ua<UA_NodeId>::copy_of(data_type);
  for (int depth = 0; depth < kSupertypesMax; ++depth) {
    if (is_numeric_ns0(*current)) {
      const UA_UInt32 number = current->identifier.numeric;
      resolved.type = value_type_of_builtin(number);
      resolved.discrete = number == UA_NS0ID_ENUMERATION;
      if (resolved.type) break;
      // Numbers of any kind and values of any type show their type when they come.
      if (number == UA_NS0ID_NUMBER || number == UA_NS0ID_BASEDATATYPE) break;
      if (number == UA_NS0ID_STRUCTURE || number == UA_NS0ID_BYTESTRING ||
          number == UA_NS0ID_NODEID || number == UA_NS0ID_EXPANDEDNODEID ||
          number == UA_NS0ID_QUALIFIEDNAME || number == UA_NS0ID_XMLELEMENT ||
          number == UA_NS0ID_DIAGNOSTICINFO || number == UA_NS0ID_DATAVALUE) {
        resolved.supported = false;
        break;
      }
    }
    const UA_NodeId* node = current.get();
    TUNDISH_TRY(auto browsed, services_.browse({&node, 1}, Services::Direction::kSupertypes, 1));
    if (browsed[0].references.empty()) break;
    current = Ua<UA_NodeId>::copy_of(browsed[0].references[0]->nodeId.nodeId);
  }
  data_types_[key] = resolved;
  return resolved;
}

Status FactReader::add_units(std::span<const UA_NodeId* const> nodes,
                             std::vector<NodeFacts>& facts) {
  constexpr std::array<Services::Step, 1> kSteps{{{UA_NS0ID_HASPROPERTY, "EngineeringUnits"}}};
  TUNDISH_TRY(const auto properties, services_.follow(nodes, kSteps));
  std::vector<Services::Attribute> attributes;
  std::vector<std::size_t> owners;
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    if (!properties[index]) continue;
    attributes.push_back({properties[index]->get(), UA_ATTRIBUTEID_VALUE});
    owners.push_back(index);
  }
  TUNDISH_TRY(const auto values, services_.read(attributes));
  for (std::size_t index = 0; index < owners.size(); ++index) {
    const UA_Variant& value = values[index]->value;
    if (!values[index]->hasValue ||
        !UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_EUINFORMATION]))
      continue;
    const auto* unit = static_cast<const UA_EUInformation*>(value.data);
    facts[owners[index]].unit = fit_text(
        ucum_of(view_of(unit->namespaceUri), unit->unitId, view_of(unit->displayName.text)),
        kUnitBytesMax);
  }
  return {};
}

Status FactReader::add_steps(std::span<const UA_NodeId* const> nodes,
                             std::vector<NodeFacts>& facts) {
  constexpr std::array<Services::Step, 2> kSteps{
      {{UA_NS0ID_HASHISTORICALCONFIGURATION, "HA Configuration"},
       {UA_NS0ID_HASPROPERTY, "Stepped"}}};
  TUNDISH_TRY(const auto properties, services_.follow(nodes, kSteps));
  std::vector<Services::Attribute> attributes;
  std::vector<std::size_t> owners;
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    if (!properties[index]) continue;
    attributes.push_back({properties[index]->get(), UA_ATTRIBUTEID_VALUE});
    owners.push_back(index);
  }
  TUNDISH_TRY(const auto values, services_.read(attributes));
  for (std::size_t index = 0; index < owners.size(); ++index)
    if (values[index]->hasValue &&
        UA_Variant_hasScalarType(&values[index]->value, &UA_TYPES[UA_TYPES_BOOLEAN]))
      facts[owners[index]].step = *static_cast<const UA_Boolean*>(values[index]->value.data);
  return {};
}

}  // namespace tundish::connect::opcua
