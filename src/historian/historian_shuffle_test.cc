// The same samples in any order, in any batches, with repeats, with flushes, compactions and reopens
// between: every scan gives the same bytes, and what a simple model gives.

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "aggregate/exact_sum.h"
#include "historian/historian_testing.h"
#include "io/random.h"

namespace tundish::historian {
namespace {

using testing::Folder;
using testing::kEnterprise;
using testing::Node;
using testing::Rows;
using testing::small_options;

constexpr std::size_t kTags = 3;
constexpr std::size_t kBatches = 60;

struct Model {
  std::vector<SampleBatch> batches;  ///< of streams 1 and 2 of source 1, epochs 1 and 2
  std::vector<Tombstone> tombstones;
};

ValueType type_of_tag(std::uint32_t tag) {
  return tag == 1 ? ValueType::kDouble : tag == 2 ? ValueType::kString : ValueType::kInt64;
}

Value random_value(io::Random& random, std::uint32_t tag) {
  switch (type_of_tag(tag)) {
    case ValueType::kDouble: return static_cast<double>(random.below(100)) / 8;
    case ValueType::kString: return std::string(random.below(5), 'a');
    default: return static_cast<std::int64_t>(random.below(1000));
  }
}

Model random_model(io::Random& random) {
  Model model;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> next;
  for (std::size_t i = 0; i < kBatches; ++i) {
    SampleBatch batch;
    batch.enterprise = kEnterprise;
    const auto stream = static_cast<std::uint32_t>(1 + random.below(2));
    const auto epoch = static_cast<std::uint32_t>(1 + random.below(2));
    batch.number = {1, stream, epoch, ++next[{stream, epoch}]};
    batch.sample_class = static_cast<SampleClass>(random.below(3));
    batch.priority = static_cast<std::uint8_t>(100 + random.below(2));
    for (std::uint64_t rows = random.below(80); rows > 0; --rows) {
      const auto tag = static_cast<std::uint32_t>(1 + random.below(kTags));
      batch.tags.push_back(tag);
      batch.rows.push_back(static_cast<TimeNs>(random.below(300)), random_value(random, tag),
                           random.one_in(5) ? kBadNoCommunication : kGood);
    }
    // Some senders number two rows alike: still the same whatever comes first.
    if (random.one_in(4)) {
      for (std::size_t row = 0; row < batch.size(); ++row)
        batch.row_numbers.push_back(static_cast<std::uint32_t>(row / 2));
    }
    model.batches.push_back(std::move(batch));
  }
  for (int i = 0; i < 6; ++i) {
    const auto from = static_cast<TimeNs>(random.below(300));
    const SampleBatch& some = model.batches[random.below(kBatches)];
    Version version = some.version(0);
    model.tombstones.push_back({{kEnterprise, static_cast<std::uint32_t>(1 + random.below(kTags))},
                                {from, from + 40},
                                version});
  }
  return model;
}

/// Every sample beside every other: slow, short, and nothing like the real thing.
Rows expected_rows(const Model& model, std::uint32_t tag) {
  std::map<TimeNs, std::pair<Version, Sample>> winners;
  for (const SampleBatch& batch : model.batches) {
    for (std::size_t row = 0; row < batch.size(); ++row) {
      if (batch.tags[row] != tag) continue;
      const Sample sample = batch.rows.at(row);
      const Version version = batch.version(row);
      const auto found = winners.find(sample.time);
      if (found != winners.end()) {
        const auto rank = [](const Version& v, const Sample& s) {
          return std::tuple(v, s.quality.code, s.value);
        };
        if (rank(version, sample) < rank(found->second.first, found->second.second)) continue;
      }
      winners.insert_or_assign(sample.time, std::pair(version, sample));
    }
  }
  Rows rows;
  for (const auto& [time, winner] : winners) {
    const bool erased = std::any_of(
        model.tombstones.begin(), model.tombstones.end(), [&](const Tombstone& tombstone) {
          return tombstone.tag.number == tag && tombstone.range.from <= time &&
                 time < tombstone.range.to && winner.first < tombstone.version;
        });
    if (!erased) rows.push_back(testing::row_text(winner.second));
  }
  return rows;
}

template <class T>
void shuffle(std::vector<T>& items, io::Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

std::string text_of(const Result<std::optional<Sample>>& found) {
  return !found ? "error" : *found ? testing::row_text(**found) : "none";
}

/// What was fetched beforehand is what is found without.
void expect_prefetching_changes_nothing(Node& node, io::Random& random) {
  auto plain = node.snapshot(), fetched = node.snapshot();
  std::vector<Snapshot::Wanted> wanted;
  for (std::uint32_t tag = 1; tag <= kTags; ++tag)
    if (!random.one_in(4))
      wanted.push_back({{kEnterprise, tag}, static_cast<TimeNs>(random.below(320))});
  fetched->prefetch(wanted);
  for (int i = 0; i < 12; ++i) {
    const TagId tag{kEnterprise, static_cast<std::uint32_t>(1 + random.below(kTags))};
    const auto time = static_cast<TimeNs>(random.below(320));
    ASSERT_EQ(text_of(fetched->at_or_before(tag, time)), text_of(plain->at_or_before(tag, time)));
    ASSERT_EQ(text_of(fetched->at_or_after(tag, time)), text_of(plain->at_or_after(tag, time)));
    ASSERT_EQ(text_of(fetched->latest(tag)), text_of(plain->latest(tag)));
    const TimeRange range{time, time + static_cast<TimeNs>(random.below(100))};
    ASSERT_EQ(testing::scan_rows(*fetched, tag, range), testing::scan_rows(*plain, tag, range));
  }
}

TEST(HistorianShuffle, OrderOfArrivalDoesNotMatter) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    io::SeededRandom random(seed);
    const Model model = random_model(random);
    Options options = small_options();
    options.shards = 1 + seed % 3;
    options.blocks_before_compaction = 2 + seed % 3;
    Folder folder(options, seed);
    Node node = folder.open();
    for (std::uint32_t tag = 1; tag <= kTags; ++tag)
      ASSERT_EQ(node.make_tag(type_of_tag(tag)).number, tag);
    for (const char* stream : {"a", "b", "a", "b"}) node.open_stream("plc", stream);

    // What is to be done, in any order, some of it twice.
    std::vector<std::size_t> steps;
    for (std::size_t i = 0; i < kBatches + model.tombstones.size(); ++i) {
      steps.push_back(i);
      if (random.one_in(4)) steps.push_back(i);
    }
    shuffle(steps, random);
    for (const std::size_t step : steps) {
      if (step < kBatches) {
        ASSERT_TRUE(node.append(model.batches[step]));
      } else {
        ASSERT_TRUE(node->erase({model.tombstones[step - kBatches]}));
      }
      if (random.one_in(10)) {
        ASSERT_TRUE(node->flush());
      }
      if (random.one_in(20)) {
        ASSERT_TRUE(node->compact());
      }
      if (random.one_in(30)) node = folder.reopen(std::move(node));
      if (random.one_in(3)) expect_prefetching_changes_nothing(node, random);
    }
    for (int round = 0; round < 3; ++round) {
      for (std::uint32_t tag = 1; tag <= kTags; ++tag) {
        const Rows expected = expected_rows(model, tag);
        ASSERT_EQ(node.scan({kEnterprise, tag}), expected) << "seed " << seed << " tag " << tag;
        auto snapshot = node.snapshot();
        const auto latest = *snapshot->latest({kEnterprise, tag});
        ASSERT_EQ(latest.has_value(), !expected.empty());
        if (latest) {
          ASSERT_EQ(testing::row_text(*latest), expected.back());
        }
      }
      ASSERT_TRUE(node->flush());
      while (*node->compact()) {
      }
      node = folder.reopen(std::move(node));
    }
    EXPECT_TRUE(node->verify()->damage.empty());
  }
}

/// A tag whose samples come in long regular stretches, with some late, corrected and erased ones: what
/// blocks are read without resolving wherever that is possible, and must not be told from the rest.
class LongTag {
 public:
  LongTag(Node& node, io::Random& random)
      : node_(node),
        random_(random),
        tag_(node.make_tag(ValueType::kDouble)),
        stream_(node.open_stream("plc")) {}

  TagId tag() const { return tag_; }
  TimeNs end() const { return next_; }

  void append_stretch() {
    std::vector<TimeNs> times;
    const std::uint64_t rows = 1 + random_.below(random_.one_in(2) ? 6000 : 50);
    const bool all_good = random_.one_in(2);
    for (std::uint64_t i = 0; i < rows; ++i) times.push_back(next_ += 10);
    // Some come again or between the others.
    if (random_.one_in(3))
      for (std::uint64_t i = random_.below(20); i > 0; --i)
        times.push_back(static_cast<TimeNs>(random_.below(static_cast<std::uint64_t>(next_) + 1)));
    SampleBatch batch;
    batch.enterprise = kEnterprise;
    batch.number = {stream_.source, stream_.stream, stream_.epoch, ++sequence_};
    for (const TimeNs time : times) {
      const Sample sample{time, static_cast<double>(random_.below(10'000)) / 10,
                          !all_good && random_.one_in(500) ? kBadNoCommunication : kGood};
      batch.tags.push_back(tag_.number);
      batch.rows.push_back(time, sample.value, sample.quality);
      expected_[time] = testing::row_text(sample);
    }
    // Greater than all that was written, less than all that will be.
    last_ = batch.version(0);
    last_.row = std::numeric_limits<std::uint32_t>::max();
    ASSERT_TRUE(node_.append(std::move(batch)));
  }
  void erase_some() {
    const auto from = static_cast<TimeNs>(random_.below(static_cast<std::uint64_t>(next_) + 1));
    const TimeRange range{from, from + static_cast<TimeNs>(random_.below(3000)) + 1};
    ASSERT_TRUE(node_->erase({{tag_, range, last_}}));
    expected_.erase(expected_.lower_bound(range.from), expected_.lower_bound(range.to));
  }

  Rows rows(TimeRange range) const {
    Rows rows;
    for (auto at = expected_.lower_bound(range.from); at != expected_.end() && at->first < range.to;
         ++at)
      rows.push_back(at->second);
    return rows;
  }
  std::string before(TimeNs time) const {
    const auto after = expected_.upper_bound(time);
    return after == expected_.begin() ? "none" : std::prev(after)->second;
  }
  std::string from(TimeNs time) const {
    const auto found = expected_.lower_bound(time);
    return found == expected_.end() ? "none" : found->second;
  }

 private:
  Node& node_;
  io::Random& random_;
  const TagId tag_;
  const StreamState stream_;
  std::uint64_t sequence_ = 0;
  Version last_;
  TimeNs next_ = 0;
  std::map<TimeNs, std::string> expected_;
};

/// What a summary says is what its samples are.
void expect_summary_is_of(const SampleSummary& summary, const std::vector<Sample>& samples) {
  ASSERT_FALSE(samples.empty());
  EXPECT_EQ(summary.count, samples.size());
  EXPECT_EQ(summary.first, samples.front().time);
  EXPECT_EQ(summary.last, samples.back().time);
  aggregate::ExactSum sum, step, slope;
  std::map<double, int> values;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    ASSERT_TRUE(samples[i].quality.is_good());
    const double value = std::get<double>(samples[i].value);
    ++values[value];
    sum.add(value);
    if (i == 0) continue;
    const auto ns = static_cast<std::uint64_t>(samples[i].time - samples[i - 1].time);
    const double before = std::get<double>(samples[i - 1].value);
    step.add_product(before, ns);
    slope.add_product(before, ns);
    slope.add_product(value, ns);
  }
  EXPECT_EQ(double_of(summary.min_bits), values.begin()->first);
  EXPECT_EQ(double_of(summary.max_bits), values.rbegin()->first);
  if (summary.first_bits) {
    EXPECT_EQ(*summary.first_bits, bits_of(std::get<double>(samples.front().value)));
  }
  if (summary.last_bits) {
    EXPECT_EQ(*summary.last_bits, bits_of(std::get<double>(samples.back().value)));
  }
  if (summary.sum == nullptr) return;
  EXPECT_TRUE(*summary.sum == sum && *summary.step_integral == step &&
              *summary.slope_integral_twice == slope);
}

/// What is visited and what is taken unread is, in this order, all that a scan gives. Returns how many
/// summaries were taken.
int expect_digest_is_of(Snapshot& snapshot, TagId tag, TimeRange range, const Rows& rows,
                        io::Random& random) {
  Rows found;
  int taken = 0;
  const auto add = [&](const Columns& piece, std::vector<Sample>* samples) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
      found.push_back(testing::row_text(piece.at(i)));
      if (samples != nullptr) samples->push_back(piece.at(i));
    }
    return true;
  };
  const auto take = [&](const SampleSummary& summary) {
    if (random.one_in(3)) return false;
    std::vector<Sample> samples;
    EXPECT_TRUE(snapshot.scan(tag, {summary.first, summary.last + 1},
                              [&](const Columns& piece) { return add(piece, &samples); }));
    expect_summary_is_of(summary, samples);
    ++taken;
    return true;
  };
  EXPECT_TRUE(snapshot.scan_digest(tag, range,
                                   [&](const Columns& piece) { return add(piece, nullptr); },
                                   {take, random.one_in(2)}));
  EXPECT_EQ(found, rows);
  return taken;
}

TEST(HistorianShuffle, SlicesOfLongStretchesAreWhatWasWritten) {
  int summaries = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    io::SeededRandom random(seed);
    Folder folder(small_options(), seed);
    Node node = folder.open();
    LongTag one(node, random);
    for (int step = 0; step < 12; ++step) {
      one.append_stretch();
      if (random.one_in(6)) one.erase_some();
      if (random.one_in(3)) {
        ASSERT_TRUE(node->flush());
      }
      if (random.one_in(6)) {
        ASSERT_TRUE(node->compact());
      }
      if (!random.one_in(4)) continue;
      // One snapshot, slice after slice, while more arrives.
      const LongTag seen = one;
      const auto snapshot = node.snapshot();
      for (TimeNs at = 0; at <= seen.end();) {
        const TimeRange slice{at, at + 1 + static_cast<TimeNs>(random.below(60'000))};
        ASSERT_EQ(testing::scan_rows(*snapshot, seen.tag(), slice), seen.rows(slice))
            << "seed " << seed << " step " << step << " slice " << slice.from << " " << slice.to;
        const auto time = static_cast<TimeNs>(random.below(static_cast<std::uint64_t>(slice.to)));
        ASSERT_EQ(text_of(snapshot->at_or_before(seen.tag(), time)), seen.before(time)) << time;
        ASSERT_EQ(text_of(snapshot->at_or_after(seen.tag(), time)), seen.from(time)) << time;
        summaries += expect_digest_is_of(*snapshot, seen.tag(), slice, seen.rows(slice), random);
        if (random.one_in(8)) one.append_stretch();
        if (random.one_in(16)) {
          ASSERT_TRUE(node->flush());
        }
        at = slice.to;
      }
    }
  }
  EXPECT_GT(summaries, 10);
}

}  // namespace
}  // namespace tundish::historian
