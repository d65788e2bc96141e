#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "entry/entry_plan.h"
#include "entry/entry_table.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/entry_book.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"
#include "model/ports/sample_sink.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::entry {

/// Where people write and correct: see model/ports/entry_book.h for what it promises. Any thread; those who write take
/// turns. No thread of its own.
///
/// One call, in this order: what is asked for is checked and planned over a snapshot; it is recorded as pending,
/// with the number of its batch; the batch is appended, which returns when it is on disk; the record becomes
/// stored. Killed in between, the next start finds it pending and appends it again: by its number it is
/// stored once. Nobody was answered then, and nothing is half done.
class EntryDesk final : public EntryBook {
 public:
  struct Ports {
    io::sqlite::Database& database;
    SampleSink& sink;
    SampleReader& reader;
    TagCatalogue& tags;  ///< made are those of attributes that have none yet
    const ModelReader& models;
    const io::Clock& clock;
  };
  /// Finishes what is pending. All ports must outlive it. Errors: of the database; samples that cannot be written
  /// now stay pending.
  static Result<std::unique_ptr<EntryDesk>> open(const Ports& ports);

  Result<EntryReceipt> enter(const EntryBy& by, std::vector<NewEntry> wanted) override;
  Result<std::vector<Entry>> entries(EnterpriseId enterprise,
                                     const EntrySearch& search) const override;

 private:
  EntryDesk(const Ports& ports, EntryTable table) : ports_(ports), table_(table) {}

  Status finish_pending() TUNDISH_REQUIRES(writing_);
  Status finish_batch(std::vector<Entry> entries) TUNDISH_REQUIRES(writing_);
  Status make_tags(EnterpriseId enterprise, std::vector<Checked>& checked);
  Result<BatchNumber> next_number(EnterpriseId enterprise) TUNDISH_REQUIRES(writing_);
  Status write(Plan& plan) TUNDISH_REQUIRES(writing_);

  const Ports ports_;
  /// A turn, held while the disk is waited for: two who correct one value at once do it one after the other, and
  /// the second sees what the first wrote.
  Mutex writing_;
  EntryTable table_;
  bool has_pending_ TUNDISH_GUARDED_BY(writing_) = true;
};

}  // namespace tundish::entry
