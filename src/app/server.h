#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config.h"
#include "app/platform.h"
#include "base/result.h"
#include "serve/http_server.h"

namespace tundish::app {

/// A platform with its sockets: what `serve` and `demo` run.
class Server {
 public:
  Server() = default;
  /// Opens the folder, listens, connects. `before_connecting` runs when folder and port are ours and no
  /// equipment has been called yet. Errors: those of Platform::open, HttpServer::start and its own.
  static Result<std::unique_ptr<Server>> start(
      ServeConfig config, const std::function<Status(Platform&)>& before_connecting = {});
  ~Server();
  void stop();

  Platform& platform() { return *platform_; }
  /// `http://127.0.0.1:8080`.
  const std::string& url() const { return url_; }
  /// A one-time link for the platform operator; empty once somebody has signed in, unless `always`.
  std::string operator_link(bool always);

 private:
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<serve::HttpServer> http_;
  std::string url_;
};

/// Blocks until SIGINT or SIGTERM. Call block_signals() before any thread is made.
void block_signals();
void wait_for_signal();
/// The same for at most `wait`: whether one came.
bool signalled_within(DurationNs wait);

/// Where the console's built files are: next to the program, or in the source tree it was built in.
std::string find_console();
/// A folder of that name next to the program, in ../share/tundish, or above it. Empty: none.
std::string find_beside_program(const std::string& name);
/// The folder of a pack: `name` itself, or below the packs that come with the program.
/// Errors: kNotFound with the packs that there are.
Result<std::string> find_pack(const std::string& name);

}  // namespace tundish::app
