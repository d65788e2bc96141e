#include <fmt/format.h>

#include "app/command.h"
#include "build_info.h"
#include "wire/json/json_writer.h"

namespace tundish::app {

void add_version_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("version", "Prints version, commit and compiler");
  command->footer("Example: tundish version --json");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As JSON");
  command->callback([&action, as_json] {
    action = [as_json] {
      if (*as_json) {
        std::string text;
        wire::JsonWriter json(text);
        json.begin_object().member("version", build_info::kVersion);
        json.member("commit", build_info::kCommit).member("compiler", build_info::kCompiler);
        json.member("preset", build_info::kPreset).end_object();
        fmt::print("{}\n", text);
      } else {
        fmt::print("tundish {} ({}, {}, {})\n", build_info::kVersion, build_info::kCommit,
                   build_info::kCompiler, build_info::kPreset);
      }
      return kDone;
    };
  });
}

}  // namespace tundish::app
