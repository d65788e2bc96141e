#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/data_folder.h"
#include "app/metadata_check.h"
#include "app/samples_check.h"
#include "io/clock.h"
#include "io/disk.h"
#include "model/data_files.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

enum class State { kGood, kNote, kBad };

/// One thing looked at: what it is, how it is, and what to do about it.
struct Finding {
  State state;
  std::string what;
  std::string advice;
};

std::string_view state_name(State state) {
  return state == State::kGood ? "good" : state == State::kNote ? "note" : "bad";
}

std::string mebibytes(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

class Doctor {
 public:
  explicit Doctor(std::string folder) : folder_(std::move(folder)) {}

  std::vector<Finding> examine() {
    // Anybody else's folder gets no advice, and no file of ours.
    if (const auto ours = check_data_folder(folder_); !ours) {
      bad(ours.error().message, "check the path, or make one with `tundish serve --data`");
      return std::move(findings_);
    }
    struct stat info{};
    if (::stat(folder_.c_str(), &info) != 0)
      bad("the data folder cannot be looked at", "check its owner and rights");
    else if ((info.st_mode & 077) != 0)
      bad("others on this machine can read the data folder", "chmod 700 " + folder_);
    else
      good("the data folder belongs to its owner only");
    look_at_clock();
    look_at_limits();
    look_at_disk();
    look_at_quarantine();
    look_at_files();
    look_at_metadata();
    return std::move(findings_);
  }

 private:
  void good(std::string what) { findings_.push_back({State::kGood, std::move(what), {}}); }
  void note(std::string what, std::string advice) {
    findings_.push_back({State::kNote, std::move(what), std::move(advice)});
  }
  void bad(std::string what, std::string advice) {
    findings_.push_back({State::kBad, std::move(what), std::move(advice)});
  }

  void look_at_clock() {
    const TimeNs now = io::real_clock().now();
    const TimeNs year_2024 = 1'704'067'200 * kSecond;
    if (now < year_2024 || now > year_2024 + 50 * 365 * kDay)
      bad("the clock says " + format_time(now),
          "set it (chrony or systemd-timesyncd): readings are refused when they seem to come from "
          "the future");
    else
      good("the clock says " + format_time(now));
  }

  void look_at_limits() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 4096)
      note(fmt::format("this shell allows {} open files", files.rlim_cur),
           "ulimit -n 65536, or LimitNOFILE=65536 in the service, for many connections");
    else
      good(fmt::format("{} open files are allowed", files.rlim_cur));
  }

  void look_at_disk() {
    const auto disk = io::open_real_disk(folder_);
    const auto free = disk ? (*disk)->free_bytes() : Result<std::uint64_t>(fail(disk.error()));
    if (!free)
      bad("the disk does not answer: " + free.error().to_string(), "look at dmesg and the mount");
    else if (*free < (std::uint64_t{256} << 20))
      bad(mebibytes(*free) + " free", "ingest is refused when the disk is full: make room");
    else if (*free < (std::uint64_t{2} << 30))
      note(mebibytes(*free) + " free", "make room soon");
    else
      good(mebibytes(*free) + " free");
  }

  void look_at_quarantine() {
    std::error_code error;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/quarantine", error))
      count += entry.is_regular_file(error) ? 1 : 0;
    if (count > 0)
      note(fmt::format("{} files in {}/quarantine: bytes that failed their checksum once", count,
                       folder_),
           "nothing is deleted; look at the disk's health (smartctl), then keep or remove them");
  }

  /// Sound files, read as they lie there, or by the process that serves them.
  void look_at_files() {
    const auto report = verify_unserved(folder_);
    if (!report && report.error().code == ErrorCode::kInUse) {
      look_at_running();
      return;
    }
    if (!report) {
      bad("the historian's files cannot be read: " + report.error().to_string(),
          "restore a backup");
      return;
    }
    tell(*report);
    note("nobody serves this folder", "tundish serve --data " + folder_);
  }

  void look_at_running() {
    const auto report = verify_served(folder_);
    if (!report) {
      bad("a process holds this folder and does not answer: " + report.error().to_string(),
          "look at its log");
      return;
    }
    good("served, and it answers");
    tell(*report);
  }

  void tell(const VerifyReport& report) {
    // A disk that fails has thousands of places; a few of them say it.
    constexpr std::size_t kPlacesMax = 20;
    for (const Damage& damage :
         std::span(report.damage).first(std::min(kPlacesMax, report.damage.size())))
      bad(fmt::format("{} at byte {}: {}", damage.file, damage.offset, damage.what),
          "the rest stays readable; run `tundish verify --data " + folder_ +
              "` and look at the disk");
    if (report.damage.size() > kPlacesMax)
      bad(fmt::format("{} more damaged places", report.damage.size() - kPlacesMax),
          "`tundish verify --data " + folder_ + "` names them all");
    if (report.damage.empty())
      good(
          fmt::format("{} files, {}: every checksum holds", report.files, mebibytes(report.bytes)));
  }

  /// Names, accounts and connections; SQLite lets us read beside the process that serves them.
  void look_at_metadata() {
    const auto small = check_small_files(folder_);
    if (!small) bad("files cannot be read: " + small.error().to_string(), "look at the disk");
    bool is_changed = false;
    for (const Damage& one : small ? *small : std::vector<Damage>{}) {
      is_changed |= one.file != files::kLedger;
      bad(fmt::format("{}: {}", one.file, one.what),
          one.file == files::kLedger
              ? "it is put aside at the next start and counting begins anew; no sample is concerned"
              : "restore a backup; or, if it was changed on purpose, remove " + folder_ + "/" +
                    files::kSums);
    }
    if (is_changed) return;
    const auto damage = check_metadata(folder_);
    if (!damage)
      bad("meta.db cannot be read: " + damage.error().to_string(), "look at its owner and rights");
    else if (*damage)
      bad("meta.db (names and accounts) is damaged: " + (*damage)->what,
          "keep a copy of it, then restore a backup; the samples do not depend on it");
    else
      good("meta.db (names and accounts) is sound");
  }

  const std::string folder_;
  std::vector<Finding> findings_;
};

int run(const std::string& folder, bool as_json) {
  const auto findings = Doctor(folder).examine();
  bool sound = true;
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("findings").begin_array();
  for (const auto& finding : findings) {
    sound = sound && finding.state != State::kBad;
    json.begin_object().member("state", state_name(finding.state)).member("what", finding.what);
    json.member("advice", finding.advice).end_object();
    if (!as_json)
      fmt::print("{:<5} {}{}\n", state_name(finding.state), finding.what,
                 finding.advice.empty() ? "" : "\n      -> " + finding.advice);
  }
  json.end_array().end_object();
  if (as_json) fmt::print("{}\n", text);
  return sound ? kDone : kFailed;
}

}  // namespace

void add_doctor_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("doctor", "Says what is wrong and what to do about it");
  command->footer(
      "Example: tundish doctor --data ./data\nExit codes: 0 nothing bad, 1 something is, 2 wrong "
      "usage");
  const auto folder = std::make_shared<std::string>();
  const auto as_json = std::make_shared<bool>(false);
  command->add_option("--data", *folder, "The data folder")->required()->type_name("DIR");
  command->add_flag("--json", *as_json, "As JSON");
  command->callback([&action, folder, as_json] {
    action = [folder, as_json] { return run(*folder, *as_json); };
  });
}

}  // namespace tundish::app
