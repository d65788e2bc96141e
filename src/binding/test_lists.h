#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "binding/binding.h"

namespace tundish::binding {

/// A list of points with what each is: `template/attribute`, or `-` for what no candidate is.
struct TestList {
  std::string name;
  std::vector<std::string> packs;
  bool deep = false;  ///< whole packs are on offer
  bool held = false;  ///< not looked at while the weights were chosen
  std::vector<FoundPoint> points;
  std::vector<std::string> expected;
};

struct TestScore {
  std::size_t asked = 0;       ///< points that are something
  std::size_t right = 0;       ///< of these, with the right first proposal
  std::size_t sure = 0;        ///< first proposals above 0.9
  std::size_t sure_wrong = 0;  ///< of these, not right
  std::vector<std::string> mistakes;
  double share() const {
    return asked == 0 ? 1 : static_cast<double>(right) / static_cast<double>(asked);
  }
};

/// The attributes of industries (tests/cases/binding/candidates.csv), of all when `packs` is empty. With
/// `full_names` templates are called `pack/template`, so that the same name in two packs is two.
/// `deep`: of whole packs with their counters, states and aliases (candidates_deep.csv).
std::vector<Candidate> test_candidates(const std::vector<std::string>& packs,
                                       bool full_names = false, bool deep = false);
/// The packs of candidates.csv or of candidates_deep.csv.
std::vector<std::string> test_packs(bool deep = false);

std::vector<TestList> test_lists();

TestScore score_of(const std::vector<FoundPoint>& points, const std::vector<std::string>& expected,
                   const std::vector<Candidate>& candidates);

}  // namespace tundish::binding
