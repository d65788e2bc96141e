#include "serve/model_json.h"

#include <fmt/format.h>

#include <utility>

#include "serve/http.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::serve {
namespace {

/// Of an answer; how many there are is told all the same.
constexpr std::size_t kChangesMax = 100'000;

Error at(Error error, std::string_view member) {
  error.where =
      error.where.empty() ? std::string(member) : fmt::format("{}.{}", member, error.where);
  return error;
}

Result<std::uint64_t> number_of(const wire::JsonValue& json, std::string_view name,
                                std::uint64_t most) {
  TUNDISH_TRY(const auto number, wire::optional_member<std::int64_t>(json, name));
  if (number && (*number < 0 || static_cast<std::uint64_t>(*number) > most))
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no such number", name),
                std::string(name));
  return static_cast<std::uint64_t>(number.value_or(0));
}

/// Each override of `attributes`; null: as the template says.
Status read_patched(const wire::JsonValue& json, AssetPatch& patch) {
  if (json.object() == nullptr)
    return fail(ErrorCode::kInvalidArgument, "an object of `attribute: {...}` is expected");
  wire::JsonValue::Object set;
  for (const auto& member : *json.object()) {
    TUNDISH_RETURN_IF_ERROR(wire::check_definition_name(member.first, member.first.substr(0, 64)));
    if (member.second.is_null())
      patch.overrides.emplace(member.first, std::nullopt);
    else
      set.push_back(member);
  }
  TUNDISH_TRY(auto overrides, wire::read_overrides(wire::JsonValue(std::move(set))));
  for (auto& [name, what] : overrides) patch.overrides.emplace(name, std::move(what));
  return {};
}

}  // namespace

void write_tag(wire::JsonWriter& json, const TagInfo& tag) {
  json.begin_object().member("id", tag.id.number).member("path", tag.path);
  json.member("type", value_type_name(tag.type)).member("step", tag.step).member("unit", tag.unit);
  json.member("description", tag.description).member("simulated", tag.simulated).end_object();
}

void write_asset_summary(wire::JsonWriter& json, const Asset& asset) {
  json.begin_object().member("id", asset.id.value());
  wire::write_words(json.key("words"), asset.words);
  json.member("template", asset.facts->name).member("version", asset.facts->version);
  json.member("attributes", asset.attributes.size()).end_object();
}

void write_asset(wire::JsonWriter& json, const Asset& asset, const AssetDefinition& written,
                 const TagCatalogue& tags) {
  json.begin_object().member("id", asset.id.value()).member("path", asset.path);
  json.member("parent", asset.parent.value());
  wire::write_words(json.key("words"), asset.words);
  json.member("template", asset.facts->name).member("version", asset.facts->version);
  json.member("pack", asset.facts->pack).member("site", asset.site);
  json.member("own_site", written.site).key("attributes").begin_object();
  for (const auto& attribute : asset.attributes) {
    json.key(attribute.definition.name).begin_object();
    wire::write_attribute_members(json, attribute.definition);
    const TagPtr tag = attribute.tag.number == 0 ? nullptr : tags.get(attribute.tag);
    json.key("tag");
    if (tag)
      write_tag(json, *tag);
    else
      json.null();
    if (attribute.definition.kind == AttributeKind::kFormula)
      json.member("formula_version", attribute.formula_version);
    json.end_object();
  }
  json.end_object().key("kpis").begin_array();
  for (const auto& one : asset.facts->kpis) json.value(one.name);
  json.end_array().key("alarms").begin_array();
  for (const auto& one : asset.facts->alarms) json.value(one.name);
  json.end_array().key("intervals").begin_array();
  for (const auto& one : asset.facts->intervals) json.value(one.name);
  json.end_array();
  wire::write_overrides(json.key("overrides"), written.overrides);
  json.end_object();
}

void write_past_asset(wire::JsonWriter& json, const Asset& asset, const TagCatalogue& tags) {
  json.begin_object().member("id", asset.id.value()).member("path", asset.path);
  json.member("template", asset.facts->name).member("version", asset.facts->version);
  json.key("attributes").begin_object();
  for (const auto& attribute : asset.attributes) {
    json.key(attribute.definition.name).begin_object();
    wire::write_attribute_members(json, attribute.definition);
    const TagPtr tag = attribute.tag.number == 0 ? nullptr : tags.get(attribute.tag);
    json.key("tag");
    if (tag)
      json.value(tag->path);
    else
      json.null();
    json.end_object();
  }
  json.end_object().end_object();
}

void write_template_summary(wire::JsonWriter& json, const TemplateVersion& version) {
  json.begin_object().member("name", version.own.name).member("version", version.version);
  json.key("saved").time(version.saved);
  wire::write_words(json.key("words"), version.own.words);
  json.member("pack", version.own.pack).member("extends", version.own.extends);
  json.member("attributes", version.own.attributes.size());
  json.member("assets", version.assets).member("outdated", version.outdated).end_object();
}

void write_template_version(wire::JsonWriter& json, const TemplateVersion& version,
                            const TemplateDefinition& resolved) {
  json.begin_object().member("version", version.version);
  json.member("extends_version", version.extends_version).key("saved").time(version.saved);
  json.member("assets", version.assets).member("outdated", version.outdated);
  wire::write_template(json.key("own"), version.own);
  wire::write_template(json.key("resolved"), resolved);
  json.end_object();
}

Result<AssetDefinition> read_asset(const wire::JsonValue& json) {
  TUNDISH_RETURN_IF_ERROR(
      wire::check_members(json, {"path", "words", "template", "version", "site", "attributes"}));
  AssetDefinition asset;
  TUNDISH_TRY(asset.path, wire::required_member<std::string>(json, "path"));
  TUNDISH_TRY(auto name, wire::optional_member<std::string>(json, "template"));
  asset.template_name = name.value_or("");
  TUNDISH_TRY(const auto version, number_of(json, "version", UINT32_MAX));
  asset.template_version = static_cast<std::uint32_t>(version);
  TUNDISH_TRY(asset.site, number_of(json, "site", INT64_MAX));
  if (const auto* words = json.find("words"); words != nullptr && !words->is_null()) {
    auto read = wire::read_words(*words);
    if (!read) return fail(at(std::move(read.error()), "words"));
    asset.words = *std::move(read);
  }
  if (const auto* attributes = json.find("attributes");
      attributes != nullptr && !attributes->is_null()) {
    auto read = wire::read_overrides(*attributes);
    if (!read) return fail(at(std::move(read.error()), "attributes"));
    asset.overrides = *std::move(read);
  }
  return asset;
}

Result<AssetPatch> read_asset_patch(const wire::JsonValue& json) {
  TUNDISH_RETURN_IF_ERROR(
      wire::check_members(json, {"path", "words", "template", "version", "site", "attributes"}));
  AssetPatch patch;
  TUNDISH_TRY(patch.path, wire::optional_member<std::string>(json, "path"));
  TUNDISH_TRY(patch.template_name, wire::optional_member<std::string>(json, "template"));
  if (json.find("version") != nullptr) {
    TUNDISH_TRY(const auto version, number_of(json, "version", UINT32_MAX));
    patch.template_version = static_cast<std::uint32_t>(version);
  }
  if (json.find("site") != nullptr) {
    TUNDISH_TRY(patch.site, number_of(json, "site", INT64_MAX));
  }
  if (const auto* words = json.find("words"); words != nullptr && !words->is_null()) {
    auto read = wire::read_words(*words);
    if (!read) return fail(at(std::move(read.error()), "words"));
    patch.words = *std::move(read);
  }
  if (const auto* attributes = json.find("attributes");
      attributes != nullptr && !attributes->is_null())
    if (auto read = read_patched(*attributes, patch); !read)
      return fail(at(std::move(read.error()), "attributes"));
  return patch;
}

Result<TemplateDefinition> read_named_template(wire::JsonValue json, std::string_view name) {
  if (json.object() == nullptr)
    return fail(ErrorCode::kInvalidArgument, "a template is a JSON object");
  wire::JsonValue::Object members{{"name", wire::JsonValue(std::string(name))}};
  for (const auto& member : *json.object()) {
    if (member.first != "name") {
      members.push_back(member);
    } else if (member.second.string() == nullptr || *member.second.string() != name) {
      return fail(ErrorCode::kInvalidArgument, "the name in the body is not that of the path",
                  "name");
    }
  }
  return wire::read_template(wire::JsonValue(std::move(members)));
}

EditBy edit_by(const Call& call, bool dry_run_otherwise) {
  const auto dry_run = call.request.parameter("dry_run");
  return {.actor = call.credential.actor,
          .dry_run = dry_run ? *dry_run == "true" : dry_run_otherwise};
}

void write_edit_members(wire::JsonWriter& json, const EditResult& result) {
  json.member("version", result.version).key("assets").begin_array();
  for (const AssetId id : result.assets) json.value(id.value());
  json.end_array().member("changes_total", result.changes.size()).key("changes").begin_array();
  for (std::size_t i = 0; i < std::min(result.changes.size(), kChangesMax); ++i) {
    const ModelChange& one = result.changes[i];
    json.begin_object().member("kind", change_kind_name(one.kind));
    json.member("asset", one.asset.value()).member("path", one.path).member("item", one.item);
    json.member("field", one.field).member("from", one.from).member("to", one.to).end_object();
  }
  json.end_array().key("warnings").begin_array();
  for (const auto& warning : result.warnings) json.value(warning);
  json.end_array();
}

Response edit_response(Call& call, const EditBy& by, const EditResult& result, int status) {
  call.audit_detail =
      fmt::format("{}model version {}, {} changes", by.dry_run ? "only asked: " : "",
                  result.version, result.changes.size());
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object();
  write_edit_members(json, result);
  json.end_object();
  return json_response(std::move(text), by.dry_run ? 200 : status);
}

}  // namespace tundish::serve
