#include "compute/patch.h"

#include <algorithm>
#include <cmath>

#include "model/value.h"

namespace tundish::compute {

Patch::Patch(Snapshot& snapshot, const DerivedTag& tag, Writer& writer, TimeNs from,
             TimeNs fresh_from)
    : snapshot_(snapshot), tag_(tag), writer_(writer), covered_(from), fresh_from_(fresh_from) {}

Sample Patch::result_at(const formula::Results& results, std::size_t row) const {
  Sample sample = results.at(row);
  if (auto* number = std::get_if<double>(&sample.value); number != nullptr && tag_.conversion)
    *number = (*tag_.conversion)(*number);
  const ValueType type = tag_.attribute->definition.type;
  if (type_of(sample.value) == type) return sample;
  auto converted = convert_exact(sample.value, type);
  if (converted) {
    sample.value = *std::move(converted);
    return sample;
  }
  // A number that the tag's type cannot hold is no result.
  if (!sample.quality.is_bad()) sample.quality = kBadOutOfRange;
  switch (type) {
    case ValueType::kDouble: sample.value = std::nan(""); break;
    case ValueType::kInt64: sample.value = std::int64_t{0}; break;
    case ValueType::kBool: sample.value = false; break;
    case ValueType::kString: sample.value = std::string(); break;
  }
  return sample;
}

void Patch::differ(TimeNs time) {
  if (!changed_) changed_ = TimeRange{time, time + 1};
  changed_->from = std::min(changed_->from, time);
  changed_->to = std::max(changed_->to, time + 1);
}

Status Patch::take(const formula::Results& results) {
  return replace(&results, results.times.back() + 1);
}

Status Patch::finish(TimeNs to) { return to > covered_ ? replace(nullptr, to) : Status(); }

Status Patch::replace(const formula::Results* results, TimeNs to) {
  const std::size_t rows = results == nullptr ? 0 : results->times.size();
  const TagId tag = tag_.attribute->tag;
  std::size_t row = 0;
  const auto put = [&](std::size_t at) {
    const Sample sample = result_at(*results, at);
    writer_.put(tag, sample);
    differ(sample.time);
  };
  const TimeRange stored{covered_, std::min(to, fresh_from_)};
  if (stored.from < stored.to)
    TUNDISH_RETURN_IF_ERROR(snapshot_.scan(tag, stored, [&](const Columns& columns) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const TimeNs time = columns.times[i];
        while (row < rows && results->times[row] < time) put(row++);
        if (row >= rows || results->times[row] > time) {
          writer_.remove(tag, time);
          differ(time);
          continue;
        }
        const Sample was = columns.at(i), is = result_at(*results, row);
        // Of two Bad ones with one reason the value means nothing.
        const bool same =
            was.quality == is.quality && (is.quality.is_bad() || same_bits(was.value, is.value));
        if (!same) put(row);
        ++row;
      }
      return true;
    }));
  while (row < rows) put(row++);
  covered_ = to;
  return {};
}

}  // namespace tundish::compute
