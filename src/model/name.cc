#include "model/name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "model/code_points.h"
#include "model/tag_path.h"
#include "model/text.h"

namespace tundish {

std::string unseen_in(std::string_view text) {
  bool is_first = true, ends_in_blank = false;
  while (!text.empty()) {
    const char32_t point = take_code_point(text);
    if (is_unseen(point))
      return fmt::format("has U+{:04X}, which cannot be seen", static_cast<std::uint32_t>(point));
    ends_in_blank = is_blank(point);
    if (ends_in_blank && is_first) return "begins with a blank";
    is_first = false;
  }
  return ends_in_blank ? "ends with a blank" : "";
}

Status check_new_name(std::string_view text, std::size_t bytes_min, std::size_t bytes_max,
                      std::string_view field) {
  TUNDISH_RETURN_IF_ERROR(check_text(text, bytes_min, bytes_max, field));
  if (const auto why = unseen_in(text); !why.empty())
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} {}", field, why), std::string(field));
  return {};
}

Status check_new_path(std::string_view path) {
  TUNDISH_RETURN_IF_ERROR(check_path(path));
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view level = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), level.size() + 1));
    std::string why = unseen_in(level);
    if (const std::string name = decode_name(level); name == "." || name == "..")
      why = "may not be . or ..";
    if (!why.empty())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is not a name for a tag: a level {}", path.substr(0, 80), why));
  }
  return {};
}

}  // namespace tundish
