#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "access/access.h"

namespace tundish::access {

inline constexpr EnterpriseId kSteel(1);
inline constexpr EnterpriseId kChem(2);
inline constexpr TimeNs kStart = 1'795'000'000 * kSecond;  // 2026-11-18
inline constexpr std::string_view kPassword = "correct horse battery";

/// Two enterprises that exist.
class TwoEnterprises final : public EnterpriseStore {
 public:
  std::vector<Enterprise> enterprises() const override { return {*find(kSteel), *find(kChem)}; }
  std::optional<Enterprise> find(EnterpriseId id) const override {
    if (id != kSteel && id != kChem) return std::nullopt;
    Enterprise enterprise;
    enterprise.id = id;
    enterprise.code = id == kSteel ? "steel-01" : "chem-01";
    return enterprise;
  }
  std::optional<Enterprise> find(std::string_view) const override { return std::nullopt; }
  Result<Enterprise> create(Enterprise enterprise) override { return enterprise; }
  Result<Enterprise> update(EnterpriseId id, const EnterprisePatch&) override { return *find(id); }
  std::vector<Site> sites(EnterpriseId) const override { return {}; }
  Result<Site> save_site(Site site) override { return site; }
  Status remove_site(EnterpriseId, std::uint64_t) override { return {}; }
};

/// An Access on a file of its own, with a clock moved by hand and cheap password hashes.
class AccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "access_XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    options_.enterprises = &enterprises_;
    options_.passwords.cost = {.passes = 1, .memory_bytes = 8192};
    restart();
  }
  void TearDown() override {
    access_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  /// Names and addresses share buckets by a key drawn from it: a test of limits has one that is always the same.
  io::Random* random_ = &io::real_random();

  void restart() {
    access_.reset();
    database_.reset();
    auto database = io::sqlite::Database::open(folder_ + "/meta.db");
    ASSERT_TRUE(database) << database.error().to_string();
    database_ = std::move(*database);
    auto access = Access::open(*database_, clock_, *random_, options_);
    ASSERT_TRUE(access) << access.error().to_string();
    access_ = std::move(*access);
  }

  User make_user(std::string name, Role role = Role::kEngineer,
                 std::optional<EnterpriseId> enterprise = kSteel) {
    const auto user = access_->create_user({.name = std::move(name),
                                            .display_name = "",
                                            .role = role,
                                            .enterprise = enterprise,
                                            .password = std::string(kPassword)});
    EXPECT_TRUE(user) << user.error().to_string();
    return user ? *user : User{};
  }
  SessionGrant sign_in(std::string_view name, std::string_view address = "192.0.2.1") {
    const auto grant = access_->login(name, kPassword, address);
    EXPECT_TRUE(grant) << grant.error().to_string();
    return grant ? *grant : SessionGrant{};
  }
  bool is_signed_in(const SessionGrant& grant) {
    return access_->verify_session(grant.cookie).has_value();
  }
  AccessControl::CreatedToken make_token(std::string name, EnterpriseId enterprise = kSteel) {
    const auto created = access_->create_token({.name = std::move(name),
                                                .role = Role::kOperator,
                                                .enterprise = enterprise,
                                                .may_create_tags = true,
                                                .expires = 0});
    EXPECT_TRUE(created) << created.error().to_string();
    return created ? *created : AccessControl::CreatedToken{};
  }
  /// All bytes that the database wrote, side files included.
  std::string bytes_at_rest() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ifstream file(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }

  std::string folder_;
  TwoEnterprises enterprises_;
  io::SimulatedClock clock_{kStart};
  Options options_;
  std::unique_ptr<io::sqlite::Database> database_;
  std::unique_ptr<Access> access_;
};

template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorCode::kInternal : result.error().code;
}

}  // namespace tundish::access
