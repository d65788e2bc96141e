#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/command.h"
#include "app/pack_folder.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  wire::append_json_string(out, text);
  return out;
}

int list(bool json) {
  std::string rows;
  bool complete = true;
  for (const auto& name : shipped_packs()) {
    const auto folder = find_pack_folder(name);
    if (!folder) return report(folder.error());
    const auto files = read_pack_folder(*folder);
    if (!files) return report(files.error());
    const auto pack = pack::read_pack(*files);
    complete = complete && pack.has_value();
    const std::string version = pack ? pack->version : "";
    const std::string_view words = pack ? word_in(pack->words, "en") : "has mistakes";
    const std::size_t assets = pack ? pack->plant.size() : 0;
    if (json)
      rows += fmt::format(
          "{}{{\"name\":{},\"version\":{},\"words\":{},\"templates\":{},\"kpis\":{},\"alarms\":{},"
          "\"intervals\":{},\"assets\":{},\"folder\":{}}}",
          rows.empty() ? "" : ",", in_quotes(name), in_quotes(version), in_quotes(words),
          pack ? pack->templates.size() : 0, pack ? pack->kpis.size() : 0,
          pack ? pack->alarms.size() : 0, pack ? pack->intervals.size() : 0, assets,
          in_quotes(*folder));
    else
      rows += fmt::format("{:<20} {:<10} {}\n", name, version, words);
  }
  if (json)
    fmt::print("{{\"packs\":[{}]}}\n", rows);
  else
    fmt::print("{}", rows);
  return complete ? kDone : kFailed;
}

void print_json(const std::vector<pack::PackMistake>& mistakes) {
  std::string rows;
  for (const auto& one : mistakes)
    rows += fmt::format("{}{{\"file\":{},\"line\":{},\"column\":{},\"message\":{},\"warning\":{}}}",
                        rows.empty() ? "" : ",", in_quotes(one.file), one.line, one.column,
                        in_quotes(one.message), one.is_warning);
  fmt::print("{{\"mistakes\":[{}]}}\n", rows);
}

int check(const std::string& name, bool json) {
  const auto folder = find_pack_folder(name);
  if (!folder) return report(folder.error());
  const auto files = read_pack_folder(*folder);
  if (!files) return report(files.error());
  const auto mistakes = pack::check_pack(*files);
  const auto warnings = std::ranges::count(mistakes, true, &pack::PackMistake::is_warning);
  const auto wrong = std::ssize(mistakes) - warnings;
  if (json)
    print_json(mistakes);
  else
    for (const auto& one : mistakes) fmt::print("{}\n", one.text());
  fmt::print(stderr, "{} mistake{}, {} warning{}\n", wrong, wrong == 1 ? "" : "s", warnings,
             warnings == 1 ? "" : "s");
  return wrong == 0 ? kDone : kFailed;
}

}  // namespace

void add_pack_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("pack", "Industry packs: what there is, what is wrong");
  command->require_subcommand(1);
  command->footer("Example: tundish pack check steel");

  struct Options {
    std::string name;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  auto* list_command = command->add_subcommand("list", "The packs that came with the program");
  list_command->footer("Example: tundish pack list --json");
  list_command->add_flag("--json", options->json, "As JSON");
  list_command->callback(
      [&action, options] { action = [options] { return list(options->json); }; });

  auto* check_command =
      command->add_subcommand("check", "Names file, line, column and cause of every mistake");
  check_command->footer(
      "One line a mistake: file:line:column: cause. Ends with 1 when there is one; warnings do not "
      "count.\nExample: tundish pack check ./water");
  check_command->add_option("PACK", options->name, "Name of a pack, or its folder")->required();
  check_command->add_flag("--json", options->json, "As JSON");
  check_command->callback(
      [&action, options] { action = [options] { return check(options->name, options->json); }; });
}

}  // namespace tundish::app
