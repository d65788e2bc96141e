#include "model/tag_meanings.h"

#include <algorithm>
#include <utility>

namespace tundish {
namespace {

struct Claim {
  const Asset* asset = nullptr;
  const Attribute* attribute = nullptr;
};

bool is_own_path(std::string_view tag, const Claim& claim) {
  const std::string& asset = claim.asset->path;
  const std::string& name = claim.attribute->definition.name;
  return tag.size() == asset.size() + 1 + name.size() && tag.starts_with(asset) &&
         tag[asset.size()] == '/' && tag.ends_with(name);
}

/// Which of two attributes says what a tag means; `first` comes first by path.
const Claim& leading(const Claim& first, const Claim& second, std::string_view tag) {
  if (is_own_path(tag, first)) return first;
  if (is_own_path(tag, second)) return second;
  const bool only_second = !first.attribute->definition.valid && second.attribute->definition.valid;
  return only_second ? second : first;
}

}  // namespace

bool TagMeaning::operator==(const TagMeaning& other) const {
  if (unit != other.unit || valid.has_value() != other.valid.has_value()) return false;
  return !valid || (valid->low() == other.valid->low() && valid->high() == other.valid->high());
}

TagMeanings::TagMeanings(const PlantModel& model, const TagCatalogue& tags) {
  std::unordered_map<TagId, Claim> claims;
  for (const Asset& asset : model.assets())
    for (const Attribute& attribute : asset.attributes) {
      if (attribute.tag.number == 0) continue;
      const Claim claim{&asset, &attribute};
      const auto [at, is_new] = claims.try_emplace(attribute.tag, claim);
      if (is_new) continue;
      const TagPtr tag = tags.get(attribute.tag);
      at->second = leading(at->second, claim, tag ? std::string_view(tag->path) : "");
    }
  for (const auto& [tag, claim] : claims) {
    const AttributeDefinition& definition = claim.attribute->definition;
    TagMeaning meaning{.valid = {}, .unit = definition.unit};
    if (definition.valid) meaning.valid.emplace(*definition.valid);
    if (meaning.valid || !meaning.unit.empty()) meanings_.emplace(tag, std::move(meaning));
  }
}

const TagMeaning* TagMeanings::find(TagId tag) const {
  const auto found = meanings_.find(tag);
  return found == meanings_.end() ? nullptr : &found->second;
}

const ValidRange* TagMeanings::valid(TagId tag) const {
  const TagMeaning* const meaning = find(tag);
  return meaning != nullptr && meaning->valid ? &*meaning->valid : nullptr;
}

TagPtr TagMeanings::with_unit(TagPtr tag) const {
  if (!tag->unit.empty()) return tag;
  const TagMeaning* const meaning = find(tag->id);
  if (meaning == nullptr || meaning->unit.empty()) return tag;
  auto copy = std::make_shared<TagInfo>(*tag);
  copy->unit = meaning->unit;
  return copy;
}

std::vector<TagId> TagMeanings::changed_since(const TagMeanings& before) const {
  std::vector<TagId> changed;
  for (const auto& [tag, meaning] : meanings_) {
    const TagMeaning* const old = before.find(tag);
    if (old == nullptr || !(*old == meaning)) changed.push_back(tag);
  }
  for (const auto& [tag, old] : before.meanings_)
    if (find(tag) == nullptr) changed.push_back(tag);
  std::ranges::sort(changed);
  return changed;
}

}  // namespace tundish
