#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formula/cost.h"
#include "formula/evaluate.h"
#include "model/interval.h"
#include "model/plant_model.h"
#include "model/ports/sample_reader.h"
#include "serve/services.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

/// What one stretch of a downtime came to. Money is NaN where nothing of it is priced or known.
struct DowntimeCost {
  TimeRange range;
  DurationNs planned = 0;  ///< the time in it in which work was planned
  std::optional<formula::CostAmount> output, energy;
  double money = 0;
  Quality quality;  ///< of the money: Uncertain where a part of it is missing
};

/// The kind of that name, when `asset` has it and its intervals are downtimes; else null.
const IntervalDefinition* find_downtime(const Asset& asset, std::string_view kind);

/// Whether it counts as planned: by its reason, else by its kind.
bool is_planned(const Interval& downtime, const IntervalDefinition& definition);

/// Computes what downtimes cost, always from the samples and the model of now: over one snapshot. One thread.
class DowntimeCosts {
 public:
  /// All must outlive it.
  DowntimeCosts(const Services& services, const PlantModel& model, Snapshot& snapshot,
                const formula::Budget& budget)
      : services_(services), model_(model), snapshot_(snapshot), budget_(budget) {}

  /// One a range; they ascend and lie apart. Errors: those of formulas and of the calendar.
  Result<std::vector<DowntimeCost>> of(const Asset& asset, const IntervalDefinition& definition,
                                       std::span<const TimeRange> ranges) const;

 private:
  const Services& services_;
  const PlantModel& model_;
  Snapshot& snapshot_;
  const formula::Budget& budget_;
};

/// Currency of the asset's site, `CNY`; empty: none is set.
std::string currency_of(const EnterpriseStore& enterprises, EnterpriseId enterprise,
                        const Asset& asset);

/// A downtime's cost as an object: duration, planned time, output, energy, money.
void write_cost(wire::JsonWriter& json, const DowntimeCost& cost, const IntervalCost& definition,
                std::string_view currency);

void write_reason(wire::JsonWriter& json, const IntervalReason& reason);

enum class DowntimesBy : std::uint8_t { kReason, kAsset, kShift, kCrew };

/// Sums of downtimes; amounts by unit and money by currency, for those do not add up.
struct DowntimeSum {
  std::size_t count = 0;  ///< of those that began in the range
  DurationNs duration = 0;
  DurationNs in_planned_time = 0;
  std::map<std::string, double> output, energy, money;
  bool is_doubtful = false;  ///< a part of it is not known, or not Good

  void add(const DowntimeCost& cost, const IntervalCost& parts, const std::string& currency,
           bool begins);
};

struct DowntimeGroup {
  std::string key;  ///< reason, path, shift or crew; empty: none
  Words words = {};
  std::string within = {};  ///< of a reason: the group that it belongs to
  DowntimeSum all = {}, unplanned = {}, planned = {};
};

struct DowntimesAnswer {
  std::vector<DowntimeGroup> groups;  ///< longest first
  DowntimeGroup total;
  DurationNs planned_time = 0;        ///< of all assets that can have downtimes
  std::vector<std::string> problems;  ///< formulas that could not be computed
};

/// Every downtime at and below `top` (empty: of all assets) as far as it lies in `range`, which is over by now.
/// Errors: kTooLarge (more than 20,000 stretches), kTimeout, and those of the ports.
Result<DowntimesAnswer> sum_downtimes(const Services& services, const PlantModel& model,
                                      const DowntimeCosts& costs, std::string_view top,
                                      TimeRange range, DowntimesBy by);

}  // namespace tundish::serve
