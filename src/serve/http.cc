#include "serve/http.h"

#include "wire/json/json_writer.h"

namespace tundish::serve {

std::string_view Request::header(std::string_view lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string_view> Request::parameters(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : query)
    if (key == name) values.push_back(value);
  return values;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  std::string_view rest = header("cookie");
  while (!rest.empty()) {
    const auto end = rest.find(';');
    std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return std::nullopt;
}

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return false;
      c = static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return false;
    out += c;
  }
  return true;
}

bool parse_target(std::string_view target, Request& request) {
  request.target = std::string(target);
  if (target.empty() || target.front() != '/') return false;
  const auto question = target.find('?');
  if (!percent_decode(target.substr(0, question), false, request.path)) return false;
  if (question == std::string_view::npos) return true;
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string name, value;
    if (!percent_decode(pair.substr(0, equals), true, name)) return false;
    if (equals != std::string_view::npos && !percent_decode(pair.substr(equals + 1), true, value))
      return false;
    request.query.emplace_back(std::move(name), std::move(value));
  }
  return true;
}

Response json_response(std::string body, int status) {
  return text_response(std::move(body), "application/json", status);
}

Response text_response(std::string body, std::string content_type, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.with("Content-Type", std::move(content_type));
  return response;
}

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kTypeMismatch:
    case ErrorCode::kFutureTime:
    case ErrorCode::kBeyondRetention: return 400;
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kPermissionDenied: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
    case ErrorCode::kInUse: return 409;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kUnsupported: return 415;
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kOverloaded: return 429;
    case ErrorCode::kDiskFull: return 507;
    case ErrorCode::kRemote: return 502;
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled: return 504;
    case ErrorCode::kIo:
    case ErrorCode::kCorruption:
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

Response problem_response(const Error& error) {
  return problem_response(error, http_status(error.code));
}

Response problem_response(const Error& error, int status) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object();
  json.member("type", "about:blank").member("title", error_code_name(error.code));
  json.member("status", status).member("detail", error.message);
  json.member("code", error_code_name(error.code));
  if (!error.where.empty()) json.member("where", error.where);
  if (error.offset) json.member("offset", *error.offset);
  json.end_object();
  Response response = text_response(std::move(body), "application/problem+json", status);
  if (status == 429 || status == 503 || status == 507) response.with("Retry-After", "1");
  if (status == 401) response.with("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace tundish::serve
