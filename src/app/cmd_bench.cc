// tundish bench: the measurements of src/bench/, of this very program.
#include <fmt/format.h>

#include <filesystem>

#include "app/command.h"
#include "bench/benches.h"
#include "build_info.h"

namespace tundish::app {
namespace {

struct BenchOptions {
  bench::BenchSetup setup;
  std::string what;
  std::string protocol = "both";
  std::uint64_t unflushed = 25'000'000;
  bool as_json = false;
};

Status measure(BenchOptions& options, bench::Report& report) {
  const auto& setup = options.setup;
  if (options.what == "codec") return bench::bench_codec(setup.work, report);
  if (options.what == "query") {
    TUNDISH_RETURN_IF_ERROR(bench::bench_query(setup, report));
    const auto unflushed = std::min(options.unflushed, setup.work.samples());
    return unflushed == 0 ? Status() : bench::bench_ready(setup, unflushed, report);
  }
  if (options.protocol != "line")
    TUNDISH_RETURN_IF_ERROR(bench::bench_ingest(setup, bench::Protocol::kBinary, report));
  if (options.protocol != "binary")
    TUNDISH_RETURN_IF_ERROR(bench::bench_ingest(setup, bench::Protocol::kLine, report));
  return bench::bench_acknowledgement(setup, report);
}

int run(BenchOptions& options) {
  auto& setup = options.setup;
  if (const auto valid = bench::check_workload(setup.work); !valid) return report(valid.error());
  std::error_code error;
  setup.program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    return report({ErrorCode::kNotFound, "this program does not find itself: " + error.message()});
  setup.subject = fmt::format("tundish {} ({}, {})", build_info::kCommit, build_info::kCompiler,
                              build_info::kPreset);
  bench::Report found(options.what, setup.subject, setup.work);
  const auto done = measure(options, found);
  if (!done) return report(done.error());
  fmt::print("{}", options.as_json ? found.json() + "\n" : found.table());
  return std::fflush(stdout) == 0 ? kDone : kFailed;
}

void add_what(CLI::App& command, Action& action, const char* what, const char* description) {
  auto* sub = command.add_subcommand(what, description);
  const auto options = std::make_shared<BenchOptions>();
  options->what = what;
  auto& setup = options->setup;
  sub->add_option("--tags", setup.work.tags, "How many tags")->capture_default_str();
  sub->add_option("--seconds", setup.work.seconds, "Samples a tag, one a second")
      ->capture_default_str();
  sub->add_option("--seed", setup.work.seed, "Another seed gives other samples")
      ->capture_default_str();
  sub->add_flag("--jitter", setup.work.jitter, "Times are off the second by a few milliseconds");
  sub->add_flag("--json", options->as_json, "One JSON object instead of a table");
  if (options->what != "codec") {
    sub->add_option("--connections", setup.connections, "Senders, each with its share of the tags")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    sub->add_option("--batch-rows", setup.batch_rows, "Samples a request")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    sub->add_option("--rounds", setup.rounds, "Of what is repeated to find a median")
        ->check(CLI::Range(3, 100'000))
        ->capture_default_str();
    sub->add_option("--folder", setup.scratch_parent,
                    "Temporary data folders go here: the disk to measure")
        ->type_name("DIR");
  }
  if (options->what == "ingest") {
    sub->add_option("--protocol", options->protocol, "binary, line or both")
        ->check(CLI::IsMember({"binary", "line", "both"}))
        ->capture_default_str();
    sub->add_option("--late", setup.work.late_percent,
                    "Percent of the samples that come late, by up to an hour")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
  }
  if (options->what == "query")
    sub->add_option("--unflushed", options->unflushed,
                    "Samples in memory when kill -9 comes; 0 leaves that out")
        ->capture_default_str();
  sub->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace

void add_bench_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("bench", "Measures this program on this machine");
  command->require_subcommand(1);
  command->footer(
      "Example: tundish bench ingest --tags 1000 --seconds 600\n"
      "Starts servers of its own on loopback in temporary folders; progress goes to stderr.\n"
      "docs/guides/bench.md says what each number means. Exit codes: 0 done, 1 failed, 2 wrong "
      "usage");
  add_what(*command, action, "ingest", "Samples a core-second, bytes a sample, time to the answer");
  add_what(*command, action, "query", "Seven questions, reading while writing, time to be ready");
  add_what(*command, action, "codec", "Size and speed of the columns' codecs, without a server");
}

}  // namespace tundish::app
