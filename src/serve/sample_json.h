#pragma once

#include "model/ports/tag_catalogue.h"
#include "model/sample.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

/// The member `value_type`, if a value is not of its tag's type: one from before a retype, which keeps
/// the type that it was written with.
void write_value_type(wire::JsonWriter& json, const Value& value, ValueType declared);

/// The members `time`, `value`, as needed `value_type`, and, where it is not Good, `quality`.
void write_sample_members(wire::JsonWriter& json, const Sample& sample, ValueType declared);

/// The members `tag`, `id`, `type`, `unit`, `step`, `simulated`.
void write_tag_members(wire::JsonWriter& json, const TagInfo& tag);

}  // namespace tundish::serve
