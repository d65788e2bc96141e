#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "app/command.h"
#include "app/progress_line.h"
#include "backup/backup_folder.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

struct BackupOptions {
  Target target;
  std::string to;
  std::string verify;
  std::int64_t keep = 0;
};

/// What the platform says while it copies: a line of JSON each time, the last one done or error.
class Report {
 public:
  /// Takes any piece of the answer.
  void take(std::string_view piece) {
    line_ += piece;
    for (auto end = line_.find('\n'); end != std::string::npos; end = line_.find('\n')) {
      take_line(line_.substr(0, end));
      line_.erase(0, end + 1);
    }
  }

  int print_end(const std::string& folder) {
    progress_.clear();
    if (failure_) return report(*failure_);
    if (!done_)
      return report({ErrorCode::kIo,
                     "the platform ended before the backup was whole; earlier backups are as they "
                     "were",
                     folder});
    for (const auto& file : unreadable_)
      fmt::print(stderr, "left out, as it cannot be read: {}\n", file);
    fmt::print("backup {} in {}: {} files, {} ({} of it were there)\n", name_, folder, files_,
               size_text(bytes_), size_text(reused_));
    if (unreadable_.empty()) return kDone;
    fmt::print(stderr, "Run `tundish verify` on the data folder and look at its disk.\n");
    return kFailed;
  }

 private:
  void take_line(const std::string& text) {
    const auto json = wire::parse_json(text);
    if (!json) return;
    if (const auto* error = json->find("error")) {
      const auto detail = wire::optional_member<std::string>(*error, "detail");
      const auto code = wire::optional_member<std::string>(*error, "code");
      failure_ = Error{code && *code ? error_code_of(**code) : ErrorCode::kRemote,
                       detail && *detail ? **detail : "the backup failed"};
      return;
    }
    const auto number = [&](const char* name) -> std::uint64_t {
      const auto value = wire::optional_member<std::int64_t>(*json, name);
      return value && *value ? static_cast<std::uint64_t>(**value) : 0;
    };
    const auto name = wire::optional_member<std::string>(*json, "name");
    if (name && *name) name_ = **name;
    const auto* done = json->find("done");
    done_ = done != nullptr && done->boolean() != nullptr && *done->boolean();
    files_ = number("files");
    bytes_ = number("bytes");
    reused_ = number("bytes_reused");
    progress_.show("copied", bytes_, number("bytes_total"));
    const auto* unreadable = json->find("unreadable");
    if (!done_ || unreadable == nullptr || unreadable->array() == nullptr) return;
    for (const auto& one : *unreadable->array())
      if (one.string() != nullptr) unreadable_.push_back(*one.string());
  }

  ProgressLine progress_;
  std::string line_, name_;
  bool done_ = false;
  std::uint64_t files_ = 0, bytes_ = 0, reused_ = 0;
  std::vector<std::string> unreadable_;
  std::optional<Error> failure_;
};

int back_up(const BackupOptions& options) {
  const auto client = options.target.connect();
  if (!client) return report(client.error());
  std::error_code error;
  const auto to = std::filesystem::absolute(options.to, error).lexically_normal().string();
  std::string body;
  wire::JsonWriter(body).begin_object().member("to", to).member("keep", options.keep).end_object();
  Report told;
  const auto answer = (*client)->ask({.method = "POST", .target = "/api/v1/backup", .body = body},
                                     [&](std::string_view piece) {
                                       told.take(piece);
                                       return true;
                                     });
  if (!answer) return report(answer.error());
  return told.print_end(to);
}

int verify(const std::string& folder) {
  const auto disk = backup::open_backup_folder(folder);
  if (!disk) return report(disk.error());
  ProgressLine progress;
  const auto check = backup::check_backups(
      **disk, [&](std::uint64_t done, std::uint64_t total) { progress.show("read", done, total); });
  progress.clear();
  if (!check) return report(check.error());
  for (const auto& damage : check->damage)
    fmt::print("damaged: {}, named by backup {}: {}\n", damage.file, damage.backup, damage.what);
  fmt::print("{} backups, {} files, {}: {}\n", check->backups, check->files,
             size_text(check->bytes),
             check->damage.empty() ? "every checksum holds"
                                   : fmt::format("{} damaged", check->damage.size()));
  if (check->damage.empty()) return kDone;
  fmt::print(stderr,
             "Remove the damaged files: the next backup copies them again. Look at the disk.\n");
  return kFailed;
}

}  // namespace

void add_backup_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "backup", "Copies a data folder, also while it is served, into a folder of backups");
  command->footer(
      "Files that an earlier backup in DIR has are not copied again. `tundish restore` makes a "
      "data "
      "folder of a backup.\n"
      "Examples: tundish backup --data ./data --to /mnt/backup --keep 30\n"
      "          tundish backup --verify /mnt/backup\n"
      "Exit codes: 0 done, 1 failed, damage found or files left out, 2 wrong usage");
  const auto options = std::make_shared<BackupOptions>();
  options->target.add_to(*command, false);
  command->get_option("--data")->required(false);
  auto* to =
      command->add_option("--to", options->to, "The folder of backups; made if it is missing")
          ->type_name("DIR");
  command->add_option("--keep", options->keep, "Keep so many of the newest backups; default all")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->type_name("N");
  auto* verify_option =
      command->add_option("--verify", options->verify, "Read every file of a folder of backups")
          ->type_name("DIR");
  verify_option->excludes(to);
  command->callback([&action, options] {
    action = [options] {
      if (!options->verify.empty()) return verify(options->verify);
      if (options->to.empty())
        return report({ErrorCode::kInvalidArgument, "say where the backups are to be", "--to"});
      return back_up(*options);
    };
  });
}

}  // namespace tundish::app
