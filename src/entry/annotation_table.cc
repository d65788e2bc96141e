#include "entry/annotation_table.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

#include "model/receipt_time.h"
#include "model/text.h"

namespace tundish::entry {
namespace {

using io::sqlite::Statement;
using io::sqlite::Transaction;

/// Never edited after a release (docs/formats/metadata.md).
constexpr std::array<std::string_view, 1> kSchema = {R"sql(
CREATE TABLE entry_annotation_id(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_annotation_id_of ON entry_annotation_id(enterprise);
CREATE TABLE entry_annotation(
  id INTEGER NOT NULL REFERENCES entry_annotation_id(id),
  version INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  enterprise INTEGER NOT NULL,
  time INTEGER NOT NULL,
  text TEXT NOT NULL,
  removed INTEGER NOT NULL,
  written INTEGER NOT NULL,
  who TEXT NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY(id, version)
) STRICT;
CREATE INDEX entry_annotation_of_tag ON entry_annotation(enterprise, tag, time, id)
  WHERE last = 1 AND removed = 0;
)sql"};

constexpr std::string_view kColumns =
    "id, version, enterprise, tag, time, text, removed, written, who";

Note annotation_at(const Statement& row) {
  Note note;
  note.id = row.integer_as<std::uint64_t>(0);
  note.version = row.integer_as<std::uint32_t>(1);
  note.tag = {EnterpriseId(row.integer_as<std::uint32_t>(2)), row.integer_as<std::uint32_t>(3)};
  note.time = row.integer(4);
  note.text = row.text(5);
  note.is_removed = row.boolean(6);
  note.written = row.integer(7);
  note.who = row.text(8);
  return note;
}

Result<std::vector<Note>> rest_of(Statement& rows) {
  std::vector<Note> found;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return found;
    found.push_back(annotation_at(rows));
  }
}

std::unexpected<Error> no_such(std::uint64_t id) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no note {}", id), "id");
}

Status insert(Transaction& transaction, const Note& note) {
  TUNDISH_TRY(Statement insert,
              transaction.prepare(fmt::format("INSERT INTO entry_annotation({}, last) "
                                              "VALUES(?,?,?,?,?,?,?,?,?,1)",
                                              kColumns)));
  return insert.run(note.id, note.version, note.tag.enterprise.value(), note.tag.number, note.time,
                    note.text, note.is_removed ? 1 : 0, note.written, note.who);
}

/// The last version, removed ones too. Errors: kNotFound.
Result<Note> last_of(Transaction& transaction, EnterpriseId enterprise, std::uint64_t id) {
  TUNDISH_TRY(Statement rows,
              transaction.prepare(fmt::format("SELECT {} FROM entry_annotation WHERE id = ? AND "
                                              "enterprise = ? ORDER BY version DESC LIMIT 1",
                                              kColumns)));
  TUNDISH_RETURN_IF_ERROR(rows.start(id, enterprise.value()));
  TUNDISH_TRY(const bool is_there, rows.next());
  if (!is_there) return no_such(id);
  return annotation_at(rows);
}

}  // namespace

Result<std::unique_ptr<AnnotationTable>> AnnotationTable::open(io::sqlite::Database& database,
                                                               const io::Clock& clock) {
  TUNDISH_RETURN_IF_ERROR(database.migrate("annotation", kSchema));
  return std::unique_ptr<AnnotationTable>(new AnnotationTable(database, clock));
}

Result<Note> AnnotationTable::add(const AnnotationBy& by, TagId tag, TimeNs time,
                                  std::string text) {
  TUNDISH_RETURN_IF_ERROR(check_text(text, 1, kTextBytesMax, "text"));
  const TimeNs now = clock_.now();
  if (time > latest_allowed(now))
    return fail(ErrorCode::kFutureTime, "that time has not come: a note is about what has been",
                "time");
  TUNDISH_TRY(Transaction transaction, database_.begin());
  {
    TUNDISH_TRY(Statement count, transaction.prepare("SELECT count(*) FROM entry_annotation_id "
                                                     "WHERE enterprise = ?"));
    TUNDISH_RETURN_IF_ERROR(count.start(by.enterprise.value()));
    TUNDISH_TRY(const bool is_there, count.next());
    if (is_there && count.integer_as<std::uint64_t>(0) >= kAnnotationsMax)
      return fail(ErrorCode::kQuotaExceeded,
                  fmt::format("an enterprise has at most {} notes", kAnnotationsMax));
  }
  Note note{.tag = tag, .time = time, .text = std::move(text), .written = now, .who = by.actor};
  {
    TUNDISH_TRY(Statement make,
                transaction.prepare("INSERT INTO entry_annotation_id(enterprise) VALUES(?)"));
    TUNDISH_RETURN_IF_ERROR(make.run(by.enterprise.value()));
  }
  note.id = static_cast<std::uint64_t>(transaction.last_insert_id());
  TUNDISH_RETURN_IF_ERROR(insert(transaction, note));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  return note;
}

Result<Note> AnnotationTable::append(const AnnotationBy& by, std::uint64_t id,
                                     std::uint32_t version, std::string text, bool is_removed) {
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_TRY(Note note, last_of(transaction, by.enterprise, id));
  if (note.is_removed) return no_such(id);
  if (!by.may_change_others) {
    TUNDISH_TRY(
        Statement rows,
        transaction.prepare("SELECT who FROM entry_annotation WHERE id = ? AND version = 1"));
    TUNDISH_RETURN_IF_ERROR(rows.start(id));
    TUNDISH_TRY(const bool is_there, rows.next());
    if (!is_there || rows.text(0) != by.actor)
      return fail(ErrorCode::kPermissionDenied,
                  "an engineer changes and removes the notes of others; you may your own");
  }
  if (version != 0 && version != note.version)
    return fail(
        ErrorCode::kConflict,
        fmt::format("the note was changed since: it is at version {}; read it again", note.version),
        "version");
  if (note.version >= kVersionsMax)
    return fail(ErrorCode::kTooLarge,
                fmt::format("a note has at most {} versions; write another one", kVersionsMax));
  ++note.version;
  note.text = std::move(text);
  note.is_removed = is_removed;
  note.written = clock_.now();
  note.who = by.actor;
  {
    TUNDISH_TRY(Statement update,
                transaction.prepare("UPDATE entry_annotation SET last = 0 WHERE id = ?"));
    TUNDISH_RETURN_IF_ERROR(update.run(id));
  }
  TUNDISH_RETURN_IF_ERROR(insert(transaction, note));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  return note;
}

Result<Note> AnnotationTable::change(const AnnotationBy& by, std::uint64_t id,
                                     std::uint32_t version, std::string text) {
  TUNDISH_RETURN_IF_ERROR(check_text(text, 1, kTextBytesMax, "text"));
  return append(by, id, version, std::move(text), false);
}

Result<Note> AnnotationTable::remove(const AnnotationBy& by, std::uint64_t id,
                                     std::uint32_t version) {
  return append(by, id, version, {}, true);
}

Result<std::vector<Note>> AnnotationTable::annotations(EnterpriseId enterprise,
                                                       const AnnotationSearch& search) const {
  // Numbers that we made ourselves, as one text, so that any count of them is one statement.
  std::string tags = "[";
  for (const TagId tag : search.tags) fmt::format_to(std::back_inserter(tags), "{},", tag.number);
  if (tags.size() > 1) tags.pop_back();
  tags += "]";
  const std::string sql = fmt::format(
      "SELECT {} FROM entry_annotation WHERE enterprise = ? AND {} AND time >= ? AND time < ? AND "
      "last = 1 AND removed = 0 AND (time, id) > (?, ?) ORDER BY time, id LIMIT ?",
      kColumns, search.tags.empty() ? "? IS NOT NULL" : "tag IN (SELECT value FROM json_each(?))");
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  TUNDISH_TRY(Statement rows, transaction.prepare(sql));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), tags, search.range.from, search.range.to,
                                     search.after_time.value_or(kTimeMin), search.after_id,
                                     search.limit));
  return rest_of(rows);
}

Result<std::vector<Note>> AnnotationTable::versions(EnterpriseId enterprise,
                                                    std::uint64_t id) const {
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  TUNDISH_TRY(Statement rows,
              transaction.prepare(fmt::format("SELECT {} FROM entry_annotation WHERE id = ? AND "
                                              "enterprise = ? ORDER BY version",
                                              kColumns)));
  TUNDISH_RETURN_IF_ERROR(rows.start(id, enterprise.value()));
  TUNDISH_TRY(auto found, rest_of(rows));
  if (found.empty()) return no_such(id);
  return found;
}

Result<std::vector<TimeNs>> AnnotationTable::times(TagId tag, TimeRange range) const {
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  TUNDISH_TRY(Statement rows,
              transaction.prepare("SELECT time FROM entry_annotation WHERE enterprise = ? AND tag "
                                  "= ? AND time >= ? AND time < ? AND last = 1 AND removed = 0 "
                                  "ORDER BY time"));
  TUNDISH_RETURN_IF_ERROR(rows.start(tag.enterprise.value(), tag.number, range.from, range.to));
  std::vector<TimeNs> found;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return found;
    found.push_back(rows.integer(0));
  }
}

}  // namespace tundish::entry
