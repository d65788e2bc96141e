#include "historian/retention_table.h"

#include <algorithm>
#include <limits>

namespace tundish::historian {
namespace {

constexpr std::uint64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();
/// A run of tags takes few bytes, so their number says little about how many there may be.
constexpr std::uint64_t kTagsMax = 16'000'000;

}  // namespace

const RetentionTable::Enterprise* RetentionTable::find(EnterpriseId enterprise) const {
  const auto found = enterprises_.find(enterprise);
  return found == enterprises_.end() ? nullptr : found->second.get();
}

RetentionTable::Enterprise& RetentionTable::change(EnterpriseId enterprise) {
  std::shared_ptr<Enterprise>& shared = enterprises_[enterprise];
  shared = shared ? std::make_shared<Enterprise>(*shared) : std::make_shared<Enterprise>();
  ++revision_;
  return *shared;
}

TimeNs RetentionTable::Enterprise::kept_from(const Kept& kept) const {
  const auto horizon = horizons.find(kept.keep);
  return horizon == horizons.end() ? kept.gone_before : std::max(kept.gone_before, horizon->second);
}

void RetentionTable::keep(EnterpriseId enterprise, KeepDays keep,
                          std::span<const std::uint32_t> tags) {
  if (tags.empty()) return;
  Enterprise& changed = change(enterprise);
  for (const std::uint32_t number : tags) {
    if (number == 0) continue;
    if (changed.tags.size() < number) changed.tags.resize(number);
    Kept& kept = changed.tags[number - 1];
    // What is gone does not come back with a longer class: how much of it is still on disk is chance.
    kept = {keep, changed.kept_from(kept)};
  }
}

void RetentionTable::advance(EnterpriseId enterprise, KeepDays keep, TimeNs horizon) {
  if (keep == kKeptForEver) return;
  TimeNs& in_force = change(enterprise).horizons.try_emplace(keep, kTimeMin).first->second;
  in_force = std::max(in_force, horizon);
}

KeepDays RetentionTable::kept_for(TagId tag) const {
  const Enterprise* enterprise = find(tag.enterprise);
  if (enterprise == nullptr || tag.number == 0 || tag.number > enterprise->tags.size())
    return kKeptForEver;
  return enterprise->tags[tag.number - 1].keep;
}

TimeNs RetentionTable::kept_from(TagId tag) const {
  const Enterprise* enterprise = find(tag.enterprise);
  if (enterprise == nullptr || tag.number == 0 || tag.number > enterprise->tags.size())
    return kTimeMin;
  return enterprise->kept_from(enterprise->tags[tag.number - 1]);
}

void RetentionTable::encode(ByteWriter& out) const {
  out.varint(enterprises_.size());
  for (const auto& [id, enterprise] : enterprises_) {
    out.varint(id.value());
    out.varint(enterprise->horizons.size());
    for (const auto& [keep, horizon] : enterprise->horizons) {
      out.varint(keep);
      out.svarint(horizon);
    }
    const auto& tags = enterprise->tags;
    out.varint(tags.size());
    for (std::size_t from = 0; from < tags.size();) {
      std::size_t to = from + 1;
      while (to < tags.size() && tags[to] == tags[from]) ++to;
      out.varint(to - from);
      out.varint(tags[from].keep);
      out.svarint(tags[from].gone_before);
      from = to;
    }
  }
}

RetentionTable RetentionTable::decode(ByteReader& in) {
  RetentionTable table;
  for (std::uint64_t left = in.varint_max(in.remaining()); left > 0 && in.ok(); --left) {
    Enterprise& enterprise =
        table.change(EnterpriseId(static_cast<std::uint32_t>(in.varint_max(kUint32Max))));
    for (std::uint64_t classes = in.varint_max(in.remaining()); classes > 0 && in.ok(); --classes) {
      const auto keep = static_cast<KeepDays>(in.varint_max(kKeepDaysMax));
      enterprise.horizons[keep] = in.svarint();
    }
    const std::uint64_t count = in.varint_max(kTagsMax);
    while (enterprise.tags.size() < count && in.ok()) {
      const std::uint64_t run = in.varint_max(count - enterprise.tags.size());
      Kept kept;
      kept.keep = static_cast<KeepDays>(in.varint_max(kKeepDaysMax));
      kept.gone_before = in.svarint();
      if (run == 0) in.set_failed();
      if (in.ok()) enterprise.tags.insert(enterprise.tags.end(), run, kept);
    }
  }
  return table;
}

}  // namespace tundish::historian
