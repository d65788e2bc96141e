#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/server_under_test.h"
#include "bench/workload.h"

namespace tundish::bench {

/// How samples travel to a server: writes the body of one request. One thread each.
class BatchForm {
 public:
  virtual ~BatchForm() = default;
  /// The rows as a body, in `body` (cleared before).
  virtual void encode(std::span<const WorkloadRow> rows, std::string& body) = 0;
};

/// Our binary batch (docs/formats/batch.md), unnumbered. For tags [first, last).
std::unique_ptr<BatchForm> binary_form(std::uint32_t first, std::uint32_t last);
/// InfluxDB line protocol with nanoseconds; the paths are those of tag_path.
std::unique_ptr<BatchForm> line_form();

/// Where work goes: one HTTP address that takes bodies of one form.
struct Receiver {
  std::function<HttpConnection()> connect;
  std::function<double()> cpu_seconds;  ///< of the server so far
  std::function<std::unique_ptr<BatchForm>(std::uint32_t first, std::uint32_t last)> form;
  std::string target, content_type;
  bool says_accepted = false;  ///< the answer is JSON and has the number of rows in `accepted`
};

enum class Protocol : std::uint8_t { kBinary, kLine };

struct SendOptions {
  WorkloadOptions work;
  std::uint32_t connections = 4;  ///< gateways, each with its share of the tags
  std::uint32_t batch_rows = 10'000;
  std::uint64_t rows_max = 0;  ///< of all; 0: the whole work
  double rows_per_second = 0;  ///< of all; 0: as fast as they are taken
};

struct SendResult {
  std::uint64_t samples = 0;  ///< acknowledged, the first batches included
  std::uint64_t first_samples =
      0;  ///< of the first batches, which make the tags: not in what follows
  double wall_s = 0;
  double server_cpu_s = 0;
  double first_wall_s = 0, first_cpu_s = 0;
  std::vector<double> answer_ms;  ///< of each batch but the first ones
};

/// Our server, by one of its protocols. `server` must outlive it.
Receiver receiver_of(ServerUnderTest& server, Protocol protocol);

/// Sends the work. Each connection sends every tag once, which makes the tags, then all go on together.
/// Errors: kInternal with whatever a batch or a row was refused for.
Result<SendResult> send_work(const Receiver& receiver, const SendOptions& options);

/// The `p`-th part (0..1) of the values; 0 when there are none.
double percentile(std::vector<double> values, double p);

}  // namespace tundish::bench
