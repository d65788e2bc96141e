#include "formula/reach.h"

#include <algorithm>

#include "formula/meter.h"

namespace tundish::formula {
namespace {

TimeNs later(TimeNs time, DurationNs by) {
  return time > kTimeMax / 2 - by ? kTimeMax / 2 : time + by;
}

/// Of rows in `context` that change up to `time`: up to when the formula's own rows change.
Result<TimeNs> outward(const Program& program, Sources& sources, std::uint32_t context,
                       TimeNs time) {
  while (context != 0) {
    const Operation& fold = program.steps[program.contexts[context].fold];
    if (fold.fold.slides) {
      time = later(time, fold.length);
    } else if (program.windows[fold.window] != "window") {
      TUNDISH_TRY(const auto windows,
                  sources.windows(program.windows[fold.window], {time, later(time, 1)}));
      if (!windows.empty()) time = std::max(time, windows.back().to);
    }
    if (fold.fold.kind == FoldKind::kStarts) time = later(time, kStartsMemory);
    // An outer fold looks at it at round moments, and holds that.
    if (const DurationNs every = program.contexts[context].every; every > 0)
      time = later(time, every);
    context = program.contexts[context].outer;
    if (const DurationNs every = program.contexts[context].every; every > 0)
      time = later(time, every);
  }
  return time;
}

}  // namespace

Result<TimeNs> reach(const Program& program, Sources& sources, TimeNs time) {
  TimeNs furthest = later(time, 1);
  for (std::uint32_t context = 1; context < program.contexts.size(); ++context) {
    TUNDISH_TRY(const TimeNs end, outward(program, sources, context, time));
    furthest = std::max(furthest, later(end, 1));
  }
  return furthest;
}

std::size_t samples_after(const Program& program) {
  const bool counts = std::ranges::any_of(program.steps, [](const Operation& step) {
    return step.kind == OperationKind::kFold && step.fold.kind == FoldKind::kDelta;
  });
  return counts ? Meter::kMemory : 1;
}

}  // namespace tundish::formula
