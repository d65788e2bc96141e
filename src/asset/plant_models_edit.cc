// The verbs of ModelStore, each one edit of a draft.
#include <fmt/format.h>

#include <algorithm>

#include "asset/plant_models.h"
#include "asset/plant_models_tenant.h"
#include "base/nearest_word.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

constexpr std::string_view kUpgrade = "templates.upgrade";

/// Whoever gives a template as a structure is held to what a reader of text refuses.
Status check_definition(const TemplateDefinition& definition) {
  std::string text;
  wire::JsonWriter json(text);
  wire::write_template(json, definition);
  TUNDISH_TRY(const auto parsed,
              wire::parse_json(text, {.bytes_max = 16 << 20, .values_max = 1'000'000}));
  auto read = wire::read_template(parsed);
  if (!read) {
    read.error().message =
        fmt::format("template {}: {}", definition.name.substr(0, 64), read.error().message);
    return fail(std::move(read.error()));
  }
  return {};
}

TemplateVersion version_of(const State& state, const TemplateRow& row) {
  TemplateVersion version{.own = row.own,
                          .version = row.version,
                          .extends_version = row.extends_version,
                          .saved = row.saved};
  const std::uint32_t newest = state.find_template(row.own.name, 0)->version;
  for (const auto& [id, node] : state.nodes) {
    if (node->template_name != row.own.name) continue;
    ++version.assets;
    if (node->template_version != newest) ++version.outdated;
  }
  return version;
}

Result<const TemplateRow*> find_row(const State& state, std::string_view name,
                                    std::uint32_t version) {
  if (const TemplateRow* row = state.find_template(name, version)) return row;
  std::vector<std::string> known;
  for (const auto& [one, versions] : state.templates) known.push_back(one);
  const std::string nearest = nearest_word(name, known);
  if (state.find_template(name, 0) != nullptr)
    return fail(ErrorCode::kNotFound, fmt::format("template '{}' has no version {}", name, version),
                "version");
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no template '{}'{}", name.substr(0, 80),
                          nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
              "template");
}

}  // namespace

// --- templates ---------------------------------------------------------------------------------

std::vector<TemplateVersion> PlantModels::templates(EnterpriseId enterprise) const {
  const auto state = state_of(enterprise);
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> counts;
  for (const auto& [id, node] : state->nodes) {
    if (node->template_name.empty()) continue;
    auto& [assets, outdated] = counts[node->template_name];
    ++assets;
    if (node->template_version != state->find_template(node->template_name, 0)->version) ++outdated;
  }
  std::vector<TemplateVersion> all;
  for (const auto& [name, versions] : state->templates) {
    const TemplateRow& row = *versions.back();
    const auto [assets, outdated] = counts[name];
    all.push_back({row.own, row.version, row.extends_version, row.saved, assets, outdated});
  }
  return all;
}

Result<TemplateVersion> PlantModels::find_template(EnterpriseId enterprise, std::string_view name,
                                                   std::uint32_t version) const {
  const auto state = state_of(enterprise);
  TUNDISH_TRY(const TemplateRow* row, find_row(*state, name, version));
  return version_of(*state, *row);
}

Result<TemplateDefinition> PlantModels::resolved_template(EnterpriseId enterprise,
                                                          std::string_view name,
                                                          std::uint32_t version) const {
  const auto state = state_of(enterprise);
  TUNDISH_TRY(const TemplateRow* row, find_row(*state, name, version));
  ResolvedTemplates templates;
  TUNDISH_TRY(const auto resolved, templates.get(*state, row->own.name, row->version));
  TemplateDefinition definition = row->own;
  definition.attributes = resolved->attributes;
  definition.kpis = resolved->facts->kpis;
  definition.alarms = resolved->facts->alarms;
  definition.intervals = resolved->facts->intervals;
  return definition;
}

Result<EditResult> PlantModels::save_templates(const EditBy& by, EnterpriseId enterprise,
                                               std::span<const TemplateDefinition> templates) {
  for (const auto& definition : templates) TUNDISH_RETURN_IF_ERROR(check_definition(definition));
  return run(enterprise, {.by = by,
                          .action = "templates.save",
                          .change = [&](ModelDraft& draft) -> Result<std::vector<AssetId>> {
                            TUNDISH_RETURN_IF_ERROR(draft.save_templates(templates));
                            return std::vector<AssetId>();
                          }});
}

Result<EditResult> PlantModels::upgrade(const EditBy& by, EnterpriseId enterprise,
                                        std::span<const std::string> names) {
  return run(enterprise, {.by = by,
                          .action = kUpgrade,
                          .change = [&](ModelDraft& draft) -> Result<std::vector<AssetId>> {
                            TUNDISH_RETURN_IF_ERROR(draft.upgrade(names));
                            return std::vector<AssetId>();
                          }});
}

Result<EditResult> PlantModels::undo_upgrade(const EditBy& by, EnterpriseId enterprise) {
  std::uint64_t undone = 0;
  const auto undo = [&](ModelDraft& draft) -> Result<std::vector<AssetId>> {
    std::vector<ModelDraft::Revert> reverts;
    {
      TUNDISH_TRY(Transaction transaction, database_.begin_read());
      TUNDISH_TRY(Statement last,
                  transaction.prepare("SELECT max(id) FROM asset_edit WHERE enterprise = ? AND "
                                      "action = ? AND undone_by IS NULL"));
      TUNDISH_RETURN_IF_ERROR(last.start(enterprise.value(), kUpgrade));
      TUNDISH_TRY(const bool found, last.next());
      if (!found || last.is_null(0))
        return fail(ErrorCode::kConflict, "no upgrade is left to be undone");
      undone = last.integer_as<std::uint64_t>(0);
      TUNDISH_TRY(
          Statement rows,
          transaction.prepare("SELECT a.node, a.template, a.template_version, b.template_version "
                              "FROM asset_node n JOIN asset_node_version a ON a.node = n.id "
                              "JOIN asset_node_version b ON b.node = a.node AND b.until = a.since "
                              "WHERE n.enterprise = ? AND a.since = ?"));
      TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), undone));
      while (true) {
        TUNDISH_TRY(const bool more, rows.next());
        if (!more) break;
        reverts.push_back({AssetId(rows.integer_as<std::uint64_t>(0)), rows.text(1),
                           rows.integer_as<std::uint32_t>(2), rows.integer_as<std::uint32_t>(3)});
      }
    }
    if (draft.revert(reverts) == 0)
      return fail(ErrorCode::kConflict,
                  "the assets of the last upgrade have other versions by now: there is nothing to "
                  "undo");
    return std::vector<AssetId>();
  };
  return run(enterprise, {.by = by,
                          .action = "templates.undo",
                          .change = undo,
                          .also = [&](Transaction& transaction, std::uint64_t edit) -> Status {
                            return transaction.run(
                                "UPDATE asset_edit SET undone_by = ? WHERE id = ?", edit, undone);
                          }});
}

// --- assets ------------------------------------------------------------------------------------

AssetDefinition PlantModels::definition_of(EnterpriseId enterprise, const Node& node,
                                           const Paths& paths) const {
  AssetDefinition asset{.id = node.id,
                        .path = paths.at(node.id),
                        .words = node.words,
                        .template_name = node.template_name,
                        .template_version = node.template_version,
                        .site = node.site,
                        .overrides = {}};
  for (const auto& [name, stored] : node.overrides) {
    AttributeOverride one = stored.what;
    if (stored.tag)
      if (const TagPtr tag = tags_.get({enterprise, *stored.tag})) one.tag = tag->path;
    asset.overrides.emplace(name, std::move(one));
  }
  return asset;
}

Result<AssetDefinition> PlantModels::asset(EnterpriseId enterprise, AssetId id) const {
  const auto state = state_of(enterprise);
  const Node* const node = state->find(id);
  if (node == nullptr) return fail(ErrorCode::kNotFound, "there is no asset with that id", "id");
  TUNDISH_TRY(const Paths paths, paths_of(*state, enterprises_.code_of(enterprise)));
  return definition_of(enterprise, *node, paths);
}

Result<EditResult> PlantModels::save_assets(const EditBy& by, EnterpriseId enterprise,
                                            std::span<const AssetDefinition> assets) {
  return run(enterprise, {.by = by, .action = "assets.save", .change = [&](ModelDraft& draft) {
                            return draft.save(assets);
                          }});
}

Result<EditResult> PlantModels::update_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                             const AssetPatch& patch) {
  return run(enterprise, {.by = by,
                          .action = "assets.update",
                          .change = [&](ModelDraft& draft) -> Result<std::vector<AssetId>> {
                            TUNDISH_RETURN_IF_ERROR(draft.update(id, patch));
                            return std::vector<AssetId>{id};
                          }});
}

Result<EditResult> PlantModels::remove_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                             bool with_children) {
  return run(enterprise, {.by = by,
                          .action = "assets.remove",
                          .change = [&](ModelDraft& draft) -> Result<std::vector<AssetId>> {
                            TUNDISH_RETURN_IF_ERROR(draft.remove(id, with_children));
                            return std::vector<AssetId>();
                          }});
}

}  // namespace tundish::asset
