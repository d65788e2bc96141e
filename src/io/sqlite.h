#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_backup;
struct sqlite3_stmt;

/// The one wrapper of SQLite. Errors of every call: kDiskFull (the transaction is gone, reads go on, try
/// again when there is space), kAlreadyExists (a unique key is taken), kConflict (another constraint),
/// kCorruption, kInUse (another process holds the file), kIo. A failed sync ends the process: what
/// SQLite and the kernel then know of the file differs.
namespace tundish::io::sqlite {

class Database;
class Transaction;

/// A prepared statement of one Transaction; returns to the connection's cache when it goes. Columns
/// count from 0, parameters are bound in order. Must not outlive its transaction.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// Binds all parameters and runs to the end; rows are thrown away.
  template <class... Args>
  Status run(const Args&... args) {
    TUNDISH_RETURN_IF_ERROR(start(args...));
    return finish();
  }
  /// Binds all parameters and stands before the first row.
  template <class... Args>
  Status start(const Args&... args) {
    reset();
    [[maybe_unused]] int index = 0;
    Status status;
    (void)(... && (status = bind_any(++index, args)).has_value());
    if (!status) return status;
    return check_bound(index);
  }
  /// Steps to the next row; false after the last.
  Result<bool> next();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  template <class T>
  T integer_as(int column) const {
    return static_cast<T>(integer(column));
  }
  bool boolean(int column) const { return integer(column) != 0; }
  double real(int column) const;
  std::string text(int column) const { return std::string(text_view(column)); }
  std::string_view text_view(int column) const;  ///< until the next call
  ByteSpan blob(int column) const;               ///< until the next call
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<double> optional_real(int column) const;

 private:
  friend class Transaction;
  Statement(Database& database, sqlite3_stmt* statement);

  template <class T>
  Status bind_any(int index, const T& value) {
    if constexpr (std::integral<T>) {
      return bind(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, std::nullopt_t>) {
      return bind_null(index);
    } else if constexpr (requires {
                           value.has_value();
                           *value;
                         }) {
      return value ? bind_any(index, *value) : bind_null(index);
    } else if constexpr (std::floating_point<T>) {
      return bind(index, static_cast<double>(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      return bind(index, std::string_view(value));
    } else {
      return bind(index, ByteSpan(value));
    }
  }
  Status bind_null(int index);
  Status bind(int index, std::int64_t value);
  Status bind(int index, double value);
  Status bind(int index, std::string_view value);
  Status bind(int index, ByteSpan value);
  Status check_bound(int count) const;
  Status finish();
  void reset();

  Database* database_;
  sqlite3_stmt* statement_;
};

/// Holds the connection for its thread while it lives: others wait, so keep it short and never begin
/// a second one inside. Undone unless commit() succeeded.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<Statement> prepare(std::string_view sql);
  /// One statement, once.
  template <class... Args>
  Status run(std::string_view sql, const Args&... args) {
    TUNDISH_TRY(Statement statement, prepare(sql));
    return statement.run(args...);
  }
  std::int64_t last_insert_id() const;
  std::int64_t changes() const;  ///< rows of the last insert, update or delete
  /// On disk when it returns without an error; undone otherwise.
  Status commit();

 private:
  friend class Database;
  Transaction(Database& database, std::unique_lock<std::mutex> lock);

  Database* database_;
  /// Of the standard library, as it moves with the transaction, where clang cannot follow it.
  std::unique_lock<std::mutex> lock_;
};

/// A copy of a database as of one moment, made a few pages at a time while others go on reading and
/// writing. One thread at a time.
class DatabaseCopy {
 public:
  ~DatabaseCopy();
  DatabaseCopy(const DatabaseCopy&) = delete;
  DatabaseCopy& operator=(const DatabaseCopy&) = delete;

  /// Copies some pages; true when the copy is complete and on the medium. Errors: those of the header; kDiskFull
  /// and kIo are of the target.
  Result<bool> step(int pages);
  std::uint64_t bytes_total() const;  ///< known after the first step

 private:
  friend class Database;
  DatabaseCopy() = default;

  std::string target_path_;
  sqlite3* source_ = nullptr;  ///< its own connection, whose read transaction is the moment
  sqlite3* target_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
};

/// One connection to one file: WAL, synchronous=FULL, foreign keys, owner-only (0600). Any thread; one
/// transaction at a time. Several modules keep their tables in the same file, each under its own
/// prefix and with its own schema version.
class Database {
 public:
  struct Options {
    int busy_timeout_ms = 5000;  ///< how long another process may hold the file
  };

  /// Makes the file if it is missing. Errors: also kCorruption when it is no SQLite file, kUnsupported
  /// when another program or a newer version of this one wrote it.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Options options);
  static Result<std::unique_ptr<Database>> open(const std::string& path) {
    return open(path, Options{});
  }
  ~Database();

  Result<Transaction> begin();       ///< to read and write
  Result<Transaction> begin_read();  ///< a snapshot to read from

  /// Brings the tables of `module` to version steps.size(): runs the steps it lacks, in order, in one
  /// transaction. Steps only ever add, so an older file always opens; a step once released is
  /// never edited. Errors: kUnsupported when a newer version wrote the tables.
  Status migrate(std::string_view module, std::span<const std::string_view> steps);

  /// What is committed now will be in the file `target`, which must not exist yet, once its steps are done. Any
  /// thread, also one that holds a Transaction: then nothing is committed before and after.
  Result<std::unique_ptr<DatabaseCopy>> copy_to(const std::string& target) const;

  /// Reads every page; kCorruption with SQLite's first finding.
  Status check();
  /// What would grow the file past `bytes` fails with kDiskFull.
  Status set_bytes_max(std::uint64_t bytes);

  const std::string& path() const { return path_; }

 private:
  friend class Statement;
  friend class Transaction;
  struct StatementCache;
  Database(std::string path, sqlite3* handle);

  Status execute(const char* sql, std::string_view doing);
  Status configure(const Options& options);
  Status check_owner();
  Result<Transaction> begin_with(const char* sql);
  Error error(int code, std::string_view doing) const;

  const std::string path_;
  sqlite3* const handle_;
  std::mutex mutex_;
  std::unique_ptr<StatementCache> cache_;
};

}  // namespace tundish::io::sqlite
