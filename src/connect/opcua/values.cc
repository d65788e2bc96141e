#include "connect/opcua/values.h"

#include <fmt/format.h>

#include <limits>
#include <string>

#include "base/wide_int.h"

namespace tundish::connect::opcua {
namespace {

Int128 wide_time(UA_DateTime time) {
  return (static_cast<Int128>(time) - UA_DATETIME_UNIX_EPOCH) * 100;
}

std::string guid_text(const UA_Guid& guid) {
  const UA_Byte* rest = guid.data4;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}",
                     guid.data1, guid.data2, guid.data3, rest[0], rest[1], rest[2], rest[3],
                     rest[4], rest[5], rest[6], rest[7]);
}

template <class T>
std::int64_t integer(const void* data) {
  return static_cast<std::int64_t>(*static_cast<const T*>(data));
}

void set_value(const UA_Variant& variant, Reading& reading) {
  if (!UA_Variant_isScalar(&variant)) {
    reading.supported = false;
    return;
  }
  const void* data = variant.data;
  switch (variant.type->typeKind) {
    case UA_DATATYPEKIND_BOOLEAN: reading.value = *static_cast<const UA_Boolean*>(data); return;
    case UA_DATATYPEKIND_SBYTE: reading.value = integer<UA_SByte>(data); return;
    case UA_DATATYPEKIND_BYTE: reading.value = integer<UA_Byte>(data); return;
    case UA_DATATYPEKIND_INT16: reading.value = integer<UA_Int16>(data); return;
    case UA_DATATYPEKIND_UINT16: reading.value = integer<UA_UInt16>(data); return;
    case UA_DATATYPEKIND_INT32:
    case UA_DATATYPEKIND_ENUM: reading.value = integer<UA_Int32>(data); return;
    case UA_DATATYPEKIND_UINT32: reading.value = integer<UA_UInt32>(data); return;
    case UA_DATATYPEKIND_STATUSCODE: reading.value = integer<UA_StatusCode>(data); return;
    case UA_DATATYPEKIND_INT64: reading.value = integer<UA_Int64>(data); return;
    case UA_DATATYPEKIND_UINT64: {
      constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
      const UA_UInt64 number = *static_cast<const UA_UInt64*>(data);
      if (number > static_cast<UA_UInt64>(kMax)) {
        reading.value = kMax;
        reading.quality = kBadOutOfRange;
      } else {
        reading.value = static_cast<std::int64_t>(number);
      }
      return;
    }
    case UA_DATATYPEKIND_FLOAT:
      reading.value = static_cast<double>(*static_cast<const UA_Float*>(data));
      return;
    case UA_DATATYPEKIND_DOUBLE: reading.value = *static_cast<const UA_Double*>(data); return;
    case UA_DATATYPEKIND_DATETIME: {
      const UA_DateTime time = *static_cast<const UA_DateTime*>(data);
      const Int128 wide = wide_time(time);
      if (wide < kTimeMin || wide > kTimeMax) reading.quality = kBadOutOfRange;
      reading.value = time_of(time);
      return;
    }
    case UA_DATATYPEKIND_STRING:
      reading.value = string_of(*static_cast<const UA_String*>(data));
      return;
    case UA_DATATYPEKIND_LOCALIZEDTEXT:
      reading.value = string_of(static_cast<const UA_LocalizedText*>(data)->text);
      return;
    case UA_DATATYPEKIND_GUID:
      reading.value = guid_text(*static_cast<const UA_Guid*>(data));
      return;
    default: reading.supported = false; return;
  }
}

}  // namespace

TimeNs time_of(UA_DateTime time, UA_UInt16 ten_picoseconds) {
  const Int128 wide = wide_time(time) + ten_picoseconds / 100;
  if (wide < kTimeMin) return kTimeMin;
  if (wide > kTimeMax) return kTimeMax;
  return static_cast<TimeNs>(wide);
}

Reading reading_of(const UA_DataValue& value) {
  Reading reading;
  if (value.hasStatus) reading.quality = Quality{value.status};
  if (value.hasSourceTimestamp && value.sourceTimestamp > 0)
    reading.source_time = time_of(
        value.sourceTimestamp, value.hasSourcePicoseconds ? value.sourcePicoseconds : UA_UInt16{0});
  if (value.hasServerTimestamp && value.serverTimestamp > 0)
    reading.server_time = time_of(value.serverTimestamp);
  if (value.hasValue && !UA_Variant_isEmpty(&value.value)) set_value(value.value, reading);
  return reading;
}

std::optional<ValueType> value_type_of_builtin(UA_UInt32 type) {
  switch (type) {
    case UA_NS0ID_BOOLEAN: return ValueType::kBool;
    case UA_NS0ID_SBYTE:
    case UA_NS0ID_BYTE:
    case UA_NS0ID_INT16:
    case UA_NS0ID_UINT16:
    case UA_NS0ID_INT32:
    case UA_NS0ID_UINT32:
    case UA_NS0ID_INT64:
    case UA_NS0ID_UINT64:
    case UA_NS0ID_INTEGER:
    case UA_NS0ID_UINTEGER:
    case UA_NS0ID_ENUMERATION:
    case UA_NS0ID_STATUSCODE:
    case UA_NS0ID_DATETIME: return ValueType::kInt64;
    case UA_NS0ID_FLOAT:
    case UA_NS0ID_DOUBLE: return ValueType::kDouble;
    case UA_NS0ID_STRING:
    case UA_NS0ID_LOCALIZEDTEXT:
    case UA_NS0ID_GUID: return ValueType::kString;
    default: return std::nullopt;
  }
}

}  // namespace tundish::connect::opcua
