#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "formula/evaluate.h"
#include "model/plant_model.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"

namespace tundish::formula {

/// Whether a sample is worth something to a formula: not Bad, a finite number, within `valid`.
bool is_usable(const Sample& sample, const std::optional<Limits>& valid);

/// What a formula of one asset reads: samples of one snapshot, attributes of one version of the model, windows
/// of its calendar. All must outlive it. One thread.
class PlantSources final : public Sources {
 public:
  PlantSources(Snapshot& snapshot, const PlantModel& model, const Asset& asset,
               const WindowSource& windows)
      : snapshot_(snapshot), model_(model), asset_(asset), windows_(windows) {}

  std::size_t series(const InputName& input) override;
  SeriesFacts facts(const InputName& input, std::size_t series) override;
  Result<std::vector<Sample>> before(const InputName& input, std::size_t series, TimeNs time,
                                     std::size_t usable) override;
  Status scan(const InputName& input, std::size_t series, TimeRange range,
              const Visit& visit) override;
  Result<std::vector<TimeRange>> windows(std::string_view name, TimeRange range) override;
  std::size_t set_size(std::string_view set) override;

  /// The attributes that an input stands for; null where an asset of the set lacks it.
  const std::vector<const Attribute*>& attributes(const InputName& input);

 private:
  Snapshot& snapshot_;
  const PlantModel& model_;
  const Asset& asset_;
  const WindowSource& windows_;
  std::map<std::pair<std::string, std::string>, std::vector<const Attribute*>> bound_;
};

}  // namespace tundish::formula
