#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregate/aggregate_run.h"
#include "base/result.h"
#include "io/clock.h"
#include "model/columns.h"
#include "model/ports/sample_reader.h"
#include "serve/query.h"
#include "serve/runs.h"
#include "wire/json/json_writer.h"
#include "wire/result/result.h"

namespace tundish::serve {

/// One query under way: each call of `next` writes the next piece of the answer, so that memory
/// holds one tag's points at most, and the text of one page of them; for raw CSV and binary a page only. Over one snapshot. One thread
/// at a time. Time spent inside `next` counts against kQueryTimeMax; what the client takes to read
/// does not.
class QueryRun {
 public:
  QueryRun(Query query, std::unique_ptr<Snapshot> snapshot, const io::Clock& clock);
  /// Appends to `out`; false when the answer is whole. Errors: kTimeout, kTooLarge, kIo.
  Result<bool> next(std::string& out);

 private:
  static constexpr std::size_t kPage = 50'000;  ///< samples of a piece
  /// One series under way: first all times are written, then all values, a slice at a time, so that
  /// the text of millions of samples is never whole in memory.
  struct Series {
    std::vector<Columns> pieces;
    bool cut = false;
    bool at_values = false;  ///< the times are written
    std::size_t piece = 0;
    std::size_t row = 0;
    bool comma = false;
    Runs<Quality> qualities = {};
    Runs<ValueType> types = {};
  };

  Result<bool> next_json(std::string& out);
  Result<bool> next_csv(std::string& out);
  Result<bool> next_binary(std::string& out);

  // JSON: one series at a time, of raw samples and plots a slice at a time.
  Status begin_series(std::string& out, const TagInfo& tag);
  bool write_slice(std::string& out);
  Status end_series(std::string& out, const TagInfo& tag);
  Status write_aggregate_series(wire::JsonWriter& json, const TagInfo& tag);
  void write_series_head(wire::JsonWriter& json, const TagInfo& tag);
  void write_bound(wire::JsonWriter& json, std::string_view name, const TagInfo& tag,
                   const std::optional<Sample>& sample);
  void write_time(wire::JsonWriter& json, TimeNs time);

  // Binary: one page of raw samples, or the points of one tag.
  Status write_binary_rows(const TagInfo& tag);

  // CSV: one page of raw samples, or one tag.
  Status write_raw_page(std::string& out, const TagInfo& tag);
  Status write_plot_rows(std::string& out, const TagInfo& tag);
  Status write_aggregate_rows(std::string& out, const TagInfo& tag);
  void write_csv_time(std::string& out, TimeNs time) const;

  /// Samples of the range from `from` on, at most `limit`; `cut` says that there are more.
  Result<std::vector<Columns>> read_raw(TagId tag, TimeNs from, std::size_t limit, bool& cut);
  Result<std::vector<Columns>> read_points(const TagInfo& tag, bool& cut);
  Result<std::vector<aggregate::AggregateResult>> read_aggregate(const TagInfo& tag,
                                                                 aggregate::AggregateSpec spec);
  bool in_time() const;
  Status check_budget(std::size_t points);

  Query query_;
  std::unique_ptr<Snapshot> snapshot_;
  const io::Clock& clock_;
  DurationNs entered_ = 0;  ///< monotonic, at the start of this call of next
  DurationNs spent_ = 0;    ///< in earlier calls
  std::size_t points_ = 0;
  std::size_t tag_ = 0;
  std::size_t spec_ = 0;
  TimeNs page_from_ = 0;  ///< raw CSV and binary: where the next page of this tag begins
  bool began_ = false;
  Bytes binary_;  ///< what `binary_writer_` has written and `next` has not handed on
  std::optional<wire::ResultWriter> binary_writer_;
  bool series_before_ = false;
  std::unique_ptr<Series> series_;  ///< JSON, under way
};

}  // namespace tundish::serve
