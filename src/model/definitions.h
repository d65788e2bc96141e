#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/value.h"
#include "model/words.h"

namespace tundish {

// What a template says about each asset that is made from it. Formulas are text in the language of
// docs/formats/formulas.md, checked before anything here is made.

/// Both ends belong to it.
struct Limits {
  double low = 0, high = 0;
  bool operator==(const Limits&) const = default;
};

enum class AttributeKind : std::uint8_t { kMeasured = 0, kFormula = 1, kConstant = 2 };

struct AttributeDefinition {
  std::string name;
  Words words;
  AttributeKind kind = AttributeKind::kMeasured;
  ValueType type = ValueType::kDouble;
  bool step = false;
  std::string unit;                  ///< UCUM
  std::optional<Limits> normal;      ///< what a healthy plant shows
  std::optional<Limits> valid;       ///< outside it a reading is read as Bad (out of range)
  DurationNs every = 0;              ///< of a formula: 0 = whenever an input changes
  std::string formula;               ///< of kFormula
  Value constant = 0.0;              ///< of kConstant
  std::vector<std::string> aliases;  ///< other names that equipment uses for it
  /// Of a text: what its values are called (`hot_metal_charge`: hot metal charge, 兑铁). The value itself stays.
  std::map<std::string, Words, std::less<>> values;
  bool operator==(const AttributeDefinition&) const = default;
};

/// A figure over a window of time. With `of` and `by` it is a ratio of two amounts, which are summed
/// over time and over children before they are divided; with `value` it is one formula. Both may say
/// `window` for the stretch that the figure is asked for.
struct KpiDefinition {
  std::string name;
  Words words;
  std::string unit;
  std::string of, by;  ///< formulas; empty with `value`
  std::string value;
  std::vector<std::string>
      per;                     ///< windows to offer: `shift`, `day`, `month`, or a kind of interval
  std::optional<Limits> band;  ///< what a healthy plant shows
  bool more_is_better = false;
  bool operator==(const KpiDefinition&) const = default;
};

enum class AlarmPriority : std::uint8_t { kMedium = 0, kHigh = 1, kCritical = 2 };

/// ISA-18.2: an alarm's condition and its delays.
struct AlarmDefinition {
  std::string name;
  Words words;
  std::string when;  ///< a condition
  DurationNs on_delay = 0, off_delay = 0;
  AlarmPriority priority = AlarmPriority::kMedium;
  Words advice;  ///< what an operator does about it
  bool operator==(const AlarmDefinition&) const = default;
};

/// Whether intervals of a kind are downtimes (ISO 22400-2), and of which sort one is while nobody has told its reason.
enum class Downtime : std::uint8_t { kNone = 0, kUnplanned = 1, kPlanned = 2 };

/// One thing that a downtime costs. Either `amount`, or what was lost: `rate` (or the calendar's `target`) over
/// the planned time, without what was `made` meanwhile. Formulas may say `window`: the downtime.
struct CostPart {
  std::string amount;
  std::string rate, made;
  std::string
      target;  ///< of the site's calendar, in `unit` an hour: goes before `rate` where there is one
  std::string unit;  ///< of the amount, UCUM
  std::string
      price;  ///< formula: money by unit, `{money}/t`, in the site's currency; empty: not priced
  bool is_empty() const { return amount.empty() && rate.empty(); }
  bool operator==(const CostPart&) const = default;
};
struct IntervalCost {
  CostPart output;  ///< what was not produced
  CostPart energy;  ///< what was used meanwhile all the same
  bool is_empty() const { return output.is_empty() && energy.is_empty(); }
  bool operator==(const IntervalCost&) const = default;
};

/// A kind of interval: heat, batch, trip, downtime. Either a condition that holds throughout (`during`),
/// or a value that names it (`by`: a new one begins where it changes; none while it is bad or empty),
/// or a condition that starts it and one that ends it.
struct IntervalDefinition {
  std::string name;
  Words words;
  std::string during;
  std::string by;
  std::string start, end;
  std::string within;       ///< the kind that it nests in, at this asset or above; may be empty
  DurationNs shortest = 0;  ///< what is shorter is none
  DurationNs longest = 0;   ///< 0: no limit; else it ends there
  std::vector<std::pair<std::string, std::string>> capture;  ///< name, formula; may say `window`
  Downtime downtime = Downtime::kNone;
  IntervalCost cost;  ///< of a downtime
  bool operator==(const IntervalDefinition&) const = default;
};

}  // namespace tundish
