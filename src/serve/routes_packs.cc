// The catalogue of packs, and what an enterprise has of them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "serve/api.h"
#include "serve/model_json.h"
#include "serve/openapi.h"
#include "wire/definitions/definitions_json.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

/// Who uses a pack, for the platform operator alone.
struct PackUse {
  Enterprise enterprise;
  std::string version;
};
using PackUses = std::map<std::string, std::vector<PackUse>>;

/// `steel 1.1.0` of the templates that an enterprise has, by name of the pack.
std::map<std::string, std::string> applied_of(const ModelStore& store, EnterpriseId enterprise) {
  std::map<std::string, std::string> applied;
  for (const TemplateVersion& one : store.templates(enterprise)) {
    const auto space = one.own.pack.rfind(' ');
    if (space != std::string::npos)
      applied[one.own.pack.substr(0, space)] = one.own.pack.substr(space + 1);
  }
  return applied;
}

/// What the caller is told of who uses the packs: an enterprise's people of their own enterprise, the
/// platform operator (and the owner who names no enterprise) of all.
struct Usage {
  std::map<std::string, std::string> applied;
  std::optional<PackUses> uses;
};

Usage usage_for(const Call& call, const Services& services) {
  if (call.credential.enterprise)
    return {applied_of(services.model_store, *call.credential.enterprise), {}};
  PackUses uses;
  for (const Enterprise& enterprise : services.enterprises.enterprises())
    for (const auto& [pack, version] : applied_of(services.model_store, enterprise.id))
      uses[pack].push_back({enterprise, version});
  return {{}, std::move(uses)};
}

void write_uses(wire::JsonWriter& json, const PackInfo& pack, const PackUses& uses) {
  json.key("used_by").begin_array();
  if (const auto found = uses.find(pack.name); found != uses.end())
    for (const auto& [enterprise, version] : found->second) {
      json.begin_object().member("code", enterprise.code).member("name", enterprise.name);
      json.member("region", enterprise.region).member("simulated", enterprise.simulated);
      json.member("version", version).end_object();
    }
  json.end_array();
}

void write_summary(wire::JsonWriter& json, const PackInfo& pack, const Usage& usage) {
  std::size_t attributes = 0, kpis = 0, alarms = 0, intervals = 0;
  for (const TemplateDefinition& one : pack.templates) {
    attributes += one.attributes.size();
    kpis += one.kpis.size();
    alarms += one.alarms.size();
    intervals += one.intervals.size();
  }
  json.key("name").value(pack.name).key("version").value(pack.version);
  json.key("words");
  wire::write_words(json, pack.words);
  json.key("description");
  wire::write_words(json, pack.description);
  json.key("templates").value(static_cast<std::uint64_t>(pack.templates.size()));
  json.key("attributes").value(static_cast<std::uint64_t>(attributes));
  json.key("kpis").value(static_cast<std::uint64_t>(kpis));
  json.key("alarms").value(static_cast<std::uint64_t>(alarms));
  json.key("intervals").value(static_cast<std::uint64_t>(intervals));
  json.key("assets").value(static_cast<std::uint64_t>(pack.plant_assets));
  if (usage.uses) write_uses(json, pack, *usage.uses);
  if (const auto found = usage.applied.find(pack.name); found != usage.applied.end())
    json.key("applied").begin_object().key("version").value(found->second).end_object();
  const auto drawing = std::ranges::find_if(
      pack.screens, [](const auto& screen) { return !screen.drawing.empty(); });
  if (drawing != pack.screens.end())
    json.key("drawing").value(fmt::format("/api/v1/packs/{}/{}", pack.name, drawing->drawing));
}

void write_screens(wire::JsonWriter& json, const PackInfo& pack) {
  json.key("screens").begin_array();
  for (const PackScreen& screen : pack.screens) {
    json.begin_object().key("name").value(screen.name);
    json.key("words");
    wire::write_words(json, screen.words);
    if (!screen.drawing.empty()) json.key("drawing").value(screen.drawing);
    json.key("shown").begin_array();
    for (const PackShown& shown : screen.shown) {
      json.begin_object().key("asset").value(shown.asset);
      if (!shown.attribute.empty()) json.key("attribute").value(shown.attribute);
      if (!shown.kpi.empty()) json.key("kpi").value(shown.kpi);
      if (!shown.element.empty())
        json.key("element").value(shown.element).key("show").value(shown.show);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace

void Api::add_pack_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/packs",
               .operation = "packs.list",
               .needs = Needs::at_least_or_platform(Role::kViewer),
               .summary = "Industry packs that can be installed, and which are; for the platform "
                          "operator: by whom.",
               .handler = [this](Call& call) -> Result<Response> {
                 const auto usage = usage_for(call, services_);
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("packs").begin_array();
                 for (const PackInfo& pack : services_.packs.packs()) {
                   json.begin_object();
                   write_summary(json, pack, usage);
                   json.end_object();
                 }
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Packs"});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/packs/{name}",
       .operation = "packs.get",
       .needs = Needs::at_least_or_platform(Role::kViewer),
       .summary =
           "One pack: its templates with attributes, KPIs, alarms and intervals, and its screens.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto pack, services_.packs.find(call.path_value("name")));
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object();
         write_summary(json, pack, usage_for(call, services_));
         json.key("definitions").begin_array();
         for (const TemplateDefinition& one : pack.templates) wire::write_template(json, one);
         json.end_array();
         write_screens(json, pack);
         json.end_object();
         return json_response(std::move(text));
       },
       .response_schema = "Pack"});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/packs/{name}/{file}",
       .operation = "packs.drawing",
       .needs = Needs::at_least_or_platform(Role::kViewer),
       .summary = "A drawing of a pack, as SVG.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(auto drawing,
                     services_.packs.drawing(call.path_value("name"), call.path_value("file")));
         auto response = text_response(std::move(drawing), "image/svg+xml");
         // Shown as a picture; opened by itself it can do nothing either.
         response.headers.emplace_back("Content-Security-Policy",
                                       "default-src 'none'; style-src 'unsafe-inline'; sandbox");
         return response;
       }});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/packs/{name}/apply",
       .operation = "packs.apply",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Installs a pack, or upgrades it: its templates, and the assets made from them.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const EditBy by = edit_by(call, true);
         const auto plant = call.request.parameter("plant");
         TUNDISH_TRY(const auto result,
                     services_.packs.apply(by, enterprise, call.path_value("name"),
                                           plant && *plant == "true"));
         return edit_response(call, by, result);
       },
       .response_schema = "ModelEdit",
       .parameters = {{"dry_run", "query", "boolean",
                       "Default true: says what would change; false: does it."},
                      {"plant", "query", "boolean",
                       "true: also the assets of the pack's simulated plant."}},
       .audited = true});
}

}  // namespace tundish::serve
