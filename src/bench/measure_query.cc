// Questions over HTTP, one kept connection, the median of many rounds. The data are in the state in which the sizes
// are measured: written out, compaction at rest. Each answer is checked once before it is timed.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/benches.h"
#include "bench/questions.h"
#include "io/clock.h"

namespace tundish::bench {
namespace {

double ms_since(DurationNs began) {
  return static_cast<double>(io::real_clock().monotonic() - began) * 1e-6;
}

/// Fewer rounds of what takes long: some four seconds a question.
std::uint32_t rounds_of(double first_ms, std::uint32_t rounds_max) {
  const double fit = 4'000 / std::max(first_ms, 0.01);
  return std::clamp(static_cast<std::uint32_t>(fit), 3u, std::max(rounds_max, 3u));
}

/// Adds `PREFIX.NAME.p50` and p99, and CPU of the server a question.
Status time_question(ServerUnderTest& server, HttpConnection& connection, const Question& question,
                     const BenchSetup& setup, Report& report) {
  DurationNs began = io::real_clock().monotonic();
  const auto first = ask(connection, question);
  const double first_ms = ms_since(began);
  if (!first) return std::unexpected(first.error());
  TUNDISH_RETURN_IF_ERROR(check_answer(question, *first, setup.work));
  const auto bytes = static_cast<double>(first->size());
  std::vector<double> ms;
  const double cpu = server.process().cpu_seconds();
  for (std::uint32_t round = rounds_of(first_ms, setup.rounds); round > 0; --round) {
    began = io::real_clock().monotonic();
    TUNDISH_RETURN_IF_ERROR(ask(connection, question));
    ms.push_back(ms_since(began));
  }
  const double cpu_ms =
      (server.process().cpu_seconds() - cpu) * 1e3 / static_cast<double>(ms.size());
  const std::string name = "query." + question.name;
  Figure median{name + ".p50", percentile(ms, 0.5), "ms", {}, {}};
  if (question.goal_ms > 0) median.goal = question.goal_ms;
  progress(fmt::format("{}: {:.3f} ms", name, median.value));
  report.add(std::move(median));
  report.add(name + ".p99", percentile(ms, 0.99), "ms");
  report.add(name + ".server_cpu", cpu_ms, "ms");
  report.add(name + ".answer", bytes, "bytes");
  return {};
}

Status time_count_above(HttpConnection& connection, const BenchSetup& setup, Report& report) {
  const std::uint64_t wanted = count_above(setup.work, kThreshold);
  std::vector<double> ms;
  for (std::uint32_t round = 0; round < std::min(setup.rounds, 50u); ++round) {
    const DurationNs began = io::real_clock().monotonic();
    TUNDISH_TRY(const auto count, ask_count_above(connection, setup.work, kThreshold));
    ms.push_back(ms_since(began));
    if (count != wanted)
      return fail(ErrorCode::kCorruption,
                  fmt::format("q7: {} samples lie above, {} were found", wanted, count));
  }
  report.add({"query.q7.p50", percentile(ms, 0.5), "ms", 30, {}});
  progress(fmt::format("query.q7: {:.3f} ms", percentile(ms, 0.5)));
  return {};
}

/// Q1, Q3 and Q4 over and over while samples of the seconds after the work come in, as fast as a tenth of what
/// the ingest bench finds.
Status time_reading_while_writing(ServerUnderTest& server, const BenchSetup& setup,
                                  Report& report) {
  constexpr std::string_view kAsked[] = {"q1", "q3.json", "q4", "q5"};
  WorkloadOptions later = setup.work;
  later.start = setup.work.end();
  later.seconds = std::min(setup.work.seconds, 600u);
  std::atomic<bool> done{false};
  Result<SendResult> sent = SendResult{};
  const double rate = std::min(500'000.0, static_cast<double>(later.samples()) / 5);
  std::thread writer([&] {
    sent = send_work(receiver_of(server, Protocol::kBinary), {.work = later,
                                                              .connections = setup.connections,
                                                              .batch_rows = setup.batch_rows,
                                                              .rows_per_second = rate});
    done = true;
  });
  HttpConnection connection = server.connect();
  std::vector<std::vector<double>> ms(std::size(kAsked));
  Status status;
  const auto all = questions(setup.work);
  while (!done && status) {
    for (std::size_t i = 0; i < std::size(kAsked) && status; ++i) {
      const auto question = std::ranges::find(all, kAsked[i], &Question::name);
      const DurationNs began = io::real_clock().monotonic();
      const auto answer = ask(connection, *question);
      if (!answer) status = std::unexpected(answer.error());
      ms[i].push_back(ms_since(began));
    }
  }
  writer.join();
  TUNDISH_RETURN_IF_ERROR(status);
  if (!sent) return std::unexpected(sent.error());
  report.add(
      "query.while_writing.written",
      static_cast<double>(sent->samples - sent->first_samples) / std::max(sent->wall_s, 1e-3),
      "samples/s");
  for (std::size_t i = 0; i < std::size(kAsked); ++i) {
    const std::string name = fmt::format("query.while_writing.{}", kAsked[i]);
    report.add(name + ".p50", percentile(ms[i], 0.5), "ms");
    report.add(name + ".p99", percentile(ms[i], 0.99), "ms");
  }
  report.add("query.while_writing.answer_p99", percentile(sent->answer_ms, 0.99), "ms");
  return {};
}

}  // namespace

Status bench_query(const BenchSetup& setup, Report& report) {
  TUNDISH_TRY(const auto scratch, ScratchFolder::make(setup.scratch_parent));
  TUNDISH_TRY(auto server, ServerUnderTest::start({setup.program, scratch.path()}));
  TUNDISH_RETURN_IF_ERROR(server.set_up());
  progress(fmt::format("query: loading {} samples", setup.work.samples()));
  TUNDISH_RETURN_IF_ERROR(send_work(
      receiver_of(server, Protocol::kBinary),
      {.work = setup.work, .connections = setup.connections, .batch_rows = setup.batch_rows}));
  TUNDISH_RETURN_IF_ERROR(server.settle());
  HttpConnection connection = server.connect();
  for (const Question& question : questions(setup.work))
    TUNDISH_RETURN_IF_ERROR(time_question(server, connection, question, setup, report));
  TUNDISH_RETURN_IF_ERROR(time_count_above(connection, setup, report));
  report.add("query.memory", static_cast<double>(server.process().rss_bytes()), "bytes");
  TUNDISH_RETURN_IF_ERROR(time_reading_while_writing(server, setup, report));

  progress("ready: a clean stop and a start");
  TUNDISH_RETURN_IF_ERROR(server.stop());
  TUNDISH_TRY(auto again, ServerUnderTest::start({setup.program, scratch.path()}));
  report.add(
      {"ready.after_clean_stop", static_cast<double>(again.ready_after()) * 1e-6, "ms", 150, {}});
  return again.stop();
}

Status bench_ready(const BenchSetup& setup, std::uint64_t unflushed_samples, Report& report) {
  TUNDISH_TRY(const auto scratch, ScratchFolder::make(setup.scratch_parent));
  const ServerUnderTest::Options options{setup.program, scratch.path(), true};
  TUNDISH_TRY(auto server, ServerUnderTest::start(options));
  TUNDISH_RETURN_IF_ERROR(server.set_up());
  progress(fmt::format("ready: {} samples that stay in memory", unflushed_samples));
  TUNDISH_TRY(const auto sent,
              send_work(receiver_of(server, Protocol::kBinary), {.work = setup.work,
                                                                 .connections = setup.connections,
                                                                 .batch_rows = setup.batch_rows,
                                                                 .rows_max = unflushed_samples}));
  const auto memory = static_cast<double>(server.process().rss_bytes());
  const auto journal = static_cast<double>(disk_use(server.data_folder()).journal_bytes);
  server.kill();
  TUNDISH_TRY(auto again, ServerUnderTest::start(options));
  report.add("ready.unflushed", static_cast<double>(sent.samples), "");
  report.add("ready.journal", journal, "bytes");
  report.add("ready.memory", memory, "bytes");
  report.add(
      {"ready.after_kill", static_cast<double>(again.ready_after()) * 1e-6, "ms", 1'000, {}});
  report.add("ready.after_kill_cpu", again.process().cpu_seconds() * 1e3, "ms");
  HttpConnection connection = again.connect();
  TUNDISH_TRY(const auto stored, count_all(connection, setup.work));
  if (stored != sent.samples)
    return fail(ErrorCode::kCorruption, fmt::format("{} samples were acknowledged, after kill -9 "
                                                    "{} are there",
                                                    sent.samples, stored));
  again.kill();  // writing all that out is no part of it
  return {};
}

}  // namespace tundish::bench
