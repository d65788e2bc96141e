#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "historian/block_format.h"
#include "historian/journal_record.h"
#include "historian/tag_merge.h"
#include "model/ids.h"
#include "model/ports/sample_sink.h"

namespace tundish::historian {

/// Rows of one tag and type in the head, each with the position of its record.
struct HeadPiece {
  StoredColumns rows;
  std::vector<std::uint64_t> positions;
  std::uint64_t position_min = 0;
  std::uint64_t position_max = 0;

  void sort();
};

/// What one tag holds in a part of the head that a reader may see.
struct HeadCapture {
  std::vector<RunPtr> runs;
  std::vector<Tombstone> tombstones;
};

/// One shard of one generation of the head. One thread changes it; once its generation is frozen
/// nobody does and any thread reads.
class HeadShard {
 public:
  /// Rows in a piece that is full: then it is sorted, and never changes again.
  static constexpr std::size_t kPieceRows = 1024;

  void apply(const SampleBatch& batch, Position position, std::size_t shard, std::size_t shards);
  void apply(const Tombstone& tombstone, Position position);

  /// Appends what records through `through` brought for `tag` in `span`.
  void capture(TagId tag, TimeSpan span, Position through, HeadCapture& into) const;
  /// Everything of a tag, for a flush.
  void capture_all(TagId tag, HeadCapture& into) const;
  /// The newest time before `time` among rows that are not sealed yet; nothing when there is none.
  std::optional<TimeNs> newest_before(TagId tag, TimeNs time, Position through) const;

  /// Whether there is anything of the tag.
  bool holds(TagId tag) const { return tags_.contains(tag); }

  std::vector<TagId> tags() const;
  std::uint64_t samples() const { return samples_.load(std::memory_order_relaxed); }
  /// Memory that it takes, about.
  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct TagHead {
    std::vector<std::shared_ptr<const HeadPiece>> sealed;
    HeadPiece tail;  ///< in order of arrival
    std::vector<std::pair<Tombstone, Position>> tombstones;
  };

  static void seal(TagHead& head);

  std::unordered_map<TagId, TagHead> tags_;
  std::atomic<std::uint64_t> samples_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

/// The part of the head between two flushes: all shards.
class HeadGeneration {
 public:
  explicit HeadGeneration(std::size_t shards) : shards_(shards) {}

  static std::size_t shard_of(TagId tag, std::size_t shards) {
    return std::hash<TagId>()(tag) % shards;
  }
  HeadShard& shard(std::size_t index) { return shards_[index]; }
  const HeadShard& shard(std::size_t index) const { return shards_[index]; }
  std::size_t shards() const { return shards_.size(); }

  /// After this nothing changes it, and readers need not ask its thread.
  void freeze() { frozen_.store(true, std::memory_order_release); }
  bool frozen() const { return frozen_.load(std::memory_order_acquire); }

  std::uint64_t samples() const;
  std::uint64_t bytes() const;
  bool empty() const;

 private:
  std::vector<HeadShard> shards_;
  std::atomic<bool> frozen_{false};
};

}  // namespace tundish::historian
