#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "model/sample.h"
#include "model/version.h"

namespace tundish {

/// The columns that every batch has: n rows; `bits` as in Columns, each row of its own type.
struct BatchColumns {
  std::vector<TimeNs> times;
  std::vector<std::uint32_t> qualities;
  std::vector<ValueType> types;
  std::vector<std::uint64_t> bits;
  std::string text;

  std::size_t size() const { return times.size(); }
  void push_back(TimeNs time, const Value& value, Quality quality);
  std::string_view text_at(std::size_t row) const {
    return std::string_view(text).substr(bits[row] >> 32, bits[row] & 0xFFFFFFFFu);
  }
  Value value_at(std::size_t row) const;
  Sample at(std::size_t row) const { return {times[row], value_at(row), Quality{qualities[row]}}; }
};

/// What a connector or an HTTP body hands to the door: paths, not yet ids. One enterprise's, whose
/// name the caller's credential gives, never the batch.
struct ReceivedBatch {
  std::vector<std::string> paths;         ///< distinct full paths, `enterprise/.../attribute`
  std::vector<std::uint32_t> path_index;  ///< per row: into `paths`
  BatchColumns rows;
  /// Rows, ascending, whose string is spelt as a number by a form that has no other way to write it
  /// (`"NaN"` or `"9007199254740993"` in JSON): the door reads them as the tag's type says.
  std::vector<std::uint32_t> number_like;
  std::uint64_t unreadable = 0;  ///< rows of the body that could not even be read; for the ledger

  /// Set when the sender numbered it (see Door::open_stream); otherwise the door does.
  struct Number {
    std::string source;
    std::string stream;
    std::uint32_t epoch = 0;
    std::uint64_t sequence = 0;
  };
  std::optional<Number> number;
  std::optional<SampleClass> sample_class;  ///< default kMeasured

  void push_back(std::uint32_t path, TimeNs time, const Value& value, Quality quality) {
    path_index.push_back(path);
    rows.push_back(time, value, quality);
  }
};

/// A numbered batch of one enterprise with tags resolved and values of each tag's type: what the
/// historian journals, whole or not at all.
struct SampleBatch {
  EnterpriseId enterprise;
  BatchNumber number;
  SampleClass sample_class = SampleClass::kMeasured;
  std::uint8_t priority = Version::kPriorityDefault;
  std::vector<std::uint32_t> tags;  ///< per row: TagId::number
  std::vector<std::uint32_t>
      row_numbers;  ///< per row: its row in the batch as sent; empty = 0..n-1.
                    ///< Refused rows leave holes, so a repeat has equal versions.
  BatchColumns rows;

  std::size_t size() const { return tags.size(); }
  std::uint32_t row_number(std::size_t row) const {
    return row_numbers.empty() ? static_cast<std::uint32_t>(row) : row_numbers[row];
  }
  Version version(std::size_t row) const {
    return {sample_class,    priority,        number.source, number.epoch,
            number.sequence, row_number(row), number.stream};
  }
};

}  // namespace tundish
