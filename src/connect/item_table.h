#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "connect/rows.h"
#include "model/ports/connections.h"

namespace tundish::connect {

/// What one item's reading brought, protocol aside.
struct ItemReading {
  std::optional<Value> value;  ///< none: quality only
  Quality quality = kGood;
  std::optional<TimeNs> source_time;
  std::optional<TimeNs> server_time;
  bool proves = true;  ///< it comes from the equipment: the item has resumed
};

/// Which items of a connection speak, since when, and which samples follow from what they say and
/// from their silence. Pure bookkeeping without threads: the session guards it.
///
/// 1. A connect makes every item unproven. The first reading after it that proves anything makes the
///    item resumed. Was its value older than the connect (a set point that nobody moved), it is
///    recorded a second time at the moment when it was read, because until then the newest sample
///    says that communication was lost.
/// 2. A loss gives every item that has fed its tag one BadNoCommunication sample, on the source's time
///    axis and after the newest sample. Items that are marked already get none: once per outage. An
///    item that has never had a value has nothing to lose: what its tag holds came from elsewhere.
/// 3. Silence is judged per item, by the time of the last reading or confirmation.
class ItemTable {
 public:
  /// Status codes of the standard that items are given here.
  static constexpr Quality kNotSupported{0x803D0000};

  explicit ItemTable(std::size_t items) : states_(items) {}

  std::size_t size() const { return states_.size(); }
  std::size_t resumed() const { return resumed_; }

  /// The type of the tag, once the tag exists. Until then there is nothing to mark.
  void set_type(std::size_t item, ValueType type) { states_[item].type = type; }
  std::optional<ValueType> type(std::size_t item) const { return states_[item].type; }
  /// The tag may hold values of this item from before this program was started.
  void set_fed(std::size_t item) { states_[item].fed = true; }

  /// A session is up. `now` monotonic; `server_now` on the source's time axis.
  void connected(DurationNs now, TimeNs server_now);

  /// A reading arrived. One that proves nothing (the node is gone) gives one sample and takes the
  /// item's proof away. `receipt`: wall time, used where the server gives no time; `server_now`: the
  /// same moment on the source's axis. Appends the samples that follow.
  void arrived(std::size_t item, const ItemReading& reading, DurationNs now, TimeNs receipt,
               TimeNs server_now, Rows& rows);

  /// The server says why it does not serve the item. Marks the loss if it is the first news of it.
  void failed(std::size_t item, Quality status, DurationNs now, TimeNs server_now, Rows& marks);

  /// The connection is lost, or could not be made.
  void lost(TimeNs server_now, Rows& marks);

  /// Items without reading, confirmation or question for at least `silence`. They count as asked now.
  std::vector<std::uint32_t> silent(DurationNs now, DurationNs silence);
  /// Items that have not resumed since the connect. They count as asked now.
  std::vector<std::uint32_t> unproven(DurationNs now);
  bool is_proven(std::size_t item) const { return states_[item].resumed; }
  /// A check found nothing new.
  void confirmed(std::size_t item, DurationNs now) { states_[item].heard = now; }
  /// The value that a check found is the one we have.
  bool is_known(std::size_t item, const ItemReading& reading) const;

  ItemStatus status(std::size_t item, const std::string& path) const;

 private:
  struct State {
    std::optional<ValueType> type;
    std::optional<Value> value;  ///< newest received
    Quality quality = kBadWaitingForInitialData;
    Quality status = kBadWaitingForInitialData;  ///< what items() shows
    TimeNs newest = kTimeMin;  ///< greatest sample time given out, marks included, without
                               ///< times so far ahead that the door refuses them
    TimeNs last_value = 0;
    DurationNs heard = 0;  ///< monotonic: last reading, confirmation or question
    bool resumed = false;
    bool fed = false;     ///< the tag has had a value of this item
    bool marked = false;  ///< the newest sample says that communication is lost
  };

  /// The last value, or 0, false or empty of the tag's type.
  static Value last_value(const State& state);
  void set_resumed(State& state, bool resumed);
  void note_time(State& state, TimeNs time, TimeNs server_now);
  void mark(std::size_t item, TimeNs server_now, Rows& marks);

  std::vector<State> states_;
  std::size_t resumed_ = 0;
  TimeNs connected_at_ = kTimeMin;
};

}  // namespace tundish::connect
