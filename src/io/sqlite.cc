#include "io/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "base/check.h"

namespace tundish::io::sqlite {

namespace {

/// Marks the file as ours (PRAGMA application_id): "TNDH".
constexpr int kApplicationId = 0x544E4448;
/// How the file as a whole is laid out (PRAGMA user_version): which table says the versions of the
/// modules' tables. Rises only if that changes.
constexpr int kFileVersion = 1;

ErrorCode code_of(int code, int system_errno) {
  if (system_errno == ENOSPC || system_errno == EDQUOT) return ErrorCode::kDiskFull;
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
      code == SQLITE_CONSTRAINT_ROWID)
    return ErrorCode::kAlreadyExists;
  switch (code & 0xFF) {
    case SQLITE_FULL: return ErrorCode::kDiskFull;
    case SQLITE_CONSTRAINT: return ErrorCode::kConflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kCorruption;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::kInUse;
    case SQLITE_TOOBIG: return ErrorCode::kTooLarge;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return ErrorCode::kIo;
    default: return ErrorCode::kInternal;
  }
}

/// Makes the file owner-only. SQLite gives its side files the mode of this one. A file that exists is
/// changed by name: closing any descriptor of it would drop the locks of this process's other
/// connections to it. The folder may be reached by a link, the file itself may be none.
Status make_file(const std::string& path) {
  const auto io_error = [&](const char* doing) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot {}: {}", doing, std::generic_category().message(errno)), path);
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    struct stat info{};
    if (errno != EEXIST || ::lstat(path.c_str(), &info) != 0) return io_error("make the database");
    if (!S_ISREG(info.st_mode))
      return fail(ErrorCode::kIo, "the database is no regular file", path);
    if (::chmod(path.c_str(), 0600) != 0) return io_error("make the database owner-only");
    return {};
  }
  ::close(file);
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return io_error("open the folder of the database");
  const int synced = ::fsync(directory);
  ::close(directory);
  if (synced != 0) return io_error("sync the folder of the database");
  return {};
}

}  // namespace

/// Prepared statements that wait for their next use, by their text.
struct Database::StatementCache {
  static constexpr std::size_t kStatementsMax = 128;
  std::unordered_map<std::string, sqlite3_stmt*> idle;
};

// --- Statement ---------------------------------------------------------------------------------

Statement::Statement(Database& database, sqlite3_stmt* statement)
    : database_(&database), statement_(statement) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  reset();
  auto& idle = database_->cache_->idle;
  if (idle.size() < Database::StatementCache::kStatementsMax &&
      idle.try_emplace(sqlite3_sql(statement_), statement_).second)
    return;
  sqlite3_finalize(statement_);
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<bool> Statement::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(database_->error(code, sqlite3_sql(statement_)));
}

Status Statement::finish() {
  while (true) {
    TUNDISH_TRY(const bool more, next());
    if (!more) break;
  }
  // Not reset, SQLite would keep the statement's locks until the next use.
  sqlite3_reset(statement_);
  return {};
}

Status Statement::bind_null(int index) {
  const int code = sqlite3_bind_null(statement_, index);
  if (code != SQLITE_OK) return fail(database_->error(code, "binding a value"));
  return {};
}

Status Statement::bind(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_, index, value);
  if (code != SQLITE_OK) return fail(database_->error(code, "binding an integer"));
  return {};
}

Status Statement::bind(int index, double value) {
  const int code = sqlite3_bind_double(statement_, index, value);
  if (code != SQLITE_OK) return fail(database_->error(code, "binding a number"));
  return {};
}

Status Statement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL, not the empty text.
  const char* const data = value.data() == nullptr ? "" : value.data();
  const int code =
      sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) return fail(database_->error(code, "binding a text"));
  return {};
}

Status Statement::bind(int index, ByteSpan value) {
  const void* const data = value.data() == nullptr ? "" : static_cast<const void*>(value.data());
  const int code = sqlite3_bind_blob64(statement_, index, data, value.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) return fail(database_->error(code, "binding bytes"));
  return {};
}

Status Statement::check_bound(int count) const {
  // A mismatch is a bug of the caller: the text of every statement is in the source.
  TUNDISH_CHECK(count == sqlite3_bind_parameter_count(statement_));
  return {};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Statement::text_view(int column) const {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

ByteSpan Statement::blob(int column) const {
  const auto* const data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}
std::optional<double> Statement::optional_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}

// --- Transaction -------------------------------------------------------------------------------

Transaction::Transaction(Database& database, std::unique_lock<std::mutex> lock)
    : database_(&database), lock_(std::move(lock)) {}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), lock_(std::move(other.lock_)) {}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Some errors, a full disk among them, have already undone it.
  if (sqlite3_get_autocommit(database_->handle_) == 0)
    sqlite3_exec(database_->handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<Statement> Transaction::prepare(std::string_view sql) {
  auto& idle = database_->cache_->idle;
  std::string text(sql);
  if (const auto found = idle.find(text); found != idle.end()) {
    sqlite3_stmt* const statement = found->second;
    idle.erase(found);
    return Statement(*database_, statement);
  }
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database_->handle_, text.c_str(), static_cast<int>(text.size() + 1),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return fail(database_->error(code, text));
  return Statement(*database_, statement);
}

std::int64_t Transaction::last_insert_id() const {
  return sqlite3_last_insert_rowid(database_->handle_);
}
std::int64_t Transaction::changes() const { return sqlite3_changes64(database_->handle_); }

Status Transaction::commit() {
  TUNDISH_RETURN_IF_ERROR(database_->execute("COMMIT", "committing a change"));
  database_ = nullptr;
  lock_.unlock();
  return {};
}

// --- Database ----------------------------------------------------------------------------------

Database::Database(std::string path, sqlite3* handle)
    : path_(std::move(path)), handle_(handle), cache_(std::make_unique<StatementCache>()) {}

Database::~Database() {
  for (const auto& [text, statement] : cache_->idle) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Options options) {
  TUNDISH_RETURN_IF_ERROR(make_file(path));
  sqlite3* handle = nullptr;
  // Its own mutex is not needed: a Transaction holds ours.
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  Status opened;
  if (code != SQLITE_OK) opened = fail(database->error(code, "opening the database"));
  if (opened) opened = database->configure(options);
  if (opened) opened = database->check_owner();
  if (!opened) {
    Error error = std::move(opened).error();
    error.where = path;  // whoever starts the program has to find the file
    return fail(std::move(error));
  }
  return database;
}

Status Database::configure(const Options& options) {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, options.busy_timeout_ms);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  TUNDISH_RETURN_IF_ERROR(execute(
      "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA journal_size_limit = 67108864;",
      "opening the database"));
  return {};
}

/// A new file becomes ours; a file of another program, or of a newer version, is left alone.
Status Database::check_owner() {
  TUNDISH_TRY(Transaction transaction, begin());
  const auto pragma = [&](const char* sql) -> Result<std::int64_t> {
    TUNDISH_TRY(Statement statement, transaction.prepare(sql));
    TUNDISH_TRY(const bool row, statement.next());
    return row ? statement.integer(0) : 0;
  };
  TUNDISH_TRY(const auto application, pragma("PRAGMA application_id"));
  TUNDISH_TRY(const auto version, pragma("PRAGMA user_version"));
  TUNDISH_TRY(const auto tables, pragma("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && tables == 0) {
    const auto sql = fmt::format(
        "PRAGMA application_id = {}; PRAGMA user_version = {};"
        "CREATE TABLE schema_version(module TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;",
        kApplicationId, kFileVersion);
    TUNDISH_RETURN_IF_ERROR(execute(sql.c_str(), "making the database"));
    return transaction.commit();
  }
  if (application != kApplicationId)
    return fail(ErrorCode::kUnsupported, "this SQLite file belongs to another program");
  if (version > kFileVersion)
    return fail(ErrorCode::kUnsupported,
                fmt::format("this file has version {} and was written by a newer Tundish; this one "
                            "reads up to {}: start the newer one, or restore a backup",
                            version, kFileVersion));
  return {};
}

Status Database::execute(const char* sql, std::string_view doing) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error(code, doing));
  return {};
}

Result<Transaction> Database::begin() { return begin_with("BEGIN IMMEDIATE"); }

Result<Transaction> Database::begin_read() {
  TUNDISH_TRY(Transaction transaction, begin_with("BEGIN DEFERRED"));
  return transaction;
}

Result<Transaction> Database::begin_with(const char* sql) {
  Transaction transaction(*this, std::unique_lock(mutex_));
  TUNDISH_RETURN_IF_ERROR(execute(sql, "beginning a change"));
  return transaction;
}

Status Database::migrate(std::string_view module, std::span<const std::string_view> steps) {
  TUNDISH_TRY(Transaction transaction, begin());
  std::size_t version = 0;
  {
    TUNDISH_TRY(Statement found,
                transaction.prepare("SELECT version FROM schema_version WHERE module = ?"));
    TUNDISH_RETURN_IF_ERROR(found.start(module));
    TUNDISH_TRY(const bool row, found.next());
    if (row) version = found.integer_as<std::size_t>(0);
  }
  if (version > steps.size())
    return fail(ErrorCode::kUnsupported,
                fmt::format("the tables of '{}' have version {} and were written by a newer "
                            "Tundish; this one knows up to {}: start the newer one, or restore a "
                            "backup",
                            module, version, steps.size()),
                path_);
  if (version == steps.size()) return {};
  for (; version < steps.size(); ++version)
    TUNDISH_RETURN_IF_ERROR(
        execute(std::string(steps[version]).c_str(),
                fmt::format("bringing '{}' to version {}", module, version + 1)));
  TUNDISH_RETURN_IF_ERROR(
      transaction.run("INSERT INTO schema_version(module, version) VALUES(?, ?) "
                      "ON CONFLICT(module) DO UPDATE SET version = excluded.version",
                      module, version));
  return transaction.commit();
}

Status Database::check() {
  TUNDISH_TRY(Transaction transaction, begin_read());
  TUNDISH_TRY(Statement statement, transaction.prepare("PRAGMA integrity_check(1)"));
  TUNDISH_TRY(const bool row, statement.next());
  const std::string finding = row ? statement.text(0) : "no answer";
  if (finding != "ok") return fail(ErrorCode::kCorruption, finding, path_);
  return {};
}

// --- DatabaseCopy ------------------------------------------------------------------------------

DatabaseCopy::~DatabaseCopy() {
  if (backup_ != nullptr) sqlite3_backup_finish(backup_);
  sqlite3_close(target_);
  sqlite3_close(source_);
}

Result<bool> DatabaseCopy::step(int pages) {
  int code = sqlite3_backup_step(backup_, pages);
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) return false;
  if (code == SQLITE_DONE) code = sqlite3_backup_finish(std::exchange(backup_, nullptr));
  if (code == SQLITE_OK) return true;
  const int system_errno = (code & 0xFF) == SQLITE_IOERR ? sqlite3_system_errno(target_) : 0;
  return fail(code_of(code, system_errno),
              fmt::format("SQLite: {} while copying the metadata", sqlite3_errstr(code)),
              target_path_);
}

std::uint64_t DatabaseCopy::bytes_total() const {
  constexpr std::uint64_t kPageBytes = 4096;  // SQLite's own choice, which we leave to it
  return backup_ == nullptr
             ? 0
             : static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup_)) * kPageBytes;
}

Result<std::unique_ptr<DatabaseCopy>> Database::copy_to(const std::string& target) const {
  TUNDISH_RETURN_IF_ERROR(make_file(target));
  std::unique_ptr<DatabaseCopy> copy(new DatabaseCopy());
  copy->target_path_ = target;
  const auto opened = [&](int code, const std::string& path) -> Status {
    if (code == SQLITE_OK) return {};
    return fail(code_of(code, 0), fmt::format("SQLite: {} ", sqlite3_errstr(code)), path);
  };
  TUNDISH_RETURN_IF_ERROR(opened(
      sqlite3_open_v2(path_.c_str(), &copy->source_,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr),
      path_));
  // A transaction that has read sees one moment until it ends; the copy is made inside it.
  TUNDISH_RETURN_IF_ERROR(
      opened(sqlite3_exec(copy->source_, "BEGIN; SELECT count(*) FROM sqlite_schema", nullptr,
                          nullptr, nullptr),
             path_));
  TUNDISH_RETURN_IF_ERROR(opened(
      sqlite3_open_v2(target.c_str(), &copy->target_,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr),
      target));
  copy->backup_ = sqlite3_backup_init(copy->target_, "main", copy->source_, "main");
  if (copy->backup_ == nullptr)
    TUNDISH_RETURN_IF_ERROR(opened(sqlite3_extended_errcode(copy->target_), target));
  return copy;
}

Status Database::set_bytes_max(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(handle_, "PRAGMA page_size", -1, &statement, nullptr);
  const int code = sqlite3_step(statement);
  const auto page_bytes = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
  sqlite3_finalize(statement);
  if (code != SQLITE_ROW) return fail(error(code, "reading the page size"));
  const auto sql =
      fmt::format("PRAGMA max_page_count = {}", std::max<std::uint64_t>(bytes / page_bytes, 1));
  return execute(sql.c_str(), "limiting the size");
}

Error Database::error(int code, std::string_view doing) const {
  if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
    end_process(
        fmt::format("syncing {} failed: what is on the disk is not known; check the disk, "
                    "then start again",
                    path_));
  const int system_errno = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN
                               ? sqlite3_system_errno(handle_)
                               : 0;
  const ErrorCode meaning = code_of(code, system_errno);
  std::string message;
  switch (meaning) {
    case ErrorCode::kDiskFull:
      message = "there is no space left for the metadata; make space, it goes on by itself";
      break;
    case ErrorCode::kInUse: message = "another process holds the metadata"; break;
    default:
      message = fmt::format("SQLite: {} ({}) while {}", sqlite3_errmsg(handle_),
                            sqlite3_errstr(code), doing);
  }
  // The name only: these errors reach clients, who have no business with the server's folders.
  return Error{meaning, std::move(message), std::filesystem::path(path_).filename().string(),
               std::nullopt};
}

}  // namespace tundish::io::sqlite
