#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "formula/column.h"
#include "formula/program.h"
#include "model/columns.h"
#include "model/sample.h"
#include "model/valid_range.h"

namespace tundish::formula {

class Sources;
struct SeriesFacts;

/// Texts by number, so that a column of them is a column of doubles. At most kTextsMax.
class Texts {
 public:
  double id(std::string_view text);
  const std::vector<std::string>& all() const { return all_; }
  bool is_full() const { return all_.size() >= kTextsMax; }
  static constexpr std::size_t kTextsMax = 1'000'000;

 private:
  std::vector<std::string> all_;
  std::unordered_map<std::string, double> ids_;
};

/// The samples of one series, a slice of time after the other. Values are numbers; what is outside the
/// valid range, or Good and no number, is Bad.
class SeriesReader {
 public:
  SeriesReader(Sources& sources, const InputName& input, std::size_t series, Texts& texts);

  /// What was before `start`: the last sample, and the last `usable` that are not Bad.
  Status open(TimeNs start, std::size_t usable);
  /// Reads a slice, at most kSamplesMax of it. Returns up to where it is complete, at least range.from + 1.
  Result<TimeNs> read(TimeRange range);
  /// Leaves what is at or after `to` to a later slice.
  void cut(TimeNs to);

  bool is_sloped() const { return !step_ && !is_constant_; }
  bool is_constant() const { return is_constant_; }
  std::size_t size() const { return times_.size() - lead_; }
  /// Times of this slice's samples; with `carried` those from before the first slice as well.
  std::span<const TimeNs> times(bool carried) const {
    return std::span(times_).subspan(carried ? 0 : lead_);
  }
  std::size_t carried() const { return lead_; }
  View view(bool carried) const;
  /// What holds at each of `times`, ascending, all in this slice. Where these are its own times `out` borrows
  /// its rows, which stay until the next read().
  void sample(std::span<const TimeNs> times, Column& out) const;
  std::optional<TimeNs> known_since() const { return known_since_; }

  static constexpr std::size_t kSamplesMax = 65'536;

 private:
  void take(const Sample& sample);
  void take(TimeNs time, double value, std::uint32_t quality);
  void convert_from(std::size_t first);
  void own_qualities();
  std::uint32_t quality_at(std::size_t row) const {
    return all_good_ ? kGood.code : qualities_[row];
  }
  void clear();
  void take_columns(const Columns& columns, std::size_t begin, std::size_t end);

  Sources* sources_;
  InputName input_;
  std::size_t series_;
  Texts* texts_;
  bool step_ = false, is_constant_ = false, is_missing_ = false;
  std::optional<ValidRange> valid_;
  std::optional<UnitConversion> conversion_;

  std::vector<TimeNs> times_;
  std::vector<double> values_;
  std::vector<std::uint32_t> qualities_;  ///< empty while all are Good
  bool all_good_ = true;
  bool is_fresh_ = true;  ///< no slice has been read yet
  std::size_t lead_ = 0;  ///< in the first slice: samples from before it stand in front
  std::optional<TimeNs> known_since_;
  double held_ = 0;  ///< what holds before this slice's first sample
  std::uint32_t held_quality_ = 0;
};

}  // namespace tundish::formula
