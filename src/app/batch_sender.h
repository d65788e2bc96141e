#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "app/client.h"
#include "base/result.h"
#include "model/sample_batch.h"

namespace tundish::app {

/// Numbered batches over HTTP, kept until the server has said that they are stored.
///
/// 1. push() puts a batch at the end of a bounded queue. A full queue drops its oldest batch that was
///    not tried yet, and counts it.
/// 2. send() opens the stream once, then posts from the front. A batch gets its number at its first
///    try and keeps it: after an unclear answer it goes out again, and the server stores it once.
/// 3. Where the server is away, busy or full, send() returns and the batch waits for the next call.
///    What the server refuses for good is counted, and the number goes to the next batch.
/// One thread.
class BatchSender {
 public:
  struct Counts {
    std::uint64_t batches = 0;   ///< stored
    std::uint64_t samples = 0;   ///< stored
    std::uint64_t repeated = 0;  ///< batches that the server had stored at an earlier try
    std::uint64_t refused_samples = 0, refused_batches = 0;
    std::uint64_t dropped_batches = 0, dropped_samples = 0;  ///< the queue was full
  };

  /// `batches_max` is at least 2.
  BatchSender(Client& client, std::string source, std::string stream, std::size_t batches_max);

  void push(ReceivedBatch batch);
  /// Posts what waits. Errors: kUnavailable and the like when some of it has to wait; kConflict when
  /// another sender opened the stream after this one: it is shut out for good.
  Status send();

  std::size_t waiting() const { return queue_.size(); }
  const Counts& counts() const { return counts_; }

 private:
  Status open();
  Status send_front();

  Client& client_;
  const std::string source_, stream_;
  const std::size_t batches_max_;
  std::deque<ReceivedBatch> queue_;
  std::uint32_t epoch_ = 0;  ///< 0: not opened yet
  std::uint64_t next_sequence_ = 1;
  Counts counts_;
};

}  // namespace tundish::app
