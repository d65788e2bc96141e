// What every Disk promises, asked of the real and of the simulated one; and both against each other
// with the same random calls.

#include "io/disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "io/random.h"
#include "io/simulated_disk.h"

namespace tundish::io {
namespace {

/// A folder of its own for each test, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = testing::TempDir() + "/tundish-disk-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum class Form { kReal, kSimulated };

class DiskTest : public testing::TestWithParam<Form> {
 protected:
  void SetUp() override { disk_ = open_disk(); }
  std::unique_ptr<Disk> open_disk() {
    if (GetParam() == Form::kSimulated) return std::make_unique<SimulatedDisk>(1);
    auto disk = open_real_disk(folder_.path() + "/data");
    EXPECT_TRUE(disk.has_value());
    return std::move(*disk);
  }
  static Bytes bytes(std::string_view text) {
    const ByteSpan span = as_byte_span(text);
    return {span.begin(), span.end()};
  }

  TemporaryFolder folder_;
  std::unique_ptr<Disk> disk_;
};

INSTANTIATE_TEST_SUITE_P(Forms, DiskTest, testing::Values(Form::kReal, Form::kSimulated),
                         [](const auto& form) {
                           return form.param == Form::kReal ? "Real" : "Simulated";
                         });

TEST_P(DiskTest, WritesAndReads) {
  auto file = disk_->open("a", Open::kCreateNew);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->write_at(3, bytes("steel")));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ((*file)->size().value(), 8u);
  EXPECT_EQ(read_file(*disk_, "a", 8).value(), bytes(std::string_view("\0\0\0steel", 8)));
  EXPECT_EQ(read_file(*disk_, "a", 7).error().code, ErrorCode::kTooLarge);
  ASSERT_TRUE((*file)->truncate(4));
  EXPECT_EQ(read_file(*disk_, "a", 8).value(), bytes(std::string_view("\0\0\0s", 4)));
  Bytes into(5);
  EXPECT_EQ((*file)->read_at(0, into).error().code, ErrorCode::kIo);
  EXPECT_EQ((*file)->read_at(9, into).error().code, ErrorCode::kIo);
}

TEST_P(DiskTest, OpensAsAsked) {
  EXPECT_EQ(disk_->open("a", Open::kRead).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(disk_->open("a", Open::kReadWrite).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(disk_->open("no/a", Open::kCreateNew).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE((*disk_->open("a", Open::kCreateNew))->write_at(0, bytes("12")));
  EXPECT_EQ(disk_->open("a", Open::kCreateNew).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ((*disk_->open("a", Open::kReadWrite))->size().value(), 2u);
  EXPECT_EQ((*disk_->open("a", Open::kCreateOrTruncate))->size().value(), 0u);
}

TEST_P(DiskTest, RefusesPathsThatLeaveTheFolder) {
  for (const std::string path : {"", "/etc/passwd", "..", "a/../b", "a//b", "./a", "a/"}) {
    EXPECT_EQ(disk_->open(path, Open::kCreateOrTruncate).error().code, ErrorCode::kInvalidArgument)
        << path;
    EXPECT_FALSE(disk_->remove(path)) << path;
  }
}

TEST_P(DiskTest, RenamesAndRemoves) {
  ASSERT_TRUE(disk_->make_folder("f"));
  ASSERT_TRUE(disk_->make_folder("f"));
  ASSERT_TRUE(replace_file(*disk_, "a", bytes("one")));
  ASSERT_TRUE(replace_file(*disk_, "f/b", bytes("two")));
  auto old = disk_->open("f/b", Open::kRead);
  ASSERT_TRUE(old.has_value());
  ASSERT_TRUE(disk_->rename("a", "f/b"));
  EXPECT_FALSE(disk_->exists("a").value());
  EXPECT_EQ(read_file(*disk_, "f/b", 9).value(), bytes("one"));
  Bytes into(3);
  ASSERT_TRUE((*old)->read_at(0, into));  // an open file outlives its name
  EXPECT_EQ(into, bytes("two"));
  ASSERT_TRUE(disk_->remove("f/b"));
  EXPECT_EQ(disk_->remove("f/b").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(disk_->rename("f/b", "c").error().code, ErrorCode::kNotFound);
}

TEST_P(DiskTest, ListsFilesInOrderWithoutFolders) {
  ASSERT_TRUE(disk_->make_folder("f"));
  for (const std::string path : {"f/c", "f/a", "f/b", "z"})
    ASSERT_TRUE(disk_->open(path, Open::kCreateNew).has_value());
  EXPECT_EQ(disk_->list("f").value(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(disk_->list("").value(), (std::vector<std::string>{"z"}));
  EXPECT_EQ(disk_->list("nowhere").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(disk_->sync_folder("f"));
  EXPECT_TRUE(disk_->sync_folder(""));
  EXPECT_FALSE(disk_->sync_folder("nowhere"));
  EXPECT_FALSE(disk_->make_folder("z"));
}

TEST_P(DiskTest, ReplacesWholeFilesAndLeavesNothingBehind) {
  for (const std::string_view content : {"first", "a much longer second", ""}) {
    ASSERT_TRUE(replace_file(*disk_, "m", bytes(content)));
    EXPECT_EQ(read_file(*disk_, "m", 99).value(), bytes(content));
  }
  EXPECT_EQ(disk_->list("").value(), (std::vector<std::string>{"m"}));
}

TEST_P(DiskTest, HasOneOwner) {
  auto lock = disk_->lock("lock");
  ASSERT_TRUE(lock.has_value());
  const auto second = disk_->lock("lock");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
  if (GetParam() == Form::kReal) {
    EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
  }
  lock->reset();
  EXPECT_TRUE(disk_->lock("lock").has_value());
}

TEST_P(DiskTest, TellsFreeSpace) { EXPECT_GT(disk_->free_bytes().value(), 0u); }

TEST(RealDisk, IsForItsOwnerOnly) {
  const TemporaryFolder folder;
  const std::string root = folder.path() + "/deep/data";
  auto disk = open_real_disk(root);
  ASSERT_TRUE(disk.has_value());
  ASSERT_TRUE((*disk)->make_folder("f"));
  ASSERT_TRUE((*disk)->open("f/a", Open::kCreateNew).has_value());
  const auto mode = [](const std::string& path) {
    struct stat facts{};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return facts.st_mode & 0777u;
  };
  EXPECT_EQ(mode(root), 0700u);
  EXPECT_EQ(mode(root + "/f"), 0700u);
  EXPECT_EQ(mode(root + "/f/a"), 0600u);
}

TEST(RealDisk, TellsAFullDisk) {
  std::ofstream probe("/dev/full");
  if (!probe.is_open()) GTEST_SKIP() << "no /dev/full here";
  auto dev = open_real_disk("/dev");
  ASSERT_TRUE(dev.has_value());
  auto full = (*dev)->open("full", Open::kReadWrite);
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ((*full)->write_at(0, as_byte_span("x")).error().code, ErrorCode::kDiskFull);
}

TEST(RealDisk, RefusesARootThatIsAFile) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/file") << "x";
  EXPECT_FALSE(open_real_disk(folder.path() + "/file").has_value());
  EXPECT_FALSE(open_real_disk(folder.path() + "/file/below").has_value());
}

/// The same calls on both; every answer and every byte must agree while nothing fails.
TEST(RealAndSimulatedDisk, AgreeOnRandomCalls) {
  const TemporaryFolder folder;
  auto real = open_real_disk(folder.path());
  ASSERT_TRUE(real.has_value());
  SimulatedDisk simulated(7);
  SeededRandom random(20261123);
  const std::vector<std::string> names = {"a", "b", "f/a", "f/b", "f/g/a", "nowhere/a"};
  const std::vector<std::string> folders = {"", "f", "f/g", "nowhere"};
  struct Opened {
    std::unique_ptr<File> real, simulated;
    bool writable;
  };
  std::vector<Opened> files;
  const auto agree = [](const auto& a, const auto& b) {
    ASSERT_EQ(a.has_value(), b.has_value()) << (a ? b : a).error().to_string();
    if (!a) {
      ASSERT_EQ(a.error().code, b.error().code) << a.error().to_string();
    }
  };
  for (int step = 0; step < 1500; ++step) {
    SCOPED_TRACE(step);
    const std::string& path = names[random.below(names.size())];
    const std::string& below = folders[random.below(folders.size())];
    switch (random.below(8)) {
      case 0: agree((*real)->make_folder("f"), simulated.make_folder("f")); break;
      case 1: {
        const auto how = static_cast<Open>(random.below(4));
        auto on_real = (*real)->open(path, how);
        auto on_simulated = simulated.open(path, how);
        agree(on_real, on_simulated);
        if (on_real && on_simulated)
          files.push_back({std::move(*on_real), std::move(*on_simulated), how != Open::kRead});
        if (files.size() > 8) files.erase(files.begin() + static_cast<int>(random.below(8)));
        break;
      }
      case 2: {
        const std::string& to = names[random.below(names.size())];
        agree((*real)->rename(path, to), simulated.rename(path, to));
        break;
      }
      case 3: agree((*real)->remove(path), simulated.remove(path)); break;
      case 4: {
        const auto on_real = (*real)->list(below);
        const auto on_simulated = simulated.list(below);
        agree(on_real, on_simulated);
        if (on_real && on_simulated) {
          ASSERT_EQ(*on_real, *on_simulated);
        }
        agree((*real)->sync_folder(below), simulated.sync_folder(below));
        break;
      }
      case 5: agree((*real)->make_folder("f/g"), simulated.make_folder("f/g")); break;
      default: {
        if (files.empty()) break;
        Opened& file = files[random.below(files.size())];
        const std::uint64_t offset = random.below(10'000);
        Bytes content(random.below(3000) + 1);
        random.fill(content);
        if (file.writable && random.one_in(8))
          agree(file.real->truncate(offset), file.simulated->truncate(offset));
        if (file.writable)
          agree(file.real->write_at(offset, content), file.simulated->write_at(offset, content));
        ASSERT_EQ(file.real->size().value(), file.simulated->size().value());
        Bytes from_real(random.below(4000));
        Bytes from_simulated(from_real.size());
        const std::uint64_t at = random.below(10'000);
        const auto on_real = file.real->read_at(at, from_real);
        agree(on_real, file.simulated->read_at(at, from_simulated));
        if (on_real) {
          ASSERT_EQ(from_real, from_simulated);
        }
      }
    }
    if (HasFatalFailure()) return;
  }
  for (const auto& path : simulated.files())
    EXPECT_EQ(read_file(**real, path, 1 << 20).value(), simulated.content(path)) << path;
}

}  // namespace
}  // namespace tundish::io
