#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "calendar/calendar.h"

namespace tundish::pack {

/// A calendar as docs/formats/calendar.md writes it, in YAML or in JSON (which is YAML, too); at most
/// 1 MiB, otherwise bounded as load_yaml and the limits of calendar/calendar.h.
/// @param check_zone whether a name is a time zone, where that is known; its kInvalidArgument is told at the name
/// Errors: kInvalidArgument with `file:line:column` in `where`, kTooLarge.
using CheckZone = std::function<Status(std::string_view)>;
Result<calendar::Calendar> read_calendar(const std::string& text, std::string_view file,
                                         const CheckZone& check_zone = {});

/// The YAML that reads as the same calendar. One text a calendar, whatever it was read from.
std::string format_calendar(const calendar::Calendar& calendar);

/// `08:00`; from 00:00 to 24:00. Errors: kInvalidArgument.
Result<DurationNs> parse_clock_time(std::string_view text);
std::string format_clock_time(DurationNs time);

}  // namespace tundish::pack
