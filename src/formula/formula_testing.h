#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "formula/evaluate.h"

namespace tundish::formula {

/// A small plant in memory, for tests: attributes with samples, sets, and windows.
class TestPlant final : public Names, public Sources {
 public:
  struct Series {
    Type type;
    SeriesFacts facts;
    std::vector<Sample> samples;  ///< ascending
  };

  Series& add(const std::string& name, std::string_view unit, bool step = false) {
    Series& made = series_[name];
    made.type = {.unit = *Unit::parse(unit)};
    made.facts.step = step;
    return made;
  }
  Series& add(const std::string& name, Kind kind) {
    Series& made = series_[name];
    made.type = {.kind = kind};
    made.facts.step = true;
    return made;
  }
  Series& at(const std::string& name) { return series_.at(name); }
  void add_window(const std::string& name, std::vector<TimeRange> ranges) {
    windows_[name] = std::move(ranges);
  }
  /// `children` are the series named `NAME#0`, `NAME#1`, ...
  void set_children(std::size_t count) { children_ = count; }

  Result<Type> find(std::string_view name) const override {
    if (const auto found = series_.find(std::string(name)); found != series_.end())
      return found->second.type;
    if (windows_.contains(std::string(name)) || name == "window")
      return Type{.kind = Kind::kWindow};
    if (name == "children") return Type{.kind = Kind::kAssets};
    return fail(ErrorCode::kNotFound, "there is no such attribute");
  }
  Result<Type> find_member(std::string_view, std::string_view attribute) const override {
    for (std::size_t i = 0; i < children_; ++i)
      if (auto type = find(key(attribute, i))) {
        type->many = true;
        return type;
      }
    return fail(ErrorCode::kNotFound, "there is no such attribute");
  }

  std::size_t series(const InputName& input) override { return input.set.empty() ? 1 : children_; }
  std::size_t set_size(std::string_view) override { return children_; }
  SeriesFacts facts(const InputName& input, std::size_t index) override {
    const Series* found = get(input, index);
    return found == nullptr ? SeriesFacts{.is_missing = true} : found->facts;
  }
  Result<std::vector<Sample>> before(const InputName& input, std::size_t index, TimeNs time,
                                     std::size_t usable) override {
    std::vector<Sample> found;
    const Series* from = get(input, index);
    if (from == nullptr) return found;
    for (auto at = from->samples.rbegin(); at != from->samples.rend(); ++at) {
      if (at->time >= time) continue;
      const auto* number = std::get_if<double>(&at->value);
      const bool counts =
          !at->quality.is_bad() &&
          (number == nullptr || !from->facts.valid ||
           (*number >= from->facts.valid->low && *number <= from->facts.valid->high));
      if (!found.empty() && !counts) continue;
      if (counts && usable == 0) break;
      found.insert(found.begin(), *at);
      if (counts) --usable;
    }
    return found;
  }
  Status scan(const InputName& input, std::size_t index, TimeRange range,
              const Visit& visit) override {
    const Series* from = get(input, index);
    if (from == nullptr || from->samples.empty()) return {};
    Columns piece;
    piece.type = type_of(from->samples.front().value);
    for (const Sample& sample : from->samples) {
      if (sample.time < range.from || sample.time >= range.to) continue;
      piece.push_back(sample);
      if (piece.size() < piece_rows) continue;
      if (!visit(piece)) return {};
      piece.clear();
    }
    if (!piece.empty()) visit(piece);
    return {};
  }
  Result<std::vector<TimeRange>> windows(std::string_view name, TimeRange range) override {
    const auto found = windows_.find(std::string(name));
    if (found == windows_.end()) return fail(ErrorCode::kNotFound, "there is no such window");
    std::vector<TimeRange> touched;
    for (const TimeRange& window : found->second)
      if (window.from < range.to && window.to > range.from) touched.push_back(window);
    return touched;
  }

  std::size_t piece_rows = 1000;

 private:
  static std::string key(std::string_view attribute, std::size_t index) {
    return std::string(attribute) + "#" + std::to_string(index);
  }
  const Series* get(const InputName& input, std::size_t index) const {
    const auto found =
        series_.find(input.set.empty() ? input.attribute : key(input.attribute, index));
    return found == series_.end() ? nullptr : &found->second;
  }

  std::map<std::string, Series, std::less<>> series_;
  std::map<std::string, std::vector<TimeRange>, std::less<>> windows_;
  std::size_t children_ = 0;
};

/// All results of a formula, slices joined.
struct Rows {
  std::vector<Sample> samples;
  std::vector<double> percent_good, coverage;
};

inline Result<Rows> run_formula(std::string_view text, TestPlant& plant, const Grid& grid,
                                const Budget& budget = {}) {
  TUNDISH_TRY(const auto program, compile(text, plant));
  Rows rows;
  TUNDISH_TRY(const auto account,
              evaluate(program, plant, grid, budget, [&](const Results& results) -> Status {
                for (std::size_t i = 0; i < results.times.size(); ++i) {
                  rows.samples.push_back(results.at(i));
                  rows.percent_good.push_back(results.percent_good[i]);
                  rows.coverage.push_back(results.coverage[i]);
                }
                return {};
              }));
  static_cast<void>(account);
  return rows;
}

}  // namespace tundish::formula
