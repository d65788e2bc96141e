#include "historian/registry.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace tundish::historian {
namespace {

constexpr std::uint64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kPathBytesKept = 1024;

std::uint32_t read_uint32(ByteReader& in) {
  return static_cast<std::uint32_t>(in.varint_max(kUint32Max));
}
/// A count of things of at least one byte each.
std::uint64_t read_count(ByteReader& in) { return in.varint_max(in.remaining()); }

ValueType read_type(ByteReader& in) {
  const auto type = in.fixed<std::uint8_t>();
  if (type > static_cast<std::uint8_t>(ValueType::kString)) in.set_failed();
  return in.ok() ? static_cast<ValueType>(type) : ValueType::kDouble;
}

}  // namespace

// --- received sequences ----------------------------------------------------------------------------

bool ReceivedSequences::contains(std::uint64_t sequence) const {
  if (sequence < next_) return true;
  const auto after = beyond_.upper_bound(sequence);
  return after != beyond_.begin() && std::prev(after)->second >= sequence;
}

bool ReceivedSequences::can_insert(std::uint64_t sequence) const {
  return beyond_.size() < kHolesMax || sequence == next_ || contains(sequence) ||
         contains(sequence - 1) || beyond_.contains(sequence + 1);
}

void ReceivedSequences::insert(std::uint64_t sequence) {
  if (contains(sequence)) return;
  std::uint64_t first = sequence;
  std::uint64_t last = sequence;
  auto after = beyond_.upper_bound(sequence);
  if (after != beyond_.end() && after->first == sequence + 1) {
    last = after->second;
    after = beyond_.erase(after);
  }
  if (after != beyond_.begin() && std::prev(after)->second + 1 == sequence) {
    first = std::prev(after)->first;
    beyond_.erase(std::prev(after));
  }
  if (first == next_) {
    next_ = last + 1;
  } else {
    beyond_.emplace(first, last);
  }
}

void ReceivedSequences::encode(ByteWriter& out) const {
  out.varint(next_);
  out.varint(beyond_.size());
  for (const auto& [first, last] : beyond_) {
    out.varint(first);
    out.varint(last);
  }
}

ReceivedSequences ReceivedSequences::decode(ByteReader& in) {
  ReceivedSequences received;
  received.next_ = in.varint();
  if (received.next_ == 0) in.set_failed();
  const std::uint64_t runs = read_count(in);
  std::uint64_t above = received.next_;
  for (std::uint64_t i = 0; i < runs && in.ok(); ++i) {
    const std::uint64_t first = in.varint();
    const std::uint64_t last = in.varint();
    if (first <= above || last < first) in.set_failed();
    received.beyond_.emplace(first, last);
    above = std::max(last, last + 1);  // the greatest number there is may be among them
  }
  return received;
}

// --- applying --------------------------------------------------------------------------------------

void Registry::apply(const Record& record, Position position) {
  std::visit([&](const auto& body) { apply_one(body, position); }, record);
}

void Registry::apply_one(const BatchRecord& record, Position) {
  const SampleBatch& batch = record.batch;
  if (batch.number.source != 0) {
    cover(batch);
    Enterprise& enterprise = enterprises_[batch.enterprise.value()];
    auto& stream = enterprise.sources[batch.number.source - 1].streams[batch.number.stream - 1];
    if (batch.number.epoch > stream.dropped) {
      ReceivedSequences& received = stream.epochs[batch.number.epoch - stream.dropped - 1];
      enterprise.holes -= received.holes();
      received.insert(batch.number.sequence);
      enterprise.holes += received.holes();
    }
  }
  if (record.commit) commits_[record.commit->consumer] = record.commit->position;
}

/// A batch names only what earlier records made. Should such a record have been lost to corruption,
/// its numbers must not be handed out a second time.
void Registry::cover(const SampleBatch& batch) {
  Enterprise& enterprise = enterprises_[batch.enterprise.value()];
  if (enterprise.sources.size() < batch.number.source)
    enterprise.sources.resize(batch.number.source);
  auto& streams = enterprise.sources[batch.number.source - 1].streams;
  if (streams.size() < batch.number.stream) streams.resize(batch.number.stream);
  open_through(enterprise, streams[batch.number.stream - 1], batch.number.epoch);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    if (batch.tags[row] <= enterprise.tags.size()) continue;
    enterprise.tags.resize(batch.tags[row]);
    enterprise.tags.back().type = batch.rows.types[row];
    ++tags_revision_;
  }
}

void Registry::apply_one(const TagsMadeRecord& record, Position) {
  auto& tags = enterprises_[record.enterprise.value()].tags;
  const std::size_t end = record.first_number - 1 + record.tags.size();
  if (tags.size() < end) tags.resize(end);
  for (std::size_t i = 0; i < record.tags.size(); ++i) {
    RegisteredTag made;
    made.type = record.tags[i].type;
    made.path = record.tags[i].path;
    tags[record.first_number - 1 + i] = std::move(made);
  }
  ++tags_revision_;
}

void Registry::apply_one(const TagRetypedRecord& record, Position position) {
  const auto enterprise = enterprises_.find(record.tag.enterprise.value());
  if (enterprise == enterprises_.end() || record.tag.number == 0 ||
      record.tag.number > enterprise->second.tags.size())
    return;
  RegisteredTag& tag = enterprise->second.tags[record.tag.number - 1];
  tag.earlier_types.emplace_back(position, tag.type);
  if (tag.earlier_types.size() > kEarlierTypesKept)
    tag.earlier_types.erase(tag.earlier_types.begin());
  tag.type = record.type;
  ++tags_revision_;
}

void Registry::apply_one(const StreamOpenedRecord& record, Position) {
  Enterprise& enterprise = enterprises_[record.enterprise.value()];
  Stream& opened = stream(source(enterprise, record.source, record.source_name), record.stream,
                          record.stream_name);
  open_through(enterprise, opened, record.epoch);
}

void Registry::apply_one(const TagsKeptRecord& record, Position) {
  const std::uint32_t next = next_tag_number(record.enterprise);
  std::vector<std::uint32_t> known;
  std::ranges::copy_if(record.tags, std::back_inserter(known),
                       [&](std::uint32_t number) { return number < next; });
  retention_.keep(record.enterprise, record.keep, known);
}

void Registry::apply_one(const HorizonRecord& record, Position) {
  retention_.advance(record.enterprise, record.keep, record.horizon);
}

/// Opens the epochs up to this one, and lets go of those that are too old to be kept.
void Registry::open_through(Enterprise& enterprise, Stream& stream, std::uint32_t epoch) {
  while (stream.newest() < epoch) {
    if (stream.epochs.empty() && epoch - stream.dropped > kEpochsKept) {
      stream.dropped = epoch - static_cast<std::uint32_t>(kEpochsKept);  // not one by one
      continue;
    }
    stream.epochs.emplace_back();
    if (stream.epochs.size() <= kEpochsKept) continue;
    enterprise.holes -= stream.epochs.front().holes();
    stream.epochs.erase(stream.epochs.begin());
    ++stream.dropped;
  }
}

Registry::Source& Registry::source(Enterprise& enterprise, std::uint32_t number,
                                   const std::string& name) {
  if (enterprise.sources.size() < number) enterprise.sources.resize(number);
  Source& found = enterprise.sources[number - 1];
  found.name = name;
  enterprise.source_numbers[name] = number;
  return found;
}

Registry::Stream& Registry::stream(Source& source, std::uint32_t number, const std::string& name) {
  if (source.streams.size() < number) source.streams.resize(number);
  Stream& found = source.streams[number - 1];
  found.name = name;
  source.stream_numbers[name] = number;
  return found;
}

// --- asking ----------------------------------------------------------------------------------------

const RegisteredTag* Registry::find_tag(TagId tag) const {
  const auto enterprise = enterprises_.find(tag.enterprise.value());
  if (enterprise == enterprises_.end() || tag.number == 0 ||
      tag.number > enterprise->second.tags.size())
    return nullptr;
  return &enterprise->second.tags[tag.number - 1];
}

std::uint32_t Registry::next_tag_number(EnterpriseId enterprise) const {
  const auto found = enterprises_.find(enterprise.value());
  return found == enterprises_.end() ? 1
                                     : static_cast<std::uint32_t>(found->second.tags.size() + 1);
}

StreamOpenedRecord Registry::next_epoch(EnterpriseId enterprise, const std::string& source,
                                        const std::string& stream) const {
  StreamOpenedRecord record{enterprise, source, stream, 1, 1, 1};
  const auto found = enterprises_.find(enterprise.value());
  if (found == enterprises_.end()) return record;
  const auto source_number = found->second.source_numbers.find(source);
  if (source_number == found->second.source_numbers.end()) {
    record.source = static_cast<std::uint32_t>(found->second.sources.size() + 1);
    return record;
  }
  record.source = source_number->second;
  const Source& known = found->second.sources[record.source - 1];
  const auto stream_number = known.stream_numbers.find(stream);
  if (stream_number == known.stream_numbers.end()) {
    record.stream = static_cast<std::uint32_t>(known.streams.size() + 1);
    return record;
  }
  record.stream = stream_number->second;
  record.epoch = known.streams[record.stream - 1].newest() + 1;
  return record;
}

std::optional<StreamState> Registry::find_stream(EnterpriseId enterprise, const std::string& source,
                                                 const std::string& stream,
                                                 std::uint32_t epoch) const {
  const StreamOpenedRecord next = next_epoch(enterprise, source, stream);
  if (epoch == 0) epoch = next.epoch - 1;
  if (epoch == 0 || epoch >= next.epoch) return std::nullopt;
  const ReceivedSequences* received = find_epoch(enterprise, {next.source, next.stream, epoch, 0});
  if (received == nullptr) return std::nullopt;
  return StreamState{next.source, next.stream, epoch, received->next_sequence()};
}

const Registry::Enterprise* Registry::find(EnterpriseId enterprise) const {
  const auto found = enterprises_.find(enterprise.value());
  return found == enterprises_.end() ? nullptr : &found->second;
}

std::string Registry::source_name(EnterpriseId enterprise, std::uint32_t number) const {
  const Enterprise* known = find(enterprise);
  if (known == nullptr || number == 0 || number > known->sources.size()) return {};
  return known->sources[number - 1].name;
}

std::size_t Registry::stream_count(EnterpriseId enterprise) const {
  std::size_t count = 0;
  if (const Enterprise* known = find(enterprise))
    for (const Source& source : known->sources) count += source.streams.size();
  return count;
}

std::uint64_t Registry::holes(EnterpriseId enterprise) const {
  const Enterprise* known = find(enterprise);
  return known == nullptr ? 0 : known->holes;
}

const ReceivedSequences* Registry::find_epoch(EnterpriseId enterprise,
                                              const BatchNumber& number) const {
  const Enterprise* known = find(enterprise);
  if (known == nullptr) return nullptr;
  const auto& sources = known->sources;
  if (number.source == 0 || number.source > sources.size()) return nullptr;
  const auto& streams = sources[number.source - 1].streams;
  if (number.stream == 0 || number.stream > streams.size()) return nullptr;
  const Stream& stream = streams[number.stream - 1];
  if (number.epoch <= stream.dropped || number.epoch > stream.newest()) return nullptr;
  return &stream.epochs[number.epoch - stream.dropped - 1];
}

std::optional<Position> Registry::committed(const std::string& consumer) const {
  const auto found = commits_.find(consumer);
  if (found == commits_.end()) return std::nullopt;
  return found->second;
}

// --- for the manifest ------------------------------------------------------------------------------

void Registry::encode(ByteWriter& out) const {
  out.varint(enterprises_.size());
  for (const auto& [id, enterprise] : enterprises_) {
    out.varint(id);
    out.varint(enterprise.tags.size());
    for (const RegisteredTag& tag : enterprise.tags) {
      out.fixed(static_cast<std::uint8_t>(tag.type));
      out.text(std::string_view(tag.path).substr(0, kPathBytesKept));
      out.varint(tag.earlier_types.size());
      for (const auto& [position, type] : tag.earlier_types) {
        out.varint(position.value());
        out.fixed(static_cast<std::uint8_t>(type));
      }
    }
    out.varint(enterprise.sources.size());
    for (const Source& source : enterprise.sources) {
      out.text(source.name);
      out.varint(source.streams.size());
      for (const Stream& stream : source.streams) {
        out.text(stream.name);
        out.varint(stream.dropped);
        out.varint(stream.epochs.size());
        for (const ReceivedSequences& received : stream.epochs) received.encode(out);
      }
    }
  }
  out.varint(commits_.size());
  for (const auto& [consumer, position] : commits_) {
    out.text(consumer);
    out.varint(position.value());
  }
  retention_.encode(out);
}

Registry Registry::decode(ByteReader& in, std::uint32_t version) {
  Registry registry;
  for (std::uint64_t left = read_count(in); left > 0 && in.ok(); --left) {
    Enterprise& enterprise = registry.enterprises_[read_uint32(in)];
    for (std::uint64_t tags = read_count(in); tags > 0 && in.ok(); --tags) {
      RegisteredTag tag;
      tag.type = read_type(in);
      tag.path = in.text(kPathBytesKept);
      for (std::uint64_t types = read_count(in); types > 0 && in.ok(); --types) {
        const Position position(in.varint());
        tag.earlier_types.emplace_back(position, read_type(in));
      }
      enterprise.tags.push_back(std::move(tag));
    }
    for (std::uint64_t sources = read_count(in); sources > 0 && in.ok(); --sources) {
      const std::string source_name(in.text(kNameBytesMax));
      const auto source_number = static_cast<std::uint32_t>(enterprise.sources.size() + 1);
      Source& source = registry.source(enterprise, source_number, source_name);
      for (std::uint64_t streams = read_count(in); streams > 0 && in.ok(); --streams) {
        const std::string stream_name(in.text(kNameBytesMax));
        const auto stream_number = static_cast<std::uint32_t>(source.streams.size() + 1);
        Stream& stream = registry.stream(source, stream_number, stream_name);
        if (version >= 2) stream.dropped = read_uint32(in);
        for (std::uint64_t epochs = read_count(in); epochs > 0 && in.ok(); --epochs) {
          if (stream.newest() == kUint32Max) in.set_failed();
          if (in.ok()) open_through(enterprise, stream, stream.newest() + 1);
          if (in.ok()) stream.epochs.back() = ReceivedSequences::decode(in);
          enterprise.holes += stream.epochs.empty() ? 0 : stream.epochs.back().holes();
        }
      }
    }
  }
  for (std::uint64_t commits = read_count(in); commits > 0 && in.ok(); --commits) {
    const std::string consumer(in.text(kNameBytesMax));
    registry.commits_[consumer] = Position(in.varint());
  }
  if (version >= 3 && in.ok()) registry.retention_ = RetentionTable::decode(in);
  return registry;
}

}  // namespace tundish::historian
