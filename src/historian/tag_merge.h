#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "historian/block_format.h"
#include "historian/block_reader.h"
#include "historian/decoded_chunks.h"
#include "historian/resolve.h"

namespace tundish::historian {

/// Rows of one tag in memory, sorted; shared with the head or decoded from a chunk.
using RunPtr = std::shared_ptr<const StoredColumns>;

/// One chunk and the block that it is in.
struct BlockChunk {
  std::shared_ptr<const BlockReader> block;
  ChunkRef chunk;
};

/// Called once for each chunk that cannot be read because its bytes are damaged.
using OnDamage = std::function<void(const BlockChunk&, const Error&)>;

/// Puts the rows of one tag side by side, window by window of time, holding only those chunks in
/// memory that overlap the window. Within a window every run that has rows there is complete, so
/// a window can be resolved on its own. One thread.
class TagMerge {
 public:
  /// Without `on_damage` a damaged chunk is an error; with it, it is left out.
  TagMerge(std::vector<RunPtr> runs, std::vector<BlockChunk> chunks, TimeSpan span,
           OnDamage on_damage = {});

  /// From now on a chunk of numbers that no other source overlaps, in which no time repeats, and whose
  /// times none of `tombstones` touches comes as `Window::lone`: every row of it is seen, so neither
  /// its versions nor a resolution are needed. `decoded` must outlive the merge.
  void allow_lone(DecodedChunks& decoded, std::span<const Tombstone> tombstones);
  /// Then such a chunk comes unread, as `Window::unread`, where its rows are all Good and in the span.
  void allow_unread() { allows_unread_ = true; }

  struct Window {
    TimeSpan span;
    std::vector<const StoredColumns*> runs;  ///< valid until the next call
    /// Instead of `runs`: the rows of one chunk, all of them, also those outside `span`. Valid as they are.
    const Columns* lone = nullptr;
    /// Instead of both: a chunk like that, not read. read() makes it `lone`.
    const BlockChunk* unread = nullptr;
  };
  /// The next window that may hold rows, ascending; false at the end. Errors: kIo, kCorruption.
  Result<bool> next(Window& window);
  /// The same from the end of the span downwards. An object goes one way only.
  Result<bool> previous(Window& window);
  /// Reads what the window has unread. Errors: as next().
  Status read(Window& window);

 private:
  struct Source {
    TimeNs first = 0;
    TimeNs last = 0;
    RunPtr rows;  ///< of a chunk: while the window overlaps it
    BlockChunk chunk;
    bool is_chunk = false;
    bool damaged = false;
  };
  Status fill(Window& window);
  /// True when it gave the window its rows, or found that they are damaged.
  Result<bool> fill_lone(Window& window);
  Status read_lone(Source& source, Window& window);
  bool is_alone(const Source& source) const;

  std::vector<Source> sources_;
  std::vector<Source*> waiting_;  ///< the next to become active is at the back
  std::vector<Source*> active_;
  TimeSpan rest_;  ///< not yet covered
  bool started_ = false;
  bool done_ = false;
  OnDamage on_damage_;
  DecodedChunks* decoded_ = nullptr;
  bool allows_unread_ = false;
  std::vector<TimeRange> erased_;
};

}  // namespace tundish::historian
