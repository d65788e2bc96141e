#pragma once

#include <vector>

#include "io/sqlite.h"
#include "model/ports/connections.h"

namespace tundish::asset {

/// How to reach equipment: asset_connection and asset_connection_item. Whether the settings make sense
/// to their protocol is for the connect stage to say; here they are kept whole or not at all.
class ConnectionSettings final : public ConnectionStore {
 public:
  explicit ConnectionSettings(io::sqlite::Database& database) : database_(database) {}

  std::vector<ConnectionConfig> load_all() const override;
  Result<ConnectionConfig> save(ConnectionConfig config) override;
  Status remove(EnterpriseId enterprise, std::uint64_t id) override;

 private:
  io::sqlite::Database& database_;
};

}  // namespace tundish::asset
