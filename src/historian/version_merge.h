#pragma once

#include "base/result.h"
#include "historian/block_writer.h"
#include "historian/tag_merge.h"
#include "model/ids.h"

namespace tundish::historian {

/// Writes what must be kept of all rows of one tag (append_kept_rows), window by window, so that a
/// year of one tag is never in memory at once. Errors: of reading and of writing.
Status write_kept_rows(TagMerge& merge, TagId tag, BlockWriter& writer);

}  // namespace tundish::historian
