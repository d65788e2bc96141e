#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/questions.h"
#include "bench/report.h"
#include "bench/sending.h"

namespace tundish::bench {

/// Another database as a server of its own in a temporary folder, on loopback and free ports. What it is told to
/// do is what its makers advise for such data; all else is its default. One thread.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string name() const = 0;     ///< `victoria`: of files and of the command line
  virtual std::string subject() const = 0;  ///< with its version and what it does for durability

  /// Starts it with its data in `folder`. Errors: kNotFound when it is not installed; kTimeout.
  virtual Status start(const std::string& folder) = 0;
  /// The forms in which it takes samples, the best one first: `remote_write`, `line`.
  virtual std::vector<std::pair<std::string, Receiver>> receivers() = 0;
  /// Has all that was sent written out and merged, as far as it ever will be.
  virtual Status settle() = 0;
  virtual std::uint64_t bytes_on_disk() const = 0;
  virtual double cpu_seconds() const = 0;
  virtual std::uint64_t memory_bytes() const = 0;
  virtual HttpConnection connect() const = 0;
  /// Q1 to Q7 in its words.
  virtual std::vector<Question> questions(const WorkloadOptions& work) const = 0;
  /// How many samples it has, to be sure that both did the same work.
  virtual Result<std::uint64_t> count(const WorkloadOptions& work) = 0;
  virtual void stop() = 0;
};

/// What the servers among them share: a process, an address, a folder.
class ServerPeer : public Peer {
 public:
  explicit ServerPeer(std::string installed) : installed_(std::move(installed)) {}
  double cpu_seconds() const override { return process_ ? process_->cpu_seconds() : 0; }
  std::uint64_t memory_bytes() const override { return process_ ? process_->rss_bytes() : 0; }
  std::uint64_t bytes_on_disk() const override { return folder_bytes(folder_ + "/data"); }
  HttpConnection connect() const override { return HttpConnection(address_); }
  void stop() override { process_.reset(); }

 protected:
  /// Starts `command`, waits until `target` is answered 2xx.
  Status start_process(const std::vector<std::string>& command, std::uint16_t port,
                       std::string_view target);
  /// Waits until it hardly uses the processor and its folder stays as large as it is.
  Status rest();
  Result<std::string> get(std::string_view target);

  const std::string installed_;  ///< .deps/peers/debian
  std::string folder_;
  io::Address address_;
  std::optional<ChildProcess> process_;
};

std::unique_ptr<Peer> make_victoria(const std::string& installed);
std::unique_ptr<Peer> make_clickhouse(const std::string& installed);
std::unique_ptr<Peer> make_influx(const std::string& installed);

/// Everything about one peer but DuckDB into `report`.
Status measure_peer(Peer& peer, const std::string& folder, const WorkloadOptions& work,
                    std::uint32_t connections, std::uint32_t batch_rows, std::uint32_t rounds,
                    Report& report);
/// DuckDB runs inside the program that uses it, so it is measured so: no HTTP, its CPU time that of this process
/// while it works. Errors: kUnsupported where it was not built in.
std::string duckdb_subject();
Status measure_duckdb(const std::string& folder, const WorkloadOptions& work,
                      std::uint32_t batch_rows, std::uint32_t rounds, Report& report);

/// Samples sent as doubles, whatever the tag's type: what all peers can hold.
double as_double(const WorkloadRow& row);
/// Line protocol with one measurement: `value,line=line07,path=PATH value=1.5 TIME`.
std::unique_ptr<BatchForm> plain_line_form();
/// A word for a URL.
std::string encode_url(std::string_view text);

}  // namespace tundish::bench
