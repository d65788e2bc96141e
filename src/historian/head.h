#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "historian/block_format.h"
#include "historian/resolve.h"
#include "historian/tag_groups.h"
#include "historian/tag_merge.h"
#include "model/ids.h"
#include "model/ports/sample_sink.h"

// The newest samples, in memory. A row is 32 bytes: what all rows of a batch have in common (their version but for
// the row's number, and the journal's position) stands once a batch. Rows are kept by tag in pieces, in order of
// arrival; they become columns with versions only when somebody asks for them, or when they are flushed.

namespace tundish::historian {

/// A row as the head keeps it.
struct HeadRow {
  TimeNs time = 0;
  std::uint64_t bits = 0;     ///< as in Columns; of a string: into its piece's text
  std::uint32_t quality = 0;  ///< status code
  std::uint32_t row = 0;      ///< its number in its batch, part of its version
  std::uint32_t batch = 0;    ///< the shard's number of its batch; they ascend with the position
};

/// Some rows of one tag and type that arrived one after the other.
struct HeadPiece {
  ValueType type = ValueType::kDouble;
  bool ascends = true;            ///< by (time, version)
  std::uint32_t first_batch = 0;  ///< of its rows, the earliest to arrive
  std::uint32_t last_batch = 0;
  TimeNs first = kTimeMax;  ///< the earliest time
  TimeNs last = kTimeMin;   ///< the latest
  std::vector<HeadRow> rows;
  std::string text;
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
  /// Rows in a piece that is full: then it is put in order, and never changes again.
  static constexpr std::size_t kPieceRows = 256;

  /// Takes in those groups of a batch whose tags are of this shard. Positions ascend from call to call.
  void apply(const SampleBatch& batch, const TagGroups& groups, Position position,
             std::size_t shard, std::size_t shards);
  void apply(const Tombstone& tombstone, Position position);

  /// Appends what records through `through` brought for `tag` in `span`. What follows in time comes as one run.
  void capture(TagId tag, TimeSpan span, Position through, HeadCapture& into) const;
  /// Everything of a tag, for a flush.
  void capture_all(TagId tag, HeadCapture& into) const;
  /// The newest time before `time`; nothing when there is none.
  std::optional<TimeNs> newest_before(TagId tag, TimeNs time, Position through) const;

  /// Whether there is anything of the tag.
  bool holds(TagId tag) const { return find(tag) != nullptr; }

  std::vector<TagId> tags() const;
  std::uint64_t samples() const { return samples_.load(std::memory_order_relaxed); }
  /// Memory that it takes, about.
  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct TagHead {
    TagId tag;
    HeadPiece tail;
    std::vector<HeadPiece> full;
    std::vector<std::pair<Tombstone, Position>> tombstones;
  };
  /// Of a batch, what its rows have in common.
  struct Batch {
    Version version;  ///< its `row` is that of the row
    Position position;
  };
  /// Where the tags of one enterprise are in heads_, by number: 0 nowhere, else the index + 1. In pages, so that
  /// few tags of many take little room.
  using Page = std::array<std::uint32_t, 1024>;
  using Pages = std::vector<std::unique_ptr<Page>>;

  const TagHead* find(TagId tag) const;
  std::uint32_t place_of(Pages& pages, TagId tag);
  void append_rows(TagHead& head, const SampleBatch& batch, std::span<const std::uint32_t> rows);
  void make_room(TagHead& head, ValueType type, std::size_t wanted);
  void put_in_order(HeadPiece& piece) const;
  std::uint32_t batches_through(Position through) const;
  Version version_of(const HeadRow& row) const {
    Version version = batches_[row.batch].version;
    version.row = row.row;
    return version;
  }
  void copy_rows(const HeadPiece& piece, TimeSpan span, std::uint32_t batches,
                 StoredColumns& into) const;

  std::map<EnterpriseId, Pages> places_;
  std::vector<TagHead> heads_;
  std::vector<Batch> batches_;
  std::uint64_t rows_bytes_ = 0;  ///< of all pieces
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
