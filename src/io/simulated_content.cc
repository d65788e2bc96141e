#include "io/simulated_content.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/check.h"

namespace tundish::io {

void SimulatedContent::read(std::uint64_t offset, std::span<std::byte> into) const {
  TUNDISH_CHECK(offset + into.size() <= cache_.size());
  if (!into.empty()) std::memcpy(into.data(), cache_.data() + offset, into.size());
}

void SimulatedContent::write(std::uint64_t offset, ByteSpan bytes) {
  if (bytes.empty()) return;
  const std::uint64_t end = offset + bytes.size();
  fall_behind(offset / sector_bytes_, (end - 1) / sector_bytes_);
  if (end > cache_.size()) cache_.resize(end);
  std::memcpy(cache_.data() + offset, bytes.data(), bytes.size());
  const std::uint64_t last_block = (end - 1) / kBlockBytes;
  if (allocated_.size() <= last_block) allocated_.resize(last_block + 1);
  for (std::uint64_t block = offset / kBlockBytes; block <= last_block; ++block) {
    if (!allocated_[block]) ++blocks_;
    allocated_[block] = true;
  }
}

void SimulatedContent::truncate(std::uint64_t bytes) {
  const std::uint64_t low = std::min<std::uint64_t>(bytes, cache_.size());
  const std::uint64_t high = std::max<std::uint64_t>(bytes, cache_.size());
  if (low == high) return;
  // Growing changes no byte of the medium, only the size; shrinking zeroes what is cut off.
  if (bytes < cache_.size()) fall_behind(low / sector_bytes_, (high - 1) / sector_bytes_);
  cache_.resize(bytes);
  count_blocks();
}

void SimulatedContent::sync() {
  // Sectors that an earlier failed sync gave up stay behind: the kernel thinks that they are clean.
  std::erase_if(behind_, [](const auto& entry) { return entry.second.dirty; });
  medium_size_ = cache_.size();
}

void SimulatedContent::fail_sync(Random& random) {
  for (auto entry = behind_.begin(); entry != behind_.end();) {
    const bool written = entry->second.dirty && random.one_in(2);
    entry->second.dirty = false;
    entry = written ? behind_.erase(entry) : std::next(entry);
  }
  if (random.one_in(2)) medium_size_ = cache_.size();
}

void SimulatedContent::write_back_some(Random& random) {
  std::erase_if(behind_, [&](const auto& entry) { return entry.second.dirty && random.one_in(2); });
}

void SimulatedContent::power_cut(Random& random) {
  const std::uint64_t low = std::min<std::uint64_t>(medium_size_, cache_.size());
  const std::uint64_t high = std::max<std::uint64_t>(medium_size_, cache_.size());
  std::uint64_t size = low;
  if (low != high) {
    switch (random.below(3)) {
      case 0: size = low; break;
      case 1: size = high; break;
      default: size = low + random.below(high - low);
    }
  }
  cache_.resize(high);
  for (const auto& [sector, behind] : behind_) {
    if (!behind.dirty || random.one_in(2)) restore(sector, behind);
  }
  behind_.clear();
  cache_.resize(size);
  medium_size_ = size;
  count_blocks();
}

void SimulatedContent::flip_bit(std::uint64_t bit) {
  TUNDISH_CHECK(bit / 8 < cache_.size());
  const auto mask = static_cast<std::byte>(1u << (bit % 8));
  cache_[bit / 8] ^= mask;
  const auto behind = behind_.find(bit / 8 / sector_bytes_);
  if (behind != behind_.end()) behind->second.bytes[bit / 8 % sector_bytes_] ^= mask;
}

std::uint64_t SimulatedContent::writable(std::uint64_t offset, std::uint64_t bytes,
                                         std::uint64_t blocks_free) const {
  std::uint64_t at = offset;
  while (at < offset + bytes) {
    const std::uint64_t block = at / kBlockBytes;
    if (block >= allocated_.size() || !allocated_[block]) {
      if (blocks_free == 0) break;
      --blocks_free;
    }
    at = (block + 1) * kBlockBytes;
  }
  return std::min(at - offset, bytes);
}

/// Keeps the medium's bytes of the sectors that are about to change in the cache alone.
void SimulatedContent::fall_behind(std::uint64_t first_sector, std::uint64_t last_sector) {
  for (std::uint64_t sector = first_sector; sector <= last_sector; ++sector) {
    const auto [entry, added] = behind_.try_emplace(sector);
    entry->second.dirty = true;
    if (!added) continue;
    Bytes& old = entry->second.bytes;
    old.resize(sector_bytes_);
    const std::uint64_t at = sector * sector_bytes_;
    if (at < cache_.size())
      std::memcpy(old.data(), cache_.data() + at,
                  std::min<std::uint64_t>(sector_bytes_, cache_.size() - at));
  }
}

void SimulatedContent::restore(std::uint64_t sector, const Behind& behind) {
  const std::uint64_t at = sector * sector_bytes_;
  if (at >= cache_.size()) return;
  std::memcpy(cache_.data() + at, behind.bytes.data(),
              std::min<std::uint64_t>(sector_bytes_, cache_.size() - at));
}

/// After a change of size: blocks past the end are given back.
void SimulatedContent::count_blocks() {
  allocated_.resize((cache_.size() + kBlockBytes - 1) / kBlockBytes);
  blocks_ = static_cast<std::uint64_t>(std::count(allocated_.begin(), allocated_.end(), true));
}

}  // namespace tundish::io
