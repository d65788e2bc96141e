#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = tundish::parse_time(text, 1'700'000'000'000'000'000))
    TUNDISH_CHECK(tundish::parse_time(tundish::format_time(*time)) == *time);
  if (const auto duration = tundish::parse_duration(text))
    TUNDISH_CHECK(tundish::parse_duration(tundish::format_duration(*duration)) == *duration);
  return 0;
}
