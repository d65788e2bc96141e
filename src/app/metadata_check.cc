#include "app/metadata_check.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "app/platform.h"
#include "backup/rest_sums.h"
#include "base/log.h"
#include "ingest/ledger_book.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/data_files.h"

namespace tundish::app {

Result<std::optional<Damage>> check_metadata(const std::string& folder) {
  const std::string path = folder + "/" + files::kMetadata;
  struct stat info{};
  // Opening would make it.
  if (::stat(path.c_str(), &info) != 0) return std::optional<Damage>();
  auto database = io::sqlite::Database::open(path);
  const Status sound = database ? (*database)->check() : Status(fail(database.error()));
  if (sound) return std::optional<Damage>();
  if (sound.error().code != ErrorCode::kCorruption) return fail(sound.error());
  std::string what = sound.error().message;
  std::ranges::replace(what, '\n', ' ');  // SQLite's findings may have several lines
  return Damage{files::kMetadata, 0, std::move(what), {}};
}

namespace {

constexpr std::uint64_t kLedgerBytesMax = std::uint64_t{256} << 20;

/// Files that have no checksum of their own and that nobody but the program changes.
const std::array<std::string, 3> kSummed = {files::kMetadata,
                                            std::string(files::kIdentityFolder) + "/cert.der",
                                            std::string(files::kIdentityFolder) + "/key.der"};

}  // namespace

Result<std::vector<Damage>> check_small_files(const std::string& folder) {
  TUNDISH_TRY(const auto disk, io::open_real_disk(folder));
  std::vector<Damage> damage;
  TUNDISH_TRY(const auto changed, backup::check_rest_sums(*disk));
  for (const backup::BackupDamage& one : changed) damage.push_back({one.file, 0, one.what, {}});
  TUNDISH_TRY(const bool has_ledger, disk->exists(files::kLedger));
  if (!has_ledger) return damage;
  const auto ledger = io::read_file(*disk, files::kLedger, kLedgerBytesMax);
  // Counts of another book than the one in use, which stays as it is.
  const Status sound = ledger ? ingest::LedgerBook(SIZE_MAX, SIZE_MAX).decode(*ledger)
                              : Status(fail(ledger.error()));
  if (!sound) damage.push_back({files::kLedger, 0, sound.error().message, {}});
  return damage;
}

Status take_up(io::Disk& disk) {
  TUNDISH_TRY(const auto changed, backup::check_rest_sums(disk));
  if (!changed.empty())
    return fail(
        ErrorCode::kCorruption,
        fmt::format(
            "{}. Names, accounts and rights in it may be wrong, so it is not opened; samples "
            "are not concerned. Restore a backup (tundish restore); or, if somebody "
            "changed it on purpose, remove the file `{}` of the data folder and start again",
            changed.front().what, files::kSums),
        changed.front().file);
  return backup::drop_rest_sums(disk);
}

void put_to_rest(io::Disk& disk) {
  // While SQLite's log is there somebody else still has the file open, or it was not closed well.
  const auto log = disk.exists(std::string(files::kMetadata) + "-wal");
  if (!log || *log) return;
  if (const Status noted =
          backup::write_rest_sums(disk, kSummed, io::real_clock().now(), version_text());
      !noted)
    log_warning("platform", "no checksums of the metadata are kept until the next start: {}",
                noted.error().to_string());
}

}  // namespace tundish::app
