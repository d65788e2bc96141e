#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "serve/api.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kSmallBody = 16 * 1024;

/// The accounts a credential administers: its enterprise's; for the platform operator those of the
/// installation itself; for the owner those of `?enterprise=`, or the installation's.
AccessControl::Scope scope_of(const Credential& credential) { return credential.enterprise; }

/// `scope` none means everything in the port; the platform operator sees only the accounts that
/// belong to no enterprise.
template <class T>
bool in_scope(const Credential& credential, const T& account) {
  return account.enterprise == credential.enterprise;
}

void write_time_or_null(wire::JsonWriter& json, TimeNs time) {
  if (time == 0)
    json.null();
  else
    json.time(time);
}

void write_enterprise_code(wire::JsonWriter& json, const EnterpriseStore& enterprises,
                           const std::optional<EnterpriseId>& id) {
  const auto enterprise = id ? enterprises.find(*id) : std::nullopt;
  json.key("enterprise");
  if (enterprise)
    json.value(enterprise->code);
  else
    json.null();
}

void write_user(wire::JsonWriter& json, const EnterpriseStore& enterprises, const User& user) {
  json.begin_object().member("id", user.id).member("name", user.name);
  json.member("display_name", user.display_name).member("role", role_name(user.role));
  write_enterprise_code(json, enterprises, user.enterprise);
  json.member("disabled", user.disabled).member("has_password", user.has_password);
  json.key("created").time(user.created).key("last_login");
  write_time_or_null(json, user.last_login);
  json.end_object();
}

void write_token(wire::JsonWriter& json, const EnterpriseStore& enterprises, const Token& token) {
  json.begin_object().member("id", token.id).member("name", token.name);
  json.member("role", role_name(token.role));
  write_enterprise_code(json, enterprises, token.enterprise);
  json.member("may_create_tags", token.may_create_tags).key("created").time(token.created);
  json.key("expires");
  write_time_or_null(json, token.expires);
  json.key("last_used");
  write_time_or_null(json, token.last_used);
  json.end_object();
}

/// The role that a new account of this scope may have. Nobody gives more than they have.
Result<Role> role_of(const wire::JsonValue& body, const Credential& credential) {
  TUNDISH_TRY(const auto text, wire::required_member<std::string>(body, "role"));
  const auto role = parse_role(text);
  const bool of_enterprise = credential.enterprise.has_value();
  if (!role || (*role == Role::kPlatformOperator) == of_enterprise)
    return fail(ErrorCode::kInvalidArgument,
                of_enterprise ? "a role here is viewer, operator, engineer or administrator"
                              : "without an enterprise the only role is platform-operator",
                "role");
  return *role;
}

}  // namespace

void Api::add_account_routes() {
  const Needs administrators = Needs::at_least_or_platform(Role::kAdministrator);

  router_.add({.method = "GET",
               .pattern = "/api/v1/users",
               .operation = "users.list",
               .needs = administrators,
               .summary = "People of this enterprise, or of the installation.",
               .handler = [this](Call& call) -> Result<Response> {
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("users").begin_array();
                 for (const auto& user : services_.access.users(scope_of(call.credential)))
                   if (in_scope(call.credential, user))
                     write_user(json, services_.enterprises, user);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Users"});
  router_.add({.method = "POST",
               .pattern = "/api/v1/users",
               .operation = "users.create",
               .needs = administrators,
               .summary = "Adds a person.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(
                     wire::check_members(body, {"name", "display_name", "role", "password"}));
                 NewUser user;
                 TUNDISH_TRY(user.name, wire::required_member<std::string>(body, "name"));
                 TUNDISH_TRY(const auto display,
                             wire::optional_member<std::string>(body, "display_name"));
                 TUNDISH_TRY(user.role, role_of(body, call.credential));
                 TUNDISH_TRY(user.password, wire::optional_member<std::string>(body, "password"));
                 user.display_name = display.value_or(user.name);
                 user.enterprise = call.credential.enterprise;
                 TUNDISH_TRY(const auto made, services_.access.create_user(user));
                 call.audit_object = fmt::format("user:{}", made.name);
                 call.audit_detail = std::string(role_name(made.role));
                 std::string text;
                 wire::JsonWriter json(text);
                 write_user(json, services_.enterprises, made);
                 return json_response(std::move(text), 201);
               },
               .body_bytes_max = kSmallBody,
               .request_schema = "NewUser",
               .response_schema = "User",
               .audited = true,
               .success = 201});
  const auto own_user = [this](const Call& call) -> Result<User> {
    TUNDISH_TRY(const auto id, call.path_id());
    auto user = services_.access.user(scope_of(call.credential), id);
    if (!user || !in_scope(call.credential, *user))
      return fail(ErrorCode::kNotFound, "there is no user with that id", "id");
    return user;
  };
  router_.add(
      {.method = "PATCH",
       .pattern = "/api/v1/users/{id}",
       .operation = "users.update",
       .needs = administrators,
       .summary = "Changes a person's role, name or password, or disables the account.",
       .handler = [this, own_user](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto user, own_user(call));
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(
             wire::check_members(body, {"display_name", "role", "disabled", "password"}));
         UserPatch patch;
         TUNDISH_TRY(patch.display_name, wire::optional_member<std::string>(body, "display_name"));
         TUNDISH_TRY(patch.disabled, wire::optional_member<bool>(body, "disabled"));
         TUNDISH_TRY(patch.password, wire::optional_member<std::string>(body, "password"));
         if (body.find("role") != nullptr) {
           TUNDISH_TRY(patch.role, role_of(body, call.credential));
         }
         if (patch.disabled.value_or(false) && user.id == call.credential.user)
           return fail(ErrorCode::kConflict, "you cannot disable your own account");
         TUNDISH_TRY(const auto updated,
                     services_.access.update_user(scope_of(call.credential), user.id, patch));
         call.audit_object = "user:" + updated.name;
         std::string text;
         wire::JsonWriter json(text);
         write_user(json, services_.enterprises, updated);
         return json_response(std::move(text));
       },
       .body_bytes_max = kSmallBody,
       .request_schema = "UserPatch",
       .response_schema = "User",
       .audited = true});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/users/{id}",
               .operation = "users.remove",
               .needs = administrators,
               .summary = "Removes a person and ends their sessions.",
               .handler = [this, own_user](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto user, own_user(call));
                 if (user.id == call.credential.user)
                   return fail(ErrorCode::kConflict, "you cannot remove your own account");
                 TUNDISH_RETURN_IF_ERROR(
                     services_.access.remove_user(scope_of(call.credential), user.id));
                 call.audit_object = "user:" + user.name;
                 Response response;
                 response.status = 204;
                 return response;
               },
               .audited = true,
               .success = 204});

  router_.add({.method = "GET",
               .pattern = "/api/v1/tokens",
               .operation = "tokens.list",
               .needs = administrators,
               .summary = "API tokens, without their secrets.",
               .handler = [this](Call& call) -> Result<Response> {
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("tokens").begin_array();
                 for (const auto& token : services_.access.tokens(scope_of(call.credential)))
                   if (in_scope(call.credential, token))
                     write_token(json, services_.enterprises, token);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Tokens"});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/tokens",
       .operation = "tokens.create",
       .needs = administrators,
       .summary = "Makes an API token; its secret is in this answer only.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(
             wire::check_members(body, {"name", "role", "may_create_tags", "expires"}));
         NewToken token;
         TUNDISH_TRY(token.name, wire::required_member<std::string>(body, "name"));
         TUNDISH_TRY(token.role, role_of(body, call.credential));
         TUNDISH_TRY(const auto may, wire::optional_member<bool>(body, "may_create_tags"));
         TUNDISH_TRY(const auto expires, wire::optional_member<std::string>(body, "expires"));
         token.may_create_tags = may.value_or(false);
         token.enterprise = call.credential.enterprise;
         if (expires) {
           TUNDISH_TRY(token.expires, parse_time(*expires, services_.clock.now()));
           if (token.expires <= services_.clock.now())
             return fail(ErrorCode::kInvalidArgument, "that time has passed", "expires");
         }
         TUNDISH_TRY(const auto made, services_.access.create_token(token));
         call.audit_object = fmt::format("token:{}", made.token.id);
         call.audit_detail = fmt::format("{} as {}", made.token.name, role_name(made.token.role));
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().key("token");
         write_token(json, services_.enterprises, made.token);
         json.member("secret", made.secret).end_object();
         return json_response(std::move(text), 201);
       },
       .body_bytes_max = kSmallBody,
       .request_schema = "NewToken",
       .response_schema = "CreatedToken",
       .audited = true,
       .success = 201});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/tokens/{id}",
               .operation = "tokens.remove",
               .needs = administrators,
               .summary = "Withdraws a token at once.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto id, call.path_id());
                 const auto tokens = services_.access.tokens(scope_of(call.credential));
                 const bool own = std::ranges::any_of(tokens, [&](const Token& token) {
                   return token.id == id && in_scope(call.credential, token);
                 });
                 if (!own)
                   return fail(ErrorCode::kNotFound, "there is no token with that id", "id");
                 TUNDISH_RETURN_IF_ERROR(
                     services_.access.remove_token(scope_of(call.credential), id));
                 Response response;
                 response.status = 204;
                 return response;
               },
               .audited = true,
               .success = 204});

  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/audit",
       .operation = "audit.list",
       .needs = administrators,
       .summary = "Who changed what, newest first.",
       .handler = [this](Call& call) -> Result<Response> {
         const auto number = [&](std::string_view name, std::uint64_t otherwise) {
           const auto text = call.request.parameter(name);
           std::uint64_t value = otherwise;
           if (text) std::from_chars(text->data(), text->data() + text->size(), value);
           return value;
         };
         const std::size_t limit = std::clamp<std::size_t>(number("limit", 100), 1, 1000);
         const auto entries =
             services_.access.audit(scope_of(call.credential), number("before", 0), limit);
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().key("entries").begin_array();
         for (const auto& entry : entries) {
           json.begin_object().member("number", entry.number).key("time").time(entry.time);
           json.member("actor", entry.actor);
           write_enterprise_code(json, services_.enterprises, entry.enterprise);
           json.member("action", entry.action).member("object", entry.object);
           json.member("outcome", entry.outcome).member("detail", entry.detail).end_object();
         }
         json.end_array().key("next");
         if (entries.size() == limit)
           json.value(entries.back().number);
         else
           json.null();
         json.end_object();
         return json_response(std::move(text));
       },
       .response_schema = "Audit",
       .parameters = {{"before", "query", "integer", "The `next` of the page before."},
                      {"limit", "query", "integer", "At most 1000; default 100."}}});
}

}  // namespace tundish::serve
