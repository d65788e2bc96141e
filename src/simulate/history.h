#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/sample_batch.h"
#include "simulate/plant.h"

namespace tundish::simulate {

/// A plant's past as batches, oldest first: analog signals every ten seconds, held ones when they
/// change and at the start. The same spec, seed and epoch as a SimulatedServer's, so that the past
/// joins its present. One thread.
class HistoryGenerator {
 public:
  static constexpr std::size_t kRowsMax = 10'000;  ///< a batch
  static constexpr DurationNs kPeriod = 10 * kSecond;

  /// Paths are `path_prefix` + "/" + the signal's. `from` is the plant's epoch.
  /// Errors: those of load_plant.
  static Result<std::unique_ptr<HistoryGenerator>> open(const std::string& pack_folder,
                                                        const std::string& path_prefix, TimeNs from,
                                                        TimeNs to, std::uint64_t seed);

  /// Nothing once `to` is reached. Class and numbers are the caller's to set.
  std::optional<ReceivedBatch> next();
  double done() const;  ///< 0..1

 private:
  HistoryGenerator(PlantSpec spec, const std::string& path_prefix, TimeNs from, TimeNs to,
                   std::uint64_t seed);

  Plant plant_;
  std::vector<std::string> paths_;
  std::vector<std::optional<Value>> last_;
  const TimeNs from_, to_;
  TimeNs at_;
};

}  // namespace tundish::simulate
