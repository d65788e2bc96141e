// ClickHouse: its own column format (Native) over HTTP into one MergeTree, sorted by tag and time. It knows tags by
// number, which saves it the names that the others take in.

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "peers/peer.h"

namespace tundish::bench {
namespace {

constexpr std::string_view kConfig = R"(<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <http_port>{port}</http_port><tcp_port>{tcp}</tcp_port><interserver_http_port>{inter}</interserver_http_port>
  <interserver_http_host>127.0.0.1</interserver_http_host>
  <listen_host>127.0.0.1</listen_host>
  <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><user_files_path>{folder}/files/</user_files_path>
  <format_schema_path>{folder}/schemas/</format_schema_path>
  <users_config>{folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>5368709120</mark_cache_size><max_concurrent_queries>100</max_concurrent_queries>
</yandex>
)";
constexpr std::string_view kUsers = R"(<yandex>
  <profiles><default><max_memory_usage>10000000000</max_memory_usage></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
    <quota>default</quota></default></users>
  <quotas><default><interval><duration>3600</duration><queries>0</queries><errors>0</errors><result_rows>0</result_rows>
    <read_rows>0</read_rows><execution_time>0</execution_time></interval></default></quotas>
</yandex>
)";

class NativeForm final : public BatchForm {
 public:
  void encode(std::span<const WorkloadRow> rows, std::string& body) override {
    body.clear();
    put_varint(body, 3);
    put_varint(body, rows.size());
    put_column(body, "tag", "UInt32", rows, [](const WorkloadRow& row) { return row.tag; });
    put_column(body, "time", "Int64", rows,
               [](const WorkloadRow& row) { return row.sample.time / kMillisecond; });
    put_column(body, "value", "Float64", rows, as_double);
  }

 private:
  static void put_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  static void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out += text;
  }
  template <class Of>
  static void put_column(std::string& out, std::string_view name, std::string_view type,
                         std::span<const WorkloadRow> rows, Of of) {
    put_text(out, name);
    put_text(out, type);
    for (const WorkloadRow& row : rows) {
      const auto value = of(row);
      char bytes[sizeof value];
      std::memcpy(bytes, &value, sizeof value);
      out.append(bytes, sizeof value);
    }
  }
};

class ClickHouse final : public ServerPeer {
 public:
  using ServerPeer::ServerPeer;
  std::string name() const override { return "clickhouse"; }
  std::string subject() const override {
    return "ClickHouse 18.16.1, Debian 12 (writes each batch to files before the answer, does not "
           "sync them)";
  }

  Status start(const std::string& folder) override {
    folder_ = folder;
    for (const auto* part : {"/data", "/tmp", "/files", "/schemas"})
      std::filesystem::create_directories(folder + part);
    TUNDISH_TRY(const auto port, free_port());
    TUNDISH_TRY(const auto tcp, free_port());
    TUNDISH_TRY(const auto inter, free_port());
    std::ofstream(folder + "/config.xml")
        << fmt::format(kConfig, fmt::arg("folder", folder), fmt::arg("port", port),
                       fmt::arg("tcp", tcp), fmt::arg("inter", inter));
    std::ofstream(folder + "/users.xml") << kUsers;
    // Its libraries lie beside it, not in the system.
    const std::string libraries = installed_ + "/usr/lib/x86_64-linux-gnu";
    TUNDISH_RETURN_IF_ERROR(start_process(
        {"/usr/bin/env", "LD_LIBRARY_PATH=" + libraries, installed_ + "/usr/sbin/clickhouse-server",
         "--config-file=" + folder + "/config.xml"},
        port, "/ping"));
    return sql(
        "CREATE TABLE samples (tag UInt32, time Int64, value Float64) ENGINE = MergeTree ORDER BY "
        "(tag, time)");
  }

  std::vector<std::pair<std::string, Receiver>> receivers() override {
    return {{"native", Receiver{[this] { return connect(); }, [this] { return cpu_seconds(); },
                                [](std::uint32_t, std::uint32_t) -> std::unique_ptr<BatchForm> {
                                  return std::make_unique<NativeForm>();
                                },
                                "/?query=" + encode_url("INSERT INTO samples FORMAT Native"),
                                "application/octet-stream"}}};
  }

  Status settle() override {
    TUNDISH_RETURN_IF_ERROR(sql("OPTIMIZE TABLE samples FINAL"));
    return rest();  // parts that were merged stay for some minutes: bytes_on_disk leaves them out
  }

  std::uint64_t bytes_on_disk() const override {
    HttpConnection connection = connect();
    const auto answer =
        connection.ask({.method = "POST",
                        .target = "/",
                        .body = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active"});
    return answer ? std::strtoull(std::string(*answer).c_str(), nullptr, 10) : 0;
  }

  std::vector<Question> questions(const WorkloadOptions& work) const override {
    const std::string one = fmt::format("tag = {}", work.tags / 2 / 20 * 20);
    const auto ask = [](std::string name, const std::string& query) {
      return Question{std::move(name), "POST", "/", query + " FORMAT JSONCompact", "", 0};
    };
    return {
        ask("q1", "SELECT argMax(value, time) FROM samples WHERE " + one),
        ask("q2.json", "SELECT tag, max(time), argMax(value, time) FROM samples GROUP BY tag"),
        ask("q3.json", "SELECT time, value FROM samples WHERE " + one + " ORDER BY time"),
        ask("q4", "SELECT intDiv(time, 60000) AS minute, avg(value) FROM samples WHERE " + one +
                      " GROUP BY minute ORDER BY minute"),
        ask("q5",
            "SELECT tag, intDiv(time, 60000) AS minute, avg(value) FROM samples WHERE tag < 1000 "
            "GROUP BY tag, minute ORDER BY tag, minute"),
        ask("q6", "SELECT tag, max(value) FROM samples GROUP BY tag"),
        ask("q7", fmt::format("SELECT count() FROM samples WHERE value > {}", kThreshold))};
  }

  Result<std::uint64_t> count(const WorkloadOptions&) override {
    HttpConnection connection = connect();
    TUNDISH_TRY(
        const auto answer,
        connection.ask({.method = "POST", .target = "/", .body = "SELECT count() FROM samples"}));
    return std::strtoull(std::string(answer).c_str(), nullptr, 10);
  }

 private:
  Status sql(std::string_view query) {
    HttpConnection connection = connect();
    const auto answer = connection.ask({.method = "POST", .target = "/", .body = query});
    return answer ? Status() : std::unexpected(answer.error());
  }
};

}  // namespace

std::unique_ptr<Peer> make_clickhouse(const std::string& installed) {
  return std::make_unique<ClickHouse>(installed);
}

}  // namespace tundish::bench
