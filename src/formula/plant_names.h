#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formula/check.h"
#include "model/plant_model.h"

namespace tundish::formula {

/// Windows that every asset has, by the calendar of its site. Sorted.
inline constexpr std::array<std::string_view, 6> kCalendarWindows{"day",   "hour", "month",
                                                                  "shift", "week", "year"};
/// The stretch that a KPI or an interval's captured value is asked for.
inline constexpr std::string_view kOwnWindow = "window";
/// The assets directly below.
inline constexpr std::string_view kChildren = "children";

/// Words of the language and names of windows: no attribute and no kind of interval is called so.
bool is_reserved_name(std::string_view name);

/// A kind of interval and the asset whose template has it.
struct IntervalKind {
  const Asset* owner = nullptr;
  const IntervalDefinition* definition = nullptr;
  explicit operator bool() const { return definition != nullptr; }
};
/// The kind of interval that `name` is for `asset`: of its own template, else of the nearest asset above.
IntervalKind find_interval(const PlantModel& model, const Asset& asset, std::string_view name);

/// What stands in a formula: of an attribute, an alarm or an interval, which are told all along; or of a KPI
/// or captured value, which are asked for a stretch of time and may say `window`.
enum class Use : std::uint8_t { kAlways, kPerWindow };

/// What the names in a formula of one asset stand for: its attributes, attributes that a reference leads
/// to, windows, and `children`. Both must outlive it. Any thread.
class PlantNames final : public Names {
 public:
  PlantNames(const PlantModel& model, const Asset& asset, Use use = Use::kAlways)
      : model_(model), asset_(asset), use_(use) {}

  /// Errors: kNotFound with the nearest name; kUnavailable when the asset that a reference leads to is not
  /// there, which it may be one day.
  Result<Type> find(std::string_view name) const override;
  /// An attribute of `children`. Those that lack it do not count; the unit is that of the first that
  /// has it, in path order, to which whoever reads them converts the others. Errors: kUnavailable when no
  /// child has it yet; kNotFound when one has a name that is nearly the same; kInvalidArgument when they
  /// do not measure the same.
  Result<Type> find_member(std::string_view set, std::string_view attribute) const override;

 private:
  Error missing_here(std::string_view name) const;
  Error missing_there(std::string_view reference) const;

  const PlantModel& model_;
  const Asset& asset_;
  Use use_;
};

/// What an attribute's value is in a formula. Errors: kInvalidArgument for a unit that is none.
Result<Type> type_of(const AttributeDefinition& attribute);

/// The attributes that `children.attribute` stands for, in path order.
struct Member {
  const Asset* asset = nullptr;
  const Attribute* attribute = nullptr;
};
std::vector<Member> members(const PlantModel& model, const Asset& asset,
                            std::string_view attribute);

}  // namespace tundish::formula
