#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"

namespace tundish::historian {

/// What the patterns of one block may take, as they stand in the file and unfolded.
inline constexpr std::size_t kPatternBytesMax = 1 << 20;
inline constexpr std::size_t kPatternsMax = 1 << 14;

/// The columns of versions that several chunks of a block share (codec/versions.h). One thread.
class VersionPatterns {
 public:
  /// The number of the pattern with these plain bytes, which is made when there is room for it; else nothing, and the
  /// column stands in its chunk.
  std::optional<std::size_t> find_or_add(const Bytes& plain);
  /// As they stand in the file, in order.
  const std::vector<Bytes>& columns() const { return columns_; }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;  ///< by plain bytes
  std::vector<Bytes> columns_;
  std::size_t plain_bytes_ = 0;
};

}  // namespace tundish::historian
