#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ports/credential.h"
#include "serve/http.h"

namespace tundish::serve {

/// Who may call a route. The owner of the data folder may call all but those for a session only.
struct Needs {
  bool nobody = false;            ///< no credential: public
  std::optional<Role> role = {};  ///< at least this role in an enterprise
  bool platform = false;          ///< the platform operator
  bool owner = true;
  bool session_only = false;

  static Needs none() { return {.nobody = true}; }
  static Needs any() { return {.role = Role::kViewer, .platform = true}; }
  static Needs at_least(Role least) { return {.role = least}; }
  static Needs platform_operator() { return {.platform = true}; }
  static Needs at_least_or_platform(Role least) { return {.role = least, .platform = true}; }
  static Needs owner_only() { return {}; }
  static Needs session() {
    return {.role = Role::kViewer, .platform = true, .owner = false, .session_only = true};
  }
};

/// One call of a route: the request, who asks, and what the path's `{names}` stand for.
struct Call {
  Request& request;
  Credential credential;
  std::vector<std::pair<std::string, std::string>> path_values;
  std::string audit_object;  ///< set by the handler when the path does not name it
  std::string audit_detail;

  std::string_view path_value(std::string_view name) const;
  /// A `{id}` as a number. Errors: kNotFound, as for an id that nobody has.
  Result<std::uint64_t> path_id(std::string_view name = "id") const;
  /// The enterprise to act in: the credential's; for the owner the one that `?enterprise=` names,
  /// which the API has put into the credential. Errors: kInvalidArgument when there is none.
  Result<EnterpriseId> enterprise() const;
};

using Handler = std::function<Result<Response>(Call&)>;

struct ParameterDoc {
  std::string name;
  std::string in;    ///< `query` or `header`
  std::string type;  ///< `string`, `integer`, `boolean`
  std::string text;
};

/// One route, with all that the OpenAPI document says of it.
struct Route {
  std::string method;
  std::string pattern;    ///< `/api/v1/tags/{id}`
  std::string operation;  ///< `tags.update`: operationId, and the action in the audit
  Needs needs;
  std::string summary;
  Handler handler;
  std::uint64_t body_bytes_max = 0;  ///< 0: no body expected
  std::string request_schema = {};   ///< name in openapi_schemas.cc, empty: none
  std::string response_schema = {};
  std::vector<ParameterDoc> parameters = {};
  bool audited = false;  ///< it changes something: leaves an audit record
  bool websocket = false;
  std::vector<std::string> tokens_in = {};  ///< other places a token may be: `query:p`, `basic`
  int success = 200;
};

class Router {
 public:
  void add(Route route);
  const std::vector<Route>& routes() const { return routes_; }

  struct Match {
    const Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> path_values;
    std::vector<std::string> allowed;  ///< methods of the path, when only the method was wrong
  };
  /// The most literal pattern wins: `/connections/endpoints` before `/connections/{id}`.
  Match match(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

/// Whether a credential meets the needs. Errors: kUnauthenticated, kPermissionDenied.
Status check_needs(const Needs& needs, const std::optional<Credential>& credential);

/// Whether a request's query has only parameters that the route knows (and `enterprise`), each of its
/// type: a misspelt one is told instead of being ignored. Outside /api/v1 other programs send theirs.
/// Errors: kInvalidArgument.
Status check_parameters(const Route& route, const Request& request);

}  // namespace tundish::serve
