#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tundish::formula {

// Values on their way through a formula: n rows each. A condition is 0 or 1; a text is its number in
// the evaluation's dictionary. A Bad row's value means nothing.

/// Borrowed rows. `qualities` null: all Good.
struct View {
  const double* values = nullptr;
  const std::uint32_t* qualities = nullptr;

  double value(std::size_t row) const { return values[row]; }
  std::uint32_t quality(std::size_t row) const { return qualities == nullptr ? 0 : qualities[row]; }
};

/// Rows of its own, or borrowed; the memory is used again by the next slice.
struct Column {
  std::vector<double> values;
  std::vector<std::uint32_t> qualities;
  bool all_good = true;
  View borrowed = {};  ///< when it has values they count, and none of the above

  void resize(std::size_t rows) { values.resize(rows); }
  /// Makes room for qualities; they hold whatever they held.
  void want_qualities() {
    qualities.resize(values.size());
    all_good = false;
  }
  View view() const {
    if (borrowed.values != nullptr) return borrowed;
    return {values.data(), all_good ? nullptr : qualities.data()};
  }
};

}  // namespace tundish::formula
