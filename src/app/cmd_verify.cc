#include <fmt/format.h>
#include <sys/stat.h>

#include "app/command.h"
#include "app/metadata_check.h"
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

/// What a running process answered. Errors: kRemote when it is no report.
Result<VerifyReport> parse_report(std::string_view text) {
  const auto json = wire::parse_json(text);
  const auto* damage = json ? json->find("damage") : nullptr;
  if (damage == nullptr || damage->array() == nullptr)
    return fail(ErrorCode::kRemote, "the report cannot be read");
  const auto number = [](const wire::JsonValue& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->integer() != nullptr
               ? static_cast<std::uint64_t>(*value->integer())
               : 0;
  };
  const auto text_of = [](const wire::JsonValue& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
  };
  VerifyReport report{number(*json, "files"),
                      number(*json, "bytes"),
                      number(*json, "records"),
                      number(*json, "chunks"),
                      {}};
  for (const auto& one : *damage->array())
    report.damage.push_back({text_of(one, "file"), number(one, "offset"), text_of(one, "what"),
                             text_of(one, "quarantined")});
  return report;
}

/// A folder that nobody serves is read as it lies on the disk, without recovering it first: what is
/// damaged stays for whoever looks at it. Takes the folder's lock.
Result<VerifyReport> verify_here(const std::string& folder) {
  TUNDISH_TRY(const auto disk, io::open_real_disk(folder));
  return historian::verify_folder(*disk);
}

Result<VerifyReport> verify_served(const std::string& folder) {
  TUNDISH_TRY(const auto client, connect_to_folder(folder));
  TUNDISH_TRY(const auto answer, client->ask({.target = "/api/v1/verify"}));
  return parse_report(answer);
}

Result<VerifyReport> verify(const std::string& folder) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return fail(ErrorCode::kNotFound, "there is no data folder " + folder);
  auto report = verify_here(folder);
  if (!report && report.error().code == ErrorCode::kInUse) report = verify_served(folder);
  if (!report) return report;
  TUNDISH_TRY(auto metadata, check_metadata(folder));
  if (metadata) report->damage.push_back(std::move(*metadata));
  return report;
}

int print_report(const VerifyReport& report, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", report_json(report));
  } else {
    for (const Damage& one : report.damage)
      fmt::print("damaged: {} at byte {}: {}{}\n", one.file, one.offset, one.what,
                 one.quarantined.empty() ? "" : " (copy in " + one.quarantined + ")");
    fmt::print("{} files, {} bytes, {} journal records, {} chunks: {}\n", report.files,
               report.bytes, report.records, report.chunks,
               report.damage.empty() ? "every checksum holds"
                                     : fmt::format("damaged places: {}", report.damage.size()));
  }
  return report.damage.empty() ? kDone : kFailed;
}

}  // namespace

void add_verify_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "verify",
      "Reads every file of a data folder: every checksum, and every page of the metadata");
  command->footer(
      "Works while the folder is served, too. Nothing is changed.\n"
      "Example: tundish verify --data ./data\nExit codes: 0 sound, 1 damage found, 2 wrong usage");
  const auto folder = std::make_shared<std::string>();
  const auto as_json = std::make_shared<bool>(false);
  command->add_option("--data", *folder, "The data folder")->required()->type_name("DIR");
  command->add_flag("--json", *as_json, "As JSON");
  command->callback([&action, folder, as_json] {
    action = [folder, as_json] {
      const auto found = verify(*folder);
      return found ? print_report(*found, *as_json) : report(found.error());
    };
  });
}

}  // namespace tundish::app
