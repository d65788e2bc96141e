// The asset model: one level of the tree, one asset, templates, and the whole as text.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "model/tag_path.h"
#include "serve/api.h"
#include "serve/model_json.h"
#include "serve/query.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kTreeTagsMax = 2'000'000;  // more than an enterprise may have
constexpr std::size_t kAssetsOfCallMax = 10'000;
constexpr std::uint64_t kModelBody = 32 << 20;
constexpr std::uint64_t kTemplateBody = 8 << 20;
constexpr std::size_t kHistoryMax = 1000;

/// One level of the tree that assets and the paths of tags form.
struct Child {
  std::size_t tags = 0;
  TagPtr tag;  ///< when the path itself is a tag
  const Asset* asset = nullptr;
};

/// `?name=true`; the API has checked that it is one of the two.
bool flag_of(const Request& request, std::string_view name, bool otherwise) {
  const auto text = request.parameter(name);
  return text ? *text == "true" : otherwise;
}

std::uint64_t number_of(const Request& request, std::string_view name, std::uint64_t otherwise) {
  const auto text = request.parameter(name);
  std::uint64_t number = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::string under_of(const Call& call) {
  return std::string(call.request.parameter("under").value_or(call.credential.enterprise_code));
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

/// YAML, unless the parameter or the content type says CSV.
Result<ModelFormat> format_of(const Request& request) {
  const auto named = request.parameter("format");
  if (named == "csv") return ModelFormat::kCsv;
  if (named && *named != "yaml")
    return fail(ErrorCode::kInvalidArgument, "a format is yaml or csv", "format");
  if (!named && request.header("content-type").starts_with("text/csv")) return ModelFormat::kCsv;
  return ModelFormat::kYaml;
}

const std::vector<ParameterDoc> kDryRun{
    {"dry_run", "query", "boolean", "true: says what would change, and changes nothing."}};

}  // namespace

/// Tags of moved assets that a connection feeds: it reads on at their new paths.
Result<EditResult> Api::move_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                   const AssetPatch& patch) {
  const auto model = services_.models.model(enterprise);
  const Asset* const asset = model->find(id);
  if (asset == nullptr || !patch.path || *patch.path == asset->path || by.dry_run)
    return services_.model_store.update_asset(by, enterprise, id, patch);
  // Whatever is wrong is found before a connection is stopped.
  TUNDISH_RETURN_IF_ERROR(
      services_.model_store.update_asset({by.actor, true}, enterprise, id, patch));
  const std::string old_prefix = asset->path + "/";
  std::vector<ConnectionConfig> stopped;
  const auto resume = [&](const std::string& prefix) -> Status {
    Status all;
    for (ConnectionConfig config : stopped) {
      for (auto& item : config.items)
        if (item.path.starts_with(old_prefix))
          item.path = prefix + item.path.substr(old_prefix.size());
      if (auto saved = services_.connections.save(std::move(config)); !saved)
        all = fail(std::move(saved.error()));
    }
    return all;
  };
  for (const auto& config : services_.connections.list(enterprise)) {
    const bool feeds = std::ranges::any_of(
        config.items, [&](const auto& item) { return item.path.starts_with(old_prefix); });
    if (!feeds) continue;
    ConnectionConfig paused = config;
    paused.enabled = false;
    if (config.enabled) {
      if (auto saved = services_.connections.save(std::move(paused)); !saved) {
        (void)resume(old_prefix);
        return fail(std::move(saved.error()));
      }
    }
    stopped.push_back(config);
  }
  auto moved = services_.model_store.update_asset(by, enterprise, id, patch);
  const Status resumed = resume(moved ? *patch.path + "/" : old_prefix);
  if (moved && !resumed)
    moved->warnings.push_back("a connection does not read on: " + resumed.error().to_string());
  return moved;
}

void Api::add_asset_routes() {
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/assets",
       .operation = "assets.list",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "One level of the tree of assets and tags below a path.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const std::string under = under_of(call);
         if (is_glob(under))
           return fail(ErrorCode::kInvalidArgument, "a level is named without *", "under");
         const std::string prefix = under + "/";
         std::map<std::string, Child> children;
         const auto child_of = [&](const std::string& path) -> Child& {
           const std::string_view rest = std::string_view(path).substr(prefix.size());
           return children[std::string(rest.substr(0, rest.find('/')))];
         };
         const std::string pattern = prefix + "**";
         TUNDISH_TRY(const auto below, services_.tags.match(enterprise, {.pattern = pattern,
                                                                         .limit = kTreeTagsMax,
                                                                         .go_on = patience()}));
         for (const auto& tag : below) {
           Child& child = child_of(tag->path);
           ++child.tags;
           if (tag->path.find('/', prefix.size()) == std::string::npos) child.tag = tag;
         }
         const auto model = services_.models.model(enterprise);
         const Asset* const above = model->find(under);
         if (above != nullptr || under == call.credential.enterprise_code)
           for (const Asset* asset : model->children(above == nullptr ? AssetId() : above->id))
             child_of(asset->path).asset = asset;
         if (children.empty() && above == nullptr && under != call.credential.enterprise_code)
           return fail(ErrorCode::kNotFound, fmt::format("there is nothing below '{}'", under),
                       "under");
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().member("under", under).key("children").begin_array();
         for (const auto& [name, child] : children) {
           json.begin_object().member("name", decode_name(name)).member("path", prefix + name);
           json.member("tags", child.tags).member("is_tag", child.tag != nullptr);
           if (child.tag != nullptr) write_tag(json.key("tag"), *child.tag);
           if (child.asset != nullptr) write_asset_summary(json.key("asset"), *child.asset);
           json.end_object();
         }
         json.end_array().end_object();
         return json_response(std::move(text));
       },
       .response_schema = "AssetLevel",
       .parameters = {
           {"under", "query", "string", "Path above the level; default the enterprise."}}});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/assets",
       .operation = "assets.create",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Makes assets; levels above them that are missing are made too.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const EditBy by = edit_by(call, false);
         TUNDISH_TRY(const auto body,
                     wire::parse_json(call.request.body,
                                      {.bytes_max = kTemplateBody, .values_max = 1'000'000}));
         TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"assets"}));
         TUNDISH_TRY(const auto list,
                     wire::required_member<wire::JsonValue::Array>(body, "assets"));
         if (list.size() > kAssetsOfCallMax)
           return fail(ErrorCode::kTooLarge, "at most 10000 assets a request", "assets");
         std::vector<AssetDefinition> assets;
         for (std::size_t i = 0; i < list.size(); ++i) {
           auto asset = read_asset(list[i]);
           if (!asset) {
             asset.error().where = fmt::format("assets.{}.{}", i, asset.error().where);
             return fail(std::move(asset.error()));
           }
           assets.push_back(*std::move(asset));
         }
         TUNDISH_TRY(const auto result, services_.model_store.save_assets(by, enterprise, assets));
         return edit_response(call, by, result, 201);
       },
       .body_bytes_max = kTemplateBody,
       .request_schema = "NewAssets",
       .response_schema = "ModelEdit",
       .parameters = kDryRun,
       .audited = true,
       .success = 201});
  router_.add({.method = "GET",
               .pattern = "/api/v1/assets/{id}",
               .operation = "assets.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "One asset: its attributes as they hold, and what it has otherwise than "
                          "its template.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_TRY(const auto written,
                             services_.model_store.asset(enterprise, AssetId(id)));
                 const auto model = services_.models.model(enterprise);
                 const Asset* const asset = model->find(AssetId(id));
                 if (asset == nullptr)
                   return fail(ErrorCode::kNotFound, "there is no asset with that id", "id");
                 std::string text;
                 wire::JsonWriter json(text);
                 write_asset(json, *asset, written, services_.tags);
                 return json_response(std::move(text));
               },
               .response_schema = "Asset"});
  router_.add({.method = "PATCH",
               .pattern = "/api/v1/assets/{id}",
               .operation = "assets.update",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Renames or moves an asset (ids, tags and history stay), or changes what "
                          "is written of it.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const EditBy by = edit_by(call, false);
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_RETURN_IF_ERROR(services_.model_store.asset(enterprise, AssetId(id)));
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_TRY(const auto patch, read_asset_patch(body));
                 TUNDISH_TRY(const auto result, move_asset(by, enterprise, AssetId(id), patch));
                 return edit_response(call, by, result);
               },
               .body_bytes_max = 1 << 20,
               .request_schema = "AssetPatch",
               .response_schema = "ModelEdit",
               .parameters = kDryRun,
               .audited = true});
  router_.add(
      {.method = "DELETE",
       .pattern = "/api/v1/assets/{id}",
       .operation = "assets.remove",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Removes an asset from the model; its tags and their history stay.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const EditBy by = edit_by(call, false);
         TUNDISH_TRY(const auto id, call.path_id());
         TUNDISH_TRY(const auto result, services_.model_store.remove_asset(
                                            by, enterprise, AssetId(id),
                                            flag_of(call.request, "with_children", false)));
         if (!result.changes.empty()) call.audit_detail = result.changes.front().path;
         return no_content();
       },
       .parameters = {{"with_children", "query", "boolean", "true: also all assets below it."}},
       .audited = true,
       .success = 204});
}

void Api::add_template_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/templates",
               .operation = "templates.list",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "The newest version of every template.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("templates").begin_array();
                 for (const auto& one : services_.model_store.templates(enterprise))
                   write_template_summary(json, one);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Templates"});
  router_.add({.method = "GET",
               .pattern = "/api/v1/templates/{name}",
               .operation = "templates.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "A template as it was saved, and with all that it inherits.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const auto version =
                     static_cast<std::uint32_t>(number_of(call.request, "version", 0));
                 const auto name = call.path_value("name");
                 TUNDISH_TRY(const auto one,
                             services_.model_store.find_template(enterprise, name, version));
                 TUNDISH_TRY(const auto resolved,
                             services_.model_store.resolved_template(enterprise, name, version));
                 std::string text;
                 wire::JsonWriter json(text);
                 write_template_version(json, one, resolved);
                 return json_response(std::move(text));
               },
               .response_schema = "TemplateVersion",
               .parameters = {{"version", "query", "integer", "Default the newest."}}});
  router_.add(
      {.method = "PUT",
       .pattern = "/api/v1/templates/{name}",
       .operation = "templates.save",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Saves a new version of a template; assets stay at theirs until an upgrade.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const EditBy by = edit_by(call, false);
         TUNDISH_TRY(auto body, wire::parse_json(call.request.body, {.bytes_max = kTemplateBody,
                                                                     .values_max = 1'000'000}));
         TUNDISH_TRY(const auto definition,
                     read_named_template(std::move(body), call.path_value("name")));
         TUNDISH_TRY(const auto result, services_.model_store.save_templates(
                                            by, enterprise, std::span(&definition, 1)));
         return edit_response(call, by, result);
       },
       .body_bytes_max = kTemplateBody,
       .request_schema = "Template",
       .response_schema = "ModelEdit",
       .parameters = kDryRun,
       .audited = true});
  router_.add({.method = "POST",
               .pattern = "/api/v1/templates/{name}/upgrade",
               .operation = "templates.upgrade",
               .needs = Needs::at_least(Role::kEngineer),
               .summary =
                   "Brings all assets of a template to its newest version; first shows each asset "
                   "and attribute that changes.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const EditBy by = edit_by(call, true);
                 const std::string name(call.path_value("name"));
                 TUNDISH_TRY(const auto result,
                             services_.model_store.upgrade(by, enterprise, std::span(&name, 1)));
                 return edit_response(call, by, result);
               },
               .response_schema = "ModelEdit",
               .parameters = {{"dry_run", "query", "boolean",
                               "Default true: says what would change; false: does it."}},
               .audited = true});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/templates/undo",
       .operation = "templates.undo",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Undoes the last upgrade: its assets have their versions before it again.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const EditBy by = edit_by(call, true);
         TUNDISH_TRY(const auto result, services_.model_store.undo_upgrade(by, enterprise));
         return edit_response(call, by, result);
       },
       .response_schema = "ModelEdit",
       .parameters = {{"dry_run", "query", "boolean",
                       "Default true: says what would change; false: does it."}},
       .audited = true});
}

void Api::add_model_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/model",
               .operation = "model.export",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "The model as YAML or CSV, to edit and to import again.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto format, format_of(call.request));
                 TUNDISH_TRY(auto text, services_.model_store.export_model(enterprise,
                                                                           under_of(call), format));
                 const bool is_csv = format == ModelFormat::kCsv;
                 return text_response(std::move(text),
                                      is_csv ? "text/csv; charset=utf-8" : "application/yaml");
               },
               .parameters = {{"under", "query", "string", "A subtree; default all."},
                              {"format", "query", "string", "yaml (default) or csv."}}});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/model",
       .operation = "model.import",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Makes the model, or a subtree, as the text says; first shows what changes.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const EditBy by = edit_by(call, true);
         TUNDISH_TRY(const auto format, format_of(call.request));
         TUNDISH_TRY(const auto result,
                     services_.model_store.import_model(by, enterprise, under_of(call), format,
                                                        call.request.body,
                                                        flag_of(call.request, "remove", true)));
         return edit_response(call, by, result);
       },
       .body_bytes_max = kModelBody,
       .request_schema = "ModelText",
       .response_schema = "ModelEdit",
       .parameters = {{"under", "query", "string", "A subtree; default all."},
                      {"format", "query", "string",
                       "yaml or csv; default by the content type, else yaml."},
                      {"remove", "query", "boolean",
                       "Default true: what the text does not have is removed."},
                      {"dry_run", "query", "boolean",
                       "Default true: says what would change; false: does it."}},
       .audited = true});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/model/at",
       .operation = "model.at",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "The model as it was at a time: assets, their templates, and the units, ranges, "
                  "formulas and tags of their attributes.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const TimeNs now = services_.clock.now();
         auto time = parse_time(call.request.parameter("time").value_or("now"), now);
         if (!time) {
           time.error().where = "time";
           return fail(std::move(time.error()));
         }
         TUNDISH_TRY(const auto model, services_.model_store.model_at(enterprise, *time));
         const std::string under = under_of(call), below = under + "/";
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().key("time").time(*time).member("version", model->version());
         json.key("assets").begin_array();
         for (const Asset& asset : model->assets()) {
           if (asset.path != under && !asset.path.starts_with(below)) continue;
           if (text.size() > kModelBody)
             return fail(ErrorCode::kTooLarge,
                         "the model below this path is longer than 32 MiB; ask for a smaller part",
                         "under");
           write_past_asset(json, asset, services_.tags);
         }
         json.end_array().end_object();
         return json_response(std::move(text));
       },
       .response_schema = "PastModel",
       .parameters = {{"time", "query", "string", "ISO 8601, ns, or now-30d; default now."},
                      {"under", "query", "string", "A subtree; default all."}}});
  router_.add({.method = "GET",
               .pattern = "/api/v1/model/history",
               .operation = "model.history",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Who changed the model, when and how, the newest first.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto edits,
                             services_.model_store.history(
                                 enterprise, number_of(call.request, "before", 0),
                                 std::min<std::size_t>(number_of(call.request, "limit", 100),
                                                       kHistoryMax)));
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("edits").begin_array();
                 for (const auto& edit : edits) {
                   json.begin_object().member("version", edit.version).key("time").time(edit.time);
                   json.member("actor", edit.actor).member("action", edit.action);
                   json.member("detail", edit.detail).end_object();
                 }
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "ModelHistory",
               .parameters = {{"before", "query", "integer", "Only versions before this one."},
                              {"limit", "query", "integer", "At most 1000; default 100."}}});
}

}  // namespace tundish::serve
