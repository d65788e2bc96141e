#include <cmath>

#include "wire/definitions/definitions_json.h"

namespace tundish::wire {
namespace {

void text_member(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.member(name, text);
}
void duration_member(JsonWriter& json, std::string_view name, DurationNs duration) {
  if (duration != 0) json.member(name, format_duration(duration));
}
void limits_member(JsonWriter& json, std::string_view name, const std::optional<Limits>& limits) {
  if (limits) write_limits(json.key(name), *limits);
}
void words_member(JsonWriter& json, std::string_view name, const Words& words) {
  if (!words.empty()) write_words(json.key(name), words);
}
void texts_member(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const auto& text : texts) json.value(text);
  json.end_array();
}

void write_kpi(JsonWriter& json, const KpiDefinition& kpi) {
  json.begin_object();
  words_member(json, "words", kpi.words);
  text_member(json, "unit", kpi.unit);
  if (!kpi.value.empty())
    json.member("value", kpi.value);
  else
    json.key("ratio").begin_object().member("of", kpi.of).member("by", kpi.by).end_object();
  texts_member(json, "per", kpi.per);
  limits_member(json, "band", kpi.band);
  json.member("better", kpi.more_is_better ? "more" : "less").end_object();
}

std::string_view priority_name(AlarmPriority priority) {
  switch (priority) {
    case AlarmPriority::kMedium: return "medium";
    case AlarmPriority::kHigh: return "high";
    case AlarmPriority::kCritical: return "critical";
  }
  return "medium";
}

void write_alarm(JsonWriter& json, const AlarmDefinition& alarm) {
  json.begin_object();
  words_member(json, "words", alarm.words);
  json.member("when", alarm.when);
  duration_member(json, "on_delay", alarm.on_delay);
  duration_member(json, "off_delay", alarm.off_delay);
  json.member("priority", priority_name(alarm.priority));
  words_member(json, "advice", alarm.advice);
  json.end_object();
}

void write_cost_part(JsonWriter& json, std::string_view name, std::string_view amount,
                     const CostPart& part) {
  if (part.is_empty()) return;
  json.key(name).begin_object();
  text_member(json, amount, part.amount);
  text_member(json, "rate", part.rate);
  text_member(json, "made", part.made);
  text_member(json, "target", part.target);
  text_member(json, "unit", part.unit);
  text_member(json, "price", part.price);
  json.end_object();
}

void write_interval(JsonWriter& json, const IntervalDefinition& interval) {
  json.begin_object();
  words_member(json, "words", interval.words);
  text_member(json, "during", interval.during);
  text_member(json, "by", interval.by);
  text_member(json, "start", interval.start);
  text_member(json, "end", interval.end);
  text_member(json, "within", interval.within);
  duration_member(json, "shortest", interval.shortest);
  duration_member(json, "longest", interval.longest);
  if (interval.downtime != Downtime::kNone)
    json.member("downtime", interval.downtime == Downtime::kPlanned ? "planned" : "unplanned");
  if (!interval.cost.is_empty()) {
    json.key("cost").begin_object();
    write_cost_part(json, "output", "lost", interval.cost.output);
    write_cost_part(json, "energy", "used", interval.cost.energy);
    json.end_object();
  }
  if (!interval.capture.empty()) {
    json.key("capture").begin_object();
    for (const auto& [name, formula] : interval.capture) json.member(name, formula);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

void write_words(JsonWriter& json, const Words& words) {
  json.begin_object();
  for (const auto& [language, word] : words) json.member(language, word);
  json.end_object();
}

void write_limits(JsonWriter& json, const Limits& limits) {
  json.begin_array();
  for (const double end : {limits.low, limits.high}) {
    if (std::isfinite(end))
      json.value(end);
    else
      json.null();  // no limit on that side
  }
  json.end_array();
}

void write_attribute_members(JsonWriter& json, const AttributeDefinition& attribute) {
  words_member(json, "words", attribute.words);
  switch (attribute.kind) {
    case AttributeKind::kMeasured: json.member("measured", value_type_name(attribute.type)); break;
    case AttributeKind::kFormula:
      json.member("formula", attribute.formula);
      json.member("type", value_type_name(attribute.type));
      break;
    case AttributeKind::kConstant:
      json.key("constant").value(attribute.constant);
      json.member("type", value_type_name(attribute.type));
      break;
  }
  json.member("step", attribute.step);
  text_member(json, "unit", attribute.unit);
  limits_member(json, "normal", attribute.normal);
  limits_member(json, "valid", attribute.valid);
  duration_member(json, "every", attribute.every);
  texts_member(json, "aliases", attribute.aliases);
  if (attribute.values.empty()) return;
  json.key("values").begin_object();
  for (const auto& [value, words] : attribute.values) {
    json.key(value);
    write_words(json, words);
  }
  json.end_object();
}

void write_template_members(JsonWriter& json, const TemplateDefinition& definition) {
  json.member("name", definition.name);
  text_member(json, "pack", definition.pack);
  text_member(json, "extends", definition.extends);
  words_member(json, "words", definition.words);
  json.key("attributes").begin_object();
  for (const auto& attribute : definition.attributes) {
    json.key(attribute.name).begin_object();
    write_attribute_members(json, attribute);
    json.end_object();
  }
  json.end_object().key("kpis").begin_object();
  for (const auto& kpi : definition.kpis) write_kpi(json.key(kpi.name), kpi);
  json.end_object().key("alarms").begin_object();
  for (const auto& alarm : definition.alarms) write_alarm(json.key(alarm.name), alarm);
  json.end_object().key("intervals").begin_object();
  for (const auto& interval : definition.intervals)
    write_interval(json.key(interval.name), interval);
  json.end_object();
}

void write_template(JsonWriter& json, const TemplateDefinition& definition) {
  json.begin_object();
  write_template_members(json, definition);
  json.end_object();
}

void write_override(JsonWriter& json, const AttributeOverride& override_) {
  json.begin_object();
  text_member(json, "tag", override_.tag);
  if (override_.unit) json.member("unit", *override_.unit);
  limits_member(json, "normal", override_.normal);
  limits_member(json, "valid", override_.valid);
  if (override_.constant) json.key("constant").value(*override_.constant);
  if (override_.formula) json.member("formula", *override_.formula);
  if (override_.every) json.member("every", format_duration(*override_.every));
  json.end_object();
}

void write_overrides(JsonWriter& json, const Overrides& overrides) {
  json.begin_object();
  for (const auto& [name, one] : overrides) write_override(json.key(name), one);
  json.end_object();
}

}  // namespace tundish::wire
