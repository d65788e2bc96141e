#include "model/tag_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/code_points.h"
#include "model/value.h"

namespace tundish {

Status check_path(std::string_view path) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not a tag path: {}", path.substr(0, 80), why));
  };
  if (path.empty()) return bad("it is empty");
  if (path.size() > kPathBytesMax) return bad("it is longer than 1024 bytes");
  if (!is_utf8(path)) return bad("it is not UTF-8");
  std::size_t levels = 1;
  std::size_t level_bytes = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return bad("it has a control character; percent-encode it");
    if (c == '*') return bad("a * in a name is written %2A");
    if (c == '%') {
      const auto is_hex = [&](std::size_t at) {
        return at < path.size() && std::isxdigit(static_cast<unsigned char>(path[at]));
      };
      if (!is_hex(i + 1) || !is_hex(i + 2)) return bad("a % in a name is written %25");
    }
    if (c == '/') {
      if (level_bytes == 0) return bad("a name between two / is empty");
      ++levels;
      level_bytes = 0;
    } else {
      ++level_bytes;
    }
  }
  if (level_bytes == 0) return bad("the last name is empty");
  if (levels < 2) return bad("after the enterprise comes at least one name");
  if (levels > kPathLevelsMax) return bad("it has more than 16 levels");
  return {};
}

std::string encode_name(std::string_view name) {
  // Nearly every name is of visible ASCII and stays as it is.
  if (std::ranges::all_of(
          name, [](char c) { return c > 0x20 && c < 0x7F && c != '/' && c != '*' && c != '%'; }))
    return std::string(name);
  std::string encoded;
  encoded.reserve(name.size());
  const bool is_text = is_utf8(name);  // if not it is no level anyway: byte by byte
  for (std::string_view rest = name; !rest.empty();) {
    const std::string_view from = rest;
    char32_t point = static_cast<unsigned char>(rest.front());
    if (is_text)
      point = take_code_point(rest);
    else
      rest.remove_prefix(1);
    const std::string_view bytes = from.substr(0, from.size() - rest.size());
    const bool is_end = from.size() == name.size() || rest.empty();
    const bool is_odd = point < 0x20 || point == 0x7F ||
                        (is_text && (is_unseen(point) || (is_end && is_blank(point))));
    if (point != '/' && point != '*' && point != '%' && !is_odd) {
      encoded += bytes;
      continue;
    }
    for (const char c : bytes) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string decode_name(std::string_view name) {
  std::string decoded;
  decoded.reserve(name.size());
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '%' && i + 2 < name.size() && digit(name[i + 1]) >= 0 &&
        digit(name[i + 2]) >= 0) {
      decoded += static_cast<char>(digit(name[i + 1]) * 16 + digit(name[i + 2]));
      i += 2;
    } else {
      decoded += name[i];
    }
  }
  return decoded;
}

std::string_view enterprise_of(std::string_view path) { return path.substr(0, path.find('/')); }

namespace {

/// What every match ends with: the text after the last `*`. The slash of `**/` may be matched by nothing, so
/// it is no part of that.
std::string_view literal_end(std::string_view pattern) {
  auto end = pattern.substr(pattern.rfind('*') + 1);
  if (end.starts_with('/')) end.remove_prefix(1);
  return end;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
  const std::size_t literal = pattern.find('*');
  if (literal == std::string_view::npos) return pattern == path;
  // Most paths differ in the plain text at either end: a catalogue of a million is sieved by that.
  if (!path.starts_with(pattern.substr(0, literal)) || !path.ends_with(literal_end(pattern)))
    return false;
  const std::string_view rest = path.substr(literal);
  // Dynamic programming over bytes: reachable[j] says that the pattern read so far can match the
  // first j bytes of the rest. Runs in O(pattern x path) whatever the pattern.
  std::vector<char> reachable(rest.size() + 1, 0);
  reachable[0] = 1;
  for (std::size_t i = literal; i < pattern.size(); ++i) {
    bool alive = false;  // something is reachable still
    if (pattern.substr(i).starts_with("**")) {
      // `a/**/b` also matches `a/b`: the slash after ** may be matched together with it by nothing.
      const bool at_level_start = i == 0 || pattern[i - 1] == '/';
      const bool slash_follows = i + 2 < pattern.size() && pattern[i + 2] == '/';
      const bool whole_levels = at_level_start && slash_follows;
      for (std::size_t j = 0; j <= rest.size(); ++j) {
        const bool was = reachable[j] != 0;
        // Whole levels: stay where we were, or any text that ends in a slash. Else any text.
        if (alive && (!whole_levels || rest[j - 1] == '/')) reachable[j] = 1;
        alive = alive || was;
      }
      i += whole_levels ? 2 : 1;
    } else if (pattern[i] == '*') {
      bool open = false;
      for (std::size_t j = 0; j <= rest.size(); ++j) {
        if (j > 0 && rest[j - 1] == '/') open = false;
        open = open || reachable[j] != 0;
        reachable[j] = open ? 1 : 0;
        alive = alive || open;
      }
    } else {
      for (std::size_t j = rest.size(); j > 0; --j) {
        reachable[j] = reachable[j - 1] != 0 && rest[j - 1] == pattern[i] ? 1 : 0;
        alive = alive || reachable[j] != 0;
      }
      reachable[0] = 0;
    }
    if (!alive) return false;
  }
  return reachable[rest.size()] != 0;
}

}  // namespace tundish
