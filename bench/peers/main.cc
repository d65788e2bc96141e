// Another database under the work of `tundish bench`, with the same client: bench/peers/run.
//
//   bench_peers PEER [--tags N] [--seconds N] [--jitter] [--rounds N] [--connections N] [--installed DIR] [--folder DIR]
//
// PEER: victoria, clickhouse, influx, duckdb. One JSON object on stdout, progress on stderr; exit code 3 when the
// peer is not installed.

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "peers/peer.h"

namespace tundish::bench {
namespace {

struct Options {
  std::string peer;
  std::string installed = ".deps/peers/debian";
  std::string folder;
  WorkloadOptions work;
  std::uint32_t connections = 4, batch_rows = 10'000, rounds = 200;
};

Status parse(int count, char** words, Options& options) {
  if (count < 2)
    return fail(ErrorCode::kInvalidArgument, "name a peer: victoria, clickhouse, influx or duckdb");
  options.peer = words[1];
  for (int i = 2; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--jitter") {
      options.work.jitter = true;
      continue;
    }
    if (++i == count)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a value", word));
    const std::string_view value = words[i];
    if (word == "--installed" || word == "--folder") {
      (word == "--folder" ? options.folder : options.installed) = value;
      continue;
    }
    std::uint32_t* number = word == "--tags"          ? &options.work.tags
                            : word == "--seconds"     ? &options.work.seconds
                            : word == "--rounds"      ? &options.rounds
                            : word == "--connections" ? &options.connections
                            : word == "--batch-rows"  ? &options.batch_rows
                                                      : nullptr;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(),
                                              *(number ? number : &options.rounds));
    if (number == nullptr || error != std::errc() || end != value.data() + value.size() ||
        *number == 0)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} {} is not understood", word, value));
  }
  return check_workload(options.work);
}

Result<std::string> measure(const Options& options) {
  TUNDISH_TRY(const auto scratch, ScratchFolder::make(options.folder));
  if (options.peer == "duckdb") {
    Report report("peer", duckdb_subject(), options.work);
    TUNDISH_RETURN_IF_ERROR(
        measure_duckdb(scratch.path(), options.work, options.batch_rows, options.rounds, report));
    return report.json();
  }
  const std::string installed = std::filesystem::absolute(options.installed);
  const auto peer = options.peer == "victoria"     ? make_victoria(installed)
                    : options.peer == "clickhouse" ? make_clickhouse(installed)
                    : options.peer == "influx"     ? make_influx(installed)
                                                   : nullptr;
  if (!peer) return fail(ErrorCode::kInvalidArgument, "there is no peer " + options.peer);
  Report report("peer", peer->subject(), options.work);
  TUNDISH_RETURN_IF_ERROR(measure_peer(*peer, scratch.path(), options.work, options.connections,
                                       options.batch_rows, options.rounds, report));
  return report.json();
}

int run(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  Options options;
  auto result = parse(count, words, options);
  auto report = result ? measure(options) : Result<std::string>(std::unexpected(result.error()));
  if (report) {
    fmt::print("{}\n", *report);
    return 0;
  }
  fmt::print(stderr, "bench_peers: {}\n", report.error().to_string());
  const ErrorCode code = report.error().code;
  if (code == ErrorCode::kNotFound || code == ErrorCode::kUnsupported) return 3;
  return code == ErrorCode::kInvalidArgument ? 2 : 1;
}

}  // namespace
}  // namespace tundish::bench

int main(int count, char** words) { return tundish::bench::run(count, words); }
