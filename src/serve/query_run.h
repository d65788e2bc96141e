#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregate/aggregate_run.h"
#include "aggregate/count_run.h"
#include "base/result.h"
#include "io/clock.h"
#include "model/columns.h"
#include "model/ports/annotation_book.h"
#include "model/ports/sample_reader.h"
#include "serve/query.h"
#include "serve/runs.h"
#include "wire/json/json_writer.h"
#include "wire/result/result.h"

namespace tundish::serve {

/// One query under way: each call of `next` writes the next piece of the answer (small ones together: each costs a turn
/// of a worker and a write to the socket), so that memory holds one page of samples and its text, all points of one tag's plot, or all intervals of one aggregate. Over one snapshot. One thread
/// at a time. Time spent inside `next` counts against kQueryTimeMax; what the client takes to read
/// does not.
class QueryRun {
 public:
  /// `annotations` and `clock` must outlive it.
  QueryRun(Query query, std::unique_ptr<Snapshot> snapshot, const AnnotationBook& annotations,
           const io::Clock& clock);
  /// Appends some 256 KiB to `out`, or what 20 ms make; false when the answer is whole. Errors: kTimeout, kTooLarge,
  /// kIo.
  Result<bool> next(std::string& out);

 private:
  static constexpr std::size_t kPage = 50'000;            ///< samples, or intervals, of a piece
  static constexpr std::size_t kPageBytes = 8u << 20;     ///< of samples, and of text, roughly
  static constexpr std::size_t kPieceBytes = 256u << 10;  ///< of text, at least, of a piece
  static constexpr DurationNs kPieceTime =
      20 * kMillisecond;                        ///< after which it is as large as it is
  static constexpr std::size_t kRowBytes = 20;  ///< of a sample without its text

  /// One series of samples under way: first all times are written, then all values, page by page. What
  /// is longer than a page is read twice, so that it is never whole in memory.
  struct Series {
    std::vector<Columns> pieces;  ///< a page of them; all points of a plot
    std::size_t pages = 0;        ///< read for this column
    std::size_t rows = 0;         ///< read for this column
    bool more = false;            ///< there is another page
    bool truncated = false;       ///< there are more samples than the query's limit
    bool at_values = false;       ///< the times are written
    std::size_t piece = 0;
    std::size_t row = 0;
    bool comma = false;
    Runs<Quality> qualities = {};
    Runs<ValueType> types = {};
  };

  /// One aggregate of one tag under way.
  struct Intervals {
    enum Column { kTimes, kValues, kShares };
    std::vector<aggregate::AggregateResult> results;
    int column = kTimes;  ///< JSON
    std::size_t row = 0;
    Runs<Quality> qualities = {};
  };

  Result<bool> next_json(std::string& out);
  Result<bool> next_csv(std::string& out);
  Result<bool> next_binary(std::string& out);
  Result<bool> next_count(std::string& out);

  Status count_tags(std::string& out);
  void write_counts(std::string& out, const TagInfo& tag, const aggregate::CountRun& run);

  // JSON: one page of one column of a series.
  Status begin_series(std::string& out, const TagInfo& tag);
  Status begin_column(const TagInfo& tag);
  Status read_page(const TagInfo& tag, TimeNs from);
  Result<bool> write_slice(std::string& out, const TagInfo& tag);
  Status end_series(std::string& out, const TagInfo& tag);
  Result<bool> write_intervals(std::string& out, const TagInfo& tag);
  void write_column(std::string& out, std::size_t end);
  void write_series_head(wire::JsonWriter& json, const TagInfo& tag);
  void write_bound(wire::JsonWriter& json, std::string_view name, const TagInfo& tag,
                   const std::optional<Sample>& sample);
  void write_time(wire::JsonWriter& json, TimeNs time);
  void write_complete(std::string& out);

  // Binary: one page of raw samples or intervals, or the points of one tag.
  Status write_binary_intervals(const TagInfo& tag);
  Status write_binary_rows(const TagInfo& tag);

  // CSV: one page of raw samples or intervals, or the points of one tag.
  Status write_raw_page(std::string& out, const TagInfo& tag);
  Status write_plot_rows(std::string& out, const TagInfo& tag);
  Status write_aggregate_rows(std::string& out, const TagInfo& tag);
  void write_csv_time(std::string& out, TimeNs time) const;

  /// Samples of the range from `from` on, at most `limit` and about kPageBytes; `cut` says that there
  /// are more. No piece is empty.
  Result<std::vector<Columns>> read_raw(TagId tag, TimeNs from, std::size_t limit, bool& cut);
  static TimeNs after(const std::vector<Columns>& pieces);
  Result<std::vector<Columns>> read_plot(const TagInfo& tag);
  Result<std::vector<aggregate::AggregateResult>> read_aggregate(const TagInfo& tag,
                                                                 aggregate::AggregateSpec spec);
  void next_aggregate();
  void prefetch();
  bool in_time() const;
  Status check_budget(std::size_t points);

  Query query_;
  std::unique_ptr<Snapshot> snapshot_;
  const AnnotationBook& annotations_;
  const io::Clock& clock_;
  DurationNs entered_ = 0;  ///< monotonic, at the start of this call of next
  DurationNs spent_ = 0;    ///< in earlier calls
  std::size_t points_ = 0;
  std::size_t tag_ = 0;
  std::size_t prefetched_ = 0;  ///< tags of which the snapshot has what is in the head
  std::size_t spec_ = 0;
  TimeNs page_from_ = 0;  ///< raw CSV and binary: where the next page of this tag begins
  bool began_ = false;
  Bytes binary_;  ///< what `binary_writer_` has written and `next` has not handed on
  std::optional<wire::ResultWriter> binary_writer_;
  bool series_before_ = false;
  std::unique_ptr<Series> series_;  ///< JSON, under way
  std::optional<Intervals> intervals_;
  std::string edges_text_;     ///< JSON: the column of times that all aggregates share
  std::uint64_t counted_ = 0;  ///< count: of all tags so far
  std::uint64_t good_ = 0;
};

}  // namespace tundish::serve
