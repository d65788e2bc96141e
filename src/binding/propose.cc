#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "binding/binding.h"
#include "binding/reasons.h"

// 1. Each point is weighed alone against the candidates that share a word with it (evidence.cc).
// 2. The points of a folder, and of the list, vote for templates; the vote shifts the weights, twice.
// 3. Within an asset an attribute goes to the point that it fits best; others take their next where it is near.
// 4. What is left becomes confidences (confidence.cc) and sentences (reasons.cc).

namespace tundish::binding {
namespace {

constexpr std::size_t kKept = 6;    // candidates of a point that take part in steps 2 to 4
constexpr double kNone = 5.5;       // the score of "none of them"
constexpr double kShareMin = 0.02;  // less is not worth proposing
constexpr double kVote = 1.0;       // of templates
constexpr double kNearScore = 1.2;  // two points fit alike
constexpr double kNextScore = 3.0;  // how much worse the next candidate may be

struct Seat {
  Evidence evidence;
  double score = 0;
  double share = 0;
};

struct Placed {
  PointReading reading;
  std::vector<Seat> seats;  ///< best first
  std::size_t chosen = 0;
  bool contested = false;
};

std::size_t bytes_of(const Words& words) {
  std::size_t bytes = 0;
  for (const auto& [language, text] : words) bytes += language.size() + text.size();
  return bytes;
}

Status check_sizes(std::span<const FoundPoint> points, std::span<const Candidate> candidates) {
  if (points.size() > kPointsMax)
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} points at once", kPointsMax));
  if (candidates.size() > kCandidatesMax)
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} attributes at once", kCandidatesMax));
  for (std::size_t i = 0; i < points.size(); ++i) {
    auto bytes = points[i].description.size() + points[i].unit.size();
    for (const auto& level : points[i].path) bytes += level.size();
    if (bytes > kPointBytesMax || points[i].path.size() > kPathLevelsMax)
      return fail(
          ErrorCode::kTooLarge,
          fmt::format("a point has at most {} levels and {} bytes", kPathLevelsMax, kPointBytesMax),
          fmt::format("point {}", i));
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& candidate = candidates[i];
    auto bytes = candidate.template_name.size() + candidate.attribute.size() +
                 candidate.unit.size() + bytes_of(candidate.words) +
                 bytes_of(candidate.template_words);
    for (const auto& alias : candidate.aliases) bytes += alias.size();
    if (bytes > kPointBytesMax)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("an attribute has at most {} bytes", kPointBytesMax),
                  fmt::format("candidate {}", i));
  }
  return {};
}

class Proposer {
 public:
  Proposer(std::span<const FoundPoint> points, std::span<const Candidate> candidates,
           const ProposeOptions& options)
      : points_(points),
        candidates_(candidates),
        options_(options),
        vocabulary_(candidates),
        reader_(vocabulary_) {}

  Result<std::vector<std::vector<Proposal>>> run() {
    placed_.resize(points_.size());
    for (std::size_t i = 0; i < points_.size(); ++i) {
      TUNDISH_RETURN_IF_ERROR(go_on(i));
      placed_[i].reading = reader_.read(points_[i]);
    }
    TUNDISH_RETURN_IF_ERROR(weigh());
    for (int round = 0; round < 2; ++round) vote();
    for (auto& placed : placed_) name_asset(placed);
    assign();
    std::vector<std::vector<Proposal>> all(points_.size());
    for (std::size_t i = 0; i < points_.size(); ++i) {
      TUNDISH_RETURN_IF_ERROR(go_on(i));
      all[i] = proposals_of(i);
    }
    return all;
  }

 private:
  Status go_on(std::size_t point) const {
    constexpr std::size_t kAskedEvery = 256;
    if (point % kAskedEvery != 0 || !options_.go_on || options_.go_on()) return {};
    return fail(ErrorCode::kTimeout, "looking for what the points are took too long: ask for fewer",
                fmt::format("point {} of {}", point, points_.size()));
  }

  Status weigh() {
    Weigher weigher(vocabulary_, candidates_, reader_, points_.size());
    for (std::size_t i = 0; i < points_.size(); ++i) {
      TUNDISH_RETURN_IF_ERROR(go_on(i));
      for (auto& evidence : weigher.weigh(points_[i], placed_[i].reading, kKept))
        placed_[i].seats.push_back({evidence, static_cast<double>(evidence.score), 0});
    }
    for (auto& placed : placed_) share_out(placed);
    return {};
  }

  /// Shares of belief among the seats and "none of them".
  static void share_out(Placed& placed) {
    double top = kNone;
    for (const auto& seat : placed.seats) top = std::max(top, seat.score);
    double sum = std::exp(kNone - top);
    for (auto& seat : placed.seats) sum += std::exp(seat.score - top);
    for (auto& seat : placed.seats) seat.share = std::exp(seat.score - top) / sum;
  }

  std::uint32_t template_of(const Seat& seat) const {
    return vocabulary_.candidates()[seat.evidence.candidate].template_number;
  }

  static std::uint64_t key(std::uint32_t group, std::uint32_t template_number) {
    return (static_cast<std::uint64_t>(group) << 32) | template_number;
  }

  void vote() {
    votes_.clear();
    group_sums_.assign(reader_.group_count(), 0);
    std::vector<double> list(vocabulary_.templates().size(), 0);
    double sum = 0;
    for (const auto& placed : placed_)
      for (const auto& seat : placed.seats) {
        votes_[key(placed.reading.group, template_of(seat))] += seat.share;
        group_sums_[placed.reading.group] += seat.share;
        list[template_of(seat)] += seat.share;
        sum += seat.share;
      }
    for (auto& placed : placed_) {
      for (auto& seat : placed.seats) {
        const double near = group_share(placed, seat);
        const double whole = sum > 0 ? list[template_of(seat)] / sum : 0;
        seat.score = static_cast<double>(seat.evidence.score) +
                     kVote * std::log(0.03 + 0.7 * near + 0.3 * whole);
      }
      std::ranges::sort(placed.seats, [](const Seat& a, const Seat& b) {
        return a.score != b.score ? a.score > b.score : a.evidence.candidate < b.evidence.candidate;
      });
      share_out(placed);
    }
  }

  /// Of the votes in the folder of a point, its own left out, those for the template of a seat.
  double group_share(const Placed& placed, const Seat& seat) const {
    const auto found = votes_.find(key(placed.reading.group, template_of(seat)));
    const double votes = found == votes_.end() ? 0 : found->second;
    return votes / std::max(group_sums_[placed.reading.group], 1e-9);
  }

  /// Of a flat list there are no folders: what the template's words and the numbers beside them say is the asset.
  void name_asset(Placed& placed) const {
    const auto& words = placed.reading.words;
    if (placed.seats.empty() || (!words.empty() && words.back().place == Place::kFolder)) return;
    const auto number_of_template = template_of(placed.seats[0]);
    const auto& owner = vocabulary_.templates()[number_of_template];
    std::vector<Meaning> said;
    std::string name, number;
    for (const auto& [at, place, level] : words) {
      if (place != Place::kName) break;
      const auto& word = reader_.words()[at];
      if (word.number) {
        if (!name.empty() && number.empty()) name += ' ' + word.text;
        number = word.text;
        if (!name.empty()) break;
        continue;
      }
      if (!is_of_template(word, owner, number_of_template, said)) {
        if (!name.empty()) break;
        number.clear();
        continue;
      }
      if (!name.empty()) name += ' ';
      if (name.empty() && !number.empty()) name = number + ' ';
      name += word.text;
    }
    if (!name.empty()) placed.reading.group_name = name;
  }

  /// Whether all of a word is said by the template and not by the words before (`said`, to which it is added).
  static bool is_of_template(const WordReading& word, const TemplateIndex& owner,
                             std::uint32_t number_of_template, std::vector<Meaning>& said) {
    const auto hit =
        std::ranges::find(word.template_hits, number_of_template, &TemplateHit::template_number);
    if (hit != word.template_hits.end() && hit->trust >= 0.75f) return true;
    if (word.parts.empty()) return false;
    for (const auto& part : word.parts)
      if (common_meaning(part, owner.meanings) < 0.9f || common_meaning(part, said) > 0.9f)
        return false;
    for (const auto& part : word.parts) said.insert(said.end(), part.begin(), part.end());
    tidy(said);
    return true;
  }

  /// Greedy, the best pair first: an attribute of an asset goes to one point.
  void assign() {
    struct Pair {
      double score;
      std::size_t point, seat;
    };
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < placed_.size(); ++i)
      for (std::size_t s = 0; s < placed_[i].seats.size(); ++s)
        if (placed_[i].seats[s].share > kShareMin)
          pairs.push_back({placed_[i].seats[s].score, i, s});
    std::ranges::sort(pairs, [](const Pair& a, const Pair& b) {
      return a.score != b.score ? a.score > b.score
                                : std::tie(a.point, a.seat) < std::tie(b.point, b.seat);
    });
    std::unordered_map<std::string, std::size_t> taken;
    std::vector<char> done(placed_.size(), 0);
    for (const auto& [score, point, seat] : pairs) {
      if (done[point] != 0) continue;
      auto& placed = placed_[point];
      auto owner_key =
          placed.reading.group_name + '\n' + std::to_string(placed.seats[seat].evidence.candidate);
      const auto [at, is_free] = taken.emplace(std::move(owner_key), point);
      if (is_free) {
        placed.chosen = seat;
        done[point] = 1;
        continue;
      }
      auto& winner = placed_[at->second];
      const double lead = winner.seats[winner.chosen].score - score;
      if (lead < kNearScore) winner.contested = placed.contested = true;
      // Nothing near enough is left: it keeps its first, and a person decides between the two.
      const bool has_next = seat + 1 < placed.seats.size() &&
                            placed.seats[seat + 1].share > kShareMin &&
                            placed.seats[0].score - placed.seats[seat + 1].score < kNextScore;
      if (lead < kNearScore || !has_next) {
        placed.chosen = 0;
        placed.contested = true;
        done[point] = 1;
      }
    }
  }

  std::vector<Proposal> proposals_of(std::size_t i) const {
    const auto& placed = placed_[i];
    std::vector<Proposal> proposals;
    const auto add = [&](std::size_t s) {
      const auto& seat = placed.seats[s];
      if (seat.share < kShareMin || proposals.size() >= kProposalsMax) return;
      const Company company{seat.share, group_share(placed, seat),
                            placed.contested && s == placed.chosen,
                            placed.chosen != 0 && s == placed.chosen};
      proposals.push_back(make(i, seat, company));
      if (proposals.size() > 1)  // the order of the list is that of belief
        proposals.back().confidence =
            std::min(proposals.back().confidence, proposals[proposals.size() - 2].confidence);
    };
    if (placed.chosen < placed.seats.size()) add(placed.chosen);
    for (std::size_t s = 0; s < placed.seats.size(); ++s)
      if (s != placed.chosen) add(s);
    return proposals;
  }

  Proposal make(std::size_t i, const Seat& seat, const Company& company) const {
    const auto& point = points_[i];
    const auto& placed = placed_[i];
    const auto number = seat.evidence.candidate;
    const auto& candidate = candidates_[number];
    Proposal proposal;
    proposal.candidate = number;
    proposal.asset = placed.reading.group_name;
    const auto& found = placed.reading.unit;
    proposal.unit =
        found && seat.evidence.unit != UnitEvidence::kConflict ? found->code() : candidate.unit;
    proposal.range = point.range;
    if (!proposal.range && candidate.valid)
      proposal.range = valid_in(*candidate.valid, number, found);
    proposal.confidence = confidence_of(seat.evidence, company);
    proposal.reasons =
        reasons_for(point, placed.reading, candidate, seat.evidence, company, options_.language);
    return proposal;
  }

  Limits valid_in(const Limits& valid, std::size_t number, const std::optional<Unit>& found) const {
    const auto& own = vocabulary_.candidates()[number].unit;
    if (!found || !own) return valid;
    const auto convert = UnitConversion::between(*own, *found);
    return convert ? Limits{(*convert)(valid.low), (*convert)(valid.high)} : valid;
  }

  std::span<const FoundPoint> points_;
  std::span<const Candidate> candidates_;
  const ProposeOptions& options_;
  Vocabulary vocabulary_;
  Reader reader_;
  std::vector<Placed> placed_;
  std::unordered_map<std::uint64_t, double> votes_;
  std::vector<double> group_sums_;
};

}  // namespace

Result<std::vector<std::vector<Proposal>>> propose(std::span<const FoundPoint> points,
                                                   std::span<const Candidate> candidates,
                                                   const ProposeOptions& options) {
  TUNDISH_RETURN_IF_ERROR(check_sizes(points, candidates));
  if (points.empty() || candidates.empty())
    return std::vector<std::vector<Proposal>>(points.size());
  return Proposer(points, candidates, options).run();
}

}  // namespace tundish::binding
