#include "formula/meter.h"

#include <algorithm>

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
  // More than half a round at once is no count either: one wrong reading would be a round.
  if (has_rollover_ && to.value > from.value && amount > facts.rollover / 2)
    return {.is_doubtful = true};
  if (!is_believable(amount, from, to.time, facts)) return {.is_doubtful = true};
  return {.amount = amount};
}

bool Meter::passes_over(std::size_t before, const Reading& now, const Facts& facts) const {
  const Reading& base = at(before);
  const Reading& last = at(known_ - 1);
  if (now.value < base.value) return false;
  if (!step(base, at(before + 1), facts).is_doubtful && !step(last, now, facts).is_doubtful)
    return false;
  if (!is_believable(now.value - base.value, base, now.time, facts)) return false;
  double low = base.value;
  bool fell = true, jumped = true;
  for (std::size_t i = before + 1; i < known_; ++i) {
    fell = fell && at(i).value < base.value;
    jumped = jumped && at(i).value > now.value;
    low = std::min(low, at(i).value);
  }
  return jumped || (fell && now.value - last.value > (base.value - low) / 2);
}

double Meter::since(std::size_t before, const Reading& now, const Facts& facts) const {
  double amount = now.value - at(before).value;
  for (std::size_t i = before + 1; i + 1 < known_; ++i)
    amount -= step(at(i), at(i + 1), facts).amount;
  return std::max(amount, 0.0);
}

Meter::Counted Meter::count(double value, TimeNs time, const Facts& facts) {
  const Reading now{value, time};
  Counted counted;
  if (known_ >= 1) counted = step(at(known_ - 1), now, facts);
  since_doubt_ = counted.is_doubtful ? 0 : since_doubt_ + 1;
  // Most readings have no doubt before them.
  if (since_doubt_ < kMemory)
    for (std::size_t before = known_ >= 2 ? known_ - 1 : 0; before-- > 0;)
      if (passes_over(before, now, facts)) {
        counted = {.amount = since(before, now, facts)};
        break;
      }
  if (known_ < kMemory)
    ++known_;
  else
    oldest_ = (oldest_ + 1) % kMemory;
  readings_[(oldest_ + known_ - 1) % kMemory] = now;
  return counted;
}

}  // namespace tundish::formula
