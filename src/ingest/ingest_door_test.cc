#include "ingest/ingest_door.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <future>
#include <latch>
#include <limits>
#include <memory>
#include <thread>

#include "ingest/testing_ports.h"
#include "io/simulated_disk.h"

namespace tundish::ingest {
namespace {

const TimeNs kNow = *parse_time("2026-11-23T08:15:00Z");
const EnterpriseId kSteel{1};

class IngestDoorTest : public testing::Test {
 protected:
  Result<Receipt> send(ReceivedBatch batch) { return door().receive(origin, std::move(batch)); }
  Receipt sent(ReceivedBatch batch) {
    Result<Receipt> receipt = send(std::move(batch));
    EXPECT_TRUE(receipt.has_value()) << receipt.error().to_string();
    return receipt ? *receipt : Receipt();
  }
  static ReceivedBatch one(const std::string& path, const Value& value, TimeNs time = kNow,
                           Quality quality = kGood) {
    ReceivedBatch batch;
    batch.paths = {path};
    batch.push_back(0, time, value, quality);
    return batch;
  }
  Refusal refusal(ReceivedBatch batch) {
    const Receipt receipt = sent(std::move(batch));
    EXPECT_EQ(receipt.accepted, 0u);
    EXPECT_EQ(receipt.refused, 1u);
    return receipt.refusals.empty() ? Refusal() : receipt.refusals[0];
  }
  IngestDoor& door() {
    if (!door_) door_ = std::make_unique<IngestDoor>(catalogue, sink, clock, disk, options);
    return *door_;
  }

  MemoryCatalogue catalogue;
  MemorySink sink;
  io::SimulatedClock clock{kNow};
  io::SimulatedDisk disk{1};
  Options options;
  Origin origin{kSteel, "steel-01", "http/token-1", true, Version::kPriorityDefault};
  std::unique_ptr<IngestDoor> door_;
};

TEST_F(IngestDoorTest, KeepsWhatItIsGiven) {
  ReceivedBatch batch;
  batch.paths = {"steel-01/a", "steel-01/b"};
  batch.push_back(0, kNow, 1.5, kGood);
  batch.push_back(1, kNow + 1, std::string("高炉"), kBadNoCommunication);
  batch.push_back(0, kNow - 5, std::nan(""), kUncertain);
  batch.push_back(0, 0, -std::numeric_limits<double>::infinity(), kGood);
  const Receipt receipt = sent(std::move(batch));
  EXPECT_EQ(receipt.accepted, 4u);
  EXPECT_EQ(receipt.refused, 0u);
  EXPECT_EQ(receipt.position, Position(1));
  ASSERT_EQ(sink.batches.size(), 1u);
  const SampleBatch& stored = sink.batches[0];
  EXPECT_EQ(stored.enterprise, kSteel);
  EXPECT_EQ(stored.tags, (std::vector<std::uint32_t>{1, 2, 1, 1}));
  EXPECT_TRUE(stored.row_numbers.empty());
  EXPECT_EQ(stored.rows.value_at(1), Value("高炉"));
  EXPECT_EQ(stored.rows.qualities[1], kBadNoCommunication.code);
  EXPECT_TRUE(std::isnan(std::get<double>(stored.rows.value_at(2))));
  EXPECT_EQ(stored.sample_class, SampleClass::kMeasured);
  EXPECT_EQ(catalogue.find(kSteel, "steel-01/a")->type, ValueType::kDouble);
  EXPECT_FALSE(catalogue.find(kSteel, "steel-01/a")->step);
  EXPECT_TRUE(catalogue.find(kSteel, "steel-01/b")->step);
}

TEST_F(IngestDoorTest, MakesTagsOnlyForThoseWhoMay) {
  origin.may_create_tags = false;
  catalogue.add(kSteel, "steel-01/known", ValueType::kDouble);
  EXPECT_EQ(sent(one("steel-01/known", 1.0)).accepted, 1u);
  EXPECT_EQ(refusal(one("steel-01/unknown", 1.0)).code, ErrorCode::kNotFound);
  EXPECT_EQ(catalogue.count(kSteel), 1u);
}

TEST_F(IngestDoorTest, AnotherEnterprisesTagAnswersLikeOneThatDoesNotExist) {
  catalogue.add(EnterpriseId(2), "chem-01/secret", ValueType::kDouble);
  catalogue.add(kSteel, "chem-01/odd", ValueType::kDouble);  // even if a catalogue had it
  for (const bool may_create : {true, false}) {
    origin.may_create_tags = may_create;
    std::string existing = refusal(one("chem-01/secret", 1.0)).message;
    const std::string missing = refusal(one("chem-01/s3cret", 1.0)).message;
    existing.replace(existing.find("secret"), 6, "s3cret");
    EXPECT_EQ(existing, missing);
    EXPECT_EQ(refusal(one("chem-01/odd", 1.0)).code, ErrorCode::kNotFound);
    EXPECT_EQ(refusal(one("steel-011/x", 1.0)).code, ErrorCode::kNotFound);
    EXPECT_EQ(refusal(one("", 1.0)).code, ErrorCode::kNotFound);
  }
  origin.may_create_tags = false;
  std::string own = refusal(one("steel-01/unknown", 1.0)).message;
  std::string foreign = refusal(one("chem-01/unknown", 1.0)).message;
  EXPECT_EQ(own.substr(own.find("unknown")), foreign.substr(foreign.find("unknown")));
}

TEST_F(IngestDoorTest, SaysWhatIsWrongWithAPath) {
  for (const char* path :
       {"steel-01", "steel-01/", "steel-01//x", "steel-01/a*b", "steel-01/a\nb", "steel-01/\xFF"})
    EXPECT_EQ(refusal(one(path, 1.0)).code, ErrorCode::kInvalidArgument) << path;
  EXPECT_EQ(sent(one("steel-01/<b>\"高炉\"</b>", 1.0)).accepted, 1u);
  EXPECT_EQ(sent(one("steel-01/<b>\"高炉'<%2Fb>", 1.0)).accepted, 1u);
}

TEST_F(IngestDoorTest, ConvertsExactlyOrRefuses) {
  catalogue.add(kSteel, "steel-01/int", ValueType::kInt64);
  catalogue.add(kSteel, "steel-01/double", ValueType::kDouble);
  catalogue.add(kSteel, "steel-01/bool", ValueType::kBool);
  catalogue.add(kSteel, "steel-01/string", ValueType::kString);
  sent(one("steel-01/int", 3.0));
  sent(one("steel-01/double", std::int64_t{7}));
  sent(one("steel-01/bool", 1.0));
  ASSERT_EQ(sink.batches.size(), 3u);
  EXPECT_EQ(sink.batches[0].rows.value_at(0), Value(std::int64_t{3}));
  EXPECT_EQ(sink.batches[1].rows.value_at(0), Value(7.0));
  EXPECT_EQ(sink.batches[2].rows.value_at(0), Value(true));
  EXPECT_EQ(refusal(one("steel-01/int", 3.5)).code, ErrorCode::kTypeMismatch);
  EXPECT_EQ(refusal(one("steel-01/double", std::int64_t{9007199254740993})).code,
            ErrorCode::kTypeMismatch);
  EXPECT_EQ(refusal(one("steel-01/double", std::string("NaN"))).code, ErrorCode::kTypeMismatch);
  EXPECT_EQ(refusal(one("steel-01/string", 1.0)).code, ErrorCode::kTypeMismatch);
  EXPECT_EQ(refusal(one("steel-01/bool", 2.0)).code, ErrorCode::kTypeMismatch);
}

TEST_F(IngestDoorTest, ReadsStringsSpeltLikeNumbersAsTheTagSays) {
  catalogue.add(kSteel, "steel-01/int", ValueType::kInt64);
  catalogue.add(kSteel, "steel-01/double", ValueType::kDouble);
  catalogue.add(kSteel, "steel-01/string", ValueType::kString);
  const auto like = [&](const std::string& path, const std::string& text) {
    ReceivedBatch batch = one(path, text);
    batch.number_like = {0};
    return batch;
  };
  sent(like("steel-01/int", "9007199254740993"));
  sent(like("steel-01/double", "NaN"));
  sent(like("steel-01/string", "NaN"));
  sent(like("steel-01/new", "Infinity"));
  sent(like("steel-01/article", "4711"));
  ASSERT_EQ(sink.batches.size(), 5u);
  EXPECT_EQ(sink.batches[0].rows.value_at(0), Value(std::int64_t{9007199254740993}));
  EXPECT_TRUE(std::isnan(std::get<double>(sink.batches[1].rows.value_at(0))));
  EXPECT_EQ(sink.batches[2].rows.value_at(0), Value("NaN"));
  EXPECT_EQ(sink.batches[3].rows.value_at(0), Value(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(sink.batches[4].rows.value_at(0), Value("4711"));
  EXPECT_EQ(refusal(like("steel-01/double", "9007199254740993")).code, ErrorCode::kTypeMismatch);
}

TEST_F(IngestDoorTest, RefusesRowsOneByOneAndKeepsTheirNumbers) {
  catalogue.add(kSteel, "steel-01/a", ValueType::kDouble);
  origin.may_create_tags = false;
  const StreamState state = *door().open_stream(origin, "line-3", "a");
  ReceivedBatch batch;
  batch.paths = {"steel-01/a", "steel-01/nothing"};
  batch.push_back(1, kNow, 1.0, kGood);
  batch.push_back(0, kNow, 2.0, kGood);
  batch.push_back(0, kNow + 25 * kHour, 3.0, kGood);
  batch.push_back(0, kNow + 1, std::string("x"), kGood);
  batch.push_back(0, kNow + 2, 5.0, kGood);
  batch.number = ReceivedBatch::Number{"line-3", "a", state.epoch, 1};
  const Receipt receipt = sent(batch);
  EXPECT_EQ(receipt.accepted, 2u);
  EXPECT_EQ(receipt.refused, 3u);
  ASSERT_EQ(receipt.refusals.size(), 3u);
  EXPECT_EQ(receipt.refusals[0].row, 0u);
  EXPECT_EQ(receipt.refusals[1].row, 2u);
  EXPECT_EQ(receipt.refusals[1].code, ErrorCode::kFutureTime);
  EXPECT_EQ(receipt.refusals[2].row, 3u);
  ASSERT_EQ(sink.batches.size(), 1u);
  EXPECT_EQ(sink.batches[0].row_numbers, (std::vector<std::uint32_t>{1, 4}));
  EXPECT_EQ(sink.batches[0].rows.value_at(1), Value(5.0));

  const Receipt again = sent(batch);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.accepted, 2u);
  EXPECT_EQ(sink.batches.size(), 1u);
}

TEST_F(IngestDoorTest, RefusesRowsThatAreOlderThanTheirTagIsKept) {
  sink.horizon = kNow - kDay;
  ReceivedBatch batch;
  batch.paths = {"steel-01/a"};
  batch.push_back(0, kNow - kDay - 1, 1.0, kGood);
  batch.push_back(0, kNow - kDay, 2.0, kGood);
  batch.push_back(0, kNow, 3.0, kGood);
  const Receipt receipt = sent(batch);
  EXPECT_EQ(receipt.accepted, 2u);
  ASSERT_EQ(receipt.refusals.size(), 1u);
  EXPECT_EQ(receipt.refusals[0].row, 0u);
  EXPECT_EQ(receipt.refusals[0].code, ErrorCode::kBeyondRetention);
  EXPECT_NE(receipt.refusals[0].message.find("'steel-01/a'"), std::string::npos);
}

TEST_F(IngestDoorTest, RefusesStringsThatCannotBeKept) {
  EXPECT_EQ(refusal(one("steel-01/s", std::string(4097, 'x'))).code, ErrorCode::kTooLarge);
  EXPECT_EQ(refusal(one("steel-01/s", std::string("\xC3\x28"))).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(catalogue.count(kSteel), 0u) << "a row that is refused makes no tag";
  EXPECT_EQ(sent(one("steel-01/s", std::string(4096, 'x'))).accepted, 1u);
}

TEST_F(IngestDoorTest, JudgesTheFutureByItsOwnClock) {
  EXPECT_EQ(sent(one("steel-01/a", 1.0, kNow + 24 * kHour)).accepted, 1u);
  EXPECT_EQ(refusal(one("steel-01/a", 1.0, kNow + 24 * kHour + 1)).code, ErrorCode::kFutureTime);
  EXPECT_EQ(sent(one("steel-01/a", 1.0, 0)).accepted, 1u) << "a sender at 1970 is only old";
  EXPECT_EQ(refusal(one("steel-01/a", 1.0, *parse_time("2100-01-01T00:00:00Z"))).code,
            ErrorCode::kFutureTime);
  // A receiver at 1970 knows that it does not know the time.
  clock.set_wall(5 * kMinute);
  EXPECT_EQ(sent(one("steel-01/a", 1.0, kNow)).accepted, 1u);
  EXPECT_EQ(sent(one("steel-01/a", 1.0, kTimeMax)).accepted, 1u);
  // A receiver at 2100 takes what is before its tomorrow, today's readings among them.
  clock.set_wall(*parse_time("2100-01-01T00:00:00Z"));
  EXPECT_EQ(sent(one("steel-01/a", 1.0, kNow)).accepted, 1u);
  EXPECT_EQ(refusal(one("steel-01/a", 1.0, kTimeMax)).code, ErrorCode::kFutureTime);
  clock.set_wall(kTimeMax - 1);
  EXPECT_EQ(sent(one("steel-01/a", 1.0, kTimeMax)).accepted, 1u);
}

TEST_F(IngestDoorTest, WarnsOfTimesThatAreHardlyNanoseconds) {
  const auto warning = [&](TimeNs time) {
    const Receipt receipt = sent(one("steel-01/a", 1.0, time));
    EXPECT_EQ(receipt.accepted, 1u) << "a clock that was never set has such times, too";
    return receipt.warnings.empty() ? std::string() : receipt.warnings[0];
  };
  EXPECT_NE(warning(1'732'700'000).find("1732700000: "), std::string::npos);
  EXPECT_NE(warning(1'732'700'000).find("looks like seconds"), std::string::npos);
  EXPECT_NE(warning(1'732'700'000'000).find("looks like milliseconds"), std::string::npos);
  EXPECT_NE(warning(1'732'700'000'000'000).find("looks like microseconds"), std::string::npos);
  for (const TimeNs fine : {kNow, TimeNs{0}, TimeNs{-1}, 5 * kHour, 90 * kDay, kTimeMin})
    EXPECT_EQ(warning(fine), "") << fine;
}

TEST_F(IngestDoorTest, AtTheQuotaTheFirstTagsAreMadeAndTheRestRefused) {
  catalogue.quota = 37;
  ReceivedBatch batch;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    batch.paths.push_back("steel-01/t" + std::to_string(i));
    batch.push_back(i, kNow, 1.0, kGood);
  }
  const Receipt receipt = sent(std::move(batch));
  EXPECT_EQ(receipt.accepted, 37u);
  EXPECT_EQ(receipt.refused, 963u);
  EXPECT_EQ(receipt.refusals[0].row, 37u);
  EXPECT_EQ(receipt.refusals[0].code, ErrorCode::kQuotaExceeded);
  EXPECT_LT(catalogue.ensure_calls, 40u);
}

TEST_F(IngestDoorTest, NumbersWhatComesUnnumbered) {
  for (int i = 0; i < 3; ++i) sent(one("steel-01/a", 1.0, kNow + i));
  origin.source = "opcua/3";
  sent(one("steel-01/a", 1.0));
  ASSERT_EQ(sink.batches.size(), 4u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(sink.batches[i].number.sequence, i + 1);
    EXPECT_EQ(sink.batches[i].number.epoch, 1u);
    EXPECT_EQ(sink.batches[i].number.source, sink.batches[0].number.source);
  }
  EXPECT_NE(sink.batches[3].number.source, sink.batches[0].number.source);
  EXPECT_EQ(sink.batches[3].number.sequence, 1u);
  door_.reset();  // a new process opens a new epoch
  sent(one("steel-01/a", 1.0));
  EXPECT_EQ(sink.batches[4].number.epoch, 2u);
  EXPECT_EQ(sink.batches[4].number.sequence, 1u);
}

TEST_F(IngestDoorTest, SequencesStayContiguousWithManyCallers) {
  catalogue.add(kSteel, "steel-01/a", ValueType::kDouble);
  door();
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 8; ++caller)
      callers.emplace_back([&] {
        for (int i = 0; i < 100; ++i)
          EXPECT_TRUE(door().receive(origin, one("steel-01/a", 1.0)).has_value());
      });
  }
  ASSERT_EQ(sink.batches.size(), 800u);
  std::set<std::uint64_t> sequences;
  for (const SampleBatch& batch : sink.batches) {
    EXPECT_EQ(batch.number.epoch, 1u);
    sequences.insert(batch.number.sequence);
  }
  EXPECT_EQ(sequences.size(), 800u);
  EXPECT_EQ(*sequences.begin(), 1u);
  EXPECT_EQ(*sequences.rbegin(), 800u);
  EXPECT_EQ(door().counters().in_flight_bytes, 0u);
}

TEST_F(IngestDoorTest, ANumberThatWasSurelyNotUsedIsTakenBack) {
  sink.fault = [](std::size_t n) {
    return n == 2 || n == 3 ? fail(ErrorCode::kDiskFull, "The disk is full.") : Status();
  };
  sent(one("steel-01/a", 1.0));
  for (int i = 0; i < 2; ++i) {
    const auto refused = send(one("steel-01/a", 2.0));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kDiskFull);
    EXPECT_NE(refused.error().message.find("Nothing of this body was stored"), std::string::npos);
  }
  sent(one("steel-01/a", 3.0));
  ASSERT_EQ(sink.batches.size(), 2u);
  EXPECT_EQ(sink.batches[1].number.sequence, 2u);
  EXPECT_EQ(sink.batches[1].number.epoch, 1u);
}

TEST_F(IngestDoorTest, ANumberThatMayHaveBeenUsedIsNotGivenOutAgain) {
  sink.fault = [](std::size_t n) { return n == 2 ? fail(ErrorCode::kIo, "It broke.") : Status(); };
  sent(one("steel-01/a", 1.0));
  EXPECT_FALSE(send(one("steel-01/a", 2.0)).has_value());
  sent(one("steel-01/a", 3.0));
  EXPECT_EQ(sink.batches[1].number.sequence, 3u);
}

TEST_F(IngestDoorTest, ALargeBodyBecomesSeveralRecords) {
  ReceivedBatch batch;
  batch.paths = {"steel-01/a", "steel-01/s"};
  constexpr std::uint32_t kRows = 100'000;
  for (std::uint32_t i = 0; i < kRows; ++i) {
    if (i % 50 == 7)
      batch.push_back(1, kNow - i, "text " + std::to_string(i) + std::string(300, 'x'), kGood);
    else
      batch.push_back(0, kNow - i, static_cast<double>(i), kGood);
  }
  const Receipt receipt = sent(batch);
  EXPECT_EQ(receipt.accepted, kRows);
  EXPECT_GT(sink.batches.size(), 1u);
  EXPECT_LT(sink.batches.size(), 10u);
  std::size_t row = 0;
  for (std::size_t i = 0; i < sink.batches.size(); ++i) {
    EXPECT_EQ(sink.batches[i].number.sequence, i + 1);
    for (std::size_t j = 0; j < sink.batches[i].size(); ++j, ++row)
      ASSERT_TRUE(same_bits(sink.batches[i].rows.at(j), batch.rows.at(row))) << row;
  }
  EXPECT_EQ(row, kRows);
  EXPECT_EQ(receipt.position, Position(sink.batches.size()));
}

TEST_F(IngestDoorTest, SaysHowMuchOfALargeBodyIsDurable) {
  sink.fault = [](std::size_t n) {
    return n == 3 ? fail(ErrorCode::kDiskFull, "The disk is full.") : Status();
  };
  ReceivedBatch batch;
  batch.paths = {"steel-01/a"};
  for (std::uint32_t i = 0; i < 300'000; ++i)
    batch.push_back(0, kNow - i * kSecond, static_cast<double>(i), kGood);
  const auto refused = send(std::move(batch));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kDiskFull);
  EXPECT_NE(refused.error().message.find("first " + std::to_string(sink.rows()) + " accepted"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(door().rows(kSteel, {})[0].accepted, sink.rows());
}

TEST_F(IngestDoorTest, ANumberedBatchThatIsTooLargeIsRefusedWhole) {
  const StreamState state = *door().open_stream(origin, "s", "a");
  ReceivedBatch batch;
  batch.paths = {"steel-01/a"};
  for (std::uint32_t i = 0; i < 300'000; ++i)
    batch.push_back(0, kNow - i * kSecond, static_cast<double>(i), kGood);
  batch.number = ReceivedBatch::Number{"s", "a", state.epoch, 1};
  const auto refused = send(std::move(batch));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(sink.batches.empty());
}

/// The number that docs/guides/sending.md gives.
TEST_F(IngestDoorTest, ANumberedBatchHolds74000NumbersOfOneTag) {
  const StreamState state = *door().open_stream(origin, "s", "a");
  ReceivedBatch batch;
  batch.paths = {"steel-01/a"};
  for (std::uint32_t i = 0; i < 74'000; ++i)
    batch.push_back(0, kNow - 80'000 * kSecond + i * kSecond, static_cast<double>(i) / 7, kGood);
  batch.number = ReceivedBatch::Number{"s", "a", state.epoch, 1};
  EXPECT_EQ(sent(std::move(batch)).accepted, 74'000u);
}

TEST_F(IngestDoorTest, NumberedBatchesBelongToTheLatestEpoch) {
  ReceivedBatch batch = one("steel-01/a", 1.0);
  batch.number = ReceivedBatch::Number{"s", "a", 1, 1};
  EXPECT_EQ(send(batch).error().code, ErrorCode::kConflict);
  EXPECT_EQ(door().open_stream(origin, "s", "a")->epoch, 1u);
  EXPECT_TRUE(send(batch).has_value());
  EXPECT_EQ(door().open_stream(origin, "s", "a")->epoch, 2u);
  batch.number->sequence = 2;
  EXPECT_EQ(send(batch).error().code, ErrorCode::kConflict);
  // The greatest number of all once made a manifest that could not be read again.
  for (const std::uint64_t wrong : {std::uint64_t{0}, std::uint64_t{1} << 63, UINT64_MAX}) {
    batch.number->sequence = wrong;
    EXPECT_EQ(send(batch).error().code, ErrorCode::kInvalidArgument);
  }
  batch.number = ReceivedBatch::Number{"http/token-1", "door", 1, 1};
  EXPECT_EQ(send(batch).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(door().open_stream(origin, "x", "door").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(door().open_stream(origin, "", "a").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(IngestDoorTest, AnEnterpriseHasAQuotaOfStreams) {
  options.enterprise_streams_max = 3;
  sent(one("steel-01/a", 1.0));  // the door's own stream of this source
  ASSERT_TRUE(door().open_stream(origin, "s", "a"));
  ASSERT_TRUE(door().open_stream(origin, "s", "b"));
  const auto refused = door().open_stream(origin, "s", "c");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(door().open_stream(origin, "s", "a")->epoch, 2u) << "an old one opens again";
  origin.source = "http/token-2";
  EXPECT_EQ(sent(one("steel-01/a", 1.0)).accepted, 1u) << "what is unnumbered needs no quota";
}

TEST_F(IngestDoorTest, ANumberedBatchWithoutARowLeftIsStoredToo) {
  origin.may_create_tags = false;
  const StreamState state = *door().open_stream(origin, "s", "a");
  ReceivedBatch batch = one("steel-01/nothing", 1.0);
  batch.number = ReceivedBatch::Number{"s", "a", state.epoch, 1};
  EXPECT_EQ(sent(batch).refused, 1u);
  ASSERT_EQ(sink.batches.size(), 1u);
  EXPECT_EQ(sink.batches[0].size(), 0u);
  sent(one("steel-01/nothing", 1.0));
  EXPECT_EQ(sink.batches.size(), 1u) << "an unnumbered one has nothing to store";
}

TEST_F(IngestDoorTest, ANoisyEnterpriseWaitsWithoutSlowingAnother) {
  InFlight in_flight(1000, 1500);
  auto noisy = in_flight.enter(EnterpriseId(1), 900);
  ASSERT_TRUE(noisy.has_value());
  EXPECT_EQ(in_flight.enter(EnterpriseId(1), 200).error().code, ErrorCode::kOverloaded);
  EXPECT_TRUE(in_flight.enter(EnterpriseId(2), 600).has_value());
  EXPECT_TRUE(in_flight.enter(EnterpriseId(3), 5000).has_value()) << "alone any batch passes";
  {
    const auto gone = std::move(*noisy);
  }
  EXPECT_TRUE(in_flight.enter(EnterpriseId(1), 1000).has_value());
  EXPECT_EQ(in_flight.bytes(), 0u);
}

TEST_F(IngestDoorTest, ATagThatChangesOnTheWayIsNotTheSendersFault) {
  sink.fault = [](std::size_t) { return fail(ErrorCode::kTypeMismatch, "row 0: another type"); };
  const auto refused = send(one("steel-01/a", 1.0));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

TEST_F(IngestDoorTest, PassesOnWhatKeepsTagsFromBeingMade) {
  catalogue.ensure_error = ErrorCode::kDiskFull;
  EXPECT_EQ(send(one("steel-01/new", 1.0)).error().code, ErrorCode::kDiskFull);
}

TEST_F(IngestDoorTest, RefusesColumnsThatContradictEachOther) {
  ReceivedBatch batch = one("steel-01/a", 1.0);
  batch.path_index[0] = 1;
  EXPECT_EQ(send(std::move(batch)).error().code, ErrorCode::kInvalidArgument);
  batch = one("steel-01/a", std::string("x"));
  batch.rows.bits[0] = 1u << 20;
  EXPECT_EQ(send(std::move(batch)).error().code, ErrorCode::kInvalidArgument);
  batch = one("steel-01/a", 1.0);
  batch.rows.qualities.clear();
  EXPECT_EQ(send(std::move(batch)).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(IngestDoorTest, TheLedgerCountsAndSurvivesARestart) {
  ReceivedBatch batch = one("steel-01/a", 1.0);
  batch.push_back(0, kNow + 30 * kHour, 1.0, kGood);
  batch.unreadable = 3;
  sent(std::move(batch));
  clock.advance(kHour);
  sent(one("steel-01/a", 2.0));
  const auto check = [&] {
    const std::vector<LedgerRow> rows = door().rows(kSteel, {});
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].hour, *parse_time("2026-11-23T08:00:00Z"));
    EXPECT_EQ(rows[0].source, "http/token-1");
    EXPECT_EQ(rows[0].sent, 5u);
    EXPECT_EQ(rows[0].accepted, 1u);
    EXPECT_EQ(rows[0].refused, 4u);
    EXPECT_EQ(rows[1].hour, *parse_time("2026-11-23T09:00:00Z"));
    EXPECT_EQ(rows[1].batches, 1u);
  };
  check();
  EXPECT_TRUE(door().rows(EnterpriseId(2), {}).empty());
  EXPECT_EQ(door().rows(kSteel, {kNow, kTimeMax}).size(), 1u);
  EXPECT_EQ(door().counters().rows_unreadable, 3u);
  EXPECT_EQ(door().counters().rows_refused,
            (std::vector<std::pair<ErrorCode, std::uint64_t>>{{ErrorCode::kFutureTime, 1}}));
  door_.reset();
  check();
}

TEST_F(IngestDoorTest, TheLedgerAddsUpWhateverTheAnswerWas) {
  const StreamState state = *door().open_stream(origin, "s", "a");
  ReceivedBatch numbered = one("steel-01/a", 1.0);
  numbered.unreadable = 2;
  numbered.number = ReceivedBatch::Number{"s", "a", state.epoch, 1};
  sent(numbered);
  sent(numbered);  // a repeat
  numbered.number->epoch = 7;
  EXPECT_EQ(send(numbered).error().code, ErrorCode::kConflict);
  sink.fault = [](std::size_t) { return fail(ErrorCode::kDiskFull, "full"); };
  EXPECT_EQ(send(one("steel-01/a", 2.0)).error().code, ErrorCode::kDiskFull);

  const LedgerRow row = door().rows(kSteel, {})[0];
  EXPECT_EQ(row.sent, 3u + 3u + 3u + 1u);
  EXPECT_EQ(row.accepted, 1u);
  EXPECT_EQ(row.repeated, 1u);
  EXPECT_EQ(row.refused, 2u + 2u + 3u + 1u);
}

/// The simulated disk, but the sync of the ledger's new file takes until it is let go.
class StallingDisk final : public io::Disk {
 public:
  explicit StallingDisk(io::Disk& disk) : disk_(disk) {}
  std::latch stalled{1};
  std::latch let_go{1};

  Result<std::unique_ptr<io::File>> open(const std::string& path, io::Open how) override {
    auto file = disk_.open(path, how);
    if (!file || how != io::Open::kCreateOrTruncate) return file;
    return std::make_unique<File>(*this, std::move(*file));
  }
  Status rename(const std::string& from, const std::string& to) override {
    return disk_.rename(from, to);
  }
  Status remove(const std::string& path) override { return disk_.remove(path); }
  Result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    return disk_.list(folder);
  }
  Status make_folder(const std::string& folder) override { return disk_.make_folder(folder); }
  Status sync_folder(const std::string& folder) override { return disk_.sync_folder(folder); }
  Result<std::uint64_t> free_bytes() override { return disk_.free_bytes(); }
  Result<std::unique_ptr<io::FolderLock>> lock(const std::string& path) override {
    return disk_.lock(path);
  }

 private:
  class File final : public io::File {
   public:
    File(StallingDisk& disk, std::unique_ptr<io::File> file)
        : disk_(disk), file_(std::move(file)) {}
    Status read_at(std::uint64_t offset, std::span<std::byte> into) const override {
      return file_->read_at(offset, into);
    }
    Status write_at(std::uint64_t offset, ByteSpan bytes) override {
      return file_->write_at(offset, bytes);
    }
    Status sync() override {
      if (!disk_.stalled.try_wait()) disk_.stalled.count_down();
      disk_.let_go.wait();
      return file_->sync();
    }
    Result<std::uint64_t> size() const override { return file_->size(); }
    Status truncate(std::uint64_t bytes) override { return file_->truncate(bytes); }

   private:
    StallingDisk& disk_;
    std::unique_ptr<io::File> file_;
  };

  io::Disk& disk_;
};

TEST_F(IngestDoorTest, ASaveOfTheLedgerThatTakesLongHoldsUpNobodyElse) {
  StallingDisk stalling(disk);
  IngestDoor slow(catalogue, sink, clock, stalling, options);
  clock.advance(kMinute);
  std::thread saver([&] { EXPECT_TRUE(slow.receive(origin, one("steel-01/a", 1.0))); });
  stalling.stalled.wait();
  clock.advance(kMinute);
  auto other = std::async(std::launch::async,
                          [&] { return slow.receive(origin, one("steel-01/a", 2.0)).has_value(); });
  EXPECT_EQ(other.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  stalling.let_go.count_down();
  saver.join();
  EXPECT_TRUE(other.get());
  EXPECT_TRUE(slow.save_ledger());
  LedgerBook book(100, 100);
  ASSERT_TRUE(book.decode(disk.content("ledger")));
  EXPECT_EQ(book.rows(kSteel, {})[0].accepted, 2u) << "what came meanwhile is in the next save";
}

TEST_F(IngestDoorTest, SavesTheLedgerOnceAMinute) {
  sent(one("steel-01/a", 1.0));
  EXPECT_FALSE(*disk.exists("ledger"));
  clock.advance(kMinute);
  sent(one("steel-01/a", 2.0));
  ASSERT_TRUE(*disk.exists("ledger"));
  const Bytes first = disk.content("ledger");
  sent(one("steel-01/a", 3.0));
  EXPECT_EQ(disk.content("ledger"), first);
}

TEST_F(IngestDoorTest, ADamagedLedgerIsPutAside) {
  sent(one("steel-01/a", 1.0));
  door_.reset();
  disk.flip_bit("ledger", 100);
  EXPECT_TRUE(door().rows(kSteel, {}).empty());
  EXPECT_FALSE(*disk.exists("ledger"));
  ASSERT_EQ(disk.files().size(), 1u);
  EXPECT_TRUE(disk.files()[0].starts_with("ledger.damaged-"));
  EXPECT_EQ(sent(one("steel-01/a", 1.0)).accepted, 1u);
}

TEST_F(IngestDoorTest, ADiskThatIsFullKeepsNothingFromBeingReceived) {
  disk.set_capacity(0);
  clock.advance(2 * kMinute);
  EXPECT_EQ(sent(one("steel-01/a", 1.0)).accepted, 1u) << "the sink decides, not the ledger";
}

}  // namespace
}  // namespace tundish::ingest
