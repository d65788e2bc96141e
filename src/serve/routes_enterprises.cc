#include <fmt/format.h>

#include "serve/api.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kSmallBody = 64 * 1024;

void write_enterprise(wire::JsonWriter& json, const Enterprise& enterprise) {
  json.begin_object().member("id", enterprise.id.value()).member("code", enterprise.code);
  json.member("name", enterprise.name).member("industry", enterprise.industry);
  json.member("region", enterprise.region).member("simulated", enterprise.simulated);
  json.key("created").time(enterprise.created).end_object();
}

Response enterprise_response(const Enterprise& enterprise, int status = 200) {
  std::string text;
  wire::JsonWriter json(text);
  write_enterprise(json, enterprise);
  return json_response(std::move(text), status);
}

void write_site(wire::JsonWriter& json, const Site& site) {
  const auto degrees = [&](std::string_view name, const std::optional<double>& value) {
    json.key(name);
    if (value)
      json.value(*value);
    else
      json.null();
  };
  json.begin_object().member("id", site.id).member("code", site.code).member("name", site.name);
  json.member("time_zone", site.time_zone).member("region", site.region);
  degrees("latitude", site.latitude);
  degrees("longitude", site.longitude);
  json.member("language", site.language).member("currency", site.currency);
  json.member("unit_system", site.unit_system == UnitSystem::kUs ? "us" : "metric");
  json.end_object();
}

Result<std::optional<double>> degrees_of(const wire::JsonValue& body, std::string_view name,
                                         double limit) {
  TUNDISH_TRY(const auto value, wire::optional_member<double>(body, name));
  if (value && !(*value >= -limit && *value <= limit))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is between -{} and {} degrees", name, limit, limit),
                std::string(name));
  return value;
}

/// `before`: as it was, for what programs of earlier versions do not say.
Result<Site> site_of(const wire::JsonValue& body, EnterpriseId enterprise, std::uint64_t id,
                     const Site& before) {
  TUNDISH_RETURN_IF_ERROR(
      wire::check_members(body, {"id", "code", "name", "time_zone", "region", "latitude",
                                 "longitude", "language", "currency", "unit_system"}));
  Site site;
  site.id = id;
  site.enterprise = enterprise;
  TUNDISH_TRY(site.code, wire::required_member<std::string>(body, "code"));
  TUNDISH_TRY(site.name, wire::required_member<std::string>(body, "name"));
  TUNDISH_TRY(site.time_zone, wire::required_member<std::string>(body, "time_zone"));
  TUNDISH_TRY(const auto region, wire::optional_member<std::string>(body, "region"));
  site.region = region.value_or("");
  TUNDISH_TRY(site.latitude, degrees_of(body, "latitude", 90));
  TUNDISH_TRY(site.longitude, degrees_of(body, "longitude", 180));
  TUNDISH_TRY(const auto language, wire::optional_member<std::string>(body, "language"));
  TUNDISH_TRY(const auto currency, wire::optional_member<std::string>(body, "currency"));
  TUNDISH_TRY(const auto system, wire::optional_member<std::string>(body, "unit_system"));
  site.language = language.value_or(before.language);
  site.currency = currency.value_or(before.currency);
  site.unit_system = before.unit_system;
  if (system && *system != "metric" && *system != "us")
    return fail(ErrorCode::kInvalidArgument, "a unit system is metric or us", "unit_system");
  if (system) site.unit_system = *system == "us" ? UnitSystem::kUs : UnitSystem::kMetric;
  return site;
}

}  // namespace

void Api::add_enterprise_routes() {
  // One's own enterprise, or any for the installation's credentials; else as if it were not there.
  const auto visible = [this](const Call& call) -> Result<Enterprise> {
    const auto enterprise = services_.enterprises.find(call.path_value("code"));
    const bool may =
        enterprise && (!call.credential.enterprise || call.credential.enterprise == enterprise->id);
    if (!may)
      return fail(ErrorCode::kNotFound,
                  fmt::format("there is no enterprise '{}'", call.path_value("code")), "code");
    return *enterprise;
  };

  router_.add({.method = "GET",
               .pattern = "/api/v1/enterprises",
               .operation = "enterprises.list",
               .needs = Needs::any(),
               .summary = "The enterprises that this credential may see.",
               .handler = [this](Call& call) -> Result<Response> {
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("enterprises").begin_array();
                 for (const auto& enterprise : services_.enterprises.enterprises())
                   if (!call.credential.enterprise || call.credential.enterprise == enterprise.id)
                     write_enterprise(json, enterprise);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Enterprises"});
  router_.add({.method = "POST",
               .pattern = "/api/v1/enterprises",
               .operation = "enterprises.create",
               .needs = Needs::platform_operator(),
               .summary = "Makes an enterprise.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(
                     body, {"code", "name", "industry", "region", "simulated"}));
                 Enterprise enterprise;
                 TUNDISH_TRY(enterprise.code, wire::required_member<std::string>(body, "code"));
                 TUNDISH_TRY(enterprise.name, wire::required_member<std::string>(body, "name"));
                 TUNDISH_TRY(const auto industry,
                             wire::optional_member<std::string>(body, "industry"));
                 TUNDISH_TRY(const auto region, wire::optional_member<std::string>(body, "region"));
                 TUNDISH_TRY(const auto simulated, wire::optional_member<bool>(body, "simulated"));
                 enterprise.industry = industry.value_or("");
                 enterprise.region = region.value_or("");
                 enterprise.simulated = simulated.value_or(false);
                 TUNDISH_TRY(const auto made, services_.enterprises.create(std::move(enterprise)));
                 call.audit_object = "enterprise:" + made.code;
                 return enterprise_response(made, 201);
               },
               .body_bytes_max = kSmallBody,
               .request_schema = "NewEnterprise",
               .response_schema = "Enterprise",
               .audited = true,
               .success = 201});
  router_.add({.method = "GET",
               .pattern = "/api/v1/enterprises/{code}",
               .operation = "enterprises.get",
               .needs = Needs::any(),
               .summary = "One enterprise.",
               .handler = [visible](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, visible(call));
                 return enterprise_response(enterprise);
               },
               .response_schema = "Enterprise"});
  router_.add({.method = "PATCH",
               .pattern = "/api/v1/enterprises/{code}",
               .operation = "enterprises.update",
               .needs = Needs::at_least_or_platform(Role::kAdministrator),
               .summary = "Changes name, industry or region.",
               .handler = [this, visible](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, visible(call));
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"name", "industry", "region"}));
                 EnterprisePatch patch;
                 TUNDISH_TRY(patch.name, wire::optional_member<std::string>(body, "name"));
                 TUNDISH_TRY(patch.industry, wire::optional_member<std::string>(body, "industry"));
                 TUNDISH_TRY(patch.region, wire::optional_member<std::string>(body, "region"));
                 TUNDISH_TRY(const auto updated,
                             services_.enterprises.update(enterprise.id, patch));
                 return enterprise_response(updated);
               },
               .body_bytes_max = kSmallBody,
               .request_schema = "EnterprisePatch",
               .response_schema = "Enterprise",
               .audited = true});
  router_.add({.method = "POST",
               .pattern = "/api/v1/enterprises/{code}/link",
               .operation = "enterprises.link",
               .needs = Needs::at_least_or_platform(Role::kAdministrator),
               .summary = "Makes a one-time link for a person to sign in with.",
               .handler = [this, visible](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, visible(call));
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"role", "user"}));
                 TUNDISH_TRY(const auto role_text,
                             wire::optional_member<std::string>(body, "role"));
                 TUNDISH_TRY(const auto user, wire::required_member<std::string>(body, "user"));
                 const auto role = role_text ? parse_role(*role_text) : std::nullopt;
                 if (role_text && (!role || *role == Role::kPlatformOperator))
                   return fail(ErrorCode::kInvalidArgument,
                               "a role is viewer, operator, engineer or administrator", "role");
                 TUNDISH_TRY(const auto secret,
                             services_.access.make_link(enterprise.id, role, user, kDay));
                 call.audit_detail =
                     fmt::format("user {} as {}", user, role ? role_name(*role) : "what they are");
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().member("link", "/#/welcome/" + secret).end_object();
                 return json_response(std::move(text), 201);
               },
               .body_bytes_max = kSmallBody,
               .request_schema = "NewLink",
               .response_schema = "Link",
               .audited = true,
               .success = 201});

  router_.add({.method = "GET",
               .pattern = "/api/v1/sites",
               .operation = "sites.list",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "The enterprise's sites.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto id, call.enterprise());
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("sites").begin_array();
                 for (const auto& site : services_.enterprises.sites(id)) write_site(json, site);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Sites"});
  const auto save_site = [this](Call& call, std::uint64_t site_id, int status) -> Result<Response> {
    TUNDISH_TRY(const auto enterprise, call.enterprise());
    TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
    Site before;
    for (auto& one : services_.enterprises.sites(enterprise))
      if (one.id == site_id) before = std::move(one);
    TUNDISH_TRY(auto site, site_of(body, enterprise, site_id, before));
    TUNDISH_TRY(const auto saved, services_.enterprises.save_site(std::move(site)));
    call.audit_object = fmt::format("site:{}", saved.id);
    std::string text;
    wire::JsonWriter json(text);
    write_site(json, saved);
    return json_response(std::move(text), status);
  };
  router_.add({.method = "POST",
               .pattern = "/api/v1/sites",
               .operation = "sites.create",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Adds a site.",
               .handler = [save_site](Call& call) { return save_site(call, 0, 201); },
               .body_bytes_max = kSmallBody,
               .request_schema = "Site",
               .response_schema = "Site",
               .audited = true,
               .success = 201});
  router_.add({.method = "PUT",
               .pattern = "/api/v1/sites/{id}",
               .operation = "sites.update",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Changes a site.",
               .handler = [save_site](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto id, call.path_id());
                 if (id == 0)
                   return fail(ErrorCode::kNotFound, "there is nothing with that id", "id");
                 return save_site(call, id, 200);
               },
               .body_bytes_max = kSmallBody,
               .request_schema = "Site",
               .response_schema = "Site",
               .audited = true});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/sites/{id}",
               .operation = "sites.remove",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Removes a site; its tags stay.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_RETURN_IF_ERROR(services_.enterprises.remove_site(enterprise, id));
                 Response response;
                 response.status = 204;
                 return response;
               },
               .audited = true,
               .success = 204});
}

}  // namespace tundish::serve
