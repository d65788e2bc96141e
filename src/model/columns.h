#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/sample.h"

namespace tundish {

/// Samples of one tag in columns, ascending in time unless said otherwise; n entries in each of
/// the three vectors. `bits` is a double's bits, an int64, a bool as 0 or 1, or for strings
/// (offset << 32 | length) into `text`.
struct Columns {
  ValueType type = ValueType::kDouble;
  std::vector<TimeNs> times;
  std::vector<std::uint64_t> bits;
  std::vector<std::uint32_t> qualities;
  std::string text;

  std::size_t size() const { return times.size(); }
  bool empty() const { return times.empty(); }
  void clear();
  void reserve(std::size_t count);

  Sample at(std::size_t index) const;
  std::string_view text_at(std::size_t index) const {
    return std::string_view(text).substr(bits[index] >> 32, bits[index] & 0xFFFFFFFFu);
  }
  /// `sample` must be of `type`.
  void push_back(const Sample& sample);
  /// Copies entry `index` of `other`, which must be of the same type.
  void push_from(const Columns& other, std::size_t index);
  /// The value as a double for int64, bool and double; strings have none (NaN).
  double number_at(std::size_t index) const;
};

}  // namespace tundish
