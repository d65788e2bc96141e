#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "app/client.h"
#include "base/result.h"

namespace tundish::app {

/// Exit codes of every command.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

/// What a command line chose to do: run after parsing, returns the exit code.
using Action = std::function<int()>;

// Each adds its command to the program and sets `action` when it is chosen. Data goes to stdout, all else to
// stderr.
void add_serve_command(CLI::App& program, Action& action);
void add_demo_command(CLI::App& program, Action& action);
void add_simulate_command(CLI::App& program, Action& action);
void add_query_command(CLI::App& program, Action& action);
void add_pack_command(CLI::App& program, Action& action);
void add_verify_command(CLI::App& program, Action& action);
void add_account_commands(CLI::App& program, Action& action);
void add_backup_command(CLI::App& program, Action& action);
void add_restore_command(CLI::App& program, Action& action);
void add_bench_command(CLI::App& program, Action& action);
void add_doctor_command(CLI::App& program, Action& action);
void add_version_command(CLI::App& program, Action& action);

/// Says what went wrong on stderr; kWrongUsage for kInvalidArgument, whoever found it, here or the
/// platform that was asked: saying the same again will not help. Else kFailed.
int report(const Error& error);

/// The options that say where the platform is: `--data DIR`, or `--server URL` with `--token`.
struct Target {
  std::string data;
  std::string server;
  std::string token;             ///< also from the environment variable TUNDISH_TOKEN
  bool may_make_folder = false;  ///< an empty folder becomes a data folder; else it is refused

  void add_to(CLI::App& command, bool with_server);
  /// Errors: kNotFound when --data names no data folder of ours, and those of connect_to_*.
  Result<std::unique_ptr<Client>> connect() const;
};

}  // namespace tundish::app
