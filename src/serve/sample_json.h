#pragma once

#include "model/ports/tag_catalogue.h"
#include "model/sample.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

/// The members `time`, `value` and, where it is not Good, `quality`.
void write_sample_members(wire::JsonWriter& json, const Sample& sample);

/// The members `tag`, `id`, `type`, `unit`, `step`, `simulated`.
void write_tag_members(wire::JsonWriter& json, const TagInfo& tag);

}  // namespace tundish::serve
