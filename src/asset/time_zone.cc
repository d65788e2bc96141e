#include "asset/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/nearest_word.h"

namespace tundish::asset {

namespace {

bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.back() == '/' ||
      name.find("//") != std::string_view::npos)
    return false;
  // No dot: `..` cannot be written, and the lists beside the zones (zone.tab) are none.
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  });
}

/// The same zones again, without and with leap seconds, and this machine's own choice.
bool is_alias_of_the_system(std::string_view name) {
  return name.starts_with("posix/") || name.starts_with("right/") || name == "posixrules" ||
         name == "localtime";
}

/// The zone that somebody meant; empty where there are none.
std::string nearest_zone(std::string_view name, std::string_view folder) {
  namespace fs = std::filesystem;
  constexpr std::size_t kZonesMax = 5'000;
  std::vector<std::string> known;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error);
       !error && entry != fs::recursive_directory_iterator() && known.size() < kZonesMax;
       entry.increment(error)) {
    std::error_code ignored;
    const std::string zone = entry->path().lexically_relative(folder).string();
    // Zones are called Region/City; what stands beside the regions are lists and abbreviations.
    if (zone.find('/') != std::string::npos && is_zone_name(zone) &&
        !is_alias_of_the_system(zone) && entry->is_regular_file(ignored))
      known.push_back(zone);
  }
  std::ranges::sort(known);
  return nearest_word(name, known);
}

}  // namespace

Status check_time_zone(std::string_view name, std::string_view folder) {
  const auto unknown = [&] {
    const bool is_shown = is_zone_name(name);
    const std::string near = is_shown ? nearest_zone(name, folder) : std::string();
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not an IANA time zone such as Asia/Shanghai{}",
                            is_shown ? name : "this",
                            near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
                "time_zone");
  };
  if (!is_zone_name(name) || is_alias_of_the_system(name)) return unknown();
  const auto path = std::filesystem::path(folder) / name;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    if (name == "UTC" || name == "Etc/UTC") return {};
    if (!std::filesystem::is_directory(folder, error))
      return fail(ErrorCode::kUnavailable,
                  "this system has no time zones; install the package tzdata", std::string(folder));
    return unknown();
  }
  // RFC 8536, 3.1: a zone file starts with these four bytes.
  std::array<char, 4> magic{};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  if (std::string_view(magic.data(), magic.size()) != "TZif") return unknown();
  return {};
}

}  // namespace tundish::asset
