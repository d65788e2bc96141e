#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/commit_request.h"
#include "historian/journal_format.h"
#include "historian/shard_executor.h"

namespace tundish::historian {

/// Unpacks the records that a replay reads, several at a time, and gives them back in the order in which they came:
/// so the disk, the unpacking and the head are busy together. One thread uses it.
class RecordPipeline {
 public:
  struct Unpacked {
    Position position;
    std::string file;  ///< where its frame stood
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::optional<Arrival> arrival;  ///< prepared; nothing when the payload is damaged
    Error damage;
  };

  /// @param threaded false: all is done at once in the calling thread
  explicit RecordPipeline(bool threaded);

  /// Copies what it needs of the frame.
  void push(const RecordFrame& frame, const std::string& file, std::uint64_t offset);
  std::size_t size() const { return waiting_.size(); }
  /// Of the record that pop() gives next; there must be one.
  Position next() const { return waiting_.front()->unpacked.position; }
  /// The oldest record, when it is unpacked; there must be one.
  Unpacked pop();

 private:
  struct Task {
    RecordFrame frame;
    Bytes payload;
    Unpacked unpacked;
    std::binary_semaphore done{0};

    void run();
  };
  std::deque<std::unique_ptr<Task>> waiting_;
  std::vector<std::unique_ptr<ShardExecutor>> threads_;  ///< gone before the tasks are
  std::size_t turn_ = 0;
};

}  // namespace tundish::historian
