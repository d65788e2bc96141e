// One object a definition; its members are read by name and of the right kind, and what is wrong is told with
// the path of the member. A `Scope` is an object together with the path that leads to it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <utility>

#include "base/nearest_word.h"
#include "model/text.h"
#include "model/unit.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::wire {
namespace {

constexpr std::size_t kWordBytesMax = 1000;
constexpr std::size_t kUnitBytesMax = 64;
constexpr std::size_t kTagBytesMax = 1024;
constexpr std::size_t kAliasesMax = 50;
constexpr std::size_t kWindowsMax = 20;
constexpr std::size_t kCapturesMax = 100;
constexpr DurationNs kDurationMax = 400 * kDay;

class Scope {
 public:
  Scope(const JsonValue& json, std::string path) : json_(json), path_(std::move(path)) {}

  std::string at(std::string_view member) const {
    return path_.empty() ? std::string(member) : fmt::format("{}.{}", path_, member);
  }
  const std::string& path() const { return path_; }
  std::unexpected<Error> bad(std::string_view member, std::string message) const {
    return fail(ErrorCode::kInvalidArgument, std::move(message), at(member));
  }
  const JsonValue* find(std::string_view member) const {
    const JsonValue* found = json_.find(member);
    return found == nullptr || found->is_null() ? nullptr : found;
  }

  Status check(std::initializer_list<std::string_view> known) const {
    if (json_.object() == nullptr)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("an object is expected here, not {}", json_.kind()), path_);
    for (const auto& [name, value] : *json_.object()) {
      if (std::ranges::find(known, name) != known.end()) continue;
      const std::vector<std::string> words(known.begin(), known.end());
      return bad(name.substr(0, 64), fmt::format("'{}' is not known here; did you mean '{}'?",
                                                 name.substr(0, 64), nearest_word(name, words)));
    }
    return {};
  }

  template <class T>
  Result<std::optional<T>> optional(std::string_view member) const {
    auto value = optional_member<T>(json_, member);
    if (!value) return bad(member, std::move(value.error().message));
    return value;
  }
  /// A text of at most `bytes_max`; absent is empty.
  Result<std::string> text(std::string_view member, std::size_t bytes_max) const {
    TUNDISH_TRY(auto value, optional<std::string>(member));
    if (value) TUNDISH_RETURN_IF_ERROR(check_text(*value, 0, bytes_max, at(member)));
    return value.value_or(std::string());
  }
  /// Formulas may go over several lines.
  Result<std::string> formula(std::string_view member) const {
    TUNDISH_TRY(auto value, optional<std::string>(member));
    if (value && value->size() > kFormulaBytesMax)
      return bad(member, fmt::format("a formula has at most {} bytes", kFormulaBytesMax));
    return value.value_or(std::string());
  }
  Result<std::string> name(std::string_view member) const {
    TUNDISH_TRY(auto value, text(member, kWordBytesMax));
    if (!value.empty()) TUNDISH_RETURN_IF_ERROR(check_definition_name(value, at(member)));
    return value;
  }
  Result<std::optional<std::string>> unit(std::string_view member) const {
    TUNDISH_TRY(auto value, optional<std::string>(member));
    if (!value) return value;
    TUNDISH_RETURN_IF_ERROR(check_text(*value, 0, kUnitBytesMax, at(member)));
    if (const auto unit = Unit::parse(*value); !unit) return bad(member, unit.error().message);
    return value;
  }
  Result<std::optional<DurationNs>> duration(std::string_view member) const {
    TUNDISH_TRY(const auto value, optional<std::string>(member));
    if (!value) return std::optional<DurationNs>();
    const auto duration = parse_duration(*value);
    if (!duration) return bad(member, duration.error().message);
    if (*duration > kDurationMax) return bad(member, "a time here is at most 400 d");
    return std::optional(*duration);
  }
  Result<std::optional<Limits>> limits(std::string_view member) const {
    TUNDISH_TRY(const auto pair, optional<JsonValue::Array>(member));
    if (!pair) return std::optional<Limits>();
    const auto low = pair->size() == 2 ? (*pair)[0].number() : std::nullopt;
    const auto high = pair->size() == 2 ? (*pair)[1].number() : std::nullopt;
    if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high) || *low > *high)
      return bad(member, "two numbers are expected, the lower one first: [low, high]");
    return std::optional(Limits{*low, *high});
  }
  /// As limits, but one side may be null: there is none on it, and it becomes infinite.
  Result<std::optional<Limits>> open_limits(std::string_view member) const {
    const JsonValue* const found = find(member);
    const auto* const pair = found == nullptr ? nullptr : found->array();
    const bool is_open =
        pair != nullptr && pair->size() == 2 && (*pair)[0].is_null() != (*pair)[1].is_null();
    if (!is_open) return limits(member);
    const bool has_low = (*pair)[1].is_null();
    const auto end = (*pair)[has_low ? 0 : 1].number();
    if (!end || !std::isfinite(*end))
      return bad(member, "two numbers are expected, or one and null for no limit: [0, null]");
    constexpr double kNone = std::numeric_limits<double>::infinity();
    return std::optional(has_low ? Limits{*end, kNone} : Limits{-kNone, *end});
  }
  Result<Words> words(std::string_view member) const {
    const JsonValue* const found = find(member);
    if (found == nullptr) return Words();
    auto value = read_words(*found);
    if (!value) {
      value.error().where =
          value.error().where.empty() ? at(member) : at(member) + "." + value.error().where;
      return fail(std::move(value.error()));
    }
    return value;
  }
  Result<std::optional<ValueType>> type(std::string_view member) const {
    TUNDISH_TRY(const auto value, optional<std::string>(member));
    if (!value) return std::optional<ValueType>();
    if (const auto type = parse_value_type(*value)) return type;
    return bad(member, "a type is double, int64, bool or string");
  }
  Result<std::optional<Value>> value(std::string_view member) const {
    const JsonValue* const found = find(member);
    if (found == nullptr) return std::optional<Value>();
    if (const auto* flag = found->boolean()) return std::optional<Value>(*flag);
    if (const auto* whole = found->integer()) return std::optional<Value>(*whole);
    if (const auto number = found->number()) return std::optional<Value>(*number);
    const auto* const string = found->string();
    if (string == nullptr || string->size() > kStringBytesMax)
      return bad(member, "a number, true or false, or a text of at most 4 KiB is expected");
    return std::optional<Value>(*string);
  }
  Result<std::vector<std::string>> texts(std::string_view member, std::size_t most) const {
    TUNDISH_TRY(const auto array, optional<JsonValue::Array>(member));
    std::vector<std::string> all;
    if (!array) return all;
    if (array->size() > most) return bad(member, fmt::format("at most {} are taken here", most));
    for (const JsonValue& one : *array) {
      if (one.string() == nullptr) return bad(member, "a list of texts is expected");
      TUNDISH_RETURN_IF_ERROR(check_text(*one.string(), 1, kWordBytesMax, at(member)));
      all.push_back(*one.string());
    }
    return all;
  }

  /// Reads each member of an object of definitions, its name checked; each comes in with its scope.
  template <class T>
  Result<std::vector<T>> each(std::string_view member, std::size_t most,
                              Result<T> (*read)(const Scope&)) const {
    std::vector<T> all;
    const JsonValue* const found = find(member);
    if (found == nullptr) return all;
    if (found->object() == nullptr) return bad(member, "an object of `name: {...}` is expected");
    if (found->object()->size() > most)
      return fail(ErrorCode::kTooLarge, fmt::format("at most {} are taken here", most), at(member));
    for (const auto& [name, value] : *found->object()) {
      const Scope scope(value, fmt::format("{}.{}", at(member), name.substr(0, 64)));
      TUNDISH_RETURN_IF_ERROR(check_definition_name(name, scope.path()));
      TUNDISH_TRY(T one, read(scope));
      one.name = name;
      all.push_back(std::move(one));
    }
    return all;
  }

 private:
  const JsonValue& json_;
  std::string path_;
};

/// The value of a constant as its type says.
Status fit_constant(AttributeDefinition& attribute, const Scope& scope,
                    std::optional<ValueType> type) {
  if (!type) {
    // A whole number is a number like any other.
    type = type_of(attribute.constant);
    if (*type == ValueType::kInt64) type = ValueType::kDouble;
  }
  attribute.type = *type;
  auto fitting = convert_exact(attribute.constant, *type);
  if (!fitting) return scope.bad("constant", fitting.error().message);
  attribute.constant = *std::move(fitting);
  return {};
}

/// `values: {VALUE: words}` of a text.
Status read_values(const Scope& scope, AttributeDefinition& attribute) {
  constexpr std::size_t kValuesMax = 200;
  const JsonValue* const json = scope.find("values");
  if (json == nullptr) return {};
  if (attribute.type != ValueType::kString)
    return scope.bad("values", "only values that are texts have words");
  if (json->object() == nullptr || json->object()->size() > kValuesMax)
    return scope.bad("values", fmt::format("words of at most {} values are an object, VALUE: words",
                                           kValuesMax));
  const Scope values(*json, scope.at("values"));
  for (const auto& [value, ignored] : *json->object()) {
    TUNDISH_RETURN_IF_ERROR(check_text(value, 1, kWordBytesMax, scope.at("values")));
    TUNDISH_TRY(attribute.values[value], values.words(value));
  }
  return {};
}

Result<AttributeDefinition> read_attribute(const Scope& scope) {
  TUNDISH_RETURN_IF_ERROR(scope.check({"words", "measured", "formula", "constant", "type", "step",
                                       "unit", "normal", "valid", "every", "aliases", "values"}));
  AttributeDefinition attribute;
  const int kinds = (scope.find("measured") != nullptr ? 1 : 0) +
                    (scope.find("formula") != nullptr ? 1 : 0) +
                    (scope.find("constant") != nullptr ? 1 : 0);
  if (kinds != 1)
    return fail(ErrorCode::kInvalidArgument,
                "an attribute has one of `measured`, `formula` and `constant`", scope.path());
  TUNDISH_TRY(attribute.words, scope.words("words"));
  TUNDISH_TRY(const auto measured, scope.type("measured"));
  TUNDISH_TRY(const auto type, scope.type("type"));
  TUNDISH_TRY(attribute.formula, scope.formula("formula"));
  TUNDISH_TRY(auto constant, scope.value("constant"));
  if (measured) {
    if (type) return scope.bad("type", "the type of what is measured stands at `measured`");
    attribute.type = *measured;
  } else if (constant) {
    attribute.kind = AttributeKind::kConstant;
    attribute.constant = *std::move(constant);
    TUNDISH_RETURN_IF_ERROR(fit_constant(attribute, scope, type));
  } else {
    if (attribute.formula.empty()) return scope.bad("formula", "the formula is empty");
    attribute.kind = AttributeKind::kFormula;
    attribute.type = type.value_or(ValueType::kDouble);
  }
  TUNDISH_TRY(const auto step, scope.optional<bool>("step"));
  attribute.step = step.value_or(attribute.type != ValueType::kDouble);
  TUNDISH_TRY(const auto unit, scope.unit("unit"));
  attribute.unit = unit.value_or("");
  TUNDISH_TRY(attribute.normal, scope.limits("normal"));
  TUNDISH_TRY(attribute.valid, scope.open_limits("valid"));
  TUNDISH_TRY(const auto every, scope.duration("every"));
  attribute.every = every.value_or(0);
  TUNDISH_TRY(attribute.aliases, scope.texts("aliases", kAliasesMax));
  TUNDISH_RETURN_IF_ERROR(read_values(scope, attribute));
  return attribute;
}

Result<KpiDefinition> read_kpi(const Scope& scope) {
  TUNDISH_RETURN_IF_ERROR(
      scope.check({"words", "unit", "value", "ratio", "per", "band", "better"}));
  KpiDefinition kpi;
  TUNDISH_TRY(kpi.words, scope.words("words"));
  TUNDISH_TRY(const auto unit, scope.unit("unit"));
  kpi.unit = unit.value_or("");
  TUNDISH_TRY(kpi.value, scope.formula("value"));
  if (const JsonValue* ratio = scope.find("ratio")) {
    const Scope parts(*ratio, scope.at("ratio"));
    TUNDISH_RETURN_IF_ERROR(parts.check({"of", "by"}));
    TUNDISH_TRY(kpi.of, parts.formula("of"));
    TUNDISH_TRY(kpi.by, parts.formula("by"));
  }
  const bool is_ratio = !kpi.of.empty() && !kpi.by.empty();
  if (is_ratio == !kpi.value.empty() || kpi.of.empty() != kpi.by.empty())
    return fail(ErrorCode::kInvalidArgument,
                "a KPI has `ratio: {of, by}` or `value`, one of the two", scope.path());
  TUNDISH_TRY(kpi.per, scope.texts("per", kWindowsMax));
  TUNDISH_TRY(kpi.band, scope.limits("band"));
  TUNDISH_TRY(const auto better, scope.text("better", kWordBytesMax));
  if (!better.empty() && better != "more" && better != "less")
    return scope.bad("better", "better is more or less");
  kpi.more_is_better = better == "more";
  return kpi;
}

Result<AlarmDefinition> read_alarm(const Scope& scope) {
  TUNDISH_RETURN_IF_ERROR(
      scope.check({"words", "when", "on_delay", "off_delay", "priority", "advice"}));
  AlarmDefinition alarm;
  TUNDISH_TRY(alarm.words, scope.words("words"));
  TUNDISH_TRY(alarm.when, scope.formula("when"));
  if (alarm.when.empty()) return scope.bad("when", "an alarm has a condition: `when`");
  TUNDISH_TRY(const auto on_delay, scope.duration("on_delay"));
  TUNDISH_TRY(const auto off_delay, scope.duration("off_delay"));
  alarm.on_delay = on_delay.value_or(0);
  alarm.off_delay = off_delay.value_or(0);
  TUNDISH_TRY(const auto priority, scope.text("priority", kWordBytesMax));
  if (priority == "critical")
    alarm.priority = AlarmPriority::kCritical;
  else if (priority == "high")
    alarm.priority = AlarmPriority::kHigh;
  else if (!priority.empty() && priority != "medium")
    return scope.bad("priority", "a priority is medium, high or critical");
  TUNDISH_TRY(alarm.advice, scope.words("advice"));
  return alarm;
}

/// @param amount what the formula of the amount is called: `lost` or `used`
Result<CostPart> read_cost_part(const Scope& scope, std::string_view amount) {
  const bool is_output = amount == "lost";
  TUNDISH_RETURN_IF_ERROR(is_output
                              ? scope.check({"lost", "rate", "made", "target", "unit", "price"})
                              : scope.check({"used", "unit", "price"}));
  CostPart part;
  TUNDISH_TRY(part.amount, scope.formula(amount));
  TUNDISH_TRY(part.price, scope.formula("price"));
  TUNDISH_TRY(const auto unit, scope.unit("unit"));
  if (!unit || unit->empty()) return scope.bad("unit", "the unit of the amount is missing");
  part.unit = *unit;
  if (is_output) {
    TUNDISH_TRY(part.rate, scope.formula("rate"));
    TUNDISH_TRY(part.made, scope.formula("made"));
    TUNDISH_TRY(part.target, scope.name("target"));
    if (part.rate.empty() && !(part.made.empty() && part.target.empty()))
      return scope.bad(part.made.empty() ? "target" : "made", "this goes with `rate`");
  }
  if (part.amount.empty() == part.rate.empty())
    return fail(ErrorCode::kInvalidArgument,
                is_output ? "lost output has one of `lost` and `rate`" : "`used` is missing",
                scope.path());
  return part;
}

Result<IntervalCost> read_cost(const Scope& scope) {
  TUNDISH_RETURN_IF_ERROR(scope.check({"output", "energy"}));
  IntervalCost cost;
  if (const JsonValue* const output = scope.find("output")) {
    TUNDISH_TRY(cost.output, read_cost_part(Scope(*output, scope.at("output")), "lost"));
  }
  if (const JsonValue* const energy = scope.find("energy")) {
    TUNDISH_TRY(cost.energy, read_cost_part(Scope(*energy, scope.at("energy")), "used"));
  }
  return cost;
}

Result<IntervalDefinition> read_interval(const Scope& scope) {
  TUNDISH_RETURN_IF_ERROR(scope.check({"words", "during", "by", "start", "end", "within",
                                       "shortest", "longest", "capture", "downtime", "cost"}));
  IntervalDefinition interval;
  TUNDISH_TRY(interval.words, scope.words("words"));
  TUNDISH_TRY(interval.during, scope.formula("during"));
  TUNDISH_TRY(interval.by, scope.formula("by"));
  TUNDISH_TRY(interval.start, scope.formula("start"));
  TUNDISH_TRY(interval.end, scope.formula("end"));
  const int kinds = (interval.during.empty() ? 0 : 1) + (interval.by.empty() ? 0 : 1) +
                    (interval.start.empty() ? 0 : 1);
  if (kinds != 1 || interval.start.empty() != interval.end.empty())
    return fail(ErrorCode::kInvalidArgument,
                "an interval has `during`, or `by`, or `start` with `end`", scope.path());
  TUNDISH_TRY(interval.within, scope.name("within"));
  TUNDISH_TRY(const auto shortest, scope.duration("shortest"));
  TUNDISH_TRY(const auto longest, scope.duration("longest"));
  interval.shortest = shortest.value_or(0);
  interval.longest = longest.value_or(0);
  if (interval.longest != 0 && interval.longest < interval.shortest)
    return scope.bad("longest", "the longest is shorter than the shortest");
  TUNDISH_TRY(const auto downtime, scope.text("downtime", kWordBytesMax));
  if (!downtime.empty() && downtime != "unplanned" && downtime != "planned")
    return scope.bad("downtime", "a downtime is unplanned or planned");
  if (!downtime.empty())
    interval.downtime = downtime == "planned" ? Downtime::kPlanned : Downtime::kUnplanned;
  if (const JsonValue* const cost = scope.find("cost")) {
    if (downtime.empty())
      return scope.bad("cost", "only a downtime costs: say `downtime: unplanned` or `planned` too");
    TUNDISH_TRY(interval.cost, read_cost(Scope(*cost, scope.at("cost"))));
  }
  const JsonValue* const capture = scope.find("capture");
  if (capture == nullptr) return interval;
  if (capture->object() == nullptr || capture->object()->size() > kCapturesMax)
    return scope.bad("capture", "an object of at most 100 `name: formula` is expected");
  const Scope captured(*capture, scope.at("capture"));
  for (const auto& [name, value] : *capture->object()) {
    TUNDISH_RETURN_IF_ERROR(check_definition_name(name, captured.at(name.substr(0, 64))));
    TUNDISH_TRY(auto formula, captured.formula(name));
    if (formula.empty()) return captured.bad(name, "the formula is empty");
    interval.capture.emplace_back(name, std::move(formula));
  }
  return interval;
}

}  // namespace

Status check_definition_name(std::string_view name, std::string where) {
  const bool known = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  if (known && !name.empty() && name.size() <= 60 && name[0] >= 'a' && name[0] <= 'z') return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}': a name here is a letter and at most 59 more of a-z, 0-9 and _",
                          name.substr(0, 64)),
              std::move(where));
}

Result<Words> read_words(const JsonValue& json) {
  static const std::vector<std::string> kLanguages{"en", "es", "pt", "ru", "zh"};
  Words words;
  if (json.object() == nullptr)
    return fail(ErrorCode::kInvalidArgument, "words are written as {en: ..., zh: ...}");
  for (const auto& [language, word] : *json.object()) {
    if (std::ranges::find(kLanguages, language) == kLanguages.end())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is no language of the words: en, es, pt, ru, zh",
                              language.substr(0, 64)),
                  language.substr(0, 64));
    if (word.string() == nullptr)
      return fail(ErrorCode::kInvalidArgument, "a text is expected", language);
    TUNDISH_RETURN_IF_ERROR(check_text(*word.string(), 0, kWordBytesMax, language));
    if (!word.string()->empty()) words.emplace(language, *word.string());
  }
  return words;
}

Result<TemplateDefinition> read_template(const JsonValue& json) {
  const Scope scope(json, "");
  TUNDISH_RETURN_IF_ERROR(scope.check(
      {"name", "pack", "extends", "words", "attributes", "kpis", "alarms", "intervals"}));
  TemplateDefinition definition;
  TUNDISH_TRY(definition.name, scope.name("name"));
  if (definition.name.empty()) return scope.bad("name", "a template has a name");
  TUNDISH_TRY(definition.pack, scope.text("pack", kWordBytesMax));
  TUNDISH_TRY(definition.extends, scope.name("extends"));
  TUNDISH_TRY(definition.words, scope.words("words"));
  TUNDISH_TRY(definition.attributes, scope.each("attributes", kAttributesMax, read_attribute));
  TUNDISH_TRY(definition.kpis, scope.each("kpis", kDefinitionsMax, read_kpi));
  TUNDISH_TRY(definition.alarms, scope.each("alarms", kDefinitionsMax, read_alarm));
  TUNDISH_TRY(definition.intervals, scope.each("intervals", kDefinitionsMax, read_interval));
  return definition;
}

Result<AttributeOverride> read_override(const JsonValue& json) {
  const Scope scope(json, "");
  TUNDISH_RETURN_IF_ERROR(
      scope.check({"tag", "unit", "normal", "valid", "constant", "formula", "every"}));
  AttributeOverride one;
  TUNDISH_TRY(one.tag, scope.text("tag", kTagBytesMax));
  TUNDISH_TRY(one.unit, scope.unit("unit"));
  TUNDISH_TRY(one.normal, scope.limits("normal"));
  TUNDISH_TRY(one.valid, scope.open_limits("valid"));
  TUNDISH_TRY(one.constant, scope.value("constant"));
  TUNDISH_TRY(auto formula, scope.formula("formula"));
  if (!formula.empty()) one.formula = std::move(formula);
  TUNDISH_TRY(one.every, scope.duration("every"));
  return one;
}

Result<Overrides> read_overrides(const JsonValue& json) {
  if (json.object() == nullptr)
    return fail(ErrorCode::kInvalidArgument, "an object of `attribute: {...}` is expected");
  if (json.object()->size() > kAttributesMax)
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} attributes", kAttributesMax));
  Overrides overrides;
  for (const auto& [name, value] : *json.object()) {
    TUNDISH_RETURN_IF_ERROR(check_definition_name(name, name.substr(0, 64)));
    auto one = read_override(value);
    if (!one) {
      const std::string inner = std::move(one.error().where);
      one.error().where = inner.empty() ? name : name + "." + inner;
      return fail(std::move(one.error()));
    }
    overrides.emplace(name, *std::move(one));
  }
  return overrides;
}

}  // namespace tundish::wire
