#include "pack/csv_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/value.h"

namespace tundish::pack {
namespace {

constexpr std::size_t kLinesMax = 10'000;

/// Bytes that start a character of UTF-8.
std::uint32_t characters(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<CsvCell> cells_of(std::string_view line) {
  std::vector<CsvCell> cells;
  std::uint32_t column = 1;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t comma = std::min(line.find(',', at), line.size());
    cells.push_back({line.substr(at, comma - at), column});
    column += characters(cells.back().text) + 1;
    at = comma + 1;
  }
  return cells;
}

}  // namespace

void read_csv(
    Source& source, std::string_view header,
    const std::function<void(std::uint32_t number, const std::vector<CsvCell>& cells)>& line) {
  std::string_view rest = source.text();
  if (rest.size() > kFileBytesMax || !is_utf8(rest))
    return source.add(formula::Place{}, "this is UTF-8 of at most 1 MiB");
  const std::size_t columns = cells_of(header).size();
  for (std::uint32_t number = 1; !rest.empty(); ++number) {
    std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (number > kLinesMax) return source.add(formula::Place{number, 1}, "more than 10,000 lines");
    if (number == 1) {
      if (text != header) source.add(formula::Place{}, fmt::format("the first line is {}", header));
      continue;
    }
    if (text.empty()) continue;
    const auto cells = cells_of(text);
    if (cells.size() != columns)
      source.add(formula::Place{number, 1}, fmt::format("a line has {} cells, {}, and this has {}",
                                                        columns, header, cells.size()));
    else
      line(number, cells);
  }
}

}  // namespace tundish::pack
