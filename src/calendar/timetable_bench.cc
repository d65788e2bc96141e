// What a look-up costs for those who ask per sample. Europe/Berlin, three shifts, eight-day cycle.
#include "calendar/timetable.h"

#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>

namespace tundish::calendar {
namespace {

Timetable three_shifts() {
  std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  Calendar calendar;
  calendar.name = "works";
  calendar.time_zone = "Europe/Berlin";
  calendar.day_start = 6 * kHour;
  for (int i = 0; i < 3; ++i)
    calendar.shifts.push_back({.name = std::string(1, static_cast<char>('a' + i)),
                               .words = {},
                               .from = (6 + 8 * i) % 24 * kHour,
                               .length = 8 * kHour});
  auto zone = std::make_shared<const Zone>(Zone::parse(as_byte_span(bytes)).value());
  return Timetable::make({{std::move(calendar), std::move(zone)}}).value();
}

/// Arg: the kind of window. Times 17 minutes apart, over some thirty years again and again.
void window_at(benchmark::State& state) {
  const auto table = three_shifts();
  const auto kind = static_cast<WindowKind>(state.range(0));
  const TimeNs start = 1'700'000'000 * kSecond;
  TimeNs time = start;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.window_at(kind, time));
    time += 17 * kMinute;
    if (time > start + 10'000 * kDay) time = start;
  }
  state.SetLabel(std::string(window_kind_name(kind)));
}
BENCHMARK(window_at)->DenseRange(0, 5);

void shifts_of_a_year(benchmark::State& state) {
  const auto table = three_shifts();
  const TimeNs start = 1'700'000'000 * kSecond;
  for (auto _ : state)
    benchmark::DoNotOptimize(table.windows(WindowKind::kShift, {start, start + 365 * kDay}));
}
BENCHMARK(shifts_of_a_year)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tundish::calendar
