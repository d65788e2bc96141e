#include "serve/rates.h"

namespace tundish::serve {

void Rates::tick() {
  const DurationNs now = clock_.monotonic();
  for (const Enterprise& enterprise : enterprises_.enterprises()) {
    std::uint64_t accepted = 0;
    for (const LedgerRow& row : ledger_.rows(enterprise.id, {})) accepted += row.accepted;
    const MutexLock lock(mutex_);
    auto& counts = counts_[enterprise.id];
    // The ledger forgets hours that are too old; a total that shrank starts a new measurement.
    if (!counts.empty() && accepted < counts.back().accepted) counts.clear();
    counts.push_back({now, accepted});
    while (counts.size() > 2 && counts.front().at < now - 10 * kSecond) counts.pop_front();
  }
}

double Rates::per_second(EnterpriseId enterprise) const {
  const MutexLock lock(mutex_);
  const auto found = counts_.find(enterprise);
  if (found == counts_.end() || found->second.size() < 2) return 0.0;
  const Count& first = found->second.front();
  const Count& last = found->second.back();
  const double seconds = static_cast<double>(last.at - first.at) / 1e9;
  return seconds > 0 ? static_cast<double>(last.accepted - first.accepted) / seconds : 0.0;
}

}  // namespace tundish::serve
