#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/journal_record.h"
#include "historian/retention_table.h"
#include "model/ids.h"
#include "model/ports/sample_sink.h"

namespace tundish::historian {

/// Which batch numbers of one epoch are stored: all below `next_sequence()`, and some beyond.
class ReceivedSequences {
 public:
  /// A sender that leaves more holes than this is refused.
  static constexpr std::size_t kHolesMax = 65'536;

  bool contains(std::uint64_t sequence) const;
  /// False when the number would make one hole too many.
  bool can_insert(std::uint64_t sequence) const;
  void insert(std::uint64_t sequence);
  std::uint64_t next_sequence() const { return next_; }
  std::size_t holes() const { return beyond_.size(); }

  void encode(ByteWriter& out) const;
  static ReceivedSequences decode(ByteReader& in);
  bool operator==(const ReceivedSequences&) const = default;

 private:
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::uint64_t> beyond_;  ///< first -> last of each run above next_
};

/// The newest epochs of a stream that are kept. A batch of an older one is refused like one of an
/// epoch that nobody opened: whether it is a repeat is no longer known.
inline constexpr std::size_t kEpochsKept = 16;
/// Holes in the numbering of all streams of one enterprise.
inline constexpr std::uint64_t kEnterpriseHolesMax = 1'000'000;
/// Retypes of a tag that are remembered, the newest.
inline constexpr std::size_t kEarlierTypesKept = 64;

struct RegisteredTag {
  ValueType type = ValueType::kDouble;
  std::string path;
  /// Types that it had before, each with the position of the record that ended it; the newest
  /// kEarlierTypesKept.
  std::vector<std::pair<Position, ValueType>> earlier_types;
  bool operator==(const RegisteredTag&) const = default;
};

/// What the journal has handed out and received, apart from samples: tags and their types, numbers
/// of sources and streams, batch numbers stored, consumers' places in the feed. A pure fold over
/// records: equal records give an equal registry. No locks: the historian guards it.
class Registry {
 public:
  void apply(const Record& record, Position position);

  const RegisteredTag* find_tag(TagId tag) const;
  std::uint32_t next_tag_number(EnterpriseId enterprise) const;

  /// The record that opens the next epoch of a stream.
  StreamOpenedRecord next_epoch(EnterpriseId enterprise, const std::string& source,
                                const std::string& stream) const;
  /// @param epoch 0: the newest
  std::optional<StreamState> find_stream(EnterpriseId enterprise, const std::string& source,
                                         const std::string& stream, std::uint32_t epoch) const;
  /// Empty when there is no source of that number.
  std::string source_name(EnterpriseId enterprise, std::uint32_t number) const;
  /// Streams of all sources.
  std::size_t stream_count(EnterpriseId enterprise) const;
  /// Nothing when nobody opened that epoch, or it is older than the newest kEpochsKept.
  const ReceivedSequences* find_epoch(EnterpriseId enterprise, const BatchNumber& number) const;
  /// Holes in the numbering of all streams.
  std::uint64_t holes(EnterpriseId enterprise) const;

  const RetentionTable& retention() const { return retention_; }

  std::optional<Position> committed(const std::string& consumer) const;

  /// Changes with every record that made or retyped a tag.
  std::uint64_t tags_revision() const { return tags_revision_; }

  void encode(ByteWriter& out) const;
  /// From bytes that nobody vouches for: `in.ok()` tells. `version` is the manifest's.
  static Registry decode(ByteReader& in, std::uint32_t version);

 private:
  struct Stream {
    std::string name;
    std::uint32_t dropped = 0;              ///< epochs 1 to this one are kept no more
    std::vector<ReceivedSequences> epochs;  ///< from `dropped` + 1 on

    std::uint32_t newest() const { return dropped + static_cast<std::uint32_t>(epochs.size()); }
  };
  struct Source {
    std::string name;
    std::vector<Stream> streams;  ///< number 1 first
    std::unordered_map<std::string, std::uint32_t> stream_numbers;
  };
  struct Enterprise {
    std::vector<RegisteredTag> tags;  ///< number 1 first
    std::vector<Source> sources;      ///< number 1 first
    std::unordered_map<std::string, std::uint32_t> source_numbers;
    std::uint64_t holes = 0;  ///< of all epochs that are kept
  };

  void apply_one(const BatchRecord& record, Position position);
  void apply_one(const TagsMadeRecord& record, Position position);
  void apply_one(const TagRetypedRecord& record, Position position);
  void apply_one(const StreamOpenedRecord& record, Position position);
  void apply_one(const TombstonesRecord&, Position) {}
  void apply_one(const TagsKeptRecord& record, Position position);
  void apply_one(const HorizonRecord& record, Position position);
  void cover(const SampleBatch& batch);
  const Enterprise* find(EnterpriseId enterprise) const;
  static void open_through(Enterprise& enterprise, Stream& stream, std::uint32_t epoch);
  Source& source(Enterprise& enterprise, std::uint32_t number, const std::string& name);
  Stream& stream(Source& source, std::uint32_t number, const std::string& name);

  std::map<std::uint32_t, Enterprise> enterprises_;
  std::map<std::string, Position> commits_;
  std::uint64_t tags_revision_ = 0;
  RetentionTable retention_;
};

}  // namespace tundish::historian
