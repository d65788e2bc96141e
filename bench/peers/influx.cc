// InfluxDB 1: line protocol, its only way in.

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "peers/peer.h"

namespace tundish::bench {
namespace {

constexpr std::string_view kConfig = R"(reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/data/meta"
[data]
  dir = "{folder}/data/data"
  wal-dir = "{folder}/data/wal"
  index-version = "tsi1"
  max-series-per-database = 0
  max-values-per-tag = 0
  # What waits for a quiet time otherwise: sizes are those after compaction.
  cache-snapshot-write-cold-duration = "5s"
  compact-full-write-cold-duration = "5s"
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
  max-body-size = 0
[monitor]
  store-enabled = false
[logging]
  level = "warn"
)";

class Influx final : public ServerPeer {
 public:
  using ServerPeer::ServerPeer;
  std::string name() const override { return "influx"; }
  std::string subject() const override {
    return "InfluxDB 1.6.7, Debian 12 (writes and syncs its log before each answer)";
  }

  Status start(const std::string& folder) override {
    folder_ = folder;
    std::filesystem::create_directories(folder + "/data");
    TUNDISH_TRY(const auto port, free_port());
    TUNDISH_TRY(const auto rpc, free_port());
    std::ofstream(folder + "/influx.conf") << fmt::format(
        kConfig, fmt::arg("folder", folder), fmt::arg("port", port), fmt::arg("rpc", rpc));
    TUNDISH_RETURN_IF_ERROR(start_process(
        {installed_ + "/usr/bin/influxd", "-config", folder + "/influx.conf"}, port, "/ping"));
    HttpConnection connection = connect();
    TUNDISH_RETURN_IF_ERROR(
        connection.ask({.method = "POST", .target = "/query?q=CREATE%20DATABASE%20bench"}));
    return {};
  }

  std::vector<std::pair<std::string, Receiver>> receivers() override {
    return {{"line", Receiver{[this] { return connect(); }, [this] { return cpu_seconds(); },
                              [](std::uint32_t, std::uint32_t) { return plain_line_form(); },
                              "/write?db=bench&precision=ns", "text/plain"}}};
  }

  Status settle() override { return rest(); }

  std::vector<Question> questions(const WorkloadOptions& work) const override {
    const std::string one =
        fmt::format("path='{}'", tag_path(kEnterprise, work.tags / 2 / 20 * 20));
    const std::string range = fmt::format("time >= {} AND time < {}", work.start, work.end());
    const auto ask = [](std::string name, const std::string& query) {
      return Question{
          std::move(name), "GET", "/query?db=bench&epoch=ns&q=" + encode_url(query), "", "", 0};
    };
    return {
        ask("q1", "SELECT last(value) FROM value WHERE " + one),
        ask("q2.json", "SELECT last(value) FROM value GROUP BY path"),
        ask("q3.json", fmt::format("SELECT value FROM value WHERE {} AND {}", one, range)),
        ask("q4", fmt::format("SELECT mean(value) FROM value WHERE {} AND {} GROUP BY time(1m)",
                              one, range)),
        ask("q5",
            fmt::format(
                "SELECT mean(value) FROM value WHERE line='line00' AND {} GROUP BY path,time(1m)",
                range)),
        ask("q6", fmt::format("SELECT max(value) FROM value WHERE {} GROUP BY path", range)),
        ask("q7", fmt::format("SELECT count(value) FROM value WHERE value > {} AND {}", kThreshold,
                              range))};
  }

  Result<std::uint64_t> count(const WorkloadOptions&) override {
    TUNDISH_TRY(const auto answer,
                get("/query?db=bench&epoch=ns&q=" + encode_url("SELECT count(value) FROM value")));
    const auto at = answer.rfind(',');
    return at == std::string::npos ? 0 : std::strtoull(answer.c_str() + at + 1, nullptr, 10);
  }
};

}  // namespace

std::unique_ptr<Peer> make_influx(const std::string& installed) {
  return std::make_unique<Influx>(installed);
}

}  // namespace tundish::bench
