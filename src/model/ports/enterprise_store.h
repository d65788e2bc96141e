#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace tundish {

struct Enterprise {
  EnterpriseId id;
  std::string code;  ///< first level of its paths: 1..40 of [a-z0-9-], unique, never changed
  std::string name;
  std::string industry;  ///< pack name, for example `steel`
  std::string region;
  bool simulated = false;
  TimeNs created = 0;
};

/// In what units a site's people want to read.
enum class UnitSystem : std::uint8_t { kMetric = 0, kUs = 1 };

struct Site {
  std::uint64_t id = 0;
  EnterpriseId enterprise;
  std::string code;  ///< second level of paths
  std::string name;
  std::string time_zone;  ///< IANA name
  std::string region = {};
  std::optional<double> latitude = {};  ///< degrees, WGS 84
  std::optional<double> longitude = {};
  std::string language = {};  ///< `en`, `zh`, `es`, `pt`, `ru`; empty: the reader's
  std::string currency = {};  ///< ISO 4217, `CNY`; empty: none
  UnitSystem unit_system = UnitSystem::kMetric;
};

struct EnterprisePatch {
  std::optional<std::string> name = {};
  std::optional<std::string> industry = {};
  std::optional<std::string> region = {};
};

/// Enterprises and their sites. Any thread; reads are in memory.
class EnterpriseStore {
 public:
  virtual ~EnterpriseStore() = default;
  virtual std::vector<Enterprise> enterprises() const = 0;
  virtual std::optional<Enterprise> find(EnterpriseId id) const = 0;
  virtual std::optional<Enterprise> find(std::string_view code) const = 0;
  virtual Result<Enterprise> create(Enterprise enterprise) = 0;  ///< id and created are filled in
  virtual Result<Enterprise> update(EnterpriseId id, const EnterprisePatch& patch) = 0;

  virtual std::vector<Site> sites(EnterpriseId enterprise) const = 0;
  virtual Result<Site> save_site(Site site) = 0;  ///< id 0: a new one
  virtual Status remove_site(EnterpriseId enterprise, std::uint64_t id) = 0;
};

}  // namespace tundish
