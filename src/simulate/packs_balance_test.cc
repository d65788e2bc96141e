// Packs with a model: what the simulated plant shows is what the model says, and its books close.
//
// 1. Every signal of simulation.yaml is a measured attribute of an asset of plant.yaml, in its unit.
// 2. Over 24 hours of normal running each reading is inside `valid` always, and inside `normal` nearly always.
// 3. The rows of balances.csv hold over these hours: `name,left,right,tolerance`. A side is a sum such as
//    `0.97 * works/a/total - works/b/total`: of a number the change over the day counts, of a switch its hours
//    on. A tolerance is a share, `0.02`, or a band for left / right: `0.80..0.93`.
// 4. faults.csv names faults, alarms and assets that exist, and every alarm has a fault that makes it come.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "base/time.h"
#include "pack/yaml_reader.h"
#include "simulate/plant.h"

namespace tundish::simulate {
namespace {

constexpr TimeNs kEpoch = 1'790'000'000 * kSecond;
constexpr double kNormalShare = 0.99;

struct Ends {
  double low = 0, high = 0;
  bool holds(double value) const { return value >= low && value <= high; }
};

struct AttributeFacts {
  std::string unit, type;  ///< type is empty when it is not measured
  std::optional<Ends> normal, valid;
};
using AttributesByName = std::map<std::string, AttributeFacts>;

std::optional<Ends> ends_of(const YAML::Node& node, const char* name) {
  const auto found = pack::optional_member(node, name);
  if (!found) return std::nullopt;
  const auto [low, high] = pack::pair_of_numbers(*found);
  return Ends{low, high};
}

std::vector<std::vector<std::string>> rows_of(const std::string& file) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    if (!line.empty() && line.back() == ',') cells.emplace_back();
    if (!cells.empty()) rows.push_back(cells);
  }
  if (!rows.empty()) rows.erase(rows.begin());  // the names of the columns
  return rows;
}

/// The parts of a pack that this program compares.
class Model {
 public:
  explicit Model(std::string name) : folder_(folder_of(name)), spec_(load()) {
    const YAML::Node assets = read("assets.yaml")["templates"];
    for (const auto& [key, body] : pack::entries(assets, "templates"))
      templates_.emplace(pack::text(key), body);
    for (const auto& [key, body] : pack::entries(read("plant.yaml")["assets"], "assets"))
      assets_[pack::text(key)] = pack::text_or(body, "template", "");
    if (has("alarms.yaml"))
      for (const auto& [key, body] : pack::entries(read("alarms.yaml")["alarms"], "alarms"))
        alarms_[pack::text(key)] = pack::text(pack::member(body, "of"));
  }

  static std::string folder_of(const std::string& name) {
    return std::string(TUNDISH_SOURCE_DIR) + "/packs/" + name;
  }
  bool has(const std::string& file) const { return std::filesystem::exists(folder_ + "/" + file); }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  const PlantSpec& spec() const { return spec_; }
  const std::map<std::string, std::string>& assets() const { return assets_; }
  const std::map<std::string, std::string>& alarms() const { return alarms_; }

  bool is_a(std::string name, const std::string& ancestor) const {
    for (; name != ancestor; name = pack::text_or(templates_.at(name), "extends", ""))
      if (!templates_.contains(name)) return false;
    return true;
  }

  AttributesByName attributes(const std::string& name) const {
    const YAML::Node& body = templates_.at(name);
    AttributesByName all;
    if (const auto parent = pack::optional_member(body, "extends"))
      all = attributes(pack::text(*parent));
    if (const auto own = pack::optional_member(body, "attributes"))
      for (const auto& [key, facts] : pack::entries(*own, "attributes"))
        all[pack::text(key)] = {.unit = pack::text_or(facts, "unit", ""),
                                .type = pack::text_or(facts, "measured", ""),
                                .normal = ends_of(facts, "normal"),
                                .valid = ends_of(facts, "valid")};
    return all;
  }

  /// What the model says of the signal; nothing (and a failure) when it does not know it.
  std::optional<AttributeFacts> facts_of(const SignalSpec& signal) const {
    const auto slash = signal.path.rfind('/');
    const auto asset = assets_.find(signal.path.substr(0, slash));
    if (asset == assets_.end() || asset->second.empty()) {
      ADD_FAILURE() << signal.path << ": there is no such asset with a template in plant.yaml";
      return std::nullopt;
    }
    const auto all = attributes(asset->second);
    const auto found = all.find(signal.path.substr(slash + 1));
    if (found == all.end() || found->second.type.empty()) {
      ADD_FAILURE() << signal.path << ": " << asset->second << " has no such measured attribute";
      return std::nullopt;
    }
    return found->second;
  }

 private:
  YAML::Node read(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return pack::load_yaml({std::istreambuf_iterator<char>(in), {}});
  }
  PlantSpec load() const {
    auto spec = load_plant(folder_);
    EXPECT_TRUE(spec) << spec.error().to_string();
    return spec ? std::move(*spec) : PlantSpec{};
  }

  std::string folder_;
  PlantSpec spec_;
  std::map<std::string, YAML::Node> templates_;
  std::map<std::string, std::string> assets_, alarms_;
};

std::vector<std::string> packs() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TUNDISH_SOURCE_DIR) + "/packs"))
    if (std::filesystem::exists(entry.path() / "simulation.yaml") &&
        std::filesystem::exists(entry.path() / "plant.yaml"))
      names.push_back(entry.path().filename());
  return names;
}

std::string name_of(ValueType type) {
  switch (type) {
    case ValueType::kDouble: return "double";
    case ValueType::kInt64: return "int64";
    case ValueType::kBool: return "bool";
    case ValueType::kString: return "string";
  }
  return {};
}

/// What a day added to each signal: the change of a number, the hours of a switch.
class Day {
 public:
  explicit Day(const Model& model)
      : plant_(model.spec(), 1, kEpoch), signals_(plant_.spec().signals.size()) {
    for (std::size_t i = 0; i < signals_.size(); ++i) {
      const SignalSpec& signal = plant_.spec().signals[i];
      index_[signal.path] = i;
      if (const auto facts = model.facts_of(signal)) signals_[i].facts = *facts;
    }
    for (TimeNs t = kEpoch; t <= kEpoch + kDay; t += kSecond) {
      plant_.step_to(t);
      for (std::size_t i = 0; i < signals_.size(); ++i) take(i, t);
    }
  }

  void expect_healthy() const {
    for (std::size_t i = 0; i < signals_.size(); ++i) {
      const auto& [facts, first, last, low, high, on, odd, all] = signals_[i];
      if (all == 0) continue;
      const std::string& path = plant_.spec().signals[i].path;
      if (facts.valid) {
        EXPECT_TRUE(facts.valid->holds(low) && facts.valid->holds(high))
            << fmt::format("{} went {} .. {}, believable is {} .. {}", path, low, high,
                           facts.valid->low, facts.valid->high);
      }
      if (facts.normal) {
        EXPECT_LE(odd, all * (1 - kNormalShare))
            << fmt::format("{} went {} .. {} and was {} s outside {} .. {}", path, low, high, odd,
                           facts.normal->low, facts.normal->high);
      }
    }
  }

  /// Of `0.97 * works/a/total - works/b/total`.
  double sum(const std::string& side) const {
    std::stringstream words(side);
    double total = 0, sign = 1, factor = 1;
    for (std::string word; words >> word;) {
      if (word == "+" || word == "-") {
        sign = word == "+" ? 1 : -1;
        factor = 1;
      } else if (word.find('/') != std::string::npos) {
        const auto found = index_.find(word);
        if (found == index_.end()) {
          ADD_FAILURE() << "balances.csv: there is no signal '" << word << "'";
          continue;
        }
        const Seen& seen = signals_[found->second];
        total += sign * factor * (seen.last - seen.first + seen.on_s / 3600);
      } else if (word != "*") {
        factor = std::stod(word);
      }
    }
    return total;
  }

 private:
  struct Seen {
    AttributeFacts facts;
    double first = 0, last = 0, low = 1e300, high = -1e300, on_s = 0, odd = 0, all = 0;
  };

  void take(std::size_t i, TimeNs t) {
    Seen& seen = signals_[i];
    const Value& value = plant_.value(i);
    if (const auto* flag = std::get_if<bool>(&value)) {
      if (t < kEpoch + kDay) seen.on_s += *flag ? 1 : 0;
      return;
    }
    if (std::holds_alternative<std::string>(value)) return;
    const double number = std::holds_alternative<double>(value)
                              ? std::get<double>(value)
                              : static_cast<double>(std::get<std::int64_t>(value));
    if (t == kEpoch) seen.first = number;
    seen.last = number;
    seen.low = std::min(seen.low, number);
    seen.high = std::max(seen.high, number);
    seen.odd += seen.facts.normal && !seen.facts.normal->holds(number) ? 1 : 0;
    seen.all += 1;
  }

  Plant plant_;
  std::vector<Seen> signals_;
  std::map<std::string, std::size_t> index_;
};

class PackModel : public testing::TestWithParam<std::string> {};

TEST_P(PackModel, EverySignalIsAnAttributeInItsUnit) {
  const Model model(GetParam());
  for (const auto& signal : model.spec().signals) {
    const auto facts = model.facts_of(signal);
    if (!facts) continue;
    EXPECT_EQ(signal.unit, facts->unit) << signal.path;
    EXPECT_EQ(name_of(signal.type), facts->type) << signal.path;
    if (facts->valid) {
      EXPECT_EQ(signal.low, facts->valid->low) << signal.path;
      EXPECT_EQ(signal.high, facts->valid->high) << signal.path;
    }
  }
}

TEST_P(PackModel, ANormalDayIsHealthyAndItsBalancesClose) {
  const Model model(GetParam());
  const Day day(model);
  day.expect_healthy();
  for (const auto& row : rows_of(model.file("balances.csv"))) {
    ASSERT_EQ(row.size(), 4u) << row[0];
    const double left = day.sum(row[1]), right = day.sum(row[2]);
    const auto dots = row[3].find("..");
    const std::string found =
        fmt::format("{}: {:.6g} / {:.6g} = {:.4f}", row[0], left, right, left / right);
    ASSERT_NE(right, 0.0) << found;
    RecordProperty(row[0], fmt::format("{:.4f}", left / right));
    const Ends ends = dots == std::string::npos ? Ends{1 - std::stod(row[3]), 1 + std::stod(row[3])}
                                                : Ends{std::stod(row[3].substr(0, dots)),
                                                       std::stod(row[3].substr(dots + 2))};
    EXPECT_TRUE(ends.holds(left / right)) << found;
  }
}

TEST_P(PackModel, EveryAlarmHasAFaultThatMakesItCome) {
  const Model model(GetParam());
  std::set<std::string> faults, left;
  for (const auto& fault : model.spec().faults) faults.insert(fault.name);
  for (const auto& [alarm, of] : model.alarms()) left.insert(alarm);
  for (const auto& row : rows_of(model.file("faults.csv"))) {
    ASSERT_EQ(row.size(), 5u) << row[0];
    EXPECT_TRUE(faults.contains(row[0])) << row[0];
    EXPECT_TRUE(parse_duration(row[3])) << row[0] << ": " << row[3];
    const auto alarm = model.alarms().find(row[1]);
    const auto asset = model.assets().find(row[2]);
    ASSERT_NE(alarm, model.alarms().end()) << row[1];
    ASSERT_NE(asset, model.assets().end()) << row[2];
    EXPECT_TRUE(model.is_a(asset->second, alarm->second))
        << row[2] << " is a " << asset->second << ", alarm " << row[1] << " is of "
        << alarm->second;
    left.erase(row[1]);
  }
  for (const auto& alarm : left) ADD_FAILURE() << "no fault makes the alarm '" << alarm << "' come";
}

// There are none as long as no pack has a model.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PackModel);
INSTANTIATE_TEST_SUITE_P(All, PackModel, testing::ValuesIn(packs()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace tundish::simulate
