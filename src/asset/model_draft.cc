#include "asset/model_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/nearest_word.h"
#include "model/name.h"

namespace tundish::asset {
namespace {

std::unexpected<Error> no_asset() {
  return fail(ErrorCode::kNotFound, "there is no asset with that id", "id");
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(word, known);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
}

}  // namespace

ModelDraft::ModelDraft(const State& state, ResolvedTemplates templates, Outside outside)
    : state_(state), templates_(std::move(templates)), outside_(std::move(outside)) {
  for (const auto& [id, node] : state_.nodes)
    children_.emplace(std::pair(node->parent, node->name), id);
}

// --- the tree ----------------------------------------------------------------------------------

Result<std::vector<std::string>> ModelDraft::levels_of(std::string_view path) const {
  TUNDISH_RETURN_IF_ERROR(check_path(path));
  TUNDISH_RETURN_IF_ERROR(check_new_path(path));
  if (enterprise_of(path) != outside_.code)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the path '{}' does not begin with '{}/'", path.substr(0, 80), outside_.code),
        "path");
  std::vector<std::string> levels;
  std::string_view rest = path.substr(outside_.code.size() + 1);
  for (std::size_t slash = 0; (slash = rest.find('/')) != std::string_view::npos;) {
    levels.emplace_back(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
  }
  levels.emplace_back(rest);
  if (levels.size() + 2 > kPathLevelsMax)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("an asset stands at most {} levels deep", kPathLevelsMax - 1), "path");
  return levels;
}

AssetId ModelDraft::walk(std::span<const std::string> levels) const {
  AssetId at;
  for (const auto& level : levels) {
    const auto found = children_.find({at, level});
    if (found == children_.end()) return {};
    at = found->second;
  }
  return at;
}

AssetId ModelDraft::find(std::string_view path) const {
  const auto levels = levels_of(path);
  return levels ? walk(*levels) : AssetId();
}

void ModelDraft::put(Node node) {
  const AssetId id = node.id;
  state_.nodes[id] = std::make_shared<const Node>(std::move(node));
}

Result<AssetId> ModelDraft::add(AssetId parent, std::string name) {
  if (state_.nodes.size() >= kAssetsMax)
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("an enterprise has at most {} assets", kAssetsMax));
  Node node;
  node.id = outside_.next_id();
  node.parent = parent;
  node.name = std::move(name);
  children_.emplace(std::pair(parent, node.name), node.id);
  const AssetId id = node.id;
  put(std::move(node));
  return id;
}

Result<AssetId> ModelDraft::make_way(std::span<const std::string> levels) {
  AssetId at;
  for (const auto& level : levels) {
    const auto found = children_.find({at, level});
    if (found != children_.end()) {
      at = found->second;
    } else {
      TUNDISH_TRY(at, add(at, level));
    }
  }
  return at;
}

void ModelDraft::detach(const Node& node) { children_.erase({node.parent, node.name}); }

Status ModelDraft::attach(Node& node, std::string_view path) {
  TUNDISH_TRY(auto levels, levels_of(path));
  std::string name = std::move(levels.back());
  levels.pop_back();
  TUNDISH_TRY(const AssetId parent, make_way(levels));
  for (const Node* above = state_.find(parent); above != nullptr;
       above = state_.find(above->parent))
    if (above->id == node.id)
      return fail(ErrorCode::kConflict,
                  fmt::format("'{}' would stand below itself", path.substr(0, 200)), "path");
  if (!children_.emplace(std::pair(parent, name), node.id).second)
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("there is an asset '{}' already", path.substr(0, 200)), "path");
  node.parent = parent;
  node.name = std::move(name);
  return {};
}

// --- assets ------------------------------------------------------------------------------------

Status ModelDraft::set_template(Node& node, const std::string& name, std::uint32_t version) const {
  if (name.empty()) {
    node.template_name.clear();
    node.template_version = 0;
    return {};
  }
  const TemplateRow* const newest = state_.find_template(name, 0);
  if (newest == nullptr) {
    std::vector<std::string> known;
    for (const auto& [one, versions] : state_.templates) known.push_back(one);
    return fail(
        ErrorCode::kNotFound,
        fmt::format("there is no template '{}'{}", name.substr(0, 80), did_you_mean(name, known)),
        "template");
  }
  if (version > newest->version)
    return fail(
        ErrorCode::kNotFound,
        fmt::format("template '{}' has versions 1 to {}, not {}", name, newest->version, version),
        "version");
  if (version == 0) version = node.template_name == name ? node.template_version : newest->version;
  node.template_name = name;
  node.template_version = version;
  return {};
}

Status ModelDraft::set_site(Node& node, std::uint64_t site) const {
  const bool known =
      site == 0 || std::ranges::find(outside_.sites, site, &Site::id) != outside_.sites.end();
  if (!known) return fail(ErrorCode::kNotFound, "there is no such site", "site");
  node.site = site;
  return {};
}

Status ModelDraft::set_override(Node& node, const std::string& attribute,
                                const AttributeOverride& what) {
  const std::string where = "attributes." + attribute;
  std::vector<AttributeDefinition> known;
  if (!node.template_name.empty()) {
    TUNDISH_TRY(const auto resolved,
                templates_.get(state_, node.template_name, node.template_version));
    known = resolved->attributes;
  }
  const auto definition = std::ranges::find(known, attribute, &AttributeDefinition::name);
  StoredOverride stored{what, std::nullopt};
  stored.what.tag.clear();
  if (!what.tag.empty()) {
    const TagPtr tag = outside_.tags.find(outside_.enterprise, what.tag);
    if (!tag)
      return fail(ErrorCode::kNotFound,
                  fmt::format("there is no tag '{}'", what.tag.substr(0, 200)), where + ".tag");
    stored.tag = tag->id.number;
  }
  const auto old = node.overrides.find(attribute);
  if (old != node.overrides.end() && old->second == stored) return {};
  if (definition == known.end()) {
    std::vector<std::string> names;
    for (const auto& one : known) names.push_back(one.name);
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the asset has no attribute '{}'{}", attribute, did_you_mean(attribute, names)),
        where);
  }
  const bool is_constant = definition->kind == AttributeKind::kConstant;
  constexpr std::int64_t kWholeMax = std::int64_t{1} << 53;
  const auto* const whole = what.constant ? std::get_if<std::int64_t>(&*what.constant) : nullptr;
  if (whole != nullptr && (*whole > kWholeMax || *whole < -kWholeMax))
    return fail(ErrorCode::kInvalidArgument, "a whole number here is at most 2^53",
                where + ".constant");
  if (what.constant && !is_constant)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("'{}' is no constant; bind it to a tag or give it a formula", attribute),
        where + ".constant");
  if (is_constant && (!what.tag.empty() || what.formula))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is a constant; it has neither tag nor formula", attribute),
                where);
  if (what.constant)
    if (const auto fits = convert_exact(*what.constant, definition->type); !fits)
      return fail(ErrorCode::kInvalidArgument, fits.error().message, where + ".constant");
  node.overrides.insert_or_assign(attribute, std::move(stored));
  return {};
}

Status ModelDraft::fill(Node& node, const AssetDefinition& asset) {
  node.words = asset.words;
  TUNDISH_RETURN_IF_ERROR(set_template(node, asset.template_name, asset.template_version));
  TUNDISH_RETURN_IF_ERROR(set_site(node, asset.site));
  for (const auto& [attribute, what] : asset.overrides)
    TUNDISH_RETURN_IF_ERROR(set_override(node, attribute, what));
  std::erase_if(node.overrides,
                [&](const auto& entry) { return !asset.overrides.contains(entry.first); });
  return {};
}

Result<std::vector<AssetId>> ModelDraft::save(std::span<const AssetDefinition> assets) {
  // Whatever moves leaves its place before anything takes it.
  for (const auto& asset : assets) {
    if (asset.id == AssetId()) continue;
    const Node* const node = state_.find(asset.id);
    if (node == nullptr) return no_asset();
    detach(*node);
  }
  // Above before below.
  std::vector<std::size_t> order(assets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {},
                           [&](std::size_t i) -> const std::string& { return assets[i].path; });
  std::vector<AssetId> ids(assets.size());
  for (const std::size_t i : order) {
    const AssetDefinition& asset = assets[i];
    const auto place = [&](Error error) {
      error.message = fmt::format("{}: {}", asset.path.substr(0, 200), error.message);
      return fail(std::move(error));
    };
    Node node;
    if (asset.id != AssetId()) {
      node = *state_.find(asset.id);
    } else {
      if (state_.nodes.size() >= kAssetsMax)
        return fail(ErrorCode::kQuotaExceeded,
                    fmt::format("an enterprise has at most {} assets", kAssetsMax));
      node.id = outside_.next_id();
    }
    if (auto attached = attach(node, asset.path); !attached) return place(attached.error());
    if (auto filled = fill(node, asset); !filled) return place(filled.error());
    ids[i] = node.id;
    put(std::move(node));
  }
  return ids;
}

Status ModelDraft::update(AssetId id, const AssetPatch& patch) {
  const Node* const old = state_.find(id);
  if (old == nullptr) return no_asset();
  Node node = *old;
  if (patch.path) {
    for (std::string_view above = *patch.path; above.find('/') != std::string_view::npos;) {
      above = above.substr(0, above.rfind('/'));
      if (find(above) == id)
        return fail(ErrorCode::kConflict,
                    fmt::format("'{}' would stand below itself", patch.path->substr(0, 200)),
                    "path");
    }
    detach(node);
    TUNDISH_RETURN_IF_ERROR(attach(node, *patch.path));
  }
  if (patch.words) node.words = *patch.words;
  if (patch.template_name || patch.template_version)
    TUNDISH_RETURN_IF_ERROR(set_template(node, patch.template_name.value_or(node.template_name),
                                         patch.template_version.value_or(0)));
  if (patch.site) TUNDISH_RETURN_IF_ERROR(set_site(node, *patch.site));
  for (const auto& [attribute, what] : patch.overrides) {
    if (what)
      TUNDISH_RETURN_IF_ERROR(set_override(node, attribute, *what));
    else
      node.overrides.erase(attribute);
  }
  if (!(node == *old)) put(std::move(node));
  return {};
}

Status ModelDraft::remove(AssetId id, bool with_children) {
  if (state_.find(id) == nullptr) return no_asset();
  std::vector<AssetId> all{id};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (auto child = children_.lower_bound({all[i], ""});
         child != children_.end() && child->first.first == all[i]; ++child)
      all.push_back(child->second);
  if (all.size() > 1 && !with_children)
    return fail(
        ErrorCode::kConflict,
        fmt::format("there are {} assets below it: remove them with it, or first", all.size() - 1));
  for (const AssetId one : all) {
    detach(*state_.find(one));
    state_.nodes.erase(one);
  }
  return {};
}

// --- templates ---------------------------------------------------------------------------------

/// That what it extends is there and leads to an end.
Status ModelDraft::check_lineage(const std::string& name) const {
  std::vector<std::string> way;
  for (std::string at = name; !at.empty();) {
    const bool again = std::ranges::find(way, at) != way.end();
    way.push_back(at);
    if (again)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("templates extend each other in a circle: {}", fmt::join(way, " -> ")), name);
    const TemplateRow* const row = state_.find_template(at, 0);
    if (row == nullptr) {
      std::vector<std::string> known;
      for (const auto& [one, versions] : state_.templates) known.push_back(one);
      return fail(ErrorCode::kNotFound,
                  fmt::format("template '{}' extends '{}', which there is not{}",
                              way[way.size() - 2], at, did_you_mean(at, known)),
                  name);
    }
    at = row->own.extends;
  }
  return {};
}

Status ModelDraft::add_version(const TemplateDefinition& definition) {
  auto& versions = state_.templates[definition.name];
  if (versions.size() >= kTemplateVersionsMax)
    return fail(ErrorCode::kQuotaExceeded, "a template has at most 100,000 versions");
  versions.push_back(std::make_shared<const TemplateRow>(
      TemplateRow{definition, static_cast<std::uint32_t>(versions.size() + 1), 0, outside_.now}));
  changed_templates_.insert(definition.name);
  return {};
}

/// Fixes each version of this draft to the newest one above, and gives those whose parent is newer
/// a version too. Circles were refused.
Status ModelDraft::follow_parents() {
  std::set<std::string> done;
  const std::function<Status(const std::string&)> follow = [&](const std::string& name) -> Status {
    if (!done.insert(name).second) return {};
    const TemplateRow& row = *state_.templates.find(name)->second.back();
    if (row.own.extends.empty()) return {};
    TUNDISH_RETURN_IF_ERROR(follow(row.own.extends));
    const std::uint32_t above = state_.find_template(row.own.extends, 0)->version;
    if (row.extends_version == above) return {};
    TemplateRow next = row;
    if (!changed_templates_.contains(name)) TUNDISH_RETURN_IF_ERROR(add_version(row.own));
    auto& newest = state_.templates.find(name)->second.back();
    next.version = newest->version;
    next.saved = newest->saved;
    next.extends_version = above;
    newest = std::make_shared<const TemplateRow>(std::move(next));
    return {};
  };
  std::vector<std::string> names;
  for (const auto& [name, versions] : state_.templates) names.push_back(name);
  for (const auto& name : names) TUNDISH_RETURN_IF_ERROR(follow(name));
  return {};
}

Status ModelDraft::save_templates(std::span<const TemplateDefinition> templates) {
  std::set<std::string_view> seen;
  for (const auto& definition : templates) {
    if (!seen.insert(definition.name).second)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("template '{}' is there twice", definition.name), definition.name);
    const TemplateRow* const newest = state_.find_template(definition.name, 0);
    if (newest == nullptr && state_.templates.size() >= kTemplatesMax)
      return fail(ErrorCode::kQuotaExceeded,
                  fmt::format("an enterprise has at most {} templates", kTemplatesMax));
    if (newest == nullptr || !(newest->own == definition))
      TUNDISH_RETURN_IF_ERROR(add_version(definition));
  }
  for (const auto& definition : templates) TUNDISH_RETURN_IF_ERROR(check_lineage(definition.name));
  return follow_parents();
}

Status ModelDraft::upgrade(std::span<const std::string> names) {
  for (const auto& name : names) {
    Node any;
    TUNDISH_RETURN_IF_ERROR(set_template(any, name, 0));
  }
  std::vector<Node> changed;
  for (const auto& [id, node] : state_.nodes) {
    if (node->template_name.empty()) continue;
    if (!names.empty() && std::ranges::find(names, node->template_name) == names.end()) continue;
    const std::uint32_t newest = state_.find_template(node->template_name, 0)->version;
    if (node->template_version == newest) continue;
    changed.push_back(*node);
    changed.back().template_version = newest;
  }
  for (Node& node : changed) put(std::move(node));
  return {};
}

std::size_t ModelDraft::revert(std::span<const Revert> reverts) {
  std::size_t count = 0;
  for (const Revert& one : reverts) {
    const Node* const node = state_.find(one.id);
    if (node == nullptr || node->template_name != one.template_name ||
        node->template_version != one.from)
      continue;
    Node back = *node;
    back.template_version = one.to;
    put(std::move(back));
    ++count;
  }
  return count;
}

}  // namespace tundish::asset
