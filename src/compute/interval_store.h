#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/interval_reader.h"

namespace tundish::compute {

/// Recorded intervals: table compute_interval, wholly in memory. Readers from any thread, one writer.
class IntervalStore final : public IntervalReader {
 public:
  static Result<std::unique_ptr<IntervalStore>> open(io::sqlite::Database& database);

  std::vector<Interval> intervals(EnterpriseId enterprise, AssetId asset, std::string_view kind,
                                  TimeRange range, std::size_t limit) const override;
  std::vector<std::string> kinds(EnterpriseId enterprise, AssetId asset) const override;
  Result<std::vector<Annotation>> annotations(EnterpriseId enterprise,
                                              std::uint64_t interval) const override;
  Status annotate(EnterpriseId enterprise, std::uint64_t interval,
                  const Annotation& annotation) override;
  Result<Interval> find(EnterpriseId enterprise, std::uint64_t interval) const override;
  Result<std::vector<IntervalReason>> reasons(EnterpriseId enterprise,
                                              std::uint64_t interval) const override;
  Status set_reason(EnterpriseId enterprise, std::uint64_t interval,
                    const IntervalReason& reason) override;

  /// What there is now of one asset and kind between `range.from` and `range.to` by their starts. One that
  /// overlaps one that was there goes on as it: the one it shares most time with gives its id. Those that
  /// are gone are removed, or where they have annotations or reasons withdrawn. Whether anything is different now.
  Result<bool> replace(EnterpriseId enterprise, AssetId asset, const std::string& kind,
                       TimeRange range, std::vector<Interval> found);

 private:
  using Key = std::tuple<EnterpriseId, AssetId, std::string>;
  explicit IntervalStore(io::sqlite::Database& database) : database_(database) {}
  Status load();

  io::sqlite::Database& database_;
  Mutex changing_;  ///< of replace and set_reason one at a time
  mutable SharedMutex mutex_;
  std::map<Key, std::vector<Interval>> all_ TUNDISH_GUARDED_BY(mutex_);  ///< ascending by start
};

}  // namespace tundish::compute
