#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "binding/binding.h"
#include "binding/register_list.h"

// Input: a register list as CSV. Every line of it is taken for a point, and for an attribute that the others may be.
// What is proposed points at what there is, in order of its confidence, and is the same the second time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish::binding;
  const std::string_view text(reinterpret_cast<const char*>(data), size < 4096 ? size : 4096);
  const auto lines = read_register_list(text);
  if (!lines) {
    TUNDISH_CHECK(!lines.error().message.empty());
    return 0;
  }
  std::vector<FoundPoint> points;
  std::vector<Candidate> candidates;
  for (const auto& line : *lines) {
    if (points.size() >= 24) break;
    points.push_back(line.point);
    Candidate candidate;
    candidate.template_name = line.address;
    candidate.template_words = {{"zh", line.address}};
    candidate.attribute = line.point.path[0];
    candidate.words = {{"zh", line.point.path[0]}, {"en", line.point.description}};
    candidate.aliases = {line.point.description};
    candidate.unit = line.point.unit;
    candidate.valid = line.point.range;
    candidates.push_back(std::move(candidate));
  }
  const auto all = propose(points, candidates);
  const auto again = propose(points, candidates);
  TUNDISH_CHECK(all.has_value() && again.has_value() && all->size() == points.size());
  for (std::size_t i = 0; i < all->size(); ++i) {
    const auto& proposals = (*all)[i];
    TUNDISH_CHECK(proposals.size() <= kProposalsMax && proposals.size() == (*again)[i].size());
    for (std::size_t p = 0; p < proposals.size(); ++p) {
      TUNDISH_CHECK(proposals[p].candidate < candidates.size() && !proposals[p].reasons.empty());
      TUNDISH_CHECK(proposals[p].confidence >= 0 && proposals[p].confidence <= 1);
      TUNDISH_CHECK(p == 0 || proposals[p].confidence <= proposals[p - 1].confidence);
      TUNDISH_CHECK(proposals[p].candidate == (*again)[i][p].candidate);
    }
  }
  return 0;
}
