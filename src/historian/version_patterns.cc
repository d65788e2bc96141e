#include "historian/version_patterns.h"

#include "codec/column_codec.h"

namespace tundish::historian {

std::optional<std::size_t> VersionPatterns::find_or_add(const Bytes& plain) {
  // What names a pattern takes some four bytes.
  constexpr std::size_t kWorthSharing = 12;
  if (plain.size() < kWorthSharing) return std::nullopt;
  std::string key(as_text(plain));
  if (const auto found = numbers_.find(key); found != numbers_.end()) return found->second;
  if (columns_.size() >= kPatternsMax || plain_bytes_ + plain.size() > kPatternBytesMax)
    return std::nullopt;
  plain_bytes_ += plain.size();
  Bytes column = plain;
  codec::compress_column(column, 0);
  columns_.push_back(std::move(column));
  return numbers_.emplace(std::move(key), columns_.size() - 1).first->second;
}

}  // namespace tundish::historian
