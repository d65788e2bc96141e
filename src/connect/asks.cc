#include "connect/asks.h"

namespace tundish::connect {

Result<Asks::Ask> Asks::begin(EnterpriseId enterprise) {
  const MutexLock lock(mutex_);
  const auto found = by_enterprise_.find(enterprise);
  const std::size_t of_enterprise = found == by_enterprise_.end() ? 0 : found->second;
  if (all_ >= all_max_ || of_enterprise >= enterprise_max_)
    return fail(ErrorCode::kOverloaded,
                "answers of other servers are still awaited: try again in a few seconds");
  ++all_;
  ++by_enterprise_[enterprise];
  return Ask(*this, enterprise);
}

void Asks::end(EnterpriseId enterprise) {
  const MutexLock lock(mutex_);
  --all_;
  const auto found = by_enterprise_.find(enterprise);
  if (--found->second == 0) by_enterprise_.erase(found);
}

}  // namespace tundish::connect
