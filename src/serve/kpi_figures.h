#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/plant_model.h"

namespace tundish::serve {

/// One figure of an answer: of one asset, or of several below it together.
struct Figure {
  std::string_view path;         ///< of the asset, or the enterprise's code
  const Asset* asset = nullptr;  ///< null: the whole enterprise
  const KpiDefinition* kpi = nullptr;
  std::vector<const Asset*> of;  ///< not empty, ascending by path
  bool is_band_shared = true;    ///< whether all of them have the band of `kpi`
};

/// Figures are ratios of two amounts or one formula; only the former are told of several assets together.
inline bool is_ratio(const KpiDefinition& kpi) { return kpi.value.empty(); }

/// Collects the figures of a model. Points into the model and the texts it is given. One thread.
class FigureSearch {
 public:
  /// @param name of the figure wanted; empty: all
  FigureSearch(const PlantModel& model, std::string_view name) : model_(model), name_(name) {}

  void add(const Asset& asset);
  /// Every figure of the assets below `top`, those that are made in the same way together: of the same amounts, in
  /// units that convert. Of assets inside each other only the outer one counts: it has what the inner ones have.
  void add_below(const Asset& top) { add_below(top.path, &top); }
  /// The same of all assets of the enterprise, whose paths begin with `code`.
  void add_enterprise(std::string_view code) { add_below(code, nullptr); }

  std::vector<Figure> take() { return std::move(found_); }

  /// Errors: kNotFound with the nearest name, of the figures at and below `asset`, or of all.
  Error missing(const Asset* asset) const;

 private:
  void add_below(std::string_view path, const Asset* top);
  void put_together(std::string_view path, const Asset* top, const Asset& asset,
                    const KpiDefinition& kpi);

  const PlantModel& model_;
  const std::string_view name_;
  std::vector<Figure> found_;
};

}  // namespace tundish::serve
