#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formula/syntax.h"
#include "pack/pack.h"
#include "pack/yaml_reader.h"

namespace tundish::pack {

/// Where the byte `offset` of a scalar's value stands in the file that it was read from. `begin` is the byte
/// where the scalar starts: its quote, the `|` or `>` of a block, or its first letter. Escapes and folded
/// lines are followed; where that is not possible the answer is the last byte that was.
std::size_t byte_in_scalar(std::string_view text, std::size_t begin, std::string_view value,
                           std::size_t offset);

/// Where each part of a pack was written, by a key such as `kpi/fuel_ratio/of`.
class Places {
 public:
  /// `node` starts at the byte `begin` of `text`, which outlives this.
  void note(const std::string& key, const std::string& file, std::string_view text,
            std::size_t begin, const YAML::Node& node);
  void note(const std::string& key, const std::string& file, formula::Place place);
  /// A mistake at the byte `offset` of what was noted under `key`; where nothing was, at what is above it.
  PackMistake at(std::string_view key, std::string message, std::size_t offset = 0) const;

 private:
  struct Noted {
    std::string file;
    std::string_view text;  ///< of the whole file
    std::size_t begin = 0;
    std::string value;
    formula::Place place;
  };
  std::map<std::string, Noted, std::less<>> noted_;
};

inline constexpr std::size_t kMistakesMax = 1000;  ///< what comes after them is not told

/// One file while it is read: collects its mistakes and goes on.
class Source {
 public:
  /// `text` outlives `places`.
  Source(std::string file, std::string_view text, Places& places,
         std::vector<PackMistake>& mistakes);

  /// The document; nothing when it cannot be read, which has been told.
  std::optional<YAML::Node> load();

  /// Runs `read`; what it throws becomes a mistake.
  template <class Read>
  bool attempt(Read&& read) {
    try {
      read();
      return true;
    } catch (const Mistake& mistake) {
      add(mistake.mark, mistake.message);
    } catch (const YAML::Exception& exception) {
      add(exception.mark, "this is not YAML as expected: " + exception.msg);
    }
    return false;
  }

  void add(const YAML::Mark& mark, std::string message);
  void add(const YAML::Node& node, std::string message) { add(node.Mark(), std::move(message)); }
  void add(formula::Place place, std::string message, bool is_warning = false);
  void note(const std::string& key, const YAML::Node& node) {
    places_.note(key, file_, text_, byte_of(node.Mark()), node);
  }
  /// load() was called and gave nothing: what the file says is not known.
  bool is_unreadable() const { return is_unreadable_; }
  Places& places() { return places_; }
  const std::string& file() const { return file_; }
  std::string_view text() const { return text_; }

  void add(PackMistake mistake);

  /// The members of a map that are in `known`; each other one is a mistake. Empty, and a mistake, when it is no map.
  std::map<std::string, YAML::Node, std::less<>> members(const YAML::Node& node,
                                                         std::string_view what,
                                                         const std::vector<std::string>& known);
  /// Name and body of each member of a map of at most `most` names, in the order of the file. What is no
  /// name or is there twice is a mistake and left out.
  std::vector<std::pair<std::string, YAML::Node>> named(const YAML::Node& node,
                                                        std::string_view what, std::size_t most,
                                                        const std::string& key);
  /// `{en: ..., zh: ...}`, both there.
  Words words(const YAML::Node& node, std::size_t bytes_max = 200);

 private:
  /// yaml-cpp counts bytes; people count characters.
  std::size_t byte_of(const YAML::Mark& mark) const;

  std::string file_;
  std::string_view text_;
  std::vector<std::size_t> lines_;  ///< byte where each begins
  Places& places_;
  std::vector<PackMistake>& mistakes_;
  bool is_unreadable_ = false;
};

/// A name of the pack: `[a-z][a-z0-9_]*`, at most 60 bytes. Throws Mistake.
std::string name_of(const YAML::Node& node);
bool is_name(std::string_view name);
/// One text of one to `bytes_max` bytes in which everything can be seen. Throws Mistake.
std::string clean_text(const YAML::Node& node, std::size_t bytes_max);
/// A unit of docs/formats/units.md, as it is written. Throws Mistake with the nearest one.
std::string unit_code(const YAML::Node& node);
/// `[low, high]`, low <= high. Throws Mistake.
Limits limits_of(const YAML::Node& node);
/// 0s to 400 d. Throws Mistake.
DurationNs delay_of(const YAML::Node& node);

}  // namespace tundish::pack
