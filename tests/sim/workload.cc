#include "sim/workload.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tundish::sim {
namespace {

constexpr std::size_t kRowsMax = 40;
constexpr std::size_t kSentKept = 24;
constexpr std::uint32_t kEnterprises = 2;
constexpr DurationNs kStep = kSecond;
constexpr std::uint64_t kSteps = 400;  ///< few distinct times, so that versions collide

}  // namespace

Workload::Workload(io::Random& random, TimeNs start) : random_(random), start_(start) {}

Operation Workload::next(const Oracle& oracle) {
  if (oracle.tags().empty()) return make_tags();
  if (oracle.streams().empty()) return open_stream();
  const std::uint64_t dice = below(100);
  if (dice < 4) return make_tags();
  if (dice < 9) return open_stream();
  if (dice < 11) {
    const TagId tag = oracle.tags()[below(oracle.tags().size())];
    return Retype{tag, static_cast<ValueType>(below(4))};
  }
  if (dice < 18) return erase(oracle);
  if (dice < 21) return retention(oracle);
  if (dice < 31 && !sent_.empty()) return sent_[below(sent_.size())];
  return append(oracle);
}

Operation Workload::make_tags() {
  MakeTags operation{EnterpriseId(static_cast<std::uint32_t>(1 + below(kEnterprises))), {}};
  const std::uint64_t count = 1 + below(5);
  for (std::uint64_t i = 0; i < count; ++i)
    operation.tags.push_back(
        {static_cast<ValueType>(below(4)), "works/line/t" + std::to_string(i)});
  return operation;
}

Operation Workload::open_stream() {
  const auto name = [&](const char* kind, std::uint64_t count) {
    return kind + std::to_string(below(count));
  };
  return OpenStream{EnterpriseId(static_cast<std::uint32_t>(1 + below(kEnterprises))),
                    name("opcua/", 3), name("s", 2)};
}

Operation Workload::append(const Oracle& oracle) {
  // A stream and, of its enterprise, at least one tag.
  const Oracle::Stream& stream = oracle.streams()[below(oracle.streams().size())];
  std::vector<TagId> tags;
  for (const TagId tag : oracle.tags()) {
    if (tag.enterprise == stream.enterprise) tags.push_back(tag);
  }
  if (tags.empty()) return make_tags();

  Append operation;
  SampleBatch& batch = operation.batch;
  batch.enterprise = stream.enterprise;
  batch.number = {stream.state.source, stream.state.stream, stream.state.epoch,
                  stream.state.next_sequence};
  // Now and then the batches of one stream overtake each other.
  if (below(8) == 0) batch.number.sequence += 1 + below(3);
  batch.sample_class = static_cast<SampleClass>(below(3));
  constexpr std::array<std::uint8_t, 3> kPriorities = {50, Version::kPriorityDefault, 200};
  batch.priority = kPriorities[below(kPriorities.size())];
  const std::size_t rows = below(12) == 0 ? 0 : 1 + below(kRowsMax);
  const bool in_order = below(2) == 0;
  const bool holes = below(4) == 0;
  TimeNs at = time();
  std::uint32_t row_number = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const TagId tag = tags[below(std::min<std::size_t>(tags.size(), 1 + below(8)))];
    batch.tags.push_back(tag.number);
    at = in_order && at <= kTimeMax - kStep ? at + kStep : time();
    batch.rows.push_back(at, value(oracle.type_of(tag)), quality());
    row_number += holes ? 1 + static_cast<std::uint32_t>(below(3)) : 0;
    if (holes) batch.row_numbers.push_back(row_number);
  }
  if (below(10) == 0 && oracle.last_position().value() > 0)
    operation.commit = FeedCommit{below(2) == 0 ? "compute" : "alarm",
                                  Position(below(oracle.last_position().value() + 1))};
  if (sent_.size() == kSentKept) sent_.erase(sent_.begin());
  sent_.push_back(operation);
  return operation;
}

Operation Workload::erase(const Oracle& oracle) {
  Erase operation;
  const std::uint64_t count = 1 + below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const TagId tag = oracle.tags()[below(oracle.tags().size())];
    TimeRange erased = range();
    if (below(3) == 0 && erased.from < kTimeMax) erased.to = erased.from + 1;  // a point
    const Oracle::Stream& stream = oracle.streams()[below(oracle.streams().size())];
    // Somewhere among the versions that exist: some samples are covered, later ones are not.
    const Version version{static_cast<SampleClass>(below(3)),
                          static_cast<std::uint8_t>(below(256)),
                          stream.state.source,
                          stream.state.epoch,
                          below(stream.state.next_sequence + 2),
                          static_cast<std::uint32_t>(below(kRowsMax)),
                          stream.state.stream};
    operation.tombstones.push_back({tag, erased, version});
  }
  return operation;
}

/// Some tags get another class, or a class loses what is old: mostly a little of what there is.
Operation Workload::retention(const Oracle& oracle) {
  const TagId tag = oracle.tags()[below(oracle.tags().size())];
  constexpr std::array<KeepDays, 4> kClasses = {kKeptForEver, 1, 90, 4000};
  const KeepDays keep = kClasses[below(kClasses.size())];
  if (keep == kKeptForEver || below(2) == 0) {
    KeepTags operation{tag.enterprise, keep, {}};
    for (const TagId one : oracle.tags())
      if (one.enterprise == tag.enterprise && (one == tag || below(3) == 0))
        operation.tags.push_back(one);
    return operation;
  }
  const std::uint64_t step = below(8) == 0 ? below(kSteps) : below(kSteps / 20);
  return AdvanceHorizon{tag.enterprise, keep, start_ + static_cast<TimeNs>(step) * kStep};
}

TimeNs Workload::time() {
  switch (below(60)) {
    case 0: return kTimeMin + static_cast<TimeNs>(below(3));
    case 1: return kTimeMax - 1 - static_cast<TimeNs>(below(3));
    case 2: return static_cast<TimeNs>(below(3)) - 1;
    case 3: return start_ + static_cast<TimeNs>(below(1'000'000'000'000'000));
    default: return start_ + static_cast<TimeNs>(below(kSteps)) * kStep;
  }
}

TimeRange Workload::range() {
  const TimeNs a = time();
  const TimeNs b = time();
  return {std::min(a, b), std::max(a, b) + 1};
}

Quality Workload::quality() {
  constexpr std::array<Quality, 4> kQualities = {kGood, kBadNoCommunication,
                                                 kUncertainDataSubNormal, kBadOutOfRange};
  if (below(4) != 0) return kGood;
  return below(8) == 0 ? Quality{static_cast<std::uint32_t>(random_.next())}
                       : kQualities[below(kQualities.size())];
}

Value Workload::value(ValueType type) {
  switch (type) {
    case ValueType::kDouble: {
      constexpr std::array kSpecial = {0.0,
                                       -0.0,
                                       std::numeric_limits<double>::infinity(),
                                       -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN(),
                                       std::numeric_limits<double>::denorm_min(),
                                       std::numeric_limits<double>::max()};
      switch (below(8)) {
        case 0: return kSpecial[below(kSpecial.size())];
        case 1: return double_of(random_.next());  // any bits, signalling NaN included
        default: return std::round(static_cast<double>(below(100'000))) / 100.0;
      }
    }
    case ValueType::kInt64:
      return below(4) == 0 ? static_cast<std::int64_t>(random_.next())
                           : static_cast<std::int64_t>(below(1000));
    case ValueType::kBool: return below(2) == 0;
    case ValueType::kString: {
      if (below(4) != 0) return std::string(below(3) == 0 ? "läuft" : "停机");
      std::string text(below(40) == 0 ? kStringBytesMax : below(60), 'x');
      for (char& letter : text) letter = static_cast<char>('a' + below(26));
      return text;
    }
  }
  return 0.0;
}

}  // namespace tundish::sim
