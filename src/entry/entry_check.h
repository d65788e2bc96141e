#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/plant_model.h"
#include "model/ports/entry_book.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::entry {

/// What the model says of the tags of one call.
class TagFacts {
 public:
  struct Fact {
    std::string attribute;  ///< path
    bool is_computed = false;
    std::optional<Limits> valid;
    std::string unit;
  };
  /// `model` must outlive it.
  explicit TagFacts(const PlantModel& model);
  /// Of every attribute that has the tag; of one that is to be made, of its attribute.
  std::vector<Fact> of(const TagInfo& tag) const;

 private:
  const PlantModel& model_;
  std::unordered_multimap<TagId, std::pair<const Asset*, const Attribute*>> attributes_;
};

/// What was asked for, as it can be done: its tag, and its value of the tag's type. A measured attribute that has no tag
/// yet has one of number 0 here, as it is to be made.
struct Checked {
  TagPtr tag;
  NewEntry wanted;
};

/// What of `wanted` can be refused without looking at samples: an unknown tag (with the nearest name), a computed one, a
/// time that has not come, a value of another type or outside the valid range, two for one time.
/// @param now receipt; a clock that was never set judges no time
/// @param refusals of rows, at most EntryReceipt::kRefusalsMax; with any the answer is of no use
std::vector<Checked> check_rows(const EntryBy& by, std::vector<NewEntry> wanted,
                                const TagCatalogue& tags, const PlantModel& model, TimeNs now,
                                std::vector<EntryRefusal>& refusals);

/// Adds while there is room.
void refuse(std::vector<EntryRefusal>& refusals, std::size_t row, Error error);

/// `text` is 1 to EntryBook::kWhyBytesMax bytes of UTF-8 that can be seen. Errors: kInvalidArgument.
Status check_why(const std::string& text);

}  // namespace tundish::entry
