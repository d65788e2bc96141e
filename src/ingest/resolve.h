#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/ports/door.h"
#include "model/ports/tag_catalogue.h"
#include "model/sample_batch.h"

namespace tundish::ingest {

/// What a path of a batch stands for: its tag, or why its rows are refused.
struct ResolvedPath {
  TagPtr tag;
  std::shared_ptr<const Error> refusal;  ///< while `tag` is empty
  TimeNs kept_from = kTimeMin;           ///< older rows of it are refused
  // Of the tag, so that no row has to follow the pointer.
  std::uint32_t number = 0;
  ValueType type = ValueType::kDouble;

  void set_tag(TagPtr found) {
    number = found->id.number;
    type = found->type;
    tag = std::move(found);
  }
  void refuse(Error error) { refusal = std::make_shared<const Error>(std::move(error)); }
};

/// The tag of each of `batch.paths`, in order. Tags that do not exist are made with the type of
/// their first row that `may_stand` (a row that will be refused anyway makes no tag), where the
/// origin may make tags. A path outside the origin's enterprise is answered exactly like one that
/// does not exist. When the quota is reached the tags of earlier rows are made, the rest refused.
/// Errors, for the whole batch: whatever keeps the catalogue from making tags but the quota.
Result<std::vector<ResolvedPath>> resolve_paths(TagCatalogue& catalogue, const Origin& origin,
                                                const ReceivedBatch& batch,
                                                const std::vector<bool>& may_stand);

}  // namespace tundish::ingest
