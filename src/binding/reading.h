#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "binding/vocabulary.h"

namespace tundish::binding {

/// A word that may be made of the beginnings of a view's words.
struct ViewHit {
  std::uint32_t view = 0;
  std::uint32_t terms = 0;  ///< bits of View::terms that it says
  float trust = 0;
};

/// A word that may be made of the beginnings of a template's words: `BF` of `Blast furnace`.
struct TemplateHit {
  std::uint32_t template_number = 0;
  float trust = 0;
};

/// What one word of a point may mean. The same word is read once for a whole list.
struct WordReading {
  std::string text;
  std::vector<std::vector<Meaning>> parts;  ///< one; several for a phrase
  std::vector<ViewHit> hits;                ///< ascending by view
  std::vector<TemplateHit> template_hits;   ///< ascending by template
  float weight = 1;                         ///< how much it counts when nothing explains it
  bool modifier = false;  ///< a set point, an alarm: not the measured thing itself
  bool number = false;
  bool noise = false;  ///< says nothing about what is measured
  bool chinese = false;
  std::uint32_t points = 0;  ///< of the list, that have it
};

enum class Place : std::uint8_t { kName, kDescription, kFolder };

struct PointWord {
  std::uint32_t word = 0;
  Place place = Place::kName;
  std::uint8_t level = 0;  ///< of folders: which
};

struct PointReading {
  std::vector<PointWord> words;
  std::optional<Unit> unit;
  std::string unit_code;
  std::uint32_t dimension = 0;  ///< of `unit`, as the vocabulary numbers them
  std::uint32_t group =
      0;  ///< points of one folder, or with the same beginning up to the first number
  std::string group_name;
};

/// Reads the points of one list. Not for several threads.
class Reader {
 public:
  explicit Reader(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  PointReading read(const FoundPoint& point);
  const std::vector<WordReading>& words() const { return words_; }
  std::uint32_t group_count() const { return static_cast<std::uint32_t>(groups_.size()); }

 private:
  void add_text(std::string_view text, Place place, std::uint8_t level, PointReading& reading);
  std::uint32_t word(const Token& token);
  void find_hits(const Token& token, WordReading& reading) const;
  void find_template_hits(const Token& token, WordReading& reading) const;

  const Vocabulary& vocabulary_;
  std::vector<WordReading> words_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::unordered_map<std::string, std::uint32_t> groups_;
};

}  // namespace tundish::binding
