#include "ingest/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/check.h"

namespace tundish::ingest {
namespace {

static_assert(static_cast<std::size_t>(ErrorCode::kInternal) < RefusalCounts{}.size());

/// Why a row that may not stand does not.
Error reason_of(const BatchColumns& rows, std::size_t row, TimeNs latest) {
  if (rows.times[row] > latest)
    return {ErrorCode::kFutureTime,
            fmt::format("{} is more than 24 h after its receipt; set the sender's clock",
                        format_time(rows.times[row]))};
  if (rows.text_at(row).size() > kStringBytesMax)
    return {ErrorCode::kTooLarge, "the string has more than 4096 bytes"};
  return {ErrorCode::kInvalidArgument, "the string is not UTF-8"};
}

/// Value of a row as its tag's type; a string that only spells a number is read as one first.
Result<Value> converted(const BatchColumns& rows, std::size_t row, bool number_like,
                        ValueType type) {
  if (number_like && type != ValueType::kString) {
    if (const Result<Value> number = parse_number(rows.text_at(row)))
      return convert_exact(*number, type);
  }
  return convert_exact(rows.value_at(row), type);
}

}  // namespace

std::vector<bool> rows_that_may_stand(const BatchColumns& rows, TimeNs latest) {
  std::vector<bool> may_stand(rows.size(), true);
  // Mostly nothing is amiss, which one look at the columns tells.
  const bool has_string = std::ranges::find(rows.types, ValueType::kString) != rows.types.end();
  if (!has_string && std::ranges::none_of(rows.times, [&](TimeNs time) { return time > latest; }))
    return may_stand;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.times[row] > latest) may_stand[row] = false;
    if (rows.types[row] != ValueType::kString) continue;
    const std::string_view text = rows.text_at(row);
    if (text.size() > kStringBytesMax || !is_utf8(text)) may_stand[row] = false;
  }
  return may_stand;
}

namespace {

/// Puts every row's tag into `tags` when all rows are kept as they are; else false, and `tags` is of no use.
bool all_fit(const ReceivedBatch& received, std::span<const ResolvedPath> paths, TimeNs latest,
             std::vector<std::uint32_t>& tags) {
  const BatchColumns& rows = received.rows;
  tags.resize(rows.size());
  bool fit = true;  // without a branch a row
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const ResolvedPath& path = paths[received.path_index[row]];
    tags[row] = path.number;
    const TimeNs time = rows.times[row];
    const ValueType type = rows.types[row];
    fit &= (path.number != 0) & (type == path.type) & (type != ValueType::kString) &
           (time <= latest) & (time >= path.kept_from);
  }
  return fit;
}

}  // namespace

Screened screen_rows(ReceivedBatch received, std::span<const ResolvedPath> paths,
                     const std::vector<bool>& may_stand, TimeNs latest) {
  Screened screened;
  if (all_fit(received, paths, latest, screened.batch.tags)) {
    screened.batch.rows = std::move(received.rows);
    return screened;
  }
  screened.batch.tags.clear();
  const auto refuse = [&](std::size_t row, Error error) {
    ++screened.refused;
    ++screened.by_code[static_cast<std::size_t>(error.code)];
    if (screened.refusals.size() < Receipt::kRefusalsMax)
      screened.refusals.push_back(
          {static_cast<std::uint32_t>(row), error.code, std::move(error.message)});
  };

  // Rows are kept in place: `kept` runs behind `row`, so nothing is copied while none is refused.
  BatchColumns& rows = received.rows;
  std::vector<std::uint32_t>& tags = screened.batch.tags;
  std::vector<std::uint32_t> row_numbers;
  tags.reserve(rows.size());
  std::size_t kept = 0;
  auto number_like = received.number_like.begin();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const bool is_number_like = number_like != received.number_like.end() && *number_like == row;
    if (is_number_like) ++number_like;
    if (!may_stand[row]) {
      refuse(row, reason_of(rows, row, latest));
      continue;
    }
    const ResolvedPath& path = paths[received.path_index[row]];
    if (!path.tag) {
      refuse(row, *path.refusal);
      continue;
    }
    if (rows.times[row] < path.kept_from) {
      refuse(row, {ErrorCode::kBeyondRetention,
                   fmt::format(
                       "{} is older than the samples of '{}' are kept: what is before {} is gone",
                       format_time(rows.times[row]), path.tag->path, format_time(path.kept_from))});
      continue;
    }
    ValueType type = rows.types[row];
    std::uint64_t bits = rows.bits[row];
    if (type != path.type) {
      Result<Value> value = converted(rows, row, is_number_like, path.type);
      if (!value) {
        refuse(row, std::move(value.error()));
        continue;
      }
      type = path.type;
      // No conversion yields a string, so the bits are the value.
      if (const auto* number = std::get_if<double>(&*value)) bits = bits_of(*number);
      if (const auto* whole = std::get_if<std::int64_t>(&*value)) bits = bits_of(*whole);
      if (const auto* flag = std::get_if<bool>(&*value)) bits = bits_of(*flag);
    }
    if (kept != row && row_numbers.empty()) {
      row_numbers.reserve(rows.size());
      for (std::size_t before = 0; before < kept; ++before)
        row_numbers.push_back(static_cast<std::uint32_t>(before));
    }
    if (kept != row) row_numbers.push_back(static_cast<std::uint32_t>(row));
    tags.push_back(path.number);
    rows.times[kept] = rows.times[row];
    rows.qualities[kept] = rows.qualities[row];
    rows.types[kept] = type;
    rows.bits[kept] = bits;
    ++kept;
  }
  rows.times.resize(kept);
  rows.qualities.resize(kept);
  rows.types.resize(kept);
  rows.bits.resize(kept);
  TUNDISH_CHECK(row_numbers.empty() || row_numbers.size() == kept);
  screened.batch.row_numbers = std::move(row_numbers);
  screened.batch.rows = std::move(rows);
  return screened;
}

}  // namespace tundish::ingest
