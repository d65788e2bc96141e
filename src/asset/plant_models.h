#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asset/enterprises.h"
#include "asset/model_draft.h"
#include "asset/model_state.h"
#include "asset/tags.h"
#include "base/mutex.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/asset_store.h"
#include "model/ports/model_reader.h"

namespace tundish::asset {

/// The models of all enterprises: what is written (ModelStore) and what follows from it (ModelReader),
/// wholly in memory, in step with meta.db. Any thread; no thread of its own.
///
/// An edit takes its enterprise's turn, works on a copy of what is written, builds and checks the model
/// that would follow, makes the tags of formulas, and writes everything in one transaction with the
/// renames of tags that moved assets bring. Then both are published.
///
/// A tag that comes later is bound when the model is next asked for: at most a twentieth of the time is
/// spent on looking.
class PlantModels final : public ModelReader, public ModelStore {
 public:
  PlantModels(io::sqlite::Database& database, Tags& tags, const Enterprises& enterprises,
              io::Clock& clock);
  ~PlantModels() override;
  /// Reads all models. Before anything else, on one thread.
  Status load();

  std::shared_ptr<const PlantModel> model(EnterpriseId enterprise) const override;
  std::uint64_t changes() const override { return changes_.load(); }

  std::vector<TemplateVersion> templates(EnterpriseId enterprise) const override;
  Result<TemplateVersion> find_template(EnterpriseId enterprise, std::string_view name,
                                        std::uint32_t version) const override;
  Result<TemplateDefinition> resolved_template(EnterpriseId enterprise, std::string_view name,
                                               std::uint32_t version) const override;
  Result<EditResult> save_templates(const EditBy& by, EnterpriseId enterprise,
                                    std::span<const TemplateDefinition> templates) override;
  Result<EditResult> upgrade(const EditBy& by, EnterpriseId enterprise,
                             std::span<const std::string> names) override;
  Result<EditResult> undo_upgrade(const EditBy& by, EnterpriseId enterprise) override;

  Result<AssetDefinition> asset(EnterpriseId enterprise, AssetId id) const override;
  Result<EditResult> save_assets(const EditBy& by, EnterpriseId enterprise,
                                 std::span<const AssetDefinition> assets) override;
  Result<EditResult> update_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                  const AssetPatch& patch) override;
  Result<EditResult> remove_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                  bool with_children) override;

  Result<std::string> export_model(EnterpriseId enterprise, std::string_view under,
                                   ModelFormat format) const override;
  Result<EditResult> import_model(const EditBy& by, EnterpriseId enterprise, std::string_view under,
                                  ModelFormat format, std::string_view text, bool remove) override;

  Result<std::vector<AssetId>> known_as(EnterpriseId enterprise,
                                        std::span<const std::string> paths) const override;
  Result<std::vector<ModelEdit>> history(EnterpriseId enterprise, std::uint64_t before,
                                         std::size_t limit) const override;
  Result<std::shared_ptr<const PlantModel>> model_at(EnterpriseId enterprise,
                                                     TimeNs time) const override;

 private:
  struct Tenant;
  struct Edit;

  Tenant& tenant_of(EnterpriseId enterprise) const;
  std::shared_ptr<const State> state_of(EnterpriseId enterprise) const;
  /// Binds tags and sites anew where they changed, unless another thread is at it.
  void refresh(Tenant& tenant, EnterpriseId enterprise) const;
  Status load_tenant(io::sqlite::Transaction& transaction, EnterpriseId enterprise);

  Result<EditResult> run(EnterpriseId enterprise, const Edit& edit);
  Status make_derived_tags(EnterpriseId enterprise, const PlantModel& model);
  void fit_derived_tags(const PlantModel& model);
  Result<std::vector<Tags::Move>> moves_of(EnterpriseId enterprise, const Paths& before,
                                           const Paths& after) const;
  Status check_templates(const std::string& code, ModelDraft& draft) const;
  AssetDefinition definition_of(EnterpriseId enterprise, const Node& node,
                                const Paths& paths) const;

  io::sqlite::Database& database_;
  Tags& tags_;
  const Enterprises& enterprises_;
  io::Clock& clock_;
  std::atomic<std::uint64_t> next_id_{1};
  mutable std::atomic<std::uint64_t> changes_{0};

  mutable SharedMutex tenants_mutex_;
  /// Only ever grows.
  mutable std::map<EnterpriseId, std::unique_ptr<Tenant>> tenants_
      TUNDISH_GUARDED_BY(tenants_mutex_);
};

}  // namespace tundish::asset
