#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "ingest/resolve.h"
#include "model/ids.h"

namespace tundish::ingest {

using ResolvedPaths = std::shared_ptr<const std::vector<ResolvedPath>>;

/// What the paths of earlier batches stood for. Senders name the same tags in the same order again and again: then
/// one comparison of texts takes the place of a lookup a path. Nothing is given that was asked before a tag got another
/// name, and only lists of which every path is a tag of the enterprise are remembered. Any thread.
class KnownPaths {
 public:
  /// Longer lists are not remembered.
  static constexpr std::size_t kPathsMax = 8192;
  static constexpr std::size_t kListsMax = 64;

  /// The state of the catalogue that was asked.
  struct State {
    EnterpriseId enterprise;
    std::uint64_t renames = 0;  ///< TagCatalogue::renames
    bool operator==(const State&) const = default;
  };

  /// Null when they are not known.
  ResolvedPaths find(const State& state, std::span<const std::string> paths) const;
  /// `state` as it was before they were resolved. The oldest of a few gives way.
  void remember(const State& state, std::span<const std::string> paths, ResolvedPaths resolved);

 private:
  struct List {
    std::uint64_t hash = 0;
    State state;
    std::string text;  ///< one path after the other
    std::vector<std::uint32_t> ends;
    ResolvedPaths resolved;

    bool is(std::span<const std::string> paths) const;
  };
  /// Lists whose hashes fall together.
  struct Shelf {
    std::array<std::shared_ptr<const List>, 4> lists;
    std::size_t next = 0;
  };
  mutable Mutex mutex_;
  std::array<Shelf, kListsMax / 4> shelves_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::ingest
