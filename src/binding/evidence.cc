#include "binding/evidence.h"

#include <algorithm>
#include <cmath>

namespace tundish::binding {
namespace {

constexpr std::size_t kChosen = 24;  // candidates that are weighed in full
constexpr float kExplained = 0.79f;  // a word is what the candidate says, beyond initials of three
constexpr float kFolder = 0.9f;      // a word of a folder against one of the name

// The weights of the evidence, in log odds. Measured on lists made by corruption (propose_test.cc); what a
// confidence may reach at most is decided in confidence.cc.
constexpr float kCoverage = 8, kPrecision = 3, kTemplate = 1.5f;
constexpr float kUnitSame = 1.5f, kUnitConvertible = 1, kUnitConflict = -5;
constexpr float kRangeWithin = 0.6f, kRangeApart = -3;
constexpr float kTypeConflict = -5, kModifier = -3;
constexpr float kNumberSaid = 0.8f, kNumberMissing = -1.5f;

bool is_raw_range(const Limits& range) {
  constexpr double kRaw[][2] = {{0, 27648}, {0, 32767}, {-32768, 32767}, {0, 65535},
                                {0, 4095},  {4, 20},    {4000, 20000},   {0, 0}};
  return range.high <= range.low || std::ranges::any_of(kRaw, [&](const auto& raw) {
           return range.low == raw[0] && range.high == raw[1];
         });
}

/// The number that a word is: `2`, and 二 of 二床.
std::string_view number_of(const WordReading& word) {
  if (word.number) return word.text;
  static constexpr std::pair<std::string_view, std::string_view> kDigits[] = {
      {"一", "1"}, {"二", "2"}, {"三", "3"}, {"四", "4"}, {"五", "5"},
      {"六", "6"}, {"七", "7"}, {"八", "8"}, {"九", "9"}};
  const auto found = std::ranges::find(kDigits, std::string_view(word.text),
                                       [](const auto& digit) { return digit.first; });
  return found == std::end(kDigits) ? std::string_view() : found->second;
}

bool type_conflicts(ValueType found, ValueType wanted) {
  const auto number = [](ValueType type) {
    return type == ValueType::kDouble || type == ValueType::kInt64;
  };
  return found != wanted && !(number(found) && number(wanted));
}

}  // namespace

Weigher::Weigher(const Vocabulary& vocabulary, std::span<const Candidate> candidates,
                 const Reader& reader, std::size_t point_count)
    : vocabulary_(vocabulary),
      candidates_(candidates),
      reader_(reader),
      point_count_(point_count),
      heard_(vocabulary.meaning_count(), 0),
      sum_(candidates.size(), 0) {}

std::vector<Evidence> Weigher::weigh(const FoundPoint& point, const PointReading& reading,
                                     std::size_t most) {
  note_words(reading);
  choose(reading);
  // First what is cheap: it says how much a candidate can reach at most.
  struct Started {
    Evidence evidence;
    float reach = 0;
  };
  std::vector<Started> started;
  started.reserve(touched_.size());
  for (const auto candidate : touched_) {
    Evidence evidence;
    evidence.candidate = candidate;
    weigh_unit(reading, candidate, evidence);
    weigh_range(point, reading, candidate, evidence);
    const bool unit_tells =
        (evidence.unit == UnitEvidence::kSame || evidence.unit == UnitEvidence::kConvertible) &&
        !reading.unit->dimension().is_one();
    cover(candidate, unit_tells, evidence);
    evidence.type_conflict = point.type && type_conflicts(*point.type, candidates_[candidate].type);
    constexpr float kRounding = 0.01f;
    const auto numbers = static_cast<float>(vocabulary_.candidates()[candidate].numbers.size());
    started.push_back({evidence, evidence.score + kCoverage * evidence.coverage + kPrecision +
                                     kTemplate + (evidence.type_conflict ? kTypeConflict : 0) +
                                     kNumberSaid * numbers + kRounding});
  }
  std::ranges::sort(started, std::ranges::greater(), &Started::reach);
  std::vector<Evidence> all;
  all.reserve(started.size());
  const auto better = [](const Evidence& a, const Evidence& b) {
    return a.score != b.score ? a.score > b.score : a.candidate < b.candidate;
  };
  for (auto& [evidence, reach] : started) {
    // Those kept are beyond its reach, and so beyond that of all that follow.
    if (all.size() == most && !all.empty() && reach < all.back().score) break;
    complete(reading, evidence);
    all.insert(std::ranges::upper_bound(all, evidence, better), evidence);
    if (all.size() > most) all.pop_back();
  }
  return all;
}

void Weigher::complete(const PointReading& reading, Evidence& evidence) const {
  const auto candidate = evidence.candidate;
  evidence.template_match =
      template_match(reading, vocabulary_.candidates()[candidate].template_number);
  explain(reading, candidate, evidence);
  evidence.score += kCoverage * evidence.coverage + kPrecision * evidence.precision +
                    kTemplate * evidence.template_match +
                    (evidence.type_conflict ? kTypeConflict : 0) +
                    (evidence.modifier ? kModifier : 0);
}

void Weigher::note_words(const PointReading& reading) {
  for (const auto id : heard_list_) heard_[id] = 0;
  heard_list_.clear();
  hits_.clear();
  for (const auto& [number, place, level] : reading.words) {
    const auto& word = reader_.words()[number];
    const float weight = place == Place::kFolder ? kFolder : 1;
    for (const auto& part : word.parts)
      for (const auto& meaning : part) {
        if (heard_[meaning.id] == 0) heard_list_.push_back(meaning.id);
        heard_[meaning.id] = std::max(heard_[meaning.id], meaning.strength * weight);
      }
    for (auto hit : word.hits) {
      hit.trust *= weight;
      hits_.push_back(hit);
    }
  }
  std::ranges::sort(hits_, [](const ViewHit& a, const ViewHit& b) {
    return a.view != b.view ? a.view < b.view : a.trust > b.trust;
  });
}

void Weigher::choose(const PointReading& reading) {
  for (const auto candidate : touched_) sum_[candidate] = 0;
  touched_.clear();
  const auto add = [&](std::uint32_t candidate, float weight) {
    if (sum_[candidate] == 0) touched_.push_back(candidate);
    sum_[candidate] += weight;
  };
  constexpr float kFaint = 0.45f;  // less makes nobody a candidate who is not one by other words
  for (const auto id : heard_list_) {
    if (heard_[id] < kFaint) continue;
    for (const auto& posting : vocabulary_.postings(id))
      add(posting.candidate, heard_[id] * posting.weight);
  }
  for (const auto& hit : hits_) {
    const auto& view = vocabulary_.views()[hit.view];
    float covered = 0;
    for (std::size_t i = 0; i < view.terms.size(); ++i)
      if ((hit.terms >> i & 1u) != 0) covered += view.weights[i];
    if (covered > 0) add(view.candidate, hit.trust * covered / view.weight);
  }
  if (reading.unit)
    for (const auto candidate : vocabulary_.measuring(reading.dimension)) add(candidate, 0.05f);
  if (touched_.size() <= kChosen) return;
  ranked_.clear();
  for (const auto candidate : touched_) {
    const auto own = vocabulary_.candidates()[candidate].dimension;
    const bool conflict = reading.unit && own != 0 && own != reading.dimension;
    ranked_.emplace_back(sum_[candidate] - (conflict ? 0.5f : 0.0f), candidate);
  }
  std::ranges::nth_element(ranked_, ranked_.begin() + kChosen, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  // What is not weighed in full gives its sum back.
  for (const auto candidate : touched_) sum_[candidate] = 0;
  touched_.clear();
  for (std::size_t i = 0; i < kChosen; ++i) touched_.push_back(ranked_[i].second);
}

const ViewHit* Weigher::best_hit(std::uint32_t view) const {
  const auto found = std::ranges::lower_bound(hits_, view, {}, &ViewHit::view);
  return found != hits_.end() && found->view == view ? &*found : nullptr;
}

void Weigher::cover(std::uint32_t candidate, bool unit_tells, Evidence& evidence) const {
  const auto& index = vocabulary_.candidates()[candidate];
  float best = 0;
  for (auto v = index.first_view; v < index.first_view + index.view_count; ++v) {
    const auto& view = vocabulary_.views()[v];
    float sum = 0;
    const auto* const hit = best_hit(v);
    for (std::size_t i = 0; i < view.terms.size(); ++i) {
      float match = 0;
      for (const auto& meaning : view.terms[i].meanings)
        match = std::max(match, heard_[meaning.id] * meaning.strength);
      for (const auto* h = hit; h != nullptr && h != hits_.data() + hits_.size() && h->view == v;
           ++h)
        if ((h->terms >> i & 1u) != 0) match = std::max(match, h->trust);
      // A pressure need not be called one where the unit says so.
      if (view.terms[i].quantity && unit_tells) match = std::max(match, match > 0 ? 0.85f : 0.6f);
      sum += view.weights[i] * match;
    }
    const float share = view.weight > 0 ? sum / view.weight : 0;
    if (share <= best && v != index.first_view) continue;
    best = share;
    evidence.view = v;
  }
  evidence.coverage = std::min(best, 1.0f);
}

float Weigher::explained_by(const WordReading& word, const std::vector<Meaning>& part,
                            std::uint32_t view) const {
  float match = 0;
  for (const auto& hit : word.hits)
    if (hit.view == view) match = std::max(match, hit.trust);
  for (const auto& term : vocabulary_.views()[view].terms)
    match = std::max(match, common_meaning(part, term.meanings));
  return match;
}

float Weigher::template_trust(const WordReading& word, std::uint32_t template_number) const {
  const auto found = std::ranges::lower_bound(word.template_hits, template_number, {},
                                              &TemplateHit::template_number);
  return found != word.template_hits.end() && found->template_number == template_number
             ? found->trust
             : 0;
}

bool Weigher::says_number(const PointReading& reading, const NumberedWord& wanted) const {
  const auto& words = reading.words;
  bool said = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = reader_.words()[words[i].word];
    const auto number = number_of(word);
    if (number.empty() || words[i].place == Place::kFolder) continue;
    // `cyclone2`, but 2号旋流器.
    auto after = i + 1;
    if (after < words.size() && reader_.words()[words[after].word].text == "号") ++after;
    const bool next = after < words.size() && reader_.words()[words[after].word].chinese;
    if (!next && i == 0) continue;
    const auto& parts = reader_.words()[words[next ? after : i - 1].word].parts;
    const bool of_word = std::ranges::any_of(parts, [&](const auto& part) {
      constexpr float kAlike = 0.4f;
      return common_meaning(part, wanted.word) > kAlike;
    });
    // The last one counts: what stands before is the number of the asset (1#旋流器组2号旋流器).
    if (of_word) said = number == wanted.number;
  }
  return said;
}

float Weigher::template_match(const PointReading& reading, std::uint32_t template_number) const {
  float best = 0;
  for (const auto& view : vocabulary_.templates()[template_number].views) {
    float sum = 0;
    for (const auto& atom : view) {
      float match = 0;
      for (const auto& meaning : atom.meanings)
        match = std::max(match, heard_[meaning.id] * meaning.strength);
      sum += match;
    }
    if (!view.empty()) best = std::max(best, sum / static_cast<float>(view.size()));
  }
  for (const auto& at : reading.words)
    best = std::max(best, template_trust(reader_.words()[at.word], template_number));
  return best;
}

bool Weigher::is_common(const WordReading& word) const {
  constexpr std::size_t kListMin = 8;
  return point_count_ >= kListMin && word.points * 10 > point_count_ * 6;
}

bool Weigher::names_other_template(const PointReading& reading,
                                   std::uint32_t template_number) const {
  // Of the folder that names the template, each word has to be the template's: `SAG mill 1` is no `Mill`.
  const auto& owner = vocabulary_.templates()[template_number];
  std::uint64_t named = 0, foreign = 0;
  for (const auto& [number, place, level] : reading.words) {
    const auto& word = reader_.words()[number];
    if (place != Place::kFolder || word.number || word.noise) continue;
    float match = template_trust(word, template_number);
    for (const auto& part : word.parts)
      match = std::max(match, common_meaning(part, owner.meanings));
    (match >= kExplained ? named : foreign) |= std::uint64_t{1} << (level % 64);
  }
  return (named & foreign) != 0 || (named == 0 && foreign != 0);
}

void Weigher::explain(const PointReading& reading, std::uint32_t candidate,
                      Evidence& evidence) const {
  const auto& index = vocabulary_.candidates()[candidate];
  const auto& owner = vocabulary_.templates()[index.template_number];
  float explained = 0, all = 0;
  for (const auto& [number, place, level] : reading.words) {
    const auto& word = reader_.words()[number];
    if (word.number) continue;
    float trust = 0;
    for (const auto& hit : word.hits)
      if (vocabulary_.views()[hit.view].candidate == candidate) trust = std::max(trust, hit.trust);
    const float parts = static_cast<float>(word.parts.size());
    for (const auto& part : word.parts) {
      float match = std::max(trust, common_meaning(part, index.meanings));
      const bool said = match > 0.75f;
      match = std::max(match, common_meaning(part, owner.meanings));
      match = std::max(match, template_trust(word, index.template_number));
      float weight = word.weight / parts;
      if (is_common(word)) weight *= 0.1f;
      if (place == Place::kFolder) weight *= 0.25f;
      explained += weight * match;
      all += weight;
      if (place == Place::kFolder || is_common(word)) continue;
      if (word.modifier && !said) evidence.modifier = true;
      if (word.noise) continue;
      // Sure is only what one name of it explains, not bits of several.
      const float strictly =
          std::max({explained_by(word, part, evidence.view), common_meaning(part, owner.meanings),
                    template_trust(word, index.template_number)});
      if (std::min(match, strictly) >= kExplained) continue;
      if (match < 0.5f && word.weight > 0.4f)
        evidence.unexplained = true;
      else
        evidence.unknown_word = true;
    }
  }
  evidence.unknown_word =
      evidence.unknown_word || names_other_template(reading, index.template_number);
  evidence.precision = all > 0 ? explained / all : 0;
  // Of several that differ by a number only, the one whose number is said.
  for (const auto& wanted : index.numbers) {
    const bool said = says_number(reading, wanted);
    evidence.score += said ? kNumberSaid : kNumberMissing;
    evidence.unexplained = evidence.unexplained || !said;
  }
}

void Weigher::weigh_unit(const PointReading& reading, std::uint32_t candidate,
                         Evidence& evidence) const {
  const auto& wanted = vocabulary_.candidates()[candidate].unit;
  const auto& found = reading.unit;
  if (!found || !wanted) return;
  if (reading.unit_code == vocabulary_.candidates()[candidate].unit_code) {
    evidence.unit = UnitEvidence::kSame;
    evidence.score += wanted->dimension().is_one() ? kUnitSame * 0.8f : kUnitSame;
    return;
  }
  if (vocabulary_.candidates()[candidate].dimension != reading.dimension) {
    evidence.unit = UnitEvidence::kConflict;
    evidence.score += kUnitConflict;
    return;
  }
  evidence.unit = UnitEvidence::kConvertible;
  double scale = 1;
  if (const auto convert = UnitConversion::between(found->difference(), wanted->difference()))
    scale = std::abs(std::log10(std::max(1e-12, std::abs((*convert)(1.0)))));
  // A pure number that is counted otherwise (kg/t, %) is hardly evidence.
  const float most = wanted->dimension().is_one() ? 0.3f : kUnitConvertible;
  evidence.score += std::max(most - 0.2f * static_cast<float>(scale), -0.5f);
}

void Weigher::weigh_range(const FoundPoint& point, const PointReading& reading,
                          std::uint32_t candidate, Evidence& evidence) const {
  const auto& wanted = candidates_[candidate].valid;
  if (!point.range || !wanted || is_raw_range(*point.range)) return;
  Limits found = *point.range;
  const auto& unit = vocabulary_.candidates()[candidate].unit;
  if (reading.unit && unit) {
    const auto convert = UnitConversion::between(*reading.unit, *unit);
    if (!convert) return;
    found = {(*convert)(found.low), (*convert)(found.high)};
  }
  const double both = std::min(found.high, wanted->high) - std::max(found.low, wanted->low);
  const double all = std::max(found.high, wanted->high) - std::min(found.low, wanted->low);
  if (!(all > 0) || !std::isfinite(all)) return;
  if (both < 0) {
    evidence.range = RangeEvidence::kApart;
    evidence.score += kRangeApart;
    return;
  }
  const double alike = both / all;
  const double inside = found.high > found.low ? both / (found.high - found.low) : 1;
  evidence.range = inside > 0.95 ? RangeEvidence::kWithin : RangeEvidence::kOverlaps;
  evidence.score +=
      static_cast<float>(kRangeWithin * (2 * std::sqrt(alike) - 0.6) - 0.8 * (1 - inside));
}

}  // namespace tundish::binding
