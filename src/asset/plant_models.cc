#include "asset/plant_models.h"

#include <fmt/format.h>

#include <algorithm>

#include "asset/model_check.h"
#include "asset/model_diff.h"
#include "asset/model_tables.h"
#include "asset/plant_models_tenant.h"
#include "base/log.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

/// Of the time between two looks for tags that came, one part is spent on looking.
constexpr int kRefreshShare = 20;
/// A look that takes less is done whenever something changed.
constexpr std::chrono::milliseconds kCheapRefresh{1};
constexpr std::size_t kTagsPerMatch = 2'000'000;  // more than an enterprise may have

/// `2 assets added, 1 changed`: what an edit did, in one line.
std::string summary_of(const std::vector<ModelChange>& changes) {
  std::array<std::size_t, 3> assets{};
  std::size_t items = 0;
  AssetId last;
  for (const auto& change : changes) {
    if (change.item.empty() && change.kind != ModelChange::Kind::kChanged) {
      ++assets[static_cast<std::size_t>(change.kind)];
    } else if (change.kind == ModelChange::Kind::kChanged || change.asset != last) {
      ++items;
    }
    last = change.asset;
  }
  return fmt::format("{} assets added, {} removed; {} other changes", assets[0], assets[1], items);
}

/// Names a tag that an attribute of this state is bound to by hand.
BoundTag bound_tags(const State& state, EnterpriseId enterprise, const Tags& tags) {
  return [&state, enterprise, &tags](const Asset& asset, const Attribute& attribute) {
    const Node* const node = state.find(asset.id);
    if (node == nullptr) return std::string();
    const auto found = node->overrides.find(attribute.definition.name);
    if (found == node->overrides.end() || !found->second.tag) return std::string();
    const TagPtr tag = tags.get({enterprise, *found->second.tag});
    return tag ? tag->path : fmt::format("tag {}, which is removed", *found->second.tag);
  };
}

}  // namespace

PlantModels::PlantModels(io::sqlite::Database& database, Tags& tags, const Enterprises& enterprises,
                         io::Clock& clock)
    : database_(database), tags_(tags), enterprises_(enterprises), clock_(clock) {}

PlantModels::~PlantModels() = default;

PlantModels::Tenant& PlantModels::tenant_of(EnterpriseId enterprise) const {
  {
    const ReadLock lock(tenants_mutex_);
    const auto found = tenants_.find(enterprise);
    if (found != tenants_.end()) return *found->second;
  }
  auto made = std::make_unique<Tenant>();
  {
    const WriteLock state(made->state);
    made->written = std::make_shared<const State>();
    made->model = std::make_shared<const PlantModel>(enterprise, 0, std::vector<Asset>());
  }
  const WriteLock lock(tenants_mutex_);
  auto& tenant = tenants_[enterprise];
  if (!tenant) tenant = std::move(made);
  return *tenant;
}

std::shared_ptr<const State> PlantModels::state_of(EnterpriseId enterprise) const {
  const Tenant& tenant = tenant_of(enterprise);
  const ReadLock lock(tenant.state);
  return tenant.written;
}

// --- reading -----------------------------------------------------------------------------------

Status PlantModels::load() {
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  {
    TUNDISH_TRY(Statement last, transaction.prepare("SELECT coalesce(max(id), 0) FROM asset_node"));
    TUNDISH_TRY(const bool found, last.next());
    next_id_ = (found ? last.integer_as<std::uint64_t>(0) : 0) + 1;
  }
  for (const Enterprise& enterprise : enterprises_.enterprises())
    TUNDISH_RETURN_IF_ERROR(load_tenant(transaction, enterprise.id));
  return {};
}

Status PlantModels::load_tenant(Transaction& transaction, EnterpriseId enterprise) {
  TUNDISH_TRY(auto state, load_state(transaction, enterprise, 0));
  if (state.version == 0) return {};
  Tenant& tenant = tenant_of(enterprise);
  const TurnLock turn(tenant.writing, tenant.state);
  const std::uint64_t tags_seen = tags_.changes(enterprise);
  const std::uint64_t sites_seen = enterprises_.site_changes();
  TUNDISH_TRY(const Paths paths, paths_of(state, enterprises_.code_of(enterprise)));
  const auto sites = enterprises_.sites(enterprise);
  TUNDISH_TRY(auto model, build_model({.enterprise = enterprise,
                                       .state = state,
                                       .paths = paths,
                                       .tag_paths = paths,
                                       .tags = tags_,
                                       .sites = sites},
                                      tenant.templates));
  const PublishLock publish(tenant.state);
  tenant.written = std::make_shared<const State>(std::move(state));
  tenant.model = std::move(model);
  tenant.bound_tags = tags_seen;
  tenant.bound_sites = sites_seen;
  ++changes_;
  return {};
}

std::shared_ptr<const PlantModel> PlantModels::model(EnterpriseId enterprise) const {
  Tenant& tenant = tenant_of(enterprise);
  {
    const ReadLock lock(tenant.state);
    if (tenant.bound_tags == tags_.changes(enterprise) &&
        tenant.bound_sites == enterprises_.site_changes())
      return tenant.model;
  }
  refresh(tenant, enterprise);
  const ReadLock lock(tenant.state);
  return tenant.model;
}

void PlantModels::refresh(Tenant& tenant, EnterpriseId enterprise) const {
  if (tenant.refreshing.exchange(true)) return;
  const auto began = std::chrono::steady_clock::now();
  if (began >= tenant.refresh_after) {
    const std::uint64_t tags_seen = tags_.changes(enterprise);
    const std::uint64_t sites_seen = enterprises_.site_changes();
    std::shared_ptr<const State> written;
    std::shared_ptr<const PlantModel> old;
    {
      const ReadLock lock(tenant.state);
      written = tenant.written;
      old = tenant.model;
    }
    const auto sites = enterprises_.sites(enterprise);
    auto fresh = rebind(*old, *written, Binder(enterprise, *written, tags_, sites));
    {
      const WriteLock lock(tenant.state);
      if (tenant.model == old) {  // else an edit came first, and looked itself
        if (fresh) {
          tenant.model = std::move(fresh);
          ++changes_;
        }
        tenant.bound_tags = tags_seen;
        tenant.bound_sites = sites_seen;
      }
    }
    const auto ended = std::chrono::steady_clock::now();
    if (ended - began > kCheapRefresh)
      tenant.refresh_after = ended + (ended - began) * kRefreshShare;
  }
  tenant.refreshing = false;
}

Result<std::vector<ModelEdit>> PlantModels::history(EnterpriseId enterprise, std::uint64_t before,
                                                    std::size_t limit) const {
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  TUNDISH_TRY(Statement rows,
              transaction.prepare("SELECT id, time, actor, action, detail FROM asset_edit "
                                  "WHERE enterprise = ?1 AND (?2 = 0 OR id < ?2) "
                                  "ORDER BY id DESC LIMIT ?3"));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), before, limit));
  std::vector<ModelEdit> edits;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return edits;
    edits.push_back({rows.integer_as<std::uint64_t>(0), rows.integer(1), rows.text(2), rows.text(3),
                     rows.text(4)});
  }
}

Result<std::shared_ptr<const PlantModel>> PlantModels::model_at(EnterpriseId enterprise,
                                                                TimeNs time) const {
  const std::string code = enterprises_.code_of(enterprise);
  const auto now = state_of(enterprise);
  TUNDISH_TRY(const Paths paths_now, paths_of(*now, code));
  State state;
  {
    TUNDISH_TRY(Transaction transaction, database_.begin_read());
    std::uint64_t version = 0;
    {
      TUNDISH_TRY(Statement last, transaction.prepare("SELECT max(id) FROM asset_edit "
                                                      "WHERE enterprise = ? AND time <= ?"));
      TUNDISH_RETURN_IF_ERROR(last.start(enterprise.value(), time));
      TUNDISH_TRY(const bool found, last.next());
      if (found && !last.is_null(0)) version = last.integer_as<std::uint64_t>(0);
    }
    if (version != 0) {
      TUNDISH_TRY(state, load_state(transaction, enterprise, version));
    }
  }
  TUNDISH_TRY(const Paths paths, paths_of(state, code));
  const auto sites = enterprises_.sites(enterprise);
  ResolvedTemplates templates;
  return build_model({.enterprise = enterprise,
                      .state = state,
                      .paths = paths,
                      .tag_paths = paths_now,
                      .tags = tags_,
                      .sites = sites},
                     templates);
}

// --- an edit -----------------------------------------------------------------------------------

/// Tags below an asset that moves take the path of the nearest asset above them.
Result<std::vector<Tags::Move>> PlantModels::moves_of(EnterpriseId enterprise, const Paths& before,
                                                      const Paths& after) const {
  std::map<std::string_view, AssetId> by_old_path;
  std::vector<std::string_view> moved;
  for (const auto& [id, path] : before) {
    by_old_path.emplace(path, id);
    const auto now = after.find(id);
    if (now != after.end() && now->second != path) moved.push_back(path);
  }
  std::ranges::sort(moved);
  std::vector<Tags::Move> moves;
  std::string covered;  // whose tags are all seen
  for (const std::string_view old_path : moved) {
    if (!covered.empty() && old_path.starts_with(covered)) continue;
    covered = fmt::format("{}/", old_path);
    const std::string pattern = covered + "**";
    TUNDISH_TRY(const auto below,
                tags_.match(enterprise, {.pattern = pattern, .limit = kTagsPerMatch}));
    for (const TagPtr& tag : below) {
      std::string_view owner = tag->path;
      auto found = by_old_path.end();
      while (found == by_old_path.end() && owner.find('/') != std::string_view::npos) {
        owner = owner.substr(0, owner.rfind('/'));
        found = by_old_path.find(owner);
      }
      const auto now = found == by_old_path.end() ? after.end() : after.find(found->second);
      if (now == after.end()) continue;  // its asset is removed
      std::string path = now->second + tag->path.substr(owner.size());
      if (path != tag->path) moves.push_back({tag->id, std::move(path)});
    }
  }
  return moves;
}

/// Makes the tags of formulas that have none.
Status PlantModels::make_derived_tags(EnterpriseId enterprise, const PlantModel& model) {
  const auto known = enterprises_.find(enterprise);
  std::vector<NewTag> wanted;
  for (const Asset& asset : model.assets())
    for (const Attribute& attribute : asset.attributes) {
      const AttributeDefinition& definition = attribute.definition;
      if (definition.kind != AttributeKind::kFormula || attribute.tag.number != 0) continue;
      wanted.push_back({.path = fmt::format("{}/{}", asset.path, definition.name),
                        .type = definition.type,
                        .step = definition.step,
                        .unit = definition.unit,
                        .description = std::string(word_in(definition.words, "en")),
                        .simulated = known && known->simulated});
    }
  if (wanted.empty()) return {};
  TUNDISH_RETURN_IF_ERROR(tags_.ensure(enterprise, wanted));
  return {};
}

/// What a formula gives is kept in a tag of its type and unit; a tag that cannot be changed now is found
/// again at the next edit.
void PlantModels::fit_derived_tags(const PlantModel& model) {
  for (const Asset& asset : model.assets())
    for (const Attribute& attribute : asset.attributes) {
      const AttributeDefinition& definition = attribute.definition;
      if (definition.kind != AttributeKind::kFormula) continue;
      const TagPtr tag = tags_.get(attribute.tag);
      if (!tag) continue;
      TagPatch patch;
      if (tag->type != definition.type) patch.type = definition.type;
      if (tag->unit != definition.unit) patch.unit = definition.unit;
      if (tag->step != definition.step) patch.step = definition.step;
      if (!patch.type && !patch.unit && !patch.step) continue;
      if (const auto done = tags_.update(tag->id, patch); !done)
        log_warning("asset", "the tag '{}' does not fit its formula: {}", tag->path,
                    done.error().to_string());
    }
}

Status PlantModels::check_templates(const std::string& code, ModelDraft& draft) const {
  const EnterpriseId enterprise = enterprises_.find(std::string_view(code))->id;
  for (const auto& name : draft.changed_templates()) {
    const TemplateRow* const row = draft.state().find_template(name, 0);
    TUNDISH_TRY(const auto resolved, draft.templates().get(draft.state(), name, row->version));
    TUNDISH_RETURN_IF_ERROR(
        check_template(enterprise, name, resolved->facts, resolved->attributes));
  }
  return {};
}

Result<EditResult> PlantModels::run(EnterpriseId enterprise, const Edit& edit) {
  const std::string code = enterprises_.code_of(enterprise);
  if (code.empty()) return fail(ErrorCode::kNotFound, "there is no such enterprise");
  Tenant& tenant = tenant_of(enterprise);
  const TurnLock turn(tenant.writing, tenant.state);
  const std::shared_ptr<const State> before = tenant.written;
  const std::shared_ptr<const PlantModel> model_before = tenant.model;
  const auto sites = enterprises_.sites(enterprise);
  ModelDraft draft(*before, tenant.templates,
                   {.enterprise = enterprise,
                    .code = code,
                    .now = clock_.now(),
                    .tags = tags_,
                    .sites = sites,
                    .next_id = [this] { return AssetId(next_id_.fetch_add(1)); }});
  EditResult result;
  TUNDISH_TRY(result.assets, edit.change(draft));
  TUNDISH_RETURN_IF_ERROR(check_templates(code, draft));
  TUNDISH_TRY(const Paths paths_before, paths_of(*before, code));
  TUNDISH_TRY(const Paths paths, paths_of(draft.state(), code));
  const auto build = [&](const State& state, const Paths& tag_paths) {
    return build_model({.enterprise = enterprise,
                        .state = state,
                        .paths = paths,
                        .tag_paths = tag_paths,
                        .tags = tags_,
                        .sites = sites},
                       draft.templates());
  };
  TUNDISH_TRY(auto model, build(draft.state(), paths_before));
  TUNDISH_RETURN_IF_ERROR(check_model(*model, result.warnings));
  result.changes = model_diff(*model_before, bound_tags(*before, enterprise, tags_), *model,
                              bound_tags(draft.state(), enterprise, tags_));
  result.version = before->version;
  if (edit.by.dry_run || (result.changes.empty() && draft.changed_templates().empty()))
    return result;

  State after = draft.take_state();
  number_formulas(*model, after);
  TUNDISH_RETURN_IF_ERROR(make_derived_tags(enterprise, *model));
  TUNDISH_TRY(const auto moves, moves_of(enterprise, paths_before, paths));
  std::string detail = summary_of(result.changes);
  for (const auto& name : draft.changed_templates())
    if (detail.size() < 1000)
      detail +=
          fmt::format("; template {} version {}", name, after.find_template(name, 0)->version);
  const auto write = [&](Transaction& transaction) -> Status {
    TUNDISH_TRY(after.version, insert_edit(transaction, {enterprise, clock_.now(), edit.by.actor,
                                                         std::string(edit.action), detail}));
    TUNDISH_RETURN_IF_ERROR(write_difference(transaction, enterprise, *before, after));
    return edit.also ? edit.also(transaction, after.version) : Status();
  };
  TUNDISH_RETURN_IF_ERROR(tags_.move(enterprise, moves, write));
  result.version = after.version;
  const std::uint64_t tags_seen = tags_.changes(enterprise);
  const std::uint64_t sites_seen = enterprises_.site_changes();
  // It was built from the same once; whatever was wrong with it was found then.
  auto final_model = build(after, paths);
  if (final_model) model = *std::move(final_model);
  fit_derived_tags(*model);
  tenant.templates = std::move(draft.templates());
  const PublishLock publish(tenant.state);
  tenant.written = std::make_shared<const State>(std::move(after));
  tenant.model = std::move(model);
  tenant.bound_tags = tags_seen;
  tenant.bound_sites = sites_seen;
  ++changes_;
  return result;
}

}  // namespace tundish::asset
