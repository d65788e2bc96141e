#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "calendar/zone.h"

namespace tundish::calendar {

/// The bytes of a zone of this system's tzdata.
inline std::string zone_bytes(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  EXPECT_TRUE(file) << "install the package tzdata: " << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Zone system_zone(const std::string& name) {
  const std::string bytes = zone_bytes(name);
  auto zone = Zone::parse(as_byte_span(bytes));
  EXPECT_TRUE(zone) << name << ": " << zone.error().to_string();
  return zone ? *zone : Zone();
}

/// UTC of `2026-03-29T08:00:00+02:00`.
inline TimeNs utc(std::string_view text) {
  const auto time = parse_time(text);
  EXPECT_TRUE(time) << text;
  return time.value_or(0);
}

}  // namespace tundish::calendar
