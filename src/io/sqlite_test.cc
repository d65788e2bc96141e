#include "io/sqlite.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace tundish::io::sqlite {
namespace {

class SqliteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = ::testing::TempDir() + "sqlite_XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    path_ = folder_ + "/meta.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Database> open() {
    auto database = Database::open(path_);
    EXPECT_TRUE(database) << database.error().to_string();
    return database ? std::move(*database) : nullptr;
  }

  static constexpr std::array<std::string_view, 1> kSteps = {
      "CREATE TABLE thing(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
      " weight REAL, bytes BLOB) STRICT;"
      "CREATE TABLE part(thing INTEGER NOT NULL REFERENCES thing(id) ON DELETE CASCADE) STRICT;"};

  std::string folder_;
  std::string path_;
};

Status insert(Database& database, std::string_view name) {
  TUNDISH_TRY(Transaction transaction, database.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run("INSERT INTO thing(name) VALUES(?)", name));
  return transaction.commit();
}

std::vector<std::string> names(Database& database) {
  std::vector<std::string> all;
  auto transaction = database.begin_read();
  EXPECT_TRUE(transaction);
  auto rows = transaction->prepare("SELECT name FROM thing ORDER BY id");
  EXPECT_TRUE(rows);
  EXPECT_TRUE(rows->start());
  while (rows->next().value()) all.push_back(rows->text(0));
  return all;
}

TEST_F(SqliteTest, MakesAFileThatOnlyItsOwnerReads) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  ASSERT_TRUE(insert(*database, "a"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info{};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(SqliteTest, TightensAFileThatOthersCouldRead) {
  {
    open();
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  const auto database = open();
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(SqliteTest, IsDurableAndKeepsForeignKeys) {
  const auto database = open();
  auto transaction = database->begin();
  const auto pragma = [&](const char* sql) {
    auto statement = transaction->prepare(sql);
    EXPECT_TRUE(statement->next().value());
    return statement->text(0);
  };
  EXPECT_EQ(pragma("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(pragma("PRAGMA synchronous"), "2");
  EXPECT_EQ(pragma("PRAGMA foreign_keys"), "1");
}

TEST_F(SqliteTest, GivesBackWhatWasBoundOfEveryType) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  const std::string odd("'; DROP TABLE thing; --\0\"<b>\xE9\xAB\x98\xE7\x82\x89", 35);
  const std::vector<std::byte> bytes = {std::byte{0}, std::byte{255}};
  {
    auto transaction = database->begin();
    ASSERT_TRUE(transaction->run("INSERT INTO thing(name, weight, bytes) VALUES(?, ?, ?)", odd,
                                 -0.5, bytes));
    EXPECT_EQ(transaction->last_insert_id(), 1);
    EXPECT_EQ(transaction->changes(), 1);
    ASSERT_TRUE(transaction->run("INSERT INTO thing(name, weight) VALUES(?, ?)", std::string_view(),
                                 std::optional<double>()));
    ASSERT_TRUE(transaction->commit());
  }
  auto transaction = database->begin_read();
  auto rows =
      transaction->prepare("SELECT name, weight, bytes, id FROM thing WHERE id >= ? ORDER BY id");
  ASSERT_TRUE(rows->start(std::uint64_t{1}));
  ASSERT_TRUE(rows->next().value());
  EXPECT_EQ(rows->text(0), odd);
  EXPECT_EQ(rows->real(1), -0.5);
  EXPECT_EQ(std::vector<std::byte>(rows->blob(2).begin(), rows->blob(2).end()), bytes);
  EXPECT_EQ(rows->optional_integer(3), 1);
  ASSERT_TRUE(rows->next().value());
  EXPECT_EQ(rows->text(0), "");
  EXPECT_FALSE(rows->is_null(0));
  EXPECT_TRUE(rows->is_null(1));
  EXPECT_EQ(rows->optional_real(1), std::nullopt);
  EXPECT_FALSE(rows->next().value());
}

TEST_F(SqliteTest, WhatIsNotCommittedIsUndone) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  {
    auto transaction = database->begin();
    ASSERT_TRUE(transaction->run("INSERT INTO thing(name) VALUES('gone')"));
  }
  EXPECT_TRUE(names(*database).empty());
  ASSERT_TRUE(insert(*database, "kept"));
  EXPECT_EQ(names(*database), std::vector<std::string>{"kept"});
}

TEST_F(SqliteTest, TellsConstraintsApart) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  ASSERT_TRUE(insert(*database, "a"));
  const auto taken = insert(*database, "a");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kAlreadyExists);
  auto transaction = database->begin();
  const auto orphan = transaction->run("INSERT INTO part(thing) VALUES(?)", 99);
  ASSERT_FALSE(orphan);
  EXPECT_EQ(orphan.error().code, ErrorCode::kConflict);
}

TEST_F(SqliteTest, AFullDiskRefusesReadsGoOnAndWritingResumes) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  ASSERT_TRUE(database->set_bytes_max(0));  // no larger than it is
  const std::string large(100'000, 'x');
  int kept = 0;
  Status status;
  while ((status = insert(*database, large + std::to_string(kept)))) ++kept;
  EXPECT_EQ(status.error().code, ErrorCode::kDiskFull) << status.error().to_string();
  EXPECT_EQ(names(*database).size(), static_cast<std::size_t>(kept));
  ASSERT_TRUE(database->set_bytes_max(64 << 20));
  EXPECT_TRUE(insert(*database, large));
  EXPECT_TRUE(database->check());
}

TEST_F(SqliteTest, MigrationsAddAndRunOnce) {
  const std::array<std::string_view, 2> more = {
      kSteps[0], "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey';"};
  {
    const auto database = open();
    ASSERT_TRUE(database->migrate("test", kSteps));
    ASSERT_TRUE(database->migrate("other", {}));
    ASSERT_TRUE(insert(*database, "old"));
  }
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", more));
  ASSERT_TRUE(database->migrate("test", more));
  EXPECT_EQ(names(*database), std::vector<std::string>{"old"});
  const auto newer = database->migrate("test", kSteps);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(newer.error().message.find("newer"), std::string::npos);
}

TEST_F(SqliteTest, AFailedMigrationLeavesTheFileAsItWas) {
  const std::array<std::string_view, 2> broken = {kSteps[0], "CREATE TABLE half(a); NONSENSE;"};
  const auto database = open();
  ASSERT_FALSE(database->migrate("test", broken));
  ASSERT_TRUE(database->migrate("test", kSteps));
  EXPECT_TRUE(insert(*database, "a"));
}

TEST_F(SqliteTest, RefusesFilesThatAreNotItsOwn) {
  {
    std::ofstream(path_) << std::string(4096, 'x');
  }
  auto no_database = Database::open(path_);
  ASSERT_FALSE(no_database);
  EXPECT_EQ(no_database.error().code, ErrorCode::kCorruption) << no_database.error().to_string();
  std::filesystem::remove(path_);

  const auto set = [&](const char* sql) {
    const auto database = open();
    auto transaction = database->begin();
    ASSERT_TRUE(transaction->run(sql));
    ASSERT_TRUE(transaction->commit());
  };
  set("PRAGMA user_version = 2");
  auto newer = Database::open(path_);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
  std::filesystem::remove(path_);

  set("PRAGMA application_id = 7");
  auto foreign = Database::open(path_);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::kUnsupported);
}

TEST_F(SqliteTest, NeedsItsFolderWhichMayBeALinkAndTheFileMayNot) {
  const auto missing = Database::open(folder_ + "/missing/meta.db");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kIo);
  EXPECT_EQ(missing.error().where, folder_ + "/missing/meta.db");
  std::filesystem::create_directory(folder_ + "/disk2");
  std::filesystem::create_directory_symlink(folder_ + "/disk2", folder_ + "/linked");
  EXPECT_TRUE(Database::open(folder_ + "/linked/meta.db"));
  std::filesystem::create_symlink("/etc/passwd", path_);
  EXPECT_FALSE(Database::open(path_));
}

TEST_F(SqliteTest, ErrorsNameTheFileButNotItsFolder) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  ASSERT_TRUE(insert(*database, "a"));
  EXPECT_EQ(insert(*database, "a").error().where, "meta.db");
}

TEST_F(SqliteTest, FindsDamage) {
  {
    const auto database = open();
    ASSERT_TRUE(database->migrate("test", kSteps));
    for (int i = 0; i < 200; ++i)
      ASSERT_TRUE(insert(*database, std::string(200, 'a') + std::to_string(i)));
    EXPECT_TRUE(database->check());
  }
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4 * 4096);
    file << std::string(4096, '\xFF');
  }
  const auto database = open();
  const auto damage = database->check();
  ASSERT_FALSE(damage);
  EXPECT_EQ(damage.error().code, ErrorCode::kCorruption);
}

TEST_F(SqliteTest, AnotherProcessThatHoldsTheFileIsNamedAsSuch) {
  const auto database = open();
  auto second = Database::open(path_, {.busy_timeout_ms = 1});
  ASSERT_TRUE(second);
  const auto held = database->begin();
  const auto waiting = (*second)->begin();
  ASSERT_FALSE(waiting);
  EXPECT_EQ(waiting.error().code, ErrorCode::kInUse);
}

TEST_F(SqliteTest, ACopyIsOfTheMomentThatItBegan) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(insert(*database, std::string(2000, 'a') + std::to_string(i)));
  const auto copy = database->copy_to(folder_ + "/copy.db");
  ASSERT_TRUE(copy) << copy.error().to_string();
  ASSERT_TRUE(insert(*database, "later"));
  for (int step = 0;; ++step) {
    const auto done = (*copy)->step(3);
    ASSERT_TRUE(done) << done.error().to_string();
    if (*done) break;
    if (step != 2) continue;
    ASSERT_TRUE(insert(*database, "later still"));
  }
  EXPECT_EQ(names(*database).size(), 52u);
  auto copied = Database::open(folder_ + "/copy.db");
  ASSERT_TRUE(copied) << copied.error().to_string();
  EXPECT_TRUE((*copied)->check());
  EXPECT_EQ(names(**copied).size(), 50u);
}

TEST_F(SqliteTest, ThreadsTakeTurns) {
  const auto database = open();
  ASSERT_TRUE(database->migrate("test", kSteps));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i)
        EXPECT_TRUE(insert(*database, std::to_string(thread) + "/" + std::to_string(i)));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(names(*database).size(), 100u);
}

}  // namespace
}  // namespace tundish::io::sqlite
