#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "app/command.h"
#include "app/pack_folder.h"
#include "wire/json/json_value.h"
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
  const auto mistakes = check_pack_folder(*folder);
  if (!mistakes) return report(mistakes.error());
  const auto warnings = std::ranges::count(*mistakes, true, &pack::PackMistake::is_warning);
  const auto wrong = std::ssize(*mistakes) - warnings;
  if (json)
    print_json(*mistakes);
  else
    for (const auto& one : *mistakes) fmt::print("{}\n", one.text());
  fmt::print(stderr, "{} mistake{}, {} warning{}\n", wrong, wrong == 1 ? "" : "s", warnings,
             warnings == 1 ? "" : "s");
  return wrong == 0 ? kDone : kFailed;
}

/// A folder of one's own, not the name of a pack that came with the program.
bool is_own_folder(const std::string& name) {
  const auto shipped = shipped_packs();
  std::error_code error;
  return std::ranges::find(shipped, name) == shipped.end() &&
         std::filesystem::is_directory(name, error);
}

/// Puts a pack of one's own into the installation and gives its name. One with mistakes changes nothing.
Result<std::string> install(const Target& target, const std::string& name, bool dry_run) {
  if (target.data.empty())
    return fail(ErrorCode::kInvalidArgument,
                "a pack of your own goes into the server's data folder: use --data DIR on that "
                "machine, or put it into DIR/packs there and apply it by its name");
  TUNDISH_TRY(const auto folder, find_pack_folder(name));
  TUNDISH_TRY(const auto mistakes, check_pack_folder(folder));
  for (const auto& one : mistakes)
    if (!one.is_warning)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}; `tundish pack check {}` names every mistake", one.message, name),
                  fmt::format("{}:{}:{}", one.file, one.line, one.column));
  TUNDISH_TRY(const auto files, read_pack_folder(folder));
  TUNDISH_TRY(const auto pack, pack::read_pack(files));
  const auto shipped = shipped_packs();
  if (std::ranges::find(shipped, pack.name) != shipped.end())
    return fail(
        ErrorCode::kAlreadyExists,
        fmt::format("a pack '{}' came with the program; give yours another name", pack.name),
        "pack.yaml");
  const std::string packs = target.data + "/packs";
  std::error_code error;
  if (std::filesystem::equivalent(folder, packs + "/" + pack.name, error)) return pack.name;
  if (dry_run)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("it has no mistakes; what it changes can be shown once it is in {}: copy "
                    "it there, and say --dry-run with its name, {}",
                    packs, pack.name));
  TUNDISH_RETURN_IF_ERROR(install_pack(files, packs, pack.name));
  fmt::print(stderr, "{} {} is in {}\n", pack.name, pack.version, packs);
  return pack.name;
}

/// Over the platform's own interface, so that the command does what the console's button does.
int apply(const Target& target, std::string name, const std::string& enterprise, bool plant,
          bool dry_run, bool json) {
  if (is_own_folder(name)) {
    auto installed = install(target, name, dry_run);
    if (!installed) return report(installed.error());
    name = *std::move(installed);
  }
  const auto client = target.connect();
  if (!client) return report(client.error());
  std::string query = fmt::format("?dry_run={}&plant={}", dry_run, plant);
  if (!enterprise.empty()) query += "&enterprise=" + url_encode(enterprise);
  const auto answer = (*client)->ask(
      {.method = "POST", .target = "/api/v1/packs/" + url_encode(name) + "/apply" + query});
  if (!answer) return report(answer.error());
  if (json) {
    fmt::print("{}\n", *answer);
    return kDone;
  }
  const auto body = wire::parse_json(*answer, {.bytes_max = 64u << 20});
  if (!body) return report(body.error());
  const auto word = [](const wire::JsonValue& change, std::string_view member) {
    const auto* value = change.find(member);
    return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
  };
  std::size_t count = 0;
  if (const auto* changes = body->find("changes");
      changes != nullptr && changes->array() != nullptr)
    for (const auto& change : *changes->array()) {
      ++count;
      fmt::print("{:<8} {} {} {}\n", word(change, "kind"), word(change, "path"),
                 word(change, "item"), word(change, "field"));
    }
  fmt::print(
      stderr, "{} {}\n", count,
      dry_run ? "changes to assets would follow; --dry-run changed nothing" : "changes to assets");
  return kDone;
}

}  // namespace

void add_pack_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("pack", "Industry packs: what there is, what is wrong");
  command->require_subcommand(1);
  command->footer("Example: tundish pack check steel");

  struct Options {
    std::string name, enterprise;
    Target target;
    bool json = false, plant = false, dry_run = false;
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

  auto* apply_command = command->add_subcommand(
      "apply", "Installs or upgrades a pack: one that came with the program, or a folder of yours");
  apply_command->footer(
      "Prints each asset that changes.\nExample: tundish pack apply steel --data ./data "
      "--enterprise "
      "steel-01 --dry-run\nA folder is copied to DIR/packs first: tundish pack apply ./water "
      "--data ./data "
      "--enterprise water-01 --plant");
  apply_command->add_option("PACK", options->name, "Name of a pack, or its folder")->required();
  options->target.add_to(*apply_command, true);
  apply_command->add_option("--enterprise", options->enterprise, "Code of the enterprise")
      ->type_name("CODE");
  apply_command->add_flag("--plant", options->plant, "Also the assets of its simulated plant");
  apply_command->add_flag("--dry-run", options->dry_run,
                          "Say what would change, and change nothing");
  apply_command->add_flag("--json", options->json, "As JSON");
  apply_command->callback([&action, options] {
    action = [options] {
      return apply(options->target, options->name, options->enterprise, options->plant,
                   options->dry_run, options->json);
    };
  });
}

}  // namespace tundish::app
