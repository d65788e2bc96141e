#include "serve/downtimes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "formula/kernels.h"
#include "model/unit.h"
#include "serve/formula_json.h"

namespace tundish::serve {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kStretchesMax = 20'000;  // of one answer
constexpr std::size_t kProblemsMax = 100;

double seconds(DurationNs duration) { return static_cast<double>(duration) / kSecond; }

/// Money of the parts that have a price, as far as it is known.
void add_up(DowntimeCost& cost, const IntervalCost& definition) {
  cost.money = kNan;
  cost.quality = kGood;
  double sum = 0;
  std::size_t known = 0, priced = 0;
  const auto add = [&](const std::optional<formula::CostAmount>& part, const CostPart& says) {
    if (!part) return;
    cost.quality = Quality{formula::worse(cost.quality.code, part->quality.code)};
    if (says.price.empty()) return;
    ++priced;
    if (std::isnan(part->money)) return;
    ++known;
    sum += part->money;
  };
  add(cost.output, definition.output);
  add(cost.energy, definition.energy);
  if (known > 0) cost.money = sum;
  if (known > 0 && (known < priced || cost.quality.is_bad()))
    cost.quality = kUncertainDataSubNormal;
}

void write_part(wire::JsonWriter& json, std::string_view name, const formula::CostAmount& part,
                const CostPart& definition) {
  json.key(name).begin_object();
  write_number(json, "amount", part.amount);
  json.member("unit", definition.unit).member("quality", quality_name(part.quality));
  write_number(json, "percent_good", part.percent_good);
  write_number(json, "coverage", part.coverage);
  write_number(json, "price", part.price);
  write_number(json, "money", part.money);
  json.end_object();
}

/// An amount joins those of a unit that measures the same.
void add_amount(std::map<std::string, double>& sums, const std::string& unit, double amount) {
  if (std::isnan(amount)) return;
  const auto from = Unit::parse(unit);
  for (auto& [known, sum] : sums)
    if (const auto to = Unit::parse(known); from && to)
      if (const auto conversion = UnitConversion::between(*from, *to)) {
        sum += (*conversion)(amount);
        return;
      }
  sums[unit] += amount;
}

/// A stretch of a downtime that one group counts.
struct Piece {
  const Interval* interval = nullptr;
  TimeRange range;
  std::string label;  ///< of the shift that it lies in
};

class Summing {
 public:
  Summing(const Services& services, const PlantModel& model, const DowntimeCosts& costs,
          TimeRange range, DowntimesBy by)
      : services_(services), model_(model), costs_(costs), range_(range), by_(by) {}

  Status add(const Asset& asset) {
    bool has_downtimes = false;
    for (const IntervalDefinition& definition : asset.facts->intervals) {
      if (definition.downtime == Downtime::kNone) continue;
      has_downtimes = true;
      TUNDISH_RETURN_IF_ERROR(add_kind(asset, definition));
    }
    if (!has_downtimes) return {};
    TUNDISH_TRY(const auto planned,
                services_.plans.planned_time(model_.enterprise(), asset.id, range_));
    answer_.planned_time += planned;
    return {};
  }

  DowntimesAnswer take() {
    for (auto& [key, group] : groups_) answer_.groups.push_back(std::move(group));
    std::ranges::stable_sort(answer_.groups, [](const auto& a, const auto& b) {
      return a.all.duration > b.all.duration;
    });
    return std::move(answer_);
  }

 private:
  Status add_kind(const Asset& asset, const IntervalDefinition& definition) {
    const auto found = services_.intervals.intervals(model_.enterprise(), asset.id, definition.name,
                                                     range_, kStretchesMax + 1);
    std::vector<Piece> pieces;
    for (const Interval& interval : found) {
      if (interval.is_withdrawn) continue;
      const TimeRange range{std::max(interval.from, range_.from),
                            std::min(interval.to.value_or(range_.to), range_.to)};
      if (range.from >= range.to) continue;
      TUNDISH_RETURN_IF_ERROR(cut(asset, {&interval, range, {}}, pieces));
    }
    if (pieces.empty()) return {};
    stretches_ += pieces.size();
    if (stretches_ > kStretchesMax)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("that is more than {} stretches: ask for a shorter range, or for "
                              "fewer assets",
                              kStretchesMax),
                  "from");
    std::vector<TimeRange> ranges;
    for (const Piece& piece : pieces) ranges.push_back(piece.range);
    auto costs = costs_.of(asset, definition, ranges);
    if (!costs) {
      if (!is_mistake(costs.error())) return fail(told(std::move(costs.error()), asset.path));
      if (answer_.problems.size() < kProblemsMax)
        answer_.problems.push_back(
            fmt::format("{} {}: {}", asset.path, definition.name, costs.error().message));
      costs = without_amounts(asset, definition, ranges);
      if (!costs) return fail(std::move(costs.error()));
    }
    const std::string currency = currency_of(services_.enterprises, model_.enterprise(), asset);
    for (std::size_t i = 0; i < pieces.size(); ++i)
      count(asset, definition, pieces[i], (*costs)[i], currency);
    return {};
  }

  /// Durations are known, whatever became of the formulas.
  Result<std::vector<DowntimeCost>> without_amounts(const Asset& asset,
                                                    const IntervalDefinition& definition,
                                                    std::span<const TimeRange> ranges) const {
    IntervalDefinition bare;
    bare.name = definition.name;
    TUNDISH_TRY(auto costs, costs_.of(asset, bare, ranges));
    for (auto& cost : costs) cost.quality = kBadNoData;
    return costs;
  }

  /// By shifts and crews each shift has its own part of a downtime.
  Status cut(const Asset& asset, Piece whole, std::vector<Piece>& pieces) const {
    if (by_ != DowntimesBy::kShift && by_ != DowntimesBy::kCrew) {
      pieces.push_back(std::move(whole));
      return {};
    }
    const auto shifts =
        services_.windows.windows(model_.enterprise(), asset.id, "shift", whole.range);
    if (!shifts && shifts.error().code != ErrorCode::kNotFound)
      return std::unexpected(shifts.error());
    TimeNs at = whole.range.from;
    const auto put = [&](TimeNs to, std::string label) {
      if (to <= at) return;
      pieces.push_back({whole.interval, {at, to}, std::move(label)});
      at = to;
    };
    if (shifts)
      for (const Stretch& shift : *shifts) {
        put(std::min(shift.range.from, whole.range.to), "");
        put(std::min(shift.range.to, whole.range.to), shift.label);
      }
    put(whole.range.to, "");
    return {};
  }

  void count(const Asset& asset, const IntervalDefinition& definition, const Piece& piece,
             const DowntimeCost& cost, const std::string& currency) {
    const Interval& interval = *piece.interval;
    // Of one that began before the range its time counts, and it does not count as one.
    const bool begins = piece.range.from == interval.from;
    const bool planned = is_planned(interval, definition);
    const auto add = [&](DowntimeGroup& group) {
      for (DowntimeSum* sum : {&group.all, planned ? &group.planned : &group.unplanned}) {
        sum->add(cost, definition.cost, currency, begins);
        sum->is_doubtful |= interval.is_doubtful;
      }
    };
    add(group_of(asset, piece));
    add(answer_.total);
  }

  DowntimeGroup& group_of(const Asset& asset, const Piece& piece) {
    std::string key;
    switch (by_) {
      case DowntimesBy::kReason:
        if (piece.interval->reason) key = piece.interval->reason->code;
        break;
      case DowntimesBy::kAsset: key = asset.path; break;
      case DowntimesBy::kShift: key = part_of(piece.label, 1); break;
      case DowntimesBy::kCrew: key = part_of(piece.label, 2); break;
    }
    const auto [at, is_new] = groups_.try_emplace(key);
    if (is_new) describe(at->second, key, asset, piece);
    return at->second;
  }

  void describe(DowntimeGroup& group, const std::string& key, const Asset& asset,
                const Piece& piece) const {
    group.key = key;
    if (by_ == DowntimesBy::kAsset) group.words = asset.words;
    if (by_ != DowntimesBy::kReason || key.empty()) return;
    const auto causes =
        services_.plans.downtime_causes(model_.enterprise(), asset.id, piece.interval->from);
    if (!causes) return;  // the code alone
    const auto cause = std::ranges::find(*causes, key, &DowntimeCause::code);
    if (cause == causes->end()) return;
    group.words = cause->words;
    group.within = cause->within;
  }

  /// Words of `2026-03-29 night B`.
  static std::string part_of(std::string_view label, int part) {
    for (; part > 0; --part) {
      const auto blank = label.find(' ');
      if (blank == std::string_view::npos) return {};
      label.remove_prefix(blank + 1);
    }
    return std::string(label.substr(0, label.find(' ')));
  }

  const Services& services_;
  const PlantModel& model_;
  const DowntimeCosts& costs_;
  const TimeRange range_;
  const DowntimesBy by_;
  std::map<std::string, DowntimeGroup> groups_;
  DowntimesAnswer answer_;
  std::size_t stretches_ = 0;
};

}  // namespace

const IntervalDefinition* find_downtime(const Asset& asset, std::string_view kind) {
  const auto& kinds = asset.facts->intervals;
  const auto found = std::ranges::find(kinds, kind, &IntervalDefinition::name);
  return found == kinds.end() || found->downtime == Downtime::kNone ? nullptr : &*found;
}

bool is_planned(const Interval& downtime, const IntervalDefinition& definition) {
  return downtime.reason ? downtime.reason->planned : definition.downtime == Downtime::kPlanned;
}

Result<std::vector<DowntimeCost>> DowntimeCosts::of(const Asset& asset,
                                                    const IntervalDefinition& definition,
                                                    std::span<const TimeRange> ranges) const {
  std::vector<DowntimeCost> costs;
  std::vector<formula::CostWindow> windows;
  const std::string& target = definition.cost.output.target;
  for (const TimeRange& range : ranges) {
    formula::CostWindow window{.range = range, .planned = 0, .target = {}};
    TUNDISH_TRY(window.planned, services_.plans.planned_time(model_.enterprise(), asset.id, range));
    if (!target.empty()) {
      TUNDISH_TRY(window.target,
                  services_.plans.target(model_.enterprise(), asset.id, target, range.from));
    }
    costs.push_back({.range = range,
                     .planned = window.planned,
                     .output = {},
                     .energy = {},
                     .money = 0,
                     .quality = kGood});
    windows.push_back(window);
  }
  const formula::KpiInputs inputs{snapshot_, model_, services_.windows};
  if (!definition.cost.output.is_empty()) {
    TUNDISH_TRY(const auto parts,
                formula::evaluate_cost(definition.cost.output, asset, inputs, windows, budget_));
    for (std::size_t i = 0; i < parts.size(); ++i) costs[i].output = parts[i];
  }
  if (!definition.cost.energy.is_empty()) {
    TUNDISH_TRY(const auto parts,
                formula::evaluate_cost(definition.cost.energy, asset, inputs, windows, budget_));
    for (std::size_t i = 0; i < parts.size(); ++i) costs[i].energy = parts[i];
  }
  for (auto& cost : costs) add_up(cost, definition.cost);
  return costs;
}

std::string currency_of(const EnterpriseStore& enterprises, EnterpriseId enterprise,
                        const Asset& asset) {
  for (const Site& site : enterprises.sites(enterprise))
    if (site.id == asset.site && asset.site != 0) return site.currency;
  return {};
}

void write_cost(wire::JsonWriter& json, const DowntimeCost& cost, const IntervalCost& definition,
                std::string_view currency) {
  json.begin_object().member("duration_s", seconds(cost.range.to - cost.range.from));
  json.member("planned_time_s", seconds(cost.planned));
  if (cost.output) write_part(json, "output", *cost.output, definition.output);
  if (cost.energy) write_part(json, "energy", *cost.energy, definition.energy);
  write_number(json, "money", cost.money);
  json.member("currency", currency).member("quality", quality_name(cost.quality)).end_object();
}

void DowntimeSum::add(const DowntimeCost& cost, const IntervalCost& parts,
                      const std::string& currency, bool begins) {
  count += begins ? 1 : 0;
  duration += cost.range.to - cost.range.from;
  in_planned_time += cost.planned;
  if (cost.output) add_amount(output, parts.output.unit, cost.output->amount);
  if (cost.energy) add_amount(energy, parts.energy.unit, cost.energy->amount);
  if (!std::isnan(cost.money)) money[currency] += cost.money;
  is_doubtful |= !cost.quality.is_good();
}

Result<DowntimesAnswer> sum_downtimes(const Services& services, const PlantModel& model,
                                      const DowntimeCosts& costs, std::string_view top,
                                      TimeRange range, DowntimesBy by) {
  Summing summing(services, model, costs, range, by);
  const std::string below = std::string(top) + "/";
  for (const Asset& asset : model.assets())
    if (top.empty() || asset.path == top || asset.path.starts_with(below))
      TUNDISH_RETURN_IF_ERROR(summing.add(asset));
  return summing.take();
}

}  // namespace tundish::serve
