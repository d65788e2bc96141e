#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/definitions.h"
#include "model/ids.h"
#include "model/words.h"

namespace tundish {

/// One attribute of one asset: its template's definition, and where its samples are.
struct Attribute {
  AttributeDefinition definition;
  TagId tag;                          ///< number 0: constants, and what nothing is bound to
  std::uint32_t formula_version = 0;  ///< grows with each change of the formula
};

/// What a template gives to all its assets, inheritance resolved.
struct TemplateFacts {
  std::string name;
  std::uint32_t version = 0;
  std::string pack;
  std::vector<KpiDefinition> kpis;
  std::vector<AlarmDefinition> alarms;
  std::vector<IntervalDefinition> intervals;
};

struct Asset {
  AssetId id;
  AssetId parent;                              ///< 0: directly below the enterprise
  std::string path;                            ///< `enterprise/site/area/line/asset`
  Words words;                                 ///< empty: the last level of the path is its name
  std::uint64_t site = 0;                      ///< Site::id whose calendar and zone hold; 0: none
  std::shared_ptr<const TemplateFacts> facts;  ///< never null; without a name: no template
  std::vector<Attribute> attributes;           ///< ascending by name

  const Attribute* find(std::string_view name) const;
};

/// All assets of one enterprise at one version of its model. Immutable.
class PlantModel {
 public:
  PlantModel(EnterpriseId enterprise, std::uint64_t version, std::vector<Asset> assets);

  EnterpriseId enterprise() const { return enterprise_; }
  std::uint64_t version() const { return version_; }
  const std::vector<Asset>& assets() const { return assets_; }  ///< ascending by path

  const Asset* find(std::string_view path) const;
  const Asset* find(AssetId id) const;
  /// Directly below it, ascending by path.
  std::vector<const Asset*> children(AssetId id) const;
  /// The attribute that `reference` names from `from`: `power`, `blast/flow` (of a child),
  /// `../blast/flow` (`..` is the parent), `/site/area/asset/attribute` (from the enterprise). Null
  /// when there is none; `owner` is the asset that has it.
  const Attribute* resolve(const Asset& from, std::string_view reference,
                           const Asset** owner = nullptr) const;

 private:
  EnterpriseId enterprise_;
  std::uint64_t version_;
  std::vector<Asset> assets_;
  std::vector<std::size_t> by_id_;
  std::vector<std::size_t> by_parent_;  ///< then by path
};

}  // namespace tundish
