#include "serve/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/log.h"
#include "serve/openapi.h"

namespace tundish::serve {
namespace {

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

/// Every answer: what a browser may do with it, and when it was made (RFC 9110, 6.6.1), by which the
/// console tells ages where the browser's clock is wrong.
void add_common_headers(Response& response, TimeNs now) {
  const auto seconds = static_cast<std::time_t>(now / kSecond);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  response.with("Date", fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                                    kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                                    kMonths[static_cast<std::size_t>(utc.tm_mon)],
                                    utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec));
  response.with("Content-Security-Policy", std::string(kContentSecurityPolicy))
      .with("X-Content-Type-Options", "nosniff")
      .with("Referrer-Policy", "no-referrer")
      .with("Cross-Origin-Opener-Policy", "same-origin")
      .with("Cross-Origin-Resource-Policy", "same-origin");
}

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

/// The 6-bit value of a base64 character, or -1.
int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

/// Whether a refused call belongs in the audit. A stranger who tries a password or a link does, and
/// is slowed down by the limits on that; without them (a body that is no JSON, a page of another
/// site, one attempt too many) anybody could fill the disk with records.
bool is_worth_a_record(const Credential& credential, ErrorCode code) {
  return !credential.actor.empty() || code == ErrorCode::kUnauthenticated;
}

std::string base64_decode(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) break;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xFFFFFFu;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>((bits >> have) & 0xFFu);
    }
  }
  return out;
}

/// What no route answers may be a page of the console.
bool is_for_files(const Request& request) {
  return (request.method == "GET" || request.method == "HEAD") &&
         !request.path.starts_with("/api/");
}

/// The answer where there is no route: 405 with the methods that there are, or 404.
Response unrouted(const Request& request, const Router::Match& match, TimeNs now) {
  Response response;
  if (match.allowed.empty()) {
    response = problem_response({ErrorCode::kNotFound, "there is nothing at this address"});
  } else {
    const std::string allowed = fmt::format("{}", fmt::join(match.allowed, ", "));
    response =
        problem_response({ErrorCode::kInvalidArgument,
                          fmt::format("{} is not possible here, only {}", request.method, allowed)},
                         405);
    response.with("Allow", allowed);
  }
  add_common_headers(response, now);
  return response;
}

/// The API token of a request, wherever this route lets it be; empty when there is none.
std::string token_of(const Request& request, const Route* route) {
  const std::string_view authorization = request.header("authorization");
  for (const std::string_view scheme : {"Bearer ", "bearer ", "Token "})
    if (authorization.starts_with(scheme)) return std::string(authorization.substr(scheme.size()));
  if (route == nullptr) return {};
  for (const auto& place : route->tokens_in) {
    if (place == "basic" && authorization.starts_with("Basic ")) {
      const std::string pair = base64_decode(authorization.substr(6));
      if (const auto colon = pair.find(':'); colon != std::string::npos)
        return pair.substr(colon + 1);
    }
    if (place.starts_with("query:"))
      if (const auto value = request.parameter(std::string_view(place).substr(6)))
        return std::string(*value);
  }
  return {};
}

}  // namespace

Api::Api(Services services, Options options)
    : services_(std::move(services)),
      options_(std::move(options)),
      files_(options_.console_folder),
      rates_(services_.ledger, services_.enterprises, services_.clock),
      live_(services_.feed, services_.view, services_.tags),
      newest_(services_.feed, services_.tags) {
  add_health_routes();
  add_session_routes();
  add_platform_routes();
  add_backup_routes();
  add_enterprise_routes();
  add_tag_routes();
  add_latest_routes();
  add_asset_routes();
  add_binding_routes();
  add_template_routes();
  add_model_routes();
  add_ingest_routes();
  add_query_routes();
  add_connection_routes();
  add_calendar_routes();
  add_retention_routes();
  add_pack_routes();
  add_screen_routes();
  add_interval_routes();
  add_entry_routes();
  add_annotation_routes();
  add_downtime_routes();
  add_formula_routes();
  add_kpi_routes();
  add_explain_routes();
  add_account_routes();
}

Api::~Api() { stop(); }

void Api::start() {
  live_.start([this] { rates_.tick(); });
}

void Api::stop() { live_.stop(); }

Result<std::optional<Credential>> Api::credential_of(const Request& request,
                                                     const Route* route) const {
  if (request.by_control_socket) {
    Credential owner;
    owner.kind = Credential::Kind::kOwner;
    owner.actor = "owner";
    owner.role = Role::kPlatformOperator;
    owner.may_create_tags = true;
    if (const auto code = request.parameter("enterprise")) {
      const auto enterprise = services_.enterprises.find(*code);
      if (!enterprise)
        return fail(ErrorCode::kNotFound, fmt::format("there is no enterprise '{}'", *code),
                    "enterprise");
      owner.enterprise = enterprise->id;
      owner.enterprise_code = enterprise->code;
    }
    return owner;
  }
  if (const std::string token = token_of(request, route); !token.empty()) {
    TUNDISH_TRY(auto credential, services_.access.verify_token(token));
    return credential;
  }
  if (const auto cookie = request.cookie("tundish_session"); cookie && !cookie->empty()) {
    auto credential = services_.access.verify_session(*cookie);
    // A cookie that has run out is like none: public routes still answer, others say sign in.
    if (!credential) return std::nullopt;
    return *credential;
  }
  return std::nullopt;
}

bool Api::same_origin(const Request& request, bool required) const {
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return !required;
  if (!options_.public_origin.empty() && origin == options_.public_origin) return true;
  const auto scheme = origin.find("://");
  return scheme != std::string_view::npos && origin.substr(scheme + 3) == request.header("host");
}

/// A browser sends the cookie with every request to us, whoever's page makes it; the token that
/// only our own page knows, and the Origin, tell them apart.
Status Api::check_cross_site(const Request& request, const Credential& credential) const {
  if (credential.kind != Credential::Kind::kSession || !changes_something(request.method))
    return {};
  if (!same_origin(request, false))
    return fail(ErrorCode::kPermissionDenied, "this request comes from another site's page");
  const std::string_view sent = request.header("x-csrf-token");
  unsigned difference = sent.size() == credential.csrf.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(sent.size(), credential.csrf.size()); ++i)
    difference |= static_cast<unsigned char>(sent[i] ^ credential.csrf[i]);
  if (difference != 0 || sent.empty())
    return fail(ErrorCode::kPermissionDenied,
                "the X-CSRF-Token header is missing or not this session's");
  return {};
}

Result<Credential> Api::admitted(const Request& request, const Route& route) const {
  TUNDISH_TRY(const auto credential, credential_of(request, &route));
  TUNDISH_RETURN_IF_ERROR(check_needs(route.needs, credential));
  if (!credential) return Credential{};
  TUNDISH_RETURN_IF_ERROR(check_cross_site(request, *credential));
  return *credential;
}

Application::Admission Api::admit(const Request& head) {
  const std::string_view method = head.method == "HEAD" ? "GET" : std::string_view(head.method);
  const auto match = router_.match(method, head.path);
  Admission admission;
  admission.party = "address " + head.peer;
  if (match.route == nullptr) {
    // Refused before the body, whose size would otherwise be what the client is told about.
    if (!match.allowed.empty() || !is_for_files(head))
      admission.refusal = unrouted(head, match, services_.clock.now());
    return admission;
  }
  admission.body_bytes_max = match.route->body_bytes_max;
  // Verifying is in memory.
  const auto credential = admitted(head, *match.route);
  if (credential && credential->enterprise)
    admission.party = fmt::format("enterprise {}", credential->enterprise->value());
  admission.stranger = !credential || credential->actor.empty();
  // Public routes with a body (signing in) have a small one; for all others the credential comes
  // first. Without a body `handle` finds the same.
  if (!credential && match.route->body_bytes_max > 0) {
    admission.refusal = problem_response(credential.error());
    add_common_headers(*admission.refusal, services_.clock.now());
  }
  return admission;
}

Response Api::handle(Request& request) {
  const std::string_view method =
      request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const auto match = router_.match(method, request.path);
  Response response;
  if (match.route != nullptr && match.route->websocket) {
    response = problem_response(
        {ErrorCode::kInvalidArgument, "this address speaks WebSocket; send an upgrade request"},
        426);
    response.with("Upgrade", "websocket");
  } else if (match.route != nullptr) {
    auto credential = admitted(request, *match.route);
    if (credential) {
      Call one{request, *std::move(credential), match.path_values, {}, {}};
      const auto checked = check_parameters(*match.route, request);
      response = checked ? call(*match.route, one) : problem_response(checked.error());
    } else {
      response = problem_response(credential.error());
    }
    response.with("Cache-Control", "no-store");
  } else if (match.allowed.empty() && is_for_files(request)) {
    response = files_.answer(request);
  } else {
    return unrouted(request, match, services_.clock.now());
  }
  add_common_headers(response, services_.clock.now());
  return response;
}

Response Api::call(const Route& route, Call& one) {
  auto result = route.handler(one);
  std::string outcome = "done";
  if (!result) outcome = std::string(error_code_name(result.error().code));
  if (route.audited && (result || is_worth_a_record(one.credential, result.error().code))) {
    AuditEntry entry;
    entry.actor =
        one.credential.actor.empty() ? "anyone@" + one.request.peer : one.credential.actor;
    entry.enterprise = one.credential.enterprise;
    entry.action = route.operation;
    entry.object = one.audit_object.empty() ? one.request.path : one.audit_object;
    entry.outcome = outcome;
    entry.detail = result ? one.audit_detail : result.error().message;
    if (const auto recorded = services_.access.record(std::move(entry)); !recorded) {
      log_error("serve", "an audit record could not be written: {}", recorded.error().to_string());
      // Somebody has to come in and make room (docs/decisions/credentials.md).
      const bool comes_in = route.operation == "session.login";
      if (result && !comes_in) return problem_response(recorded.error());
    }
  }
  return result ? *std::move(result) : problem_response(result.error());
}

std::shared_ptr<WebSocketHandler> Api::upgrade(const Request& request, Response& refusal) {
  const auto match = router_.match("GET", request.path);
  if (match.route == nullptr || !match.route->websocket) {
    refusal = problem_response({ErrorCode::kNotFound, "there is no WebSocket at this address"});
    return nullptr;
  }
  const auto credential = admitted(request, *match.route);
  if (!credential) {
    refusal = problem_response(credential.error());
    return nullptr;
  }
  const bool by_cookie = credential->kind == Credential::Kind::kSession;
  if (!same_origin(request, by_cookie)) {
    refusal = problem_response(
        {ErrorCode::kPermissionDenied, "this WebSocket is opened by another site's page"});
    return nullptr;
  }
  if (!credential->enterprise) {
    refusal = problem_response(
        {ErrorCode::kInvalidArgument, "this needs an enterprise: name it with ?enterprise=CODE"});
    return nullptr;
  }
  const Route* route = match.route;
  auto handler = live_.connect(*credential->enterprise, [this, request, route] {
    const auto again = credential_of(request, route);
    return again && *again && check_needs(route->needs, *again).has_value();
  });
  if (handler) return *std::move(handler);
  refusal = problem_response(handler.error());
  return nullptr;
}

}  // namespace tundish::serve
