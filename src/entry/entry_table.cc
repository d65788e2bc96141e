#include "entry/entry_table.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace tundish::entry {
namespace {

using io::sqlite::Statement;
using io::sqlite::Transaction;

/// Never edited after a release (docs/formats/metadata.md). Values are a type as in model/value.h with 64
/// bits or, for strings, a text.
constexpr std::array<std::string_view, 1> kSchema = {R"sql(
CREATE TABLE entry_made(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK(kind BETWEEN 0 AND 3),
  started INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  type INTEGER CHECK(type BETWEEN 0 AND 3),
  bits INTEGER,
  text TEXT,
  quality INTEGER NOT NULL,
  before_type INTEGER CHECK(before_type BETWEEN 0 AND 3),
  before_bits INTEGER,
  before_text TEXT,
  before_quality INTEGER,
  samples INTEGER NOT NULL,
  received INTEGER NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  source INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  stored INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_made_of_tag ON entry_made(enterprise, tag, started);
CREATE INDEX entry_made_by_number ON entry_made(enterprise, epoch, sequence);
CREATE INDEX entry_made_pending ON entry_made(id) WHERE stored = 0;
)sql"};

constexpr std::string_view kColumns =
    "id, enterprise, tag, kind, started, ended, type, bits, text, quality, before_type, "
    "before_bits, before_text, before_quality, samples, received, who, why, source, stream, epoch, "
    "sequence, stored";

/// A value as three columns.
struct Cells {
  std::optional<std::int64_t> type, bits;
  std::optional<std::string> text;
};

Cells cells_of(const std::optional<Sample>& sample) {
  if (!sample) return {};
  Cells cells{.type = static_cast<std::int64_t>(type_of(sample->value)), .bits = {}, .text = {}};
  if (const auto* text = std::get_if<std::string>(&sample->value)) {
    cells.text = *text;
    return cells;
  }
  std::uint64_t bits = 0;
  if (const auto* number = std::get_if<double>(&sample->value)) bits = bits_of(*number);
  if (const auto* whole = std::get_if<std::int64_t>(&sample->value)) bits = bits_of(*whole);
  if (const auto* flag = std::get_if<bool>(&sample->value)) bits = bits_of(*flag);
  cells.bits = static_cast<std::int64_t>(bits);
  return cells;
}

std::optional<Value> value_at(const Statement& row, int column) {
  if (row.is_null(column)) return {};
  const auto bits = row.integer_as<std::uint64_t>(column + 1);
  switch (static_cast<ValueType>(row.integer(column))) {
    case ValueType::kDouble: return Value(double_of(bits));
    case ValueType::kInt64: return Value(static_cast<std::int64_t>(bits));
    case ValueType::kBool: return Value(bits != 0);
    case ValueType::kString: return Value(row.text(column + 2));
  }
  return {};
}

Entry entry_at(const Statement& row) {
  Entry entry;
  entry.id = row.integer_as<std::uint64_t>(0);
  entry.tag = {EnterpriseId(row.integer_as<std::uint32_t>(1)), row.integer_as<std::uint32_t>(2)};
  entry.kind = static_cast<EntryKind>(row.integer(3));
  entry.range = {row.integer(4), row.integer(5)};
  const Quality quality{row.integer_as<std::uint32_t>(9)};
  if (auto value = value_at(row, 6)) entry.after = Sample{entry.range.from, *value, quality};
  if (auto value = value_at(row, 10))
    entry.before = Sample{entry.range.from, *value, Quality{row.integer_as<std::uint32_t>(13)}};
  entry.samples = row.integer_as<std::uint64_t>(14);
  entry.received = row.integer(15);
  entry.who = row.text(16);
  entry.why = row.text(17);
  entry.number = {row.integer_as<std::uint32_t>(18), row.integer_as<std::uint32_t>(19),
                  row.integer_as<std::uint32_t>(20), row.integer_as<std::uint64_t>(21)};
  entry.is_pending = !row.boolean(22);
  entry.stretch_quality = quality;
  return entry;
}

Result<std::vector<Entry>> rest_of(Statement& rows) {
  std::vector<Entry> found;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return found;
    found.push_back(entry_at(rows));
  }
}

}  // namespace

Result<EntryTable> EntryTable::open(io::sqlite::Database& database) {
  TUNDISH_RETURN_IF_ERROR(database.migrate("entry", kSchema));
  return EntryTable(database);
}

Status EntryTable::add(std::vector<Entry>& entries) {
  TUNDISH_TRY(Transaction transaction, database_->begin());
  {
    TUNDISH_TRY(Statement insert,
                transaction.prepare(
                    "INSERT INTO entry_made(enterprise, tag, kind, started, ended, type, bits, "
                    "text, quality, before_type, before_bits, before_text, before_quality, "
                    "samples, received, who, why, source, stream, epoch, sequence, stored) "
                    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0)"));
    for (Entry& entry : entries) {
      const Cells after = cells_of(entry.after), before = cells_of(entry.before);
      const std::optional<std::uint32_t> before_quality =
          entry.before ? std::optional(entry.before->quality.code) : std::nullopt;
      const Quality quality = entry.after ? entry.after->quality : entry.stretch_quality;
      TUNDISH_RETURN_IF_ERROR(
          insert.run(entry.tag.enterprise.value(), entry.tag.number, static_cast<int>(entry.kind),
                     entry.range.from, entry.range.to, after.type, after.bits, after.text,
                     quality.code, before.type, before.bits, before.text, before_quality,
                     entry.samples, entry.received, entry.who, entry.why, entry.number.source,
                     entry.number.stream, entry.number.epoch, entry.number.sequence));
      entry.id = static_cast<std::uint64_t>(transaction.last_insert_id());
      entry.is_pending = true;
    }
  }
  return transaction.commit();
}

Status EntryTable::set_stored(const std::vector<Entry>& entries) {
  TUNDISH_TRY(Transaction transaction, database_->begin());
  {
    TUNDISH_TRY(Statement update,
                transaction.prepare("UPDATE entry_made SET stored = 1, samples = ? WHERE id = ?"));
    for (const Entry& entry : entries) TUNDISH_RETURN_IF_ERROR(update.run(entry.samples, entry.id));
  }
  return transaction.commit();
}

Status EntryTable::remove(const std::vector<Entry>& entries) {
  TUNDISH_TRY(Transaction transaction, database_->begin());
  {
    TUNDISH_TRY(Statement erase,
                transaction.prepare("DELETE FROM entry_made WHERE id = ? AND stored = 0"));
    for (const Entry& entry : entries) TUNDISH_RETURN_IF_ERROR(erase.run(entry.id));
  }
  return transaction.commit();
}

Result<std::vector<Entry>> EntryTable::find(EnterpriseId enterprise,
                                            const EntrySearch& search) const {
  std::string sql = fmt::format(
      "SELECT {} FROM entry_made WHERE enterprise = ? AND started < ? AND ended > ? AND id < ?",
      kColumns);
  // Numbers that we made ourselves, as one text, so that any count of them is one statement.
  std::string tags = "[";
  for (const TagId tag : search.tags) fmt::format_to(std::back_inserter(tags), "{},", tag.number);
  if (tags.size() > 1) tags.pop_back();
  tags += "]";
  sql +=
      search.tags.empty() ? " AND ? IS NOT NULL" : " AND tag IN (SELECT value FROM json_each(?))";
  sql += " ORDER BY id DESC LIMIT ?";
  const std::uint64_t before =
      search.before == 0 ? static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                         : search.before;
  TUNDISH_TRY(Transaction transaction, database_->begin_read());
  TUNDISH_TRY(Statement rows, transaction.prepare(sql));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), search.range.to, search.range.from, before,
                                     tags, search.limit));
  return rest_of(rows);
}

Result<std::vector<Entry>> EntryTable::pending() const {
  TUNDISH_TRY(Transaction transaction, database_->begin_read());
  TUNDISH_TRY(Statement rows,
              transaction.prepare(
                  fmt::format("SELECT {} FROM entry_made WHERE stored = 0 ORDER BY id", kColumns)));
  TUNDISH_RETURN_IF_ERROR(rows.start());
  return rest_of(rows);
}

Result<std::uint64_t> EntryTable::last_sequence(EnterpriseId enterprise,
                                                std::uint32_t epoch) const {
  TUNDISH_TRY(Transaction transaction, database_->begin_read());
  TUNDISH_TRY(Statement rows, transaction.prepare("SELECT max(sequence) FROM entry_made "
                                                  "WHERE enterprise = ? AND epoch = ?"));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), epoch));
  TUNDISH_TRY(const bool is_there, rows.next());
  return is_there && !rows.is_null(0) ? rows.integer_as<std::uint64_t>(0) : 0;
}

}  // namespace tundish::entry
