// 1. Look every path up in memory: what exists is done.
// 2. What does not exist is refused, or wanted where the origin may make tags and the path is sound.
// 3. The first row of each wanted path gives the type; then all are made at once, or, at the quota,
//    in smaller and smaller pieces until it is used up.

#include "ingest/resolve.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/name.h"
#include "model/tag_path.h"

namespace tundish::ingest {
namespace {

Error no_such_tag(std::string_view path) {
  return {ErrorCode::kNotFound, fmt::format("there is no tag '{}', and this sender may not make it",
                                            path.substr(0, 200))};
}

/// Type for a tag that a first row makes: what the row says, but a string that only spells NaN or an
/// infinity is a double. Digits in a string stay a string: article numbers look like that.
ValueType type_for_new_tag(const ReceivedBatch& batch, std::size_t row) {
  const ValueType type = batch.rows.types[row];
  if (type != ValueType::kString) return type;
  const auto index = static_cast<std::uint32_t>(row);
  if (!std::binary_search(batch.number_like.begin(), batch.number_like.end(), index)) return type;
  const std::string_view text = batch.rows.text_at(row);
  const bool is_special = text == "NaN" || text == "Infinity" || text == "-Infinity";
  return is_special ? ValueType::kDouble : type;
}

/// Makes as many as the quota allows, in order. Sizes halve at each refusal and double after each
/// success, so there are few calls however many tags there are.
Status make_tags(TagCatalogue& catalogue, EnterpriseId enterprise,
                 const std::vector<NewTag>& wanted, const std::vector<std::size_t>& path_of,
                 std::vector<ResolvedPath>& resolved) {
  std::size_t at = 0;
  std::size_t count = wanted.size();
  while (at < wanted.size()) {
    count = std::min(count, wanted.size() - at);
    Result<std::vector<TagPtr>> made =
        catalogue.ensure(enterprise, std::span(wanted).subspan(at, count));
    if (made) {
      for (std::size_t i = 0; i < count; ++i)
        resolved[path_of[at + i]].set_tag(std::move((*made)[i]));
      at += count;
      count *= 2;
      continue;
    }
    const ErrorCode code = made.error().code;
    if (code != ErrorCode::kQuotaExceeded && code != ErrorCode::kInvalidArgument)
      return fail(std::move(made.error()));
    if (count > 1) {
      count /= 2;
      continue;
    }
    // One tag alone is refused. A quota that is used up is so for all that follow.
    const std::size_t refused = code == ErrorCode::kQuotaExceeded ? wanted.size() - at : 1;
    for (std::size_t i = 0; i < refused; ++i) resolved[path_of[at + i]].refuse(made.error());
    at += refused;
  }
  return {};
}

}  // namespace

Result<std::vector<ResolvedPath>> resolve_paths(TagCatalogue& catalogue, const Origin& origin,
                                                const ReceivedBatch& batch,
                                                const std::vector<bool>& may_stand) {
  std::vector<ResolvedPath> resolved(batch.paths.size());
  std::vector<bool> is_wanted(batch.paths.size());
  bool any_wanted = false;
  for (std::size_t i = 0; i < batch.paths.size(); ++i) {
    const std::string& path = batch.paths[i];
    if (enterprise_of(path) == origin.enterprise_code) {
      if (TagPtr tag = catalogue.find(origin.enterprise, path)) {
        resolved[i].set_tag(std::move(tag));
        continue;
      }
      if (Status sound = check_new_path(path); !sound) {
        resolved[i].refuse(std::move(sound.error()));
        continue;
      }
      is_wanted[i] = origin.may_create_tags;
      any_wanted = any_wanted || is_wanted[i];
    }
    resolved[i].refuse(no_such_tag(path));
  }
  if (!any_wanted) return resolved;

  std::vector<NewTag> wanted;
  std::vector<std::size_t> path_of;
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    const std::uint32_t path = batch.path_index[row];
    if (!is_wanted[path] || !may_stand[row]) continue;
    is_wanted[path] = false;
    const ValueType type = type_for_new_tag(batch, row);
    NewTag tag;
    tag.path = batch.paths[path];
    tag.type = type;
    tag.step =
        type == ValueType::kBool || type == ValueType::kString;  // nothing lies between two of them
    wanted.push_back(std::move(tag));
    path_of.push_back(path);
  }
  TUNDISH_RETURN_IF_ERROR(make_tags(catalogue, origin.enterprise, wanted, path_of, resolved));
  return resolved;
}

}  // namespace tundish::ingest
