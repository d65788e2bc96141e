#include "system/installation.h"

#include <stdlib.h>

#include <charconv>
#include <filesystem>

namespace tundish::test {
namespace {

const wire::JsonValue kNothing;

template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().to_string();
    std::abort();
  }
  return *std::move(result);
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

wire::JsonValue Answer::json() const {
  auto value = wire::parse_json(body, {.bytes_max = 64u << 20, .values_max = 2'000'000});
  EXPECT_TRUE(value) << body.substr(0, 400);
  return value ? *std::move(value) : wire::JsonValue();
}

const wire::JsonValue& at(const wire::JsonValue& value, std::string_view path) {
  const wire::JsonValue* here = &value;
  while (here != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (const auto* array = here->array()) {
      std::size_t index = array->size();
      std::from_chars(name.data(), name.data() + name.size(), index);
      here = index < array->size() ? &(*array)[index] : nullptr;
    } else {
      here = here->find(name);
    }
  }
  return here != nullptr ? *here : kNothing;
}

std::string text_at(const wire::JsonValue& value, std::string_view path) {
  const auto* text = at(value, path).string();
  return text != nullptr ? *text : "(none)";
}

std::int64_t number_at(const wire::JsonValue& value, std::string_view path) {
  const auto* number = at(value, path).integer();
  return number != nullptr ? *number : -1;
}

Installation::Installation()
    : folder_((std::filesystem::temp_directory_path() / "tundish-system-XXXXXX").string()) {
  if (::mkdtemp(folder_.data()) == nullptr) std::abort();
  app::Platform::Options options;
  options.data_folder = folder_;
  options.historian.segment_bytes = 4 << 20;
  // The access matrix makes one for each of its questions.
  options.connect.connections_per_enterprise_max = 1000;
  // A formula without end is cut at once.
  options.api.formula_steps_max = 2'000'000;
  platform_ = must(app::Platform::open(std::move(options)));
  if (const auto started = platform_->start(); !started)
    ADD_FAILURE() << started.error().to_string();
  for (const char* code : {"works-01", "other-01"}) {
    Enterprise enterprise;
    enterprise.code = enterprise.name = code;
    must(platform_->enterprises().create(std::move(enterprise)));
  }
}

Installation::~Installation() {
  platform_->api().stop();
  http_.reset();
  platform_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

EnterpriseId Installation::enterprise(std::string_view code) {
  return platform_->enterprises().find(code).value().id;
}

Caller Installation::token(std::string_view enterprise_code, Role role, bool may_create_tags) {
  NewToken token;
  token.name = std::string(role_name(role)) + " " + std::to_string(++tokens_made_);
  token.role = role;
  if (!enterprise_code.empty()) token.enterprise = enterprise(enterprise_code);
  token.may_create_tags = may_create_tags;
  return {.token = must(platform_->access().create_token(token)).secret};
}

Caller Installation::session(std::string_view enterprise_code, Role role, const std::string& user) {
  std::optional<EnterpriseId> of;
  if (!enterprise_code.empty()) of = enterprise(enterprise_code);
  const auto secret = must(platform_->access().make_link(of, role, user, kHour));
  auto grant = must(platform_->access().redeem_link(secret, "192.0.2.1"));
  return {.cookie = grant.cookie, .csrf = grant.credential.csrf};
}

serve::Request Installation::request(const Caller& caller, const Ask& ask) const {
  serve::Request request;
  request.method = ask.method;
  request.peer = caller.owner ? "local" : ask.peer;
  request.by_control_socket = caller.owner;
  request.headers = {{"host", "localhost"}, {"content-type", ask.content_type}};
  if (!caller.token.empty()) request.headers["authorization"] = "Bearer " + caller.token;
  if (!caller.cookie.empty()) request.headers["cookie"] = "tundish_session=" + caller.cookie;
  if (!caller.csrf.empty()) request.headers["x-csrf-token"] = caller.csrf;
  for (const auto& [name, value] : ask.headers) request.headers[name] = value;
  request.body = ask.body;
  EXPECT_TRUE(serve::parse_target(ask.target, request)) << ask.target;
  return request;
}

Answer Installation::ask(const Caller& caller, const Ask& ask) {
  serve::Request one = request(caller, ask);
  serve::Response response = api().handle(one);
  Answer answer{response.status, std::move(response.headers), std::move(response.body)};
  for (bool more = static_cast<bool>(response.stream); more;) {
    std::string piece;
    more = must(response.stream(piece));
    answer.body += piece;
  }
  return answer;
}

io::Address Installation::listen(serve::HttpServer::Options options) {
  options.port = 0;
  http_ = must(serve::HttpServer::start(api(), std::move(options)));
  return io::Address::tcp("127.0.0.1", http_->port());
}

}  // namespace tundish::test
