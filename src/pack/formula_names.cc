#include "pack/formula_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest_word.h"
#include "formula/functions.h"
#include "model/unit.h"

namespace tundish::pack {
namespace {

using formula::Kind;
using formula::Type;

constexpr std::size_t kOpenMax = 50;  ///< formulas that build on each other

constexpr std::array kCalendarWindows{"hour", "shift", "day", "week", "month", "year"};

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

Result<Type> type_of_value(const AttributeDefinition& attribute) {
  if (attribute.type == ValueType::kBool) return Type{.kind = Kind::kBool};
  if (attribute.type == ValueType::kString) return Type{.kind = Kind::kText};
  auto unit = Unit::parse(attribute.unit);
  // It has been told where it is written.
  if (!unit) return fail(ErrorCode::kConflict, "the unit is wrong");
  return Type{.unit = *std::move(unit)};
}

std::unexpected<Error> not_there(std::string_view what, std::string_view name,
                                 const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(name, known);
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no {} '{}' here{}", what, name.substr(0, 100),
                          nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
}

std::vector<std::string> names_of(const ResolvedTemplate* facts) {
  std::vector<std::string> names;
  if (facts != nullptr)
    for (const auto& attribute : facts->attributes) names.push_back(attribute.name);
  return names;
}

/// The names of one formula.
class FormulaNames final : public formula::Names {
 public:
  FormulaNames(AttributeTypes& types, const Standpoint& at, bool in_window)
      : types_(types), index_(types.index()), at_(at), in_window_(in_window) {}

  Result<Type> find(std::string_view name) const override {
    if (name.find('/') != std::string_view::npos) return find_related(name);
    if (const auto* attribute = at_.facts->find(name)) return types_.type_of(at_, *attribute);
    if (name == "children") return Type{.kind = Kind::kAssets};
    if (name == "window") {
      if (in_window_) return Type{.kind = Kind::kWindow};
      return fail(ErrorCode::kNotFound,
                  "only a KPI and what an interval captures have a window of their own; say which: "
                  "15min, shift, day");
    }
    const auto intervals = index_.intervals_at(at_.asset);
    if (std::ranges::find(kCalendarWindows, name) != kCalendarWindows.end() ||
        std::ranges::find(intervals, name) != intervals.end())
      return Type{.kind = Kind::kWindow};
    std::vector<std::string> known = names_of(at_.facts);
    known.insert(known.end(), kCalendarWindows.begin(), kCalendarWindows.end());
    known.insert(known.end(), intervals.begin(), intervals.end());
    return not_there("attribute or window", name, known);
  }

  Result<Type> find_member(std::string_view, std::string_view attribute) const override {
    if (at_.asset.empty()) return only_at_an_asset();
    std::optional<Type> common;
    std::vector<std::string> known;
    for (const PlantAsset* child : index_.children(at_.asset)) {
      const ResolvedTemplate* facts = index_.template_of(*child);
      const auto names = names_of(facts);
      known.insert(known.end(), names.begin(), names.end());
      const AttributeDefinition* found = facts == nullptr ? nullptr : facts->find(attribute);
      if (found == nullptr) continue;
      TUNDISH_TRY(const Type type, types_.type_of({facts, child->path}, *found));
      if (!common) common = type;
      if (common->kind != type.kind || !common->unit.is_comparable(type.unit))
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("'{}' is {} at one child and {} at '{}'", attribute, common->text(),
                                type.text(), child->path));
    }
    if (!common) return not_there("child with an attribute", attribute, known);
    common->many = true;
    return *common;
  }

 private:
  static std::unexpected<Error> only_at_an_asset() {
    return fail(ErrorCode::kUnavailable, "only an asset has relations");
  }

  /// `blast/flow`, `../blast/flow`, `/works/ironmaking/bf1/flow`.
  Result<Type> find_related(std::string_view name) const {
    std::string path = name.starts_with('/') ? "" : at_.asset;
    if (!name.starts_with('/') && at_.asset.empty()) return only_at_an_asset();
    std::string_view rest = name.starts_with('/') ? name.substr(1) : name;
    for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
      const std::string_view level = rest.substr(0, slash);
      rest.remove_prefix(slash + 1);
      if (level == "..") {
        if (path.empty()) return fail(ErrorCode::kNotFound, "'..' leads above the enterprise");
        path = parent_of(path);
      } else {
        path += (path.empty() ? "" : "/") + std::string(level);
      }
    }
    const PlantAsset* asset = index_.find_asset(path);
    if (asset == nullptr) {
      std::vector<std::string> known;
      for (const auto& one : index_.pack().plant) known.push_back(one.path);
      return not_there("asset", path, known);
    }
    const ResolvedTemplate* facts = index_.template_of(*asset);
    const AttributeDefinition* found = facts == nullptr ? nullptr : facts->find(rest);
    if (found == nullptr)
      return not_there(fmt::format("attribute of '{}' called", path), rest, names_of(facts));
    return types_.type_of({facts, path}, *found);
  }

  AttributeTypes& types_;
  const PackIndex& index_;
  const Standpoint& at_;
  bool in_window_;
};

}  // namespace

PackIndex::PackIndex(const Pack& pack) : pack_(pack) {
  for (const auto& one : pack.templates)
    if (auto resolved = resolve_template(pack, one.name))
      templates_.emplace(one.name, *std::move(resolved));
  for (const auto& asset : pack.plant) {
    assets_.emplace(asset.path, &asset);
    for (std::string_view level = asset.path; !level.empty(); level = parent_of(level))
      levels_.emplace(level);
  }
}

const ResolvedTemplate* PackIndex::find_template(std::string_view name) const {
  const auto found = templates_.find(name);
  return found == templates_.end() ? nullptr : &found->second;
}

const PlantAsset* PackIndex::find_asset(std::string_view path) const {
  const auto found = assets_.find(path);
  return found == assets_.end() ? nullptr : found->second;
}

const ResolvedTemplate* PackIndex::template_of(const PlantAsset& asset) const {
  return asset.template_name.empty() ? nullptr : find_template(asset.template_name);
}

std::vector<const PlantAsset*> PackIndex::children(std::string_view path) const {
  std::vector<const PlantAsset*> below;
  const std::string prefix = std::string(path) + "/";
  for (auto at = assets_.lower_bound(prefix); at != assets_.end() && at->first.starts_with(prefix);
       ++at)
    if (at->first.find('/', prefix.size()) == std::string::npos) below.push_back(at->second);
  return below;
}

std::vector<std::string> PackIndex::intervals_at(std::string_view path) const {
  std::vector<std::string> kinds;
  if (path.empty())
    for (const auto& one : pack_.intervals) kinds.push_back(one.definition.name);
  for (; !path.empty(); path = parent_of(path)) {
    const PlantAsset* asset = find_asset(path);
    const ResolvedTemplate* facts = asset == nullptr ? nullptr : template_of(*asset);
    if (facts == nullptr) continue;
    for (const auto& interval : facts->intervals) kinds.push_back(interval.name);
  }
  return kinds;
}

const Result<formula::Syntax>& AttributeTypes::parsed(const std::string& text) {
  const auto found = parsed_.find(text);
  if (found != parsed_.end()) return found->second;
  return parsed_.emplace(text, formula::parse_formula(text)).first->second;
}

Result<formula::Checked> AttributeTypes::check(const Standpoint& at, const std::string& text,
                                               bool in_window) {
  const auto& syntax = parsed(text);
  if (!syntax) return fail(syntax.error());
  return formula::check_formula(*syntax, FormulaNames(*this, at, in_window));
}

Result<Type> AttributeTypes::type_of(const Standpoint& at, const AttributeDefinition& attribute) {
  if (attribute.kind != AttributeKind::kFormula) return type_of_value(attribute);
  const std::string key =
      (at.asset.empty() ? at.facts->name + ":" : at.asset + "/") + attribute.name;
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  if (const auto open = std::ranges::find(open_, key); open != open_.end())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("this goes round in a circle: {} -> {}",
                            fmt::join(open, open_.end(), " -> "), key));
  if (open_.size() >= kOpenMax)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("more than {} formulas that build on each other", kOpenMax));
  open_.push_back(key);
  auto type = type_of_formula(at, attribute);
  open_.pop_back();
  known_.emplace(key, type);
  return type;
}

Result<Type> AttributeTypes::type_of_formula(const Standpoint& at,
                                             const AttributeDefinition& attribute) {
  const auto checked = check(at, attribute.formula, false);
  TUNDISH_TRY(const Type declared, type_of_value(attribute));
  const bool has_unit = !attribute.unit.empty();
  if (!checked) {
    // kUnavailable is noted too: whoever goes through all assets may still look from one of them.
    if (checked.error().code != ErrorCode::kConflict)
      mistakes_.push_back({at.facts->name, attribute.name, at, checked.error()});
    // With a unit it is known what it is meant to be, and those who read it can go on.
    if (has_unit) return declared;
    return fail(checked.error().code == ErrorCode::kUnavailable ? ErrorCode::kUnavailable
                                                                : ErrorCode::kConflict,
                fmt::format("the formula of '{}' is wrong", attribute.name));
  }
  const Type& result = checked->result();
  if (!has_unit) {
    if (result.kind == Kind::kNumber && !result.unit.is_one())
      mistakes_.push_back({at.facts->name, attribute.name, at,
                           Error{ErrorCode::kInvalidArgument,
                                 fmt::format("this gives a number in {}; say its unit beside the "
                                             "formula: unit: {}",
                                             result.unit.code(), result.unit.code())}});
    return result;
  }
  if (result.kind != Kind::kNumber) {
    mistakes_.push_back({at.facts->name, attribute.name, at,
                         Error{ErrorCode::kInvalidArgument,
                               fmt::format("this gives {}, which has no unit", result.text())}});
  } else if (const auto fits = formula::check_unit(result, false, declared.unit); !fits) {
    mistakes_.push_back({at.facts->name, attribute.name, at,
                         Error{ErrorCode::kInvalidArgument,
                               fmt::format("this gives {}, and the unit is {}: {}", result.text(),
                                           attribute.unit, fits.error().message)}});
  }
  return declared;
}

}  // namespace tundish::pack
