#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "historian/block_writer.h"
#include "historian/compaction_plan.h"
#include "io/disk.h"

namespace tundish::historian {

/// Writes rows into one block a group. One thread. Errors of all: kDiskFull, kIo; after one call abandon().
class GroupWriter {
 public:
  /// Blocks that are open at once; rows of windows beyond that share one block that is mixed still.
  static constexpr std::size_t kOpenMax = 256;

  /// `next_file_id` gives each block its number; all of them state the journal's positions from .. through.
  GroupWriter(io::Disk& disk, std::function<std::uint64_t()> next_file_id, Position from,
              Position through);
  ~GroupWriter();
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  /// Rows of one tag and type, ascending, as for BlockWriter::add; tags ascend.
  Status add(TagId tag, KeepDays keep, const StoredColumns& rows);
  /// Of one tag; they go into a block of their own, which retention does not drop with a window.
  Status add_tombstones(TagId tag, std::span<const Tombstone> tombstones);

  /// The blocks, synced, their names durable. None when nothing was added.
  Result<std::vector<BlockInfo>> finish();
  /// Removes what was made; the files whose removal failed are returned.
  std::vector<std::uint64_t> abandon();
  /// The files made so far.
  const std::vector<std::uint64_t>& made() const { return made_; }

 private:
  Result<BlockWriter*> writer_of(const BlockGroup& group);
  Result<BlockWriter> open();
  Status finish_open();
  Status enter(EnterpriseId enterprise);

  io::Disk& disk_;
  const std::function<std::uint64_t()> next_file_id_;
  const Position from_;
  const Position through_;
  EnterpriseId enterprise_;
  std::map<BlockGroup, BlockWriter> open_;  ///< of enterprise_
  std::optional<BlockWriter> rest_;
  std::vector<std::uint64_t> made_;
  std::vector<BlockInfo> finished_;
};

}  // namespace tundish::historian
