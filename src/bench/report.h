#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/workload.h"

namespace tundish::bench {

/// One measured number. Names are dotted, from the large to the small: `ingest.binary.samples_per_core_second`.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;  ///< `samples/s`, `ms`, `bytes`, `B/sample`, `s`, `GB/s`, or empty for a count
  std::optional<double> goal;
  std::string note = {};
};

/// What a bench found, with what the numbers mean nothing without.
class Report {
 public:
  /// `subject` is what was measured: `tundish 0.4.0-... (gcc ...)`, `VictoriaMetrics 1.79`.
  Report(std::string bench, std::string subject, const WorkloadOptions& work);

  void add(Figure figure) { figures_.push_back(std::move(figure)); }
  void add(std::string name, double value, std::string unit) {
    figures_.push_back({std::move(name), value, std::move(unit), {}, {}});
  }
  const std::vector<Figure>& figures() const { return figures_; }

  /// One JSON object: `{"bench","subject","machine":{...},"time","work":{...},"figures":[...]}`.
  std::string json() const;
  /// For people: a line a figure.
  std::string table() const;

 private:
  const std::string bench_, subject_;
  const WorkloadOptions work_;
  std::vector<Figure> figures_;
};

/// A line about what is going on, to stderr.
void progress(std::string_view what);

/// How much of its goal a figure has reached; 1 and more: all. Less is better for times and sizes, more for what
/// is counted a second. 0 where there is no goal.
double goal_share(const Figure& figure);

}  // namespace tundish::bench
