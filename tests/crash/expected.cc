#include "crash/expected.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tundish::crash {

void ExpectedTag::doubt(std::int64_t time, std::optional<Value> value) {
  const std::scoped_lock lock(mutex_);
  cells_[time].doubtful.push_back(std::move(value));
}

void ExpectedTag::acknowledge(std::int64_t time) {
  const std::scoped_lock lock(mutex_);
  Cell& cell = cells_[time];
  // A writer has one request under way; what it sent last is what was acknowledged.
  cell.acknowledged = cell.doubtful.back();
  cell.doubtful.clear();
}

bool ExpectedTag::shows(const std::optional<Value>& value, const std::string* text) const {
  if (!value || text == nullptr) return !value && text == nullptr;
  switch (type_) {
    case ValueType::kDouble:
      return bits_of(std::strtod(text->c_str(), nullptr)) == bits_of(std::get<double>(*value)) &&
             !text->empty();
    case ValueType::kInt64: return *text == std::to_string(std::get<std::int64_t>(*value));
    case ValueType::kBool: return *text == (std::get<bool>(*value) ? "true" : "false");
    case ValueType::kString: return *text == std::get<std::string>(*value);
  }
  return false;
}

std::string ExpectedTag::check(std::int64_t from, const std::vector<Row>& rows, bool settle) {
  const std::scoped_lock lock(mutex_);
  auto row = rows.begin();
  for (auto cell = cells_.lower_bound(from); cell != cells_.end(); ++cell) {
    if (row != rows.end() && row->time < cell->first)
      return fmt::format("{}: a sample at {} that nobody sent", path_, row->time);
    const bool there = row != rows.end() && row->time == cell->first;
    const std::string* const text = there ? &row->value : nullptr;
    if (there) ++row;
    std::vector<std::optional<Value>>& doubtful = cell->second.doubtful;
    if (shows(cell->second.acknowledged, text)) {
      if (settle) doubtful.clear();
      continue;
    }
    const auto shown = std::find_if(doubtful.rbegin(), doubtful.rend(),
                                    [&](const auto& value) { return shows(value, text); });
    if (shown == doubtful.rend()) {
      const auto& value = cell->second.acknowledged;
      return fmt::format("{}: at {} {} was acknowledged, {} is there", path_, cell->first,
                         value ? json_of(*value) : "nothing", there ? *text : "nothing");
    }
    if (settle) {
      cell->second.acknowledged = *shown;
      doubtful.clear();
    }
  }
  if (row != rows.end())
    return fmt::format("{}: a sample at {} that nobody sent", path_, row->time);
  return {};
}

std::size_t ExpectedTag::acknowledged() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(std::count_if(cells_.begin(), cells_.end(), [](const auto& cell) {
    return cell.second.acknowledged.has_value();
  }));
}

std::vector<std::int64_t> ExpectedTag::acknowledged_times(std::int64_t from) const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::int64_t> times;
  for (auto cell = cells_.lower_bound(from); cell != cells_.end(); ++cell) {
    if (cell->second.acknowledged) times.push_back(cell->first);
  }
  return times;
}

std::string ExpectedTag::check_present(const std::vector<std::int64_t>& times,
                                       const std::vector<Row>& rows) const {
  const std::scoped_lock lock(mutex_);
  for (const std::int64_t time : times) {
    const auto row = std::lower_bound(
        rows.begin(), rows.end(), time,
        [](const Row& candidate, std::int64_t wanted) { return candidate.time < wanted; });
    const bool there = row != rows.end() && row->time == time;
    const auto cell = cells_.find(time);
    const bool may_be_erased =
        !cell->second.acknowledged ||
        std::any_of(cell->second.doubtful.begin(), cell->second.doubtful.end(),
                    [](const auto& value) { return !value; });
    if (!there && !may_be_erased)
      return fmt::format("{}: the sample at {} was acknowledged and cannot be read", path_, time);
  }
  return {};
}

std::string json_of(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::isnan(*number)) return "\"NaN\"";
    if (std::isinf(*number)) return *number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    if (*number == 0.0) return std::signbit(*number) ? "-0.0" : "0.0";
    return fmt::format("{}", *number);  // the shortest text that reads back to the same bits
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("\"{}\"", *number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return "\"" + std::get<std::string>(value) + "\"";
}

}  // namespace tundish::crash
