// To be preloaded (LD_PRELOAD) into the real program: the calls that FAULT_CALL names (fdatasync, fsync, pwrite, write, pread,
// open, openat, renameat, ftruncate, unlink, unlinkat, mkdirat, mmap; those of 64 bits count with the plain ones) fail with
// FAULT_ERROR (a number of errno.h) on files whose path has FAULT_PATH in it, from the FAULT_AFTER-th on, FAULT_COUNT
// times, and only once the file FAULT_ARMED exists. The file FAULT_TOLD is made when one failed.
// FAULT_FREE_BYTES is what the disk seems to have free, FAULT_CLOCK the second that it seems to be.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<long> calls{0};

long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text == nullptr ? otherwise : atol(text);
}

/// True when this call is to fail; errno is set.
bool fails(const char* call, const char* path) {
  const char* wanted = getenv("FAULT_CALL");
  const char* part = getenv("FAULT_PATH");
  const char* armed = getenv("FAULT_ARMED");
  if (wanted == nullptr || strcmp(wanted, call) != 0) return false;
  if (part != nullptr && strstr(path, part) == nullptr) return false;
  if (armed != nullptr && access(armed, F_OK) != 0) return false;
  const long at = ++calls;
  const long first = number("FAULT_AFTER", 1);
  if (at < first || at >= first + number("FAULT_COUNT", 1)) return false;
  if (const char* told = getenv("FAULT_TOLD"); told != nullptr)
    syscall(SYS_close,
            static_cast<int>(syscall(SYS_openat, AT_FDCWD, told, O_CREAT | O_WRONLY, 0600)));
  errno = static_cast<int>(number("FAULT_ERROR", EIO));
  return true;
}

bool fails(const char* call, int file) {
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = 0;
  return fails(call, path);
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

/// Opens with the one function of the system below them all.
int open_below(int folder, const char* path, int flags, mode_t mode) {
  return static_cast<int>(syscall(SYS_openat, folder, path, flags, mode));
}
mode_t mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
}

}  // namespace

extern "C" {

int fdatasync(int file) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return fails("fdatasync", file) ? -1 : real(file);
}
int fsync(int file) {
  static const auto real = next<int (*)(int)>("fsync");
  return fails("fsync", file) ? -1 : real(file);
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fails("pwrite", file) ? -1 : real(file, bytes, count, offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
  return pwrite(file, bytes, count, offset);
}
ssize_t write(int file, const void* bytes, size_t count) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return fails("write", file) ? -1 : real(file, bytes, count);
}
ssize_t pread(int file, void* bytes, size_t count, off_t offset) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return fails("pread", file) ? -1 : real(file, bytes, count, offset);
}
ssize_t pread64(int file, void* bytes, size_t count, off64_t offset) {
  return pread(file, bytes, count, offset);
}
int ftruncate(int file, off_t length) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return fails("ftruncate", file) ? -1 : real(file, length);
}
int ftruncate64(int file, off64_t length) noexcept { return ftruncate(file, length); }
int renameat(int from, const char* a, int to, const char* b) noexcept {
  static const auto real = next<int (*)(int, const char*, int, const char*)>("renameat");
  return fails("renameat", b) ? -1 : real(from, a, to, b);
}
int unlink(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("unlink");
  return fails("unlink", path) ? -1 : real(path);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  static const auto real = next<int (*)(int, const char*, int)>("unlinkat");
  return fails("unlinkat", path) ? -1 : real(folder, path, flags);
}
int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  static const auto real = next<int (*)(int, const char*, mode_t)>("mkdirat");
  return fails("mkdirat", path) ? -1 : real(folder, path, mode);
}
void* mmap64(void* at, size_t length, int access, int flags, int file, off64_t offset) noexcept {
  static const auto real = next<void* (*)(void*, size_t, int, int, int, off64_t)>("mmap64");
  if (file >= 0 && fails("mmap", file)) return MAP_FAILED;
  return real(at, length, access, flags, file, offset);
}
int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return fails("open", path) ? -1 : open_below(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return fails("open", path) ? -1 : open_below(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return fails("openat", path) ? -1 : open_below(folder, path, flags, mode);
}
int fstatvfs(int file, struct statvfs* facts) noexcept {
  static const auto real = next<int (*)(int, struct statvfs*)>("fstatvfs");
  if (fails("fstatvfs", file)) return -1;
  const int code = real(file, facts);
  const long free = number("FAULT_FREE_BYTES", -1);
  if (code == 0 && free >= 0) facts->f_bavail = static_cast<fsblkcnt_t>(free) / facts->f_frsize;
  return code;
}
int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
  const long second = number("FAULT_CLOCK", -1);
  const auto code = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_REALTIME && second >= 0) time->tv_sec = second;
  return code;
}
}
