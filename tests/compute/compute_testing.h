#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compute/engine.h"
#include "formula/plant_testing.h"
#include "historian/historian_testing.h"
#include "io/sqlite.h"
#include "stand_ins.h"

namespace tundish::compute::testing {

static_assert(kEnterprise == historian::testing::kEnterprise);

/// A historian on a simulated disk, a model, and the engine over both.
class Works {
 public:
  Works() : node_(folder_.open()) {
    name_ = (std::filesystem::temp_directory_path() / "compute_test_XXXXXX").string();
    if (::mkdtemp(name_.data()) == nullptr) std::abort();
    database_ = io::sqlite::Database::open(name_ + "/meta.db").value();
  }
  ~Works() {
    engine.reset();
    database_.reset();
    std::filesystem::remove_all(name_);
  }
  Works(const Works&) = delete;

  historian::testing::Node& node() { return node_; }
  HeldModel& model() { return model_; }
  OneEnterprise& enterprise() { return enterprises_; }
  io::sqlite::Database& database() { return *database_; }
  io::SimulatedClock& clock() { return folder_.clock(); }

  /// A measured attribute.
  Attribute measured(const std::string& name, const std::string& unit, bool step = true) {
    Attribute made = formula::test_asset(1, 0, "x", {{name, unit}}).attributes[0];
    made.definition.step = step;
    made.tag = tag_of(name);
    return made;
  }
  Attribute derived(const std::string& name, const std::string& unit, const std::string& formula,
                    DurationNs every = 0) {
    Attribute made = formula::test_asset(1, 0, "x", {{name, unit, formula}}).attributes[0];
    made.definition.every = every;
    made.tag = tag_of(name);
    made.formula_version = 1;
    return made;
  }
  TagId tag_of(const std::string& name, ValueType type = ValueType::kDouble) {
    if (const auto found = tags_.find(name); found != tags_.end()) return found->second;
    return tags_[name] = node_.make_tag(type);
  }
  Attribute text(const std::string& name) {
    Attribute made =
        formula::test_asset(1, 0, "x", {{name, "", "", ValueType::kString}}).attributes[0];
    made.definition.step = true;
    made.tag = tag_of(name, ValueType::kString);
    return made;
  }
  void set_attributes(std::vector<Attribute> attributes,
                      std::vector<IntervalDefinition> intervals = {}) {
    Asset asset = formula::test_asset(1, 0, "plant-01/works", {}, std::move(intervals));
    asset.attributes = std::move(attributes);
    model_.set({asset});
  }

  /// As after a start of the program.
  void restart() {
    engine.reset();
    engine = Engine::open({.enterprises = enterprises_,
                           .models = model_,
                           .calendars = windows_,
                           .reader = *node_.operator->(),
                           .sink = *node_.operator->(),
                           .feed = *node_.operator->(),
                           .database = *database_},
                          {.catch_up = std::chrono::milliseconds(10'000)})
                 .value();
  }
  void turn() {
    if (engine == nullptr) restart();
    const Status done = engine->turn();
    EXPECT_TRUE(done) << done.error().to_string();
  }
  /// `label from-to name=value` a line.
  std::string intervals(const std::string& kind) {
    std::string text;
    for (const Interval& interval :
         engine->intervals().intervals(kEnterprise, AssetId(1), kind, {}, 1000)) {
      text +=
          fmt::format("{} {}-{}{}{}", interval.label, interval.from / kSecond,
                      interval.to ? std::to_string(*interval.to / kSecond) : "",
                      interval.is_doubtful ? "?" : "", interval.is_withdrawn ? " withdrawn" : "");
      for (const auto& [name, value] : interval.captured)
        text += fmt::format(" {}={}", name, value);
      text += "\n";
    }
    return text;
  }
  historian::testing::Rows rows(const std::string& name) { return node_.scan(tag_of(name)); }

  std::unique_ptr<Engine> engine;

 private:
  historian::testing::Folder folder_;
  historian::testing::Node node_;
  OneEnterprise enterprises_;
  HeldModel model_;
  HundredSeconds windows_;
  std::string name_;
  std::unique_ptr<io::sqlite::Database> database_;
  std::map<std::string, TagId> tags_;
};

}  // namespace tundish::compute::testing
