#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "backup/backup_folder.h"
#include "backup/backup_writer.h"
#include "base/crc32c.h"

namespace tundish::backup {
namespace {

namespace fs = std::filesystem;

constexpr TimeNs kDay1 = 1'700'000'000 * kSecond;

BackupManifest some_manifest() {
  BackupManifest manifest{kDay1 + 5, Position(77), "1.2.3", {}};
  manifest.files.push_back({"manifest", "x-1", 300, 0x0000ABCD, 0});
  manifest.files.push_back({"blocks/00000000000000a8.blk", "x-2", 1, 0xFFFFFFFF, kDay1});
  manifest.files.push_back({"packs/my own pack/pack.yaml", "x-3", 0, 0, 0});
  return manifest;
}

TEST(BackupManifest, ReadsWhatItWrote) {
  const auto read = parse_backup_manifest(encode_backup_manifest(some_manifest()));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, some_manifest());
}

TEST(BackupManifest, EveryBitAndEveryLengthIsChecked) {
  const std::string text = encode_backup_manifest(some_manifest());
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto read = parse_backup_manifest(flipped);
    ASSERT_FALSE(read) << "bit " << bit;
    EXPECT_EQ(read.error().code, ErrorCode::kCorruption);
  }
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(parse_backup_manifest(text.substr(0, length)));
}

TEST(BackupManifest, LeadsNowhereElse) {
  for (const char* path : {"../x", "/etc/passwd", "a/../../b", "", "a//b", "a\nb"}) {
    BackupManifest manifest = some_manifest();
    manifest.files.front().path = path;
    EXPECT_FALSE(parse_backup_manifest(encode_backup_manifest(manifest))) << path;
    manifest = some_manifest();
    manifest.files.front().stored = path;
    EXPECT_FALSE(parse_backup_manifest(encode_backup_manifest(manifest))) << path;
  }
}

TEST(BackupManifest, ALaterVersionIsNamedAsSuch) {
  std::string text = encode_backup_manifest(some_manifest());
  text.replace(text.find("backup 1"), 8, "backup 2");
  text.resize(text.size() - 9);
  char crc[16];
  std::snprintf(crc, sizeof crc, "%08x\n", crc32c(as_byte_span(text)));
  const auto read = parse_backup_manifest(text + crc);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnsupported);
}

TEST(BackupName, SortsByTime) {
  EXPECT_EQ(backup_name(kDay1), "20231114T221320.000000000Z");
  EXPECT_EQ(backup_name(kDay1 + 5), "20231114T221320.000000005Z");
  EXPECT_EQ(backup_name(kDay1 + 250 * kMillisecond), "20231114T221320.250000000Z");
}

class BackupFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_ = ::testing::TempDir() + "backup_XXXXXX";
    ASSERT_NE(::mkdtemp(scratch_.data()), nullptr);
    to_ = scratch_ + "/to";
    source_ = *io::open_real_disk(scratch_ + "/source");
  }
  void TearDown() override { fs::remove_all(scratch_); }

  /// A backup of one immutable file and one that changes. @return how many were copied
  int back_up(TimeNs now, const std::string& changing, std::size_t keep = 0,
              bool to_the_end = true) {
    EXPECT_TRUE(io::replace_file(*source_, "block", as_byte_span(std::string(9 << 20, 'b'))));
    auto begun = BackupWriter::begin(to_, now);
    EXPECT_TRUE(begun) << begun.error().to_string();
    BackupWriter& writer = **begun;
    int copied = 1;
    if (!writer.reuse("blocks/a", 9 << 20, 1234)) {
      EXPECT_TRUE(writer.start("blocks/a", *source_->open("block", io::Open::kRead), 9 << 20,
                               5 << 20, 1234));
      while (!*writer.copy_piece()) {
      }
      ++copied;
    }
    EXPECT_TRUE(writer.add("ledger", as_byte_span(changing)));
    if (to_the_end) {
      EXPECT_TRUE(writer.finish(Position(5), "test", keep));
    }
    return copied;
  }
  std::vector<FoundBackup> found() {
    auto disk = open_backup_folder(to_);
    EXPECT_TRUE(disk) << disk.error().to_string();
    return *list_backups(**disk);
  }
  std::string restored(const std::string& name) {
    const auto disk = open_backup_folder(to_);
    const auto target = io::open_real_disk(scratch_ + "/restored-" + name);
    const auto one = find_backup(**disk, name);
    if (!one) return one.error().to_string();
    const auto done = restore_files(**disk, *one->manifest, **target, {});
    if (!done) return done.error().to_string();
    const Bytes block = *io::read_file(**target, "blocks/a", 100 << 20);
    EXPECT_EQ(as_text(block), std::string(5 << 20, 'b') + std::string(4 << 20, '\0'));
    return std::string(as_text(*io::read_file(**target, "ledger", 1000)));
  }
  std::size_t stored() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(to_ + "/files"), fs::directory_iterator()));
  }

  std::string scratch_, to_;
  std::unique_ptr<io::Disk> source_;
};

TEST_F(BackupFolderTest, TheSecondCopiesOnlyWhatChanged) {
  EXPECT_EQ(back_up(kDay1, "first"), 2);
  EXPECT_EQ(back_up(kDay1 + kDay, "second"), 1);
  EXPECT_EQ(stored(), 3u);
  ASSERT_EQ(found().size(), 2u);
  EXPECT_EQ(restored(backup_name(kDay1)), "first");
  EXPECT_EQ(restored(""), "second");
  EXPECT_NE(restored("nonsense").find("there is no backup nonsense"), std::string::npos);
}

TEST_F(BackupFolderTest, AnInterruptedOneNeverWas) {
  back_up(kDay1, "first");
  back_up(kDay1 + kDay, "second", 0, false);
  EXPECT_EQ(stored(), 3u);
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(restored(""), "first");
  back_up(kDay1 + 2 * kDay, "third");
  EXPECT_EQ(stored(), 3u);  // what was left of the second is gone
  EXPECT_EQ(restored(backup_name(kDay1 + 2 * kDay)), "third");
}

TEST_F(BackupFolderTest, KeepsTheNewest) {
  for (int day = 0; day < 4; ++day) back_up(kDay1 + day * kDay, std::to_string(day), 2);
  ASSERT_EQ(found().size(), 2u);
  EXPECT_EQ(found().front().name, backup_name(kDay1 + 2 * kDay));
  EXPECT_EQ(stored(), 3u);
  EXPECT_EQ(restored(""), "3");
}

TEST_F(BackupFolderTest, AFlippedBitIsFoundAndNamed) {
  back_up(kDay1, "first");
  const auto disk = *open_backup_folder(to_);
  EXPECT_TRUE(check_backups(*disk, {})->damage.empty());
  for (const auto& entry : fs::recursive_directory_iterator(to_)) {
    const auto name = entry.path().lexically_relative(to_).string();
    // The marker's text and the lock's number say nothing about samples.
    if (!entry.is_regular_file() || name == kMarkerPath || name == "lock") continue;
    const auto flip = [&] {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const auto at = static_cast<std::streamoff>(entry.file_size() / 2);
      file.seekg(at);
      const char was = static_cast<char>(file.get());
      file.seekp(at);
      file.put(static_cast<char>(was ^ 0x04));
    };
    flip();
    const auto check = check_backups(*disk, {});
    ASSERT_TRUE(check);
    ASSERT_EQ(check->damage.size(), 1u) << name;
    EXPECT_EQ(check->damage.front().file, name);
    EXPECT_NE(restored(""), "first") << name;
    fs::remove_all(scratch_ + "/restored-");
    flip();
  }
  EXPECT_TRUE(check_backups(*disk, {})->damage.empty());
}

TEST_F(BackupFolderTest, WhatIsLostIsCopiedAgain) {
  back_up(kDay1, "first");
  fs::remove_all(to_ + "/files");
  fs::create_directory(to_ + "/files");
  EXPECT_EQ(check_backups(**open_backup_folder(to_), {})->damage.size(), 2u);
  EXPECT_EQ(back_up(kDay1 + kDay, "second"), 2);
  EXPECT_EQ(restored(""), "second");
}

TEST_F(BackupFolderTest, SomebodyElsesFolderIsLeftAsItIs) {
  fs::create_directory(to_);
  std::ofstream(to_ + "/notes.txt") << "mine";
  const auto refused = BackupWriter::begin(to_, kDay1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(open_backup_folder(to_));
  EXPECT_EQ(std::distance(fs::directory_iterator(to_), fs::directory_iterator()), 1);
}

TEST_F(BackupFolderTest, OneAtATime) {
  const auto first = BackupWriter::begin(to_, kDay1);
  ASSERT_TRUE(first);
  const auto second = BackupWriter::begin(to_, kDay1 + 1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
}

}  // namespace
}  // namespace tundish::backup
