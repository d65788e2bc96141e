#include "io/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace tundish::io {
namespace {

class RealRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
      if (got < 0) {
        if (errno == EINTR) continue;
        // Without the kernel's generator no secret can be made, and a weak one must not be.
        end_process("the kernel's random generator failed (getrandom)");
      }
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
  }
  std::uint64_t next() override {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
};

}  // namespace

Random& real_random() {
  static RealRandom random;
  return random;
}

// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
std::uint64_t SeededRandom::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

void SeededRandom::fill(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const std::uint64_t value = next();
    const std::size_t count = bytes.size() < sizeof value ? bytes.size() : sizeof value;
    std::memcpy(bytes.data(), &value, count);
    bytes = bytes.subspan(count);
  }
}

}  // namespace tundish::io
