// From points that equipment offers to attributes of assets: proposals, what a person confirmed, and its undo.
#include <fmt/format.h>

#include <chrono>

#include "binding/binding.h"
#include "serve/api.h"
#include "serve/binding_apply.h"
#include "serve/binding_points.h"
#include "serve/model_json.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::serve {
namespace {

constexpr std::chrono::seconds kProposeTimeMax{30};
constexpr std::uint64_t kApplyBody = 16 << 20;

/// The body of an apply or an undo.
Result<wire::JsonValue> confirmation(const Request& request) {
  return wire::parse_json(request.body, {.bytes_max = kApplyBody, .values_max = 1'000'000});
}

using Proposals = std::vector<std::vector<binding::Proposal>>;

/// How many of the points were left out because there are too many.
struct LeftOff {
  std::size_t points = 0;
  bool whole = true;
};

Result<std::vector<BindingPoint>> points_of(const Services& services, const Call& call,
                                            EnterpriseId enterprise, BindingRequest& asked,
                                            LeftOff& left_off) {
  if (!asked.tags.empty()) return unbound_tags(services, enterprise, asked.tags, left_off.points);
  if (asked.connection != 0) return browsed_points(services, enterprise, asked, left_off.whole);
  TUNDISH_RETURN_IF_ERROR(
      find_tags_of(services, enterprise, call.credential.enterprise_code, asked.points));
  return std::move(asked.points);
}

/// The asset of that template that the point's tag lies in already; else what the paths say.
std::string asset_path(const BindingPoint& point, const binding::Proposal& proposal,
                       const std::string& template_name, const AssetPaths& paths,
                       const PlantModel& model) {
  if (!point.tag.empty()) {
    const Asset* const there =
        model.find(std::string_view(point.tag).substr(0, point.tag.rfind('/')));
    if (there != nullptr && there->facts->name == template_name) return there->path;
  }
  return paths.path(proposal.asset, template_name);
}

void write_proposal(wire::JsonWriter& json, const BindingPoint& point,
                    const binding::Proposal& proposal, const Offer& offer, const AssetPaths& paths,
                    const PlantModel& model) {
  const auto& candidate = offer.candidates[proposal.candidate];
  json.begin_object().member("template", candidate.template_name);
  json.member("attribute", candidate.attribute);
  json.member("asset", asset_path(point, proposal, candidate.template_name, paths, model));
  json.member("unit", proposal.unit).key("range");
  if (proposal.range)
    wire::write_limits(json, *proposal.range);
  else
    json.null();
  json.member("confidence", proposal.confidence).key("reasons").begin_array();
  for (const auto& reason : proposal.reasons) json.value(reason);
  json.end_array().end_object();
}

void write_point(wire::JsonWriter& json, const BindingPoint& point) {
  json.member("name", point.name).key("path").begin_array();
  for (const auto& level : point.found.path) json.value(level);
  json.end_array().member("address", point.address);
  json.member("description", point.found.description).member("unit", point.found.unit);
  json.member("tag", point.tag).key("node");
  if (point.identifier.empty())
    json.null();
  else
    json.begin_object()
        .member("namespace_uri", point.namespace_uri)
        .member("identifier", point.identifier)
        .end_object();
}

void write_offer(wire::JsonWriter& json, const Offer& offer) {
  json.key("templates").begin_array();
  for (const auto& one : offer.templates) {
    json.begin_object().member("name", one.resolved.name).member("pack", one.pack);
    json.member("installed", one.installed);
    wire::write_words(json.key("words"), one.resolved.words);
    json.key("attributes").begin_array();
    for (const auto& attribute : one.resolved.attributes) {
      json.begin_object().member("name", attribute.name);
      wire::write_words(json.key("words"), attribute.words);
      json.member("unit", attribute.unit).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

std::string proposals_json(const std::vector<BindingPoint>& points, const Proposals& proposals,
                           const Offer& offer, const AssetPaths& paths, const PlantModel& model,
                           const LeftOff& left_off) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("points").begin_array();
  for (std::size_t i = 0; i < points.size(); ++i) {
    json.begin_object();
    write_point(json, points[i]);
    json.key("proposals").begin_array();
    for (const auto& proposal : proposals[i])
      write_proposal(json, points[i], proposal, offer, paths, model);
    json.end_array().end_object();
  }
  json.end_array();
  write_offer(json, offer);
  json.member("left_off", left_off.points).member("whole", left_off.whole && left_off.points == 0);
  json.end_object();
  return text;
}

Response edit_answer(Call& call, const EditBy& by, const BindingEdit& result) {
  call.audit_detail =
      fmt::format("{}model version {}, {} changes, {} items", by.dry_run ? "only asked: " : "",
                  result.edit.version, result.edit.changes.size(), result.items.size());
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object();
  write_edit_members(json, result.edit);
  json.key("items").begin_array();
  for (const auto& item : result.items)
    json.begin_object()
        .member("namespace_uri", item.namespace_uri)
        .member("identifier", item.identifier)
        .member("path", item.path)
        .end_object();
  json.end_array().member("waiting", result.waiting).key("undo");
  if (by.dry_run || result.undo.version == 0)
    json.null();
  else
    write_binding_undo(json, result.undo);
  json.end_object();
  return json_response(std::move(text));
}

const std::vector<ParameterDoc> kDryRun{
    {"dry_run", "query", "boolean", "Default true: says what would change; false: does it."}};

}  // namespace

Result<Response> Api::propose_bindings(Call& call) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  TUNDISH_TRY(auto asked, read_binding_request(call.request));
  const std::string& code = call.credential.enterprise_code;
  if (asked.under.empty()) asked.under = code;
  if (asked.under != code && !asked.under.starts_with(code + "/"))
    return fail(ErrorCode::kInvalidArgument, fmt::format("assets are below '{}'", code), "under");
  TUNDISH_TRY(const auto offer, offer_of(services_, enterprise, asked.pack));
  LeftOff left_off;
  const bool from_tags = !asked.tags.empty();
  TUNDISH_TRY(const auto points, points_of(services_, call, enterprise, asked, left_off));
  std::vector<binding::FoundPoint> found;
  found.reserve(points.size());
  for (const auto& point : points) found.push_back(point.found);
  const auto until = std::chrono::steady_clock::now() + kProposeTimeMax;
  binding::ProposeOptions options;
  if (call.request.parameter("language") == "zh")
    options.language = binding::ReasonLanguage::kChinese;
  options.go_on = [this, until] {
    return std::chrono::steady_clock::now() < until && services_.ready();
  };
  TUNDISH_TRY(const auto proposals, binding::propose(found, offer.candidates, options));
  // Tags lie below the enterprise already: their folders are the assets.
  AssetPaths paths(from_tags ? code : asked.under, from_tags);
  for (const auto& of_point : proposals)
    if (!of_point.empty())
      paths.count(of_point[0].asset, offer.candidates[of_point[0].candidate].template_name);
  paths.settle();
  return json_response(proposals_json(points, proposals, offer, paths,
                                      *services_.models.model(enterprise), left_off));
}

void Api::add_binding_routes() {
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/bindings/propose",
       .operation = "bindings.propose",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Proposes for points of equipment which attribute of which asset each is, with a "
                  "confidence and the reasons; changes nothing.",
       .handler = [this](Call& call) -> Result<Response> { return propose_bindings(call); },
       .body_bytes_max = kBindingBody,
       .request_schema = "BindingPoints",
       .response_schema = "BindingProposals",
       .parameters = {{"pack", "query", "string",
                       "A pack whose templates are on offer; default what the enterprise has and "
                       "the pack of its industry."},
                      {"under", "query", "string",
                       "Path below which assets are proposed; default the enterprise."},
                      {"language", "query", "string", "Of the reasons: en (default) or zh."}}});
  router_.add({.method = "POST",
               .pattern = "/api/v1/bindings/apply",
               .operation = "bindings.apply",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Makes or extends assets by what a person confirmed, and binds their "
                          "attributes to tags or to what a connection reads; all or nothing.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const EditBy by = edit_by(call, true);
                 TUNDISH_TRY(const auto body, confirmation(call.request));
                 TUNDISH_TRY(const auto confirmed, read_bindings(body));
                 TUNDISH_TRY(const auto result,
                             apply_bindings(services_, by, enterprise, confirmed));
                 return edit_answer(call, by, result);
               },
               .body_bytes_max = kApplyBody,
               .request_schema = "Bindings",
               .response_schema = "BindingEdit",
               .parameters = kDryRun,
               .audited = true});
  router_.add({.method = "POST",
               .pattern = "/api/v1/bindings/undo",
               .operation = "bindings.undo",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Takes back what a confirmation did, as long as nobody has changed the "
                          "model since; its tags and their history stay.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const EditBy by = edit_by(call, true);
                 TUNDISH_TRY(const auto body, confirmation(call.request));
                 TUNDISH_TRY(const auto undo, read_binding_undo(body));
                 TUNDISH_TRY(const auto result, undo_bindings(services_, by, enterprise, undo));
                 return edit_answer(call, by, result);
               },
               .body_bytes_max = kApplyBody,
               .request_schema = "BindingUndo",
               .response_schema = "BindingEdit",
               .parameters = kDryRun,
               .audited = true});
}

}  // namespace tundish::serve
