#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace tundish {

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;

static_assert(std::endian::native == std::endian::little, "formats are written in host order");

inline ByteSpan as_byte_span(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Appends little-endian integers, LEB128 varints and length-prefixed text to a byte vector.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  template <class T>
    requires std::is_integral_v<T>
  void fixed(T value) {
    const auto at = out_.size();
    out_.resize(at + sizeof(T));
    std::memcpy(out_.data() + at, &value, sizeof(T));
  }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<std::byte>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<std::byte>(value));
  }
  void svarint(std::int64_t value) { varint(zigzag(value)); }
  void raw(ByteSpan bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  /// Varint length, then the bytes.
  void text(std::string_view value) {
    varint(value.size());
    raw(as_byte_span(value));
  }
  std::size_t size() const { return out_.size(); }

 private:
  Bytes& out_;
};

/// Reads what ByteWriter writes, from bytes that nobody vouches for: every read is bounded, and
/// after the first failure `ok()` stays false and reads give zero. Check once after a group.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes) : bytes_(bytes) {}

  template <class T>
    requires std::is_integral_v<T>
  T fixed() {
    T value = 0;
    if (!take(sizeof(T))) return value;
    std::memcpy(&value, bytes_.data() + at_ - sizeof(T), sizeof(T));
    return value;
  }
  std::uint64_t varint();
  std::int64_t svarint() { return unzigzag(varint()); }
  /// A borrowed span of `count` bytes, empty on failure.
  ByteSpan raw(std::size_t count) {
    if (!take(count)) return {};
    return bytes_.subspan(at_ - count, count);
  }
  /// Text with a varint length of at most `bytes_max`.
  std::string_view text(std::size_t bytes_max);
  /// A varint that must be at most `max`: the way to read any count before allocating for it.
  std::uint64_t varint_max(std::uint64_t max);

  bool ok() const { return ok_; }
  void set_failed() { ok_ = false; }
  std::size_t offset() const { return at_; }
  std::size_t remaining() const { return ok_ ? bytes_.size() - at_ : 0; }
  bool at_end() const { return ok_ && at_ == bytes_.size(); }

 private:
  bool take(std::size_t count) {
    if (!ok_ || bytes_.size() - at_ < count) {
      ok_ = false;
      return false;
    }
    at_ += count;
    return true;
  }

  ByteSpan bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace tundish
