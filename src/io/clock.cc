#include "io/clock.h"

#include <ctime>

namespace tundish::io {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return static_cast<std::int64_t>(time.tv_sec) * kSecond + time.tv_nsec;
}

class RealClock final : public Clock {
 public:
  TimeNs now() const override { return read_clock(CLOCK_REALTIME); }
  DurationNs monotonic() const override { return read_clock(CLOCK_MONOTONIC); }
};

}  // namespace

Clock& real_clock() {
  static RealClock clock;
  return clock;
}

}  // namespace tundish::io
