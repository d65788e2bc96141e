#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "io/random.h"

namespace tundish::access {

/// Says which attempts to sign in are worth a hash. Three token buckets look at each attempt: that of
/// its address, of the pair (name, address), and of the name. A failure costs a token in each; a
/// success gives them back.
///
/// 1. A guesser at one address runs out of its address or pair bucket after a few attempts; the name's
///    own bucket is asked last, so the guesser does not use it up and the user comes in from elsewhere.
/// 2. Where a user has signed in lately is remembered: from there only the pair bucket counts, so
///    neither a flood of guesses from many addresses nor a neighbour behind the same address shuts
///    the user out.
/// 3. Buckets lie in tables of fixed size, found by a keyed hash. Two keys may share a bucket; nobody
///    outside can tell which, and no flood of names can use up memory.
///
/// Any thread. Time is monotonic.
class LoginLimiter {
 public:
  struct Rate {
    double capacity;         ///< attempts at once
    DurationNs refill_each;  ///< time for one more
  };
  struct Options {
    Rate address{20, kMinute};
    Rate pair{5, kMinute};
    Rate name{20, kSecond};
    DurationNs known_for = 30 * kDay;
    std::size_t slots = std::size_t{1} << 14;  ///< per table, 16 bytes each
  };

  LoginLimiter(const Options& options, io::Random& random);

  struct Keys {
    std::uint64_t address, pair, name;
  };
  struct Attempt {
    DurationNs wait = 0;  ///< 0: go on; otherwise the time until it is worth trying again
    Keys keys{};
    bool known = false;  ///< the user signed in from there lately
  };
  /// Counts as a failure until succeeded() or withdrawn() gives it back.
  Attempt admit(std::string_view name, std::string_view address, DurationNs now);
  void succeeded(const Attempt& attempt, DurationNs now);
  /// Nothing was tried after all.
  void withdrawn(const Attempt& attempt, DurationNs now);

 private:
  struct Bucket {
    double spent = 0;  ///< tokens missing as of `at`
    DurationNs at = 0;
  };
  struct Known {
    std::uint64_t pair = 0;
    DurationNs until = 0;
  };

  Keys keys(std::string_view name, std::string_view address) const;
  DurationNs wait_of(const std::vector<Bucket>& table, std::uint64_t key, Rate rate,
                     DurationNs now) const;
  void take(std::vector<Bucket>& table, std::uint64_t key, Rate rate, double tokens,
            DurationNs now);
  void take_all(const Attempt& attempt, double tokens, DurationNs now) TUNDISH_REQUIRES(mutex_);

  const Options options_;
  std::array<std::byte, 16> key_;
  Mutex mutex_;
  std::vector<Bucket> addresses_ TUNDISH_GUARDED_BY(mutex_);
  std::vector<Bucket> pairs_ TUNDISH_GUARDED_BY(mutex_);
  std::vector<Bucket> names_ TUNDISH_GUARDED_BY(mutex_);
  std::vector<Known> known_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::access
