#pragma once

#include <atomic>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/enterprise_store.h"

namespace tundish::asset {

/// Enterprises and sites in memory, in step with asset_enterprise and asset_site. A change takes its
/// turn (writing_), commits, and is then published to the readers (state_).
class Enterprises final : public EnterpriseStore {
 public:
  Enterprises(io::sqlite::Database& database, io::Clock& clock);
  Status load();

  std::vector<Enterprise> enterprises() const override;
  std::optional<Enterprise> find(EnterpriseId id) const override;
  std::optional<Enterprise> find(std::string_view code) const override;
  Result<Enterprise> create(Enterprise enterprise) override;
  Result<Enterprise> update(EnterpriseId id, const EnterprisePatch& patch) override;

  std::vector<Site> sites(EnterpriseId enterprise) const override;
  /// A site's code is part of its tags' paths and stays.
  Result<Site> save_site(Site site) override;
  Status remove_site(EnterpriseId enterprise, std::uint64_t id) override;

  /// Grows with each site that is saved or removed.
  std::uint64_t site_changes() const { return site_changes_.load(); }

  /// The code of an enterprise, empty when there is none: for those who check paths.
  std::string code_of(EnterpriseId id) const;

 private:
  io::sqlite::Database& database_;
  io::Clock& clock_;

  Mutex writing_;
  mutable SharedMutex state_;
  std::map<EnterpriseId, Enterprise> by_id_ TUNDISH_GUARDED_BY(state_);
  std::unordered_map<std::string, EnterpriseId> by_code_ TUNDISH_GUARDED_BY(state_);
  std::map<std::uint64_t, Site> sites_ TUNDISH_GUARDED_BY(state_);
  std::atomic<std::uint64_t> site_changes_{0};
};

}  // namespace tundish::asset
