#include "access/secret.h"

#include <sodium.h>

#include <algorithm>

#include "base/check.h"

namespace tundish::access {

namespace {

/// BLAKE2b-256 of `text` under a key that names the use, so that a hash of one kind is never one of
/// another.
std::array<std::byte, 32> keyed_hash(std::string_view use, std::string_view text) {
  std::array<std::byte, 32> hash;
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(use.data()), use.size());
  return hash;
}

std::string base64url(ByteSpan bytes) {
  std::string text(
      sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the zero at its end
  return text;
}

}  // namespace

bool SecretHash::operator==(const SecretHash& other) const {
  return sodium_memcmp(bytes.data(), other.bytes.data(), bytes.size()) == 0;
}

bool SecretHash::from(ByteSpan stored, SecretHash& out) {
  if (stored.size() != out.bytes.size()) return false;
  std::ranges::copy(stored, out.bytes.begin());
  return true;
}

SecretHash hash_secret(SecretUse use, std::string_view secret) {
  // Keys of BLAKE2b have at least 16 bytes. What is stored depends on them: never change one.
  switch (use) {
    case SecretUse::kToken: return {keyed_hash("tundish api token", secret)};
    case SecretUse::kSession: return {keyed_hash("tundish session cookie", secret)};
    case SecretUse::kLink: return {keyed_hash("tundish one-time link", secret)};
  }
  TUNDISH_CHECK(false);
}

std::string make_secret(io::Random& random) {
  std::array<std::byte, 32> bytes;
  random.fill(bytes);
  std::string text = base64url(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return text;
}

bool looks_like_secret(std::string_view text) {
  return text.size() == kSecretChars && std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::string csrf_of(std::string_view cookie) {
  return base64url(keyed_hash("tundish csrf token", cookie));
}

}  // namespace tundish::access
