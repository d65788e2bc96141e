#include <fmt/format.h>

#include "pack/readers.h"

namespace tundish::pack {
namespace {

constexpr std::size_t kScreensMax = 100;
constexpr std::size_t kShownMax = 500;  ///< of a screen
constexpr std::size_t kBindingsMin = 10;

/// `asset`, and `attribute` or `kpi`.
Shown read_shown(Source& source, const std::string& key, const YAML::Node& node,
                 const std::map<std::string, YAML::Node, std::less<>>& members) {
  Shown shown;
  if (!members.contains("asset") && node.IsMap()) source.add(node, "'asset' is missing here");
  if (node.IsMap() && members.contains("attribute") == members.contains("kpi"))
    source.add(node, "one of 'attribute' and 'kpi' is shown");
  for (const auto& [member, value] : members) {
    if (member != "asset" && member != "attribute" && member != "kpi") continue;
    source.attempt([&, &name = member, &body = value] {
      (name == "asset" ? shown.asset
       : name == "kpi" ? shown.kpi
                       : shown.attribute) = clean_text(body, 500);
      source.note(key + "/" + name, body);
    });
  }
  return shown;
}

Show show_of(const YAML::Node& node) {
  const std::string word = text(node);
  if (word == "text") return Show::kText;
  if (word == "fill") return Show::kFill;
  if (word == "level") return Show::kLevel;
  unknown(node, "it is shown as text, fill or level, and not", word, {"text", "fill", "level"});
}

/// What it means that a condition holds.
bool is_abnormal(const YAML::Node& node) {
  const std::string word = text(node);
  if (word == "abnormal") return true;
  if (word == "normal") return false;
  unknown(node, "true is normal or abnormal, and not", word, {"normal", "abnormal"});
}

Binding read_binding(Source& source, const std::string& key, const YAML::Node& node) {
  Binding binding;
  source.note(key, node);
  const auto members = source.members(node, "a binding",
                                      {"element", "asset", "attribute", "kpi", "show", "true_is"});
  binding.what = read_shown(source, key, node, members);
  if (const auto found = members.find("element"); found != members.end())
    source.attempt([&] {
      binding.element = clean_text(found->second, 100);
      source.note(key + "/element", found->second);
    });
  else if (node.IsMap())
    source.add(node, "'element' is missing here");
  if (const auto found = members.find("show"); found != members.end())
    source.attempt([&] { binding.show = show_of(found->second); });
  if (const auto found = members.find("true_is"); found != members.end())
    source.attempt([&] {
      binding.true_is_abnormal = is_abnormal(found->second);
      source.note(key + "/true_is", found->second);
    });
  return binding;
}

void read_screen(Source& source, const std::string& name, const YAML::Node& node, Pack& pack) {
  Screen screen;
  screen.name = name;
  const std::string key = "screen/" + name;
  auto members = source.members(node, "a screen", {"words", "tiles", "drawing", "bindings"});
  if (members.contains("words"))
    screen.words = source.words(members["words"]);
  else if (node.IsMap())
    source.add(node, "'words' is missing here");
  if (node.IsMap() && !members.contains("tiles") && !members.contains("drawing"))
    source.add(node, "a screen has 'tiles' or a 'drawing'");
  if (members.contains("drawing") != members.contains("bindings"))
    source.add(node, fmt::format("'{}' is missing here",
                                 members.contains("drawing") ? "bindings" : "drawing"));
  if (members.contains("tiles"))
    source.attempt([&] {
      for (const auto& tile : items(members["tiles"], kShownMax)) {
        const std::string at = fmt::format("{}/tile/{}", key, screen.tiles.size());
        source.note(at, tile);
        screen.tiles.push_back(read_shown(
            source, at, tile, source.members(tile, "a tile", {"asset", "attribute", "kpi"})));
      }
    });
  if (members.contains("drawing"))
    source.attempt([&] {
      screen.drawing = text(members["drawing"]);
      source.note(key + "/drawing", members["drawing"]);
      if (!screen.drawing.ends_with(".svg") ||
          !is_name(std::string_view(screen.drawing).substr(0, screen.drawing.size() - 4)))
        mistake(members["drawing"], "a drawing is a file of this folder, such as mimic.svg");
    });
  if (members.contains("bindings"))
    source.attempt([&] {
      for (const auto& binding : items(members["bindings"], kShownMax))
        screen.bindings.push_back(read_binding(
            source, fmt::format("{}/binding/{}", key, screen.bindings.size()), binding));
      if (screen.bindings.size() < kBindingsMin)
        mistake(members["bindings"], fmt::format("a drawing has at least {} bindings, and these "
                                                 "are {}",
                                                 kBindingsMin, screen.bindings.size()));
    });
  pack.screens.push_back(std::move(screen));
}

}  // namespace

void read_screens(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root) return;
  auto members = source.members(*root, "screens.yaml", {"screens"});
  if (!members.contains("screens")) return source.add(*root, "'screens' is missing here");
  for (const auto& [name, body] :
       source.named(members["screens"], "screens", kScreensMax, "screen/"))
    read_screen(source, name, body, pack);
}

}  // namespace tundish::pack
