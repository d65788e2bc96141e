// What points may be: attributes of templates; and which assets they form.
#include <algorithm>
#include <set>

#include "model/tag_path.h"
#include "serve/binding_points.h"

namespace tundish::serve {

namespace {

/// With what it inherits within its pack.
TemplateDefinition resolved_in(const PackInfo& pack, const TemplateDefinition& one) {
  constexpr int kLineageMax = 16;
  TemplateDefinition resolved = one;
  std::string above = one.extends;
  for (int depth = 0; !above.empty() && depth < kLineageMax; ++depth) {
    const auto parent = std::ranges::find(pack.templates, above, &TemplateDefinition::name);
    if (parent == pack.templates.end()) break;
    for (const auto& attribute : parent->attributes)
      if (std::ranges::find(resolved.attributes, attribute.name, &AttributeDefinition::name) ==
          resolved.attributes.end())
        resolved.attributes.push_back(attribute);
    above = parent->extends;
  }
  return resolved;
}

void add_template(OfferedTemplate one, Offer& offer) {
  std::erase_if(one.resolved.attributes, [](const AttributeDefinition& attribute) {
    return attribute.kind != AttributeKind::kMeasured;
  });
  if (one.resolved.attributes.empty()) return;
  for (const auto& attribute : one.resolved.attributes) {
    if (offer.candidates.size() >= binding::kCandidatesMax) return;
    offer.candidates.push_back({one.resolved.name, one.resolved.words, attribute.name,
                                attribute.words, attribute.aliases, attribute.unit, attribute.valid,
                                attribute.type});
    offer.template_of.push_back(offer.templates.size());
  }
  offer.templates.push_back(std::move(one));
}

}  // namespace

Result<Offer> offer_of(const Services& services, EnterpriseId enterprise, std::string_view pack) {
  Offer offer;
  std::set<std::string> had;
  for (const auto& version : services.model_store.templates(enterprise)) {
    const std::string from = version.own.pack.substr(0, version.own.pack.rfind(' '));
    if (!pack.empty() && from != pack) continue;
    TUNDISH_TRY(auto resolved,
                services.model_store.resolved_template(enterprise, version.own.name, 0));
    had.insert(version.own.name);
    add_template({from, true, std::move(resolved)}, offer);
  }
  const auto add_pack = [&](const PackInfo& one) {
    for (const auto& definition : one.templates)
      if (had.insert(definition.name).second)
        add_template({one.name, false, resolved_in(one, definition)}, offer);
  };
  if (!pack.empty()) {
    TUNDISH_TRY(const auto named, services.packs.find(pack));
    add_pack(named);
    return offer;
  }
  const auto owner = services.enterprises.find(enterprise);
  if (owner && !owner->industry.empty())
    if (const auto own = services.packs.find(owner->industry)) add_pack(*own);
  if (!offer.candidates.empty()) return offer;
  for (const auto& one : services.packs.packs()) add_pack(one);
  return offer;
}

// --- assets ------------------------------------------------------------------------------------

namespace {

/// Levels of a group's name as names of a path: `BF1_` is BF1.
std::vector<std::string> levels_of(const std::string& group) {
  std::vector<std::string> levels;
  std::string_view rest = group;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of("/\\"), rest.size());
    std::string level(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    constexpr std::string_view kEnds = " _-.:=";
    const auto first = level.find_first_not_of(kEnds);
    if (first == std::string::npos) continue;
    level = level.substr(first, level.find_last_not_of(kEnds) + 1 - first);
    levels.push_back(encode_name(level));
  }
  return levels;
}

}  // namespace

AssetPaths::AssetPaths(std::string under, bool keep_folders)
    : under_(std::move(under)), keep_folders_(keep_folders) {}

void AssetPaths::count(const std::string& group, const std::string& template_name) {
  ++counts_[group][template_name];
}

void AssetPaths::settle() {
  common_ = 0;
  if (keep_folders_ || counts_.empty()) return;
  const auto first = levels_of(counts_.begin()->first);
  common_ = first.empty() ? 0 : first.size() - 1;
  for (const auto& [group, templates] : counts_) {
    const auto levels = levels_of(group);
    std::size_t same = 0;
    while (same < common_ && same + 1 < levels.size() && levels[same] == first[same]) ++same;
    common_ = std::min(common_, same);
  }
}

std::string AssetPaths::path(const std::string& group, const std::string& template_name) const {
  auto levels = levels_of(group);
  levels.erase(levels.begin(),
               levels.begin() + static_cast<std::ptrdiff_t>(std::min(common_, levels.size())));
  const auto found = counts_.find(group);
  if (found != counts_.end()) {
    const auto most =
        std::ranges::max_element(found->second, {}, [](const auto& one) { return one.second; });
    if (most->first != template_name) levels.push_back(template_name);
  }
  if (levels.empty()) levels.push_back(template_name);
  // The attribute's own level has to find room too.
  const auto above = static_cast<std::size_t>(std::ranges::count(under_, '/')) + 1;
  const std::size_t room = kPathLevelsMax - std::min(above + 1, kPathLevelsMax - 1);
  const std::size_t from = levels.size() > room ? levels.size() - room : 0;
  std::string path = under_;
  for (std::size_t i = from; i < levels.size(); ++i) path += "/" + levels[i];
  return path;
}

}  // namespace tundish::serve
