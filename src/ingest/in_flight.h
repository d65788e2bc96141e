#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"
#include "model/ids.h"

namespace tundish::ingest {

/// Bytes of the batches that are on their way through the door, bounded for each enterprise and for
/// all, so that one that sends too much is told to wait while the others go on. Any thread.
class InFlight {
 public:
  InFlight(std::size_t enterprise_bytes_max, std::size_t total_bytes_max)
      : enterprise_bytes_max_(enterprise_bytes_max), total_bytes_max_(total_bytes_max) {}

  /// A batch's place; given back when it is destroyed.
  class Ticket {
   public:
    Ticket(InFlight& owner, EnterpriseId enterprise, std::size_t bytes)
        : owner_(&owner), enterprise_(enterprise), bytes_(bytes) {}
    Ticket(Ticket&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)),
          enterprise_(other.enterprise_),
          bytes_(other.bytes_) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (owner_ != nullptr) owner_->leave(enterprise_, bytes_);
    }

   private:
    InFlight* owner_;
    EnterpriseId enterprise_;
    std::size_t bytes_;
  };

  /// An enterprise with nothing under way always gets in: no batch is too large to ever pass.
  /// Errors: kOverloaded.
  Result<Ticket> enter(EnterpriseId enterprise, std::size_t bytes);

  std::size_t bytes() const;
  std::size_t bytes(EnterpriseId enterprise) const;

 private:
  void leave(EnterpriseId enterprise, std::size_t bytes);

  const std::size_t enterprise_bytes_max_;
  const std::size_t total_bytes_max_;
  mutable Mutex mutex_;
  std::unordered_map<EnterpriseId, std::size_t> by_enterprise_ TUNDISH_GUARDED_BY(mutex_);
  std::size_t total_ TUNDISH_GUARDED_BY(mutex_) = 0;
};

}  // namespace tundish::ingest
