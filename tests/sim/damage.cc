// damage KIND [--stride N]: what becomes of files whose bytes decay. Folders of a few 64 KiB files:
//
//   journal, block, manifest   every single bit is inverted in turn: verify_folder() names the file; a historian
//                              that opens the folder reports it too, reads all that the bit does not touch, and
//                              deletes nothing (opening is tried for every 16th of the bits)
//   ledger, backup-manifest, backup-copy, at-rest   the same for files that are read in one piece: whoever reads one
//                              refuses it. at-rest: meta.db, the identity and `sums` (docs/decisions)
//   torn-journal               the newest segment is cut at every length: what is read is a prefix of what was sent
//
// `damage list` prints the kinds: those that are needed for every FileKind.
// N > 1 tries every N-th only; odd, so that all eight bits of a byte have their turn.
// Prints `KIND: tried N, failed N`.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "backup/backup_folder.h"
#include "backup/rest_sums.h"
#include "base/check.h"
#include "base/crc32c.h"
#include "base/log.h"
#include "historian/historian.h"
#include "ingest/ledger_book.h"
#include "io/clock.h"
#include "io/simulated_disk.h"
#include "model/data_files.h"

namespace tundish::sim {
namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecond;
constexpr std::uint32_t kTags = 8;
constexpr std::size_t kRows = 20;
constexpr std::uint64_t kFileBytes = 64 << 10;
constexpr std::uint64_t kOpenOneIn = 16;

/// Row `row` of batch `batch` says which it is; time and tag follow from it too.
struct Row {
  static TagId tag(std::uint64_t batch) {
    return {EnterpriseId(1), static_cast<std::uint32_t>(1 + batch % kTags)};
  }
  static TimeNs time(std::uint64_t batch, std::size_t row) {
    return kStart + static_cast<TimeNs>(batch * kRows + row) * kSecond;
  }
  static Value value(std::uint64_t batch, std::size_t row) {
    // A mix that compresses little, so that files fill up.
    const std::uint64_t mixed = (batch * kRows + row) * 0x9E3779B97F4A7C15ull;
    switch (batch % kTags) {
      case 6: return static_cast<std::int64_t>(mixed);
      case 7: return fmt::format("{:x}", mixed);
      default: return static_cast<double>(mixed >> 12) / 1024.0;
    }
  }
  static ValueType type(std::uint64_t batch) { return tundish::type_of(value(batch, 0)); }
};

class Specimen {
 public:
  explicit Specimen(std::uint64_t segment_bytes) : clock_(kStart), disk_(1) {
    options_.segment_bytes = segment_bytes;
    options_.threads = false;
    options_.shards = 1;
    options_.on_fatal = [](std::string_view) {};
    open(disk_);
    std::vector<NewTagId> tags;
    for (std::uint64_t i = 0; i < kTags; ++i) tags.push_back({Row::type(i), "t"});
    TUNDISH_CHECK(historian_->make_tags(EnterpriseId(1), tags).has_value());
    const auto stream = historian_->open_stream(EnterpriseId(1), "source", "stream");
    TUNDISH_CHECK(stream.has_value());
    stream_ = *stream;
  }

  void append() {
    SampleBatch batch;
    batch.enterprise = EnterpriseId(1);
    batch.number = {stream_.source, stream_.stream, stream_.epoch, batches_ + 1};
    for (std::size_t row = 0; row < kRows; ++row) {
      batch.tags.push_back(Row::tag(batches_).number);
      batch.rows.push_back(Row::time(batches_, row), Row::value(batches_, row), kGood);
    }
    TUNDISH_CHECK(historian_->append(batch).has_value());
    ++batches_;
  }

  void open(io::SimulatedDisk& disk) {
    auto opened = historian::Historian::open(disk, clock_, options_);
    TUNDISH_CHECK(opened.has_value());
    historian_ = std::move(*opened);
  }
  void kill() { historian_.reset(); }
  historian::Historian& historian() { return *historian_; }
  io::SimulatedDisk& disk() { return disk_; }
  std::uint64_t batches() const { return batches_; }

  /// What a historian on `disk` shows: per batch how many of its rows; or what is wrong with it.
  std::string read(io::SimulatedDisk& disk, std::vector<std::size_t>& rows_seen,
                   bool& damage_told) {
    rows_seen.assign(batches_, 0);
    auto opened = historian::Historian::open(disk, clock_, options_);
    if (!opened) return "does not open: " + opened.error().to_string();
    const auto snapshot = (*opened)->snapshot();
    if (!snapshot) return "gives no snapshot";
    std::string wrong;
    for (std::uint32_t tag = 1; tag <= kTags; ++tag) {
      const auto scanned = (*snapshot)->scan({EnterpriseId(1), tag}, {}, [&](const Columns& piece) {
        for (std::size_t i = 0; i < piece.size(); ++i) {
          const Sample sample = piece.at(i);
          const auto number = static_cast<std::uint64_t>((sample.time - kStart) / kSecond);
          const std::uint64_t batch = number / kRows;
          const std::size_t row = number % kRows;
          if (batch >= batches_ || Row::tag(batch).number != tag ||
              !same_bits(sample, {Row::time(batch, row), Row::value(batch, row), kGood})) {
            wrong = "shows a sample that nobody sent";
            return false;
          }
          ++rows_seen[batch];
        }
        return true;
      });
      if (!scanned) return "a scan fails: " + scanned.error().to_string();
    }
    damage_told = !(*opened)->status().damage.empty() || !(*snapshot)->damage().empty();
    return wrong;
  }

 private:
  io::SimulatedClock clock_;
  io::SimulatedDisk disk_;
  historian::Options options_;
  std::unique_ptr<historian::Historian> historian_;
  StreamState stream_;
  std::uint64_t batches_ = 0;
};

constexpr std::uint64_t kProgress = 100'000;

struct Count {
  std::uint64_t tried = 0;
  std::uint64_t failed = 0;
  void failure(const std::string& text) {
    if (++failed <= 20) fmt::print("{}\n", text);
  }
};

std::string find_file(const io::SimulatedDisk& disk, std::string_view part) {
  std::string found;
  for (const auto& path : disk.files()) {
    if (path.find(part) != std::string::npos && !path.ends_with(".new")) found = path;
  }
  TUNDISH_CHECK(!found.empty());
  return found;
}

/// Every file of `before` is there with its bytes, under its own name or in quarantine.
bool nothing_deleted(const io::SimulatedDisk& before, const io::SimulatedDisk& after,
                     const std::string& damaged) {
  const auto files = after.files();
  if (std::find(files.begin(), files.end(), damaged) != files.end() &&
      after.content(damaged) == before.content(damaged))
    return true;
  const Bytes whole = before.content(damaged);
  return std::any_of(files.begin(), files.end(), [&](const std::string& path) {
    const Bytes content = after.content(path);
    return path.starts_with("quarantine/") && !content.empty() &&
           std::search(whole.begin(), whole.end(), content.begin(), content.end()) != whole.end();
  });
}

/// Inverts the bits of `file` in turn. `rows_lost_max`: how many rows one bit may cost.
Count flip(Specimen& specimen, const std::string& file, std::uint64_t stride,
           std::size_t rows_lost_max) {
  Count count;
  io::SimulatedDisk& disk = specimen.disk();
  const std::uint64_t bits = disk.content(file).size() * 8;
  for (std::uint64_t bit = 0; bit < bits; bit += stride) {
    ++count.tried;
    if (count.tried % kProgress == 0) fmt::print(stderr, "{}: {} bits tried\n", file, count.tried);
    disk.flip_bit(file, bit);
    const auto report = historian::verify_folder(disk);
    const bool named = report && std::any_of(report->damage.begin(), report->damage.end(),
                                             [&](const Damage& one) { return one.file == file; });
    if (!named) count.failure(fmt::format("verify misses bit {} of {}", bit, file));
    if (count.tried % kOpenOneIn == 0) {
      const auto copy = disk.clone(bit);
      std::vector<std::size_t> rows;
      bool told = false;
      const std::string wrong = specimen.read(*copy, rows, told);
      std::size_t lost = 0;
      for (const std::size_t seen : rows) lost += kRows - seen;
      if (!wrong.empty())
        count.failure(fmt::format("bit {} of {}: {}", bit, file, wrong));
      else if (!told)
        count.failure(fmt::format("bit {} of {} goes unnoticed", bit, file));
      else if (lost > rows_lost_max)
        count.failure(fmt::format("bit {} of {} costs {} rows", bit, file, lost));
      else if (!nothing_deleted(disk, *copy, file))
        count.failure(fmt::format("bit {} of {}: damaged bytes were deleted", bit, file));
    }
    disk.flip_bit(file, bit);
  }
  const auto clean = historian::verify_folder(disk);
  if (!clean || !clean->damage.empty()) count.failure("the undamaged folder does not verify");
  return count;
}

Count journal(std::uint64_t stride) {
  Specimen specimen(kFileBytes);
  const auto segment = find_file(specimen.disk(), "journal/");
  // Until the segment is all but full, so that few of the bits are filling.
  while (find_file(specimen.disk(), "journal/") == segment &&
         specimen.historian().status().journal_bytes < kFileBytes * 2 && specimen.batches() < 180)
    specimen.append();
  specimen.kill();
  return flip(specimen, segment, stride, kRows);
}

Count block(std::uint64_t stride) {
  Specimen specimen(1 << 20);
  while (specimen.batches() < 440) specimen.append();
  TUNDISH_CHECK(specimen.historian().flush().has_value());
  specimen.historian().stop();
  specimen.kill();
  // One chunk of one tag; a bit of the index may hide the whole block, never silently.
  return flip(specimen, find_file(specimen.disk(), "blocks/"), stride,
              static_cast<std::size_t>(specimen.batches()) * kRows);
}

Count manifest(std::uint64_t stride) {
  Specimen specimen(kFileBytes);
  // The registry is in it: tags with long paths fill it.
  for (int i = 0; i < 4; ++i) {
    const std::vector<NewTagId> tags(100, NewTagId{ValueType::kDouble, std::string(160, 'x')});
    TUNDISH_CHECK(specimen.historian().make_tags(EnterpriseId(2), tags).has_value());
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) specimen.append();
    TUNDISH_CHECK(specimen.historian().flush().has_value());
  }
  specimen.kill();
  Count count = flip(specimen, "manifest", stride, 0);
  const Count previous = flip(specimen, "manifest.prev", stride, 0);
  count.tried += previous.tried;
  count.failed += previous.failed;
  return count;
}

Count torn_journal(std::uint64_t stride) {
  Specimen specimen(kFileBytes);
  for (int i = 0; i < 150; ++i) specimen.append();
  specimen.kill();
  const auto segment = find_file(specimen.disk(), "journal/");
  const std::uint64_t size = specimen.disk().content(segment).size();
  Count count;
  for (std::uint64_t length = 0; length < size; length += stride) {
    ++count.tried;
    const auto copy = specimen.disk().clone(length);
    {
      const auto file = copy->open(segment, io::Open::kReadWrite);
      TUNDISH_CHECK(file.has_value() && (*file)->truncate(length).has_value());
    }
    std::vector<std::size_t> rows;
    bool told = false;
    const std::string wrong = specimen.read(*copy, rows, told);
    if (!wrong.empty()) {
      count.failure(fmt::format("cut at {}: {}", length, wrong));
      continue;
    }
    const auto first_missing =
        std::find_if(rows.begin(), rows.end(), [](std::size_t seen) { return seen != kRows; });
    if (std::any_of(first_missing, rows.end(), [](std::size_t seen) { return seen != 0; }))
      count.failure(
          fmt::format("cut at {}: a later batch is there without an earlier one", length));
  }
  return count;
}

// --- files that are read in one piece ------------------------------------------------------------

/// Text and bytes that compress little, from nowhere in particular.
Bytes any_bytes(std::size_t size) {
  Bytes bytes(size);
  std::uint64_t state = 1;
  for (std::byte& one : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    one = static_cast<std::byte>(state >> 56);
  }
  return bytes;
}

/// Inverts each bit of `bytes` in turn; `is_refused` must say so.
Count flip_bytes(Bytes bytes, std::uint64_t stride, const char* what,
                 const std::function<bool(const Bytes&)>& is_refused) {
  Count count;
  if (is_refused(bytes)) count.failure(fmt::format("an undamaged {} is refused", what));
  for (std::uint64_t bit = 0; bit < bytes.size() * 8; bit += stride) {
    ++count.tried;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    if (!is_refused(bytes)) count.failure(fmt::format("bit {} of a {} goes unnoticed", bit, what));
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  return count;
}

Count ledger(std::uint64_t stride) {
  ingest::LedgerBook book(168, 100'000);
  for (std::uint32_t i = 0; i < 2000; ++i)
    book.add(EnterpriseId(1 + i % 5), fmt::format("source {:024}", i), kStart + (i % 24) * kHour,
             {1, i, i / 2, i / 3, i / 4});
  const Bytes bytes = book.encode();
  TUNDISH_CHECK(bytes.size() >= kFileBytes);
  return flip_bytes(bytes, stride, "ledger", [](const Bytes& read) {
    return !ingest::LedgerBook(168, 100'000).decode(read);
  });
}

Count backup_manifest(std::uint64_t stride) {
  backup::BackupManifest manifest{kStart, Position(77), "0.1.0", {}};
  for (std::uint32_t i = 0; i < 700; ++i)
    manifest.files.push_back({fmt::format("blocks/{:016x}.blk", i),
                              fmt::format("20261128T044102.296225611Z-{}", i), i * 1000, i * 77u,
                              kStart + i});
  const std::string text = backup::encode_backup_manifest(manifest);
  TUNDISH_CHECK(text.size() >= kFileBytes);
  const ByteSpan span = as_byte_span(text);
  return flip_bytes(
      Bytes(span.begin(), span.end()), stride, "backup's manifest",
      [](const Bytes& read) { return !backup::parse_backup_manifest(as_text(read)); });
}

void put(io::Disk& disk, const std::string& path, ByteSpan bytes) {
  TUNDISH_CHECK(io::replace_file(disk, path, bytes).has_value());
}

Count backup_copy(std::uint64_t stride) {
  io::SimulatedDisk disk(1);
  TUNDISH_CHECK(disk.make_folder(backup::kFilesFolder).has_value());
  const Bytes bytes = any_bytes(kFileBytes);
  const backup::BackupFile file{"blocks/0000000000000001.blk", "1", kFileBytes, crc32c(bytes), 0};
  const std::string path = std::string(backup::kFilesFolder) + "/1";
  put(disk, path, bytes);
  Count count;
  for (std::uint64_t bit = 0; bit < kFileBytes * 8; bit += stride) {
    ++count.tried;
    disk.flip_bit(path, bit);
    if (backup::read_stored(disk, file, [](std::uint64_t, ByteSpan) { return Status(); }))
      count.failure(fmt::format("bit {} of a backup's copy goes unnoticed", bit));
    disk.flip_bit(path, bit);
  }
  return count;
}

/// What has no checksum of its own, from a clean stop to the next start.
Count at_rest(std::uint64_t stride) {
  io::SimulatedDisk disk(1);
  for (const char* folder : {"pki", files::kIdentityFolder})
    TUNDISH_CHECK(disk.make_folder(folder).has_value());
  const std::vector<std::string> paths = {files::kMetadata,
                                          std::string(files::kIdentityFolder) + "/cert.der",
                                          std::string(files::kIdentityFolder) + "/key.der"};
  put(disk, paths[0], any_bytes(kFileBytes));
  put(disk, paths[1], any_bytes(900));
  put(disk, paths[2], any_bytes(1200));
  TUNDISH_CHECK(backup::write_rest_sums(disk, paths, kStart, "0.1.0").has_value());
  Count count;
  const auto is_named = [&](const std::string& path) {
    const auto damage = backup::check_rest_sums(disk);
    return damage && damage->size() == 1 && damage->front().file == path;
  };
  for (const std::string& path : {paths[0], paths[1], paths[2], std::string(files::kSums)}) {
    const std::uint64_t bits = disk.content(path).size() * 8;
    for (std::uint64_t bit = 0; bit < bits; bit += stride) {
      ++count.tried;
      disk.flip_bit(path, bit);
      if (!is_named(path)) count.failure(fmt::format("bit {} of {} goes unnoticed", bit, path));
      disk.flip_bit(path, bit);
    }
  }
  const auto clean = backup::check_rest_sums(disk);
  if (!clean || !clean->empty()) count.failure("undamaged files are not what they were");
  return count;
}

/// The specimens of a kind of file. A new kind does not compile without a line here.
std::vector<std::string> specimens_of(FileKind kind) {
  switch (kind) {
    case FileKind::kManifest: return {"manifest"};
    case FileKind::kJournalSegment: return {"journal", "torn-journal"};
    case FileKind::kBlock: return {"block"};  // older versions: src/historian/block_flip_test.cc
    case FileKind::kLedger: return {"ledger"};
    case FileKind::kMetadata:
    case FileKind::kIdentity:
    case FileKind::kSums: return {"at-rest"};
    case FileKind::kBackupManifest: return {"backup-manifest"};
    case FileKind::kBackupCopy: return {"backup-copy"};
    // Has SQLite's own checksums, and is there only while the program runs or after a kill.
    case FileKind::kMetadataLog:
    // For people: no program reads it.
    case FileKind::kQuarantined:
    // Texts that people write and change, and what a demo makes up.
    case FileKind::kPack:
    case FileKind::kDemo:
    // Nothing is read from them but, in messages, whose they are.
    case FileKind::kLock:
    case FileKind::kControlSocket:
    case FileKind::kBackupMarker: return {};
  }
  return {};
}

int list() {
  std::set<std::string> names;
  for (const FileKindNames& one : kFileKindNames)
    names.merge([&] {
      const auto specimens = specimens_of(one.kind);
      return std::set<std::string>(specimens.begin(), specimens.end());
    }());
  for (const std::string& name : names) fmt::print("{}\n", name);
  return 0;
}

int run(int argc, char** argv) {
  const std::map<std::string, Count (*)(std::uint64_t)> kinds = {
      {"journal", journal},           {"block", block},    {"manifest", manifest},
      {"torn-journal", torn_journal}, {"ledger", ledger},  {"backup-manifest", backup_manifest},
      {"backup-copy", backup_copy},   {"at-rest", at_rest}};
  for (const FileKindNames& one : kFileKindNames)
    for (const std::string& name : specimens_of(one.kind)) TUNDISH_CHECK(kinds.contains(name));
  if (argc == 2 && std::string(argv[1]) == "list") return list();
  std::uint64_t stride = 1;
  bool understood = argc == 2 || argc == 4;
  if (argc == 4) {
    const std::string number = argv[3];
    understood =
        std::string(argv[2]) == "--stride" &&
        std::from_chars(number.data(), number.data() + number.size(), stride).ec == std::errc() &&
        stride > 0;
  }
  const auto kind = kinds.find(argc > 1 ? argv[1] : "");
  if (!understood || kind == kinds.end()) {
    std::fprintf(stderr,
                 "usage: damage KIND [--stride N], damage list\n"
                 "example: damage journal --stride 61\n");
    return 2;
  }
  // Historians log what they find, and here they find something all the time.
  if (std::getenv("SIM_LOG") == nullptr) set_log_level(LogLevel::kOff);
  const Count count = kind->second(stride);
  fmt::print("{}: tried {}, failed {}, stride {}\n", kind->first, count.tried, count.failed,
             stride);
  return count.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tundish::sim

int main(int argc, char** argv) { return tundish::sim::run(argc, argv); }
