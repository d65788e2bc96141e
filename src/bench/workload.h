#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/value.h"

namespace tundish::bench {

/// What a plant measures, by how its values move. Of every 20 tags 10, 4, 3, 2 and 1.
enum class TagKind : std::uint8_t {
  kSlowAnalog,   ///< drifts, and is read in steps of the sensor's resolution
  kNoisyAnalog,  ///< noise around a level, three or four decimals
  kCounter,      ///< int64, grows by a few a second
  kSetPoint,     ///< changes a few times an hour
  kBool,         ///< changes every few minutes
};
inline constexpr std::size_t kTagKinds = 5;

std::string_view tag_kind_name(TagKind kind);

/// The work that all benches share. Equal options give equal samples.
struct WorkloadOptions {
  std::uint32_t tags = 10'000;
  std::uint32_t seconds = 3'600;  ///< samples a tag, one a second
  std::uint64_t seed = 1;
  bool jitter =
      false;  ///< times are off the second by some milliseconds, as a scan cycle makes them
  /// Of a hundred samples so many are sent late, each by up to `late_max_s`.
  std::uint32_t late_percent = 0;
  std::uint32_t late_max_s = 3'600;
  TimeNs start = 1'767'225'600 * kSecond;  ///< 2026-01-01T00:00:00Z

  std::uint64_t samples() const { return std::uint64_t{tags} * seconds; }
  TimeNs end() const { return start + static_cast<TimeNs>(seconds) * kSecond; }
};

/// Errors: kInvalidArgument where a number is 0 or beyond what the benches are made for.
Status check_workload(const WorkloadOptions& options);

TagKind tag_kind(std::uint32_t tag);
ValueType tag_type(std::uint32_t tag);
/// `enterprise/works/line07/m042/temperature_123`: as long as paths of plants are.
std::string tag_path(std::string_view enterprise, std::uint32_t tag);

/// One reading; `bits` as in Columns (model/columns.h), by the type of its tag.
struct WorkloadSample {
  TimeNs time = 0;
  std::uint64_t bits = 0;
};

/// The samples of one tag, first to last. A few words of state, so a million of them stand side by side.
class TagStream {
 public:
  TagStream(const WorkloadOptions& options, std::uint32_t tag);
  /// The next sample. There is always one; the caller counts the seconds.
  WorkloadSample next();

 private:
  std::uint64_t random();
  double uniform();  ///< [0, 1)
  double normal();   ///< mean 0, deviation 1
  std::uint64_t value();
  double slow_analog();
  double noisy_analog();

  TimeNs time_;
  std::uint64_t state_;  ///< of the random numbers
  std::int64_t count_ = 0;
  double level_ = 0;   ///< where the value is now, in steps of its resolution
  double middle_ = 0;  ///< what it returns to
  double spread_ = 0;
  std::uint32_t steps_per_unit_ = 1;  ///< resolution: 1 / so many units
  TagKind kind_;
  bool jitter_;
};

/// A sample as it is sent: of which tag.
struct WorkloadRow {
  std::uint32_t tag = 0;
  WorkloadSample sample;
};

/// The samples of the tags [first, last) in the order in which a gateway sends them: second by second, those
/// that are late after the second in which they arrive.
class WorkloadStream {
 public:
  WorkloadStream(const WorkloadOptions& options, std::uint32_t first, std::uint32_t last);
  /// Appends the rows of the next second to `rows`; false when none are left. The last second brings all that
  /// is still late.
  bool next_second(std::vector<WorkloadRow>& rows);

 private:
  struct Late {
    std::uint32_t second;
    WorkloadRow row;
  };
  std::uint64_t random();

  const WorkloadOptions options_;
  const std::uint32_t first_;
  std::vector<TagStream> streams_;
  std::vector<Late> late_;  ///< a heap, the earliest arrival on top
  std::uint32_t second_ = 0;
  std::uint64_t state_;
};

}  // namespace tundish::bench
