#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "model/ids.h"
#include "model/ports/sample_sink.h"
#include "model/sample.h"
#include "model/sample_batch.h"

namespace tundish::sim {

// What a caller can ask of SampleSink.
struct Append {
  SampleBatch batch;
  std::optional<FeedCommit> commit;
};
struct MakeTags {
  EnterpriseId enterprise;
  std::vector<NewTagId> tags;
};
struct Retype {
  TagId tag;
  ValueType type;
};
struct OpenStream {
  EnterpriseId enterprise;
  std::string source, stream;
};
struct Erase {
  std::vector<Tombstone> tombstones;
};
struct KeepTags {
  EnterpriseId enterprise;
  KeepDays keep;
  std::vector<TagId> tags;
};
struct AdvanceHorizon {
  EnterpriseId enterprise;
  KeepDays keep;
  TimeNs horizon;
};
using Operation =
    std::variant<Append, MakeTags, Retype, OpenStream, Erase, KeepTags, AdvanceHorizon>;

/// All that a reader can see of a historian.
struct Observed {
  std::map<TagId, std::vector<Sample>> samples;  ///< ascending; tags without any absent
  std::map<TagId, ValueType> types;
  std::map<std::string, Position> commits;  ///< by consumer
  std::map<std::tuple<std::uint32_t, std::string, std::string, std::uint32_t>, StreamState>
      streams;  ///< by enterprise, source, stream, epoch
};

/// A sample of `tag` at a time from `from` through `to` became another, came or went with a record
/// at `position`.
struct Touched {
  Position position;
  TagId tag;
  TimeNs from, to;
};

/// What must be there, kept in the plainest way: the greatest version of each (tag, time), and the
/// tombstones. It shares no code with the historian. Copies are cheap enough to try alternatives.
class Oracle {
 public:
  // An acknowledged operation with its answer. Each returns a sentence when the answer is wrong.
  std::string acknowledge(const Append& operation, const SampleSink::Appended& answer);
  std::string acknowledge(const MakeTags& operation, const std::vector<TagId>& answer);
  std::string acknowledge(const Retype& operation);
  std::string acknowledge(const OpenStream& operation, const StreamState& answer);
  std::string acknowledge(const Erase& operation, Position answer);
  std::string acknowledge(const KeepTags& operation);
  std::string acknowledge(const AdvanceHorizon& operation);

  /// An operation whose call failed, so that it happened whole or not at all. Settled by the next
  /// acknowledgement of the same process (it did not happen) or by settle().
  void doubt(Operation operation) { doubtful_.push_back(std::move(operation)); }
  const std::vector<Operation>& doubts() const { return doubtful_; }
  void forget_doubts() { doubtful_.clear(); }

  /// Decides what happened to the doubtful operations from what is there now. A sentence when no
  /// combination explains it. An operation that changed nothing visible stays undecided: a batch
  /// may be answered as repeated later, and an erasure has to be asked for again.
  std::string settle(const Observed& observed);

  /// Empty when `observed` is exactly what must be there.
  std::string compare(const Observed& observed) const;
  std::vector<Sample> samples(TagId tag) const;
  /// What is before it is gone by retention.
  TimeNs kept_from(TagId tag) const;

  const std::vector<TagId>& tags() const { return tags_; }
  ValueType type_of(TagId tag) const { return state_.at(tag).type; }
  struct Stream {
    EnterpriseId enterprise;
    std::string source, stream;
    StreamState state;  ///< next_sequence is kept true
    std::set<std::uint64_t> stored;
  };
  const std::vector<Stream>& streams() const { return streams_; }
  const std::vector<Touched>& touched() const { return touched_; }
  const std::map<std::string, Position>& commits() const { return commits_; }
  Position last_position() const { return last_position_; }

 private:
  struct Written {
    Sample sample;
    Version version;
  };
  struct TagState {
    ValueType type = ValueType::kDouble;
    std::map<TimeNs, Written> greatest;
    std::vector<Tombstone> tombstones;
    KeepDays keep = kKeptForEver;
    TimeNs lost = kTimeMin;  ///< to classes before this one
    bool erased(TimeNs time, const Version& version) const;
  };

  void apply(const Append& operation, Position position);
  void apply(const Retype& operation);
  void apply(const Erase& operation, Position position);
  void apply(const KeepTags& operation);
  void apply(const AdvanceHorizon& operation);
  /// As far as an operation can be seen whose answer never came.
  void apply_unanswered(const Operation& operation);
  std::string check_position(Position position);
  Stream* find_stream(EnterpriseId enterprise, const BatchNumber& number);
  static void store_number(Stream& stream, std::uint64_t sequence);
  static std::pair<EnterpriseId, BatchNumber> number_of(const Stream& stream,
                                                        std::uint64_t sequence);
  bool explains(const Stream& stream, std::uint64_t next) const;
  void learn(const Observed& observed);

  std::map<TagId, TagState> state_;
  std::map<std::pair<EnterpriseId, KeepDays>, TimeNs> horizons_;
  std::vector<TagId> tags_;
  std::vector<Stream> streams_;
  std::map<std::string, Position> commits_;
  std::vector<Touched> touched_;
  std::vector<Operation> doubtful_;
  std::set<std::pair<EnterpriseId, BatchNumber>> perhaps_stored_;
  Position last_position_;
};

}  // namespace tundish::sim
