#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
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
/// A tag that is gone is made again as it was announced before its next value is delivered.
class Delivery {
 public:
  /// `paths`: of the session's items, in order.
  Delivery(Door& door, TagCatalogue& catalogue, Origin origin, std::vector<std::string> paths,
           const Options& options);
  ~Delivery() { stop(); }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  /// Errors: kOverloaded when the system has no thread left; it may be tried again.
  Status start();
  /// Nothing is taken any more; what waits is delivered, at most for Options::stop_within. Then the
  /// rest is dropped, counted.
  void stop();

  /// Never blocks. `sample_class` kSynthetic: marks of a loss, which any reading replaces.
  void push(Rows rows, SampleClass sample_class);
  /// Tags to be made (or found) before the rows that follow. One an item waits: a later one takes its
  /// place, so that a server which comes and goes while nothing can be stored does not fill the memory.
  struct Announcement {
    std::uint32_t item = 0;
    NewTag tag;
  };
  void announce(std::vector<Announcement> tags);

  struct Counts {
    std::uint64_t delivered = 0;  ///< rows that the door accepted
    std::uint64_t refused = 0;    ///< rows that it refused for good, one by one
    std::uint64_t dropped = 0;    ///< rows lost because it could not take them for too long
    std::size_t waiting = 0;
    std::size_t announced = 0;  ///< tags that wait to be made
    std::string trouble;        ///< why the door takes nothing just now, or what it refused last
  };
  Counts counts() const;

 private:
  struct Batch {
    Rows rows;
    SampleClass sample_class = SampleClass::kMeasured;
  };
  using Announcements = std::map<std::uint32_t, NewTag>;  ///< by item
  using Element = std::variant<Batch, Announcements>;

  void run();
  /// The next element, joined with those after it where they fit together; none when stopped.
  std::optional<Element> take();
  void drop_oldest() TUNDISH_REQUIRES(mutex_);
  bool deliver(const Batch& batch);
  /// Makes again what is gone of the tags that the batch is for.
  bool restore_tags(const Batch& batch);
  /// Makes as many as can be made; what is refused for good takes no other along. False when time is
  /// over.
  bool make_tags(std::span<const NewTag> tags);
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

  // Delivery thread only.
  std::vector<std::uint32_t> path_of_item_;   ///< index in the batch being made
  std::vector<std::optional<NewTag>> known_;  ///< by item, as announced last

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<Batch> queue_ TUNDISH_GUARDED_BY(mutex_);
  Announcements announced_ TUNDISH_GUARDED_BY(mutex_);
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
