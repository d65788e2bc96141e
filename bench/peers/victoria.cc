// VictoriaMetrics: Prometheus remote write (protobuf, framed as Snappy without compression, which costs it least) and
// InfluxDB line protocol.

#include <fmt/format.h>

#include <bit>
#include <filesystem>

#include "peers/peer.h"

namespace tundish::bench {
namespace {

class RemoteWriteForm final : public BatchForm {
 public:
  RemoteWriteForm(std::uint32_t first, std::uint32_t last) : first_(first), samples_(last - first) {
    for (std::uint32_t tag = first; tag < last; ++tag) {
      std::string labels;
      add_label(labels, "__name__", "value");
      add_label(labels, "line", fmt::format("line{:02}", tag / 1000));
      add_label(labels, "tag", tag_path(kEnterprise, tag));
      labels_.push_back(std::move(labels));
    }
  }

  void encode(std::span<const WorkloadRow> rows, std::string& body) override {
    std::vector<std::uint32_t> named;
    for (const WorkloadRow& row : rows) {
      std::string& samples = samples_[row.tag - first_];
      if (samples.empty()) named.push_back(row.tag - first_);
      std::string sample;
      sample += '\x09';  // field 1, 64 bits: value
      put_fixed(sample, std::bit_cast<std::uint64_t>(as_double(row)));
      sample += '\x10';  // field 2, varint: timestamp in ms
      put_varint(sample, static_cast<std::uint64_t>(row.sample.time / kMillisecond));
      put_message(samples, '\x12', sample);
    }
    std::string message;
    for (const std::uint32_t at : named) {
      message += '\x0a';
      put_varint(message, labels_[at].size() + samples_[at].size());
      message += labels_[at];
      message += samples_[at];
      samples_[at].clear();
    }
    // One Snappy literal with a four-byte length.
    body.clear();
    put_varint(body, message.size());
    body += static_cast<char>(63 << 2);
    const auto length = static_cast<std::uint32_t>(message.size() - 1);
    for (int shift = 0; shift < 32; shift += 8) body += static_cast<char>(length >> shift);
    body += message;
  }

 private:
  static void put_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  static void put_fixed(std::string& out, std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift);
  }
  static void put_message(std::string& out, char field, std::string_view message) {
    out += field;
    put_varint(out, message.size());
    out += message;
  }
  static void add_label(std::string& out, std::string_view name, std::string_view value) {
    std::string label;
    put_message(label, '\x0a', name);
    put_message(label, '\x12', value);
    put_message(out, '\x0a', label);
  }

  const std::uint32_t first_;
  std::vector<std::string> labels_;   ///< per tag, encoded once
  std::vector<std::string> samples_;  ///< per tag, of the batch that is being made
};

class Victoria final : public ServerPeer {
 public:
  using ServerPeer::ServerPeer;
  std::string name() const override { return "victoria"; }
  std::string subject() const override {
    return "VictoriaMetrics 1.79.5, Debian 12 (acknowledges from memory, writes and syncs within "
           "seconds)";
  }

  Status start(const std::string& folder) override {
    folder_ = folder;
    std::filesystem::create_directories(folder + "/data");
    TUNDISH_TRY(const auto port, free_port());
    return start_process(
        {installed_ + "/usr/bin/victoria-metrics", "-storageDataPath=" + folder + "/data",
         fmt::format("-httpListenAddr=127.0.0.1:{}", port), "-retentionPeriod=100y",
         "-search.disableCache", "-search.maxUniqueTimeseries=3000000"},
        port, "/health");
  }

  std::vector<std::pair<std::string, Receiver>> receivers() override {
    const auto cpu = [this] { return cpu_seconds(); };
    Receiver remote{[this] { return HttpConnection(address_, "Content-Encoding: snappy\r\n"); },
                    cpu,
                    [](std::uint32_t first, std::uint32_t last) -> std::unique_ptr<BatchForm> {
                      return std::make_unique<RemoteWriteForm>(first, last);
                    },
                    "/api/v1/write", "application/x-protobuf"};
    Receiver line{[this] { return connect(); }, cpu,
                  [](std::uint32_t, std::uint32_t) { return plain_line_form(); },
                  "/write?db=bench&precision=ns", "text/plain"};
    return {{"remote_write", remote}, {"line", line}};
  }

  Status settle() override {
    TUNDISH_RETURN_IF_ERROR(get("/internal/force_flush"));
    TUNDISH_RETURN_IF_ERROR(get("/internal/force_merge"));
    return rest();
  }

  std::vector<Question> questions(const WorkloadOptions& work) const override {
    const std::string one =
        fmt::format("value{{tag=\"{}\"}}", tag_path(kEnterprise, work.tags / 2 / 20 * 20));
    const std::int64_t from = work.start / kSecond, to = work.end() / kSecond;
    const auto instant = [&](const std::string& query) {
      return fmt::format("/api/v1/query?query={}&time={}", encode_url(query), to);
    };
    const auto minutes = [&](const std::string& series) {
      return fmt::format("/api/v1/query_range?query={}&start={}&end={}&step=60",
                         encode_url("avg_over_time(" + series + "[1m])"), from + 60, to);
    };
    const auto ask = [](std::string name, std::string target) {
      return Question{std::move(name), "GET", std::move(target), "", "", 0};
    };
    // Ranges exclude their start: one second more brings the first sample in.
    const std::string range = fmt::format("[{}s]", work.seconds + 1);
    return {
        ask("q1", instant(one)),
        ask("q2.json", instant("value")),
        ask("q3.json", fmt::format("/api/v1/export?match%5B%5D={}&start={}&end={}", encode_url(one),
                                   from, to)),
        ask("q4", minutes(one)),
        ask("q5", minutes("value{line=\"line00\"}")),
        ask("q6", instant("max_over_time(value" + range + ")")),
        ask("q7", instant(fmt::format("sum(count_gt_over_time(value{},{}))", range, kThreshold)))};
  }

  Result<std::uint64_t> count(const WorkloadOptions& work) override {
    const std::string query =
        fmt::format("sum(count_over_time({{__name__=~\"value.*\"}}[{}s]))", work.seconds + 1);
    TUNDISH_TRY(const auto answer, get(fmt::format("/api/v1/query?query={}&time={}",
                                                   encode_url(query), work.end() / kSecond)));
    const auto at = answer.rfind(",\"");
    return at == std::string::npos ? 0 : std::strtoull(answer.c_str() + at + 2, nullptr, 10);
  }
};

}  // namespace

std::unique_ptr<Peer> make_victoria(const std::string& installed) {
  return std::make_unique<Victoria>(installed);
}

}  // namespace tundish::bench
