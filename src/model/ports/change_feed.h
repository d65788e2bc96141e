#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace tundish {

/// Samples of `tag` with from <= time <= to were added, replaced or erased.
struct Change {
  TagId tag;
  TimeNs from = 0;
  TimeNs to = 0;
};

/// What changed after one position through another: coalesced, a few ranges a tag, ascending by tag and
/// time.
struct ChangePage {
  std::vector<Change> changes;
  Position through;  ///< ask for what comes after this next
};

/// The one durable feed that everything derived follows. Reading never holds up ingest. A reader
/// that comes back after long gets wider ranges (whole chunks), never too narrow ones. Any thread.
class ChangeFeed {
 public:
  virtual ~ChangeFeed() = default;
  virtual Position head() const = 0;
  virtual Result<ChangePage> changes_after(Position after) = 0;
  /// Waits until head() > after, at most `timeout`; false when nothing came.
  virtual bool wait_after(Position after, std::chrono::milliseconds timeout) = 0;
  /// What the named consumer committed last with SampleSink::append.
  virtual std::optional<Position> committed(const std::string& consumer) const = 0;
};

}  // namespace tundish
