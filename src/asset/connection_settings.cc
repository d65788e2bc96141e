#include "asset/connection_settings.h"

#include <map>

#include "base/log.h"
#include "model/text.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kItemsMax = 100'000;

std::unexpected<Error> no_connection() {
  return fail(ErrorCode::kNotFound, "there is no such connection");
}

ConnectionConfig connection_at(const Statement& row) {
  ConnectionConfig config;
  config.id = row.integer_as<std::uint64_t>(0);
  config.enterprise = EnterpriseId(row.integer_as<std::uint32_t>(1));
  config.name = row.text(2);
  config.kind = row.text(3);
  config.endpoint = row.text(4);
  config.security_policy = row.text(5);
  config.security_mode = row.text(6);
  config.user = row.text(7);
  config.password = row.text(8);
  config.trusted_fingerprint = row.text(9);
  config.publishing_ms = row.integer_as<std::uint32_t>(10);
  config.enabled = row.boolean(11);
  config.simulated = row.boolean(12);
  return config;
}

ConnectionItem item_at(const Statement& row) {
  ConnectionItem item;
  item.namespace_uri = row.text(1);
  item.identifier = row.text(2);
  item.path = row.text(3);
  item.sampling_ms = row.integer_as<std::uint32_t>(4);
  if (!row.is_null(5)) item.type = row.integer_as<ValueType>(5);
  item.step = row.boolean(6);
  item.unit = row.text(7);
  item.description = row.text(8);
  return item;
}

Result<std::vector<ConnectionConfig>> read_all(io::sqlite::Database& database) {
  TUNDISH_TRY(Transaction transaction, database.begin_read());
  std::map<std::uint64_t, ConnectionConfig> by_id;
  {
    TUNDISH_TRY(Statement rows,
                transaction.prepare("SELECT id, enterprise, name, kind, endpoint, security_policy, "
                                    "security_mode, user, password, trusted_fingerprint, "
                                    "publishing_ms, enabled, simulated FROM asset_connection"));
    while (true) {
      TUNDISH_TRY(const bool more, rows.next());
      if (!more) break;
      ConnectionConfig config = connection_at(rows);
      by_id.emplace(config.id, std::move(config));
    }
  }
  {
    TUNDISH_TRY(Statement rows,
                transaction.prepare("SELECT connection, namespace_uri, identifier, path, "
                                    "sampling_ms, type, step, unit, description "
                                    "FROM asset_connection_item ORDER BY connection, position"));
    while (true) {
      TUNDISH_TRY(const bool more, rows.next());
      if (!more) break;
      const auto found = by_id.find(rows.integer_as<std::uint64_t>(0));
      if (found != by_id.end()) found->second.items.push_back(item_at(rows));
    }
  }
  std::vector<ConnectionConfig> all;
  all.reserve(by_id.size());
  for (auto& [id, config] : by_id) all.push_back(std::move(config));
  return all;
}

Status check_config(const ConnectionConfig& config) {
  TUNDISH_RETURN_IF_ERROR(check_text(config.name, 1, kNameBytesMax, "name"));
  if (config.items.size() > kItemsMax)
    return fail(ErrorCode::kTooLarge, "a connection has at most 100,000 items", "items");
  return {};
}

Status write_row(Transaction& transaction, ConnectionConfig& config) {
  if (config.id != 0) {
    TUNDISH_TRY(
        Statement known,
        transaction.prepare("SELECT 1 FROM asset_connection WHERE id = ? AND enterprise = ?"));
    TUNDISH_RETURN_IF_ERROR(known.start(config.id, config.enterprise.value()));
    TUNDISH_TRY(const bool found, known.next());
    if (!found) return no_connection();
  }
  const auto saved = transaction.run(
      "INSERT INTO asset_connection(id, enterprise, name, kind, endpoint, security_policy, "
      "security_mode, user, password, trusted_fingerprint, publishing_ms, enabled, simulated) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
      "name = excluded.name, kind = excluded.kind, endpoint = excluded.endpoint, "
      "security_policy = excluded.security_policy, security_mode = excluded.security_mode, "
      "user = excluded.user, password = excluded.password, "
      "trusted_fingerprint = excluded.trusted_fingerprint, "
      "publishing_ms = excluded.publishing_ms, enabled = excluded.enabled, "
      "simulated = excluded.simulated",
      config.id == 0 ? std::nullopt : std::optional(config.id), config.enterprise.value(),
      config.name, config.kind, config.endpoint, config.security_policy, config.security_mode,
      config.user, config.password, config.trusted_fingerprint, config.publishing_ms,
      config.enabled, config.simulated);
  if (!saved) {
    if (saved.error().code == ErrorCode::kAlreadyExists)
      return fail(ErrorCode::kAlreadyExists, "there is a connection of this name", "name");
    if (saved.error().code == ErrorCode::kConflict)
      return fail(ErrorCode::kNotFound, "there is no such enterprise");
    return fail(saved.error());
  }
  if (config.id == 0) config.id = static_cast<std::uint64_t>(transaction.last_insert_id());
  return {};
}

Status write_items(Transaction& transaction, const ConnectionConfig& config) {
  TUNDISH_RETURN_IF_ERROR(
      transaction.run("DELETE FROM asset_connection_item WHERE connection = ?", config.id));
  TUNDISH_TRY(Statement insert,
              transaction.prepare("INSERT INTO asset_connection_item(connection, position, "
                                  "namespace_uri, identifier, path, sampling_ms, type, step, unit, "
                                  "description) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (std::size_t position = 0; position < config.items.size(); ++position) {
    const ConnectionItem& item = config.items[position];
    const auto type = item.type ? std::optional(static_cast<int>(*item.type)) : std::nullopt;
    TUNDISH_RETURN_IF_ERROR(insert.run(config.id, position, item.namespace_uri, item.identifier,
                                       item.path, item.sampling_ms, type, item.step, item.unit,
                                       item.description));
  }
  return {};
}

}  // namespace

std::vector<ConnectionConfig> ConnectionSettings::load_all() const {
  auto all = read_all(database_);
  if (!all) {
    log_error("asset", "the connections cannot be read: {}", all.error().to_string());
    return {};
  }
  return std::move(*all);
}

Result<ConnectionConfig> ConnectionSettings::save(ConnectionConfig config) {
  TUNDISH_RETURN_IF_ERROR(check_config(config));
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(write_row(transaction, config));
  TUNDISH_RETURN_IF_ERROR(write_items(transaction, config));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  return config;
}

Status ConnectionSettings::remove(EnterpriseId enterprise, std::uint64_t id) {
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "DELETE FROM asset_connection WHERE id = ? AND enterprise = ?", id, enterprise.value()));
  if (transaction.changes() == 0) return no_connection();
  return transaction.commit();
}

}  // namespace tundish::asset
