// The disk through POSIX. All paths are opened relative to a descriptor of the root folder, so the
// tree may be moved while it is in use and the process's working directory does not matter.

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "io/disk.h"

namespace tundish::io {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
// Linux moves at most 0x7ffff000 bytes a call; smaller pieces keep one call interruptible.
constexpr std::size_t kBytesPerCallMax = std::size_t{1} << 30;

std::unexpected<Error> fail_errno(int error, const std::string& doing, const std::string& path) {
  ErrorCode code = ErrorCode::kIo;
  if (error == ENOENT || error == ENOTDIR) code = ErrorCode::kNotFound;
  if (error == EEXIST) code = ErrorCode::kAlreadyExists;
  if (error == ENOSPC || error == EDQUOT) code = ErrorCode::kDiskFull;
  return fail(code, doing + ": " + std::generic_category().message(error), path);
}

/// Repeats a system call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

class RealFile final : public File {
 public:
  RealFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Status read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    while (!into.empty()) {
      const std::size_t want = std::min(into.size(), kBytesPerCallMax);
      const ssize_t got = uninterrupted([&] {
        return ::pread(descriptor_.get(), into.data(), want, static_cast<off_t>(offset));
      });
      if (got < 0) return fail_at(errno, "cannot read", offset);
      if (got == 0)
        return fail(
            Error{ErrorCode::kIo, "the file ends before what was asked for", path_, offset});
      into = into.subspan(static_cast<std::size_t>(got));
      offset += static_cast<std::uint64_t>(got);
    }
    return {};
  }

  Status write_at(std::uint64_t offset, ByteSpan bytes) override {
    while (!bytes.empty()) {
      const std::size_t want = std::min(bytes.size(), kBytesPerCallMax);
      const ssize_t put = uninterrupted([&] {
        return ::pwrite(descriptor_.get(), bytes.data(), want, static_cast<off_t>(offset));
      });
      if (put < 0) return fail_at(errno, "cannot write", offset);
      if (put == 0) return fail_at(EIO, "cannot write", offset);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    }
    return {};
  }

  Status sync() override {
    if (uninterrupted([&] { return ::fdatasync(descriptor_.get()); }) < 0)
      return fail_errno(errno, "cannot sync", path_);
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat facts{};
    if (::fstat(descriptor_.get(), &facts) < 0) return fail_errno(errno, "cannot stat", path_);
    return static_cast<std::uint64_t>(facts.st_size);
  }

  Status truncate(std::uint64_t bytes) override {
    if (uninterrupted([&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(bytes)); }) <
        0)
      return fail_at(errno, "cannot truncate", bytes);
    return {};
  }

 private:
  std::unexpected<Error> fail_at(int error, const std::string& doing, std::uint64_t offset) const {
    auto failure = fail_errno(error, doing, path_);
    failure.error().offset = offset;
    return failure;
  }

  const Descriptor descriptor_;
  const std::string path_;
};

/// The kernel drops the flock when the last descriptor of it closes, at the process's end at the
/// latest. The file stays: removing it would let two owners lock two files of one name.
class RealLock final : public FolderLock {
 public:
  explicit RealLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  const Descriptor descriptor_;
};

class RealDisk final : public Disk {
 public:
  RealDisk(Descriptor root, std::string root_path)
      : root_(std::move(root)), root_path_(std::move(root_path)) {}

  Result<std::unique_ptr<File>> open(const std::string& path, Open how) override {
    TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
    int flags = O_CLOEXEC | O_NOCTTY;
    switch (how) {
      case Open::kRead: flags |= O_RDONLY; break;
      case Open::kReadWrite: flags |= O_RDWR; break;
      case Open::kCreateNew: flags |= O_RDWR | O_CREAT | O_EXCL; break;
      case Open::kCreateOrTruncate: flags |= O_RDWR | O_CREAT | O_TRUNC; break;
    }
    Descriptor descriptor(open_at(path, flags));
    if (!descriptor.valid()) return fail_errno(errno, "cannot open", path);
    return std::make_unique<RealFile>(std::move(descriptor), path);
  }

  Status rename(const std::string& from, const std::string& to) override {
    TUNDISH_RETURN_IF_ERROR(check_disk_path(from));
    TUNDISH_RETURN_IF_ERROR(check_disk_path(to));
    if (::renameat(root_.get(), from.c_str(), root_.get(), to.c_str()) < 0)
      return fail_errno(errno, "cannot rename to " + to, from);
    return {};
  }

  Status remove(const std::string& path) override {
    TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
    if (::unlinkat(root_.get(), path.c_str(), 0) < 0)
      return fail_errno(errno, "cannot remove", path);
    return {};
  }

  Result<bool> exists(const std::string& path) override {
    TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
    struct stat facts{};
    if (::fstatat(root_.get(), path.c_str(), &facts, 0) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return fail_errno(errno, "cannot stat", path);
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    TUNDISH_TRY(Descriptor descriptor, open_folder(folder));
    // fdopendir takes the descriptor over and closedir closes it.
    DIR* const stream = ::fdopendir(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0));
    if (stream == nullptr) return fail_errno(errno, "cannot list", folder);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* const entry = ::readdir(stream)) {
      if (is_file(descriptor.get(), *entry)) names.emplace_back(entry->d_name);
      errno = 0;
    }
    const int error = errno;
    ::closedir(stream);
    if (error != 0) return fail_errno(error, "cannot list", folder);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status make_folder(const std::string& folder) override {
    TUNDISH_RETURN_IF_ERROR(check_disk_path(folder));
    if (::mkdirat(root_.get(), folder.c_str(), kFolderMode) == 0) return {};
    const int error = errno;
    struct stat facts{};
    if (error == EEXIST && ::fstatat(root_.get(), folder.c_str(), &facts, 0) == 0 &&
        S_ISDIR(facts.st_mode))
      return {};
    return fail_errno(error, "cannot make the folder", folder);
  }

  Status sync_folder(const std::string& folder) override {
    TUNDISH_TRY(const Descriptor descriptor, open_folder(folder));
    if (uninterrupted([&] { return ::fsync(descriptor.get()); }) < 0)
      return fail_errno(errno, "cannot sync the folder", folder);
    return {};
  }

  Result<std::uint64_t> free_bytes() override {
    struct statvfs facts{};
    if (uninterrupted([&] { return ::fstatvfs(root_.get(), &facts); }) < 0)
      return fail_errno(errno, "cannot ask for free space", root_path_);
    return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
  }

  Result<std::unique_ptr<FolderLock>> lock(const std::string& path) override {
    TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
    Descriptor descriptor(open_at(path, O_RDWR | O_CREAT | O_CLOEXEC));
    if (!descriptor.valid()) return fail_errno(errno, "cannot open the lock file", path);
    if (uninterrupted([&] { return ::flock(descriptor.get(), LOCK_EX | LOCK_NB); }) < 0) {
      if (errno != EWOULDBLOCK) return fail_errno(errno, "cannot lock", path);
      return fail(ErrorCode::kInUse,
                  "the data folder is in use by the process " + owner_of(descriptor.get()) +
                      "; stop it first",
                  root_path_ + "/" + path);
    }
    const std::string owner = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor.get(), 0) < 0 ||
        ::pwrite(descriptor.get(), owner.data(), owner.size(), 0) < 0) {
      // The number only serves the other's error message; the lock itself holds without it, and a
      // full disk must not keep the platform from starting.
    }
    return std::make_unique<RealLock>(std::move(descriptor));
  }

 private:
  int open_at(const std::string& path, int flags) const {
    return uninterrupted([&] { return ::openat(root_.get(), path.c_str(), flags, kFileMode); });
  }

  Result<Descriptor> open_folder(const std::string& folder) const {
    if (!folder.empty()) TUNDISH_RETURN_IF_ERROR(check_disk_path(folder));
    Descriptor descriptor(
        open_at(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.valid())
      return fail_errno(errno, "cannot open the folder", folder.empty() ? root_path_ : folder);
    return descriptor;
  }

  static bool is_file(int folder, const dirent& entry) {
    if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return entry.d_type == DT_REG;
    struct stat facts{};
    return ::fstatat(folder, entry.d_name, &facts, 0) == 0 && S_ISREG(facts.st_mode);
  }

  static std::string owner_of(int lock_file) {
    char text[24] = {};
    const ssize_t got = ::pread(lock_file, text, sizeof text - 1, 0);
    std::string owner(text, got > 0 ? static_cast<std::size_t>(got) : 0);
    owner.resize(std::min(owner.find_first_not_of("0123456789"), owner.size()));
    return owner.empty() ? "?" : owner;
  }

  const Descriptor root_;
  const std::string root_path_;
};

/// Makes `root` and its missing parents, each one's name synced: a folder that a power cut takes
/// away takes everything acknowledged in it along.
Status make_root(const std::string& root) {
  for (std::size_t slash = root.find('/', 1);; slash = root.find('/', slash + 1)) {
    const std::string part = root.substr(0, slash);
    if (::mkdir(part.c_str(), kFolderMode) == 0) {
      const std::string parent = part.substr(0, part.find_last_of('/') + 1);
      const Descriptor descriptor(
          ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!descriptor.valid() || ::fsync(descriptor.get()) < 0)
        return fail_errno(errno, "cannot sync the folder above", part);
    } else if (slash == std::string::npos && errno != EEXIST && errno != EROFS && errno != EACCES) {
      // The last two come from an existing folder on some mounts too; opening it decides.
      return fail_errno(errno, "cannot make the data folder", root);
    }
    if (slash == std::string::npos) return {};
  }
}

}  // namespace

Result<std::unique_ptr<Disk>> open_real_disk(const std::string& root) {
  TUNDISH_RETURN_IF_ERROR(make_root(root));
  Descriptor descriptor(
      uninterrupted([&] { return ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!descriptor.valid()) return fail_errno(errno, "cannot open the data folder", root);
  return std::make_unique<RealDisk>(std::move(descriptor), root);
}

}  // namespace tundish::io
