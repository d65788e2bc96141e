#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "asset/model_build.h"
#include "asset/model_state.h"
#include "model/tag_path.h"

namespace tundish::asset {

inline constexpr std::size_t kAssetsMax = 100'000;  ///< of an enterprise
inline constexpr std::size_t kTemplatesMax = 1'000;
inline constexpr std::uint32_t kTemplateVersionsMax = 100'000;

/// A copy of an enterprise's model that is being edited. Nothing is written or checked as a whole here;
/// after an error it is thrown away. One thread.
class ModelDraft {
 public:
  struct Outside {
    EnterpriseId enterprise;
    std::string code;  ///< first level of its paths
    TimeNs now = 0;
    const Tags& tags;
    std::span<const Site> sites;
    std::function<AssetId()> next_id;
  };
  /// `templates` knows what of `state` is resolved already.
  ModelDraft(const State& state, ResolvedTemplates templates, Outside outside);

  /// Makes assets, or where `id` is set replaces them; paths may be exchanged. Returns ids in order.
  Result<std::vector<AssetId>> save(std::span<const AssetDefinition> assets);
  Status update(AssetId id, const AssetPatch& patch);
  Status remove(AssetId id, bool with_children);

  /// New versions of what differs, and of all that extends it.
  Status save_templates(std::span<const TemplateDefinition> templates);
  Status upgrade(std::span<const std::string> names);
  /// Back to these versions, where an asset has `from` still. Returns how many were.
  struct Revert {
    AssetId id;
    std::string template_name;
    std::uint32_t from = 0, to = 0;
  };
  std::size_t revert(std::span<const Revert> reverts);

  AssetId find(std::string_view path) const;  ///< 0: there is none
  const State& state() const { return state_; }
  State take_state() { return std::move(state_); }
  ResolvedTemplates& templates() { return templates_; }
  const std::set<std::string>& changed_templates() const { return changed_templates_; }

 private:
  /// The levels of a path below the enterprise. Errors: kInvalidArgument.
  Result<std::vector<std::string>> levels_of(std::string_view path) const;
  /// The node that these levels lead to, made where there is none.
  Result<AssetId> make_way(std::span<const std::string> levels);
  AssetId walk(std::span<const std::string> levels) const;
  Result<AssetId> add(AssetId parent, std::string name);
  void detach(const Node& node);
  Status attach(Node& node, std::string_view path);
  void put(Node node);

  Status set_template(Node& node, const std::string& name, std::uint32_t version) const;
  Status set_site(Node& node, std::uint64_t site) const;
  Status set_override(Node& node, const std::string& attribute, const AttributeOverride& what);
  Status fill(Node& node, const AssetDefinition& asset);

  Status check_lineage(const std::string& name) const;
  Status add_version(const TemplateDefinition& definition);
  Status follow_parents();

  State state_;
  ResolvedTemplates templates_;
  Outside outside_;
  std::map<std::pair<AssetId, std::string>, AssetId> children_;
  std::set<std::string> changed_templates_;
};

}  // namespace tundish::asset
