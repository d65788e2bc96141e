#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "ingest/door_streams.h"
#include "ingest/in_flight.h"
#include "ingest/known_paths.h"
#include "ingest/ledger_book.h"
#include "ingest/screen.h"
#include "io/clock.h"
#include "io/disk.h"
#include "model/data_files.h"
#include "model/ports/door.h"
#include "model/ports/sample_sink.h"
#include "model/ports/tag_catalogue.h"
#include "model/receipt_time.h"

namespace tundish::ingest {

struct Options {
  DurationNs future_max = kFutureMax;
  std::size_t enterprise_in_flight_bytes_max = 64u << 20;
  std::size_t total_in_flight_bytes_max = 256u << 20;
  /// Streams of one enterprise that senders may open, the door's own counted; the door's own are made
  /// beyond it, one for each source.
  std::size_t enterprise_streams_max = 10'000;
  /// Of a journal record, 1 MiB, with room for what is around the batch.
  std::size_t record_bytes_max = (1u << 20) - 8192;
  std::string ledger_file = files::kLedger;
  std::size_t ledger_hours_max = 7 * 24;
  std::size_t ledger_rows_max = 100'000;
  DurationNs ledger_save_period = kMinute;
};

/// The one door: see model/ports/door.h for what it promises. Any thread; a call blocks its thread
/// until the batch is on disk. Holds no thread of its own: once a minute a caller of receive also
/// saves the ledger, app/ does so when nobody calls, and the destructor does. After kill -9 the ledger
/// lacks the current minute's counts; the samples themselves are not touched by that.
class IngestDoor final : public Door, public Ledger {
 public:
  /// Reads the ledger's file. One that is damaged is put aside under another name and reported, and
  /// counting starts anew. All references must outlive the door.
  IngestDoor(TagCatalogue& catalogue, SampleSink& sink, const io::Clock& clock, io::Disk& disk,
             Options options = {});
  ~IngestDoor() override;

  Result<Receipt> receive(const Origin& origin, ReceivedBatch batch) override;
  Result<StreamState> open_stream(const Origin& origin, const std::string& source,
                                  const std::string& stream) override;
  std::vector<LedgerRow> rows(EnterpriseId enterprise, TimeRange hours) const override;

  DoorCounters counters() const override;
  std::size_t in_flight_bytes(EnterpriseId enterprise) const {
    return in_flight_.bytes(enterprise);
  }
  /// Writes the ledger's file now. Errors: kDiskFull, kIo.
  Status save_ledger();

 private:
  /// What became durable is in `receipt` after an error too.
  Status pass(const Origin& origin, ReceivedBatch batch, TimeNs now, Receipt& receipt);
  Result<ResolvedPaths> paths_of(const Origin& origin, const ReceivedBatch& batch,
                                 const std::vector<bool>& may_stand);
  Status store_numbered(const Origin& origin, SampleBatch batch,
                        const ReceivedBatch::Number& number, Receipt& receipt);
  Status store_unnumbered(const Origin& origin, SampleBatch batch, Receipt& receipt);
  Result<SampleSink::Appended> append_unnumbered(const Origin& origin, SampleBatch batch);
  void load_ledger();
  Status write_ledger();
  void save_ledger_when_due();

  TagCatalogue& catalogue_;
  SampleSink& sink_;
  const io::Clock& clock_;
  io::Disk& disk_;
  const Options options_;
  InFlight in_flight_;
  KnownPaths known_paths_;
  DoorStreams streams_;
  LedgerBook ledger_;
  Mutex save_mutex_;  ///< never held across I/O
  Condition save_done_;
  bool saving_ TUNDISH_GUARDED_BY(save_mutex_) = false;  ///< one save at a time
  std::atomic<DurationNs> saved_at_;
  std::atomic<bool> ledger_changed_ = false;

  std::atomic<std::uint64_t> batches_ = 0;
  std::atomic<std::uint64_t> batches_repeated_ = 0;
  std::atomic<std::uint64_t> batches_failed_ = 0;
  std::atomic<std::uint64_t> rows_accepted_ = 0;
  std::atomic<std::uint64_t> rows_unreadable_ = 0;
  std::array<std::atomic<std::uint64_t>, RefusalCounts{}.size()> rows_refused_{};
};

}  // namespace tundish::ingest
