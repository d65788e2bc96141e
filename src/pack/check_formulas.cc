// 1. Each formula is checked from its template alone, where relations ({../x}, children) are not known.
// 2. Then from each asset of the plant, where they are.
// 3. What could be checked from nowhere is a warning.

#include <fmt/format.h>

#include <functional>
#include <optional>

#include "formula/functions.h"
#include "model/unit.h"
#include "pack/checks.h"

namespace tundish::pack {
namespace {

using formula::Kind;
using formula::Type;

constexpr std::size_t kChecksMax = 200'000;

/// What is wrong with the type of a result; nothing when it is right.
using Wanted = std::function<std::optional<std::string>(const Type&)>;

std::optional<std::string> want_condition(const Type& type) {
  if (type.kind == Kind::kBool) return std::nullopt;
  return fmt::format("a condition is wanted here, and this is {}", type.text());
}

std::optional<std::string> want_name(const Type& type) {
  if (type.kind == Kind::kText || type.kind == Kind::kNumber) return std::nullopt;
  return fmt::format("a text or a number is wanted here, and this is {}", type.text());
}

std::optional<std::string> want_anything(const Type&) { return std::nullopt; }

/// An amount: it may be summed over time and over children.
std::optional<std::string> want_amount(const Type& type) {
  if (type.kind != Kind::kNumber)
    return fmt::format("an amount is wanted here, and this is {}", type.text());
  if (type.unit.is_point())
    return fmt::format(
        "an amount is wanted here, and {} is a place on a scale, of which a sum says "
        "nothing",
        type.unit.code());
  return std::nullopt;
}

Wanted want_unit(const std::string& code) {
  return [code](const Type& type) -> std::optional<std::string> {
    if (type.kind != Kind::kNumber)
      return fmt::format("a number in {} is wanted here, and this is {}", code, type.text());
    const auto unit = Unit::parse(code);
    if (!unit) return std::nullopt;  // told where it is written
    const auto fits = formula::check_unit(type, false, *unit);
    if (fits) return std::nullopt;
    return fmt::format("this gives {}, and the unit is {}: {}", type.text(), code,
                       fits.error().message);
  };
}

/// `{money}/t`: what a price by `unit` is measured in.
std::string price_unit(const Unit& unit) {
  const auto money = Unit::parse("{money}");
  const auto price = money ? money->per(unit) : money;
  return price ? price->code() : "{money}";
}

class FormulaChecks {
 public:
  FormulaChecks(const Checking& checking, AttributeTypes& types)
      : checking_(checking), types_(types) {}

  void run() {
    for (const auto& [_, facts] : checking_.index.templates()) check_all({&facts, ""});
    for (const auto& asset : checking_.pack.plant)
      if (const auto* facts = checking_.index.template_of(asset)) check_all({facts, asset.path});
    tell_unchecked();
  }

 private:
  struct State {
    bool told = false, checked = false, unavailable = false;
  };

  void check_all(const Standpoint& at) {
    check_attributes(at);
    for (const auto& kpi : at.facts->kpis) check_kpi(at, kpi);
    for (const auto& alarm : at.facts->alarms)
      check(at, "alarm/" + alarm.name + "/when", alarm.when, false, want_condition);
    for (const auto& interval : at.facts->intervals) check_interval(at, interval);
  }

  /// The template of the lineage that says the attribute, whose text has the mistake.
  std::string key_of(const ResolvedTemplate& facts, const std::string& attribute) const {
    for (const auto& name : facts.lineage)
      for (const auto& one : checking_.pack.templates)
        if (one.name == name)
          for (const auto& own : one.attributes)
            if (own.name == attribute)
              return fmt::format("template/{}/attribute/{}/formula", name, attribute);
    return "template/" + facts.name;
  }

  void check_attributes(const Standpoint& at) {
    for (const auto& attribute : at.facts->attributes) {
      if (attribute.kind != AttributeKind::kFormula || !may_go_on()) continue;
      (void)types_.type_of(at, attribute);
      states_[key_of(*at.facts, attribute.name)].checked = true;
    }
    for (const auto& mistake : types_.take_mistakes()) {
      const auto* facts = checking_.index.find_template(mistake.template_name);
      tell(mistake.at, key_of(*facts, mistake.attribute), mistake.error);
    }
  }

  void check_kpi(const Standpoint& at, const KpiDefinition& kpi) {
    const std::string key = "kpi/" + kpi.name;
    if (!kpi.value.empty()) {
      check(at, key + "/value", kpi.value, true, want_unit(kpi.unit));
      return;
    }
    const auto of = check(at, key + "/of", kpi.of, true, want_amount);
    const auto by = check(at, key + "/by", kpi.by, true, want_amount);
    if (!of || !by) return;
    const auto unit = of->unit.per(by->unit);
    const auto wrong = unit ? want_unit(kpi.unit)(Type{.unit = *unit}) : unit.error().message;
    if (wrong) tell(at, key + "/unit", Error{ErrorCode::kInvalidArgument, *wrong});
  }

  void check_interval(const Standpoint& at, const IntervalDefinition& interval) {
    const std::string key = "interval/" + interval.name;
    check(at, key + "/during", interval.during, false, want_condition);
    check(at, key + "/start", interval.start, false, want_condition);
    check(at, key + "/end", interval.end, false, want_condition);
    check(at, key + "/by", interval.by, false, want_name);
    for (const auto& [name, text] : interval.capture)
      check(at, key + "/capture/" + name, text, true, want_anything);
    check_cost(at, key + "/cost/output", interval.cost.output, "lost");
    check_cost(at, key + "/cost/energy", interval.cost.energy, "used");
  }

  /// Amounts are in the part's unit, a rate is that by time, and a price is money by it.
  void check_cost(const Standpoint& at, const std::string& key, const CostPart& part,
                  const char* amount) {
    const auto unit = Unit::parse(part.unit);
    const auto second = Unit::parse("s");
    if (part.is_empty() || !unit || !second) return;
    check(at, key + "/" + amount, part.amount, true, want_unit(part.unit));
    check(at, key + "/made", part.made, true, want_unit(part.unit));
    if (const auto rate = unit->per(*second))
      check(at, key + "/rate", part.rate, true, want_unit(rate->code()));
    else if (!part.rate.empty())
      tell(at, key + "/unit", rate.error());
    check(at, key + "/price", part.price, true,
          [&](const Type& type) -> std::optional<std::string> {
            if (type.kind != Kind::kNumber)
              return fmt::format("a price is wanted here, and this is {}", type.text());
            const auto money = unit->times(type.unit);
            if (money && money->dimension().is_one()) return std::nullopt;
            return fmt::format(
                "this gives {}, and a price of {} is money by it, {}; the currency is the site's",
                type.text(), part.unit, price_unit(*unit));
          });
  }

  /// The type, when it is right. An empty formula is one that is not there.
  std::optional<Type> check(const Standpoint& at, const std::string& key, const std::string& text,
                            bool in_window, const Wanted& wanted) {
    if (text.empty() || !may_go_on()) return std::nullopt;
    const auto checked = types_.check(at, text, in_window);
    // Types of attributes that were asked for on the way.
    for (const auto& mistake : types_.take_mistakes())
      tell(mistake.at,
           key_of(*checking_.index.find_template(mistake.template_name), mistake.attribute),
           mistake.error);
    if (!checked) {
      tell(at, key, checked.error());
      return std::nullopt;
    }
    states_[key].checked = true;
    if (const auto wrong = wanted(checked->result())) {
      tell(at, key, Error{ErrorCode::kInvalidArgument, *wrong});
      return std::nullopt;
    }
    return checked->result();
  }

  bool may_go_on() {
    if (++checks_ == kChecksMax + 1)
      checking_.tell("assets",
                     fmt::format("more than {} formulas over all assets of the plant", kChecksMax));
    return checks_ <= kChecksMax;
  }

  /// Each formula's first mistake: at the other assets it is the same one again.
  void tell(const Standpoint& at, const std::string& key, const Error& error) {
    State& state = states_[key];
    if (error.code == ErrorCode::kUnavailable) {
      state.unavailable = true;
      return;
    }
    if (error.code == ErrorCode::kConflict || std::exchange(state.told, true)) return;
    const std::string message =
        at.asset.empty() ? error.message : fmt::format("{} (at {})", error.message, at.asset);
    checking_.tell(key, message, error.offset.value_or(0));
  }

  void tell_unchecked() {
    for (const auto& [key, state] : states_)
      if (state.unavailable && !state.told && !checked_at_an_asset(key))
        checking_.tell(key,
                       "this reads other assets, and plant.yaml has none from which it could be "
                       "checked",
                       0, true);
  }

  /// An attribute's state is `checked` from its template as well; only assets know its relations.
  bool checked_at_an_asset(const std::string& key) const {
    if (!key.starts_with("template/")) return states_.at(key).checked;
    for (const auto& asset : checking_.pack.plant) {
      const auto* facts = checking_.index.template_of(asset);
      if (facts == nullptr) continue;
      for (const auto& attribute : facts->attributes)
        if (attribute.kind == AttributeKind::kFormula && key_of(*facts, attribute.name) == key)
          return true;
    }
    return false;
  }

  const Checking& checking_;
  AttributeTypes& types_;
  std::map<std::string, State> states_;
  std::size_t checks_ = 0;
};

}  // namespace

void check_formulas(const Checking& checking, AttributeTypes& types) {
  FormulaChecks(checking, types).run();
}

}  // namespace tundish::pack
