// 1. A new server, a new folder. Every tag is sent once, which makes it; that is told apart.
// 2. The rest of the work, as fast as it is taken. CPU time is the server's alone, up to the last answer, and once
//    more when memory is written out and compaction has come to rest: the goal counts all of it.
// 3. Bytes of the folder. The samples are counted by a query: a fast server that lost some would be no good.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/benches.h"
#include "bench/questions.h"
#include "io/clock.h"

namespace tundish::bench {
namespace {

constexpr double kMega = 1e6;

std::string name_of(Protocol protocol) { return protocol == Protocol::kBinary ? "binary" : "line"; }

double seconds_between(DurationNs from, DurationNs to) {
  return static_cast<double>(to - from) * 1e-9;
}

/// A file written full, as a journal is, to which blocks are written and synced in place.
class SyncProbe {
 public:
  static Result<SyncProbe> make(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail(ErrorCode::kIo, "cannot be made", file);
    SyncProbe probe(descriptor);
    const std::string zeros(kFileBytes, '\0');
    if (::pwrite(descriptor, zeros.data(), zeros.size(), 0) != static_cast<ssize_t>(kFileBytes) ||
        ::fdatasync(descriptor) != 0)
      return fail(ErrorCode::kIo, "cannot be written", file);
    return probe;
  }
  SyncProbe(SyncProbe&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  SyncProbe& operator=(SyncProbe&&) = delete;
  ~SyncProbe() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  /// Milliseconds of one write of `bytes` and its sync; negative when it failed.
  double sync_ms(std::size_t bytes) {
    const std::string block(bytes, 'x');
    at_ = at_ + bytes > kFileBytes ? 0 : at_;
    const DurationNs began = io::real_clock().monotonic();
    if (::pwrite(descriptor_, block.data(), bytes, static_cast<off_t>(at_)) !=
            static_cast<ssize_t>(bytes) ||
        ::fdatasync(descriptor_) != 0)
      return -1;
    at_ += bytes;
    return seconds_between(began, io::real_clock().monotonic()) * 1e3;
  }

 private:
  static constexpr std::size_t kFileBytes = 16 << 20;
  explicit SyncProbe(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
  std::size_t at_ = 0;
};

}  // namespace

Status bench_ingest(const BenchSetup& setup, Protocol protocol, Report& report) {
  const std::string name = "ingest." + name_of(protocol) + ".";
  TUNDISH_TRY(const auto scratch, ScratchFolder::make(setup.scratch_parent));
  TUNDISH_TRY(auto server, ServerUnderTest::start({setup.program, scratch.path()}));
  TUNDISH_RETURN_IF_ERROR(server.set_up());
  progress(fmt::format("{}: sending {} samples over {} connections", name_of(protocol),
                       setup.work.samples(), setup.connections));
  TUNDISH_TRY(const auto sent,
              send_work(receiver_of(server, protocol), {.work = setup.work,
                                                        .connections = setup.connections,
                                                        .batch_rows = setup.batch_rows}));
  const std::uint64_t rss_sent = server.process().rss_bytes();
  progress(fmt::format("{}: {:.1f} s, {:.1f} CPU s of the server; waiting for compaction",
                       name_of(protocol), sent.wall_s, sent.server_cpu_s));
  const double cpu_before = server.process().cpu_seconds();
  TUNDISH_RETURN_IF_ERROR(server.settle());
  const double settle_cpu_s = server.process().cpu_seconds() - cpu_before;
  const auto samples = static_cast<double>(sent.samples - sent.first_samples);
  const DiskUse use = disk_use(server.data_folder());

  HttpConnection connection = server.connect();
  TUNDISH_TRY(const std::uint64_t stored, count_all(connection, setup.work));
  if (stored != sent.samples)
    return fail(ErrorCode::kCorruption,
                fmt::format("{} samples were acknowledged, {} are there", sent.samples, stored));

  report.add(name + "samples", static_cast<double>(sent.samples), "");
  report.add(name + "wall", sent.wall_s, "s");
  report.add(name + "server_cpu", sent.server_cpu_s + settle_cpu_s, "s");
  report.add(name + "server_cpu_of_compaction_at_the_end", settle_cpu_s, "s");
  if (sent.server_cpu_s + settle_cpu_s > 0)
    report.add({name + "samples_per_core_second",
                samples / (sent.server_cpu_s + settle_cpu_s),
                "samples/s",
                (protocol == Protocol::kBinary ? 5 : 3) * kMega,
                {}});
  if (sent.server_cpu_s > 0)
    report.add(name + "samples_per_core_second_until_acknowledged", samples / sent.server_cpu_s,
               "samples/s");
  if (sent.wall_s > 0) report.add(name + "samples_per_second", samples / sent.wall_s, "samples/s");
  report.add(name + "answer_p50", percentile(sent.answer_ms, 0.5), "ms");
  report.add(name + "answer_p99", percentile(sent.answer_ms, 0.99), "ms");
  report.add(name + "tags_made", setup.work.tags, "");
  report.add(name + "tags_made_cpu", sent.first_cpu_s, "s");
  report.add(name + "memory_after_sending", static_cast<double>(rss_sent), "bytes");
  report.add(name + "memory_max", static_cast<double>(server.process().rss_bytes_max()), "bytes");
  report.add({name + "bytes_per_sample",
              static_cast<double>(use.data_bytes) / static_cast<double>(sent.samples),
              "B/sample",
              setup.work.jitter ? 0.95 : 0.56,
              {}});
  report.add(name + "bytes_on_disk", static_cast<double>(use.data_bytes), "bytes");
  report.add(name + "bytes_of_blocks", static_cast<double>(use.block_bytes), "bytes");
  report.add(name + "bytes_of_journal", static_cast<double>(use.journal_bytes), "bytes");
  report.add(name + "bytes_prewritten_for_the_journal", static_cast<double>(use.prewritten_bytes),
             "bytes");
  return server.stop();
}

Status bench_acknowledgement(const BenchSetup& setup, Report& report) {
  TUNDISH_TRY(const auto scratch, ScratchFolder::make(setup.scratch_parent));
  TUNDISH_TRY(auto server, ServerUnderTest::start({setup.program, scratch.path()}));
  TUNDISH_RETURN_IF_ERROR(server.set_up());
  TUNDISH_TRY(auto probe, SyncProbe::make(scratch.path() + "/probe"));
  constexpr std::uint32_t kRows = 1'000;
  WorkloadOptions work = setup.work;
  work.tags = std::min(work.tags, kRows);
  work.seconds = (setup.rounds + 1) * kRows / work.tags + 1;
  WorkloadStream stream(work, 0, work.tags);
  const auto form = binary_form(0, work.tags);
  HttpConnection connection = server.connect();
  std::vector<WorkloadRow> rows;
  std::string body;
  std::vector<double> answer_ms, bare_ms;
  progress(fmt::format("acknowledgement: {} batches of 1,000, one after the other", setup.rounds));
  for (std::uint32_t round = 0; round <= setup.rounds; ++round) {
    rows.clear();
    while (rows.size() < kRows && stream.next_second(rows)) {
    }
    form->encode(rows, body);
    const DurationNs began = io::real_clock().monotonic();
    TUNDISH_RETURN_IF_ERROR(connection.ask({.method = "POST",
                                            .target = "/api/v1/samples",
                                            .body = body,
                                            .content_type = "application/vnd.tundish.batch"}));
    const double ms = seconds_between(began, io::real_clock().monotonic()) * 1e3;
    // As much as a record of such a batch has, at once after it: the same disk in the same state.
    const double bare = probe.sync_ms(16 << 10);
    if (bare < 0) return fail(ErrorCode::kIo, "the bare sync failed", scratch.path());
    if (round == 0) continue;  // makes the tags
    answer_ms.push_back(ms);
    bare_ms.push_back(bare);
  }
  const double bare_p99 = percentile(bare_ms, 0.99);
  report.add({"ack.batch_1000_p50", percentile(answer_ms, 0.5), "ms", 0.6, {}});
  report.add({"ack.batch_1000_p99", percentile(answer_ms, 0.99), "ms", bare_p99 + 2, {}});
  report.add("ack.bare_fdatasync_p50", percentile(bare_ms, 0.5), "ms");
  report.add("ack.bare_fdatasync_p99", bare_p99, "ms");
  return server.stop();
}

}  // namespace tundish::bench
