#include "sim/oracle.h"

#include <fmt/format.h>

#include <algorithm>

namespace tundish::sim {
namespace {

std::string text_of(const Value& value) {
  if (const auto* number = std::get_if<double>(&value))
    return fmt::format("double {:#018x}", bits_of(*number));
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return fmt::format("int64 {}", *number);
  if (const auto* flag = std::get_if<bool>(&value)) return fmt::format("bool {}", *flag);
  return fmt::format("string of {} bytes", std::get<std::string>(value).size());
}
std::string text_of(const Sample& sample) {
  return fmt::format("[{} {} {:#x}]", sample.time, text_of(sample.value), sample.quality.code);
}
std::string text_of(TagId tag) {
  return fmt::format("tag {}.{}", tag.enterprise.value(), tag.number);
}

/// The first difference, or nothing.
std::string compare_samples(TagId tag, const std::vector<Sample>& expected,
                            const std::vector<Sample>& seen) {
  for (std::size_t i = 0; i < std::max(expected.size(), seen.size()); ++i) {
    if (i < expected.size() && i < seen.size() && same_bits(expected[i], seen[i])) continue;
    return fmt::format("{}: sample {} should be {}, is {} ({} expected, {} seen)", text_of(tag), i,
                       i < expected.size() ? text_of(expected[i]) : "absent",
                       i < seen.size() ? text_of(seen[i]) : "absent", expected.size(), seen.size());
  }
  return {};
}

}  // namespace

bool Oracle::TagState::erased(TimeNs time, const Version& version) const {
  return std::any_of(tombstones.begin(), tombstones.end(), [&](const Tombstone& tombstone) {
    return tombstone.range.from <= time && time < tombstone.range.to && version < tombstone.version;
  });
}

std::vector<Sample> Oracle::samples(TagId tag) const {
  std::vector<Sample> visible;
  const auto state = state_.find(tag);
  if (state == state_.end()) return visible;
  for (const auto& [time, written] : state->second.greatest) {
    if (time < kept_from(tag)) continue;
    if (!state->second.erased(time, written.version)) visible.push_back(written.sample);
  }
  return visible;
}

TimeNs Oracle::kept_from(TagId tag) const {
  const auto state = state_.find(tag);
  if (state == state_.end()) return kTimeMin;
  const auto horizon = horizons_.find({tag.enterprise, state->second.keep});
  return horizon == horizons_.end() ? state->second.lost
                                    : std::max(state->second.lost, horizon->second);
}

// --- acknowledged -----------------------------------------------------------------------------------

std::string Oracle::check_position(Position position) {
  if (position <= last_position_)
    return fmt::format("position {} was acknowledged after {}", position.value(),
                       last_position_.value());
  last_position_ = position;
  return {};
}

std::string Oracle::acknowledge(const Append& operation, const SampleSink::Appended& answer) {
  forget_doubts();
  Stream* const stream = find_stream(operation.batch.enterprise, operation.batch.number);
  const bool stored = stream != nullptr && stream->stored.contains(operation.batch.number.sequence);
  const bool perhaps =
      perhaps_stored_.erase({operation.batch.enterprise, operation.batch.number}) > 0;
  if (!stored && answer.repeated && perhaps) {
    store_number(*stream, operation.batch.number.sequence);
    return {};
  }
  if (stored != answer.repeated)
    return fmt::format(
        "batch {} of source {} stream {} epoch {} was {} stored before, the answer says otherwise",
        operation.batch.number.sequence, operation.batch.number.source,
        operation.batch.number.stream, operation.batch.number.epoch, stored ? "" : "not");
  if (stored) return {};
  auto wrong = check_position(answer.position);
  if (wrong.empty()) apply(operation, answer.position);
  return wrong;
}

std::string Oracle::acknowledge(const MakeTags& operation, const std::vector<TagId>& answer) {
  forget_doubts();
  if (answer.size() != operation.tags.size()) return "make_tags gave another count of ids";
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const TagId tag = answer[i];
    if (tag.enterprise != operation.enterprise || tag.number == 0)
      return "make_tags gave an id of another enterprise";
    if (!state_
             .emplace(tag,
                      TagState{.type = operation.tags[i].type, .greatest = {}, .tombstones = {}})
             .second)
      return fmt::format("{} was given out a second time", text_of(tag));
    tags_.push_back(tag);
  }
  return {};
}

std::string Oracle::acknowledge(const Retype& operation) {
  forget_doubts();
  apply(operation);
  return {};
}

std::string Oracle::acknowledge(const OpenStream& operation, const StreamState& answer) {
  forget_doubts();
  if (answer.next_sequence != 1 || answer.epoch == 0) return "a new epoch does not start at 1";
  for (const Stream& known : streams_) {
    if (known.enterprise != operation.enterprise) continue;
    const bool same_source = known.source == operation.source;
    if (same_source != (known.state.source == answer.source))
      return "a source's number is not its own";
    if (!same_source) continue;
    const bool same_stream = known.stream == operation.stream;
    if (same_stream != (known.state.stream == answer.stream))
      return "a stream's number is not its own";
    if (same_stream && known.state.epoch >= answer.epoch)
      return fmt::format("epoch {} was opened after epoch {}", answer.epoch, known.state.epoch);
  }
  streams_.push_back({operation.enterprise, operation.source, operation.stream, answer, {}});
  return {};
}

std::string Oracle::acknowledge(const Erase& operation, Position answer) {
  forget_doubts();
  auto wrong = check_position(answer);
  if (wrong.empty()) apply(operation, answer);
  return wrong;
}

std::string Oracle::acknowledge(const KeepTags& operation) {
  forget_doubts();
  apply(operation);
  return {};
}

std::string Oracle::acknowledge(const AdvanceHorizon& operation) {
  forget_doubts();
  apply(operation);
  return {};
}

// --- applied ----------------------------------------------------------------------------------------

void Oracle::apply(const Append& operation, Position position) {
  const SampleBatch& batch = operation.batch;
  if (Stream* const stream = find_stream(batch.enterprise, batch.number)) {
    if (stream->stored.contains(batch.number.sequence)) return;
    store_number(*stream, batch.number.sequence);
  }
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const TagId tag{batch.enterprise, batch.tags[row]};
    TagState& state = state_[tag];
    const Sample sample = batch.rows.at(row);
    const Version version = batch.version(row);
    const auto [entry, added] = state.greatest.try_emplace(sample.time, Written{sample, version});
    if (!added && !(entry->second.version < version)) continue;
    entry->second = {sample, version};
    touched_.push_back({position, tag, sample.time, sample.time});
  }
  if (operation.commit) commits_[operation.commit->consumer] = operation.commit->position;
}

void Oracle::apply(const Retype& operation) { state_[operation.tag].type = operation.type; }

void Oracle::apply(const Erase& operation, Position position) {
  for (const Tombstone& tombstone : operation.tombstones) {
    TagState& state = state_[tombstone.tag];
    for (const auto& [time, written] : state.greatest) {
      const bool covered = tombstone.range.from <= time && time < tombstone.range.to &&
                           written.version < tombstone.version;
      if (covered && !state.erased(time, written.version))
        touched_.push_back({position, tombstone.tag, time, time});
    }
    state.tombstones.push_back(tombstone);
  }
}

void Oracle::apply(const KeepTags& operation) {
  for (const TagId tag : operation.tags) {
    const TimeNs lost = kept_from(tag);
    state_[tag].lost = lost;
    state_[tag].keep = operation.keep;
  }
}

void Oracle::apply(const AdvanceHorizon& operation) {
  TimeNs& horizon =
      horizons_.try_emplace({operation.enterprise, operation.keep}, kTimeMin).first->second;
  horizon = std::max(horizon, operation.horizon);
}

void Oracle::apply_unanswered(const Operation& operation) {
  // Its position is not known, only that it comes after every acknowledged one.
  const Position position(last_position_.value() + 1);
  if (const auto* append = std::get_if<Append>(&operation)) apply(*append, position);
  if (const auto* retype = std::get_if<Retype>(&operation)) apply(*retype);
  if (const auto* erase = std::get_if<Erase>(&operation)) apply(*erase, position);
  if (const auto* keep = std::get_if<KeepTags>(&operation)) apply(*keep);
  if (const auto* advance = std::get_if<AdvanceHorizon>(&operation)) apply(*advance);
  // Tags and epochs whose numbers nobody was told cannot be seen.
}

void Oracle::store_number(Stream& stream, std::uint64_t sequence) {
  stream.stored.insert(sequence);
  while (stream.stored.contains(stream.state.next_sequence)) ++stream.state.next_sequence;
}

Oracle::Stream* Oracle::find_stream(EnterpriseId enterprise, const BatchNumber& number) {
  for (Stream& stream : streams_) {
    if (stream.enterprise == enterprise && stream.state.source == number.source &&
        stream.state.stream == number.stream && stream.state.epoch == number.epoch)
      return &stream;
  }
  return nullptr;
}

// --- compared ---------------------------------------------------------------------------------------

/// Whether a stream may go on at `next`: all before it were acknowledged, or sent without an answer and perhaps stored.
/// Such a one shows only once the hole before it is filled.
bool Oracle::explains(const Stream& stream, std::uint64_t next) const {
  std::uint64_t at = stream.state.next_sequence;
  while (at < next &&
         (stream.stored.contains(at) || perhaps_stored_.contains(number_of(stream, at))))
    ++at;
  return at == next;
}

/// The numbers that are known to be stored since the stream has gone past them.
void Oracle::learn(const Observed& observed) {
  for (Stream& stream : streams_) {
    const auto seen = observed.streams.find(
        {stream.enterprise.value(), stream.source, stream.stream, stream.state.epoch});
    if (seen == observed.streams.end()) continue;
    while (stream.state.next_sequence < seen->second.next_sequence) {
      perhaps_stored_.erase(number_of(stream, stream.state.next_sequence));
      store_number(stream, stream.state.next_sequence);
    }
  }
}

std::pair<EnterpriseId, BatchNumber> Oracle::number_of(const Stream& stream,
                                                       std::uint64_t sequence) {
  return {stream.enterprise,
          {stream.state.source, stream.state.stream, stream.state.epoch, sequence}};
}

std::string Oracle::compare(const Observed& observed) const {
  for (const auto& [tag, state] : state_) {
    const auto seen = observed.samples.find(tag);
    auto wrong = compare_samples(
        tag, samples(tag), seen == observed.samples.end() ? std::vector<Sample>{} : seen->second);
    if (!wrong.empty()) return wrong;
    const auto type = observed.types.find(tag);
    if (type == observed.types.end() || type->second != state.type)
      return fmt::format("{} has lost its type", text_of(tag));
  }
  for (const auto& [tag, seen] : observed.samples) {
    if (!state_.contains(tag) && !seen.empty())
      return fmt::format("{} has samples although nobody sent any", text_of(tag));
  }
  for (const Stream& stream : streams_) {
    const auto seen = observed.streams.find(
        {stream.enterprise.value(), stream.source, stream.stream, stream.state.epoch});
    const auto name =
        fmt::format("stream {}/{} epoch {}", stream.source, stream.stream, stream.state.epoch);
    if (seen == observed.streams.end()) return name + " is gone";
    if (!explains(stream, seen->second.next_sequence))
      return fmt::format("{} should go on at {}, goes on at {}", name, stream.state.next_sequence,
                         seen->second.next_sequence);
    if (seen->second.source != stream.state.source || seen->second.stream != stream.state.stream)
      return name + " has other numbers";
  }
  if (commits_ != observed.commits) return "a consumer's position in the feed is another";
  return {};
}

std::string Oracle::settle(const Observed& observed) {
  // At most the last few calls of a dying process; one of the 2^n combinations must fit.
  constexpr std::size_t kDoubtsMax = 6;
  if (doubtful_.size() > kDoubtsMax) return "more failed calls in a row than can be told apart";
  std::string wrong;
  for (std::uint32_t chosen = 0; chosen < (1u << doubtful_.size()); ++chosen) {
    Oracle alternative = *this;
    alternative.forget_doubts();
    for (std::size_t i = 0; i < doubtful_.size(); ++i) {
      if ((chosen >> i & 1) != 0) {
        alternative.apply_unanswered(doubtful_[i]);
      } else if (const auto* append = std::get_if<Append>(&doubtful_[i])) {
        alternative.perhaps_stored_.emplace(append->batch.enterprise, append->batch.number);
      }
    }
    auto difference = alternative.compare(observed);
    if (difference.empty()) {
      *this = std::move(alternative);
      learn(observed);
      return {};
    }
    if (wrong.empty()) wrong = std::move(difference);
  }
  return wrong;
}

}  // namespace tundish::sim
