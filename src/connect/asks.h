#pragma once

#include <cstddef>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"
#include "model/ids.h"

namespace tundish::connect {

/// How many people wait for answers of servers just now. Each waits on a thread of the interface, of
/// which there are few, and a server may take as long as it likes: without a limit a few questions to
/// an address that never answers hold up everybody. Any thread; it outlives its Asks.
class Asks {
 public:
  /// At most `all_max` at a time, `enterprise_max` of one enterprise.
  Asks(std::size_t all_max, std::size_t enterprise_max)
      : all_max_(all_max), enterprise_max_(enterprise_max) {}

  /// One question, counted until the end of its scope.
  class Ask {
   public:
    Ask(Asks& asks, EnterpriseId enterprise) : asks_(&asks), enterprise_(enterprise) {}
    ~Ask() {
      if (asks_ != nullptr) asks_->end(enterprise_);
    }
    Ask(Ask&& other) noexcept
        : asks_(std::exchange(other.asks_, nullptr)), enterprise_(other.enterprise_) {}
    Ask& operator=(Ask&&) = delete;

   private:
    Asks* asks_;
    EnterpriseId enterprise_;
  };

  /// Errors: kOverloaded.
  Result<Ask> begin(EnterpriseId enterprise);

 private:
  void end(EnterpriseId enterprise);

  const std::size_t all_max_;
  const std::size_t enterprise_max_;
  Mutex mutex_;
  std::size_t all_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::map<EnterpriseId, std::size_t> by_enterprise_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::connect
