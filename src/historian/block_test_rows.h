#pragma once

#include <random>
#include <string>

#include "historian/block_format.h"

// Rows for tests and the golden file of blocks: the same seed gives the same rows for ever.

namespace tundish::historian {

inline StoredColumns block_test_rows(ValueType type, std::size_t count, TimeNs start,
                                     std::uint64_t seed) {
  std::mt19937_64 random(seed);
  StoredColumns rows;
  rows.columns.type = type;
  TimeNs time = start;
  Version version;
  for (std::size_t i = 0; i < count; ++i) {
    const auto step = random() % 16;
    if (step == 0 && i > 0) {
      ++version.sequence;  // a second version of the same time
    } else {
      time += kSecond + (step < 4 ? static_cast<TimeNs>(step) * kMillisecond : 0);
      version = {SampleClass::kMeasured, 100, 7, 1, 1000 + i, static_cast<std::uint32_t>(step), 0};
    }
    Sample sample{time, 0.0, random() % 40 == 0 ? kBadNoCommunication : kGood};
    switch (type) {
      case ValueType::kDouble: sample.value = static_cast<double>(random() % 5000) / 100.0; break;
      case ValueType::kInt64: sample.value = static_cast<std::int64_t>(i * 3 + random() % 3); break;
      case ValueType::kBool: sample.value = random() % 20 < 10; break;
      case ValueType::kString: sample.value = "state " + std::to_string(random() % 6); break;
    }
    rows.columns.push_back(sample);
    rows.versions.push_back(version);
  }
  return rows;
}

}  // namespace tundish::historian
