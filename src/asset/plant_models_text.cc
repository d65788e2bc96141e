// The model as text: written out, and read back as one edit.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "asset/model_text.h"
#include "asset/plant_models.h"
#include "asset/plant_models_tenant.h"

namespace tundish::asset {
namespace {

bool is_below(std::string_view path, std::string_view under) {
  return path.starts_with(under) && (path.size() == under.size() || path[under.size()] == '/');
}

/// Names of templates and of those that they extend.
void add_lineage(const State& state, std::string name, std::set<std::string>& names) {
  while (!name.empty() && names.insert(name).second) {
    const TemplateRow* const row = state.find_template(name, 0);
    if (row == nullptr) return;
    name = row->own.extends;
  }
}

/// One import: what the text says, made in a draft.
class Import {
 public:
  Import(const ModelText& text, const std::string& code, std::string_view under,
         std::span<const Site> sites)
      : text_(text), code_(code), under_(under), sites_(sites) {}

  Result<std::vector<AssetId>> apply(ModelDraft& draft, bool remove) const {
    TUNDISH_RETURN_IF_ERROR(draft.save_templates(text_.templates));
    std::vector<AssetDefinition> assets;
    std::unordered_set<std::uint64_t> seen;
    for (const TextAsset& one : text_.assets) {
      TUNDISH_TRY(AssetDefinition asset, definition_of(one, draft));
      if (asset.id != AssetId() && !seen.insert(asset.id.value()).second)
        return bad(one, "this asset is there twice");
      assets.push_back(std::move(asset));
    }
    auto saved = draft.save(assets);
    if (!saved) return saved;
    if (remove) TUNDISH_RETURN_IF_ERROR(remove_others(draft, *saved));
    return saved;
  }

  /// The line that an error of the whole model is of, put before its message.
  void place(Error& error) const {
    if (error.message.starts_with("line ")) return;
    if (const TextPlace* at = template_place(error)) {
      error.message = fmt::format("line {}, column {}: {}", at->line, at->column, error.message);
      return;
    }
    const TextAsset* best = nullptr;
    for (const TextAsset& one : text_.assets) {
      const std::string path = code_ + "/" + one.path;
      const bool is_of = error.where.starts_with(path) || error.message.starts_with(path);
      if (is_of && (best == nullptr || one.path.size() > best->path.size())) best = &one;
    }
    if (best != nullptr)
      error.message =
          fmt::format("line {}, column {}: {}", best->line, best->column, error.message);
  }

 private:
  /// The longest of the template places that the error names, at its start or as the start of a circle.
  const TextPlace* template_place(const Error& error) const {
    const TextPlace* best = nullptr;
    for (const TextPlace& one : text_.template_places) {
      const auto attribute = one.what.find(" attribute ");
      const std::string in_circle =
          attribute == std::string::npos
              ? std::string()
              : fmt::format("the formulas go in a circle: {}/{} ", one.what.substr(0, attribute),
                            one.what.substr(attribute + 11));
      const bool is_of = error.where == one.what || error.where.starts_with(one.what + " ") ||
                         (!in_circle.empty() && error.message.starts_with(in_circle));
      if (is_of && (best == nullptr || one.what.size() > best->what.size())) best = &one;
    }
    return best;
  }

  static std::unexpected<Error> bad(const TextAsset& asset, std::string_view message,
                                    ErrorCode code = ErrorCode::kInvalidArgument) {
    return fail(code, fmt::format("line {}, column {}: {}", asset.line, asset.column, message));
  }

  Result<AssetDefinition> definition_of(const TextAsset& one, const ModelDraft& draft) const {
    AssetDefinition asset;
    asset.path = code_ + "/" + one.path;
    if (!is_below(asset.path, under_))
      return bad(one, fmt::format("'{}' is not at or below '{}'", one.path.substr(0, 200), under_));
    if (one.id != 0 && draft.state().find(AssetId(one.id)) != nullptr)
      asset.id = AssetId(one.id);
    else
      asset.id = draft.find(asset.path);
    asset.words = one.words;
    asset.template_name = one.template_name;
    asset.template_version = one.template_version;
    asset.overrides = one.overrides;
    if (!one.site.empty()) {
      const auto site = std::ranges::find(sites_, one.site, &Site::code);
      if (site == sites_.end())
        return bad(one, fmt::format("there is no site '{}'", one.site.substr(0, 80)),
                   ErrorCode::kNotFound);
      asset.site = site->id;
    }
    return asset;
  }

  /// What is at or below `under` and neither in the text nor above something that is.
  Status remove_others(ModelDraft& draft, const std::vector<AssetId>& saved) const {
    TUNDISH_TRY(const Paths paths, paths_of(draft.state(), code_));
    std::unordered_set<AssetId> keep(saved.begin(), saved.end());
    for (const AssetId id : saved)
      for (const Node* node = draft.state().find(id); node != nullptr;
           node = draft.state().find(node->parent))
        keep.insert(node->id);
    std::vector<std::pair<std::string_view, AssetId>> others;
    for (const auto& [id, path] : paths)
      if (!keep.contains(id) && is_below(path, under_)) others.emplace_back(path, id);
    // Below before above.
    std::ranges::sort(others, std::ranges::greater());
    for (const auto& [path, id] : others) TUNDISH_RETURN_IF_ERROR(draft.remove(id, false));
    return {};
  }

  const ModelText& text_;
  const std::string& code_;
  std::string_view under_;
  std::span<const Site> sites_;
};

}  // namespace

Result<std::string> PlantModels::export_model(EnterpriseId enterprise, std::string_view under,
                                              ModelFormat format) const {
  const std::string code = enterprises_.code_of(enterprise);
  const auto state = state_of(enterprise);
  TUNDISH_TRY(const Paths paths, paths_of(*state, code));
  const auto sites = enterprises_.sites(enterprise);
  ModelText text;
  std::set<std::string> names;
  const bool is_whole = under == code;
  for (const auto& [id, node] : state->nodes) {
    const AssetDefinition asset = definition_of(enterprise, *node, paths);
    if (!is_below(asset.path, under)) continue;
    TextAsset one{.id = id.value(),
                  .path = asset.path.substr(code.size() + 1),
                  .words = asset.words,
                  .template_name = asset.template_name,
                  .template_version = asset.template_version,
                  .site = {},
                  .overrides = asset.overrides};
    if (const auto site = std::ranges::find(sites, asset.site, &Site::id); site != sites.end())
      one.site = site->code;
    add_lineage(*state, one.template_name, names);
    text.assets.push_back(std::move(one));
  }
  if (text.assets.empty() && !is_whole)
    return fail(ErrorCode::kNotFound, fmt::format("there is no asset '{}'", under.substr(0, 200)),
                "under");
  std::ranges::sort(text.assets, {}, &TextAsset::path);
  for (const auto& [name, versions] : state->templates)
    if (is_whole || names.contains(name)) text.templates.push_back(versions.back()->own);
  return format == ModelFormat::kYaml ? write_model_yaml(text, code) : write_model_csv(text, code);
}

Result<EditResult> PlantModels::import_model(const EditBy& by, EnterpriseId enterprise,
                                             std::string_view under, ModelFormat format,
                                             std::string_view text, bool remove) {
  const std::string code = enterprises_.code_of(enterprise);
  if (!is_below(under, code))
    return fail(ErrorCode::kNotFound, fmt::format("there is no asset '{}'", under.substr(0, 200)),
                "under");
  TUNDISH_TRY(const ModelText read, format == ModelFormat::kYaml ? read_model_yaml(text, code)
                                                                 : read_model_csv(text, code));
  const auto sites = enterprises_.sites(enterprise);
  const Import import(read, code, under, sites);
  auto result =
      run(enterprise, {.by = by, .action = "model.import", .change = [&](ModelDraft& draft) {
                         return import.apply(draft, remove);
                       }});
  if (!result) import.place(result.error());
  return result;
}

}  // namespace tundish::asset
