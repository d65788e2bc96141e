#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/definitions.h"
#include "model/ids.h"
#include "model/plant_model.h"
#include "model/words.h"

namespace tundish {

/// What one template says itself; what it extends adds the rest, and of the same name gives way.
struct TemplateDefinition {
  std::string name;     ///< `[a-z][a-z0-9_]*`, at most 60
  std::string pack;     ///< where it came from, with the version; empty: made here
  std::string extends;  ///< empty: nothing above it
  Words words;
  std::vector<AttributeDefinition> attributes;
  std::vector<KpiDefinition> kpis;
  std::vector<AlarmDefinition> alarms;
  std::vector<IntervalDefinition> intervals;
  bool operator==(const TemplateDefinition&) const = default;
};

/// A template as it was saved. Versions count from 1; what it extends is fixed to the version that
/// was the newest then, so a template whose parent changes gets a new version too.
struct TemplateVersion {
  TemplateDefinition own;
  std::uint32_t version = 0;
  std::uint32_t extends_version = 0;
  TimeNs saved = 0;
  std::size_t assets = 0;    ///< made from any version of it
  std::size_t outdated = 0;  ///< of those, from another than the newest
};

/// What one asset has otherwise than its template says.
struct AttributeOverride {
  std::string
      tag;  ///< path of the tag that is bound; empty: the one of the asset's path and the name
  std::optional<std::string> unit = {};
  std::optional<Limits> normal = {}, valid = {};
  std::optional<Value> constant = {};
  std::optional<std::string> formula = {};
  std::optional<DurationNs> every = {};
  bool operator==(const AttributeOverride&) const = default;
};
using Overrides = std::map<std::string, AttributeOverride, std::less<>>;

/// An asset as it is written, not as it is resolved.
struct AssetDefinition {
  AssetId id = {};        ///< 0: a new one
  std::string path = {};  ///< with the enterprise; levels above that are missing are made
  Words words = {};
  std::string template_name = {};      ///< empty: none
  std::uint32_t template_version = 0;  ///< 0: the newest, or of the same template the one it has
  std::uint64_t site = 0;  ///< 0: that of the asset above; at the top the site of the same code
  Overrides overrides = {};
};

/// Fields that may be changed; absent means unchanged.
struct AssetPatch {
  std::optional<std::string> path = {};  ///< rename or move: ids stay, tags below follow
  std::optional<Words> words = {};
  std::optional<std::string> template_name = {};
  std::optional<std::uint32_t> template_version = {};
  std::optional<std::uint64_t> site = {};
  /// Of each attribute named here the whole override; nothing: as the template says.
  std::map<std::string, std::optional<AttributeOverride>, std::less<>> overrides = {};
};

/// One thing that an edit changes, or would change.
struct ModelChange {
  enum class Kind : std::uint8_t { kAdded = 0, kRemoved = 1, kChanged = 2 };
  Kind kind = Kind::kChanged;
  AssetId asset;
  std::string path;  ///< of the asset, as it will be; of a removed one as it was
  std::string item;  ///< empty: the asset; `attribute power`, `kpi oee`, `alarm x`, `interval heat`
  std::string field;     ///< of kChanged: `unit`, `path`, `template`
  std::string from, to;  ///< for a person
};
std::string_view change_kind_name(ModelChange::Kind kind);  ///< `added`, `removed`, `changed`

/// What an edit did, or with `dry_run` would do.
struct EditResult {
  std::uint64_t version = 0;  ///< of the model now; grows with each edit that changed something
  std::vector<ModelChange> changes;   ///< ascending by path
  std::vector<std::string> warnings;  ///< formulas that wait for an asset that is not there yet
  std::vector<AssetId> assets;        ///< of save_assets: their ids, in the order asked for
};

/// Who edits, and whether it is only asked what would happen.
struct EditBy {
  std::string actor;
  bool dry_run = false;
};

/// One line of the model's history.
struct ModelEdit {
  std::uint64_t version = 0;
  TimeNs time = 0;
  std::string actor;
  std::string action;  ///< `assets.save`, `templates.upgrade`
  std::string detail;  ///< one line for a person
};

enum class ModelFormat : std::uint8_t { kYaml, kCsv };

/// The model as those who change it see it. An edit is checked as a whole against the model that it
/// would make (names, dimensions, circles of formulas) and is written in one transaction, tags of
/// moved assets included, or changes nothing. Of each enterprise one edit at a time. Any thread.
///
/// Errors of every edit: kInvalidArgument (a formula, a circle of formulas with every name in it, a path;
/// `where` says which asset or template), kNotFound (asset, template; with the nearest name), kAlreadyExists,
/// kConflict, kQuotaExceeded, kTooLarge, kDiskFull, kIo.
class ModelStore {
 public:
  virtual ~ModelStore() = default;

  /// The newest version of each, ascending by name.
  virtual std::vector<TemplateVersion> templates(EnterpriseId enterprise) const = 0;
  /// `version` 0: the newest. Errors: kNotFound.
  virtual Result<TemplateVersion> find_template(EnterpriseId enterprise, std::string_view name,
                                                std::uint32_t version) const = 0;
  /// With all that it inherits. Errors: kNotFound.
  virtual Result<TemplateDefinition> resolved_template(EnterpriseId enterprise,
                                                       std::string_view name,
                                                       std::uint32_t version) const = 0;
  /// A new version of each that differs from its newest one, and of those that extend it. Assets stay
  /// at the version that they have.
  virtual Result<EditResult> save_templates(const EditBy& by, EnterpriseId enterprise,
                                            std::span<const TemplateDefinition> templates) = 0;
  /// Brings the assets of these templates to the newest version. `names` empty: of all templates.
  virtual Result<EditResult> upgrade(const EditBy& by, EnterpriseId enterprise,
                                     std::span<const std::string> names) = 0;
  /// Brings those that the last upgrade changed, and that have its version still, back to the version
  /// before. Errors: kConflict when no upgrade is left to be undone.
  virtual Result<EditResult> undo_upgrade(const EditBy& by, EnterpriseId enterprise) = 0;

  /// An asset as it is written. Errors: kNotFound.
  virtual Result<AssetDefinition> asset(EnterpriseId enterprise, AssetId id) const = 0;
  /// Makes assets, or where `id` is set replaces what is written of it.
  virtual Result<EditResult> save_assets(const EditBy& by, EnterpriseId enterprise,
                                         std::span<const AssetDefinition> assets) = 0;
  virtual Result<EditResult> update_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                          const AssetPatch& patch) = 0;
  /// Removes it from the model; tags and history stay. Errors: kConflict when there are assets below
  /// and `with_children` is false.
  virtual Result<EditResult> remove_asset(const EditBy& by, EnterpriseId enterprise, AssetId id,
                                          bool with_children) = 0;

  /// All assets at and below the path `under` (the enterprise's code: all), and the templates that they
  /// have, as text that import reads: docs/formats/model.md. Errors: kNotFound.
  virtual Result<std::string> export_model(EnterpriseId enterprise, std::string_view under,
                                           ModelFormat format) const = 0;
  /// Makes what is at and below `under` as the text says. With `remove` what the text does not have
  /// is removed, else it stays. Errors: kInvalidArgument with line and column in `where`.
  virtual Result<EditResult> import_model(const EditBy& by, EnterpriseId enterprise,
                                          std::string_view under, ModelFormat format,
                                          std::string_view text, bool remove) = 0;

  /// For each path (below the enterprise, without its code) who is there: the asset that is called so now, else
  /// the one that was called so last and still exists; id 0: nobody. Each level counts by itself, so that an
  /// asset is found by the names that it had, whatever was renamed or moved above it. Errors: as io::sqlite.
  virtual Result<std::vector<AssetId>> known_as(EnterpriseId enterprise,
                                                std::span<const std::string> paths) const = 0;

  /// The newest edits first, those before version `before` (0: all).
  virtual Result<std::vector<ModelEdit>> history(EnterpriseId enterprise, std::uint64_t before,
                                                 std::size_t limit) const = 0;
  /// The model as it was at a time; tags as they are named now. Errors: as io::sqlite.
  virtual Result<std::shared_ptr<const PlantModel>> model_at(EnterpriseId enterprise,
                                                             TimeNs time) const = 0;
};

}  // namespace tundish
