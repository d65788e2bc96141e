#include "historian/resolve.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>

namespace tundish::historian {
namespace {

TimeNs time_of(Runs runs, RowRef at) { return runs[at.run]->columns.times[at.row]; }
const Version& version_of(Runs runs, RowRef at) { return runs[at.run]->versions[at.row]; }

/// Total order on what two rows of one time say.
bool content_less(const StoredColumns& a, std::size_t a_row, const StoredColumns& b,
                  std::size_t b_row) {
  const Columns& x = a.columns;
  const Columns& y = b.columns;
  const auto head = [](const Columns& columns, std::size_t row) {
    return std::tuple(columns.qualities[row], columns.type);
  };
  if (head(x, a_row) != head(y, b_row)) return head(x, a_row) < head(y, b_row);
  if (x.type == ValueType::kString) return x.text_at(a_row) < y.text_at(b_row);
  return x.bits[a_row] < y.bits[b_row];
}

bool row_less(Runs runs, RowRef a, RowRef b) {
  const TimeNs a_time = time_of(runs, a);
  const TimeNs b_time = time_of(runs, b);
  if (a_time != b_time) return a_time < b_time;
  const Version& a_version = version_of(runs, a);
  const Version& b_version = version_of(runs, b);
  if (a_version != b_version) return a_version < b_version;
  return content_less(*runs[a.run], a.row, *runs[b.run], b.row);
}

/// All rows in `span`, ascending by time, version, content.
std::vector<RowRef> ordered_rows(Runs runs, TimeSpan span) {
  std::vector<RowRef> rows;
  std::size_t runs_used = 0;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const auto& times = runs[run]->columns.times;
    const auto from = std::lower_bound(times.begin(), times.end(), span.first);
    const auto to = std::upper_bound(from, times.end(), span.last);
    if (from == to) continue;
    ++runs_used;
    for (auto at = from; at != to; ++at)
      rows.push_back(
          {static_cast<std::uint32_t>(run), static_cast<std::uint32_t>(at - times.begin())});
  }
  const auto less = [&](RowRef a, RowRef b) { return row_less(runs, a, b); };
  // One run is in order already, unless it holds rows of equal version.
  if (runs_used > 1 || !std::is_sorted(rows.begin(), rows.end(), less))
    std::sort(rows.begin(), rows.end(), less);
  return rows;
}

struct RowsAlone {
  std::size_t run = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

/// The rows in `span` when one run has them all and no time repeats: then nothing needs to be compared.
std::optional<RowsAlone> rows_alone(Runs runs, TimeSpan span) {
  RowsAlone alone;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const auto& times = runs[run]->columns.times;
    const auto from = std::lower_bound(times.begin(), times.end(), span.first);
    const auto to = std::upper_bound(from, times.end(), span.last);
    if (from == to) continue;
    if (alone.first != alone.last) return std::nullopt;
    bool ascends = true;  // without a branch a row
    for (auto at = from + 1; at != to; ++at) ascends &= *(at - 1) < *at;
    if (!ascends) return std::nullopt;
    alone = {run, static_cast<std::size_t>(from - times.begin()),
             static_cast<std::size_t>(to - times.begin())};
  }
  if (alone.first == alone.last) return std::nullopt;
  return alone;
}

bool is_erased(TimeNs time, const Version& version, std::span<const Tombstone> tombstones) {
  return std::any_of(tombstones.begin(), tombstones.end(), [&](const Tombstone& tombstone) {
    return tombstone.range.from <= time && time < tombstone.range.to && version < tombstone.version;
  });
}

}  // namespace

std::vector<RowRef> winning_rows(Runs runs, TimeSpan span, std::span<const Tombstone> tombstones) {
  std::vector<RowRef> rows = ordered_rows(runs, span);
  std::vector<Tombstone> near;
  for (const Tombstone& tombstone : tombstones) {
    if (tombstone.range.from <= span.last && tombstone.range.to > span.first)
      near.push_back(tombstone);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + 1 < rows.size() && time_of(runs, rows[i]) == time_of(runs, rows[i + 1])) continue;
    // If the greatest version is covered, so are the lesser ones.
    if (is_erased(time_of(runs, rows[i]), version_of(runs, rows[i]), near)) continue;
    rows[kept++] = rows[i];
  }
  rows.resize(kept);
  return rows;
}

std::vector<VersionRow> rows_with_versions(Runs runs, TimeSpan span,
                                           std::span<const Tombstone> tombstones) {
  const std::vector<RowRef> rows = ordered_rows(runs, span);
  std::vector<VersionRow> found;
  found.reserve(rows.size());
  for (std::size_t i = rows.size(); i > 0; --i) {
    const RowRef row = rows[i - 1];
    const TimeNs time = time_of(runs, row);
    const bool is_first = i == rows.size() || time_of(runs, rows[i]) != time;
    if (!is_first && version_of(runs, rows[i]) == version_of(runs, row)) continue;
    const bool is_gone = is_erased(time, version_of(runs, row), tombstones);
    found.push_back({row, is_first && !is_gone, is_gone});
  }
  return found;
}

void append_rows(const StoredColumns& from, std::size_t first, std::size_t last,
                 StoredColumns& into) {
  const auto append = [&](const auto& source, auto& target) {
    target.insert(target.end(), source.begin() + static_cast<std::ptrdiff_t>(first),
                  source.begin() + static_cast<std::ptrdiff_t>(last));
  };
  append(from.versions, into.versions);
  if (from.columns.type == ValueType::kString) {
    for (std::size_t row = first; row < last; ++row) into.columns.push_from(from.columns, row);
    return;
  }
  append(from.columns.times, into.columns.times);
  append(from.columns.bits, into.columns.bits);
  append(from.columns.qualities, into.columns.qualities);
}

void append_kept_rows(Runs runs, TimeSpan span, std::span<StoredColumns, 4> kept) {
  if (const auto alone = rows_alone(runs, span)) {
    const StoredColumns& from = *runs[alone->run];
    append_rows(from, alone->first, alone->last, kept[static_cast<std::size_t>(from.columns.type)]);
    return;
  }
  const std::vector<RowRef> rows = ordered_rows(runs, span);
  const auto is_superseded = [&](std::size_t i) {
    if (i + 1 == rows.size() || time_of(runs, rows[i]) != time_of(runs, rows[i + 1])) return false;
    const Version& version = version_of(runs, rows[i]);
    const Version& next = version_of(runs, rows[i + 1]);
    if (version.sample_class != next.sample_class) return false;
    return version.sample_class != SampleClass::kCorrected || version == next;
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_superseded(i)) continue;
    const Version& version = version_of(runs, rows[i]);
    const StoredColumns& from = *runs[rows[i].run];
    StoredColumns& to = kept[static_cast<std::size_t>(from.columns.type)];
    to.columns.push_from(from.columns, rows[i].row);
    to.versions.push_back(version);
  }
}

bool is_sorted(const StoredColumns& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const TimeNs before = rows.columns.times[i - 1];
    const TimeNs now = rows.columns.times[i];
    if (now < before || (now == before && rows.versions[i] < rows.versions[i - 1])) return false;
  }
  return true;
}

std::vector<std::uint32_t> sorted_order(const StoredColumns& rows) {
  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(rows.columns.times[a], rows.versions[a], a) <
           std::tie(rows.columns.times[b], rows.versions[b], b);
  });
  return order;
}

void sort_rows(StoredColumns& rows) {
  if (is_sorted(rows)) return;
  StoredColumns sorted;
  sorted.columns.type = rows.columns.type;
  sorted.columns.reserve(rows.size());
  sorted.versions.reserve(rows.size());
  for (const std::uint32_t row : sorted_order(rows)) {
    sorted.columns.push_from(rows.columns, row);
    sorted.versions.push_back(rows.versions[row]);
  }
  rows = std::move(sorted);
}

}  // namespace tundish::historian
