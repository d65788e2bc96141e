#pragma once

#include "compute/interval_store.h"
#include "model/ports/model_reader.h"

namespace tundish::compute {

/// Named windows of both sorts: those of calendars, and recorded intervals of the asset or of the nearest asset
/// above that has the kind. One that lasts ends where it is asked to. Any thread.
class Windows final : public WindowSource {
 public:
  Windows(const WindowSource& calendars, const ModelReader& models, const IntervalReader& intervals)
      : calendars_(calendars), models_(models), intervals_(intervals) {}

  Result<std::vector<Stretch>> windows(EnterpriseId enterprise, AssetId asset,
                                       std::string_view name, TimeRange range) const override;

 private:
  const WindowSource& calendars_;
  const ModelReader& models_;
  const IntervalReader& intervals_;
};

}  // namespace tundish::compute
