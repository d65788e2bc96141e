#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "historian/block_format.h"
#include "historian/block_reader.h"
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

  struct Window {
    TimeSpan span;
    std::vector<const StoredColumns*> runs;  ///< valid until the next call
  };
  /// The next window that may hold rows, ascending; false at the end. Errors: kIo, kCorruption.
  Result<bool> next(Window& window);
  /// The same from the end of the span downwards. An object goes one way only.
  Result<bool> previous(Window& window);

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

  std::vector<Source> sources_;
  std::vector<Source*> waiting_;  ///< the next to become active is at the back
  std::vector<Source*> active_;
  TimeSpan rest_;  ///< not yet covered
  bool started_ = false;
  bool done_ = false;
  OnDamage on_damage_;
};

}  // namespace tundish::historian
