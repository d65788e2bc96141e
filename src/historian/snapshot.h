#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "historian/block_set.h"
#include "historian/head.h"
#include "historian/retention_table.h"
#include "historian/shard_executor.h"
#include "model/ports/sample_reader.h"

namespace tundish::historian {

using GenerationPtr = std::shared_ptr<HeadGeneration>;

/// What the samples consist of at one moment: blocks, and the generations of the head that are not
/// in them, oldest first; the last one is live. A flush puts a new view in place of the old one, so
/// who holds a view misses nothing and sees nothing twice, for as long as he likes.
struct View {
  std::shared_ptr<const BlockSet> blocks;
  std::vector<GenerationPtr> generations;
  std::vector<std::string> unreadable;  ///< blocks that could not be opened, a sentence each
};

/// Snapshot over a view: rows of later records in its last generation are left out.
class ViewSnapshot final : public Snapshot {
 public:
  using Executors = std::span<const std::unique_ptr<ShardExecutor>>;
  using ReportDamage = std::function<void(const BlockChunk&, const Error&)>;

  /// `executors` must outlive it. `report` hears of damaged chunks, on the calling thread.
  ViewSnapshot(View view, Position position, Executors executors, RetentionTable retention,
               ReportDamage report);

  Position position() const override { return position_; }
  void prefetch(std::span<const Wanted> wanted) override;
  Status scan(TagId tag, TimeRange range, const Visit& visit) override {
    return scan_digest(tag, range, visit, {});
  }
  Status scan_digest(TagId tag, TimeRange range, const Visit& visit, const Digest& digest) override;
  Result<std::optional<Sample>> at_or_before(TagId tag, TimeNs time) override;
  Result<std::optional<Sample>> at_or_after(TagId tag, TimeNs time) override;
  Result<std::optional<Sample>> latest(TagId tag) override;
  Result<bool> history(TagId tag, TimeRange range, std::size_t limit,
                       std::vector<SampleVersion>& found) override;
  TimeNs kept_from(TagId tag) const override { return retention_.kept_from(tag); }
  std::vector<std::string> damage() const override { return damage_; }

 private:
  struct Sources {
    TagMerge merge;
    std::vector<Tombstone> tombstones;
  };
  /// With every version nothing comes without being resolved.
  enum class Asked { kWhatIsSeen, kEveryVersion };
  Sources sources(TagId tag, TimeSpan span, Asked asked = Asked::kWhatIsSeen);
  Result<bool> take_unread(const BlockChunk& chunk, const Digest& digest);
  Result<std::optional<Sample>> last_in(TagId tag, TimeSpan span);
  std::optional<Sample> last_by_index(TagId tag);
  bool is_in_head(TagId tag);
  bool take_prefetched(TagId tag, TimeSpan span, HeadCapture& into) const;
  void take_live(const HeadGeneration& generation, TagId tag, TimeSpan span, HeadCapture& into);

  const View view_;
  const Position position_;
  const Executors executors_;
  const RetentionTable retention_;
  const ReportDamage report_;
  std::vector<std::string> damage_;
  /// What the live generation has from a time on, which is that of a row before what was wanted.
  struct Prefetched {
    TimeNs from = 0;
    HeadCapture capture;
  };
  std::unordered_map<TagId, Prefetched> prefetched_;
  std::unordered_set<TagId> asked_;  ///< of the live generation, without having been prefetched
  DecodedChunks decoded_;
  Bytes chunk_bytes_;  ///< of a chunk whose sums are read
  bool is_visiting_ = false;
  std::set<std::pair<const BlockReader*, std::uint64_t>> damaged_;  ///< each is named once
};

}  // namespace tundish::historian
