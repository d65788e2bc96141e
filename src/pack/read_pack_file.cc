#include <fmt/format.h>

#include "pack/readers.h"

namespace tundish::pack {
namespace {

/// `1.0.0`: three numbers.
bool is_version(std::string_view text) {
  int points = 0;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : (c < '0' || c > '9')) return false;
    points += c == '.';
    before = c;
  }
  return points == 2 && before != '.' && text.size() <= 20;
}

void read_language(Source& source, const std::string& language, const YAML::Node& node,
                   Pack& pack) {
  for (const auto& [name, value] : source.members(node, "a language", {"name", "description"}))
    source.attempt([&] {
      (name == "name" ? pack.words : pack.description)[language] =
          clean_text(value, name == "name" ? 200 : 900);
    });
  for (const char* name : {"name", "description"})
    if (node.IsMap() && !node[name])
      source.add(node, fmt::format("'{}' is missing in '{}'", name, language));
}

}  // namespace

void read_pack_file(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root) return;
  auto members = source.members(*root, "pack.yaml", {"name", "version", "words"});
  for (const char* name : {"name", "version", "words"})
    if (root->IsMap() && !members.contains(name))
      source.add(*root, fmt::format("'{}' is missing here", name));
  if (members.contains("name"))
    source.attempt([&] {
      pack.name = name_of(members["name"]);
      source.note("pack/name", members["name"]);
    });
  if (members.contains("version"))
    source.attempt([&] {
      pack.version = text(members["version"]);
      if (!is_version(pack.version))
        mistake(members["version"], "a version is three numbers, such as 1.0.0");
    });
  if (!members.contains("words")) return;
  const YAML::Node words = members["words"];
  for (const auto& [language, node] :
       source.members(words, "words", {"en", "zh", "es", "pt", "ru"}))
    read_language(source, language, node, pack);
  for (const char* language : {"en", "zh"})
    if (words.IsMap() && !words[language])
      source.add(words,
                 fmt::format("words are there in English and Chinese: '{}' is missing", language));
}

}  // namespace tundish::pack
