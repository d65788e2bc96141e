#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "compute/dirty.h"
#include "compute/interval_finder.h"
#include "compute/interval_store.h"
#include "formula/program.h"
#include "model/plant_model.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"

namespace tundish::compute {

/// One kind of interval of one asset: finds it in samples, again and again where they change. One thread.
class IntervalTracker {
 public:
  /// Errors: those of formulas, with the name of the formula in front.
  static Result<IntervalTracker> make(const PlantModel& model, const Asset& asset,
                                      const IntervalDefinition& definition);

  const Asset& asset() const { return *asset_; }
  const IntervalDefinition& definition() const { return *definition_; }
  /// Tags that any of its formulas reads, each once.
  const std::vector<TagId>& inputs() const { return inputs_; }
  std::uint64_t fingerprint() const { return fingerprint_; }

  void mark(TimeRange range) { dirty_.add(range); }
  /// What is marked is left as it is.
  void give_up() { dirty_.clear(); }
  bool is_stale() const { return !dirty_.empty(); }

  /// Finds what is stale again; samples end at `end`. Tells where intervals may be others now.
  /// Errors: those of the ports, and of formulas (kTooLarge, kNotFound).
  Result<std::optional<TimeRange>> run(Snapshot& snapshot, const PlantModel& model,
                                       const WindowSource& windows, IntervalStore& store,
                                       TimeNs end);

 private:
  struct Capture {
    std::string name;
    formula::Program program;
  };

  Result<std::vector<FoundInterval>> find(Snapshot& snapshot, const PlantModel& model,
                                          const WindowSource& windows, TimeRange range,
                                          TimeNs begin) const;
  Status capture(Snapshot& snapshot, const PlantModel& model, const WindowSource& windows,
                 Interval& interval) const;

  const Asset* asset_ = nullptr;
  const IntervalDefinition* definition_ = nullptr;
  std::vector<formula::Program> conditions_;  ///< during, or by, or start and end
  std::vector<Capture> captures_;
  std::vector<TagId> inputs_;
  std::uint64_t fingerprint_ = 0;
  DirtyRanges dirty_;
};

}  // namespace tundish::compute
