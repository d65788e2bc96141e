#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "compute/graph.h"
#include "compute/writer.h"
#include "formula/evaluate.h"
#include "model/ports/sample_reader.h"

namespace tundish::compute {

/// Results of one formula against what is stored of it: only differences are written. One thread.
class Patch {
 public:
  /// `fresh_from`: at or after it nothing is stored, so nothing need be read.
  Patch(Snapshot& snapshot, const DerivedTag& tag, Writer& writer, TimeNs from, TimeNs fresh_from);

  Status take(const formula::Results& results);
  /// No results come before `to`.
  Status finish(TimeNs to);
  /// From the first to just after the last time that is different now.
  const std::optional<TimeRange>& changed() const { return changed_; }
  TimeNs covered() const { return covered_; }

 private:
  Sample result_at(const formula::Results& results, std::size_t row) const;
  Status replace(const formula::Results* results, TimeNs to);
  void differ(TimeNs time);

  Snapshot& snapshot_;
  const DerivedTag& tag_;
  Writer& writer_;
  TimeNs covered_;
  const TimeNs fresh_from_;
  std::optional<TimeRange> changed_;
};

}  // namespace tundish::compute
