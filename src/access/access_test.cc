#include "access/access.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "access/access_testing.h"

namespace tundish::access {
namespace {

// --- users -------------------------------------------------------------------------------------

TEST_F(AccessTest, StartsWithoutAnyCredential) {
  EXPECT_TRUE(access_->needs_first_operator());
  EXPECT_TRUE(access_->users(std::nullopt).empty());
  EXPECT_TRUE(access_->tokens(std::nullopt).empty());
  for (const std::string_view name : {"admin", "root", "operator", ""})
    for (const std::string_view password : {"admin", "", "tundish", "password"})
      EXPECT_EQ(code_of(access_->login(name, password, std::string(name) + ".example")),
                ErrorCode::kUnauthenticated);
}

TEST_F(AccessTest, SignsInAndKeepsTheScope) {
  const User anna = make_user("anna", Role::kEngineer, kSteel);
  const SessionGrant grant = sign_in("Anna");  // people type names as they like
  EXPECT_EQ(grant.credential.kind, Credential::Kind::kSession);
  EXPECT_EQ(grant.credential.user, anna.id);
  EXPECT_EQ(grant.credential.actor, "user:anna");
  EXPECT_EQ(grant.credential.role, Role::kEngineer);
  EXPECT_EQ(grant.credential.enterprise, kSteel);
  EXPECT_EQ(grant.credential.enterprise_code, "steel-01");
  EXPECT_FALSE(grant.credential.may_create_tags);
  const auto verified = access_->verify_session(grant.cookie);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->id, grant.credential.id);
  EXPECT_EQ(verified->csrf, grant.credential.csrf);
  EXPECT_NE(verified->csrf, grant.cookie);
  EXPECT_EQ(access_->user(kSteel, anna.id)->last_login, kStart);
}

TEST_F(AccessTest, WrongUnknownDisabledAndWithoutPasswordAnswerTheSame) {
  make_user("anna");
  const User bo = make_user("bo");
  ASSERT_TRUE(access_->update_user(kSteel, bo.id, {.disabled = true}));
  ASSERT_TRUE(access_->create_user({.name = "cy",
                                    .display_name = "",
                                    .role = Role::kViewer,
                                    .enterprise = kSteel,
                                    .password = std::nullopt}));
  const auto before = access_->password_hashes();
  const auto wrong = access_->login("anna", "not the password", "192.0.2.1");
  const auto unknown = access_->login("nobody", kPassword, "192.0.2.1");
  const auto disabled = access_->login("bo", kPassword, "192.0.2.1");
  const auto without = access_->login("cy", "", "192.0.2.1");
  EXPECT_EQ(access_->password_hashes(), before + 4) << "not every one cost a hash";
  for (const auto* const result : {&wrong, &unknown, &disabled, &without}) {
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(result->error().to_string(), wrong.error().to_string());
  }
}

TEST_F(AccessTest, RolesAndEnterprisesGoTogether) {
  const auto create = [&](Role role, std::optional<EnterpriseId> enterprise) {
    return access_->create_user({.name = "x",
                                 .display_name = "",
                                 .role = role,
                                 .enterprise = enterprise,
                                 .password = std::nullopt});
  };
  EXPECT_EQ(code_of(create(Role::kPlatformOperator, kSteel)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(create(Role::kAdministrator, std::nullopt)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(create(Role::kViewer, EnterpriseId(99))), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(create(static_cast<Role>(9), kSteel)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(access_->create_token({.name = "t", .role = Role::kViewer})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(access_->make_link(kSteel, Role::kPlatformOperator, "x", kHour)),
            ErrorCode::kInvalidArgument);
}

TEST_F(AccessTest, ATokenThatOnlyReadsCreatesNoTags) {
  const auto create = [&](Role role) {
    return access_->create_token({.name = "of a " + std::string(role_name(role)),
                                  .role = role,
                                  .enterprise = kSteel,
                                  .may_create_tags = true});
  };
  const auto refused = create(Role::kViewer);
  EXPECT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("operator"), std::string::npos);
  EXPECT_TRUE(create(Role::kOperator));
}

TEST_F(AccessTest, NobodyBecomesOrStopsBeingAPlatformOperator) {
  const User anna = make_user("anna");
  const User root = make_user("root", Role::kPlatformOperator, std::nullopt);
  EXPECT_EQ(code_of(access_->update_user(kSteel, anna.id, {.role = Role::kPlatformOperator})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(access_->update_user(std::nullopt, root.id, {.role = Role::kViewer})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(access_->update_user(kSteel, anna.id, {.role = Role::kAdministrator})->role,
            Role::kAdministrator);
}

TEST_F(AccessTest, TheLastAdministratorStays) {
  const User anna = make_user("anna", Role::kAdministrator);
  const User bo = make_user("bo", Role::kAdministrator);
  make_user("cy", Role::kEngineer);
  make_user("dee", Role::kAdministrator, kChem);
  make_user("root", Role::kPlatformOperator, std::nullopt);
  ASSERT_TRUE(access_->update_user(kSteel, bo.id, {.disabled = true}));
  const auto refused = [&] {
    EXPECT_EQ(code_of(access_->remove_user(kSteel, anna.id)), ErrorCode::kConflict);
    EXPECT_EQ(code_of(access_->remove_user(std::nullopt, anna.id)), ErrorCode::kConflict);
    EXPECT_EQ(code_of(access_->update_user(kSteel, anna.id, {.disabled = true})),
              ErrorCode::kConflict);
    EXPECT_EQ(code_of(access_->update_user(kSteel, anna.id, {.role = Role::kEngineer})),
              ErrorCode::kConflict);
  };
  refused();
  restart();
  refused();
  // Everything else about her may change, and with another one in charge she may go.
  EXPECT_TRUE(access_->update_user(
      kSteel, anna.id, {.display_name = "Anna", .password = std::string("another good one")}));
  ASSERT_TRUE(access_->update_user(kSteel, bo.id, {.disabled = false}));
  EXPECT_TRUE(access_->update_user(kSteel, anna.id, {.role = Role::kViewer}));
  EXPECT_TRUE(access_->remove_user(kSteel, anna.id));
  EXPECT_EQ(code_of(access_->remove_user(kSteel, bo.id)), ErrorCode::kConflict);
}

TEST_F(AccessTest, TheLastPlatformOperatorStays) {
  const User root = make_user("root", Role::kPlatformOperator, std::nullopt);
  make_user("anna", Role::kAdministrator);
  EXPECT_EQ(code_of(access_->remove_user(std::nullopt, root.id)), ErrorCode::kConflict);
  EXPECT_EQ(code_of(access_->update_user(std::nullopt, root.id, {.disabled = true})),
            ErrorCode::kConflict);
  const User other = make_user("other", Role::kPlatformOperator, std::nullopt);
  EXPECT_TRUE(access_->update_user(std::nullopt, root.id, {.disabled = true}));
  EXPECT_TRUE(access_->remove_user(std::nullopt, root.id)) << "the other one is in charge";
  EXPECT_EQ(code_of(access_->remove_user(std::nullopt, other.id)), ErrorCode::kConflict);
}

TEST_F(AccessTest, OfTwoAdministratorsLeavingAtOnceOneStays) {
  for (int round = 0; round < 20; ++round) {
    const User anna = make_user("anna" + std::to_string(round), Role::kAdministrator, kChem);
    const User bo = make_user("bo" + std::to_string(round), Role::kAdministrator, kChem);
    // The one left over from the round before goes first, while these two are in charge.
    for (const User& user : access_->users(kChem)) {
      if (user.id == anna.id || user.id == bo.id) continue;
      ASSERT_TRUE(access_->remove_user(kChem, user.id));
    }
    std::atomic<int> done = 0;
    std::thread first([&] { done += access_->remove_user(kChem, anna.id) ? 1 : 0; });
    std::thread second(
        [&] { done += access_->update_user(kChem, bo.id, {.role = Role::kOperator}) ? 1 : 0; });
    first.join();
    second.join();
    ASSERT_EQ(done, 1);
  }
}

TEST_F(AccessTest, ANewRoleHoldsAtOnce) {
  make_user("other", Role::kAdministrator);
  const User anna = make_user("anna", Role::kAdministrator);
  const SessionGrant grant = sign_in("anna");
  ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.role = Role::kViewer}));
  EXPECT_EQ(access_->verify_session(grant.cookie)->role, Role::kViewer);
}

TEST_F(AccessTest, NamesAreUniqueInTheInstallationAndOddTextStaysText) {
  make_user("anna");
  EXPECT_EQ(code_of(access_->create_user({.name = "anna",
                                          .display_name = "",
                                          .role = Role::kViewer,
                                          .enterprise = kChem,
                                          .password = std::nullopt})),
            ErrorCode::kAlreadyExists);
  const std::string odd = "Robert'); DROP TABLE access_user;-- \"<b>高炉</b>/";
  const auto user = access_->create_user({.name = "robert",
                                          .display_name = odd,
                                          .role = Role::kViewer,
                                          .enterprise = kChem,
                                          .password = std::nullopt});
  ASSERT_TRUE(user);
  restart();
  EXPECT_EQ(access_->user(kChem, user->id)->display_name, odd);
  EXPECT_EQ(access_->users(std::nullopt).size(), 2u);
  for (const std::string_view name : {"a'b", "x;--", "A", "a b", ""})
    EXPECT_EQ(code_of(access_->create_user({.name = std::string(name),
                                            .display_name = "",
                                            .role = Role::kViewer,
                                            .enterprise = kChem,
                                            .password = std::nullopt})),
              ErrorCode::kInvalidArgument);
}

TEST_F(AccessTest, ANewNameCanBeSeen) {
  const auto create = [&](std::string display_name) {
    return access_->create_user({.name = "anna",
                                 .display_name = std::move(display_name),
                                 .role = Role::kViewer,
                                 .enterprise = kSteel,
                                 .password = std::nullopt});
  };
  EXPECT_EQ(code_of(create("anna\u202E")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(create(" Anna")), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(create("Anna 李"));
  EXPECT_EQ(code_of(access_->create_token(
                {.name = "line\u200B", .role = Role::kViewer, .enterprise = kSteel})),
            ErrorCode::kInvalidArgument);
}

TEST_F(AccessTest, AnotherEnterprisesAnswersLikeWhatDoesNotExist) {
  const User anna = make_user("anna", Role::kViewer, kSteel);
  const auto token = make_token("line", kSteel);
  const auto same = [](const Error& foreign, const Error& absent) {
    EXPECT_EQ(foreign.code, ErrorCode::kNotFound);
    EXPECT_EQ(foreign.to_string(), absent.to_string());
  };
  same(access_->user(kChem, anna.id).error(), access_->user(kChem, 999).error());
  same(access_->update_user(kChem, anna.id, {.disabled = true}).error(),
       access_->update_user(kChem, 999, {.disabled = true}).error());
  same(access_->remove_user(kChem, anna.id).error(), access_->remove_user(kChem, 999).error());
  same(access_->remove_token(kChem, token.token.id).error(),
       access_->remove_token(kChem, 999).error());
  EXPECT_TRUE(access_->users(kChem).empty());
  EXPECT_TRUE(access_->tokens(kChem).empty());
  EXPECT_EQ(access_->users(kSteel).size(), 1u);
  EXPECT_FALSE(access_->user(kSteel, anna.id)->disabled);
  EXPECT_TRUE(access_->verify_token(token.secret));
  const User root = make_user("root", Role::kPlatformOperator, std::nullopt);
  EXPECT_EQ(code_of(access_->user(kSteel, root.id)), ErrorCode::kNotFound);
}

TEST_F(AccessTest, IdsAreNotUsedAgain) {
  const User anna = make_user("anna");
  ASSERT_TRUE(access_->remove_user(kSteel, anna.id));
  restart();
  EXPECT_GT(make_user("anna").id, anna.id);
}

// --- sessions ----------------------------------------------------------------------------------

TEST_F(AccessTest, SessionsEndWhenIdle) {
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  for (int i = 0; i < 5; ++i) {
    clock_.advance(11 * kHour);
    ASSERT_TRUE(is_signed_in(grant)) << i;
  }
  clock_.advance(12 * kHour + 1);
  EXPECT_FALSE(is_signed_in(grant));
}

TEST_F(AccessTest, SessionsEndOfAgeHoweverBusy) {
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  for (int i = 0; i < 7 * 24; ++i) {
    ASSERT_TRUE(is_signed_in(grant)) << i;
    clock_.advance(kHour);
  }
  clock_.advance(1);
  EXPECT_FALSE(is_signed_in(grant));
  ASSERT_TRUE(access_->maintain());
  EXPECT_FALSE(is_signed_in(grant));
}

TEST_F(AccessTest, SessionsEndAtOnce) {
  const User anna = make_user("anna");
  const auto ends = [&](auto change) {
    const SessionGrant grant = sign_in("anna");
    ASSERT_TRUE(is_signed_in(grant));
    change(grant);
    EXPECT_FALSE(is_signed_in(grant));
    restart();
    EXPECT_FALSE(is_signed_in(grant)) << "it came back with the restart";
  };
  ends([&](const SessionGrant& grant) { ASSERT_TRUE(access_->logout(grant.credential)); });
  ends([&](const SessionGrant&) {
    ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.disabled = true}));
    ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.disabled = false}));
  });
  ends([&](const SessionGrant&) {
    ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.password = std::string(kPassword)}));
  });
  ends([&](const SessionGrant&) {
    const SessionGrant other = sign_in("anna");
    ASSERT_TRUE(access_->change_password(other.credential, kPassword, kPassword));
  });
  ends([&](const SessionGrant&) { ASSERT_TRUE(access_->remove_user(kSteel, anna.id)); });
}

TEST_F(AccessTest, OneSessionEndsNoOther) {
  make_user("anna");
  make_user("bo");
  const SessionGrant first = sign_in("anna");
  const SessionGrant second = sign_in("anna");
  const SessionGrant other = sign_in("bo");
  EXPECT_TRUE(access_->logout(first.credential));
  EXPECT_FALSE(is_signed_in(first));
  EXPECT_TRUE(is_signed_in(second));
  EXPECT_TRUE(is_signed_in(other));
  Credential forged = other.credential;
  forged.user = second.credential.user;  // session and user must belong together
  EXPECT_TRUE(access_->logout(forged));
  EXPECT_TRUE(is_signed_in(other));
}

TEST_F(AccessTest, TheOldestSessionMakesRoom) {
  make_user("anna");
  std::vector<SessionGrant> grants;
  for (std::size_t i = 0; i < options_.sessions_per_user_max + 1; ++i)
    grants.push_back(sign_in("anna"));
  EXPECT_FALSE(is_signed_in(grants[0]));
  EXPECT_TRUE(is_signed_in(grants[1]));
  EXPECT_TRUE(is_signed_in(grants.back()));
}

TEST_F(AccessTest, SessionsOutlastARestart) {
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  clock_.advance(11 * kHour);
  ASSERT_TRUE(is_signed_in(grant));
  restart();
  clock_.advance(11 * kHour);
  EXPECT_TRUE(is_signed_in(grant)) << "when it was last seen is lost";
  EXPECT_EQ(access_->verify_session(grant.cookie)->csrf, grant.credential.csrf);
}

TEST_F(AccessTest, CookiesThatNobodyGaveAreRefused) {
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  const auto token = make_token("line");
  std::string flipped = grant.cookie;
  flipped[20] = flipped[20] == 'A' ? 'B' : 'A';
  const auto reference = access_->verify_session(std::string(43, 'A')).error().to_string();
  for (const std::string& cookie :
       {std::string(), flipped, grant.cookie + "A", grant.credential.csrf, token.secret,
        token.secret.substr(4), std::string("' OR 1=1 --"), std::string(1 << 20, 'A')}) {
    const auto result = access_->verify_session(cookie);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(result.error().to_string(), reference);
  }
  EXPECT_FALSE(access_->verify_token("tnd_" + grant.cookie));
}

TEST_F(AccessTest, AWrongClockEndsNoProcessAndPutsOffNoLimit) {
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  clock_.set_wall(kStart - 30 * kMinute);  // a small correction
  EXPECT_TRUE(is_signed_in(grant));
  clock_.set_wall(4'102'444'800 * kSecond);  // 2100
  EXPECT_FALSE(is_signed_in(grant));
  const SessionGrant later = sign_in("anna");
  const auto link = access_->make_link(kSteel, Role::kEngineer, "anna", kHour);
  ASSERT_TRUE(link);
  clock_.set_wall(kStart);
  EXPECT_FALSE(is_signed_in(later)) << "it would last until 2100";
  EXPECT_FALSE(access_->redeem_link(*link, "")) << "it would last until 2100";
  clock_.set_wall(0);  // 1970
  ASSERT_TRUE(access_->maintain());
  EXPECT_TRUE(is_signed_in(sign_in("anna")));
}

// --- passwords ---------------------------------------------------------------------------------

TEST_F(AccessTest, ChangesAPassword) {
  make_user("anna");
  const SessionGrant session = sign_in("anna");
  constexpr std::string_view kNew = "another good one";
  EXPECT_EQ(code_of(access_->change_password(session.credential, "wrong password", kNew)),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(access_->change_password(session.credential, kPassword, "short")),
            ErrorCode::kInvalidArgument);
  Credential nobody;
  nobody.user = 999;
  EXPECT_EQ(code_of(access_->change_password(nobody, kPassword, kNew)), ErrorCode::kNotFound);
  ASSERT_TRUE(access_->change_password(session.credential, kPassword, kNew));
  restart();
  EXPECT_TRUE(is_signed_in(session)) << "who changes it stays signed in";
  EXPECT_EQ(code_of(access_->login("anna", kPassword, "192.0.2.1")), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(access_->login("anna", kNew, "192.0.2.1"));
}

TEST_F(AccessTest, AStolenSessionCannotGuessThePassword) {
  make_user("anna");
  const SessionGrant session = sign_in("anna");
  const auto before = access_->password_hashes();
  int refused = 0;
  for (int i = 0; i < 1000; ++i)
    if (code_of(access_->change_password(session.credential, "wrong password",
                                         "another good one")) == ErrorCode::kOverloaded)
      ++refused;
  EXPECT_GE(refused, 990);
  EXPECT_LE(access_->password_hashes() - before, 10u);
}

TEST_F(AccessTest, BruteForceIsRefusedBeforeHashing) {
  io::SeededRandom always_the_same(1);
  random_ = &always_the_same;
  restart();
  make_user("anna");
  const auto before = access_->password_hashes();
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto result = access_->login("anna", "guess number " + std::to_string(i), "192.0.2.66");
    ASSERT_FALSE(result);
    if (result.error().code == ErrorCode::kOverloaded) ++refused;
    clock_.advance(kMillisecond);
  }
  EXPECT_GE(refused, 9'900);
  EXPECT_LE(access_->password_hashes() - before, 100u);
  EXPECT_NE(access_->login("anna", "x", "192.0.2.66").error().message.find(" s"),
            std::string::npos);
  // The user comes in from elsewhere without waiting.
  EXPECT_TRUE(access_->login("anna", kPassword, "198.51.100.7"));
  // Sprayed over a thousand names, from yet another address.
  int sprayed = 0;
  for (int i = 0; i < 10'000; ++i)
    if (code_of(access_->login("user" + std::to_string(i % 1000), kPassword, "192.0.2.67")) ==
        ErrorCode::kOverloaded)
      ++sprayed;
  EXPECT_GE(sprayed, 9'900);
  EXPECT_TRUE(access_->login("anna", kPassword, "198.51.100.8"));
}

TEST_F(AccessTest, ALoginThatMeetsADisableDoesNotComeIn) {
  const User anna = make_user("anna");
  std::atomic<bool> stop = false;
  std::thread switching([&] {
    for (bool disabled = true; !stop; disabled = !disabled)
      ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.disabled = disabled}));
  });
  for (int i = 0; i < 25; ++i) {
    clock_.advance(kMinute);
    (void)access_->login("anna", kPassword, "192.0.2.1");
  }
  stop = true;
  switching.join();
  ASSERT_TRUE(access_->update_user(kSteel, anna.id, {.disabled = true}));
  restart();
  auto transaction = database_->begin_read();
  auto rows = transaction->prepare("SELECT count(*) FROM access_session");
  ASSERT_TRUE(rows->next().value());
  EXPECT_EQ(rows->integer(0), 0);
}

}  // namespace
}  // namespace tundish::access
