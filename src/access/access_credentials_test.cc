#include "access/access.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "access/access_testing.h"

namespace tundish::access {
namespace {

// --- API tokens --------------------------------------------------------------------------------

TEST_F(AccessTest, TokensAreVerifiedAndRemoved) {
  const auto created = make_token("line-3");
  EXPECT_TRUE(created.secret.starts_with("tnd_"));
  EXPECT_EQ(created.secret.size(), 47u);
  restart();
  const auto credential = access_->verify_token(created.secret);
  ASSERT_TRUE(credential);
  EXPECT_EQ(credential->kind, Credential::Kind::kToken);
  EXPECT_EQ(credential->id, created.token.id);
  EXPECT_EQ(credential->user, 0u);
  EXPECT_EQ(credential->actor, "token:line-3");
  EXPECT_EQ(credential->role, Role::kOperator);
  EXPECT_EQ(credential->enterprise, kSteel);
  EXPECT_EQ(credential->enterprise_code, "steel-01");
  EXPECT_TRUE(credential->may_create_tags);
  ASSERT_TRUE(access_->remove_token(kSteel, created.token.id));
  EXPECT_EQ(code_of(access_->verify_token(created.secret)), ErrorCode::kUnauthenticated);
  restart();
  EXPECT_FALSE(access_->verify_token(created.secret));
}

TEST_F(AccessTest, TokensExpire) {
  const auto created = access_->create_token({.name = "short",
                                              .role = Role::kViewer,
                                              .enterprise = kSteel,
                                              .may_create_tags = false,
                                              .expires = kStart + kHour});
  ASSERT_TRUE(created);
  EXPECT_TRUE(access_->verify_token(created->secret));
  clock_.advance(kHour);
  EXPECT_FALSE(access_->verify_token(created->secret));
  EXPECT_EQ(code_of(access_->create_token({.name = "past",
                                           .role = Role::kViewer,
                                           .enterprise = kSteel,
                                           .may_create_tags = false,
                                           .expires = kStart})),
            ErrorCode::kInvalidArgument);
}

TEST_F(AccessTest, TokenNamesAreUniquePerEnterprise) {
  make_token("line", kSteel);
  make_token("line", kChem);
  EXPECT_EQ(
      code_of(access_->create_token({.name = "line", .role = Role::kViewer, .enterprise = kSteel})),
      ErrorCode::kAlreadyExists);
  EXPECT_EQ(
      code_of(access_->create_token({.name = "a\nb", .role = Role::kViewer, .enterprise = kSteel})),
      ErrorCode::kInvalidArgument);
}

TEST_F(AccessTest, LastUseIsKeptToTheMinuteAndNotWrittenPerRequest) {
  const auto created = make_token("line");
  const auto changes = [&] {
    auto transaction = database_->begin_read();
    auto rows = transaction->prepare("SELECT total_changes()");
    EXPECT_TRUE(rows->next().value());
    return rows->integer(0);
  };
  clock_.advance(90 * kSecond);
  const auto before = changes();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(access_->verify_token(created.secret));
  EXPECT_EQ(changes(), before);
  const TimeNs minute = clock_.now() - clock_.now() % kMinute;
  EXPECT_EQ(access_->tokens(kSteel)[0].last_used, minute);
  ASSERT_TRUE(access_->maintain());
  EXPECT_EQ(changes(), before + 1);
  ASSERT_TRUE(access_->maintain());
  EXPECT_EQ(changes(), before + 1);
  clock_.advance(kMinute);
  ASSERT_TRUE(access_->verify_token(created.secret));
  restart();  // writes it as it closes
  EXPECT_EQ(access_->tokens(kSteel)[0].last_used, minute + kMinute);
}

TEST_F(AccessTest, ForgedTokensAreRefusedAlike) {
  const auto created = make_token("line");
  std::string flipped = created.secret;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
  const auto reference = access_->verify_token("tnd_" + std::string(43, 'A')).error().to_string();
  for (const std::string& secret :
       {std::string(), std::string("tnd_"), flipped, created.secret + "A", created.secret.substr(4),
        "TND_" + created.secret.substr(4), std::string("tnd_' OR '1'='1"),
        std::string(1 << 20, 'x')})
    EXPECT_EQ(access_->verify_token(secret).error().to_string(), reference);
  EXPECT_TRUE(access_->verify_token(created.secret));
}

TEST_F(AccessTest, NoSecretIsKept) {
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  const auto token = make_token("line");
  const auto link = access_->make_link(kSteel, Role::kViewer, "bo", kHour);
  ASSERT_TRUE(link);
  const std::string bytes = bytes_at_rest();
  ASSERT_NE(bytes.find("access_user"), std::string::npos);
  for (const std::string_view secret :
       {std::string_view(grant.cookie), std::string_view(grant.credential.csrf),
        std::string_view(token.secret).substr(4), std::string_view(*link), kPassword})
    EXPECT_EQ(bytes.find(secret), std::string::npos);
}

// --- one-time links ----------------------------------------------------------------------------

TEST_F(AccessTest, TheFirstOperatorComesInByALinkThatWorksOnce) {
  const auto secret = access_->make_link(std::nullopt, Role::kPlatformOperator, "operator", kHour);
  ASSERT_TRUE(secret);
  restart();
  EXPECT_TRUE(access_->needs_first_operator());
  const auto grant = access_->redeem_link(*secret, "192.0.2.1");
  ASSERT_TRUE(grant) << grant.error().to_string();
  EXPECT_EQ(grant->credential.role, Role::kPlatformOperator);
  EXPECT_EQ(grant->credential.enterprise, std::nullopt);
  EXPECT_TRUE(is_signed_in(*grant));
  EXPECT_FALSE(access_->needs_first_operator());
  EXPECT_EQ(code_of(access_->redeem_link(*secret, "192.0.2.1")), ErrorCode::kUnauthenticated);
  restart();
  EXPECT_FALSE(access_->needs_first_operator());
  EXPECT_TRUE(is_signed_in(*grant));
  EXPECT_FALSE(access_->redeem_link(*secret, "192.0.2.1"));
  // Who came by a link sets a first password without an old one.
  ASSERT_TRUE(access_->change_password(grant->credential, "", kPassword));
  EXPECT_EQ(code_of(access_->change_password(grant->credential, "", "another good one")),
            ErrorCode::kPermissionDenied);
  sign_in("operator");
  make_user("successor", Role::kPlatformOperator, std::nullopt);
  ASSERT_TRUE(access_->remove_user(std::nullopt, grant->credential.user));
  EXPECT_FALSE(access_->needs_first_operator()) << "it was signed in once";
}

TEST_F(AccessTest, OfManyWhoRedeemALinkOneComesIn) {
  const auto secret = access_->make_link(kSteel, Role::kViewer, "anna", kHour);
  ASSERT_TRUE(secret);
  std::atomic<int> in = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      if (access_->redeem_link(*secret, "192.0.2.1")) ++in;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(in, 1);
  EXPECT_EQ(access_->users(kSteel).size(), 1u);
}

TEST_F(AccessTest, WhoTriesLinksAllDayIsToldSoAndKeepsNobodyOut) {
  const auto link = access_->make_link(kSteel, Role::kViewer, "anna", kHour);
  ASSERT_TRUE(link);
  int refused = 0;
  for (int i = 0; i < 1000; ++i)
    if (code_of(access_->redeem_link(make_secret(io::real_random()), "192.0.2.66")) ==
        ErrorCode::kOverloaded)
      ++refused;
  EXPECT_GE(refused, 990);
  EXPECT_TRUE(access_->redeem_link(*link, "192.0.2.66"));
}

TEST_F(AccessTest, ALinkWithoutARoleIsForWhoIsThere) {
  make_user("anna", Role::kEngineer);
  make_user("foreign", Role::kEngineer, kChem);
  const auto nobody = access_->make_link(kSteel, std::nullopt, "ana", kHour);
  ASSERT_EQ(code_of(nobody), ErrorCode::kNotFound);
  EXPECT_NE(nobody.error().message.find("role"), std::string::npos) << "how to invite a new one";
  const auto foreign = access_->make_link(kSteel, std::nullopt, "foreign", kHour);
  ASSERT_EQ(code_of(foreign), ErrorCode::kNotFound) << "tells who is in another enterprise";
  EXPECT_EQ(access_->users(std::nullopt).size(), 2u);

  const auto link = access_->make_link(kSteel, std::nullopt, "anna", kHour);
  ASSERT_TRUE(link);
  const auto grant = access_->redeem_link(*link, "192.0.2.1");
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->credential.role, Role::kEngineer);
  EXPECT_TRUE(access_->make_link(kSteel, Role::kViewer, "ana", kHour)) << "said explicitly";
}

TEST_F(AccessTest, LinksExpireAndAreReplaced) {
  const auto first = access_->make_link(kSteel, Role::kViewer, "anna", kHour);
  const auto second = access_->make_link(kSteel, Role::kViewer, "anna", kHour);
  ASSERT_TRUE(second);
  EXPECT_FALSE(access_->redeem_link(*first, "")) << "the later link takes its place";
  clock_.advance(kHour);
  EXPECT_FALSE(access_->redeem_link(*second, ""));
  ASSERT_TRUE(access_->maintain());
  EXPECT_TRUE(access_->users(kSteel).empty());
  EXPECT_EQ(code_of(access_->make_link(kSteel, Role::kViewer, "anna", 0)),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(access_->make_link(kSteel, Role::kViewer, "anna", 366 * kDay)),
            ErrorCode::kInvalidArgument);
}

TEST_F(AccessTest, ALinkFindsItsUserButRaisesNobody) {
  const User anna = make_user("anna", Role::kEngineer);
  const auto link = access_->make_link(kSteel, Role::kAdministrator, "anna", kHour);
  ASSERT_TRUE(link);
  const auto grant = access_->redeem_link(*link, "");
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->credential.user, anna.id);
  EXPECT_EQ(grant->credential.role, Role::kEngineer);
  // Not into another enterprise, and not into an account above the link's role.
  EXPECT_EQ(code_of(access_->make_link(kChem, Role::kAdministrator, "anna", kHour)),
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(access_->make_link(kSteel, Role::kViewer, "anna", kHour)),
            ErrorCode::kConflict);
}

TEST_F(AccessTest, ALinkDoesNotOutlastWhatItWasMadeFor) {
  make_user("other", Role::kAdministrator);
  const User anna = make_user("anna", Role::kViewer);
  auto link = access_->make_link(kSteel, Role::kViewer, "anna", kHour);
  ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.role = Role::kAdministrator}));
  EXPECT_FALSE(access_->redeem_link(*link, "")) << "the user has risen above it";
  link = access_->make_link(kSteel, Role::kAdministrator, "anna", kHour);
  ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.disabled = true}));
  EXPECT_FALSE(access_->redeem_link(*link, ""));
  ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.disabled = false}));
  link = access_->make_link(kSteel, Role::kAdministrator, "anna", kHour);
  ASSERT_TRUE(access_->remove_user(kSteel, anna.id));
  EXPECT_FALSE(access_->redeem_link(*link, "")) << "a removed user comes back";
}

TEST_F(AccessTest, AnInvitedNameIsKeptForItsEnterprise) {
  const auto link = access_->make_link(kSteel, Role::kViewer, "anna", kHour);
  ASSERT_TRUE(link);
  EXPECT_EQ(code_of(access_->make_link(kChem, Role::kViewer, "anna", kHour)),
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(access_->create_user({.name = "anna",
                                          .display_name = "",
                                          .role = Role::kViewer,
                                          .enterprise = kChem,
                                          .password = std::nullopt})),
            ErrorCode::kAlreadyExists);
  EXPECT_TRUE(access_->redeem_link(*link, ""));
}

}  // namespace
}  // namespace tundish::access
