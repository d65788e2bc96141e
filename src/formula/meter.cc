#include "formula/meter.h"

namespace tundish::formula {

bool Meter::is_believable(double amount, const Reading& since, TimeNs time,
                          const Facts& facts) const {
  if (!has_limit_) return true;
  const double seconds = static_cast<double>(time - since.time) * 1e-9;
  return amount <= facts.limit * seconds;
}

Meter::Counted Meter::step(const Reading& from, const Reading& to, const Facts& facts) const {
  double amount = to.value - from.value;
  if (amount < 0) {
    const double round = facts.rollover - from.value + to.value;
    if (has_rollover_ && to.value >= 0 && from.value <= facts.rollover &&
        round <= facts.rollover / 2)
      amount = round;
    else if (has_reset_ && to.value >= facts.reset)
      amount = to.value - facts.reset;
    else
      return {.is_doubtful = true};
  }
  if (!is_believable(amount, from, to.time, facts)) return {.is_doubtful = true};
  return {.amount = amount};
}

bool Meter::passes_over(const Reading& before, const Reading& between, const Reading& now,
                        const Facts& facts) const {
  if (now.value < before.value || !step(before, between, facts).is_doubtful) return false;
  if (!is_believable(now.value - before.value, before, now.time, facts)) return false;
  // It fell and is back, or it jumped and is back below.
  return between.value < before.value || now.value < between.value;
}

Meter::Counted Meter::count(double value, TimeNs time, const Facts& facts) {
  const Reading now{value, time};
  Counted counted;
  if (known_ >= 2 && passes_over(before_, last_, now, facts))
    counted.amount = value - before_.value;
  else if (known_ >= 1)
    counted = step(last_, now, facts);
  before_ = last_;
  last_ = now;
  if (known_ < 2) ++known_;
  return counted;
}

}  // namespace tundish::formula
