#pragma once

#include <cstdint>
#include <string>

namespace tundish {

/// An OPC UA status code (OPC 10000-4, 7.39): the top two bits are the severity.
struct Quality {
  std::uint32_t code = 0;

  constexpr bool is_good() const { return (code >> 30) == 0; }
  constexpr bool is_uncertain() const { return (code >> 30) == 1; }
  constexpr bool is_bad() const { return (code >> 30) >= 2; }
  constexpr bool operator==(const Quality&) const = default;
};

// OPC 10000-6, annex A.2. Only the codes that this program sets itself are named here.
inline constexpr Quality kGood{0x00000000};
inline constexpr Quality kUncertain{0x40000000};
inline constexpr Quality kUncertainSubNormal{0x40950000};
inline constexpr Quality kUncertainDataSubNormal{0x40A40000};
inline constexpr Quality kBad{0x80000000};
inline constexpr Quality kBadNoCommunication{0x80310000};
inline constexpr Quality kBadWaitingForInitialData{0x80320000};
inline constexpr Quality kBadNodeIdUnknown{0x80340000};
inline constexpr Quality kBadOutOfRange{0x803C0000};
inline constexpr Quality kBadNoData{0x809B0000};

/// `Good`, `BadNoCommunication`; a code without a name here as severity and hexadecimal
/// (`Bad 0x80AB0000`). Info bits are ignored for the name.
std::string quality_name(Quality quality);

/// The reverse of quality_name, and besides decimal or 0x numbers; false when unknown.
bool parse_quality(const std::string& text, Quality& quality);

}  // namespace tundish
