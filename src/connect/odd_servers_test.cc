// Servers as plants have them: silent, slow, with wrong clocks and long texts, and tags taken from under them.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "connect/manager_testing.h"
#include "io/net.h"

namespace tundish::connect {
namespace {

class OddServersTest : public ManagerTesting {};

TEST_F(OddServersTest, ATagThatWasRemovedComesBackWithWhatItsItemSays) {
  server_.add_variable("mode", UA_Int32{3}, UA_TYPES_INT32);
  server_.start();
  start();
  ConnectionConfig wanted = config({"mode"});
  wanted.simulated = true;
  wanted.items[0].step = true;
  wanted.items[0].unit = "Cel";
  wanted.items[0].description = "set point";
  const auto id = save(wanted);
  ASSERT_TRUE(runs(id));
  ASSERT_TRUE(newest_is("mode", std::int64_t{3}));
  ASSERT_TRUE(manager_->feeder(kWorks, "works/hall/mode"));
  EXPECT_EQ(manager_->feeder(kWorks, "works/hall/mode")->name, "line 1");
  EXPECT_FALSE(manager_->feeder(kOther, "works/hall/mode"));
  EXPECT_FALSE(manager_->feeder(kWorks, "works/hall"));

  const TagPtr first = catalogue_.find(kWorks, "works/hall/mode");
  const std::size_t samples = door_.samples("works/hall/mode").size();
  ASSERT_TRUE(catalogue_.remove(first->id));
  // The value does not change: that the tag is gone shows at the next look at silent items.
  ASSERT_TRUE(eventually([&] { return catalogue_.find(kWorks, "works/hall/mode") != nullptr; }));
  const TagPtr second = catalogue_.find(kWorks, "works/hall/mode");
  EXPECT_NE(second->id, first->id);
  EXPECT_EQ(second->unit, "Cel");
  EXPECT_EQ(second->description, "set point");
  EXPECT_TRUE(second->step);
  EXPECT_TRUE(second->simulated);
  EXPECT_TRUE(eventually([&] { return door_.samples("works/hall/mode").size() > samples; }));
}

TEST_F(OddServersTest, ATagTakesWhatItCanOfTheServersDescription) {
  server_.add_described("heat", 800.0, "Hot blast\r\n" + std::string(5000, 'x'));
  server_.add_described("speed", 1.5, "of the strip");
  server_.start();
  start();
  ASSERT_TRUE(runs(save(config({"heat", "speed"}))));
  ASSERT_TRUE(newest_is("heat", 800.0));
  const TagPtr heat = catalogue_.find(kWorks, "works/hall/heat");
  ASSERT_TRUE(heat);
  EXPECT_EQ(heat->description, "Hot blast  " + std::string(1000 - 11, 'x'));
  EXPECT_EQ(catalogue_.find(kWorks, "works/hall/speed")->description, "of the strip");
}

TEST_F(OddServersTest, ATagThatWasRemovedInAnOutageComesBackWithItsUnit) {
  server_.add_analog("heat", 800.0, 0x43454C, "\u00b0C");
  server_.start();
  start();
  const auto id = save(config({"heat"}));
  ASSERT_TRUE(runs(id));
  ASSERT_TRUE(newest_is("heat", 800.0));
  server_.stop();
  ASSERT_TRUE(newest_is("heat", 800.0, kBadNoCommunication));
  ASSERT_TRUE(catalogue_.remove(catalogue_.find(kWorks, "works/hall/heat")->id));
  server_.start();
  ASSERT_TRUE(runs(id)) << status(id).message;
  ASSERT_TRUE(newest_is("heat", 800.0));
  ASSERT_TRUE(catalogue_.find(kWorks, "works/hall/heat"));
  EXPECT_EQ(catalogue_.find(kWorks, "works/hall/heat")->unit, "Cel");
}

TEST_F(OddServersTest, ALongPreparationIsNoLoss) {
  // Nothing but the answers to requests comes from this server: none of the nodes exists.
  std::vector<std::string> names;
  for (int node = 0; node < 400; ++node) names.push_back(fmt::format("none-{}", node));
  server_.start();
  Options options = quick();
  options.items_per_request = 1;
  options.keep_alive_every = 50 * kMillisecond;
  options.lost_after = 600 * kMillisecond;  // the preparation takes more than twice as long
  start(options);
  const auto id = save(config(names));
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kConnected; }))
      << status(id).message;
  const TimeNs since = status(id).since;
  EXPECT_FALSE(eventually([&] { return status(id).since != since; }, 600)) << status(id).message;
  EXPECT_EQ(status(id).reconnects, 0u);
}

/// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : listener_(*io::real_net().listen(io::Address::tcp("127.0.0.1", 0))) {
    thread_ = std::thread([this] {
      while (auto stream = listener_->accept(20 * kSecond)) {
        streams_.push_back(std::move(*stream));
        ++taken_;
      }
    });
  }
  ~SilentServer() {
    listener_->close();
    thread_.join();
  }
  std::string url() const {
    return fmt::format("opc.tcp://127.0.0.1:{}", listener_->address().port);
  }
  int taken() const { return taken_; }

 private:
  std::unique_ptr<io::Listener> listener_;
  std::vector<std::unique_ptr<io::Stream>> streams_;
  std::atomic<int> taken_{0};
  std::thread thread_;
};

TEST_F(OddServersTest, AServerThatTakesTheConnectionAndIsSilentFails) {
  const SilentServer silent;
  Options options = quick();
  options.connect_timeout = 200 * kMillisecond;
  start(options);
  ConnectionConfig wanted = config({"speed"});
  wanted.endpoint = silent.url();
  const auto id = save(wanted);
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  EXPECT_NE(status(id).message.find("in time"), std::string::npos) << status(id).message;
  EXPECT_TRUE(eventually([&] { return silent.taken() > 1; })) << "it is tried again";
  EXPECT_TRUE(manager_->remove(kWorks, id));
}

TEST_F(OddServersTest, QuestionsToSilentServersAreLimitedAndEndWithTheManager) {
  const SilentServer silent;
  Options options = quick();
  options.connect_timeout = kMinute;
  options.asks_per_enterprise_max = 1;
  start(options);
  std::thread asker([&] {
    const auto answer = manager_->endpoints(kWorks, silent.url());
    EXPECT_EQ(answer.error().code, ErrorCode::kCancelled) << answer.error().to_string();
  });
  EXPECT_TRUE(eventually([&] { return silent.taken() == 1; }));
  EXPECT_EQ(manager_->endpoints(kWorks, server_.url()).error().code, ErrorCode::kOverloaded);
  server_.start();
  EXPECT_TRUE(manager_->endpoints(kOther, server_.url()));
  manager_->stop();
  asker.join();
}

TEST_F(OddServersTest, AClockFarAheadDoesNotTakeTheMarksAlong) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.options().clock_ahead = 3650 * kDay;
  server_.start();
  start();
  const auto id = save(config({"speed"}));
  ASSERT_TRUE(runs(id)) << status(id).message;
  UA_DataValue ahead;
  UA_DataValue_init(&ahead);
  UA_Double value = 2.5;
  UA_Variant_setScalar(&ahead.value, &value, &UA_TYPES[UA_TYPES_DOUBLE]);
  ahead.hasValue = ahead.hasSourceTimestamp = true;
  ahead.sourceTimestamp = UA_DateTime_now() + 3650 * (kDay / 100);
  server_.write("speed", ahead);
  ASSERT_TRUE(newest_is("speed", 2.5));
  server_.stop();
  ASSERT_TRUE(eventually([&] { return marks("speed") == 1; }));
  // The door takes nothing that is more than a day ahead: nobody would see the mark there.
  const auto samples = door_.samples("works/hall/speed");
  const auto mark = std::find_if(samples.begin(), samples.end(), [](const Sample& sample) {
    return sample.quality == kBadNoCommunication;
  });
  EXPECT_LT(mark->time, io::real_clock().now() + kDay);

  server_.options().clock_ahead = 0;  // somebody has set it
  server_.start();
  ASSERT_TRUE(runs(id));
  EXPECT_LT(door_.samples("works/hall/speed").back().time, io::real_clock().now() + kDay);
}

TEST_F(OddServersTest, OneNodeMayFeedTwoTags) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed", "speed"});
  wanted.items[1].path = "works/hall/\u901f\u5ea6 <b>'";
  const auto id = save(wanted);
  ASSERT_TRUE(runs(id)) << status(id).message;
  server_.write_double("speed", 2.5);
  EXPECT_TRUE(newest_is("speed", 2.5));
  EXPECT_TRUE(newest_is("\u901f\u5ea6 <b>'", 2.5));
}

}  // namespace
}  // namespace tundish::connect
