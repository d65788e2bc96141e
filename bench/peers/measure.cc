#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>

#include "io/clock.h"
#include "peers/peer.h"

namespace tundish::bench {
namespace {

double ms_since(DurationNs began) {
  return static_cast<double>(io::real_clock().monotonic() - began) * 1e-6;
}

class PlainLineForm final : public BatchForm {
 public:
  void encode(std::span<const WorkloadRow> rows, std::string& body) override {
    body.clear();
    for (const WorkloadRow& row : rows) {
      const std::string& start = start_of(row.tag);
      body += start;
      char text[40];
      body.append(text, std::to_chars(text, text + sizeof text, as_double(row)).ptr);
      body += ' ';
      body.append(text, std::to_chars(text, text + sizeof text, row.sample.time).ptr);
      body += '\n';
    }
  }

 private:
  const std::string& start_of(std::uint32_t tag) {
    if (tag >= starts_.size()) starts_.resize(tag + 1);
    if (starts_[tag].empty())
      starts_[tag] = fmt::format("value,line=line{:02},path={} value=", tag / 1000,
                                 tag_path(kEnterprise, tag));
    return starts_[tag];
  }
  std::vector<std::string> starts_;
};

Status time_questions(Peer& peer, const WorkloadOptions& work, std::uint32_t rounds_max,
                      Report& report) {
  HttpConnection connection = peer.connect();
  const std::uint64_t above = count_above(work, kThreshold);
  for (const Question& question : peer.questions(work)) {
    DurationNs began = io::real_clock().monotonic();
    TUNDISH_TRY(const auto answer, ask(connection, question));
    const double first_ms = ms_since(began);
    const auto bytes = static_cast<double>(answer.size());
    if (question.name == "q7" && answer.find(std::to_string(above)) == std::string_view::npos)
      return fail(ErrorCode::kCorruption, fmt::format("q7: {} samples lie above; it says {}", above,
                                                      answer.substr(0, 300)));
    const double fit = 4'000 / std::max(first_ms, 0.01);
    const auto rounds = std::clamp(static_cast<std::uint32_t>(fit), 3u, std::max(rounds_max, 3u));
    std::vector<double> ms;
    const double cpu = peer.cpu_seconds();
    for (std::uint32_t round = 0; round < rounds; ++round) {
      began = io::real_clock().monotonic();
      TUNDISH_RETURN_IF_ERROR(ask(connection, question));
      ms.push_back(ms_since(began));
    }
    const std::string name = "query." + question.name;
    report.add(name + ".p50", percentile(ms, 0.5), "ms");
    report.add(name + ".p99", percentile(ms, 0.99), "ms");
    report.add(name + ".server_cpu", (peer.cpu_seconds() - cpu) * 1e3 / rounds, "ms");
    report.add(name + ".answer", bytes, "bytes");
    progress(fmt::format("{}: {} {:.3f} ms", peer.name(), question.name, percentile(ms, 0.5)));
  }
  return {};
}

}  // namespace

double as_double(const WorkloadRow& row) {
  return tag_type(row.tag) == ValueType::kDouble
             ? std::bit_cast<double>(row.sample.bits)
             : static_cast<double>(static_cast<std::int64_t>(row.sample.bits));
}

std::unique_ptr<BatchForm> plain_line_form() { return std::make_unique<PlainLineForm>(); }

std::string encode_url(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z');
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return encoded;
}

Status ServerPeer::start_process(const std::vector<std::string>& command, std::uint16_t port,
                                 std::string_view target) {
  const std::string log = folder_ + "/server.log";
  TUNDISH_TRY(process_, ChildProcess::start(command, folder_, log));
  address_ = io::Address::tcp("127.0.0.1", port);
  const DurationNs began = io::real_clock().monotonic();
  while (io::real_clock().monotonic() - began < kMinute) {
    if (!process_->running())
      return fail(ErrorCode::kUnavailable, "it ended at its start: " + read_file(log), command[0]);
    HttpConnection connection(address_);
    const auto answer = connection.send({.target = target});
    if (answer && answer->status / 100 == 2) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return fail(ErrorCode::kTimeout, "it is not ready in a minute: " + read_file(log), command[0]);
}

Status ServerPeer::rest() {
  for (int tries = 0; tries < 100; ++tries) {
    const double cpu = cpu_seconds();
    const std::uint64_t bytes = bytes_on_disk();
    std::this_thread::sleep_for(std::chrono::seconds(6));
    if (cpu_seconds() - cpu < 0.3 && bytes_on_disk() == bytes) return {};
  }
  return fail(ErrorCode::kTimeout, name() + " has not come to rest in ten minutes");
}

Result<std::string> ServerPeer::get(std::string_view target) {
  HttpConnection connection = connect();
  TUNDISH_TRY(const auto answer, connection.ask({.target = target}));
  return std::string(answer);
}

Status measure_peer(Peer& peer, const std::string& folder, const WorkloadOptions& work,
                    std::uint32_t connections, std::uint32_t batch_rows, std::uint32_t rounds,
                    Report& report) {
  // The best form last: its data are those that sizes and questions are measured on.
  TUNDISH_RETURN_IF_ERROR(peer.start(folder + "/0"));
  const std::size_t forms = peer.receivers().size();
  for (std::size_t i = forms; i-- > 0;) {
    if (i + 1 < forms) TUNDISH_RETURN_IF_ERROR(peer.start(fmt::format("{}/{}", folder, forms - i)));
    const auto [form, receiver] = peer.receivers()[i];
    progress(fmt::format("{}: sending {} samples as {}", peer.name(), work.samples(), form));
    TUNDISH_TRY(
        const auto sent,
        send_work(receiver, {.work = work, .connections = connections, .batch_rows = batch_rows}));
    const double cpu_before = peer.cpu_seconds();
    TUNDISH_RETURN_IF_ERROR(peer.settle());
    const double settle_cpu_s = peer.cpu_seconds() - cpu_before;
    const auto samples = static_cast<double>(sent.samples - sent.first_samples);
    const std::string name = fmt::format("ingest.{}.", i == 0 ? "binary" : form);
    if (i == 0) report.add({name + "samples", static_cast<double>(sent.samples), "", {}, form});
    report.add(name + "wall", sent.wall_s, "s");
    report.add(name + "server_cpu", sent.server_cpu_s + settle_cpu_s, "s");
    report.add(name + "samples_per_core_second",
               samples / std::max(sent.server_cpu_s + settle_cpu_s, 0.01), "samples/s");
    report.add(name + "samples_per_core_second_until_acknowledged",
               samples / std::max(sent.server_cpu_s, 0.01), "samples/s");
    report.add(name + "answer_p50", percentile(sent.answer_ms, 0.5), "ms");
    report.add(name + "answer_p99", percentile(sent.answer_ms, 0.99), "ms");
    report.add(name + "memory_after_sending", static_cast<double>(peer.memory_bytes()), "bytes");
    const auto bytes = static_cast<double>(peer.bytes_on_disk());
    report.add(name + "bytes_on_disk", bytes, "bytes");
    report.add(name + "bytes_per_sample", bytes / static_cast<double>(sent.samples), "B/sample");
    TUNDISH_TRY(const std::uint64_t stored, peer.count(work));
    if (stored != sent.samples)
      return fail(ErrorCode::kCorruption, fmt::format("{}: {} samples were sent, {} are there",
                                                      peer.name(), sent.samples, stored));
    if (i == 0) TUNDISH_RETURN_IF_ERROR(time_questions(peer, work, rounds, report));
    peer.stop();
  }
  return {};
}

}  // namespace tundish::bench
