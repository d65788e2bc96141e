#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "formula/check.h"
#include "pack/pack.h"

namespace tundish::pack {

/// A pack with its templates resolved and its plant as a tree: what the checks look things up in.
class PackIndex {
 public:
  /// Templates that do not resolve are left out. `pack` outlives it.
  explicit PackIndex(const Pack& pack);

  const Pack& pack() const { return pack_; }
  const ResolvedTemplate* find_template(std::string_view name) const;
  const PlantAsset* find_asset(std::string_view path) const;
  /// Of an asset; null for a site, area or line.
  const ResolvedTemplate* template_of(const PlantAsset& asset) const;
  /// Directly below, ascending by path. A level without an entry of its own counts as being there.
  std::vector<const PlantAsset*> children(std::string_view path) const;
  bool has_level(std::string_view path) const { return levels_.contains(path); }
  const std::map<std::string, ResolvedTemplate, std::less<>>& templates() const {
    return templates_;
  }
  /// Kinds of intervals at the asset `path` and above it; with an empty path all of the pack.
  std::vector<std::string> intervals_at(std::string_view path) const;

 private:
  const Pack& pack_;
  std::map<std::string, ResolvedTemplate, std::less<>> templates_;
  std::map<std::string, const PlantAsset*, std::less<>> assets_;
  std::set<std::string, std::less<>> levels_;
};

/// Where a formula stands: a template by itself, or one asset of the plant.
struct Standpoint {
  const ResolvedTemplate* facts = nullptr;
  std::string asset;  ///< path; empty: the template by itself, of which relations are not known
};

/// A mistake in the formula of an attribute of a template, found when its type was asked for.
struct AttributeMistake {
  std::string template_name, attribute;
  Standpoint at;
  Error error;
};

/// Types of attributes; those of formulas are found by checking them, each once for each asset.
class AttributeTypes {
 public:
  explicit AttributeTypes(const PackIndex& index) : index_(index) {}

  /// Errors: kNotFound; kConflict (a mistake that was told elsewhere); kUnavailable (a relation that only an
  /// asset of the plant has); kInvalidArgument with the circle that it is part of.
  Result<formula::Type> type_of(const Standpoint& at, const AttributeDefinition& attribute);
  /// Checks any formula from there; `window` may be named when `in_window`.
  Result<formula::Checked> check(const Standpoint& at, const std::string& text, bool in_window);

  const PackIndex& index() const { return index_; }
  std::vector<AttributeMistake> take_mistakes() { return std::move(mistakes_); }

 private:
  Result<formula::Type> type_of_formula(const Standpoint& at, const AttributeDefinition& attribute);
  const Result<formula::Syntax>& parsed(const std::string& text);

  const PackIndex& index_;
  std::map<std::string, Result<formula::Syntax>> parsed_;
  std::map<std::string, Result<formula::Type>> known_;
  std::vector<std::string> open_;  ///< attributes whose formulas are being checked, outermost first
  std::vector<AttributeMistake> mistakes_;
};

}  // namespace tundish::pack
