#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "historian/block_format.h"
#include "model/ids.h"

namespace tundish::historian {

class Historian;

/// The files of one state of the historian, kept from removal while this lives. They are a manifest,
/// the blocks that it names, and the journal after it: what a power cut at the moment of cut() would have
/// left. Must not outlive the historian. Any thread.
class Hold {
 public:
  ~Hold();
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

  /// A file to copy: `bytes` long, of which only the first `valid_bytes` count and the rest reads as
  /// zeros (the newest journal segment, which is being written behind there).
  struct File {
    std::string path;
    std::uint64_t bytes = 0;
    std::uint64_t valid_bytes = 0;
    bool immutable = true;
  };
  struct Cut {
    Position position;  ///< everything through here, and nothing after it
    std::vector<File> files;
  };

  /// The state as of now: everything acknowledged before this call is in it. Waits for the group that
  /// is being written, for no flush and no compaction.
  Cut cut() const;

  /// The content of the file `manifest`; another one may be in force by now.
  const Bytes& manifest() const { return manifest_; }

 private:
  friend class Historian;
  explicit Hold(Historian& historian) : historian_(historian) {}

  Historian& historian_;
  Bytes manifest_;
  std::vector<BlockInfo> blocks_;
  Position flushed_;
};

}  // namespace tundish::historian
