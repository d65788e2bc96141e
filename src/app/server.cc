#include "app/server.h"

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>

#include "app/client.h"
#include "base/log.h"

namespace tundish::app {

Result<std::unique_ptr<Server>> Server::start(
    ServeConfig config, const std::function<Status(Platform&)>& before_connecting) {
  auto server = std::make_unique<Server>();
  config.http.control_socket = config.platform.data_folder + "/" + std::string(kControlSocket);
  if (config.platform.api.console_folder.empty())
    config.platform.api.console_folder = find_console();
  TUNDISH_TRY(server->platform_, Platform::open(config.platform));
  TUNDISH_TRY(server->http_, serve::HttpServer::start(server->platform_->api(), config.http));
  const bool tls = !config.http.tls_certificate.empty();
  const std::string host = config.http.address.find(':') == std::string::npos
                               ? config.http.address
                               : "[" + config.http.address + "]";
  server->url_ = fmt::format("{}://{}:{}", tls ? "https" : "http", host, server->http_->port());
  if (before_connecting) TUNDISH_RETURN_IF_ERROR(before_connecting(*server->platform_));
  TUNDISH_RETURN_IF_ERROR(server->platform_->start());
  return server;
}

void Server::stop() {
  // New requests end first, so that nothing is accepted that could not be kept; then what came in
  // is delivered and flushed.
  if (platform_) platform_->api().stop();
  if (http_) http_->stop();
  if (platform_) platform_->stop();
}

Server::~Server() { stop(); }

std::string Server::operator_link(bool always) {
  if (!always && !platform_->access().needs_first_operator()) return {};
  const auto secret =
      platform_->access().make_link(std::nullopt, Role::kPlatformOperator, "operator", 7 * kDay);
  if (!secret) {
    log_error("app", "no link could be made: {}", secret.error().to_string());
    return {};
  }
  return url_ + "/#/welcome/" + *secret;
}

namespace {
sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}
}  // namespace

void block_signals() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_signal() {
  const sigset_t signals = stop_signals();
  int which = 0;
  sigwait(&signals, &which);
}

bool signalled_within(DurationNs wait) {
  const sigset_t signals = stop_signals();
  const timespec time{wait / kSecond, wait % kSecond};
  return ::sigtimedwait(&signals, nullptr, &time) > 0;
}

std::string find_beside_program(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return {};
  // Installed: bin/tundish and share/tundish/NAME. Built: build/PRESET/.../tundish in the source tree.
  for (const fs::path& place :
       {program / name, program / "../share/tundish" / name, program / ".." / name,
        program / "../.." / name, program / "../../.." / name, program / "../../../.." / name})
    if (fs::is_directory(place, error)) return fs::weakly_canonical(place, error).string();
  return {};
}

std::string find_console() {
  for (const char* name : {"console/dist", "console"})
    if (const auto found = find_beside_program(name);
        !found.empty() && std::filesystem::exists(found + "/index.html"))
      return found;
  return {};
}

}  // namespace tundish::app
