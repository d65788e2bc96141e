#pragma once

#include <cstdint>
#include <vector>

#include "model/sample_batch.h"

namespace tundish::connect {

/// Readings of one session in columns, by item: the session's paths are looked up only when a batch
/// is made of them.
struct Rows {
  std::vector<std::uint32_t> items;
  BatchColumns columns;

  std::size_t size() const { return items.size(); }
  bool empty() const { return items.empty(); }
  /// Roughly what it holds in memory.
  std::size_t bytes() const {
    constexpr std::size_t kRowBytes = 4 + 8 + 4 + 1 + 8;
    return items.size() * kRowBytes + columns.text.size();
  }
  void push_back(std::uint32_t item, const Sample& sample) {
    items.push_back(item);
    columns.push_back(sample.time, sample.value, sample.quality);
  }
  /// Copies row `row` of `other`.
  void push_from(const Rows& other, std::size_t row) {
    push_back(other.items[row], other.columns.at(row));
  }
};

}  // namespace tundish::connect
