// The catalogue of packs, and what an enterprise has of them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "serve/api.h"
#include "serve/model_json.h"
#include "serve/openapi.h"
#include "wire/definitions/definitions_json.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

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

void write_summary(wire::JsonWriter& json, const PackInfo& pack,
                   const std::map<std::string, std::string>& applied) {
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
  if (const auto found = applied.find(pack.name); found != applied.end())
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
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Industry packs that can be installed, and which are.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const auto applied = applied_of(services_.model_store, enterprise);
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("packs").begin_array();
                 for (const PackInfo& pack : services_.packs.packs()) {
                   json.begin_object();
                   write_summary(json, pack, applied);
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
       .needs = Needs::at_least(Role::kViewer),
       .summary =
           "One pack: its templates with attributes, KPIs, alarms and intervals, and its screens.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto pack, services_.packs.find(call.path_value("name")));
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object();
         write_summary(json, pack, applied_of(services_.model_store, enterprise));
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
       .needs = Needs::at_least(Role::kViewer),
       .summary = "A drawing of a pack, as SVG.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         static_cast<void>(enterprise);
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
