#pragma once

#include <optional>

#include "base/time.h"
#include "connect/opcua/ua.h"
#include "model/quality.h"
#include "model/value.h"

namespace tundish::connect::opcua {

/// One DataValue in our words (OPC 10000-4, 7.11).
struct Reading {
  std::optional<Value> value;  ///< none: the server sent none
  bool supported = true;       ///< false: an array, a structure or a type that no tag can hold
  Quality quality = kGood;     ///< as received, info bits included
  std::optional<TimeNs> source_time;  ///< none when missing or 1601-01-01, which means not given
  std::optional<TimeNs> server_time;
};

/// Numbers become int64 or, Float and Double, double; Boolean bool; String, LocalizedText and Guid
/// string; DateTime int64 nanoseconds since 1970; StatusCode int64. What an int64 cannot hold (a
/// UInt64 from 2^63, a DateTime before 1677 or after 2262) is the nearest int64 with BadOutOfRange.
Reading reading_of(const UA_DataValue& value);

/// The type that a tag gets for a node of the built-in type `type` (namespace 0, numbered as
/// OPC 10000-6, 5.1.2); none for abstract number types and the ones no tag can hold.
std::optional<ValueType> value_type_of_builtin(UA_UInt32 type);

/// UA_DateTime (100 ns since 1601) plus picoseconds in units of 10 ps, saturating.
TimeNs time_of(UA_DateTime time, UA_UInt16 ten_picoseconds = 0);

}  // namespace tundish::connect::opcua
