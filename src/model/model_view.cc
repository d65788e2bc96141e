#include "model/model_view.h"

#include <utility>

namespace tundish {
namespace {

/// Judges what `received` gives. One thread at a time, as every snapshot.
class ViewSnapshot final : public Snapshot {
 public:
  /// @param fixed null: the newest of `view`, taken once an enterprise
  ViewSnapshot(std::unique_ptr<Snapshot> received, const ModelView& view,
               std::shared_ptr<const TagMeanings> fixed)
      : received_(std::move(received)), view_(view), fixed_(std::move(fixed)) {}

  Position position() const override { return received_->position(); }
  void prefetch(std::span<const Wanted> wanted) override { received_->prefetch(wanted); }
  TimeNs kept_from(TagId tag) const override { return received_->kept_from(tag); }
  std::vector<std::string> damage() const override { return received_->damage(); }

  Status scan(TagId tag, TimeRange range, const Visit& visit) override {
    return scan_digest(tag, range, visit, {});
  }
  Status scan_digest(TagId tag, TimeRange range, const Visit& visit,
                     const Digest& digest) override {
    const ValidRange* const valid = valid_of(tag);
    if (valid == nullptr) return received_->scan_digest(tag, range, visit, digest);
    const Visit judge = [&](const Columns& piece) {
      if (!valid->any_outside(piece)) return visit(piece);
      Columns judged = piece;
      valid->judge(judged);
      return visit(judged);
    };
    if (!digest.take) return received_->scan(tag, range, judge);
    const auto take = [&](const SampleSummary& summary) {
      return !valid->any_outside(summary) && digest.take(summary);
    };
    return received_->scan_digest(tag, range, judge, {take, digest.wants_sums});
  }

  Result<std::optional<Sample>> at_or_before(TagId tag, TimeNs time) override {
    return judged(tag, received_->at_or_before(tag, time));
  }
  Result<std::optional<Sample>> at_or_after(TagId tag, TimeNs time) override {
    return judged(tag, received_->at_or_after(tag, time));
  }
  Result<std::optional<Sample>> latest(TagId tag) override {
    return judged(tag, received_->latest(tag));
  }
  /// As received: what was written is what its history tells, and what a restoration writes again.
  Result<bool> history(TagId tag, TimeRange range, std::size_t limit,
                       std::vector<SampleVersion>& found) override {
    return received_->history(tag, range, limit, found);
  }

 private:
  const ValidRange* valid_of(TagId tag) {
    if (fixed_) return fixed_->valid(tag);
    auto& meanings = meanings_[tag.enterprise];
    if (!meanings) meanings = view_.meanings(tag.enterprise);
    return meanings->valid(tag);
  }
  Result<std::optional<Sample>> judged(TagId tag, Result<std::optional<Sample>> sample) {
    if (sample && *sample)
      if (const ValidRange* const valid = valid_of(tag)) valid->judge(**sample);
    return sample;
  }

  std::unique_ptr<Snapshot> received_;
  const ModelView& view_;
  std::shared_ptr<const TagMeanings> fixed_;
  std::unordered_map<EnterpriseId, std::shared_ptr<const TagMeanings>> meanings_;
};

}  // namespace

Result<std::unique_ptr<Snapshot>> ModelView::snapshot() { return snapshot(nullptr); }

Result<std::unique_ptr<Snapshot>> ModelView::snapshot(std::shared_ptr<const TagMeanings> meanings) {
  TUNDISH_TRY(auto received, received_.snapshot());
  return std::make_unique<ViewSnapshot>(std::move(received), *this, std::move(meanings));
}

std::shared_ptr<const TagMeanings> ModelView::meanings(EnterpriseId enterprise) const {
  auto model = models_.model(enterprise);
  {
    const MutexLock lock(mutex_);
    const auto found = known_.find(enterprise);
    if (found != known_.end() && found->second.model == model) return found->second.meanings;
  }
  // Outside the lock: a large model takes a while, and others read meanwhile.
  auto made = meanings_of(*model);
  const MutexLock lock(mutex_);
  known_[enterprise] = {std::move(model), made};
  return made;
}

}  // namespace tundish
