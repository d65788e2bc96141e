#include "asset/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

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

}  // namespace

Status check_time_zone(std::string_view name, std::string_view folder) {
  const auto unknown = [&] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not an IANA time zone such as Asia/Shanghai",
                            is_zone_name(name) ? name : "this"),
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
