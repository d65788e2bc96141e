#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/plant_model.h"

namespace tundish {

/// The model as those who compute and show see it. Any thread; in memory.
class ModelReader {
 public:
  virtual ~ModelReader() = default;
  /// The newest version, never null: an enterprise without a model has one without assets.
  virtual std::shared_ptr<const PlantModel> model(EnterpriseId enterprise) const = 0;
  /// Grows with each change of any enterprise's model.
  virtual std::uint64_t changes() const = 0;
};

/// One stretch of time that a calendar or a recorded interval names.
struct Stretch {
  TimeRange range;
  std::string label;  ///< `2026-11-27 night`, `H004711`
};

/// Where named windows come from: `hour`, `shift`, `day`, `week`, `month`, `year` by the calendar of the
/// asset's site; other names are kinds of intervals. Any thread.
class WindowSource {
 public:
  virtual ~WindowSource() = default;
  /// Every stretch of that name that touches `range`, ascending, apart from each other.
  /// Errors: kNotFound (no such window at this asset), kTooLarge (more than 100,000).
  virtual Result<std::vector<Stretch>> windows(EnterpriseId enterprise, AssetId asset,
                                               std::string_view name, TimeRange range) const = 0;
};

}  // namespace tundish
