#include "ingest/known_paths.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

namespace tundish::ingest {
namespace {

/// Of a few of the paths: those that a list is found by are all compared.
std::uint64_t hash_of(EnterpriseId enterprise, std::span<const std::string> paths) {
  std::uint64_t hash = enterprise.value() * 0x9E3779B97F4A7C15ull + paths.size();
  for (const std::size_t i : {std::size_t{0}, paths.size() / 2, paths.size() - 1})
    hash = (hash ^ std::hash<std::string_view>()(paths[i])) * 0x9E3779B97F4A7C15ull;
  return hash ^ hash >> 32;
}

bool may_be_known(std::span<const std::string> paths) {
  return !paths.empty() && paths.size() <= KnownPaths::kPathsMax;
}

}  // namespace

bool KnownPaths::List::is(std::span<const std::string> paths) const {
  if (paths.size() != ends.size()) return false;
  std::size_t from = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::size_t length = ends[i] - from;
    if (paths[i].size() != length || std::memcmp(paths[i].data(), text.data() + from, length) != 0)
      return false;
    from = ends[i];
  }
  return true;
}

ResolvedPaths KnownPaths::find(const State& state, std::span<const std::string> paths) const {
  if (!may_be_known(paths)) return nullptr;
  const std::uint64_t hash = hash_of(state.enterprise, paths);
  std::array<std::shared_ptr<const List>, 4> lists;
  {
    const MutexLock lock(mutex_);
    lists = shelves_[hash % shelves_.size()].lists;
  }
  for (const auto& list : lists)
    if (list && list->hash == hash && list->state == state && list->is(paths))
      return list->resolved;
  return nullptr;
}

void KnownPaths::remember(const State& state, std::span<const std::string> paths,
                          ResolvedPaths resolved) {
  if (!may_be_known(paths)) return;
  if (!std::ranges::all_of(*resolved, [](const ResolvedPath& path) { return bool{path.tag}; }))
    return;
  auto list = std::make_shared<List>();
  list->hash = hash_of(state.enterprise, paths);
  list->state = state;
  for (const std::string& path : paths) {
    list->text += path;
    list->ends.push_back(static_cast<std::uint32_t>(list->text.size()));
  }
  list->resolved = std::move(resolved);
  const MutexLock lock(mutex_);
  Shelf& shelf = shelves_[list->hash % shelves_.size()];
  // The same list in an earlier state is of no more use.
  const auto same = std::ranges::find_if(
      shelf.lists, [&](const auto& known) { return known && known->hash == list->hash; });
  if (same != shelf.lists.end())
    *same = std::move(list);
  else
    shelf.lists[shelf.next++ % shelf.lists.size()] = std::move(list);
}

}  // namespace tundish::ingest
