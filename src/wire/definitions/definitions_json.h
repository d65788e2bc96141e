#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/definitions.h"
#include "model/ports/asset_store.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::wire {

// docs/formats/model.md. Errors of every reader: kInvalidArgument or kTooLarge with the member's path in
// `where`: `attributes.top_temp.valid`; a name that is not known comes with the nearest one.

inline constexpr std::size_t kAttributesMax = 500;    ///< of a template
inline constexpr std::size_t kDefinitionsMax = 1000;  ///< KPIs, alarms, kinds of intervals: each
inline constexpr std::size_t kFormulaBytesMax = 8192;

/// `[a-z][a-z0-9_]*`, at most 60: names of templates and of what is in them.
/// Errors: kInvalidArgument with `where`.
Status check_definition_name(std::string_view name, std::string where);

Result<TemplateDefinition> read_template(const JsonValue& json);
Result<Words> read_words(const JsonValue& json);
Result<Overrides> read_overrides(const JsonValue& json);
/// The members of one override: `tag`, `unit`, `normal`, `valid`, `constant`, `formula`, `every`.
Result<AttributeOverride> read_override(const JsonValue& json);

void write_template(JsonWriter& json, const TemplateDefinition& definition);
/// The members alone, in an object that is open.
void write_template_members(JsonWriter& json, const TemplateDefinition& definition);
void write_words(JsonWriter& json, const Words& words);
void write_limits(JsonWriter& json, const Limits& limits);
void write_attribute_members(JsonWriter& json, const AttributeDefinition& attribute);
void write_overrides(JsonWriter& json, const Overrides& overrides);
void write_override(JsonWriter& json, const AttributeOverride& override_);

}  // namespace tundish::wire
