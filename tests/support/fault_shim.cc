// To be preloaded (LD_PRELOAD) into the real program: the calls that FAULT_CALL names (fdatasync, pwrite, pread, openat,
// renameat, ftruncate) fail with FAULT_ERROR (a number of errno.h) on files whose path has FAULT_PATH in it, from the
// FAULT_AFTER-th on, FAULT_COUNT times, and only once the file FAULT_ARMED exists.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
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

}  // namespace

extern "C" {

int fdatasync(int file) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return fails("fdatasync", file) ? -1 : real(file);
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fails("pwrite", file) ? -1 : real(file, bytes, count, offset);
}
ssize_t pread(int file, void* bytes, size_t count, off_t offset) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return fails("pread", file) ? -1 : real(file, bytes, count, offset);
}
int ftruncate(int file, off_t length) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return fails("ftruncate", file) ? -1 : real(file, length);
}
int renameat(int from, const char* a, int to, const char* b) noexcept {
  static const auto real = next<int (*)(int, const char*, int, const char*)>("renameat");
  return fails("renameat", b) ? -1 : real(from, a, to, b);
}
int openat(int folder, const char* path, int flags, ...) {
  static const auto real = next<int (*)(int, const char*, int, ...)>("openat");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
  va_end(arguments);
  return fails("openat", path) ? -1 : real(folder, path, flags, mode);
}
}
