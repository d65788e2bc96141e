#include "wire/decoded/decoded_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tundish::wire {

void DecodedBody::refuse(std::uint32_t place, ErrorCode code, std::string message,
                         std::uint32_t column) {
  ++refused;
  ++batch.unreadable;
  if (errors.size() < kErrorsMax) errors.push_back({place, column, code, std::move(message)});
}

void DecodedBody::add_refusals(const Receipt& receipt) {
  refused += receipt.refused;
  for (const Refusal& refusal : receipt.refusals) {
    const std::uint32_t place = refusal.row < places.size() ? places[refusal.row] : refusal.row;
    errors.push_back({place, 0, refusal.code, refusal.message});
  }
  const auto by_place = [](const RowError& a, const RowError& b) { return a.place < b.place; };
  std::stable_sort(errors.begin(), errors.end(), by_place);
  if (errors.size() > kErrorsMax) errors.resize(kErrorsMax);
}

Result<std::uint32_t> PathTable::index_of(std::string_view path) {
  if (next_ < paths_.size() && paths_[next_] == path) return static_cast<std::uint32_t>(next_++);
  std::uint32_t index = 0;
  if (const auto found = index_.find(path); found != index_.end()) {
    index = found->second;
  } else {
    if (paths_.size() >= paths_max_)
      return fail(
          ErrorCode::kTooLarge,
          fmt::format("A body may name at most {} different tags; send several.", paths_max_));
    index = static_cast<std::uint32_t>(paths_.size());
    paths_.emplace_back(path);
    index_.emplace(std::string(path), index);
  }
  next_ = index + 1;
  if (next_ == paths_.size()) next_ = 0;
  return index;
}

}  // namespace tundish::wire
