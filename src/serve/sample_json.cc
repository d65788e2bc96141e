#include "serve/sample_json.h"

namespace tundish::serve {

void write_sample_members(wire::JsonWriter& json, const Sample& sample) {
  json.key("time").time(sample.time);
  json.member("value", sample.value);
  if (!(sample.quality == kGood)) json.member("quality", quality_name(sample.quality));
}

void write_tag_members(wire::JsonWriter& json, const TagInfo& tag) {
  json.member("tag", tag.path).member("id", tag.id.number);
  json.member("type", value_type_name(tag.type)).member("unit", tag.unit);
  json.member("step", tag.step).member("simulated", tag.simulated);
}

}  // namespace tundish::serve
