#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"

namespace tundish::access {

inline constexpr std::size_t kPasswordBytesMin = 10;
inline constexpr std::size_t kPasswordBytesMax = 256;

/// Errors: kInvalidArgument with the rule that `password` breaks: 10..256 bytes, well-formed UTF-8,
/// not the user's name.
Status check_password_rules(std::string_view password, std::string_view user_name);

/// What one argon2id hash costs (RFC 9106: t and m; one lane).
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = std::size_t{19} << 20;
};

/// argon2id, behind a gate: each hash takes tens of milliseconds and megabytes, so few run at once
/// and who comes on top waits a little and is then turned away. Any thread.
class PasswordHasher {
 public:
  struct Options {
    PasswordCost cost;
    unsigned at_once_max = 2;
    unsigned waiting_max = 32;
    DurationNs wait_max = kSecond;
  };
  explicit PasswordHasher(Options options);

  /// The hash with its salt and cost, as text to keep. Errors: kOverloaded.
  Result<std::string> hash(std::string_view password);
  /// Whether `password` made `hash`. An empty `hash` stands for a user that does not exist or has no
  /// password: it costs the same and never matches. Errors: kOverloaded.
  Result<bool> verify(std::string_view hash, std::string_view password);

  std::uint64_t hashes() const;  ///< made since the start, verifications included

 private:
  Status enter();
  void leave();

  const Options options_;
  std::string decoy_;  ///< a hash of something nobody knows
  mutable Mutex mutex_;
  Condition left_;
  unsigned running_ TUNDISH_GUARDED_BY(mutex_) = 0;
  unsigned waiting_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::uint64_t hashes_ TUNDISH_GUARDED_BY(mutex_) = 0;
};

}  // namespace tundish::access
