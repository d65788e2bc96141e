#pragma once

#include <functional>

#include "base/result.h"
#include "historian/tag_merge.h"

namespace tundish::historian {

/// Takes rows of one type, ascending; they follow those of that type before.
using WriteRows = std::function<Status(const StoredColumns&)>;

/// Hands on what must be kept of all rows of one tag (append_kept_rows), window by window, so that a
/// year of one tag is never in memory at once. Errors: of reading and of writing.
Status write_kept_rows(TagMerge& merge, const WriteRows& write);

}  // namespace tundish::historian
