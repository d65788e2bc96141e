// damage KIND [--stride N]: what becomes of files whose bytes decay. Folders of a few 64 KiB files:
//
//   journal, block, manifest   every single bit is inverted in turn: verify_folder() names the file; a historian
//                              that opens the folder reports it too, reads all that the bit does not touch, and
//                              deletes nothing (opening is tried for every 16th of the bits)
//   torn-journal               the newest segment is cut at every length: what is read is a prefix of what was sent
//
// N > 1 tries every N-th only; odd, so that all eight bits of a byte have their turn.
// Prints `KIND: tried N, failed N`.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "base/check.h"
#include "base/log.h"
#include "historian/historian.h"
#include "io/clock.h"
#include "io/simulated_disk.h"

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

int run(int argc, char** argv) {
  const std::map<std::string, Count (*)(std::uint64_t)> kinds = {{"journal", journal},
                                                                 {"block", block},
                                                                 {"manifest", manifest},
                                                                 {"torn-journal", torn_journal}};
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
                 "usage: damage journal|block|manifest|torn-journal [--stride N]\n"
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
