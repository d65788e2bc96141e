#pragma once

#include <string>

#include "base/result.h"
#include "bench/report.h"
#include "bench/sending.h"
#include "bench/workload.h"

namespace tundish::bench {

/// What the benches of a whole server need: each starts its own.
struct BenchSetup {
  std::string program;         ///< the tundish to measure
  std::string scratch_parent;  ///< temporary folders go here; empty: the system's place
  std::string subject;         ///< for the report
  WorkloadOptions work;
  std::uint32_t connections = 4;
  std::uint32_t batch_rows = 10'000;
  std::uint32_t rounds = 200;  ///< of what is repeated to find a median
};

/// Speed of ingest and bytes on disk, for one protocol. Adds `ingest.NAME.*`.
Status bench_ingest(const BenchSetup& setup, Protocol protocol, Report& report);
/// How long a batch of 1,000 waits for its answer, beside a bare fdatasync. Adds `ack.*`.
Status bench_acknowledgement(const BenchSetup& setup, Report& report);
/// Q1 to Q7, reading while writing. Adds `query.*`.
Status bench_query(const BenchSetup& setup, Report& report);
/// How long a start takes after a clean stop and after kill -9. Adds `ready.*`.
Status bench_ready(const BenchSetup& setup, std::uint64_t unflushed_samples, Report& report);
/// Encoding and decoding of the work's columns, without a server. Adds `codec.*`.
Status bench_codec(const WorkloadOptions& work, Report& report);

}  // namespace tundish::bench
