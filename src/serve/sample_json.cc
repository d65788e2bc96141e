#include "serve/sample_json.h"

namespace tundish::serve {

void write_value_type(wire::JsonWriter& json, const Value& value, ValueType declared) {
  if (const ValueType type = type_of(value); type != declared)
    json.member("value_type", value_type_name(type));
}

void write_sample_members(wire::JsonWriter& json, const Sample& sample, ValueType declared) {
  json.key("time").time(sample.time);
  json.member("value", sample.value);
  write_value_type(json, sample.value, declared);
  if (!(sample.quality == kGood)) json.member("quality", quality_name(sample.quality));
}

void write_tag_members(wire::JsonWriter& json, const TagInfo& tag) {
  json.member("tag", tag.path).member("id", tag.id.number);
  json.member("type", value_type_name(tag.type)).member("unit", tag.unit);
  json.member("step", tag.step).member("simulated", tag.simulated);
}

}  // namespace tundish::serve
