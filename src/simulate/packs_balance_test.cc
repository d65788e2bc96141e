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
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "base/time.h"
#include "simulate/packs_testing.h"
#include "simulate/plant.h"

namespace tundish::simulate {
namespace {

constexpr double kNormalShare = 0.99;

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
  Day(const Model& model, std::uint64_t seed)
      : plant_(model.spec(), seed, kPacksEpoch), signals_(plant_.spec().signals.size()) {
    for (std::size_t i = 0; i < signals_.size(); ++i) {
      const SignalSpec& signal = plant_.spec().signals[i];
      index_[signal.path] = i;
      if (const auto facts = model.facts_of(signal)) signals_[i].facts = *facts;
    }
    for (TimeNs t = kPacksEpoch; t <= kPacksEpoch + kDay; t += kSecond) {
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
      if (t < kPacksEpoch + kDay) seen.on_s += *flag ? 1 : 0;
      return;
    }
    if (std::holds_alternative<std::string>(value)) return;
    const double number = std::holds_alternative<double>(value)
                              ? std::get<double>(value)
                              : static_cast<double>(std::get<std::int64_t>(value));
    if (t == kPacksEpoch) seen.first = number;
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

void expect_balances(const Model& model, const Day& day) {
  for (const auto& row : rows_of(model.file("balances.csv"))) {
    ASSERT_EQ(row.size(), 4u) << row[0];
    const double left = day.sum(row[1]), right = day.sum(row[2]);
    const auto dots = row[3].find("..");
    const std::string found =
        fmt::format("{}: {:.6g} / {:.6g} = {:.4f}", row[0], left, right, left / right);
    ASSERT_NE(right, 0.0) << found;
    testing::Test::RecordProperty(row[0], fmt::format("{:.4f}", left / right));
    const Ends ends = dots == std::string::npos ? Ends{1 - std::stod(row[3]), 1 + std::stod(row[3])}
                                                : Ends{std::stod(row[3].substr(0, dots)),
                                                       std::stod(row[3].substr(dots + 2))};
    EXPECT_TRUE(ends.holds(left / right)) << found;
  }
}

/// What chance gives differs from one day to the next: three of them.
TEST_P(PackModel, NormalDaysAreHealthyAndTheirBalancesClose) {
  const Model model(GetParam());
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const Day day(model, seed);
    day.expect_healthy();
    expect_balances(model, day);
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
    const auto asset = model.assets().find(row[2]);
    ASSERT_NE(asset, model.assets().end()) << row[2];
    if (row[1].empty()) {
      EXPECT_FALSE(row[4].empty()) << row[0] << " moves no KPI and brings no alarm";
      continue;
    }
    const auto alarm = model.alarms().find(row[1]);
    ASSERT_NE(alarm, model.alarms().end()) << row[1];
    EXPECT_TRUE(model.is_a(asset->second, alarm->second))
        << row[2] << " is a " << asset->second << ", alarm " << row[1] << " is of "
        << alarm->second;
    left.erase(row[1]);
  }
  for (const auto& alarm : left) ADD_FAILURE() << "no fault makes the alarm '" << alarm << "' come";
}

// There are none as long as no pack has a model.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PackModel);
INSTANTIATE_TEST_SUITE_P(All, PackModel, testing::ValuesIn(packs_with_a_model()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace tundish::simulate
