#include "asset/model_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/nearest_word.h"
#include "formula/check.h"
#include "formula/dependencies.h"
#include "formula/functions.h"
#include "formula/plant_names.h"

namespace tundish::asset {
namespace {

using formula::Kind;
using formula::PlantNames;
using formula::Type;
using formula::Use;

constexpr std::size_t kWarningsMax = 1000;

std::string_view kind_text(Kind kind) {
  switch (kind) {
    case Kind::kNumber: return "a number";
    case Kind::kBool: return "a condition";
    case Kind::kText: return "a text";
    case Kind::kWindow:
    case Kind::kAssets: break;
  }
  return "no value";
}

/// What stands at an asset, for messages: `attribute power`.
struct Item {
  const Asset& asset;
  std::string text;
};

class ModelChecker {
 public:
  ModelChecker(const PlantModel& model, std::vector<std::string>& warnings)
      : model_(model), warnings_(warnings) {}

  Status check() {
    for (const Asset& asset : model_.assets()) TUNDISH_RETURN_IF_ERROR(check_asset(asset));
    if (auto order = formula::order_of(model_); !order) return fail(std::move(order.error()));
    return {};
  }

 private:
  Status check_asset(const Asset& asset) {
    for (const Attribute& attribute : asset.attributes)
      TUNDISH_RETURN_IF_ERROR(check_attribute(asset, attribute.definition));
    for (const auto& kpi : asset.facts->kpis) TUNDISH_RETURN_IF_ERROR(check_kpi(asset, kpi));
    for (const auto& alarm : asset.facts->alarms)
      TUNDISH_RETURN_IF_ERROR(check_condition({asset, "alarm " + alarm.name}, alarm.when));
    for (const auto& interval : asset.facts->intervals)
      TUNDISH_RETURN_IF_ERROR(check_interval(asset, interval));
    return {};
  }

  static std::unexpected<Error> bad(const Item& item, std::string message,
                                    ErrorCode code = ErrorCode::kInvalidArgument) {
    return fail(code, fmt::format("{} {}: {}", item.asset.path, item.text, message),
                fmt::format("{} {}", item.asset.path, item.text));
  }

  /// The type of a formula; nothing when it waits. Errors: as check_model.
  Result<std::optional<Type>> type_of(const Item& item, const std::string& text, Use use) {
    auto [at, is_new] = syntaxes_.try_emplace(text);
    if (is_new)
      at->second = std::make_unique<Result<formula::Syntax>>(formula::parse_formula(text));
    const auto& syntax = *at->second;
    auto checked = syntax ? check_formula(*syntax, PlantNames(model_, item.asset, use))
                          : Result<formula::Checked>(std::unexpected(syntax.error()));
    if (checked) return std::optional(checked->result());
    const Error& error = checked.error();
    const auto place = formula::place_of(text, error.offset.value_or(0));
    std::string message =
        fmt::format("line {}, column {}: {}", place.line, place.column, error.message);
    if (error.code != ErrorCode::kUnavailable) return bad(item, std::move(message), error.code);
    if (warnings_.size() < kWarningsMax)
      warnings_.push_back(fmt::format("{} {}: {}", item.asset.path, item.text, message));
    return std::optional<Type>();
  }

  /// That a result is in `unit`, or in one that converts to it.
  Status check_result_unit(const Item& item, const Type& type, const std::string& unit_text) {
    const auto unit = Unit::parse(unit_text);
    if (!unit) return bad(item, unit.error().message);
    if (type.kind != Kind::kNumber)
      return unit->is_one() ? Status() : Status(bad(item, "this is no number, and it has a unit"));
    if (const auto fits = formula::check_unit(type, false, *unit); !fits)
      return bad(item, fmt::format("the formula gives {}, and the unit is {}", type.text(),
                                   unit->is_one() ? "1" : unit->code()));
    return {};
  }

  Status check_attribute(const Asset& asset, const AttributeDefinition& definition) {
    const Item item{asset, "attribute " + definition.name};
    if (formula::is_reserved_name(definition.name))
      return bad(item,
                 fmt::format("'{}' is a word of formulas; take another name", definition.name));
    if (const auto& normal = definition.normal; normal && definition.valid) {
      const Limits& valid = *definition.valid;
      if (normal->low < valid.low || normal->high > valid.high)
        return bad(item,
                   fmt::format("what is normal, {} to {}, lies within what is valid, {} to {}",
                               normal->low, normal->high, valid.low, valid.high));
    }
    if (definition.kind != AttributeKind::kFormula) return {};
    TUNDISH_TRY(const auto type, type_of(item, definition.formula, Use::kAlways));
    if (!type) return {};
    const Kind wanted = definition.type == ValueType::kBool     ? Kind::kBool
                        : definition.type == ValueType::kString ? Kind::kText
                                                                : Kind::kNumber;
    if (type->kind != wanted)
      return bad(item, fmt::format("the formula gives {}, and the attribute is {} (type {})",
                                   kind_text(type->kind), kind_text(wanted),
                                   value_type_name(definition.type)));
    return check_result_unit(item, *type, definition.unit);
  }

  Status check_kpi(const Asset& asset, const KpiDefinition& kpi) {
    const Item item{asset, "kpi " + kpi.name};
    if (!kpi.value.empty()) {
      TUNDISH_TRY(const auto type, type_of(item, kpi.value, Use::kPerWindow));
      if (type) TUNDISH_RETURN_IF_ERROR(check_result_unit(item, *type, kpi.unit));
    } else {
      TUNDISH_TRY(const auto of, type_of(item, kpi.of, Use::kPerWindow));
      TUNDISH_TRY(const auto by, type_of(item, kpi.by, Use::kPerWindow));
      if (of && by) {
        if (of->kind != Kind::kNumber || by->kind != Kind::kNumber)
          return bad(item, "a ratio is of two numbers");
        auto unit = of->unit.per(by->unit);
        if (!unit) return bad(item, unit.error().message);
        TUNDISH_RETURN_IF_ERROR(check_result_unit(item, Type{.unit = *unit}, kpi.unit));
      }
    }
    for (const auto& window : kpi.per) {
      const bool known =
          std::ranges::find(formula::kCalendarWindows, window) != formula::kCalendarWindows.end() ||
          formula::find_interval(model_, asset, window);
      if (known) continue;
      if (const auto meant = window_meant(window); !meant.empty())
        return bad(item, fmt::format("there is no window '{}'; did you mean '{}'?", window, meant));
      if (warnings_.size() < kWarningsMax)
        warnings_.push_back(
            fmt::format("{} {}: there is no window '{}' here", asset.path, item.text, window));
    }
    return {};
  }

  /// The window or kind of interval of this model that is called nearly so; empty: a kind that may come later.
  std::string window_meant(std::string_view window) {
    constexpr std::size_t kMisspelt = 2;
    if (window_names_.empty()) {
      std::set<std::string> names(formula::kCalendarWindows.begin(),
                                  formula::kCalendarWindows.end());
      for (const Asset& asset : model_.assets())
        for (const auto& interval : asset.facts->intervals) names.insert(interval.name);
      window_names_.assign(names.begin(), names.end());
    }
    std::string nearest = nearest_word(window, window_names_);
    // It is there, at another asset: no spelling helps.
    if (nearest == window || edit_distance(window, nearest) > kMisspelt) return {};
    return nearest;
  }

  Status check_condition(const Item& item, const std::string& text) {
    if (text.empty()) return {};
    TUNDISH_TRY(const auto type, type_of(item, text, Use::kAlways));
    if (!type || type->kind == Kind::kBool) return {};
    return bad(item, fmt::format("a condition is wanted, and this is {}", kind_text(type->kind)));
  }

  Status check_interval(const Asset& asset, const IntervalDefinition& interval) {
    const Item item{asset, "interval " + interval.name};
    if (formula::is_reserved_name(interval.name) || asset.find(interval.name) != nullptr)
      return bad(item, fmt::format("'{}' is a word of formulas or an attribute; take another name",
                                   interval.name));
    for (const std::string* text : {&interval.during, &interval.start, &interval.end})
      TUNDISH_RETURN_IF_ERROR(check_condition(item, *text));
    if (!interval.by.empty()) TUNDISH_RETURN_IF_ERROR(type_of(item, interval.by, Use::kAlways));
    for (const auto& [name, text] : interval.capture)
      TUNDISH_RETURN_IF_ERROR(
          type_of({asset, fmt::format("{} capture {}", item.text, name)}, text, Use::kPerWindow));
    TUNDISH_RETURN_IF_ERROR(check_cost(asset, interval.name, "lost output", interval.cost.output));
    TUNDISH_RETURN_IF_ERROR(check_cost(asset, interval.name, "energy", interval.cost.energy));
    if (!interval.within.empty() && !formula::find_interval(model_, asset, interval.within) &&
        warnings_.size() < kWarningsMax)
      warnings_.push_back(fmt::format("{} {}: there is no interval '{}' at it or above", asset.path,
                                      item.text, interval.within));
    return {};
  }

  Status check_cost(const Asset& asset, const std::string& interval, const char* what,
                    const CostPart& part) {
    if (part.is_empty()) return {};
    const Item item{asset, fmt::format("interval {} {}", interval, what)};
    const auto unit = Unit::parse(part.unit);
    if (!unit) return bad(item, unit.error().message);
    TUNDISH_TRY(const auto second, Unit::parse("s"));
    const auto rate = unit->per(second);
    if (!rate) return bad(item, rate.error().message);
    for (const auto& [text, wanted] : {std::pair{&part.amount, unit->code()},
                                       {&part.made, unit->code()},
                                       {&part.rate, rate->code()}}) {
      if (text->empty()) continue;
      TUNDISH_TRY(const auto type, type_of(item, *text, Use::kPerWindow));
      if (type && type->kind != Kind::kNumber)
        return bad(item, fmt::format("a number is wanted, and this is {}", kind_text(type->kind)));
      if (type) TUNDISH_RETURN_IF_ERROR(check_result_unit(item, *type, wanted));
    }
    if (part.price.empty()) return {};
    TUNDISH_TRY(const auto type, type_of(item, part.price, Use::kPerWindow));
    if (!type) return {};
    const auto money = unit->times(type->unit);
    if (type->kind != Kind::kNumber || !money || !money->dimension().is_one())
      return bad(item, fmt::format("a price of {} is money by it, as {{money}}/({}); this is {}",
                                   part.unit, part.unit, type->text()));
    return {};
  }

  const PlantModel& model_;
  std::vector<std::string>& warnings_;
  std::vector<std::string> window_names_;  ///< ascending; filled when one is asked for
  std::unordered_map<std::string, std::unique_ptr<Result<formula::Syntax>>> syntaxes_;
};

/// Where a template is checked: deep enough that no reference leads out.
constexpr std::string_view kNowhere = "-/-/-/-/-/-/-/-/-/-/-/-/-/-/-/-/";

void strip(std::string& text, std::string_view what) {
  for (std::size_t at = 0; (at = text.find(what)) != std::string::npos;)
    text.erase(at, what.size());
}

}  // namespace

Status check_model(const PlantModel& model, std::vector<std::string>& warnings) {
  return ModelChecker(model, warnings).check();
}

Status check_template(EnterpriseId enterprise, const std::string& name,
                      std::shared_ptr<const TemplateFacts> facts,
                      const std::vector<AttributeDefinition>& attributes) {
  Asset asset{.id = AssetId(1),
              .parent = {},
              .path = fmt::format("{}template {}", kNowhere, name),
              .words = {},
              .facts = std::move(facts),
              .attributes = {}};
  for (const auto& definition : attributes)
    asset.attributes.push_back({.definition = definition, .tag = {}, .formula_version = 0});
  std::vector<Asset> assets;
  assets.push_back(std::move(asset));
  std::vector<std::string> ignored;
  auto checked = check_model(PlantModel(enterprise, 0, std::move(assets)), ignored);
  if (!checked) {
    strip(checked.error().message, kNowhere);
    strip(checked.error().where, kNowhere);
  }
  return checked;
}

}  // namespace tundish::asset
