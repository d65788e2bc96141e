#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "binding/reading.h"

namespace tundish::binding {

enum class UnitEvidence : std::uint8_t { kUnknown, kSame, kConvertible, kConflict };
enum class RangeEvidence : std::uint8_t { kUnknown, kWithin, kOverlaps, kApart };

/// What speaks for and against one candidate of one point.
struct Evidence {
  std::uint32_t candidate = 0;
  std::uint32_t view = 0;  ///< whose words are covered best
  float coverage = 0;      ///< of the candidate's words, 0..1
  float precision = 0;     ///< of the point's words that the candidate explains, 0..1
  float template_match = 0;
  float score = 0;            ///< of all together, in log odds up to a constant
  bool unexplained = false;   ///< a word of the point that is known says something else
  bool unknown_word = false;  ///< a word of the point, or of its folder, is not surely explained
  bool modifier = false;      ///< a set point, an alarm, of the same thing
  bool type_conflict = false;
  UnitEvidence unit = UnitEvidence::kUnknown;
  RangeEvidence range = RangeEvidence::kUnknown;
};

/// Weighs candidates, one point at a time. Not for several threads.
class Weigher {
 public:
  Weigher(const Vocabulary& vocabulary, std::span<const Candidate> candidates, const Reader& reader,
          std::size_t point_count);

  /// The best of a point, best first; at most `most`.
  std::vector<Evidence> weigh(const FoundPoint& point, const PointReading& reading,
                              std::size_t most);

 private:
  void note_words(const PointReading& reading);
  void choose(const PointReading& reading);
  /// What is dear: the words of the point against those of the candidate and its template.
  void complete(const PointReading& reading, Evidence& evidence) const;
  void cover(std::uint32_t candidate, bool unit_tells, Evidence& evidence) const;
  float explained_by(const WordReading& word, const std::vector<Meaning>& part,
                     std::uint32_t view) const;
  float template_match(const PointReading& reading, std::uint32_t template_number) const;
  float template_trust(const WordReading& word, std::uint32_t template_number) const;
  bool names_other_template(const PointReading& reading, std::uint32_t template_number) const;
  bool says_number(const PointReading& reading, const NumberedWord& wanted) const;
  void explain(const PointReading& reading, std::uint32_t candidate, Evidence& evidence) const;
  void weigh_unit(const PointReading& reading, std::uint32_t candidate, Evidence& evidence) const;
  void weigh_range(const FoundPoint& point, const PointReading& reading, std::uint32_t candidate,
                   Evidence& evidence) const;
  const ViewHit* best_hit(std::uint32_t view) const;
  bool is_common(const WordReading& word) const;

  const Vocabulary& vocabulary_;
  std::span<const Candidate> candidates_;
  const Reader& reader_;
  std::size_t point_count_;
  // Of the point at hand.
  std::vector<float> heard_;  ///< by meaning: how strongly the point says it
  std::vector<MeaningId> heard_list_;
  std::vector<float> sum_;  ///< by candidate
  std::vector<std::uint32_t> touched_;
  std::vector<std::pair<float, std::uint32_t>> ranked_;
  std::vector<ViewHit> hits_;  ///< ascending by view
};

}  // namespace tundish::binding
