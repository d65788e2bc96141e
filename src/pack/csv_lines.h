#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pack/places.h"

namespace tundish::pack {

/// One cell and the column, from 1, of its first character.
struct CsvCell {
  std::string_view text;
  std::uint32_t column = 1;
};

/// Calls `line` with the number and the cells of each line behind the first that is not empty. No quotes: no
/// cell has a comma. A first line other than `header`, or a line with another number of cells, is a mistake and
/// not passed on. Bounded: 1 MiB, 10,000 lines.
void read_csv(
    Source& source, std::string_view header,
    const std::function<void(std::uint32_t number, const std::vector<CsvCell>& cells)>& line);

}  // namespace tundish::pack
