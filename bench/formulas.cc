// What formulas cost with a real historian below them: a year of one-second data through a formula of five inputs,
// reading included; and twenty thousand live formulas at one update a second.
//
//   bench_formulas [DAYS of data, default 365] [FORMULAS, default 20000] [ROUNDS over the days, default 1]
//
// One line a figure. CPU seconds are those of the whole process, so the historian's part of live work is in them.

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "compute/engine.h"
#include "formula/plant_names.h"
#include "formula/plant_sources.h"
#include "historian/historian.h"
#include "io/clock.h"
#include "io/disk.h"
#include "io/sqlite.h"
#include "stand_ins.h"

namespace tundish {
namespace {

using compute::testing::kEnterprise;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}\n", result.error().to_string());
  std::exit(1);
}
void must(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().to_string());
  std::exit(1);
}

class Bench {
 public:
  Bench() {
    folder_ = (std::filesystem::temp_directory_path() / "bench_formulas_XXXXXX").string();
    if (::mkdtemp(folder_.data()) == nullptr) std::abort();
    disk_ = must(io::open_real_disk(folder_));
    historian_ = must(historian::Historian::open(*disk_, io::real_clock(), {}));
    database_ = must(io::sqlite::Database::open(folder_ + "/meta.db"));
    stream_ = must(historian_->open_stream(kEnterprise, "bench", "main"));
  }
  ~Bench() {
    historian_->stop();
    historian_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::vector<TagId> make_tags(std::size_t count) {
    const std::vector<NewTagId> wanted(count, NewTagId{ValueType::kDouble, "x"});
    std::vector<TagId> all;
    for (std::size_t at = 0; at < count; at += 1000) {
      const auto made = must(historian_->make_tags(
          kEnterprise, std::span(wanted).subspan(at, std::min<std::size_t>(1000, count - at))));
      all.insert(all.end(), made.begin(), made.end());
    }
    return all;
  }
  void append(SampleBatch batch) {
    batch.enterprise = kEnterprise;
    batch.number = {stream_.source, stream_.stream, stream_.epoch, stream_.next_sequence++};
    static_cast<void>(must(historian_->append(std::move(batch))));
  }

  static Asset asset(std::uint64_t id, std::string path) {
    Asset made;
    made.id = AssetId(id);
    made.path = std::move(path);
    made.facts = std::make_shared<const TemplateFacts>();
    return made;
  }
  static Attribute attribute(std::string name, TagId tag, std::string formula = {}) {
    Attribute made;
    made.definition.name = std::move(name);
    made.definition.unit = "kW";
    made.definition.step = true;
    made.definition.formula = std::move(formula);
    if (!made.definition.formula.empty()) made.definition.kind = AttributeKind::kFormula;
    made.tag = tag;
    return made;
  }

  void year(int days, int rounds) {
    const auto tags = make_tags(5);
    const TimeNs from = 1'700'000'000 * kSecond;
    const TimeNs seconds = static_cast<TimeNs>(days) * 86'400;
    constexpr TimeNs kRows = 10'000;
    for (TimeNs at = 0; at < seconds; at += kRows)
      for (std::size_t tag = 0; tag < tags.size(); ++tag) {
        SampleBatch batch;
        for (TimeNs i = at; i < std::min(at + kRows, seconds); ++i) {
          batch.tags.push_back(tags[tag].number);
          batch.rows.push_back(
              from + i * kSecond,
              Value(static_cast<double>((i * 7 + static_cast<TimeNs>(tag)) % 1000) / 10), kGood);
        }
        append(std::move(batch));
      }
    must(historian_->flush());
    Asset one = asset(1, "plant-01/furnace");
    for (std::size_t i = 0; i < tags.size(); ++i)
      one.attributes.push_back(attribute(std::string(1, static_cast<char>('a' + i)), tags[i]));
    model_.set({one});
    const auto model = model_.model(kEnterprise);
    const auto program = must(
        formula::compile("(a + b) * c / d - e", formula::PlantNames(*model, model->assets()[0])));
    double best_cpu = 0, best_wall = 0;
    std::uint64_t rows = 0, samples = 0;
    for (int round = 0; round < rounds; ++round) {
      const auto snapshot = must(historian_->snapshot());
      formula::PlantSources sources(*snapshot, *model, model->assets()[0], windows_);
      const double cpu = cpu_seconds(), wall = wall_seconds();
      rows = 0;
      const auto account =
          must(formula::evaluate(program, sources, {.range = {from, from + seconds * kSecond}}, {},
                                 [&](const formula::Results& results) -> Status {
                                   rows += results.times.size();
                                   return {};
                                 }));
      samples = account.samples;
      if (round == 0 || cpu_seconds() - cpu < best_cpu) {
        best_cpu = cpu_seconds() - cpu;
        best_wall = wall_seconds() - wall;
      }
    }
    fmt::print(
        "five inputs over {} days: {} results of {} samples in {:.3f} s, {:.3f} CPU s (best of "
        "{}); "
        "a year in {:.2f} CPU s\n",
        days, rows, samples, best_wall, best_cpu, rounds, best_cpu * 365 / days);
  }

  void live(std::size_t formulas) {
    const auto inputs = make_tags(2 * formulas), results = make_tags(formulas);
    std::vector<Asset> assets;
    for (std::size_t i = 0; i < formulas; ++i) {
      Asset one = asset(10 + i, fmt::format("plant-01/asset{}", i));
      one.attributes = {attribute("a", inputs[2 * i]), attribute("b", inputs[2 * i + 1]),
                        attribute("sum", results[i], "a * 2 + b")};
      assets.push_back(std::move(one));
    }
    model_.set(std::move(assets));
    const auto engine = must(compute::Engine::open({.enterprises = enterprises_,
                                                    .models = model_,
                                                    .calendars = windows_,
                                                    .reader = *historian_,
                                                    .sink = *historian_,
                                                    .feed = *historian_,
                                                    .database = *database_},
                                                   {}));
    must(engine->turn());
    double cpu = 0;
    constexpr int kUpdates = 10;
    for (int update = 0; update < kUpdates + 2; ++update) {
      const TimeNs time = (1'700'000'000 + update) * kSecond;
      for (std::size_t at = 0; at < inputs.size(); at += 10'000) {
        SampleBatch batch;
        for (std::size_t i = at; i < std::min(at + 10'000, inputs.size()); ++i) {
          batch.tags.push_back(inputs[i].number);
          batch.rows.push_back(time, Value(static_cast<double>(update) + static_cast<double>(i)),
                               kGood);
        }
        append(std::move(batch));
      }
      const double before = cpu_seconds();
      must(engine->turn());
      // The first two make what is kept.
      if (update >= 2) cpu += cpu_seconds() - before;
    }
    fmt::print(
        "{} live formulas of two inputs: {:.3f} CPU s an update ({:.1f} us a formula), {} results "
        "written\n",
        formulas, cpu / kUpdates, cpu / kUpdates / static_cast<double>(formulas) * 1e6,
        engine->state(kEnterprise).rows_written);
  }

 private:
  std::string folder_;
  std::unique_ptr<io::Disk> disk_;
  std::unique_ptr<historian::Historian> historian_;
  std::unique_ptr<io::sqlite::Database> database_;
  StreamState stream_;
  compute::testing::HeldModel model_;
  compute::testing::HundredSeconds windows_;
  compute::testing::OneEnterprise enterprises_;
};

}  // namespace
}  // namespace tundish

int main(int argc, char** argv) {
  const int days = argc > 1 ? std::atoi(argv[1]) : 365;
  const int formulas = argc > 2 ? std::atoi(argv[2]) : 20'000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 1;
  tundish::Bench bench;
  if (days > 0) bench.year(days, std::max(rounds, 1));
  if (formulas > 0) bench.live(static_cast<std::size_t>(formulas));
}
