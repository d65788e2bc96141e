#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"
#include "model/tag_meanings.h"

namespace tundish {

/// Samples as the model says they are to be read: what lies outside a tag's valid range is Bad (out of
/// range), in every piece and in every single sample. What the historian keeps stays as it was received,
/// so an edit of the model corrects all of history at once. Any thread.
///
/// A tag without a valid range costs one look into a table a scan; one with a range that all of a piece
/// is inside costs two comparisons a sample and no copy.
class ModelView final : public SampleReader {
 public:
  /// All must outlive it, and the snapshots outlive nothing of it.
  ModelView(SampleReader& received, const ModelReader& models, const TagCatalogue& tags)
      : received_(received), models_(models), tags_(tags) {}

  /// By the newest model of each enterprise when its first tag is asked for: one answer, one model.
  Result<std::unique_ptr<Snapshot>> snapshot() override;
  std::string source_name(EnterpriseId enterprise, std::uint32_t source) const override {
    return received_.source_name(enterprise, source);
  }
  /// By `meanings`, whatever the enterprise: as an earlier model said.
  Result<std::unique_ptr<Snapshot>> snapshot(std::shared_ptr<const TagMeanings> meanings);
  /// As it was received: no range is applied.
  Result<std::unique_ptr<Snapshot>> as_received() { return received_.snapshot(); }

  /// What the newest model says. Never null.
  std::shared_ptr<const TagMeanings> meanings(EnterpriseId enterprise) const;
  /// What `model` says, of this or an earlier version.
  std::shared_ptr<const TagMeanings> meanings_of(const PlantModel& model) const {
    return std::make_shared<const TagMeanings>(model, tags_);
  }
  /// Grows with each change of any enterprise's model.
  std::uint64_t changes() const { return models_.changes(); }

 private:
  struct Known {
    std::shared_ptr<const PlantModel> model;
    std::shared_ptr<const TagMeanings> meanings;
  };

  SampleReader& received_;
  const ModelReader& models_;
  const TagCatalogue& tags_;
  mutable Mutex mutex_;
  mutable std::unordered_map<EnterpriseId, Known> known_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish
