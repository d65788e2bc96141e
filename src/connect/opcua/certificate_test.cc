#include "connect/opcua/certificate.h"

#include <gtest/gtest.h>

#include "connect/opcua/own_identity.h"
#include "io/simulated_disk.h"

namespace tundish::connect::opcua {
namespace {

const OwnIdentity& identity() {
  static const OwnIdentity made = [] {
    io::SimulatedDisk disk(1);
    return *load_or_make_identity(disk, "pki/own", "plant-host");
  }();
  return made;
}

TEST(Certificate, TellsWhatAPersonNeeds) {
  const auto certificate = parse_certificate(identity().certificate);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fingerprint.size(), 64u);
  EXPECT_NE(certificate->subject.find("CN=Tundish@plant-host"), std::string::npos);
  EXPECT_EQ(certificate->application_uri, "urn:plant-host:tundish");
  EXPECT_EQ(certificate->application_uri, identity().application_uri);
}

TEST(Certificate, TakesTheLeafOfAChain) {
  Bytes chain = identity().certificate;
  chain.insert(chain.end(), identity().certificate.begin(), identity().certificate.end());
  const auto leaf = parse_certificate(chain);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->der, identity().certificate);
  EXPECT_EQ(leaf->fingerprint, parse_certificate(identity().certificate)->fingerprint);
}

TEST(Certificate, RefusesAnythingElse) {
  EXPECT_FALSE(parse_certificate({}));
  EXPECT_FALSE(parse_certificate(identity().key));
  EXPECT_FALSE(parse_certificate(ByteSpan(identity().certificate).first(100)));
  EXPECT_FALSE(parse_certificate(Bytes(70'000)));
}

TEST(Certificate, IsValidBetweenItsDates) {
  Certificate certificate;
  certificate.not_before = 100 * kSecond;
  certificate.not_after = 200 * kSecond;
  EXPECT_TRUE(check_validity(certificate, 150 * kSecond));
  EXPECT_NE(check_validity(certificate, 99 * kSecond).error().message.find("not valid before"),
            std::string::npos);
  EXPECT_NE(check_validity(certificate, 201 * kSecond).error().message.find("expired"),
            std::string::npos);
}

TEST(Certificate, FingerprintsComeInManyForms) {
  EXPECT_EQ(normal_fingerprint("AB:cd 12-ef"), "abcd12ef");
}

TEST(OwnIdentity, IsMadeOnceAndNeverReplaced) {
  io::SimulatedDisk disk(1);
  const auto first = load_or_make_identity(disk, "pki/own", "host");
  ASSERT_TRUE(first);
  const auto second = load_or_make_identity(disk, "pki/own", "another-host");
  ASSERT_TRUE(second);
  EXPECT_EQ(first->certificate, second->certificate);
  EXPECT_EQ(first->application_uri, second->application_uri);

  ASSERT_TRUE(disk.remove("pki/own/key.der"));
  EXPECT_EQ(load_or_make_identity(disk, "pki/own", "host").error().code, ErrorCode::kCorruption);
}

}  // namespace
}  // namespace tundish::connect::opcua
