#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/value.h"
#include "pack/readers.h"

namespace tundish::pack {
namespace {

constexpr std::string_view kHeader = "fault,alarm,asset,delay,kpi";
constexpr std::array kColumns{"fault", "alarm", "asset", "delay", "kpi"};
constexpr std::size_t kLinesMax = 10'000;

void read_line(Source& source, std::string_view line, std::uint32_t number, Pack& pack) {
  std::array<std::string, kColumns.size()> cells;
  const std::string key = fmt::format("fault/{}", pack.faults.size());
  std::size_t column = 0, at = 0;
  for (; at <= line.size(); ++column) {
    const std::size_t comma = std::min(line.find(',', at), line.size());
    if (column < cells.size()) {
      cells[column] = line.substr(at, comma - at);
      source.places().note(fmt::format("{}/{}", key, kColumns[column]), source.file(),
                           {number, static_cast<std::uint32_t>(at + 1)});
    }
    at = comma + 1;
  }
  if (column != kColumns.size())
    return source.add(formula::Place{number, 1},
                      fmt::format("a line has five cells, {}, and this has {}", kHeader, column));
  const auto delay = parse_duration(cells[3]);
  if (!delay || *delay < 0 || *delay > kDay)
    return source.add(source.places().at(key + "/delay", "a delay is 0s to 1d, such as 15s"));
  pack.faults.push_back({cells[0], cells[1], cells[2], cells[4], *delay});
}

}  // namespace

void read_expected_faults(Source& source, Pack& pack) {
  std::string_view rest = source.text();
  if (rest.size() > kFileBytesMax || !is_utf8(rest))
    return source.add(formula::Place{}, "this is UTF-8 of at most 1 MiB");
  for (std::uint32_t number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number > kLinesMax) return source.add(formula::Place{number, 1}, "more than 10,000 lines");
    if (number == 1) {
      if (line != kHeader)
        return source.add(formula::Place{}, fmt::format("the first line is {}", kHeader));
    } else if (!line.empty()) {
      read_line(source, line, number, pack);
    }
  }
}

}  // namespace tundish::pack
