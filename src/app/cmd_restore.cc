#include <fmt/format.h>

#include <filesystem>

#include "app/command.h"
#include "app/metadata_check.h"
#include "app/progress_line.h"
#include "app/samples_check.h"
#include "backup/backup_folder.h"

namespace tundish::app {
namespace {

namespace fs = std::filesystem;

struct RestoreOptions {
  std::string from;
  std::string data;
  std::string backup;
  bool list = false;
};

int list(io::Disk& folder) {
  const auto all = backup::list_backups(folder);
  if (!all) return report(all.error());
  for (const auto& one : *all) {
    if (!one.manifest) {
      fmt::print("{}  damaged: {}\n", one.name, one.damage);
      continue;
    }
    std::uint64_t bytes = 0;
    for (const auto& file : one.manifest->files) bytes += file.bytes;
    fmt::print("{}  {} files, {}, position {}, by version {}\n", one.name,
               one.manifest->files.size(), size_text(bytes), one.manifest->position.value(),
               one.manifest->program);
  }
  if (all->empty()) fmt::print("no finished backup\n");
  return kDone;
}

/// The new folder must not exist, or be empty: nothing is ever mixed or written over.
Status check_new_folder(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  if (!fs::is_directory(folder, error))
    return fail(ErrorCode::kConflict, "this is no folder: " + folder, "--data");
  if (fs::is_empty(folder, error) && !error) return {};
  return fail(
      ErrorCode::kConflict,
      "the folder is not empty: " + folder + "; restore to a new one, then move the old one away",
      "--data");
}

/// Every checksum of what was written, read back from the disk.
Status check_restored(const std::string& folder, std::size_t& damaged) {
  TUNDISH_TRY(const auto report, verify_unserved(folder));
  for (const Damage& damage : report.damage)
    fmt::print(stderr, "damaged when it was backed up: {} at byte {}: {}\n", damage.file,
               damage.offset, damage.what);
  damaged = report.damage.size();
  TUNDISH_TRY(const auto metadata, check_metadata(folder));
  if (!metadata) return {};
  fmt::print(stderr, "damaged when it was backed up: meta.db: {}\n", metadata->what);
  ++damaged;
  return {};
}

/// Into a folder beside, which gets its name when it is whole.
int restore(const RestoreOptions& options, io::Disk& folder) {
  if (const auto may = check_new_folder(options.data); !may) return report(may.error());
  const auto found = backup::find_backup(folder, options.backup);
  if (!found) return report(found.error());
  std::string target = options.data;
  while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  const std::string partial = target + ".restoring";
  std::error_code error;
  if (fs::exists(partial, error))
    return report({ErrorCode::kConflict,
                   "an earlier restore was interrupted: remove the folder that it left", partial});
  const auto give_up = [&](const Error& failure) {
    fs::remove_all(partial, error);
    return report(failure);
  };
  std::size_t damaged = 0;
  {
    const auto disk = io::open_real_disk(partial);
    if (!disk) return report(disk.error());
    ProgressLine progress;
    const auto done = backup::restore_files(
        folder, *found->manifest, **disk,
        [&](std::uint64_t at, std::uint64_t total) { progress.show("restored", at, total); });
    progress.clear();
    if (!done && done.error().code == ErrorCode::kCorruption) {
      Error failure = done.error();
      failure.message +=
          "; restore another backup (`--list` shows them, `--backup NAME` takes one)";
      return give_up(failure);
    }
    if (!done) return give_up(done.error());
  }
  if (const auto checked = check_restored(partial, damaged); !checked)
    return give_up(checked.error());
  fs::rename(partial, target, error);
  if (error)
    return report(
        {ErrorCode::kIo, "cannot rename the restored folder: " + error.message(), partial});
  const auto above = fs::path(fs::absolute(target)).parent_path().string();
  if (const auto parent = io::open_real_disk(above); parent) {
    if (const auto synced = (*parent)->sync_folder(""); !synced) return report(synced.error());
  }
  fmt::print("restored backup {} to {}: {} files, every checksum holds\n", found->name, target,
             found->manifest->files.size());
  if (damaged != 0)
    fmt::print("{} places were damaged when it was backed up already; the rest is readable\n",
               damaged);
  fmt::print("Serve it: tundish serve --data {}\n", target);
  return kDone;
}

int run(const RestoreOptions& options) {
  const auto folder = backup::open_backup_folder(options.from);
  if (!folder) return report(folder.error());
  if (options.list) return list(**folder);
  if (options.data.empty())
    return report({ErrorCode::kInvalidArgument, "say where: a new folder, or --list", "--data"});
  return restore(options, **folder);
}

}  // namespace

void add_restore_command(CLI::App& program, Action& action) {
  auto* command =
      program.add_subcommand("restore", "Makes a data folder of a backup, or lists the backups");
  command->footer(
      "Every checksum is compared before the new folder gets its name.\n"
      "Examples: tundish restore --from /mnt/backup --list\n"
      "          tundish restore --from /mnt/backup --data ./data\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage");
  const auto options = std::make_shared<RestoreOptions>();
  command->add_option("--from", options->from, "The folder of backups")
      ->required()
      ->type_name("DIR");
  auto* data = command->add_option("--data", options->data, "The new data folder: missing or empty")
                   ->type_name("DIR");
  auto* backup = command->add_option("--backup", options->backup,
                                     "Which one, as --list names it; default the newest");
  backup->type_name("NAME");
  auto* list_flag = command->add_flag("--list", options->list, "Only say which backups there are");
  list_flag->excludes(data)->excludes(backup);
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace tundish::app
