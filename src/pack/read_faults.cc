#include <fmt/format.h>

#include <array>

#include "pack/csv_lines.h"
#include "pack/readers.h"

namespace tundish::pack {

void read_expected_faults(Source& source, Pack& pack) {
  constexpr std::array kColumns{"fault", "alarm", "asset", "delay", "kpi"};
  read_csv(
      source, "fault,alarm,asset,delay,kpi",
      [&](std::uint32_t number, const std::vector<CsvCell>& cells) {
        const std::string key = fmt::format("fault/{}", pack.faults.size());
        for (std::size_t i = 0; i < kColumns.size(); ++i)
          source.places().note(fmt::format("{}/{}", key, kColumns[i]), source.file(),
                               formula::Place{number, cells[i].column});
        const auto delay = parse_duration(cells[3].text);
        if (!delay || *delay < 0 || *delay > kDay)
          return source.add(formula::Place{number, cells[3].column},
                            "a delay is 0s to 1d, such as 15s");
        if (cells[1].text.empty() && cells[4].text.empty())
          return source.add(formula::Place{number, cells[1].column},
                            "a fault brings about an alarm, moves a KPI, or both");
        pack.faults.push_back({std::string(cells[0].text), std::string(cells[1].text),
                               std::string(cells[2].text), std::string(cells[4].text), *delay});
      });
}

}  // namespace tundish::pack
