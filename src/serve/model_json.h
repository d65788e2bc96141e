#pragma once

#include <string_view>

#include "model/plant_model.h"
#include "model/ports/asset_store.h"
#include "model/ports/tag_catalogue.h"
#include "serve/router.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

// The asset model as the API gives and takes it. Errors of the readers: kInvalidArgument, kTooLarge.

void write_tag(wire::JsonWriter& json, const TagInfo& tag);
/// Id, words, template and how many attributes.
void write_asset_summary(wire::JsonWriter& json, const Asset& asset);
/// With its attributes as they hold, and what is written of it.
void write_asset(wire::JsonWriter& json, const Asset& asset, const AssetDefinition& written,
                 const TagCatalogue& tags);
/// With its attributes as they held in an earlier model; tags as they are named now.
void write_past_asset(wire::JsonWriter& json, const Asset& asset, const TagCatalogue& tags);
void write_template_summary(wire::JsonWriter& json, const TemplateVersion& version);
void write_template_version(wire::JsonWriter& json, const TemplateVersion& version,
                            const TemplateDefinition& resolved);

Result<AssetDefinition> read_asset(const wire::JsonValue& json);
Result<AssetPatch> read_asset_patch(const wire::JsonValue& json);
/// The template that a body describes, whose name is in the path.
Result<TemplateDefinition> read_named_template(wire::JsonValue json, std::string_view name);

/// Who asks for an edit, and `?dry_run`.
EditBy edit_by(const Call& call, bool dry_run_otherwise);
/// What an edit did, or would do: members of an object that is open.
void write_edit_members(wire::JsonWriter& json, const EditResult& result);
/// The same as an answer, with the audit record filled in.
Response edit_response(Call& call, const EditBy& by, const EditResult& result, int status = 200);

}  // namespace tundish::serve
