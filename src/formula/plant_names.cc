#include "formula/plant_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nearest_word.h"

namespace tundish::formula {
namespace {

/// Cycles of parents are refused where assets are saved; this only bounds the walk.
constexpr int kLevelsMax = 64;
constexpr std::array<std::string_view, 6> kWords{"and", "false", "in", "not", "or", "true"};

std::string_view last_level(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string did_you_mean(std::string_view prefix, std::string_view word,
                         const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(word, known);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}{}'?", prefix, nearest);
}

std::vector<std::string> attribute_names(const Asset& asset) {
  std::vector<std::string> names;
  for (const Attribute& attribute : asset.attributes) names.push_back(attribute.definition.name);
  return names;
}

/// Kinds of intervals of the asset and of those above.
std::vector<std::string> interval_names(const PlantModel& model, const Asset& asset) {
  std::vector<std::string> names;
  const Asset* at = &asset;
  for (int level = 0; at != nullptr && level < kLevelsMax; ++level, at = model.find(at->parent))
    for (const auto& interval : at->facts->intervals) names.push_back(interval.name);
  return names;
}

}  // namespace

bool is_reserved_name(std::string_view name) {
  return name == kOwnWindow || name == kChildren ||
         std::ranges::find(kCalendarWindows, name) != kCalendarWindows.end() ||
         std::ranges::find(kWords, name) != kWords.end();
}

IntervalKind find_interval(const PlantModel& model, const Asset& asset, std::string_view name) {
  const Asset* at = &asset;
  for (int level = 0; at != nullptr && level < kLevelsMax; ++level, at = model.find(at->parent))
    for (const auto& interval : at->facts->intervals)
      if (interval.name == name) return {at, &interval};
  return {};
}

Result<Type> type_of(const AttributeDefinition& attribute) {
  switch (attribute.type) {
    case ValueType::kBool: return Type{.kind = Kind::kBool};
    case ValueType::kString: return Type{.kind = Kind::kText};
    case ValueType::kDouble:
    case ValueType::kInt64: break;
  }
  TUNDISH_TRY(auto unit, Unit::parse(attribute.unit));
  return Type{.unit = std::move(unit)};
}

std::vector<Member> members(const PlantModel& model, const Asset& asset,
                            std::string_view attribute) {
  std::vector<Member> found;
  for (const Asset* child : model.children(asset.id))
    if (const Attribute* one = child->find(attribute)) found.push_back({child, one});
  return found;
}

Result<Type> PlantNames::find(std::string_view name) const {
  if (std::ranges::find(kCalendarWindows, name) != kCalendarWindows.end())
    return Type{.kind = Kind::kWindow};
  if (name == kOwnWindow) {
    if (use_ == Use::kPerWindow) return Type{.kind = Kind::kWindow};
    return fail(ErrorCode::kNotFound,
                "'window' is the stretch that a KPI or a captured value is asked for; here one is "
                "named: 15min, shift");
  }
  if (name == kChildren) return Type{.kind = Kind::kAssets};
  if (const Attribute* attribute = model_.resolve(asset_, name))
    return type_of(attribute->definition);
  if (name.find('/') != std::string_view::npos) return fail(missing_there(name));
  if (find_interval(model_, asset_, name)) return Type{.kind = Kind::kWindow};
  return fail(missing_here(name));
}

Error PlantNames::missing_here(std::string_view name) const {
  std::vector<std::string> known = attribute_names(asset_);
  for (auto& interval : interval_names(model_, asset_)) known.push_back(std::move(interval));
  known.insert(known.end(), kCalendarWindows.begin(), kCalendarWindows.end());
  known.emplace_back(kChildren);
  return {ErrorCode::kNotFound, fmt::format("{} has no attribute '{}'{}", asset_.path, name,
                                            did_you_mean("", name, known))};
}

/// Walks the levels of a reference up to the first that is not there.
Error PlantNames::missing_there(std::string_view reference) const {
  std::string path = asset_.path;
  std::string_view rest = reference;
  if (rest.starts_with('/')) {
    path = path.substr(0, path.find('/'));
    rest.remove_prefix(1);
  }
  for (std::size_t slash = 0; (slash = rest.find('/')) != std::string_view::npos;) {
    const std::string_view level = rest.substr(0, slash);
    const std::string_view before = reference.substr(0, reference.size() - rest.size());
    rest.remove_prefix(slash + 1);
    if (level == "..") {
      const auto up = path.rfind('/');
      if (up == std::string::npos)
        return {ErrorCode::kNotFound, fmt::format("'{}' leads out of the enterprise", reference)};
      path.resize(up);
      continue;
    }
    const std::string next = fmt::format("{}/{}", path, level);
    if (model_.find(next) == nullptr) {
      const Asset* const parent = model_.find(path);
      std::vector<std::string> known;
      if (parent != nullptr || path.find('/') == std::string::npos)
        for (const Asset* child : model_.children(parent == nullptr ? AssetId() : parent->id))
          known.emplace_back(last_level(child->path));
      return {ErrorCode::kUnavailable,
              fmt::format("there is no asset {}{}", next, did_you_mean(before, level, known))};
    }
    path = next;
  }
  const Asset* const owner = model_.find(path);
  if (owner == nullptr) return {ErrorCode::kUnavailable, fmt::format("there is no asset {}", path)};
  const std::string_view before = reference.substr(0, reference.size() - rest.size());
  return {ErrorCode::kNotFound, fmt::format("{} has no attribute '{}'{}", path, rest,
                                            did_you_mean(before, rest, attribute_names(*owner)))};
}

Result<Type> PlantNames::find_member(std::string_view set, std::string_view attribute) const {
  if (set != kChildren)
    return fail(ErrorCode::kNotFound,
                fmt::format("'{}' is no set of assets; the assets below are 'children'", set));
  const auto children = model_.children(asset_.id);
  if (children.empty())
    return fail(ErrorCode::kUnavailable, fmt::format("{} has no assets below it", asset_.path));
  std::optional<Type> type;
  const Asset* first = nullptr;
  for (const Member& member : members(model_, asset_, attribute)) {
    TUNDISH_TRY(const Type one, type_of(member.attribute->definition));
    if (!type) {
      type = one;
      first = member.asset;
    } else if (one.kind != type->kind || !one.unit.is_comparable(type->unit) ||
               one.unit.is_point() != type->unit.is_point()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is {} at {} and {} at {}", attribute, type->text(), first->path,
                              one.text(), member.asset->path));
    }
  }
  if (type) {
    type->many = true;
    return *type;
  }
  std::vector<std::string> known;
  for (const Asset* child : children)
    for (auto& name : attribute_names(*child)) known.push_back(std::move(name));
  // A slip of the pen is told; another name may come with the next child.
  const std::string nearest = nearest_word(attribute, known);
  const bool is_slip = attribute.size() > 3 && edit_distance(attribute, nearest) <= 2;
  return fail(is_slip ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              fmt::format("no asset below {} has an attribute '{}'{}", asset_.path, attribute,
                          did_you_mean("children.", attribute, known)));
}

}  // namespace tundish::formula
