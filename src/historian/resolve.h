#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/time.h"
#include "historian/block_format.h"
#include "model/columns.h"
#include "model/ports/sample_sink.h"

// Which sample of several at one time is the one to be seen. Pure: the answer depends on what the
// rows say, never on which run they are in or which came first.

namespace tundish::historian {

/// A stretch of time with both ends included, so that every time can be in one.
struct TimeSpan {
  TimeNs first = kTimeMin;
  TimeNs last = kTimeMax;
};

/// Rows of one tag, each run ascending by (time, version), runs of any types.
using Runs = std::span<const StoredColumns* const>;

/// Row `row` of runs[run].
struct RowRef {
  std::uint32_t run = 0;
  std::uint32_t row = 0;
};

/// The rows in `span`, ascending by time, at each time the winner only: the greatest version; rows
/// whose version is less than that of a tombstone covering their time are not seen. Two rows of
/// equal version (a sender that numbers two rows alike) are told apart by their content.
std::vector<RowRef> winning_rows(Runs runs, TimeSpan span, std::span<const Tombstone> tombstones);

struct VersionRow {
  RowRef row;
  bool is_current = false;  ///< the winner of its time, and not erased
  bool is_erased = false;
};

/// All rows in `span`, newest time first, of one time the greatest version first; repeats of a version once.
std::vector<VersionRow> rows_with_versions(Runs runs, TimeSpan span,
                                           std::span<const Tombstone> tombstones);

/// Everything that must be kept of the rows in `span`, appended to `kept`, one entry a type in the
/// order of ValueType: of a time and class the greatest version, and of corrections every one, as people
/// made them and ask later what was there in between. So a corrected original stays; an exact repeat, and
/// what lost among the measured, go.
void append_kept_rows(Runs runs, TimeSpan span, std::span<StoredColumns, 4> kept);

/// Rows [first, last) of `from` to the end of others of their type.
void append_rows(const StoredColumns& from, std::size_t first, std::size_t last,
                 StoredColumns& into);

/// Row numbers in the order of (time, version); equal ones stay in their order.
std::vector<std::uint32_t> sorted_order(const StoredColumns& rows);
void sort_rows(StoredColumns& rows);
bool is_sorted(const StoredColumns& rows);

}  // namespace tundish::historian
