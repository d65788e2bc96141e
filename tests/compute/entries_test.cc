// Manual entries over a real historian with the engine behind it: what is derived follows, and a crash at any step
// leaves everything or nothing.
#include <gtest/gtest.h>

#include <functional>

#include "compute_testing.h"
#include "entry/entry_desk.h"
#include "ingest/testing_ports.h"

namespace tundish::compute {
namespace {

using historian::testing::batch;
using historian::testing::Rows;
using testing::kEnterprise;
using testing::Works;

TimeNs s(double seconds) { return static_cast<TimeNs>(seconds * 1e9); }

std::string at(double seconds, double value, std::uint32_t quality = 0) {
  return historian::testing::row_text({s(seconds), Value(value), Quality{quality}});
}

/// The historian, but for an append that goes wrong before it or after it was done.
class FaultySink final : public SampleSink {
 public:
  explicit FaultySink(SampleSink& sink) : sink_(sink) {}
  std::optional<Error> before, after;

  Result<Appended> append(SampleBatch batch, std::optional<FeedCommit> commit) override {
    if (before) return fail(*before);
    auto appended = sink_.append(std::move(batch), std::move(commit));
    if (after) return fail(*after);
    return appended;
  }
  Result<std::vector<TagId>> make_tags(EnterpriseId enterprise,
                                       std::span<const NewTagId> tags) override {
    return sink_.make_tags(enterprise, tags);
  }
  Status retype_tag(TagId tag, ValueType type) override { return sink_.retype_tag(tag, type); }
  Result<StreamState> open_stream(EnterpriseId enterprise, const std::string& source,
                                  const std::string& stream) override {
    return sink_.open_stream(enterprise, source, stream);
  }
  Result<StreamState> find_stream(EnterpriseId enterprise, const std::string& source,
                                  const std::string& stream, std::uint32_t epoch) override {
    return sink_.find_stream(enterprise, source, stream, epoch);
  }
  std::size_t stream_count(EnterpriseId enterprise) override {
    return sink_.stream_count(enterprise);
  }
  Result<Position> erase(std::vector<Tombstone> tombstones) override {
    return sink_.erase(std::move(tombstones));
  }

 private:
  SampleSink& sink_;
};

/// Tags `a` (measured), `lab` and `sum` = a + lab, as one asset; a desk over them.
class Entries : public ::testing::Test {
 protected:
  void SetUp() override {
    const Attribute a = works_.measured("a", "kW");  // numbers in the order of the catalogue below
    Attribute lab = works_.measured("lab", "kW");
    lab.definition.valid = Limits{0, 1000};
    works_.set_attributes({a, lab, works_.derived("sum", "kW", "a + lab"), works_.text("remark")});
    for (const char* name : {"a", "lab", "sum"}) {
      ASSERT_EQ(tags_.add(kEnterprise, path(name), ValueType::kDouble)->id, works_.tag_of(name));
    }
    ASSERT_EQ(tags_.add(kEnterprise, path("remark"), ValueType::kString)->id,
              works_.tag_of("remark"));
    stream_ = works_.node().open_stream("opcua/1");
    start();
    works_.turn();
  }
  static std::string path(const std::string& name) { return "plant-01/works/" + name; }

  /// As after a start of the program.
  void start() {
    desk_.reset();
    desk_ = entry::EntryDesk::open({.database = works_.database(),
                                    .sink = sink_,
                                    .reader = *works_.node().operator->(),
                                    .tags = tags_,
                                    .models = works_.model(),
                                    .clock = works_.clock()})
                .value();
  }
  void measure(const std::string& name, const std::vector<std::pair<TimeNs, Value>>& samples) {
    ASSERT_TRUE(works_.node().append(batch(stream_, ++sequence_, works_.tag_of(name), samples)));
  }
  static NewEntry value(const std::string& name, double seconds, Value value,
                        const std::string& why = "lab") {
    return {.tag = path(name),
            .range = {s(seconds), s(seconds) + 1},
            .value = std::move(value),
            .why = why};
  }
  static NewEntry stretch(EntryKind kind, const std::string& name, double from, double to) {
    return {.kind = kind,
            .tag = path(name),
            .range = {s(from), s(to)},
            .quality = kBad,
            .why = "calibration"};
  }
  Result<EntryReceipt> enter(std::vector<NewEntry> wanted, bool may_correct = true) {
    return desk_->enter(
        {.enterprise = kEnterprise, .actor = "user:anna", .may_correct = may_correct},
        std::move(wanted));
  }
  /// Entered as it should be.
  EntryReceipt entered(std::vector<NewEntry> wanted, bool may_correct = true) {
    auto receipt = enter(std::move(wanted), may_correct);
    EXPECT_TRUE(receipt) << receipt.error().to_string();
    if (!receipt) return {};
    for (const auto& refusal : receipt->refusals)
      ADD_FAILURE() << refusal.row << ": " << refusal.error.message;
    return *receipt;
  }
  ErrorCode refusal(std::vector<NewEntry> wanted, bool may_correct = true) {
    const auto receipt = enter(std::move(wanted), may_correct);
    EXPECT_TRUE(receipt) << receipt.error().to_string();
    if (!receipt || receipt->refusals.empty()) return ErrorCode::kInternal;
    EXPECT_TRUE(receipt->entries.empty());
    return receipt->refusals.front().error.code;
  }
  std::vector<Entry> listed(const std::vector<std::string>& names = {}) {
    EntrySearch search;
    for (const auto& name : names) search.tags.push_back(works_.tag_of(name));
    return desk_->entries(kEnterprise, search).value_or(std::vector<Entry>{});
  }

  Works works_;
  FaultySink sink_{*works_.node().operator->()};
  ingest::MemoryCatalogue tags_;
  StreamState stream_;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<entry::EntryDesk> desk_;
};

TEST_F(Entries, AValueACorrectionAndWhatIsDerivedFollows) {
  measure("a", {{s(1), 10.0}, {s(2), 20.0}});
  const auto first = entered({value("lab", 1, 1.0, "")}, false);
  ASSERT_EQ(first.entries.size(), 1u);
  EXPECT_EQ(first.entries[0].kind, EntryKind::kEntry);
  EXPECT_FALSE(first.entries[0].before || first.entries[0].is_pending);
  works_.turn();
  EXPECT_EQ(works_.rows("sum"), (Rows{at(1, 11), at(2, 21)}));

  works_.clock().advance(kMinute);
  const auto second = entered({value("a", 1, 12.0, "typo of the balance")});
  EXPECT_EQ(second.entries[0].kind, EntryKind::kCorrection);
  EXPECT_EQ(second.entries[0].before->value, Value(10.0));
  works_.turn();
  EXPECT_EQ(works_.rows("sum"), (Rows{at(1, 13), at(2, 21)}));

  // What equipment sends again, late, changes nothing.
  measure("a", {{s(1), 10.5}});
  works_.turn();
  EXPECT_EQ(works_.rows("sum"), (Rows{at(1, 13), at(2, 21)}));

  const auto all = listed();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].why, "typo of the balance");
  EXPECT_EQ(all[0].who, "user:anna");
  EXPECT_EQ(all[0].received - all[1].received, kMinute);
  EXPECT_EQ(listed({"lab"}).size(), 1u);
  EXPECT_TRUE(listed({"sum"}).empty());

  // The same once more is nothing; a repeat after an answer that was lost does no harm.
  EXPECT_EQ(entered({value("a", 1, 12.0)}).unchanged, 1u);
  EXPECT_EQ(listed().size(), 2u);
  start();
  EXPECT_EQ(listed().size(), 2u);
  EXPECT_FALSE(listed()[0].is_pending);
}

TEST_F(Entries, AStretchIsRemovedAndRestored) {
  measure("a", {{s(1), 1.0}, {s(2), 2.0}, {s(3), 3.0}, {s(4), 4.0}});
  entered({value("lab", 1, 100.0)});
  const auto removed = entered({stretch(EntryKind::kWithdrawal, "a", 2, 4)});
  EXPECT_EQ(removed.entries[0].samples, 2u);
  works_.turn();
  EXPECT_EQ(works_.rows("a"), (Rows{at(1, 1), at(2, 2, kBad.code), at(3, 3, kBad.code), at(4, 4)}));
  EXPECT_EQ(works_.rows("sum").front(), at(1, 101));
  EXPECT_EQ(works_.rows("sum").back(), at(4, 104));
  EXPECT_NE(works_.rows("sum")[1], at(2, 102)) << "a Bad input cannot give a Good result";
  EXPECT_EQ(refusal({stretch(EntryKind::kWithdrawal, "a", 2, 4)}), ErrorCode::kNotFound);
  entered({value("a", 3, 3.3, "read off the strip chart")});
  const auto restored = entered({stretch(EntryKind::kRestoration, "a", 0, 10)});
  EXPECT_EQ(restored.entries[0].samples, 2u);
  works_.turn();
  EXPECT_EQ(works_.rows("a"), (Rows{at(1, 1), at(2, 2), at(3, 3), at(4, 4)}));
  EXPECT_EQ(works_.rows("sum"), (Rows{at(1, 101), at(2, 102), at(3, 103), at(4, 104)}));
  EXPECT_EQ(refusal({stretch(EntryKind::kRestoration, "a", 0, 10)}), ErrorCode::kNotFound);
  // Below a laboratory's value nothing was measured.
  EXPECT_EQ(refusal({stretch(EntryKind::kRestoration, "lab", 0, 10)}), ErrorCode::kNotFound);
  EXPECT_EQ(listed({"a"}).size(), 3u);
}

TEST_F(Entries, WhatIsNotRightIsRefusedWhole) {
  measure("a", {{s(1), 1.0}});
  const auto late = static_cast<double>(works_.clock().now() / kSecond);
  EXPECT_EQ(refusal({value("lab", 1, 5.0), value("lab", late + 120, 1.0)}), ErrorCode::kFutureTime);
  EXPECT_EQ(refusal({value("lab", 1, std::string("5"))}), ErrorCode::kTypeMismatch);
  EXPECT_EQ(refusal({value("lab", 1, 1000.5)}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal({value("lab", 1, std::numeric_limits<double>::quiet_NaN())}),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal({value("lba", 1, 1.0)}), ErrorCode::kNotFound);
  EXPECT_EQ(refusal({value("sum", 1, 1.0)}), ErrorCode::kConflict);
  EXPECT_EQ(refusal({value("lab", 1, 1.0), value("lab", 1, 2.0)}), ErrorCode::kConflict);
  EXPECT_EQ(refusal({value("a", 1, 2.0, "")}), ErrorCode::kInvalidArgument) << "no reason";
  EXPECT_EQ(refusal({value("a", 1, 2.0, "two\nlines")}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal({value("a", 1, 2.0, std::string(501, 'x'))}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal({value("lab", 1, 1.0), value("a", 1, 2.0)}, false),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusal({stretch(EntryKind::kWithdrawal, "a", 0, 9)}, false),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusal({stretch(EntryKind::kWithdrawal, "a", 9, 1)}), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(works_.rows("lab"), Rows{});
  EXPECT_EQ(works_.rows("a"), (Rows{at(1, 1)}));
  // With the word that it is meant so, the value goes in; operators put right what was entered by hand.
  auto meant = desk_->enter({.enterprise = kEnterprise, .actor = "user:bo", .is_override = true},
                            {value("lab", 1, 1000.5)});
  ASSERT_TRUE(meant);
  EXPECT_TRUE(meant->refusals.empty());
  entered({value("lab", 1, 100.5, "decimal point")}, false);
  EXPECT_EQ(works_.rows("lab"), (Rows{at(1, 100.5)}));
  // What is only asked changes nothing.
  const auto asked = desk_->enter(
      {.enterprise = kEnterprise, .actor = "user:bo", .may_correct = true, .is_dry_run = true},
      {value("a", 1, 7.0)});
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->entries.at(0).before->value, Value(1.0));
  EXPECT_EQ(works_.rows("a"), (Rows{at(1, 1)}));
  EXPECT_EQ(listed().size(), 2u);
  EXPECT_TRUE(desk_->entries(EnterpriseId(99), {})->empty());
}

/// 1. Killed before the samples were written: the next start writes them. 2. Killed after: the next start finds them
/// and writes nothing twice. 3. Refused by a full disk: as if nobody had asked.
TEST_F(Entries, AStopBetweenRecordAndSamplesLeavesNoHalf) {
  measure("a", {{s(1), 1.0}, {s(2), 2.0}});
  const Error stopped{ErrorCode::kUnavailable, "stopping", {}, {}};

  sink_.before = stopped;
  EXPECT_EQ(enter({value("a", 1, 10.0), value("lab", 1, 5.0)}).error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(works_.rows("a"), (Rows{at(1, 1), at(2, 2)}));
  ASSERT_EQ(listed().size(), 2u);
  EXPECT_TRUE(listed()[0].is_pending && listed()[1].is_pending);
  EXPECT_EQ(enter({value("lab", 2, 5.0)}).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(listed().size(), 2u) << "nothing new while the last one waits";
  sink_.before.reset();
  start();
  EXPECT_EQ(works_.rows("a"), (Rows{at(1, 10), at(2, 2)}));
  EXPECT_EQ(works_.rows("lab"), (Rows{at(1, 5)}));
  EXPECT_FALSE(listed()[0].is_pending || listed()[1].is_pending);

  sink_.after = stopped;
  EXPECT_FALSE(enter({stretch(EntryKind::kWithdrawal, "a", 0, 9)}));
  EXPECT_TRUE(listed()[0].is_pending);
  EXPECT_EQ(works_.rows("a"), (Rows{at(1, 10, kBad.code), at(2, 2, kBad.code)}));
  sink_.after.reset();
  start();
  EXPECT_FALSE(listed()[0].is_pending);
  EXPECT_EQ(listed()[0].samples, 2u);
  std::vector<SampleVersion> versions;
  ASSERT_TRUE(works_.node().snapshot()->history(works_.tag_of("a"), {}, 100, versions).value());
  EXPECT_EQ(versions.size(), 5u) << "two measured, one corrected, two removed once";

  sink_.before = Error{ErrorCode::kDiskFull, "full", {}, {}};
  EXPECT_EQ(enter({value("lab", 7, 7.0)}).error().code, ErrorCode::kDiskFull);
  EXPECT_EQ(listed().size(), 3u);
  sink_.before.reset();
  entered({value("lab", 8, 8.0)});
  EXPECT_EQ(works_.rows("lab"), (Rows{at(1, 5), at(8, 8)}));
  EXPECT_EQ(listed().size(), 4u);
}

}  // namespace
}  // namespace tundish::compute
