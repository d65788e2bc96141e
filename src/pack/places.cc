#include "pack/places.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_word.h"
#include "model/name.h"
#include "model/unit.h"
#include "model/value.h"

namespace tundish::pack {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Bytes of the escape that starts at `at` in a text in double quotes: `\n`, `\x41`, `\u00e4`.
std::size_t escape_bytes(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return 1;
  switch (text[at + 1]) {
    case 'x': return 4;
    case 'u': return 6;
    case 'U': return 10;
    default: return 2;
  }
}

/// Bytes of the character that starts with `lead` in UTF-8.
std::size_t character_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

}  // namespace

std::size_t byte_in_scalar(std::string_view text, std::size_t begin, std::string_view value,
                           std::size_t offset) {
  if (begin >= text.size()) return begin;
  std::size_t at = begin;
  const char style = text[begin];
  if (style == '"' || style == '\'') ++at;
  if (style == '|' || style == '>') {
    at = std::min(text.find('\n', begin), text.size());
    while (at < text.size() && is_blank(text[at])) ++at;
  }
  for (std::size_t i = 0; i < std::min(offset, value.size()) && at < text.size();) {
    if (style == '"' && text[at] == '\\' && !is_blank(text[std::min(at + 1, text.size() - 1)])) {
      at += escape_bytes(text, at);
      i += character_bytes(value[i]);
    } else if (style == '\'' && text.substr(at, 2) == "''") {
      at += 2;
      ++i;
    } else if (is_blank(value[i])) {
      // One blank of the value may be a line's end and the next one's indentation.
      if (!is_blank(text[at])) return at;
      std::size_t end = at;
      while (end < text.size() && is_blank(text[end])) ++end;
      const bool folded = text.substr(at, end - at).find('\n') != std::string_view::npos;
      at = folded ? end : at + 1;
      ++i;
      while (folded && i < value.size() && is_blank(value[i])) ++i;
    } else if (text[at] == value[i]) {
      ++at, ++i;
    } else {
      return at;
    }
  }
  return std::min(at, text.size());
}

void Places::note(const std::string& key, const std::string& file, std::string_view text,
                  std::size_t begin, const YAML::Node& node) {
  noted_[key] = Noted{file, text, begin, node.IsScalar() ? node.Scalar() : std::string(), {}};
}

void Places::note(const std::string& key, const std::string& file, formula::Place place) {
  noted_[key] = Noted{file, {}, 0, {}, place};
}

PackMistake Places::at(std::string_view key, std::string message, std::size_t offset) const {
  auto found = noted_.find(key);
  while (found == noted_.end() && key.find('/') != std::string_view::npos) {
    key = key.substr(0, key.rfind('/'));
    offset = 0;
    found = noted_.find(key);
  }
  if (found == noted_.end()) return {"pack.yaml", 1, 1, std::move(message)};
  const Noted& noted = found->second;
  const auto place =
      noted.text.empty()
          ? noted.place
          : formula::place_of(noted.text,
                              offset == 0 && noted.value.empty()
                                  ? noted.begin
                                  : byte_in_scalar(noted.text, noted.begin, noted.value, offset));
  return {noted.file, place.line, place.column, std::move(message)};
}

Source::Source(std::string file, std::string_view text, Places& places,
               std::vector<PackMistake>& mistakes)
    : file_(std::move(file)), text_(text), lines_{0}, places_(places), mistakes_(mistakes) {
  for (std::size_t at = 0; at < text.size() && at < kFileBytesMax; ++at)
    if (text[at] == '\n') lines_.push_back(at + 1);
}

std::size_t Source::byte_of(const YAML::Mark& mark) const {
  if (mark.is_null() || mark.line < 0 || mark.column < 0) return 0;
  const std::size_t line = std::min(static_cast<std::size_t>(mark.line), lines_.size() - 1);
  return std::min(lines_[line] + static_cast<std::size_t>(mark.column), text_.size());
}

std::optional<YAML::Node> Source::load() {
  is_unreadable_ = true;
  if (text_.size() > kFileBytesMax) {
    add(formula::Place{}, fmt::format("a file of a pack has at most {} bytes", kFileBytesMax));
    return std::nullopt;
  }
  if (!is_utf8(text_)) {
    add(formula::Place{}, "this is not UTF-8");
    return std::nullopt;
  }
  std::optional<YAML::Node> root;
  if (attempt([&] { root = load_yaml(std::string(text_)); })) is_unreadable_ = false;
  return root;
}

void Source::add(const YAML::Mark& mark, std::string message) {
  if (mistakes_.size() >= kMistakesMax) return;
  add(formula::place_of(text_, byte_of(mark)), std::move(message));
}

void Source::add(formula::Place place, std::string message, bool is_warning) {
  add(PackMistake{file_, place.line, place.column, std::move(message), is_warning});
}

void Source::add(PackMistake mistake) {
  if (mistakes_.size() < kMistakesMax) mistakes_.push_back(std::move(mistake));
}

std::map<std::string, YAML::Node, std::less<>> Source::members(
    const YAML::Node& node, std::string_view what, const std::vector<std::string>& known) {
  std::map<std::string, YAML::Node, std::less<>> found;
  if (!node.IsMap()) {
    add(node, fmt::format("{} is written as {{name: value}}", what));
    return found;
  }
  for (const auto& entry : node)
    attempt([&] {
      const std::string name = pack::text(entry.first);
      if (std::ranges::find(known, name) == known.end())
        unknown(entry.first, fmt::format("{} has no", what), name, known);
      if (!found.emplace(name, entry.second).second)
        mistake(entry.first, fmt::format("'{}' is here twice", name));
    });
  return found;
}

std::vector<std::pair<std::string, YAML::Node>> Source::named(const YAML::Node& node,
                                                              std::string_view what,
                                                              std::size_t most,
                                                              const std::string& key) {
  std::vector<std::pair<std::string, YAML::Node>> all;
  if (!node.IsMap()) {
    add(node, fmt::format("{} are written as `name: {{...}}`, one below the other", what));
    return all;
  }
  if (node.size() > most) {
    add(node, fmt::format("at most {} {}", most, what));
    return all;
  }
  std::set<std::string> seen;
  for (const auto& entry : node)
    attempt([&] {
      const std::string name = name_of(entry.first);
      if (!seen.insert(name).second) mistake(entry.first, fmt::format("'{}' is here twice", name));
      note(key + name, entry.first);
      all.emplace_back(name, entry.second);
    });
  return all;
}

Words Source::words(const YAML::Node& node, std::size_t bytes_max) {
  Words words;
  for (const auto& [language, value] : members(node, "words", {"en", "zh", "es", "pt", "ru"}))
    attempt([&] { words[language] = clean_text(value, bytes_max); });
  if (node.IsMap())
    for (const char* language : {"en", "zh"})
      if (!node[language])
        add(node, fmt::format("words are there in English and Chinese: '{}' is missing", language));
  return words;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 60 && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string name_of(const YAML::Node& node) {
  std::string name = text(node);
  if (!is_name(name))
    mistake(node, fmt::format("'{}' is no name: small letters a-z, digits and _, a letter first, "
                              "at most 60",
                              name.substr(0, 60)));
  return name;
}

std::string clean_text(const YAML::Node& node, std::size_t bytes_max) {
  std::string value = text(node);
  if (value.empty()) mistake(node, "a text is expected here, and this is empty");
  if (value.size() > bytes_max)
    mistake(node, fmt::format("a text here has at most {} bytes", bytes_max));
  if (const std::string why = unseen_in(value); !why.empty()) mistake(node, "this text " + why);
  return value;
}

std::string unit_code(const YAML::Node& node) {
  std::string code = text(node);
  if (const auto unit = Unit::parse(code); !unit) mistake(node, unit.error().message);
  return code;
}

Limits limits_of(const YAML::Node& node) {
  const auto [low, high] = pair_of_numbers(node);
  return {low, high};
}

DurationNs delay_of(const YAML::Node& node) {
  const std::string value = text(node);
  if (value == "0" || value == "0s") return 0;
  return duration(node);
}

}  // namespace tundish::pack
