#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace tundish::simulate {

/// Recorded numbers of a real plant or a published benchmark: rows of columns. A cell that is no
/// number is a NaN.
struct Recording {
  std::string file;
  std::vector<std::string> columns;  ///< names from the header, or `1`, `2`, ... without one
  std::vector<double> cells;         ///< row by row
  std::size_t rows() const { return columns.empty() ? 0 : cells.size() / columns.size(); }
  double at(std::size_t row, std::size_t column) const {
    return cells[row * columns.size() + column];
  }
};

/// Reads a table, gzipped if the name ends in .gz: comma-separated with a header when the first
/// line holds a comma and a letter, else columns by white space and no header.
/// `transposed` swaps rows and columns. At most 64 MiB unpacked and 8,000,000 numbers.
/// Errors: kNotFound, kTooLarge, kCorruption, kInvalidArgument with the line when rows differ in length.
Result<Recording> read_recording(const std::string& path, bool transposed);

}  // namespace tundish::simulate
