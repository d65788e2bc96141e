#include "serve/router.h"

#include <algorithm>

#include <fmt/format.h>

#include <charconv>

#include "base/check.h"

namespace tundish::serve {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

bool is_variable(std::string_view part) { return part.starts_with('{'); }

}  // namespace

std::string_view Call::path_value(std::string_view name) const {
  for (const auto& [key, value] : path_values)
    if (key == name) return value;
  return {};
}

Result<std::uint64_t> Call::path_id(std::string_view name) const {
  const std::string_view text = path_value(name);
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || text.empty())
    return fail(ErrorCode::kNotFound, "there is nothing with that id", std::string(name));
  return id;
}

Result<EnterpriseId> Call::enterprise() const {
  if (credential.enterprise) return *credential.enterprise;
  return fail(ErrorCode::kInvalidArgument,
              "this needs an enterprise: name it with ?enterprise=CODE", "enterprise");
}

void Router::add(Route route) {
  for (const Route& other : routes_)
    TUNDISH_CHECK(other.method != route.method || other.pattern != route.pattern);
  routes_.push_back(std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  if (!path.starts_with('/')) return {};
  const auto parts = split(path.substr(1));
  Match best;
  std::size_t best_literals = 0;
  std::vector<std::string> allowed;
  for (const Route& route : routes_) {
    const auto pattern = split(std::string_view(route.pattern).substr(1));
    if (pattern.size() != parts.size()) continue;
    Match match{&route, {}, {}};
    std::size_t literals = 0;
    bool fits = true;
    for (std::size_t i = 0; fits && i < parts.size(); ++i) {
      if (is_variable(pattern[i])) {
        match.path_values.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), parts[i]);
        fits = !parts[i].empty();
      } else {
        fits = pattern[i] == parts[i];
        ++literals;
      }
    }
    if (!fits) continue;
    allowed.push_back(route.method);
    if (route.method != method) continue;
    if (best.route == nullptr || literals > best_literals) {
      best = std::move(match);
      best_literals = literals;
    }
  }
  best.allowed = std::move(allowed);
  return best;
}

Status check_needs(const Needs& needs, const std::optional<Credential>& credential) {
  if (needs.nobody) return {};
  if (!credential)
    return fail(ErrorCode::kUnauthenticated,
                "sign in, or send an API token as Authorization: Bearer tnd_...");
  const auto denied = [] {
    return fail(ErrorCode::kPermissionDenied, "this credential's role does not allow that");
  };
  if (credential->kind == Credential::Kind::kOwner) return needs.owner ? Status() : denied();
  if (needs.session_only && credential->kind != Credential::Kind::kSession) return denied();
  if (credential->role == Role::kPlatformOperator) return needs.platform ? Status() : denied();
  if (!needs.role || credential->role < *needs.role) return denied();
  return {};
}

Status check_parameters(const Route& route, const Request& request) {
  if (!route.pattern.starts_with("/api/v1/")) return {};
  std::vector<std::string_view> known;
  for (const auto& parameter : route.parameters)
    if (parameter.in == "query") known.push_back(parameter.name);
  for (const auto& [name, value] : request.query) {
    if (name == "enterprise") continue;
    const auto found = std::ranges::find(route.parameters, name, &ParameterDoc::name);
    if (found == route.parameters.end() || found->in != "query")
      return fail(ErrorCode::kInvalidArgument,
                  known.empty() ? "this address takes no query parameters"
                                : fmt::format("'{}' is no parameter here; known are {}",
                                              name.substr(0, 40), fmt::join(known, ", ")),
                  name.substr(0, 40));
    if (found->type == "integer" &&
        (value.empty() || value.size() > 19 ||
         !std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })))
      return fail(ErrorCode::kInvalidArgument, name + " is a whole number", name);
    if (found->type == "boolean" && value != "true" && value != "false")
      return fail(ErrorCode::kInvalidArgument, name + " is true or false", name);
  }
  return {};
}

}  // namespace tundish::serve
