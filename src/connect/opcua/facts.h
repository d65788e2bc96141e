#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "connect/opcua/services.h"
#include "model/value.h"

namespace tundish::connect::opcua {

/// What a server says of a variable besides its value.
struct NodeFacts {
  UA_StatusCode status = UA_STATUSCODE_GOOD;  ///< of reading its data type: BadNodeIdUnknown, ...
  std::optional<ValueType> type;              ///< none: abstract or not said; the first value tells
  bool supported = true;                      ///< false: an array or a type that no tag can hold
  bool step = false;                          ///< held between changes
  std::string unit;         ///< UCUM or the server's name for it, as a tag may carry it
  std::string description;  ///< as a tag may carry it
};

/// Reads the facts of many variables with few calls. Keeps the data types it has resolved.
class FactReader {
 public:
  explicit FactReader(Services& services) : services_(services) {}

  /// `with_units`: also engineering unit, description and step, which cost a path lookup each.
  Result<std::vector<NodeFacts>> read(std::span<const UA_NodeId* const> nodes, bool with_units);

 private:
  struct DataType {
    std::optional<ValueType> type;
    bool supported = true;
    bool discrete = false;  ///< an enumeration
  };
  Result<DataType> resolve(const UA_NodeId& data_type);
  Status add_units(std::span<const UA_NodeId* const> nodes, std::vector<NodeFacts>& facts);
  Status add_steps(std::span<const UA_NodeId* const> nodes, std::vector<NodeFacts>& facts);

  Services& services_;
  std::map<std::string, DataType> data_types_;  ///< by `namespace index;identifier`
};

}  // namespace tundish::connect::opcua
