#include "access/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/text.h"
#include "model/value.h"

namespace tundish::access {

Status check_user_name(std::string_view name) {
  const bool allowed = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '@' ||
           c == '-';
  });
  if (name.empty() || name.size() > 64 || !allowed)
    return fail(ErrorCode::kInvalidArgument,
                "a user name is 1 to 64 lower-case letters, digits and . _ @ -", "name");
  return {};
}

std::string encode_for_audit(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view kEllipsis = "\u2026";
  // Four times the limit is more than can stay.
  const std::string_view head = text.substr(0, bytes_max * 4);
  const bool is_text = is_utf8(text);
  std::string encoded;
  std::size_t whole = 0;  // bytes that stay when the rest is cut: ends at a whole character
  for (std::size_t at = 0; at < head.size();) {
    const auto byte = static_cast<unsigned char>(head[at]);
    if (is_control(head[at]) || (byte >= 0x80 && !is_text)) {
      encoded += fmt::format("\\x{:02X}", byte);
      ++at;
    } else {
      encoded += head[at++];
      while (at < head.size() && (static_cast<unsigned char>(head[at]) & 0xC0) == 0x80)
        encoded += head[at++];
    }
    if (encoded.size() + kEllipsis.size() <= bytes_max) whole = encoded.size();
    if (encoded.size() > bytes_max) break;
  }
  if (encoded.size() <= bytes_max && head.size() == text.size()) return encoded;
  encoded.resize(whole);
  encoded += kEllipsis;
  return encoded;
}

}  // namespace tundish::access
