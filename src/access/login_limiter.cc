#include "access/login_limiter.h"

#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "io/address_key.h"

namespace tundish::access {

LoginLimiter::LoginLimiter(const Options& options, io::Random& random)
    : options_(options),
      addresses_(options.slots),
      pairs_(options.slots),
      names_(options.slots),
      known_(options.slots) {
  TUNDISH_CHECK(options.slots > 0);
  random.fill(key_);
}

LoginLimiter::Keys LoginLimiter::keys(std::string_view name, std::string_view address) const {
  const auto key_of = [&](char kind, const std::string& text) {
    const std::string message = kind + text;
    std::uint64_t key = 0;
    static_assert(crypto_shorthash_BYTES == sizeof key && crypto_shorthash_KEYBYTES == sizeof key_);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&key),
                     reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                     reinterpret_cast<const unsigned char*>(key_.data()));
    return key;
  };
  const std::string who(name.substr(0, 128));
  const std::string from = io::address_key(address);
  return {key_of('a', from), key_of('p', who + '\n' + from), key_of('n', who)};
}

/// Until the bucket holds a whole token again.
DurationNs LoginLimiter::wait_of(const std::vector<Bucket>& table, std::uint64_t key, Rate rate,
                                 DurationNs now) const {
  const Bucket& bucket = table[key % table.size()];
  const double each = static_cast<double>(rate.refill_each);
  const double spent = bucket.spent - static_cast<double>(now - bucket.at) / each;
  const double missing = spent + 1 - rate.capacity;
  return missing <= 0 ? 0 : static_cast<DurationNs>(std::ceil(missing * each));
}

void LoginLimiter::take(std::vector<Bucket>& table, std::uint64_t key, Rate rate, double tokens,
                        DurationNs now) {
  Bucket& bucket = table[key % table.size()];
  const double refilled =
      static_cast<double>(now - bucket.at) / static_cast<double>(rate.refill_each);
  bucket.spent = std::max(std::max(bucket.spent - refilled, 0.0) + tokens, 0.0);
  bucket.at = now;
}

void LoginLimiter::take_all(const Attempt& attempt, double tokens, DurationNs now) {
  take(pairs_, attempt.keys.pair, options_.pair, tokens, now);
  if (attempt.known) return;
  take(addresses_, attempt.keys.address, options_.address, tokens, now);
  take(names_, attempt.keys.name, options_.name, tokens, now);
}

LoginLimiter::Attempt LoginLimiter::admit(std::string_view name, std::string_view address,
                                          DurationNs now) {
  Attempt attempt;
  attempt.keys = keys(name, address);
  const MutexLock lock(mutex_);
  const Known& known = known_[attempt.keys.pair % known_.size()];
  attempt.known = known.pair == attempt.keys.pair && now < known.until;
  attempt.wait = wait_of(pairs_, attempt.keys.pair, options_.pair, now);
  if (!attempt.known) {
    attempt.wait =
        std::max(attempt.wait, wait_of(addresses_, attempt.keys.address, options_.address, now));
    attempt.wait = std::max(attempt.wait, wait_of(names_, attempt.keys.name, options_.name, now));
  }
  if (attempt.wait == 0) take_all(attempt, 1, now);
  return attempt;
}

void LoginLimiter::succeeded(const Attempt& attempt, DurationNs now) {
  const MutexLock lock(mutex_);
  take_all(attempt, -1, now);
  known_[attempt.keys.pair % known_.size()] = {attempt.keys.pair, now + options_.known_for};
}

void LoginLimiter::withdrawn(const Attempt& attempt, DurationNs now) {
  const MutexLock lock(mutex_);
  take_all(attempt, -1, now);
}

}  // namespace tundish::access
