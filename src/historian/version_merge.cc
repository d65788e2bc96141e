#include "historian/version_merge.h"

#include <array>

#include "historian/resolve.h"

namespace tundish::historian {
namespace {

// Handed to the writer in lots of this many rows, so that chunks come out full.
constexpr std::size_t kLotRows = 16 * kChunkSamplesMax;

Status hand_over(std::array<StoredColumns, 4>& kept, std::size_t rows_min, const WriteRows& write) {
  for (StoredColumns& rows : kept) {
    if (rows.empty() || rows.size() < rows_min) continue;
    TUNDISH_RETURN_IF_ERROR(write(rows));
    rows.columns.clear();
    rows.versions.clear();
  }
  return {};
}

}  // namespace

Status write_kept_rows(TagMerge& merge, const WriteRows& write) {
  std::array<StoredColumns, 4> kept;
  for (std::size_t type = 0; type < kept.size(); ++type)
    kept[type].columns.type = static_cast<ValueType>(type);
  TagMerge::Window window;
  while (true) {
    TUNDISH_TRY(const bool more, merge.next(window));
    if (!more) break;
    append_kept_rows(window.runs, window.span, kept);
    TUNDISH_RETURN_IF_ERROR(hand_over(kept, kLotRows, write));
  }
  return hand_over(kept, 1, write);
}

}  // namespace tundish::historian
