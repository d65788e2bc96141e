#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/sample_batch.h"
#include "simulate/plant.h"

namespace tundish::simulate {

/// A running plant's readings as frames, as a terminal sends them: numbers every ten seconds, held
/// ones (texts, switches, set points) when they change and in the first frame. One thread.
class FrameSource {
 public:
  static constexpr DurationNs kPeriod = 10 * kSecond;
  static constexpr std::size_t kRowsMax = 20'000;  ///< a frame; a long gap becomes several

  /// Paths are `path_prefix` + "/" + the signal's. The plant's life began at `epoch`; frames begin
  /// at `from`, which is not before it.
  FrameSource(PlantSpec spec, const std::string& path_prefix, std::uint64_t seed, TimeNs epoch,
              TimeNs from);

  /// What is due up to `now` and was not given before, oldest first; nothing when no frame is due.
  /// Class synthetic, without a number. After a long time away it is called until it gives nothing.
  std::optional<ReceivedBatch> next(TimeNs now);

  Status set_faults(const std::vector<std::string>& names) { return plant_.set_faults(names); }

 private:
  Plant plant_;
  std::vector<std::string> paths_;
  std::vector<std::optional<Value>> last_;
  TimeNs at_;  ///< the next second to look at
};

}  // namespace tundish::simulate
