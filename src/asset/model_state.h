#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/ports/asset_store.h"

namespace tundish::asset {

// The model of one enterprise as it is written, in step with the tables asset_template, asset_node_version,
// asset_override and asset_formula. Rows are immutable and shared, so that an edit works on a copy.

struct StoredOverride {
  AttributeOverride what;            ///< `tag` empty: it is the number below
  std::optional<std::uint32_t> tag;  ///< so that a binding outlives a rename
  bool operator==(const StoredOverride&) const = default;
};

/// One asset: a name below a parent. Paths follow from it.
struct Node {
  AssetId id;
  AssetId parent;
  std::string name;
  Words words;
  std::string template_name;
  std::uint32_t template_version = 0;
  std::uint64_t site = 0;
  std::map<std::string, StoredOverride, std::less<>> overrides;
  bool operator==(const Node&) const = default;
};
using NodePtr = std::shared_ptr<const Node>;

struct TemplateRow {
  TemplateDefinition own;
  std::uint32_t version = 0;
  std::uint32_t extends_version = 0;
  TimeNs saved = 0;
};
using TemplateRowPtr = std::shared_ptr<const TemplateRow>;

/// The newest formula of an attribute: what is computed, in one text.
struct FormulaRow {
  std::uint32_t version = 0;
  std::string text;
};

struct State {
  std::uint64_t version = 0;  ///< the last edit
  std::map<AssetId, NodePtr> nodes;
  /// Versions ascending from 1 without gaps.
  std::map<std::string, std::vector<TemplateRowPtr>, std::less<>> templates;
  std::unordered_map<AssetId, std::map<std::string, FormulaRow, std::less<>>> formulas;

  /// `version` 0: the newest. Null when there is none.
  const TemplateRow* find_template(std::string_view name, std::uint32_t template_version) const {
    const auto found = templates.find(name);
    if (found == templates.end() || template_version > found->second.size()) return nullptr;
    return template_version == 0 ? found->second.back().get()
                                 : found->second[template_version - 1].get();
  }
  const Node* find(AssetId id) const {
    const auto found = nodes.find(id);
    return found == nodes.end() ? nullptr : found->second.get();
  }
};

using Paths = std::unordered_map<AssetId, std::string>;

/// The path of every node, below `code`. Errors: kConflict when nodes stand in a circle.
Result<Paths> paths_of(const State& state, const std::string& code);

}  // namespace tundish::asset
