#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "io/sqlite.h"
#include "model/ports/entry_book.h"

namespace tundish::entry {

/// The table entry_made: one row an entry, never changed but for becoming stored. Any thread.
class EntryTable {
 public:
  /// `database` must outlive it.
  static Result<EntryTable> open(io::sqlite::Database& database);

  /// Writes entries as pending and gives them their ids. On disk when it returns.
  Status add(std::vector<Entry>& entries);
  /// They are among the samples; with the number of samples of each.
  Status set_stored(const std::vector<Entry>& entries);
  /// They were not done, and are as if they had never been asked for.
  Status remove(const std::vector<Entry>& entries);

  /// Newest first.
  Result<std::vector<Entry>> find(EnterpriseId enterprise, const EntrySearch& search) const;
  /// Oldest first: what was recorded and not yet known to be stored. Batches lie together, in order of rows.
  Result<std::vector<Entry>> pending() const;
  /// The greatest sequence that was ever recorded for an epoch of an enterprise's stream; 0: none.
  Result<std::uint64_t> last_sequence(EnterpriseId enterprise, std::uint32_t epoch) const;

 private:
  explicit EntryTable(io::sqlite::Database& database) : database_(&database) {}

  io::sqlite::Database* database_;
};

}  // namespace tundish::entry
