#pragma once

#include <deque>
#include <unordered_map>

#include "base/mutex.h"
#include "io/clock.h"
#include "model/ports/door.h"
#include "model/ports/enterprise_store.h"

namespace tundish::serve {

/// Samples accepted per second and enterprise, over the last ten seconds, from the ledger's counts.
/// `tick` is called about once a second on one thread; `per_second` on any.
class Rates {
 public:
  Rates(const Ledger& ledger, const EnterpriseStore& enterprises, const io::Clock& clock)
      : ledger_(ledger), enterprises_(enterprises), clock_(clock) {}

  void tick();
  double per_second(EnterpriseId enterprise) const;

 private:
  struct Count {
    DurationNs at = 0;  ///< monotonic
    std::uint64_t accepted = 0;
  };

  const Ledger& ledger_;
  const EnterpriseStore& enterprises_;
  const io::Clock& clock_;
  mutable Mutex mutex_;
  std::unordered_map<EnterpriseId, std::deque<Count>> counts_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::serve
