#include "app/batch_sender.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "app/send_plant.h"
#include "base/bytes.h"
#include "simulate/plant_spec.h"
#include "wire/batch/batch.h"

namespace tundish::app {
namespace {

/// A server that stores numbered batches once, and is away, or loses its answers, when it is told so.
class Shelf final : public Client {
 public:
  bool away = false, answer_lost = false, taken_over = false, refuses = false;
  int opened = 0;
  std::map<std::uint64_t, std::size_t> stored;  ///< rows by sequence
  std::vector<TimeNs> times;                    ///< of the first row, as stored

  Result<Answer> send(const Call& call, const Sink&) override {
    if (away) return fail(ErrorCode::kUnavailable, "nobody answers");
    if (call.target == "/api/v1/streams") {
      ++opened;
      return Answer{200, R"({"source":"s","stream":"t","epoch":7,"next_sequence":1})"};
    }
    if (taken_over)
      return Answer{409, R"({"code":"Conflict","detail":"a newer epoch was opened"})"};
    if (refuses)
      return Answer{413, R"({"code":"TooLarge","detail":"does not fit into one record"})"};
    auto decoded = wire::decode_batch(as_byte_span(call.body));
    if (!decoded) return fail(decoded.error());
    const ReceivedBatch& batch = decoded->batch;
    EXPECT_EQ(batch.number->epoch, 7u);
    const bool repeated = stored.contains(batch.number->sequence);
    if (!repeated) {
      stored[batch.number->sequence] = batch.rows.size();
      times.push_back(batch.rows.times.front());
    }
    if (answer_lost) return fail(ErrorCode::kIo, "the answer broke off");
    return Answer{200, fmt::format(R"({{"accepted":{},"refused":0,"repeated":{},"errors":[]}})",
                                   repeated ? 0 : batch.rows.size(), repeated)};
  }
};

ReceivedBatch frame(TimeNs time) {
  ReceivedBatch batch;
  batch.paths = {"fleet-01/car/speed"};
  batch.push_back(0, time, 50.0, kGood);
  return batch;
}

TEST(BatchSender, NumbersFromOneAndOpensOnce) {
  Shelf shelf;
  BatchSender sender(shelf, "s", "t", 10);
  ASSERT_TRUE(sender.send()) << "nothing to send is no error";
  EXPECT_EQ(shelf.opened, 0);
  for (TimeNs t = 1; t <= 3; ++t) {
    sender.push(frame(t));
    ASSERT_TRUE(sender.send());
  }
  EXPECT_EQ(shelf.opened, 1);
  EXPECT_EQ(shelf.stored, (std::map<std::uint64_t, std::size_t>{{1, 1}, {2, 1}, {3, 1}}));
  EXPECT_EQ(sender.counts().samples, 3u);
}

TEST(BatchSender, KeepsWhatComesWhileTheServerIsAway) {
  Shelf shelf;
  BatchSender sender(shelf, "s", "t", 100);
  sender.push(frame(1));
  ASSERT_TRUE(sender.send());
  shelf.away = true;
  for (TimeNs t = 2; t <= 50; ++t) {
    sender.push(frame(t));
    const auto sent = sender.send();
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(sender.waiting(), 49u);
  shelf.away = false;
  ASSERT_TRUE(sender.send());
  EXPECT_EQ(sender.waiting(), 0u);
  EXPECT_EQ(shelf.times.size(), 50u);
  EXPECT_TRUE(std::ranges::is_sorted(shelf.times));
  EXPECT_EQ(shelf.stored.rbegin()->first, 50u) << "without a gap";
}

TEST(SendPlant, APastThatIsLongerThanTheQueueGoesOutWhole) {
  const TimeNs epoch = 1'700'000'000 * kSecond;
  auto spec = simulate::parse_plant(
      "plant: {name: Cars, namespace: 'urn:cars'}\n"
      "signals:\n  car/speed: {kind: wave, mean: 50, span: 20, period: 1min, unit: km/h}\n",
      "simulation.yaml", "");
  ASSERT_TRUE(spec) << spec.error().to_string();
  simulate::FrameSource frames(*std::move(spec), "fleet-01", 1, epoch, epoch);
  Shelf shelf;
  BatchSender sender(shelf, "s", "t", 500);
  for (bool more = true; more;) {
    const auto sent = send_due(frames, sender, epoch + 2 * kHour);
    ASSERT_TRUE(sent);
    more = *sent;
  }
  EXPECT_EQ(sender.counts().dropped_batches, 0u);
  EXPECT_EQ(shelf.times.front(), epoch);
}

TEST(BatchSender, AnAnswerThatIsLostStoresNothingTwice) {
  Shelf shelf;
  BatchSender sender(shelf, "s", "t", 10);
  shelf.answer_lost = true;
  sender.push(frame(1));
  ASSERT_FALSE(sender.send());
  sender.push(frame(2));
  ASSERT_FALSE(sender.send());
  shelf.answer_lost = false;
  ASSERT_TRUE(sender.send());
  EXPECT_EQ(shelf.times, (std::vector<TimeNs>{1, 2}));
  EXPECT_EQ(sender.counts().repeated, 1u);
  EXPECT_EQ(sender.counts().samples, 2u);
}

TEST(BatchSender, AFullQueueDropsTheOldestThatWasNotTriedAndCountsIt) {
  Shelf shelf;
  BatchSender sender(shelf, "s", "t", 3);
  shelf.answer_lost = true;
  sender.push(frame(1));
  ASSERT_FALSE(sender.send());
  for (TimeNs t = 2; t <= 6; ++t) sender.push(frame(t));
  EXPECT_EQ(sender.waiting(), 3u);
  EXPECT_EQ(sender.counts().dropped_batches, 3u);
  EXPECT_EQ(sender.counts().dropped_samples, 3u);
  shelf.answer_lost = false;
  ASSERT_TRUE(sender.send());
  EXPECT_EQ(shelf.times, (std::vector<TimeNs>{1, 5, 6}));
  EXPECT_EQ(shelf.stored.rbegin()->first, 3u) << "the numbers have no gap";
}

TEST(BatchSender, WhatIsRefusedForGoodIsCountedAndTheNextTakesItsNumber) {
  Shelf shelf;
  BatchSender sender(shelf, "s", "t", 10);
  shelf.refuses = true;
  sender.push(frame(1));
  ASSERT_TRUE(sender.send());
  EXPECT_EQ(sender.counts().refused_batches, 1u);
  shelf.refuses = false;
  sender.push(frame(2));
  ASSERT_TRUE(sender.send());
  EXPECT_EQ(shelf.times, (std::vector<TimeNs>{2}));
  EXPECT_EQ(shelf.stored.begin()->first, 1u);
}

TEST(BatchSender, ASenderThatWasShutOutSaysSo) {
  Shelf shelf;
  BatchSender sender(shelf, "s", "t", 10);
  shelf.taken_over = true;
  sender.push(frame(1));
  const auto sent = sender.send();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace tundish::app
