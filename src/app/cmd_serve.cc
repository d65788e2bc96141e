#include <fmt/format.h>

#include "app/command.h"
#include "app/server.h"
#include "base/log.h"

namespace tundish::app {
namespace {

struct ServeOptions {
  std::string data;
  std::string listen;
  std::string config_file;
  std::string console;
  std::string tls_certificate, tls_key;
  std::string public_origin;
  bool verbose = false;
};

Result<ServeConfig> config_of(const ServeOptions& options) {
  ServeConfig config;
  if (!options.config_file.empty())
    TUNDISH_RETURN_IF_ERROR(read_config(options.config_file, config));
  config.platform.data_folder = options.data;
  if (!options.listen.empty()) TUNDISH_RETURN_IF_ERROR(parse_listen(options.listen, config.http));
  if (!options.console.empty()) config.platform.api.console_folder = options.console;
  if (!options.public_origin.empty()) config.platform.api.public_origin = options.public_origin;
  if (!options.tls_certificate.empty()) config.http.tls_certificate = options.tls_certificate;
  if (!options.tls_key.empty()) config.http.tls_key = options.tls_key;
  if (config.http.tls_certificate.empty() != config.http.tls_key.empty())
    return fail(ErrorCode::kInvalidArgument, "TLS needs both a certificate and a key", "--tls-key");
  return config;
}

int run(const ServeOptions& options) {
  block_signals();
  if (options.verbose) set_log_level(LogLevel::kDebug);
  auto config = config_of(options);
  if (!config) return report(config.error());
  const bool public_plain = config->http.tls_certificate.empty() &&
                            config->http.address != "127.0.0.1" && config->http.address != "::1";
  auto server = Server::start(*std::move(config));
  if (!server) return report(server.error());
  fmt::print(stderr, "Tundish {} serves {} at {}\n", version_text(), options.data,
             (*server)->url());
  if (public_plain)
    fmt::print(stderr,
               "Passwords travel in the clear: use --tls-certificate and --tls-key, or a proxy "
               "with TLS.\n");
  if (const auto link = (*server)->operator_link(false); !link.empty())
    fmt::print(
        stderr,
        "Nobody has signed in yet. This link works once and makes the platform operator:\n  {}\n",
        link);
  std::fflush(stderr);
  wait_for_signal();
  fmt::print(stderr, "Stopping: what is in memory is written out.\n");
  (*server)->stop();
  return kDone;
}

}  // namespace

void add_serve_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("serve", "Runs the platform");
  command->footer(
      "Example: tundish serve --data ./data --listen 127.0.0.1:8080\n"
      "Stops cleanly on Ctrl-C or SIGTERM. Exit codes: 0 stopped, 1 failed, 2 wrong usage");
  const auto options = std::make_shared<ServeOptions>();
  command->add_option("--data", options->data, "The data folder; made if it is missing")
      ->required()
      ->type_name("DIR");
  command->add_option("--listen", options->listen, "Address and port; default 127.0.0.1:8080");
  command->add_option("--config", options->config_file, "YAML file; the command line wins over it")
      ->type_name("FILE");
  command->add_option("--console", options->console, "Folder of the built web console")
      ->type_name("DIR");
  command->add_option("--tls-certificate", options->tls_certificate, "PEM file")->type_name("FILE");
  command->add_option("--tls-key", options->tls_key, "PEM file")->type_name("FILE");
  command->add_option("--public-origin", options->public_origin,
                      "https://host as browsers see it, behind a proxy");
  command->add_flag("--verbose", options->verbose, "Log more");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace tundish::app
