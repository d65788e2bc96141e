#include "ingest/in_flight.h"

namespace tundish::ingest {

Result<InFlight::Ticket> InFlight::enter(EnterpriseId enterprise, std::size_t bytes) {
  const MutexLock lock(mutex_);
  std::size_t& own = by_enterprise_[enterprise];
  if (own != 0 && (own + bytes > enterprise_bytes_max_ || total_ + bytes > total_bytes_max_))
    return fail(
        ErrorCode::kOverloaded,
        "Too much is still being stored for this enterprise. Nothing of this body was kept; "
        "send it again in a second, or send less at the same time.");
  own += bytes;
  total_ += bytes;
  return Ticket(*this, enterprise, bytes);
}

void InFlight::leave(EnterpriseId enterprise, std::size_t bytes) {
  const MutexLock lock(mutex_);
  total_ -= bytes;
  const auto own = by_enterprise_.find(enterprise);
  own->second -= bytes;
  if (own->second == 0) by_enterprise_.erase(own);
}

std::size_t InFlight::bytes() const {
  const MutexLock lock(mutex_);
  return total_;
}

std::size_t InFlight::bytes(EnterpriseId enterprise) const {
  const MutexLock lock(mutex_);
  const auto own = by_enterprise_.find(enterprise);
  return own == by_enterprise_.end() ? 0 : own->second;
}

}  // namespace tundish::ingest
