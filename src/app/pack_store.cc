#include "app/pack_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "app/pack_folder.h"
#include "app/pack_preview.h"
#include "app/server.h"
#include "base/log.h"
#include "base/nearest_word.h"

namespace tundish::app {
namespace {

PackShown shown_of(const pack::Pack& pack, const pack::Shown& what) {
  PackShown shown;
  shown.asset = what.asset;
  shown.attribute = what.attribute;
  shown.kpi = what.kpi;
  const auto asset = std::ranges::find(pack.plant, what.asset, &pack::PlantAsset::path);
  if (asset != pack.plant.end()) shown.template_name = asset->template_name;
  return shown;
}

std::string_view show_name(pack::Show show) {
  switch (show) {
    case pack::Show::kText: return "text";
    case pack::Show::kFill: return "fill";
    case pack::Show::kLevel: return "level";
  }
  return "text";
}

PackInfo info_of(const pack::Pack& pack) {
  PackInfo info{.name = pack.name,
                .version = pack.version,
                .words = pack.words,
                .description = pack.description,
                .templates = templates_of(pack),
                .screens = {},
                .plant_assets = pack.plant.size()};
  for (const pack::Screen& screen : pack.screens) {
    PackScreen made{
        .name = screen.name, .words = screen.words, .drawing = screen.drawing, .shown = {}};
    for (const pack::Shown& tile : screen.tiles) made.shown.push_back(shown_of(pack, tile));
    for (const pack::Binding& binding : screen.bindings) {
      made.shown.push_back(shown_of(pack, binding.what));
      made.shown.back().element = binding.element;
      made.shown.back().show = show_name(binding.show);
      made.shown.back().true_is_abnormal = binding.true_is_abnormal;
    }
    info.screens.push_back(std::move(made));
  }
  return info;
}

/// Assets of the pack's plant that the enterprise does not have, under these names or others since.
Result<std::vector<const pack::PlantAsset*>> missing_of(const pack::Pack& pack,
                                                        EnterpriseId enterprise,
                                                        const ModelStore& store) {
  std::vector<std::string> paths;
  for (const pack::PlantAsset& one : pack.plant) paths.push_back(one.path);
  TUNDISH_TRY(const auto found, store.known_as(enterprise, paths));
  std::vector<const pack::PlantAsset*> missing;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i] == AssetId()) missing.push_back(&pack.plant[i]);
  return missing;
}

/// The pack of a folder; nothing, which is logged, when it has mistakes.
std::optional<pack::Pack> read_or_log(const std::string& folder, const std::string& name) {
  const auto files = read_pack_folder(folder);
  auto pack = files ? pack::read_pack(*files) : Result<pack::Pack>(std::unexpected(files.error()));
  if (pack && pack->name != name)
    pack = fail(ErrorCode::kInvalidArgument,
                fmt::format("the folder is called '{}' and the pack '{}'", name, pack->name));
  if (pack) return *std::move(pack);
  log_warning("packs", "{} is left out: {}; `tundish pack check {}` names every mistake", name,
              pack.error().to_string(), folder);
  return std::nullopt;
}

/// Changes of several edits of one wish.
void join(EditResult& all, EditResult part) {
  all.version = part.version;
  std::ranges::move(part.changes, std::back_inserter(all.changes));
  std::ranges::move(part.warnings, std::back_inserter(all.warnings));
}

}  // namespace

std::vector<TemplateDefinition> templates_of(const pack::Pack& pack) {
  std::map<std::string, TemplateDefinition, std::less<>> made;
  for (const pack::Template& one : pack.templates) {
    TemplateDefinition& definition = made[one.name];
    definition.name = one.name;
    definition.pack = pack.name + " " + pack.version;
    definition.extends = one.extends;
    definition.words = one.words;
    definition.attributes = one.attributes;
  }
  for (const auto& kpi : pack.kpis) made[kpi.of].kpis.push_back(kpi.definition);
  for (const auto& alarm : pack.alarms) made[alarm.of].alarms.push_back(alarm.definition);
  for (const auto& interval : pack.intervals)
    made[interval.of].intervals.push_back(interval.definition);
  // What one extends comes first.
  std::vector<TemplateDefinition> ordered;
  std::set<std::string, std::less<>> done;
  while (ordered.size() < made.size()) {
    const std::size_t before = ordered.size();
    for (const auto& [name, definition] : made) {
      if (done.contains(name)) continue;
      if (!definition.extends.empty() && made.contains(definition.extends) &&
          !done.contains(definition.extends))
        continue;
      ordered.push_back(definition);
      done.insert(name);
    }
    if (ordered.size() == before) break;  // a circle, which the reader has refused
  }
  return ordered;
}

std::shared_ptr<const PackStore::Packs> PackStore::load() const {
  const std::string stamp = stamp_of_packs(own_folder_);
  const MutexLock lock(mutex_);
  if (packs_ && stamp == own_stamp_) return packs_;
  if (!packs_)
    for (const std::string& name : shipped_packs())
      if (auto pack = read_or_log(find_beside_program("packs") + "/" + name, name))
        shipped_.emplace(name, *std::move(pack));
  auto all = std::make_shared<Packs>(shipped_);
  for (const std::string& name : packs_in(own_folder_)) {
    if (all->contains(name))
      log_warning("packs", "{}/{} is left out: a pack of this name came with the program",
                  own_folder_, name);
    else if (auto pack = read_or_log(own_folder_ + "/" + name, name))
      all->emplace(name, *std::move(pack));
  }
  own_stamp_ = stamp;
  packs_ = std::move(all);
  return packs_;
}

std::vector<PackInfo> PackStore::packs() const {
  std::vector<PackInfo> all;
  const auto known = load();
  for (const auto& [name, pack] : *known) all.push_back(info_of(pack));
  return all;
}

Result<PackInfo> PackStore::find(std::string_view name) const {
  const auto all = load();
  if (const auto found = all->find(name); found != all->end()) return info_of(found->second);
  std::vector<std::string> names;
  for (const auto& [known, pack] : *all) names.push_back(known);
  const std::string near = nearest_word(name.substr(0, 64), names);
  return fail(ErrorCode::kNotFound, fmt::format("there is no pack '{}'{}", name.substr(0, 64),
                                                near.empty() ? "" : "; the nearest is " + near));
}

Result<std::string> PackStore::drawing(std::string_view pack, std::string_view file) const {
  const auto all = load();
  if (const auto found = all->find(pack); found != all->end())
    if (const auto drawing = found->second.drawings.find(file);
        drawing != found->second.drawings.end())
      return drawing->second;
  return fail(ErrorCode::kNotFound, "there is no such drawing");
}

Result<EditResult> PackStore::apply(const EditBy& by, EnterpriseId enterprise,
                                    std::string_view name, bool plant) {
  const auto all = load();
  const auto found = all->find(name);
  if (found == all->end()) {
    TUNDISH_TRY(const auto info, find(name));
    static_cast<void>(info);
    return fail(ErrorCode::kNotFound, "there is no such pack");
  }
  return apply(by, enterprise, found->second, plant);
}

Result<EditResult> PackStore::apply(const EditBy& by, EnterpriseId enterprise,
                                    const pack::Pack& pack, bool plant) {
  const auto owner = enterprises_.find(enterprise);
  if (!owner) return fail(ErrorCode::kNotFound, "there is no such enterprise");
  const auto templates = templates_of(pack);
  TUNDISH_TRY(auto result, store_.save_templates(by, enterprise, templates));
  const auto model = models_.model(enterprise);
  if (by.dry_run) {
    // The store could only say what follows from templates that are there.
    TUNDISH_TRY(result.changes, preview_of(pack, *model, store_));
    if (!plant) return result;
    TUNDISH_TRY(const auto missing, missing_of(pack, enterprise, store_));
    for (const pack::PlantAsset* one : missing)
      result.changes.push_back({.kind = ModelChange::Kind::kAdded,
                                .asset = {},
                                .path = owner->code + "/" + one->path,
                                .item = {},
                                .field = {},
                                .from = {},
                                .to = {}});
    return result;
  }
  std::vector<std::string> names;
  for (const auto& one : templates) names.push_back(one.name);
  TUNDISH_TRY(auto upgraded, store_.upgrade(by, enterprise, names));
  join(result, std::move(upgraded));
  if (!plant) return result;
  std::vector<AssetDefinition> assets;
  TUNDISH_TRY(const auto missing, missing_of(pack, enterprise, store_));
  for (const pack::PlantAsset* one : missing) {
    AssetDefinition asset;
    asset.path = owner->code + "/" + one->path;
    asset.words = one->words;
    asset.template_name = one->template_name;
    assets.push_back(std::move(asset));
  }
  if (assets.empty()) return result;
  TUNDISH_TRY(auto made, store_.save_assets(by, enterprise, assets));
  join(result, std::move(made));
  return result;
}

}  // namespace tundish::app
