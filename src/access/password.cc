#include "access/password.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <chrono>

#include "base/check.h"
#include "model/value.h"

namespace tundish::access {

namespace {

/// The text form with salt and cost ($argon2id$...). Memory for a hash may be refused by the system.
Result<std::string> argon2id(std::string_view password, const PasswordCost& cost) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(ErrorCode::kOverloaded, "there is no memory to hash a password; try again");
  return std::string(text.data());
}

}  // namespace

Status check_password_rules(std::string_view password, std::string_view user_name) {
  const auto bad = [](std::string why) {
    return fail(ErrorCode::kInvalidArgument, "a password " + std::move(why), "password");
  };
  if (password.size() < kPasswordBytesMin)
    return bad(fmt::format("has at least {} characters", kPasswordBytesMin));
  if (password.size() > kPasswordBytesMax)
    return bad(fmt::format("has at most {} bytes", kPasswordBytesMax));
  if (!is_utf8(password)) return bad("is UTF-8 text");
  if (password == user_name) return bad("is not the user's name");
  return {};
}

PasswordHasher::PasswordHasher(Options options) : options_(options) {
  TUNDISH_CHECK(sodium_init() >= 0);
  std::array<char, 32> unknown{};
  randombytes_buf(unknown.data(), unknown.size());
  // Where even this has no memory, an empty decoy refuses faster than a real hash would.
  if (auto decoy = argon2id({unknown.data(), unknown.size()}, options_.cost)) decoy_ = *decoy;
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
  TUNDISH_RETURN_IF_ERROR(enter());
  auto text = argon2id(password, options_.cost);
  leave();
  return text;
}

Result<bool> PasswordHasher::verify(std::string_view hash, std::string_view password) {
  TUNDISH_RETURN_IF_ERROR(enter());
  const bool exists = !hash.empty();
  const std::string text = exists ? std::string(hash) : decoy_;
  // Longer than any password: it is wrong, at the same price. libsodium takes no null pointer.
  if (password.size() > kPasswordBytesMax || password.data() == nullptr) password = "";
  const bool matches =
      crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
  leave();
  return exists && matches;
}

std::uint64_t PasswordHasher::hashes() const {
  const MutexLock lock(mutex_);
  return hashes_;
}

Status PasswordHasher::enter() {
  const MutexLock lock(mutex_);
  if (running_ >= options_.at_once_max) {
    const auto busy = [] {
      return fail(ErrorCode::kOverloaded, "too many people are signing in; try again in a moment");
    };
    if (waiting_ >= options_.waiting_max) return busy();
    ++waiting_;
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::nanoseconds(options_.wait_max);
    while (running_ >= options_.at_once_max && left_.wait_until(mutex_, until)) {
    }
    --waiting_;
    if (running_ >= options_.at_once_max) return busy();
  }
  ++running_;
  ++hashes_;
  return {};
}

void PasswordHasher::leave() {
  {
    const MutexLock lock(mutex_);
    --running_;
  }
  left_.notify_one();
}

}  // namespace tundish::access
