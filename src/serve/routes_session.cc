#include <fmt/format.h>

#include "serve/api.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kSmallBody = 16 * 1024;

/// Who is signed in, as every session answer shows it.
std::string session_json(const AccessControl& access, const Credential& credential) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("user").begin_object();
  json.member("id", credential.user);
  const auto user = credential.user != 0 ? access.user({}, credential.user) : Result<User>(User{});
  json.member("name", user && credential.user != 0 ? user->name : credential.actor);
  json.member("display_name", user ? user->display_name : std::string());
  json.member("role", role_name(credential.role)).key("enterprise");
  if (credential.enterprise)
    json.value(credential.enterprise_code);
  else
    json.null();
  json.member("has_password", user && user->has_password);
  json.end_object().member("csrf", credential.csrf).end_object();
  return text;
}

std::string session_cookie(const Request& request, std::string_view value, bool end) {
  return fmt::format("tundish_session={}; Path=/; HttpOnly; SameSite=Strict{}{}", value,
                     request.by_tls ? "; Secure" : "", end ? "; Max-Age=0" : "; Max-Age=604800");
}

}  // namespace

void Api::add_session_routes() {
  const auto granted = [this](Call& call, Result<SessionGrant> grant) -> Result<Response> {
    if (!grant) return fail(std::move(grant).error());
    call.credential = grant->credential;  // the audit names who came in
    Response response = json_response(session_json(services_.access, grant->credential));
    response.with("Set-Cookie", session_cookie(call.request, grant->cookie, false));
    return response;
  };

  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/session",
       .operation = "session.login",
       .needs = Needs::none(),
       .summary = "Signs in with name and password.",
       .handler = [this, granted](Call& call) -> Result<Response> {
         if (!same_origin(call.request, false))
           return fail(ErrorCode::kPermissionDenied, "this request comes from another site's page");
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"name", "password"}));
         TUNDISH_TRY(const auto name, wire::required_member<std::string>(body, "name"));
         TUNDISH_TRY(const auto password, wire::required_member<std::string>(body, "password"));
         call.audit_object = "user:" + name.substr(0, 64);
         call.audit_detail = "from " + call.request.peer;
         return granted(call, services_.access.login(name, password, call.request.peer));
       },
       .body_bytes_max = kSmallBody,
       .request_schema = "Login",
       .response_schema = "Session",
       .audited = true});
  router_.add({.method = "POST",
               .pattern = "/api/v1/session/link",
               .operation = "session.redeem",
               .needs = Needs::none(),
               .summary = "Signs in with a one-time link.",
               .handler = [this, granted](Call& call) -> Result<Response> {
                 if (!same_origin(call.request, false))
                   return fail(ErrorCode::kPermissionDenied,
                               "this request comes from another site's page");
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"secret"}));
                 TUNDISH_TRY(const auto secret, wire::required_member<std::string>(body, "secret"));
                 call.audit_detail = "from " + call.request.peer;
                 return granted(call, services_.access.redeem_link(secret, call.request.peer));
               },
               .body_bytes_max = kSmallBody,
               .request_schema = "LinkSecret",
               .response_schema = "Session",
               .audited = true});
  router_.add({.method = "GET",
               .pattern = "/api/v1/session",
               .operation = "session.get",
               .needs = Needs::any(),
               .summary = "Who this credential is.",
               .handler = [this](Call& call) -> Result<Response> {
                 return json_response(session_json(services_.access, call.credential));
               },
               .response_schema = "Session"});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/session",
               .operation = "session.logout",
               .needs = Needs::session(),
               .summary = "Signs out.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_RETURN_IF_ERROR(services_.access.logout(call.credential));
                 Response response;
                 response.status = 204;
                 response.with("Set-Cookie", session_cookie(call.request, "", true));
                 return response;
               },
               .audited = true,
               .success = 204});
  router_.add({.method = "PUT",
               .pattern = "/api/v1/session/password",
               .operation = "session.password",
               .needs = Needs::session(),
               .summary = "Sets or changes one's own password; ends one's other sessions.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(
                     wire::check_members(body, {"old_password", "new_password"}));
                 TUNDISH_TRY(const auto old_password,
                             wire::optional_member<std::string>(body, "old_password"));
                 TUNDISH_TRY(const auto new_password,
                             wire::required_member<std::string>(body, "new_password"));
                 TUNDISH_RETURN_IF_ERROR(services_.access.change_password(
                     call.credential, old_password.value_or(""), new_password));
                 Response response;
                 response.status = 204;
                 return response;
               },
               .body_bytes_max = kSmallBody,
               .request_schema = "PasswordChange",
               .audited = true,
               .success = 204});
}

}  // namespace tundish::serve
