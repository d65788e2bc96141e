#include "simulate/history.h"

#include <gtest/gtest.h>

#include <map>

#include "simulate/simulate_testing.h"

namespace tundish::simulate {
namespace {

constexpr TimeNs kFrom = 1'790'000'003 * kSecond;
constexpr std::uint64_t kSeed = 7;

struct Row {
  Value value;
  Quality quality;
};
using Rows = std::map<std::string, std::map<TimeNs, Row>>;

Rows history(const std::string& pack, TimeNs from, TimeNs to) {
  const auto generator = HistoryGenerator::open(pack, "steel-01", from, to, kSeed);
  EXPECT_TRUE(generator);
  Rows rows;
  double done = 0;
  while (const auto batch = (*generator)->next()) {
    EXPECT_LE(batch->rows.size(), HistoryGenerator::kRowsMax);
    EXPECT_GT(batch->rows.size(), 0u);
    EXPECT_EQ(batch->sample_class, SampleClass::kSynthetic);
    EXPECT_FALSE(batch->number) << "the caller's to set";
    EXPECT_GT((*generator)->done(), done);
    done = (*generator)->done();
    for (std::size_t i = 0; i < batch->rows.size(); ++i)
      EXPECT_TRUE(rows[batch->paths[batch->path_index[i]]]
                      .emplace(batch->rows.times[i],
                               Row{batch->rows.value_at(i), Quality{batch->rows.qualities[i]}})
                      .second);
  }
  EXPECT_EQ(done, 1.0);
  return rows;
}

TEST(History, IsWhatAPlantOfTheSameEpochShows) {
  const std::string pack = small_pack("history");
  const TimeNs to = kFrom + 2 * kHour;
  const Rows rows = history(pack, kFrom, to);
  ASSERT_EQ(rows.size(), 5u);
  Plant plant(*load_plant(pack), kSeed, kFrom);
  std::vector<std::optional<Value>> last(5);
  std::size_t found = 0;
  for (TimeNs t = kFrom; t < to; t += kSecond) {
    plant.step_to(t);
    for (std::size_t i = 0; i < 5; ++i) {
      const auto& signal = plant.spec().signals[i];
      const auto& series = rows.at("steel-01/" + signal.path);
      const auto row = series.find(t);
      const bool changed = !last[i] || !same_bits(*last[i], plant.value(i));
      // Held signals when they change, the others every ten seconds.
      ASSERT_EQ(row != series.end(), signal.step ? changed : (t - kFrom) % (10 * kSecond) == 0)
          << signal.path;
      last[i] = plant.value(i);
      if (row == series.end()) continue;
      EXPECT_TRUE(same_bits(row->second.value, plant.value(i)));
      EXPECT_EQ(row->second.quality.code, kGood.code);
      ++found;
    }
  }
  std::size_t all = 0;
  for (const auto& [path, series] : rows) all += series.size();
  EXPECT_EQ(found, all) << "nothing before `from` or from `to` on";
}

TEST(History, AnEmptyTimeHasNoBatch) {
  const auto generator =
      HistoryGenerator::open(small_pack("history_empty"), "e", kFrom, kFrom, kSeed);
  ASSERT_TRUE(generator);
  EXPECT_FALSE((*generator)->next());
  EXPECT_EQ((*generator)->done(), 1.0);
}

TEST(History, AMissingPackIsToldOf) {
  const auto generator = HistoryGenerator::open("/no/such/pack", "e", kFrom, kFrom, kSeed);
  ASSERT_FALSE(generator);
  EXPECT_EQ(generator.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tundish::simulate
