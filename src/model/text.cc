#include "model/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/value.h"

namespace tundish {

Status check_text(std::string_view text, std::size_t bytes_min, std::size_t bytes_max,
                  std::string_view field) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} {}", field, why), std::string(field));
  };
  if (text.size() < bytes_min)
    return bad(text.empty() ? "is missing" : fmt::format("has at least {} bytes", bytes_min));
  if (text.size() > bytes_max) return bad(fmt::format("has at most {} bytes", bytes_max));
  if (!is_utf8(text)) return bad("is not UTF-8");
  if (std::ranges::any_of(text, is_control)) return bad("has a control character");
  return {};
}

}  // namespace tundish
