#pragma once

#include <string>

#include "app/platform.h"
#include "base/result.h"
#include "serve/http_server.h"

namespace tundish::app {

/// What `tundish serve` runs with: the defaults, then the configuration file, then the command line.
struct ServeConfig {
  Platform::Options platform;
  serve::HttpServer::Options http;
};

/// Reads a YAML file over `config`:
///
///     listen: 0.0.0.0:8443
///     console: /usr/share/tundish/console
///     public_origin: https://plant.example
///     tls: {certificate: cert.pem, key: key.pem}
///     limits: {samples_body_mib: 64, connections: 10000, workers: 16}
///     historian: {flush_minutes: 10, head_mib: 256, journal_mib: 256}
///
/// Errors: kInvalidArgument with file, line and column, the cause, and the nearest known name.
Status read_config(const std::string& file, ServeConfig& config);

/// `ADDRESS:PORT`, `[::1]:8080`, `:8080` or a port alone.
Status parse_listen(const std::string& text, serve::HttpServer::Options& http);

}  // namespace tundish::app
