#include "asset/model_build.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/tag_path.h"

namespace tundish::asset {
namespace {

constexpr int kLineageMax = 16;

/// Those of `own` and those of `inherited` that it does not replace, ascending by name.
template <class T>
std::vector<T> merged(const std::vector<T>& inherited, const std::vector<T>& own) {
  std::vector<T> all = own;
  for (const T& one : inherited)
    if (std::ranges::find(own, one.name, &T::name) == own.end()) all.push_back(one);
  std::ranges::sort(all, {}, &T::name);
  return all;
}

void apply(const StoredOverride& stored, AttributeDefinition& definition) {
  const AttributeOverride& what = stored.what;
  if (what.unit) definition.unit = *what.unit;
  if (what.normal) definition.normal = what.normal;
  if (what.valid) definition.valid = what.valid;
  if (what.every) definition.every = *what.every;
  if (what.constant) {
    definition.constant = *what.constant;
    if (auto fitting = convert_exact(*what.constant, definition.type))
      definition.constant = *std::move(fitting);
  }
  if (what.formula) {
    definition.kind = AttributeKind::kFormula;
    definition.formula = *what.formula;
  }
}

std::uint32_t formula_version(const State& state, AssetId asset, const std::string& attribute) {
  const auto found = state.formulas.find(asset);
  if (found == state.formulas.end()) return 0;
  const auto row = found->second.find(attribute);
  return row == found->second.end() ? 0 : row->second.version;
}

class Builder {
 public:
  Builder(const BuildFrom& from, ResolvedTemplates& templates)
      : from_(from),
        templates_(templates),
        binder_(from.enterprise, from.state, from.tags, from.sites) {}

  Result<std::shared_ptr<const PlantModel>> build() {
    std::vector<Asset> assets;
    assets.reserve(from_.state.nodes.size());
    for (const auto& [id, node] : from_.state.nodes) {
      TUNDISH_TRY(Asset asset, build_asset(*node));
      assets.push_back(std::move(asset));
    }
    return std::make_shared<const PlantModel>(from_.enterprise, from_.state.version,
                                              std::move(assets));
  }

 private:
  Result<Asset> build_asset(const Node& node) {
    static const auto kNoTemplate = std::make_shared<const ResolvedTemplate>(
        ResolvedTemplate{std::make_shared<const TemplateFacts>(), {}});
    auto resolved = kNoTemplate;
    if (!node.template_name.empty()) {
      TUNDISH_TRY(resolved, templates_.get(from_.state, node.template_name, node.template_version));
    }
    Asset asset{.id = node.id,
                .parent = node.parent,
                .path = from_.paths.at(node.id),
                .words = node.words,
                .site = binder_.site(node),
                .facts = resolved->facts,
                .attributes = {}};
    const auto tag_path = from_.tag_paths.find(node.id);
    const std::string& path = tag_path == from_.tag_paths.end() ? asset.path : tag_path->second;
    asset.attributes.reserve(resolved->attributes.size());
    for (const auto& definition : resolved->attributes) {
      Attribute attribute{.definition = definition, .tag = {}, .formula_version = 0};
      const auto stored = node.overrides.find(definition.name);
      if (stored != node.overrides.end()) apply(stored->second, attribute.definition);
      attribute.tag = binder_.tag(node, path, attribute.definition);
      if (attribute.definition.kind == AttributeKind::kFormula)
        attribute.formula_version = formula_version(from_.state, node.id, definition.name);
      asset.attributes.push_back(std::move(attribute));
    }
    return asset;
  }

  const BuildFrom& from_;
  ResolvedTemplates& templates_;
  Binder binder_;
};

}  // namespace

Result<std::shared_ptr<const ResolvedTemplate>> ResolvedTemplates::get(const State& state,
                                                                       const std::string& name,
                                                                       std::uint32_t version) {
  if (const auto found = all_.find({name, version}); found != all_.end()) return found->second;
  std::vector<const TemplateRow*> lineage;
  for (std::string at = name; !at.empty();) {
    const TemplateRow* const row =
        state.find_template(at, lineage.empty() ? version : lineage.back()->extends_version);
    if (row == nullptr)
      return fail(ErrorCode::kNotFound, fmt::format("there is no template '{}'", at), name);
    if (lineage.size() >= kLineageMax)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("more than {} templates one above the other", kLineageMax), name);
    lineage.push_back(row);
    at = row->own.extends;
  }
  ResolvedTemplate resolved;
  TemplateFacts facts;
  for (auto row = lineage.rbegin(); row != lineage.rend(); ++row) {
    const TemplateDefinition& own = (*row)->own;
    resolved.attributes = merged(resolved.attributes, own.attributes);
    facts.kpis = merged(facts.kpis, own.kpis);
    facts.alarms = merged(facts.alarms, own.alarms);
    facts.intervals = merged(facts.intervals, own.intervals);
  }
  facts.name = name;
  facts.version = lineage.front()->version;
  facts.pack = lineage.front()->own.pack;
  resolved.facts = std::make_shared<const TemplateFacts>(std::move(facts));
  auto made = std::make_shared<const ResolvedTemplate>(std::move(resolved));
  all_.emplace(std::pair(name, version), made);
  return made;
}

TagId Binder::tag(const Node& node, const std::string& path,
                  const AttributeDefinition& attribute) const {
  if (attribute.kind == AttributeKind::kConstant) return {};
  const auto stored = node.overrides.find(attribute.name);
  const TagPtr tag = stored != node.overrides.end() && stored->second.tag
                         ? tags_.get({enterprise_, *stored->second.tag})
                         : tags_.find(enterprise_, path + "/" + attribute.name);
  return tag ? tag->id : TagId();
}

std::uint64_t Binder::site(const Node& start) const {
  const Node* node = &start;
  for (int level = 0; level < static_cast<int>(kPathLevelsMax); ++level) {
    if (node->site != 0) return node->site;
    const Node* const parent = state_.find(node->parent);
    if (parent == nullptr) break;
    node = parent;
  }
  for (const Site& site : sites_)
    if (site.code == node->name) return site.id;
  return 0;
}

std::shared_ptr<const PlantModel> rebind(const PlantModel& model, const State& state,
                                         const Binder& binder) {
  bool same = true;
  for (const Asset& asset : model.assets()) {
    const Node& node = *state.find(asset.id);
    same = same && asset.site == binder.site(node);
    for (const Attribute& attribute : asset.attributes) {
      if (!same) break;
      same = attribute.tag == binder.tag(node, asset.path, attribute.definition);
    }
    if (!same) break;
  }
  if (same) return nullptr;
  std::vector<Asset> assets = model.assets();
  for (Asset& asset : assets) {
    const Node& node = *state.find(asset.id);
    asset.site = binder.site(node);
    for (Attribute& attribute : asset.attributes)
      attribute.tag = binder.tag(node, asset.path, attribute.definition);
  }
  return std::make_shared<const PlantModel>(model.enterprise(), model.version(), std::move(assets));
}

Result<std::shared_ptr<const PlantModel>> build_model(const BuildFrom& from,
                                                      ResolvedTemplates& templates) {
  return Builder(from, templates).build();
}

bool number_formulas(const PlantModel& model, State& state) {
  bool any = false;
  for (const Asset& asset : model.assets())
    for (const Attribute& attribute : asset.attributes) {
      const AttributeDefinition& definition = attribute.definition;
      if (definition.kind != AttributeKind::kFormula) continue;
      std::string text =
          fmt::format("{}\n{} {} {}", definition.formula, value_type_name(definition.type),
                      definition.unit, format_duration(definition.every));
      FormulaRow& row = state.formulas[asset.id][definition.name];
      if (row.version != 0 && row.text == text) continue;
      ++row.version;
      row.text = std::move(text);
      any = true;
    }
  return any;
}

}  // namespace tundish::asset
