#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/definitions.h"

namespace tundish::binding {

/// A point that equipment offers: a node of a browse tree, a metric of a Sparkplug birth, a line of a register list.
/// Every field but the name may be empty.
struct FoundPoint {
  std::vector<std::string> path;  ///< folders, outermost first, and last the name; or one flat name
  std::string description;
  std::string unit;  ///< as the equipment writes it
  std::optional<ValueType> type;
  std::optional<Limits> range;  ///< in `unit`
};

/// An attribute of a template that a point may be.
struct Candidate {
  std::string template_name;
  Words template_words;
  std::string attribute;
  Words words;
  std::vector<std::string> aliases;
  std::string unit;             ///< UCUM
  std::optional<Limits> valid;  ///< in `unit`
  ValueType type = ValueType::kDouble;
};

/// One attribute for one point, to be confirmed by a person.
struct Proposal {
  std::size_t candidate = 0;  ///< index into the candidates
  std::string asset;          ///< points with the same one belong together; may be empty
  std::string unit;  ///< UCUM, of the point's own values; the candidate's when the point tells none
  std::optional<Limits> range;       ///< in `unit`: the point's own, else what is valid
  double confidence = 0;             ///< 0..1; above 0.9 only where nothing speaks against it
  std::vector<std::string> reasons;  ///< sentences, the weightiest first
};

inline constexpr std::size_t kPointsMax = 200'000;
inline constexpr std::size_t kCandidatesMax = 10'000;
inline constexpr std::size_t kPathLevelsMax = 64;
inline constexpr std::size_t kPointBytesMax = 8'192;  ///< of all texts of one point or candidate
inline constexpr std::size_t kProposalsMax = 3;       ///< for one point

enum class ReasonLanguage : std::uint8_t { kEnglish, kChinese };

struct ProposeOptions {
  ReasonLanguage language = ReasonLanguage::kEnglish;
  /// Asked every few hundred points; false ends the work.
  std::function<bool()> go_on = {};
};

/// For each point its likeliest attributes, best first, at most kProposalsMax; none where nothing fits. The points of
/// one folder are looked at together: they tend to belong to one template, and an attribute is bound once to an asset.
/// The same input gives the same output. Time grows with points x words; 100,000 points and 2,000 candidates take
/// about ten seconds of one busy core (binding_bench.cc). Pure: any thread.
/// Errors: kTooLarge when there is more than the limits above; kTimeout when `go_on` ended it.
Result<std::vector<std::vector<Proposal>>> propose(std::span<const FoundPoint> points,
                                                   std::span<const Candidate> candidates,
                                                   const ProposeOptions& options = {});

}  // namespace tundish::binding
