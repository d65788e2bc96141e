// Who was ever called what: what names assets by path, such as the screens of a pack, finds them after a rename.
#include <algorithm>
#include <map>
#include <utility>

#include "asset/plant_models.h"
#include "asset/plant_models_tenant.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

constexpr std::size_t kCandidatesMax = 64;  ///< of one level: more have never had one name

/// Assets by the asset above and their name there.
using Names = std::map<std::pair<AssetId, std::string>, std::vector<AssetId>>;

Names names_now(const State& state) {
  Names names;
  for (const auto& [id, node] : state.nodes) names[{node->parent, node->name}].push_back(id);
  return names;
}

/// What assets were called before, the last name first.
Result<Names> names_before(Transaction& transaction, EnterpriseId enterprise) {
  TUNDISH_TRY(Statement rows,
              transaction.prepare(
                  "SELECT v.node, v.parent, v.name FROM asset_node_version v "
                  "JOIN asset_node n ON n.id = v.node "
                  "WHERE n.enterprise = ? AND v.until IS NOT NULL ORDER BY v.since DESC, v.node"));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value()));
  Names names;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return names;
    const AssetId node(rows.integer_as<std::uint64_t>(0));
    auto& known = names[{AssetId(rows.integer_as<std::uint64_t>(1)), std::string(rows.text(2))}];
    if (std::ranges::find(known, node) == known.end()) known.push_back(node);
  }
}

void add(const Names& names, AssetId parent, const std::string& name, std::vector<AssetId>& to) {
  const auto found = names.find({parent, name});
  if (found == names.end()) return;
  for (const AssetId id : found->second)
    if (to.size() < kCandidatesMax && std::ranges::find(to, id) == to.end()) to.push_back(id);
}

/// The assets that a path can mean, the likeliest first. @param before null: only names that hold now
std::vector<AssetId> meant_by(std::string_view path, const Names& now, const Names* before) {
  std::vector<AssetId> above{AssetId()};
  while (!above.empty()) {
    const auto slash = path.find('/');
    const std::string name(path.substr(0, slash));
    std::vector<AssetId> here;
    for (const AssetId parent : above) {
      add(now, parent, name, here);
      if (before != nullptr) add(*before, parent, name, here);
    }
    if (slash == std::string_view::npos) return here;
    path.remove_prefix(slash + 1);
    above = std::move(here);
  }
  return above;
}

}  // namespace

Result<std::vector<AssetId>> PlantModels::known_as(EnterpriseId enterprise,
                                                   std::span<const std::string> paths) const {
  const auto state = state_of(enterprise);
  const Names now = names_now(*state);
  std::vector<AssetId> found;
  bool is_complete = true;
  for (const auto& path : paths) {
    const auto meant = meant_by(path, now, nullptr);
    found.push_back(meant.empty() ? AssetId() : meant.front());
    is_complete = is_complete && !meant.empty();
  }
  if (is_complete) return found;
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  TUNDISH_TRY(const Names before, names_before(transaction, enterprise));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (found[i] != AssetId()) continue;
    for (const AssetId id : meant_by(paths[i], now, &before))
      // One that another of these paths names is that one.
      if (state->find(id) != nullptr && std::ranges::find(found, id) == found.end()) {
        found[i] = id;
        break;
      }
  }
  return found;
}

}  // namespace tundish::asset
