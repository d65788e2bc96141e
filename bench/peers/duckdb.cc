// DuckDB, a library: batches by its appender, each one a transaction that is synced; then the table sorted once, as
// a table of measurements is kept for reading.

#include "peers/peer.h"

#ifndef TUNDISH_DUCKDB

namespace tundish::bench {

std::string duckdb_subject() { return "DuckDB"; }
Status measure_duckdb(const std::string&, const WorkloadOptions&, std::uint32_t, std::uint32_t,
                      Report&) {
  return fail(ErrorCode::kUnsupported, "DuckDB was not there at the build: tools/setup peers");
}

}  // namespace tundish::bench

#else

#include <duckdb.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "io/clock.h"

namespace tundish::bench {
namespace {

double process_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double ms_since(DurationNs began) {
  return static_cast<double>(io::real_clock().monotonic() - began) * 1e-6;
}

class Database {
 public:
  ~Database() {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }
  Status open(const std::string& file) {
    if (duckdb_open(file.c_str(), &database_) == DuckDBError ||
        duckdb_connect(database_, &connection_) == DuckDBError)
      return fail(ErrorCode::kIo, "DuckDB cannot open its file", file);
    return {};
  }
  duckdb_connection connection() const { return connection_; }

  /// Runs it and fetches every row; the first value of the first row, as a number.
  Result<double> run(const std::string& query) const {
    duckdb_result result;
    double value = 0;
    if (duckdb_query(connection_, query.c_str(), &result) == DuckDBError) {
      const std::string why = duckdb_result_error(&result);
      duckdb_destroy_result(&result);
      return fail(ErrorCode::kRemote, why, query);
    }
    if (duckdb_row_count(&result) > 0) value = duckdb_value_double(&result, 0, 0);
    duckdb_destroy_result(&result);
    return value;
  }

 private:
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

/// Rows go in through the appender, a batch a transaction.
class Appender {
 public:
  explicit Appender(const Database& database) : database_(database) {
    duckdb_logical_type types[] = {duckdb_create_logical_type(DUCKDB_TYPE_INTEGER),
                                   duckdb_create_logical_type(DUCKDB_TYPE_BIGINT),
                                   duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE)};
    chunk_ = duckdb_create_data_chunk(types, 3);
    for (auto& type : types) duckdb_destroy_logical_type(&type);
  }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  ~Appender() { duckdb_destroy_data_chunk(&chunk_); }

  Status append(std::span<const WorkloadRow> rows) {
    duckdb_appender appender = nullptr;
    if (duckdb_appender_create(database_.connection(), nullptr, "samples", &appender) ==
        DuckDBError)
      return fail(ErrorCode::kRemote, "DuckDB makes no appender");
    bool good = true;
    const std::size_t chunk_rows = duckdb_vector_size();
    for (std::size_t from = 0; from < rows.size() && good; from += chunk_rows) {
      const auto part = rows.subspan(from, std::min(chunk_rows, rows.size() - from));
      duckdb_data_chunk_reset(chunk_);
      auto* tags = column<std::int32_t>(0);
      auto* times = column<std::int64_t>(1);
      auto* values = column<double>(2);
      for (std::size_t i = 0; i < part.size(); ++i) {
        tags[i] = static_cast<std::int32_t>(part[i].tag);
        times[i] = part[i].sample.time / kMillisecond;
        values[i] = as_double(part[i]);
      }
      duckdb_data_chunk_set_size(chunk_, part.size());
      good = duckdb_append_data_chunk(appender, chunk_) == DuckDBSuccess;
    }
    good = duckdb_appender_destroy(&appender) == DuckDBSuccess && good;
    return good ? Status() : fail(ErrorCode::kRemote, "DuckDB refused a batch");
  }

 private:
  template <class T>
  T* column(idx_t index) {
    return static_cast<T*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk_, index)));
  }
  const Database& database_;
  duckdb_data_chunk chunk_ = nullptr;
};

std::vector<std::pair<std::string, std::string>> duckdb_questions(const WorkloadOptions& work) {
  const std::string one = fmt::format("tag = {}", work.tags / 2 / 20 * 20);
  return {{"q1", "SELECT arg_max(value, time) FROM samples WHERE " + one},
          {"q2.json", "SELECT tag, max(time), arg_max(value, time) FROM samples GROUP BY tag"},
          {"q3.json", "SELECT time, value FROM samples WHERE " + one + " ORDER BY time"},
          {"q4", "SELECT time // 60000 AS minute, avg(value) FROM samples WHERE " + one +
                     " GROUP BY minute ORDER BY minute"},
          {"q5",
           "SELECT tag, time // 60000 AS minute, avg(value) FROM samples WHERE tag < 1000 "
           "GROUP BY tag, minute ORDER BY tag, minute"},
          {"q6", "SELECT tag, max(value) FROM samples GROUP BY tag"},
          {"q7", fmt::format("SELECT count(*) FROM samples WHERE value > {}", kThreshold)}};
}

}  // namespace

std::string duckdb_subject() {
  return fmt::format(
      "DuckDB {}, in process, without HTTP (syncs its log before each batch returns)",
      duckdb_library_version());
}

Status measure_duckdb(const std::string& folder, const WorkloadOptions& work,
                      std::uint32_t batch_rows, std::uint32_t rounds_max, Report& report) {
  Database database;
  const std::string file = folder + "/samples.duckdb";
  TUNDISH_RETURN_IF_ERROR(database.open(file));
  TUNDISH_RETURN_IF_ERROR(
      database.run("CREATE TABLE samples (tag INTEGER, time BIGINT, value DOUBLE)"));
  Appender appender(database);
  WorkloadStream stream(work, 0, work.tags);
  std::vector<WorkloadRow> rows;
  std::vector<double> answer_ms;
  std::uint64_t samples = 0;
  double cpu = 0, wall_ms = 0;
  progress(fmt::format("duckdb: appending {} samples", work.samples()));
  // The samples are made between the measured parts.
  for (bool more = true; more;) {
    more = stream.next_second(rows);
    std::size_t at = 0;
    for (; rows.size() - at >= (more ? batch_rows : 1);) {
      const auto batch =
          std::span(rows).subspan(at, std::min<std::size_t>(batch_rows, rows.size() - at));
      const double cpu_before = process_cpu_seconds();
      const DurationNs began = io::real_clock().monotonic();
      TUNDISH_RETURN_IF_ERROR(appender.append(batch));
      answer_ms.push_back(ms_since(began));
      wall_ms += answer_ms.back();
      cpu += process_cpu_seconds() - cpu_before;
      at += batch.size();
    }
    samples += at;
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(at));
  }
  progress("duckdb: sorting");
  const double cpu_before = process_cpu_seconds();
  for (const char* step :
       {"CREATE TABLE sorted AS SELECT * FROM samples ORDER BY tag, time", "DROP TABLE samples",
        "ALTER TABLE sorted RENAME TO samples", "CHECKPOINT"})
    TUNDISH_RETURN_IF_ERROR(database.run(step));
  const double settle_cpu_s = process_cpu_seconds() - cpu_before;
  TUNDISH_TRY(const double stored, database.run("SELECT count(*) FROM samples"));
  if (stored != static_cast<double>(samples))
    return fail(ErrorCode::kCorruption, "DuckDB has another number of samples than it was given");
  // The file keeps the room of the table that was dropped: a copy has what is needed.
  TUNDISH_RETURN_IF_ERROR(database.run(fmt::format("ATTACH '{}.copy' AS copy", file)));
  TUNDISH_RETURN_IF_ERROR(database.run("CREATE TABLE copy.samples AS SELECT * FROM samples"));
  TUNDISH_RETURN_IF_ERROR(database.run("DETACH copy"));
  const auto bytes = static_cast<double>(read_file(file + ".copy").size());

  const auto count = static_cast<double>(samples);
  report.add({"ingest.binary.samples", count, "", {}, "appender"});
  report.add("ingest.binary.wall", wall_ms * 1e-3, "s");
  report.add("ingest.binary.server_cpu", cpu + settle_cpu_s, "s");
  report.add("ingest.binary.samples_per_core_second", count / std::max(cpu + settle_cpu_s, 0.01),
             "samples/s");
  report.add("ingest.binary.samples_per_core_second_until_acknowledged",
             count / std::max(cpu, 0.01), "samples/s");
  report.add("ingest.binary.answer_p50", percentile(answer_ms, 0.5), "ms");
  report.add("ingest.binary.answer_p99", percentile(answer_ms, 0.99), "ms");
  report.add("ingest.binary.bytes_on_disk", bytes, "bytes");
  report.add("ingest.binary.bytes_per_sample", bytes / count, "B/sample");

  const auto above = static_cast<double>(count_above(work, kThreshold));
  for (const auto& [name, query] : duckdb_questions(work)) {
    DurationNs began = io::real_clock().monotonic();
    TUNDISH_TRY(const double first, database.run(query));
    if (name == "q7" && first != above)
      return fail(ErrorCode::kCorruption,
                  fmt::format("q7: {} samples lie above; it says {}", above, first));
    const double fit = 4'000 / std::max(ms_since(began), 0.01);
    const auto rounds = std::clamp(static_cast<std::uint32_t>(fit), 3u, std::max(rounds_max, 3u));
    std::vector<double> ms;
    const double query_cpu = process_cpu_seconds();
    for (std::uint32_t round = 0; round < rounds; ++round) {
      began = io::real_clock().monotonic();
      TUNDISH_RETURN_IF_ERROR(database.run(query));
      ms.push_back(ms_since(began));
    }
    report.add("query." + name + ".p50", percentile(ms, 0.5), "ms");
    report.add("query." + name + ".p99", percentile(ms, 0.99), "ms");
    report.add("query." + name + ".server_cpu", (process_cpu_seconds() - query_cpu) * 1e3 / rounds,
               "ms");
    progress(fmt::format("duckdb: {} {:.3f} ms", name, percentile(ms, 0.5)));
  }
  return {};
}

}  // namespace tundish::bench

#endif
