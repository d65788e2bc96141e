// sim MODE --seeds A..B [--verbose]: whole historians on simulated disks, one seed at a time.
//
//   power-cut   random work, the power cut at a random call (also while recovering), reopened
//   cut-each    the same work again and again, the power cut at its 1st, 2nd, ... call
//   io-error    the same, that call failing
//   disk-full   a disk that is too small, then is not
//   canary      power cuts on a disk that lies about its syncs: passes if the checks notice
//
// Prints `MODE: tried N, failed N` with the first failing seeds and the command that repeats each.
// SIM_LOG=1 shows the historians' log; SIM_DUMP=FOLDER keeps the files of a failing seed.

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/log.h"
#include "sim/node.h"

namespace tundish::sim {
namespace {

struct Run {
  std::string wrong;  ///< empty: nothing
  std::uint32_t digest = 0;
  std::uint64_t cases = 1;
  std::uint64_t acknowledged = 0;
};

/// Opens, with the power failing once or twice meanwhile in some runs.
std::string boot_through_cuts(Node& node) {
  for (int cuts = 0;; ++cuts) {
    const bool cut = cuts < 3 && node.random().one_in(3);
    if (cut) node.disk().crash_at_call(1 + node.random().below(60));
    const auto booted = node.boot();
    node.disk().crash_at_call(0);
    if (booted && node.disk().powered()) return {};
    node.kill();
    if (node.disk().powered()) return "cannot open: " + booted.error().to_string();
    node.disk().power_on();
  }
}

Run power_cut(std::uint64_t seed, io::SimulatedDiskOptions disk_options = {}) {
  io::SeededRandom random(seed ^ 0x706F776572ull);
  disk_options.sector_bytes = random.one_in(2) ? 512 : 4096;
  Node node(seed, disk_options, {});
  Run run;
  const auto finish = [&](std::string wrong) {
    run.wrong = std::move(wrong);
    if (!run.wrong.empty()) node.dump();
    run.digest = node.digest();
    run.acknowledged = node.acknowledged();
    return run;
  };
  const std::uint64_t lives = 2 + random.below(3);
  for (std::uint64_t life = 0; life <= lives; ++life) {
    auto wrong = boot_through_cuts(node);
    if (wrong.empty()) wrong = node.check(true);
    if (wrong.empty()) wrong = node.check_files();
    if (!wrong.empty()) return finish(fmt::format("after boot {}: {}", life + 1, wrong));
    if (life == lives) break;
    const std::uint64_t end = random.below(8);
    if (end < 5) node.disk().crash_at_call(1 + random.below(random.one_in(3) ? 60 : 900));
    const std::uint64_t steps = 20 + random.below(120);
    for (std::uint64_t step = 0; step < steps && node.alive(); ++step) {
      wrong = node.step();
      if (!wrong.empty() && node.alive())
        return finish(fmt::format("life {}, step {}: {}", life + 1, step, wrong));
    }
    if (node.alive() && random.one_in(2)) {
      wrong = node.check(false);
      if (!wrong.empty() && node.alive()) return finish(std::move(wrong));
    }
    if (end == 7) {
      node.stop();
    } else {
      node.kill();
    }
    // A killed process leaves the disk powered and nothing is lost; all else loses power.
    node.disk().crash_at_call(0);
    if (end != 6) node.disk().power_cut();
    node.disk().power_on();
  }
  node.stop();
  node.disk().power_cut();
  node.disk().power_on();
  const auto report = historian::verify_folder(node.disk());
  if (!report) return finish("verify_folder failed: " + report.error().to_string());
  if (!report->damage.empty())
    return finish(fmt::format("verify_folder finds damage in {} at {}: {}",
                              report->damage.front().file, report->damage.front().offset,
                              report->damage.front().what));
  return finish({});
}

Run power_cut_twice(std::uint64_t seed) {
  Run first = power_cut(seed);
  // Every eighth seed again, because the second run costs as much as the first.
  if (first.wrong.empty() && seed % 8 == 0 && power_cut(seed).digest != first.digest)
    first.wrong = "the same seed gave another result the second time";
  return first;
}

/// A disk whose syncs do nothing: all is well only if that is noticed.
Run canary(std::uint64_t seed) {
  io::SimulatedDiskOptions lying;
  (seed % 2 == 0 ? lying.file_syncs_lie : lying.folder_syncs_lie) = true;
  // One seed may be lucky, twenty may not.
  Run run;
  for (std::uint64_t i = 0; i < 20; ++i) {
    if (!power_cut(seed * 20 + i, lying).wrong.empty()) return run;
  }
  run.wrong = "a disk that loses what it synced goes unnoticed";
  return run;
}

enum class Each { kFails, kCutsPower };

/// The same work from the start, its 1st, 2nd, ... call being the one, until there is no such call.
Run each_call(std::uint64_t seed, Each each) {
  constexpr std::uint64_t kSteps = 40;
  Run run;
  run.cases = 0;
  for (std::uint64_t n = 1;; ++n) {
    ++run.cases;
    Node node(seed, {}, {.io_errors = each == Each::kFails});
    io::SeededRandom random(seed * 1'000'003 + n);
    const auto finish = [&](const std::string& wrong) {
      run.wrong = fmt::format("call {}: {}", n, wrong);
      node.dump();
      return run;
    };
    each == Each::kFails ? node.disk().fail_at_call(n) : node.disk().crash_at_call(n);
    std::string wrong;
    if (node.boot() || (node.disk().powered() && node.boot())) {
      wrong = node.check(true);
      for (std::uint64_t step = 0; step < kSteps && wrong.empty() && node.alive(); ++step)
        wrong = node.step();
      if (wrong.empty() && node.alive()) wrong = node.check(false);
    } else if (node.disk().powered()) {
      wrong = "does not open although only one call failed";
    }
    if (!wrong.empty() && node.disk().powered()) return finish(wrong);
    const bool reached = node.disk().calls() >= n;
    node.disk().fail_at_call(0);
    node.disk().crash_at_call(0);
    if (random.one_in(2) && node.alive()) node.stop();
    node.kill();
    if (!node.disk().powered() || random.one_in(2)) {
      node.disk().power_cut();
      node.disk().power_on();
    }
    if (const auto booted = node.boot(); !booted)
      return finish("does not open afterwards: " + booted.error().to_string());
    wrong = node.check(true);
    if (!wrong.empty()) return finish("afterwards: " + wrong);
    if (each == Each::kFails) {
      // What was read after a failed sync, and relied on since, may have been in the cache alone.
      node.kill();
      node.disk().power_cut();
      node.disk().power_on();
      if (const auto booted = node.boot(); !booted)
        return finish("does not open after a power cut: " + booted.error().to_string());
      wrong = node.check(true);
      if (!wrong.empty()) return finish("after a power cut: " + wrong);
    }
    run.acknowledged += node.acknowledged();
    if (!reached) return run;
  }
}

Run io_error(std::uint64_t seed) { return each_call(seed, Each::kFails); }
Run cut_each_call(std::uint64_t seed) { return each_call(seed, Each::kCutsPower); }

Run disk_full(std::uint64_t seed) {
  io::SeededRandom random(seed ^ 0x66756C6Cull);
  Node node(seed, {.capacity_bytes = 32'768 + random.below(400'000)}, {.disk_full = true});
  Run run;
  const auto finish = [&](std::string wrong) {
    run.wrong = std::move(wrong);
    if (!run.wrong.empty()) node.dump();
    run.digest = node.digest();
    run.acknowledged = node.acknowledged();
    return run;
  };
  for (int life = 0; life < 3; ++life) {
    while (true) {
      const auto booted = node.boot();
      if (booted) break;
      if (booted.error().code != ErrorCode::kDiskFull)
        return finish("cannot open: " + booted.error().to_string());
      node.disk().set_capacity(node.disk().used_bytes() + 100'000);
    }
    std::string wrong = node.check(true);
    const std::uint64_t steps = 60 + random.below(200);
    for (std::uint64_t step = 0; step < steps && wrong.empty() && node.alive(); ++step) {
      const std::uint64_t refused = node.refused_disk_full();
      wrong = node.step();
      if (node.refused_disk_full() == refused || !wrong.empty()) continue;
      wrong = node.check(false);  // reads go on
      if (!wrong.empty() || !random.one_in(4)) continue;
      // Somebody makes room: the very next request is served.
      node.disk().set_capacity(node.disk().used_bytes() + (4 << 20));
      const std::uint64_t before = node.refused_disk_full();
      wrong = node.perform(node.next_operation());
      if (wrong.empty() && node.refused_disk_full() != before)
        wrong = "a request was refused although there is room again";
      node.disk().set_capacity(node.disk().used_bytes() + random.below(60'000));
    }
    if (wrong.empty() && node.alive()) wrong = node.check(false);
    if (!wrong.empty()) return finish(std::move(wrong));
    random.one_in(3) ? node.stop() : node.kill();
    node.disk().power_cut();
    node.disk().power_on();
  }
  while (!node.boot()) {
    if (run.cases > 1) return finish("does not open although there is room again");
    ++run.cases;
    node.disk().set_capacity(node.disk().used_bytes() + (8 << 20));
  }
  run.cases = 1;
  std::string wrong = node.check(true);
  if (wrong.empty()) wrong = node.check_files();
  return finish(std::move(wrong));
}

constexpr std::uint64_t kProgressSeeds = 5000;

int usage() {
  std::fprintf(stderr,
               "usage: sim power-cut|cut-each|io-error|disk-full|canary --seeds A..B\n"
               "example: sim power-cut --seeds 1..500\n");
  return 2;
}

/// `A..B` or `A`.
bool parse_seeds(const std::string& text, std::uint64_t& from, std::uint64_t& to) {
  const char* const end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, from);
  to = from;
  if (parsed.ec == std::errc() && parsed.ptr + 2 < end && std::string(parsed.ptr, 2) == "..")
    parsed = std::from_chars(parsed.ptr + 2, end, to);
  return parsed.ec == std::errc() && parsed.ptr == end && from <= to;
}

int run_all(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  if (arguments.size() != 3 || arguments[1] != "--seeds" || !parse_seeds(arguments[2], from, to))
    return usage();
  const std::string& mode = arguments[0];
  std::function<Run(std::uint64_t)> run;
  if (mode == "power-cut") run = power_cut_twice;
  if (mode == "cut-each") run = cut_each_call;
  if (mode == "io-error") run = io_error;
  if (mode == "disk-full") run = disk_full;
  if (mode == "canary") run = canary;
  if (!run) return usage();

  // Historians log what they find, and here they find something all the time.
  if (std::getenv("SIM_LOG") == nullptr) set_log_level(LogLevel::kOff);
  std::uint64_t cases = 0;
  std::uint64_t failed = 0;
  std::uint64_t acknowledged = 0;
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    const Run one = run(seed);
    if (const std::uint64_t done = seed - from + 1; done % kProgressSeeds == 0)
      fmt::print(stderr, "{}: {} of {} seeds\n", mode, done, to - from + 1);
    cases += one.cases;
    acknowledged += one.acknowledged;
    if (one.wrong.empty()) continue;
    if (++failed <= 20)
      fmt::print("seed {}: {}\n  again: {} {} --seeds {}\n", seed, one.wrong, argv[0], mode, seed);
  }
  fmt::print("{}: tried {}, failed {}, seeds {}..{}, batches acknowledged {}\n", mode, cases,
             failed, from, to, acknowledged);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tundish::sim

int main(int argc, char** argv) { return tundish::sim::run_all(argc, argv); }
