// The audit log: appended to, never changed (the tables' triggers see to it), read newest first.
#include <algorithm>
#include <limits>

#include "access/access.h"
#include "access/rules.h"
#include "base/log.h"

namespace tundish::access {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

constexpr std::size_t kActorBytesMax = 128;
constexpr std::size_t kActionBytesMax = 64;
constexpr std::size_t kObjectBytesMax = 256;
constexpr std::size_t kOutcomeBytesMax = 64;
constexpr std::size_t kDetailBytesMax = 2048;
constexpr std::size_t kEntriesMax = 1000;

Result<std::vector<AuditEntry>> read_audit(io::sqlite::Database& database,
                                           AccessControl::Scope enterprise, std::uint64_t before,
                                           std::size_t limit) {
  TUNDISH_TRY(Transaction transaction, database.begin_read());
  const auto below = before == 0 || before > std::numeric_limits<std::int64_t>::max()
                         ? std::numeric_limits<std::int64_t>::max()
                         : static_cast<std::int64_t>(before);
  TUNDISH_TRY(
      Statement rows,
      transaction.prepare(
          enterprise ? "SELECT number, time, actor, enterprise, action, object, outcome, detail "
                       "FROM access_audit WHERE number < ? AND enterprise = ? "
                       "ORDER BY number DESC LIMIT ?"
                     : "SELECT number, time, actor, enterprise, action, object, outcome, detail "
                       "FROM access_audit WHERE number < ? ORDER BY number DESC LIMIT ?"));
  if (enterprise) {
    TUNDISH_RETURN_IF_ERROR(rows.start(below, enterprise->value(), limit));
  } else {
    TUNDISH_RETURN_IF_ERROR(rows.start(below, limit));
  }
  std::vector<AuditEntry> entries;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return entries;
    AuditEntry& entry = entries.emplace_back();
    entry.number = rows.integer_as<std::uint64_t>(0);
    entry.time = rows.integer(1);
    entry.actor = rows.text(2);
    if (!rows.is_null(3)) entry.enterprise = EnterpriseId(rows.integer_as<std::uint32_t>(3));
    entry.action = rows.text(4);
    entry.object = rows.text(5);
    entry.outcome = rows.text(6);
    entry.detail = rows.text(7);
  }
}

}  // namespace

Status Access::record(AuditEntry entry) {
  const TimeNs now = clock_.now();
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "INSERT INTO access_audit(time, actor, enterprise, action, object, outcome, detail) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)",
      now, encode_for_audit(entry.actor, kActorBytesMax), stored(entry.enterprise),
      encode_for_audit(entry.action, kActionBytesMax),
      encode_for_audit(entry.object, kObjectBytesMax),
      encode_for_audit(entry.outcome, kOutcomeBytesMax),
      encode_for_audit(entry.detail, kDetailBytesMax)));
  return transaction.commit();
}

std::vector<AuditEntry> Access::audit(Scope enterprise, std::uint64_t before,
                                      std::size_t limit) const {
  auto entries = read_audit(database_, enterprise, before, std::min(limit, kEntriesMax));
  if (!entries) {
    log_error("access", "the audit log cannot be read: {}", entries.error().to_string());
    return {};
  }
  return std::move(*entries);
}

}  // namespace tundish::access
