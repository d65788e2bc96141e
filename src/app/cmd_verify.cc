#include <fmt/format.h>
#include <sys/stat.h>

#include "app/command.h"
#include "historian/historian.h"
#include "io/disk.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

std::string report_json(const VerifyReport& report) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("files", report.files).member("bytes", report.bytes);
  json.member("records", report.records).member("chunks", report.chunks);
  json.key("damage").begin_array();
  for (const Damage& damage : report.damage) {
    json.begin_object().member("file", damage.file).member("offset", damage.offset);
    json.member("what", damage.what).member("quarantined", damage.quarantined).end_object();
  }
  json.end_array().end_object();
  return text;
}

/// A folder that nobody serves is read as it lies on the disk, without recovering it first: what is
/// damaged stays for whoever looks at it.
Result<std::string> verify_here(const std::string& folder) {
  TUNDISH_TRY(const auto disk, io::open_real_disk(folder));
  TUNDISH_TRY(const auto report, historian::verify_folder(*disk));  // takes the folder's lock
  return report_json(report);
}

Result<std::string> verify(const std::string& folder) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return fail(ErrorCode::kNotFound, "there is no data folder " + folder);
  auto here = verify_here(folder);
  if (here || here.error().code != ErrorCode::kInUse) return here;
  TUNDISH_TRY(const auto client, connect_to_folder(folder));
  return client->ask({.target = "/api/v1/verify"});
}

int print_report(const std::string& text, bool as_json) {
  const auto report = wire::parse_json(text);
  const auto* damage = report ? report->find("damage") : nullptr;
  if (damage == nullptr || damage->array() == nullptr)
    return app::report({ErrorCode::kRemote, "the report cannot be read"});
  if (as_json) {
    fmt::print("{}\n", text);
  } else {
    const auto number = [&](std::string_view name) {
      const auto* value = report->find(name);
      return value != nullptr && value->integer() != nullptr ? *value->integer() : 0;
    };
    for (const auto& one : *damage->array()) {
      const auto part = [&](std::string_view name) {
        const auto* value = one.find(name);
        return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
      };
      const auto* offset = one.find("offset");
      fmt::print("damaged: {} at byte {}: {}{}\n", part("file"),
                 offset != nullptr && offset->integer() != nullptr ? *offset->integer() : 0,
                 part("what"),
                 part("quarantined").empty() ? "" : " (copy in " + part("quarantined") + ")");
    }
    fmt::print("{} files, {} bytes, {} journal records, {} chunks: {}\n", number("files"),
               number("bytes"), number("records"), number("chunks"),
               damage->array()->empty()
                   ? "every checksum holds"
                   : fmt::format("{} damaged places", damage->array()->size()));
  }
  return damage->array()->empty() ? kDone : kFailed;
}

}  // namespace

void add_verify_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "verify", "Reads every file of a data folder and checks every checksum");
  command->footer(
      "Works while the folder is served, too. Nothing is changed.\n"
      "Example: tundish verify --data ./data\nExit codes: 0 sound, 1 damage found, 2 wrong usage");
  const auto folder = std::make_shared<std::string>();
  const auto as_json = std::make_shared<bool>(false);
  command->add_option("--data", *folder, "The data folder")->required()->type_name("DIR");
  command->add_flag("--json", *as_json, "As JSON");
  command->callback([&action, folder, as_json] {
    action = [folder, as_json] {
      const auto text = verify(*folder);
      return text ? print_report(*text, *as_json) : report(text.error());
    };
  });
}

}  // namespace tundish::app
