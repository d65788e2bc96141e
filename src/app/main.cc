// The command line: parses, then runs what was chosen.
#include <csignal>
#include <cstdio>

#include "app/command.h"

int main(int argc, char** argv) {
  using namespace tundish::app;
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App program(
      "Tundish connects factory equipment, keeps every reading and shows what it means.",
      "tundish");
  program.require_subcommand(1);
  program.footer(
      "Example: tundish demo --data ./data\nEach command explains itself: tundish COMMAND --help");
  Action action;
  add_serve_command(program, action);
  add_demo_command(program, action);
  add_simulate_command(program, action);
  add_query_command(program, action);
  add_pack_command(program, action);
  add_verify_command(program, action);
  add_backup_command(program, action);
  add_restore_command(program, action);
  add_account_commands(program, action);
  add_doctor_command(program, action);
  add_bench_command(program, action);
  add_version_command(program, action);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kDone : kWrongUsage;
  }
  return action ? action() : kWrongUsage;
}
