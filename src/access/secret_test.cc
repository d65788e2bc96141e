#include "access/secret.h"

#include <gtest/gtest.h>

#include <set>

#include "io/random.h"

namespace tundish::access {
namespace {

TEST(Secret, Is256BitsOfBase64Url) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string secret = make_secret(io::real_random());
    EXPECT_EQ(secret.size(), kSecretChars);
    EXPECT_TRUE(looks_like_secret(secret)) << secret;
    EXPECT_TRUE(seen.insert(secret).second);
  }
}

TEST(Secret, RefusesWhatCannotBeOne) {
  const std::string secret(43, 'A');
  EXPECT_TRUE(looks_like_secret(secret));
  for (const std::string& text :
       {std::string(), secret + "A", secret.substr(1), secret.substr(1) + "=",
        secret.substr(1) + "+", secret.substr(1) + std::string(1, '\0'), std::string(1 << 20, 'A')})
    EXPECT_FALSE(looks_like_secret(text)) << text.size();
}

TEST(Secret, HashesDifferByUseAndByEveryBit) {
  const std::string secret(43, 'A');
  const auto hash = hash_secret(SecretUse::kToken, secret);
  EXPECT_EQ(hash, hash_secret(SecretUse::kToken, secret));
  EXPECT_FALSE(hash == hash_secret(SecretUse::kSession, secret));
  EXPECT_FALSE(hash == hash_secret(SecretUse::kLink, secret));
  EXPECT_FALSE(hash == hash_secret(SecretUse::kToken, secret.substr(1) + "B"));
}

// The stored form: if this changes, every token, session and link of an installation ends. The figures are
// those of Python's hashlib.blake2b(b'A' * 43, key=..., digest_size=32).
TEST(Secret, TheStoredFormStays) {
  const auto first_bytes = [](SecretUse use) {
    const auto hash = hash_secret(use, std::string(43, 'A'));
    std::uint32_t first = 0;
    std::memcpy(&first, hash.bytes.data(), sizeof first);
    return first;
  };
  EXPECT_EQ(first_bytes(SecretUse::kToken), 179860550u);
  EXPECT_EQ(first_bytes(SecretUse::kSession), 3871286834u);
  EXPECT_EQ(first_bytes(SecretUse::kLink), 2420412332u);
}

TEST(Secret, TheCsrfTokenSaysNothingOfTheCookie) {
  const std::string cookie = make_secret(io::real_random());
  const std::string csrf = csrf_of(cookie);
  EXPECT_EQ(csrf, csrf_of(cookie));
  EXPECT_TRUE(looks_like_secret(csrf));
  EXPECT_NE(csrf, cookie);
  EXPECT_NE(csrf, csrf_of(make_secret(io::real_random())));
}

TEST(Secret, StoredHashesHaveOneSize) {
  SecretHash hash;
  const auto original = hash_secret(SecretUse::kToken, "x");
  EXPECT_TRUE(SecretHash::from(original.span(), hash));
  EXPECT_EQ(hash, original);
  EXPECT_FALSE(SecretHash::from(original.span().subspan(1), hash));
}

}  // namespace
}  // namespace tundish::access
