#include "model/quality.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace tundish {
namespace {

// Source: OPC 10000-6 annex A.2, StatusCodes. Those that servers attach to values.
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 37> kNames{{
    {0x00000000, "Good"},
    {0x00960000, "GoodLocalOverride"},
    {0x00A20000, "GoodEntryInserted"},
    {0x00A30000, "GoodEntryReplaced"},
    {0x00A50000, "GoodNoData"},
    {0x00A60000, "GoodMoreData"},
    {0x00BA0000, "GoodResultsMayBeIncomplete"},
    {0x002F0000, "GoodClamped"},
    {0x40000000, "Uncertain"},
    {0x408F0000, "UncertainNoCommunicationLastUsableValue"},
    {0x40900000, "UncertainLastUsableValue"},
    {0x40910000, "UncertainSubstituteValue"},
    {0x40920000, "UncertainInitialValue"},
    {0x40930000, "UncertainSensorNotAccurate"},
    {0x40940000, "UncertainEngineeringUnitsExceeded"},
    {0x40950000, "UncertainSubNormal"},
    {0x40A40000, "UncertainDataSubNormal"},
    {0x80000000, "Bad"},
    {0x80020000, "BadInternalError"},
    {0x80050000, "BadCommunicationError"},
    {0x800A0000, "BadTimeout"},
    {0x800D0000, "BadServerNotConnected"},
    {0x801F0000, "BadUserAccessDenied"},
    {0x80310000, "BadNoCommunication"},
    {0x80320000, "BadWaitingForInitialData"},
    {0x80330000, "BadNodeIdInvalid"},
    {0x80340000, "BadNodeIdUnknown"},
    {0x803A0000, "BadNotReadable"},
    {0x803C0000, "BadOutOfRange"},
    {0x803D0000, "BadNotSupported"},
    {0x80890000, "BadConfigurationError"},
    {0x808A0000, "BadNotConnected"},
    {0x808B0000, "BadDeviceFailure"},
    {0x808C0000, "BadSensorFailure"},
    {0x808D0000, "BadOutOfService"},
    {0x808E0000, "BadDeadbandFilterInvalid"},
    {0x809B0000, "BadNoData"},
}};

constexpr std::uint32_t kCodeMask = 0xFFFF0000;  // the low half holds info bits

}  // namespace

std::string quality_name(Quality quality) {
  for (const auto& [code, name] : kNames)
    if (code == (quality.code & kCodeMask)) return std::string(name);
  char text[32];
  std::snprintf(text, sizeof text, "%s 0x%08X",
                quality.is_good()        ? "Good"
                : quality.is_uncertain() ? "Uncertain"
                                         : "Bad",
                quality.code);
  return text;
}

bool parse_quality(const std::string& text, Quality& quality) {
  for (const auto& [code, name] : kNames)
    if (text == name) {
      quality.code = code;
      return true;
    }
  std::string number = text;
  if (const auto space = text.rfind(" 0x"); space != std::string::npos)
    number = text.substr(space + 1);
  if (number.empty() || number.front() == '-' || number.front() == '+' || number.front() == ' ')
    return false;
  char* end = nullptr;
  const bool hex = number.starts_with("0x") || number.starts_with("0X");
  const unsigned long long value = std::strtoull(number.c_str(), &end, hex ? 16 : 10);
  if (*end != '\0' || value > 0xFFFFFFFFull) return false;
  quality.code = static_cast<std::uint32_t>(value);
  return true;
}

}  // namespace tundish
