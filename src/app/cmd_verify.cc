#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "app/command.h"
#include "app/data_folder.h"
#include "app/metadata_check.h"
#include "app/samples_check.h"
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

Result<VerifyReport> verify(const std::string& folder) {
  TUNDISH_RETURN_IF_ERROR(check_data_folder(folder));
  auto report = verify_unserved(folder);
  if (!report && report.error().code == ErrorCode::kInUse) report = verify_served(folder);
  if (!report) return report;
  TUNDISH_TRY(auto small, check_small_files(folder));
  std::ranges::move(small, std::back_inserter(report->damage));
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
      "Example: tundish verify --data ./data\nExit codes: 0 sound, 1 damage found or no data "
      "folder, 2 wrong usage");
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
