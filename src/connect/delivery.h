#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "connect/options.h"
#include "connect/rows.h"
#include "model/ports/door.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::connect {

/// Takes readings from a session and hands them to the door on a thread of its own, because the
/// door returns only when they are on disk, and the session must keep answering its server.
///
/// While the door refuses for a reason that passes (full disk, overload, not ready) everything
/// waits here, up to Options::queue_rows_max and queue_bytes_max; then the oldest rows go, and are
/// counted. Order is kept. Small batches that have queued up are joined, which is how it catches up.
class Delivery {
 public:
  /// `paths`: of the session's items, in order.
  Delivery(Door& door, TagCatalogue& catalogue, Origin origin, std::vector<std::string> paths,
           const Options& options);
  ~Delivery() { stop(); }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  void start();
  /// Nothing is taken any more; what waits is delivered, at most for Options::stop_within. Then the
  /// rest is dropped, counted.
  void stop();

  /// Never blocks. `sample_class` kSynthetic: marks of a loss, which any reading replaces.
  void push(Rows rows, SampleClass sample_class);
  /// Tags to be made (or found) before the rows that follow.
  void announce(std::vector<NewTag> tags);

  struct Counts {
    std::uint64_t delivered = 0;  ///< rows that the door accepted
    std::uint64_t refused = 0;    ///< rows that it refused for good, one by one
    std::uint64_t dropped = 0;    ///< rows lost because it could not take them for too long
    std::size_t waiting = 0;
    std::string trouble;  ///< why the door takes nothing just now, or what it refused last
  };
  Counts counts() const;

 private:
  struct Batch {
    Rows rows;
    SampleClass sample_class = SampleClass::kMeasured;
  };
  using Element = std::variant<Batch, std::vector<NewTag>>;

  void run();
  /// The next element, joined with those after it where they fit together; none when stopped.
  std::optional<Element> take();
  void drop_oldest() TUNDISH_REQUIRES(mutex_);
  bool deliver(const Batch& batch);
  bool make_tags(const std::vector<NewTag>& tags);
  ReceivedBatch to_received(const Batch& batch);
  /// Repeats `attempt` until it succeeds or fails for good. False when time is over.
  bool persist(const std::function<Status()>& attempt,
               const std::function<void(const Error&)>& give_up);
  bool is_over() const;

  Door& door_;
  TagCatalogue& catalogue_;
  const Origin origin_;
  const std::vector<std::string> paths_;
  const Options options_;

  std::vector<std::uint32_t> path_of_item_;  ///< delivery thread's: index in the batch being made

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<Element> queue_ TUNDISH_GUARDED_BY(mutex_);
  std::size_t queued_rows_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::size_t queued_bytes_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::size_t in_flight_rows_ TUNDISH_GUARDED_BY(mutex_) = 0;
  Counts counts_ TUNDISH_GUARDED_BY(mutex_);
  bool stopping_ TUNDISH_GUARDED_BY(mutex_) = false;
  /// On the system's monotonic clock.
  DurationNs stop_until_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace tundish::connect
