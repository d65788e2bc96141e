#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "asset/asset_store.h"

namespace tundish::asset {

inline constexpr TimeNs kStart = 1'795'000'000 * kSecond;  // 2026-11-18

/// Makes numbers as the historian does: per enterprise, ascending, never again. Remembers what it was
/// asked; fails on request.
class NumberingSink final : public SampleSink {
 public:
  Result<std::vector<TagId>> make_tags(EnterpriseId enterprise,
                                       std::span<const NewTagId> tags) override {
    const std::lock_guard lock(mutex_);
    if (failure) return fail(*failure);
    ++calls;
    tags_in_call_max = std::max(tags_in_call_max, tags.size());
    std::vector<TagId> ids;
    for (std::size_t i = 0; i < tags.size(); ++i) ids.push_back({enterprise, ++last_[enterprise]});
    return ids;
  }
  Status retype_tag(TagId tag, ValueType type) override {
    const std::lock_guard lock(mutex_);
    if (failure) return fail(*failure);
    types[tag].push_back(type);
    return {};
  }
  Result<Appended> append(SampleBatch, std::optional<FeedCommit>) override { return unused(); }
  Result<StreamState> open_stream(EnterpriseId, const std::string&, const std::string&) override {
    return unused();
  }
  Result<StreamState> find_stream(EnterpriseId, const std::string&, const std::string&,
                                  std::uint32_t) override {
    return unused();
  }
  std::size_t stream_count(EnterpriseId) override { return 0; }
  Result<Position> erase(std::vector<Tombstone>) override { return unused(); }

  /// As a historian that was restored from before the first tag.
  void forget() { last_.clear(); }
  std::uint32_t numbers_made(EnterpriseId enterprise) { return last_[enterprise]; }

  std::optional<Error> failure;
  std::map<TagId, std::vector<ValueType>> types;
  int calls = 0;
  std::size_t tags_in_call_max = 0;

 private:
  static std::unexpected<Error> unused() {
    return fail(ErrorCode::kUnavailable, "the asset store does not write samples");
  }
  std::mutex mutex_;
  std::map<EnterpriseId, std::uint32_t> last_;
};

/// An AssetStore on a file of its own with two enterprises in it.
class AssetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "asset_XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    restart();
    steel_ = make_enterprise("steel-01");
    chem_ = make_enterprise("chem-01");
  }
  void TearDown() override {
    store_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  void restart() {
    store_.reset();
    database_.reset();
    auto database = io::sqlite::Database::open(folder_ + "/meta.db");
    ASSERT_TRUE(database) << database.error().to_string();
    database_ = std::move(*database);
    auto store = AssetStore::open(*database_, sink_, clock_, options_);
    ASSERT_TRUE(store) << store.error().to_string();
    store_ = std::move(*store);
  }
  EnterpriseId make_enterprise(std::string code) {
    Enterprise wanted;
    wanted.code = std::move(code);
    wanted.name = "Enterprise " + wanted.code;
    wanted.industry = "steel";
    const auto made = enterprises().create(wanted);
    EXPECT_TRUE(made) << made.error().to_string();
    return made ? made->id : EnterpriseId();
  }
  TagPtr make_tag(EnterpriseId enterprise, std::string path, ValueType type = ValueType::kDouble) {
    const auto made = tags().ensure(enterprise, std::vector{NewTag{std::move(path), type}});
    EXPECT_TRUE(made) << made.error().to_string();
    return made ? made->at(0) : nullptr;
  }
  std::vector<std::string> matches(EnterpriseId enterprise, std::string_view pattern,
                                   std::size_t limit = 1000) {
    std::vector<std::string> paths;
    const auto found = tags().match(enterprise, {.pattern = pattern, .limit = limit});
    for (const auto& tag : *found) paths.push_back(tag->path);
    return paths;
  }
  EnterpriseStore& enterprises() { return store_->enterprises(); }
  TagCatalogue& tags() { return store_->tags(); }
  ConnectionStore& connections() { return store_->connections(); }

  /// Fills the file until SQLite says that there is no space.
  void fill_disk() {
    ASSERT_TRUE(database_->set_bytes_max(0));
    for (int i = 0; i < 100'000; ++i) {
      auto transaction = database_->begin();
      ASSERT_TRUE(transaction);
      if (!transaction->run("INSERT INTO filler(text) VALUES(?)", std::string(500, 'x'))) return;
      if (!transaction->commit()) return;
    }
    FAIL() << "the disk does not fill";
  }
  void make_filler() {
    auto transaction = database_->begin();
    ASSERT_TRUE(transaction->run("CREATE TABLE filler(text TEXT)"));
    ASSERT_TRUE(transaction->commit());
  }

  std::string folder_;
  NumberingSink sink_;
  io::SimulatedClock clock_{kStart};
  Options options_;
  std::unique_ptr<io::sqlite::Database> database_;
  std::unique_ptr<AssetStore> store_;
  EnterpriseId steel_;
  EnterpriseId chem_;
};

template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorCode::kInternal : result.error().code;
}

}  // namespace tundish::asset
