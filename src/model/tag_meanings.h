#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "model/plant_model.h"
#include "model/ports/tag_catalogue.h"
#include "model/valid_range.h"

namespace tundish {

/// What the model says of a tag: how its samples are to be read.
struct TagMeaning {
  std::optional<ValidRange> valid;
  std::string unit;  ///< UCUM
  bool operator==(const TagMeaning& other) const;
};

/// The meanings of all bound tags at one version of an enterprise's model. Where several attributes are
/// bound to one tag, the one of the tag's own path says it; else the first by path that has a valid
/// range; else the first. Immutable.
class TagMeanings {
 public:
  /// @param tags says which path is a tag's own, where several attributes are bound to it
  TagMeanings(const PlantModel& model, const TagCatalogue& tags);

  /// Null: no attribute is bound to it.
  const TagMeaning* find(TagId tag) const;
  /// Null: every sample of it reads as it was received.
  const ValidRange* valid(TagId tag) const;
  /// The tag as it is, or with the unit of its attribute when it has none itself.
  TagPtr with_unit(TagPtr tag) const;
  /// Tags whose samples read otherwise than under `before`, or whose unit is another.
  std::vector<TagId> changed_since(const TagMeanings& before) const;

 private:
  std::unordered_map<TagId, TagMeaning> meanings_;
};

}  // namespace tundish
