#include "access/access.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "access/access_testing.h"

namespace tundish::access {
namespace {

// --- audit -------------------------------------------------------------------------------------

TEST_F(AccessTest, TheAuditLogIsScopedPagedAndOneLineAnEntry) {
  for (int i = 1; i <= 5; ++i)
    ASSERT_TRUE(access_->record({.actor = "user:anna",
                                 .enterprise = i % 2 ? kSteel : kChem,
                                 .action = "tag.update",
                                 .object = "tag:" + std::to_string(i),
                                 .outcome = "done",
                                 .detail = "a\nb '; DROP TABLE access_audit"}));
  ASSERT_TRUE(access_->record({.actor = "owner", .enterprise = std::nullopt, .action = "start"}));
  restart();
  const auto all = access_->audit(std::nullopt, 0, 100);
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0].actor, "owner");
  EXPECT_EQ(all[0].enterprise, std::nullopt);
  EXPECT_EQ(all[5].object, "tag:1");
  EXPECT_EQ(all[5].time, kStart);
  EXPECT_EQ(all[5].detail, "a\\x0Ab '; DROP TABLE access_audit");
  const auto steel = access_->audit(kSteel, 0, 2);
  ASSERT_EQ(steel.size(), 2u);
  EXPECT_EQ(steel[0].object, "tag:5");
  const auto older = access_->audit(kSteel, steel[1].number, 100);
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].object, "tag:1");
}

TEST_F(AccessTest, TheAuditLogOnlyGrows) {
  ASSERT_TRUE(access_->record({.actor = "owner", .action = "start"}));
  for (const char* sql : {"DELETE FROM access_audit", "UPDATE access_audit SET actor = 'x'"}) {
    auto transaction = database_->begin();
    const auto changed = transaction->run(sql);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, ErrorCode::kConflict);
  }
  EXPECT_EQ(access_->audit(std::nullopt, 0, 10).size(), 1u);
}

// --- faults ------------------------------------------------------------------------------------

/// While it lives the system refuses every byte that this process would write to a file.
class NothingCanBeWritten {
 public:
  NothingCanBeWritten() : signal_before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NothingCanBeWritten() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_before_);
  }
  NothingCanBeWritten(const NothingCanBeWritten&) = delete;
  NothingCanBeWritten& operator=(const NothingCanBeWritten&) = delete;

 private:
  void (*signal_before_)(int);
  rlimit before_{};
};

TEST_F(AccessTest, OnAFullDiskPeopleStillComeInAndNothingElseChanges) {
  const User anna = make_user("anna");
  const auto token = make_token("line");
  ASSERT_TRUE(database_->set_bytes_max(0));
  Status recorded;
  for (int i = 0; i < 10'000; ++i) {
    recorded =
        access_->record({.actor = "owner", .action = "fill", .detail = std::string(2000, 'x')});
    if (!recorded) break;
  }
  EXPECT_EQ(code_of(recorded), ErrorCode::kDiskFull);
  const std::string long_name(200, 'x');
  Result<User> user;
  for (int i = 0; i < 1000; ++i) {
    user = access_->create_user({.name = "user" + std::to_string(i),
                                 .display_name = long_name,
                                 .role = Role::kViewer,
                                 .enterprise = kSteel,
                                 .password = std::nullopt});
    if (!user) break;
  }
  EXPECT_EQ(code_of(user), ErrorCode::kDiskFull);
  EXPECT_TRUE(access_->verify_token(token.secret));
  std::vector<SessionGrant> grants;
  for (int i = 0; i < 30; ++i) grants.push_back(sign_in("anna"));  // some only in memory
  for (const auto& grant : grants) EXPECT_TRUE(is_signed_in(grant));
  // Signing out may need no more room than it frees; either way it holds.
  static_cast<void>(access_->logout(grants[0].credential));
  EXPECT_FALSE(is_signed_in(grants[0]));

  ASSERT_TRUE(database_->set_bytes_max(64 << 20));
  EXPECT_TRUE(access_->record({.actor = "owner", .action = "space"}));
  ASSERT_TRUE(access_->maintain());
  restart();
  EXPECT_FALSE(is_signed_in(grants[0]));
  EXPECT_TRUE(is_signed_in(grants.back())) << "it was to be written when there was space again";
  EXPECT_FALSE(access_->user(kSteel, anna.id)->disabled);
}

TEST_F(AccessTest, ALogoutThatTheDiskRefusesIsToldAndMadeGood) {
  make_user("anna");
  const SessionGrant first = sign_in("anna");
  const SessionGrant second = sign_in("anna");
  {
    const NothingCanBeWritten disk;
    const Status refused = access_->logout(first.credential);
    ASSERT_FALSE(refused) << "the caller took it for done";
    EXPECT_NE(refused.error().message.find("restart"), std::string::npos);
    EXPECT_FALSE(is_signed_in(first)) << "in memory it ends all the same";
    EXPECT_FALSE(access_->maintain()) << "the test found room where there was to be none";
    EXPECT_FALSE(is_signed_in(first));
  }
  ASSERT_TRUE(access_->maintain());
  restart();
  EXPECT_FALSE(is_signed_in(first)) << "it came back with the restart";
  EXPECT_TRUE(is_signed_in(second));
}

TEST_F(AccessTest, WhoseEnterpriseIsGoneStaysOut) {
  class Nothing final : public EnterpriseStore {
   public:
    std::vector<Enterprise> enterprises() const override { return {}; }
    std::optional<Enterprise> find(EnterpriseId) const override { return std::nullopt; }
    std::optional<Enterprise> find(std::string_view) const override { return std::nullopt; }
    Result<Enterprise> create(Enterprise) override { return fail(ErrorCode::kIo, ""); }
    Result<Enterprise> update(EnterpriseId, const EnterprisePatch&) override {
      return fail(ErrorCode::kIo, "");
    }
    std::vector<Site> sites(EnterpriseId) const override { return {}; }
    Result<Site> save_site(Site) override { return fail(ErrorCode::kIo, ""); }
    Status remove_site(EnterpriseId, std::uint64_t) override { return {}; }
  } nothing;
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  const auto token = make_token("line");
  options_.enterprises = &nothing;
  restart();
  EXPECT_FALSE(is_signed_in(grant));
  EXPECT_FALSE(access_->verify_token(token.secret));
  EXPECT_EQ(code_of(access_->login("anna", kPassword, "192.0.2.1")), ErrorCode::kUnauthenticated);
}

TEST_F(AccessTest, ANewerFileIsLeftAlone) {
  {
    auto transaction = database_->begin();
    ASSERT_TRUE(transaction->run("UPDATE schema_version SET version = 99 WHERE module = 'access'"));
    ASSERT_TRUE(transaction->commit());
  }
  const auto opened = Access::open(*database_, clock_, io::real_random(), options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
}

TEST_F(AccessTest, VerifiesWhileOthersChange) {
  const auto token = make_token("line");
  make_user("anna");
  const SessionGrant grant = sign_in("anna");
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      while (!stop) {
        EXPECT_TRUE(access_->verify_token(token.secret));
        EXPECT_TRUE(access_->verify_session(grant.cookie));
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    });
  for (int i = 0; i < 15; ++i) {
    const auto made = make_token("t" + std::to_string(i));
    EXPECT_TRUE(access_->verify_token(made.secret));
    EXPECT_TRUE(access_->maintain());
    EXPECT_TRUE(access_->remove_token(kSteel, made.token.id));
  }
  stop = true;
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tundish::access
