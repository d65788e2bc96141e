#include "app/metadata_check.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "io/sqlite.h"

namespace tundish::app {
namespace {

class MetadataCheck : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "tundish-meta-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/meta.db"; }

  /// A table of some pages, closed: all of it is in the file itself.
  void fill() {
    auto database = io::sqlite::Database::open(path()).value();
    auto transaction = database->begin().value();
    ASSERT_TRUE(transaction.run("CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT UNIQUE)"));
    for (int i = 0; i < 500; ++i)
      ASSERT_TRUE(transaction.run("INSERT INTO names(name) VALUES(?)",
                                  "attribute number " + std::to_string(i)));
    ASSERT_TRUE(transaction.commit());
  }

  void overwrite(std::uintmax_t from, std::size_t count) {
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(from));
    file << std::string(count, '\x5a');
  }

  std::string folder_;
};

TEST_F(MetadataCheck, AFolderWithoutOneGetsNone) {
  EXPECT_FALSE(check_metadata(folder_).value());
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(MetadataCheck, SoundAlsoWhileSomebodyHasItOpen) {
  fill();
  EXPECT_FALSE(check_metadata(folder_).value());
  const auto other = io::sqlite::Database::open(path()).value();
  EXPECT_FALSE(check_metadata(folder_).value());
}

TEST_F(MetadataCheck, ALostPageIsDamageNotAnError) {
  fill();
  const auto bytes = std::filesystem::file_size(path());
  ASSERT_GT(bytes, 5u * 4096u);
  overwrite(bytes - 2u * 4096u, 4096);
  const auto found = check_metadata(folder_);
  ASSERT_TRUE(found) << found.error().to_string();
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->file, "meta.db");
  EXPECT_FALSE((*found)->what.empty());
  EXPECT_EQ((*found)->what.find('\n'), std::string::npos) << (*found)->what;
}

TEST_F(MetadataCheck, WhatIsNoDatabaseIsDamage) {
  std::ofstream(path()) << std::string(8192, 'x');
  const auto found = check_metadata(folder_);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_TRUE(*found);
}

}  // namespace
}  // namespace tundish::app
