#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "serve/http.h"
#include "serve/live_hub.h"
#include "serve/newest_samples.h"
#include "serve/rates.h"
#include "serve/router.h"
#include "serve/services.h"
#include "serve/static_files.h"

namespace tundish::serve {

/// The HTTP interface as docs/guides/api.md describes it: finds the route, establishes the
/// credential before any of the body is read, checks role, CSRF and origin, calls the handler and
/// leaves the audit record. The enterprise of a call comes from its credential and nowhere else.
class Api final : public Application {
 public:
  struct Options {
    std::string console_folder;  ///< empty: no console
    std::string public_origin;   ///< `https://host` behind a proxy; empty: the Host header decides
    std::uint64_t samples_body_bytes_max = 64ull << 20;
    /// Steps of each formula in a request (formula::Budget), beside the time that it has.
    std::uint64_t formula_steps_max = 4'000'000'000;
  };

  Api(Services services, Options options);
  ~Api() override;

  Admission admit(const Request& head) override;
  Response handle(Request& request) override;
  std::shared_ptr<WebSocketHandler> upgrade(const Request& request, Response& refusal) override;

  const Router& router() const { return router_; }
  /// Starts following the change feed for live subscriptions and rates.
  void start();
  /// Ends the live subscriptions; call before the HTTP server is stopped.
  void stop();

 private:
  /// What a request's credential is; nothing when it sent none. Errors: kUnauthenticated for one
  /// that is wrong, kNotFound for an enterprise that does not exist.
  Result<std::optional<Credential>> credential_of(const Request& request, const Route* route) const;
  Result<Credential> admitted(const Request& request, const Route& route) const;
  Status check_cross_site(const Request& request, const Credential& credential) const;
  bool same_origin(const Request& request, bool required) const;
  Response call(const Route& route, Call& call);
  /// An edit of an asset; connections that feed tags below one that moves follow.
  Result<Response> propose_bindings(Call& call);
  Result<EditResult> move_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                const AssetPatch& patch);

  void add_session_routes();
  void add_account_routes();
  void add_enterprise_routes();
  void add_tag_routes();
  void add_latest_routes();
  void add_asset_routes();
  void add_binding_routes();
  void add_template_routes();
  void add_model_routes();
  void add_query_routes();
  void add_ingest_routes();
  void add_connection_routes();
  void add_calendar_routes();
  void add_retention_routes();
  void add_pack_routes();
  void add_screen_routes();
  void add_interval_routes();
  void add_entry_routes();
  void add_annotation_routes();
  void add_downtime_routes();
  void add_formula_routes();
  void add_kpi_routes();
  void add_explain_routes();
  void add_platform_routes();
  void add_backup_routes();
  void add_health_routes();

  Services services_;
  const Options options_;
  Router router_;
  StaticFiles files_;
  Rates rates_;
  LiveHub live_;
  NewestSamples newest_;
};

}  // namespace tundish::serve
