#pragma once

#include "base/time.h"
#include "model/quality.h"
#include "model/value.h"

namespace tundish {

/// One reading: the source's timestamp, its value, and the source's own status code.
struct Sample {
  TimeNs time = 0;
  Value value = 0.0;
  Quality quality = kGood;
};

/// Equal in time, quality and every bit of the value.
inline bool same_bits(const Sample& a, const Sample& b) {
  return a.time == b.time && a.quality == b.quality && same_bits(a.value, b.value);
}

}  // namespace tundish
