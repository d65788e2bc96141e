#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "io/random.h"

namespace tundish::access {

/// What is kept of a secret: BLAKE2b-256 under a key that names its use. The secrets hashed so are
/// 256 random bits, so a fast hash is as good as a slow one. Compared in constant time.
struct SecretHash {
  std::array<std::byte, 32> bytes{};

  bool operator==(const SecretHash& other) const;
  ByteSpan span() const { return bytes; }
  /// From a stored blob; false when it has another size.
  static bool from(ByteSpan stored, SecretHash& out);
};

enum class SecretUse { kToken, kSession, kLink };

SecretHash hash_secret(SecretUse use, std::string_view secret);

inline constexpr std::size_t kSecretChars = 43;  ///< 256 bits in base64url without padding
inline constexpr std::string_view kTokenPrefix = "tnd_";

/// 256 random bits as 43 characters of base64url.
std::string make_secret(io::Random& random);
/// Length and alphabet of make_secret: what cannot be a secret is refused before it is hashed.
bool looks_like_secret(std::string_view text);

/// What X-CSRF-Token must say for a session: derived from its cookie, so there is nothing to keep.
std::string csrf_of(std::string_view cookie);

}  // namespace tundish::access

template <>
struct std::hash<tundish::access::SecretHash> {
  std::size_t operator()(const tundish::access::SecretHash& secret) const noexcept {
    std::size_t first = 0;
    std::memcpy(&first, secret.bytes.data(), sizeof first);
    return first;
  }
};
