// Connections beside each other: who feeds a tag, turns of changes, quotas, too few threads.
#include <atomic>
#include <system_error>
#include <thread>

#include "connect/manager_testing.h"

namespace tundish::connect {
namespace {

class ManagerChangesTest : public ManagerTesting {};

TEST_F(ManagerChangesTest, ATagHasOneConnectionThatFeedsIt) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto first = save(config({"speed"}));
  ASSERT_TRUE(runs(first));
  ASSERT_TRUE(newest_is("speed", 1.5));
  ConnectionConfig second = config({"heat", "speed"});
  second.name = "line 2";
  const auto refused = manager_->save(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInUse);
  EXPECT_EQ(refused.error().where, "items[1].path");
  EXPECT_NE(refused.error().message.find("line 1"), std::string::npos) << refused.error().message;
  EXPECT_EQ(store_.load_all().size(), 1u);

  second.enabled = false;  // a spare
  second.id = save(second);
  second.enabled = true;
  EXPECT_EQ(manager_->save(second).error().code, ErrorCode::kInUse);
  EXPECT_EQ(state(second.id), ConnectionState::kDisabled);
  EXPECT_EQ(manager_->save(config({"speed"})).error().code, ErrorCode::kInUse);
  ConnectionConfig same = *manager_->get(kWorks, first);
  EXPECT_TRUE(manager_->save(same)) << "its own tag";
  ASSERT_TRUE(manager_->remove(kWorks, first));
  EXPECT_TRUE(manager_->save(second));
  EXPECT_TRUE(newest_is("speed", 1.5));
}

TEST_F(ManagerChangesTest, WhatALeavingSessionStillMarksIsNotTakenYet) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto first = save(config({"speed"}));
  ASSERT_TRUE(runs(first));
  door_.hold(true);
  std::thread remover([&] { EXPECT_TRUE(manager_->remove(kWorks, first)); });
  EXPECT_TRUE(eventually([&] { return manager_->list(kWorks).empty(); }));
  EXPECT_EQ(manager_->save(config({"speed"})).error().code, ErrorCode::kInUse);
  door_.hold(false);
  remover.join();
  EXPECT_TRUE(manager_->save(config({"speed"})));
}

TEST_F(ManagerChangesTest, ALossIsNotMarkedWhereAnotherConnectionFeeds) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  ConnectionConfig wanted = config({"speed"});
  const auto first = store_.save(wanted)->id;  // kept before two were refused
  wanted.name = "line 2";
  const auto second = store_.save(wanted)->id;
  start();
  ASSERT_TRUE(runs(first));
  ASSERT_TRUE(runs(second));
  ASSERT_TRUE(manager_->remove(kWorks, first));
  EXPECT_EQ(marks("speed"), 0u);
  ASSERT_TRUE(manager_->remove(kWorks, second));
  EXPECT_EQ(marks("speed"), 1u) << "now nobody feeds it";
}

TEST_F(ManagerChangesTest, AServerThatNeverAnsweredLeavesTheTagAsItWas) {
  NewTag tag;
  tag.path = "works/hall/speed";
  ASSERT_TRUE(catalogue_.ensure(kWorks, std::vector<NewTag>{tag}));  // fed by HTTP
  start();
  const auto id = save(config({"speed"}));
  EXPECT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  ASSERT_TRUE(manager_->remove(kWorks, id));
  EXPECT_EQ(door_.rows(), 0u);
}

TEST_F(ManagerChangesTest, AfterACrashWhatTheServerFedIsMarked) {
  NewTag tag;
  tag.path = "works/hall/speed";
  ASSERT_TRUE(catalogue_.ensure(kWorks, std::vector<NewTag>{tag}));
  ASSERT_TRUE(store_.save(config({"speed"})));
  start();
  EXPECT_TRUE(newest_is("speed", 0.0, kBadNoCommunication));
}

TEST_F(ManagerChangesTest, AConnectionWithoutAThreadWaitsForOne) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  ASSERT_TRUE(store_.save(config({"speed"})));
  // The starter gets its thread, the session does not.
  std::atomic<int> asked{0};
  std::atomic<bool> exhausted{true};
  Options options = quick();
  options.start_thread = [&](std::function<void()> run) {
    if (++asked > 1 && exhausted)
      throw std::system_error(EAGAIN, std::generic_category(), "thread");
    return std::thread(std::move(run));
  };
  start(options);
  const auto id = store_.load_all()[0].id;
  EXPECT_EQ(state(id), ConnectionState::kFailed);
  EXPECT_NE(status(id).message.find("no thread"), std::string::npos) << status(id).message;
  EXPECT_EQ(manager_->list(kWorks).size(), 1u);
  EXPECT_TRUE(eventually([&] { return asked > 3; })) << "it is tried again";
  exhausted = false;
  EXPECT_TRUE(runs(id)) << status(id).message;
  EXPECT_TRUE(newest_is("speed", 1.5));
}

TEST_F(ManagerChangesTest, ASessionWithoutAThreadForItsDeliveryWaitsForOne) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  std::atomic<int> asked{0};
  Options options = quick();
  options.start_thread = [&](std::function<void()> run) {
    const int number = ++asked;  // 1: the starter, 2: the session, then its delivery
    if (number >= 3 && number < 6)
      throw std::system_error(EAGAIN, std::generic_category(), "thread");
    return std::thread(std::move(run));
  };
  start(options);
  EXPECT_TRUE(runs(save(config({"speed"}))));
  EXPECT_GE(asked, 6);
  EXPECT_TRUE(newest_is("speed", 1.5));
}

TEST_F(ManagerChangesTest, AConnectionThatNeverGotAThreadCanBeRemoved) {
  std::atomic<int> asked{0};
  Options options = quick();
  options.start_thread = [&](std::function<void()> run) {
    if (++asked > 1) throw std::system_error(EAGAIN, std::generic_category(), "thread");
    return std::thread(std::move(run));
  };
  start(options);
  const auto removed = save(config({"speed"}));
  const auto kept = save(config({"mode"}));
  EXPECT_TRUE(manager_->remove(kWorks, removed));
  EXPECT_EQ(state(kept), ConnectionState::kFailed);
}

TEST_F(ManagerChangesTest, AnEnterpriseHasSoManyConnectionsAndNoMore) {
  Options options = quick();
  options.connections_per_enterprise_max = 2;
  start(options);
  ConnectionConfig off = config({});
  off.enabled = false;
  save(off);
  const auto id = save(off);
  EXPECT_EQ(manager_->save(off).error().code, ErrorCode::kQuotaExceeded);
  ConnectionConfig elsewhere = off;
  elsewhere.enterprise = kOther;
  EXPECT_TRUE(manager_->save(elsewhere));
  off.id = id;
  EXPECT_TRUE(manager_->save(off)) << "a change is no new one";
  ASSERT_TRUE(manager_->remove(kWorks, id));
  off.id = 0;
  EXPECT_TRUE(manager_->save(off));
}

TEST_F(ManagerChangesTest, ANewNameLeavesTheSessionAlone) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed"});
  wanted.id = save(wanted);
  ASSERT_TRUE(runs(wanted.id));
  ASSERT_TRUE(newest_is("speed", 1.5));
  wanted.name = "line 7";
  save(wanted);
  EXPECT_EQ(state(wanted.id), ConnectionState::kRunning);
  EXPECT_EQ(manager_->get(kWorks, wanted.id)->name, "line 7");
  EXPECT_EQ(store_.load_all()[0].name, "line 7");
  EXPECT_EQ(marks("speed"), 0u);
  save(wanted);
  EXPECT_EQ(marks("speed"), 1u) << "saved as it is: started anew";
  EXPECT_TRUE(runs(wanted.id));
}

TEST_F(ManagerChangesTest, OthersAreChangedWhileASessionCannotEnd) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto slow = save(config({"speed"}));
  ASSERT_TRUE(runs(slow));
  ConnectionConfig other = config({});
  other.name = "line 2";
  other.id = save(other);
  door_.hold(true);
  std::atomic<bool> removed{false};
  std::thread remover([&] {
    EXPECT_TRUE(manager_->remove(kWorks, slow));
    removed = true;
  });
  EXPECT_TRUE(eventually([&] { return manager_->list(kWorks).size() == 1; }));
  other.publishing_ms = 100;
  EXPECT_TRUE(manager_->save(other));
  EXPECT_EQ(manager_->status(kWorks, slow).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(manager_->remove(kWorks, other.id));
  EXPECT_FALSE(removed) << "its last readings are still on their way";
  door_.hold(false);
  remover.join();
  EXPECT_EQ(newest("speed")->quality, kBadNoCommunication);
}

TEST_F(ManagerChangesTest, ChangesOfOneConnectionTakeTurns) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed"});
  wanted.id = save(wanted);
  ASSERT_TRUE(runs(wanted.id));
  std::vector<std::thread> editors;
  for (std::uint32_t editor = 0; editor < 4; ++editor)
    editors.emplace_back([&, editor] {
      ConnectionConfig mine = wanted;
      mine.publishing_ms = 100 + editor;
      EXPECT_TRUE(manager_->save(mine));
    });
  for (std::thread& editor : editors) editor.join();
  EXPECT_EQ(manager_->get(kWorks, wanted.id)->publishing_ms, store_.load_all()[0].publishing_ms);
  EXPECT_TRUE(runs(wanted.id));
}

}  // namespace
}  // namespace tundish::connect
