#pragma once

#include <map>
#include <vector>

#include "base/mutex.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/enterprise_store.h"
#include "model/ports/model_reader.h"
#include "model/ports/retention_keeper.h"
#include "model/ports/retention_rules.h"
#include "model/ports/sample_reader.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::asset {

/// The rules of every enterprise, kept in asset_retention, and what follows from them: which tag is in which class,
/// and how far each class's horizon has come. Any thread; no thread of its own.
class Retention final : public RetentionRules {
 public:
  struct Ports {
    io::sqlite::Database& database;
    const EnterpriseStore& enterprises;
    const ModelReader& models;
    const TagCatalogue& tags;
    RetentionKeeper& keeper;
    SampleReader& reader;
    io::Clock& clock;
  };
  /// All must outlive it. The tables are made by AssetStore::open.
  explicit Retention(const Ports& ports) : ports_(ports) {}

  Result<RetentionState> state(EnterpriseId enterprise) const override;
  Result<RetentionState> preview(EnterpriseId enterprise, const std::string& text) const override;
  Result<RetentionState> save(EnterpriseId enterprise, const std::string& actor,
                              const std::string& text) override;

  /// Puts tags into their classes and advances horizons, of all enterprises: for once a minute. Does nothing of
  /// weight while no rule, tag or day is new. Errors: those of the ports.
  Status maintain();

 private:
  struct Saved {
    std::string text;
    TimeNs time = 0;
    std::string actor;
  };
  /// What was there when the rules were applied last.
  struct Applied {
    std::string text;
    std::uint64_t models = 0;
    std::uint64_t renames = 0;
    std::size_t tags = 0;
    std::map<KeepDays, TimeNs> horizons;
  };
  using Classes = std::map<KeepDays, std::vector<TagId>>;

  Result<Saved> load(EnterpriseId enterprise) const;
  Result<RetentionState> described(EnterpriseId enterprise, Saved saved) const;
  Result<Classes> classes_of(EnterpriseId enterprise, std::vector<RetentionRule>& rules) const;
  Status apply(EnterpriseId enterprise) TUNDISH_REQUIRES(applying_);
  Result<bool> clock_is_confirmed(const std::vector<TagId>& tags, TimeNs now) const;

  const Ports ports_;
  Mutex applying_;
  std::map<EnterpriseId, Applied> applied_ TUNDISH_GUARDED_BY(applying_);
};

}  // namespace tundish::asset
