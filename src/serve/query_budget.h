#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "base/result.h"
#include "model/ids.h"

namespace tundish::serve {

/// At most so many calls of one enterprise at a time, so that a noisy tenant leaves workers for the
/// others. Any thread.
class EnterpriseSlots {
 public:
  explicit EnterpriseSlots(std::size_t slots_max) : slots_max_(slots_max) {}

  class Slot {
   public:
    Slot(EnterpriseSlots& owner, EnterpriseId enterprise)
        : owner_(&owner), enterprise_(enterprise) {}
    Slot(Slot&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), enterprise_(other.enterprise_) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (owner_ != nullptr) owner_->release(enterprise_);
    }

   private:
    EnterpriseSlots* owner_;
    EnterpriseId enterprise_;
  };

  /// Waits at most `patience` for a free slot. Errors: kOverloaded.
  Result<Slot> take(EnterpriseId enterprise, std::chrono::milliseconds patience) {
    const MutexLock lock(mutex_);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (used_[enterprise] >= slots_max_ && freed_.wait_until(mutex_, until)) {
    }
    if (used_[enterprise] >= slots_max_)
      return fail(ErrorCode::kOverloaded,
                  "this enterprise has as many requests under way as it may; try again");
    ++used_[enterprise];
    return Slot(*this, enterprise);
  }

 private:
  void release(EnterpriseId enterprise) {
    {
      const MutexLock lock(mutex_);
      if (--used_[enterprise] == 0) used_.erase(enterprise);
    }
    freed_.notify_all();
  }

  const std::size_t slots_max_;
  Mutex mutex_;
  Condition freed_;
  std::unordered_map<EnterpriseId, std::size_t> used_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::serve
