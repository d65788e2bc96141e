#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "pack/calendar_yaml.h"

// Input: the text of a calendar. What is read is written in a way that reads as the same calendar; what is
// refused says where.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size < 65'536 ? size : 65'536);
  const auto calendar = tundish::pack::read_calendar(text, "calendar.yaml");
  if (!calendar) {
    TUNDISH_CHECK(calendar.error().where.starts_with("calendar.yaml"));
    return 0;
  }
  const std::string written = tundish::pack::format_calendar(*calendar);
  const auto again = tundish::pack::read_calendar(written, "written.yaml");
  TUNDISH_CHECK(again.has_value());
  TUNDISH_CHECK(*again == *calendar);
  TUNDISH_CHECK(tundish::pack::format_calendar(*again) == written);
  return 0;
}
