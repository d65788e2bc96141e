// What a plant's day means by the formulas of its pack, computed from the samples that a connection would bring:
//
// 1. In 24 normal hours, after one for windows to fill, each KPI is in its band and no alarm comes.
// 2. Each fault of faults.csv, an hour after the start, brings its alarms at their assets once, within the
//    delay, and no other; its KPI moves, and where no alarm is named, at the asset that is.
//
// An alarm stands for its condition, with its delays. A sample is taken once a second, or once in ten where the
// model says that less will do; a value that is held only when it changes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "formula/evaluate.h"
#include "formula/plant_names.h"
#include "model/plant_model.h"
#include "simulate/packs_testing.h"

namespace tundish::simulate {
namespace {

constexpr std::string_view kEnterprise = "e/";
constexpr DurationNs kBefore = kHour;  // for windows to fill, and until a fault is switched on
constexpr DurationNs kKpiWindow = kHour;
constexpr double kMoved = 0.01;  // of the KPI without the fault

/// `asset/attribute` -> its samples.
using History = std::map<std::string, std::vector<Sample>>;

/// The pack's plant as the platform's model has it.
PlantModel model_of(const Model& pack) {
  std::vector<Asset> assets;
  std::map<std::string, AssetId> ids;
  for (const auto& [path, of] : pack.assets()) {  // ascending: a parent comes first
    Asset made{.id = AssetId(ids.size() + 1),
               .parent = {},
               .path = std::string(kEnterprise) + path,
               .words = {},
               .facts = std::make_shared<const TemplateFacts>(),
               .attributes = {}};
    ids[path] = made.id;
    if (const auto slash = path.rfind('/'); slash != std::string::npos)
      if (const auto parent = ids.find(path.substr(0, slash)); parent != ids.end())
        made.parent = parent->second;
    if (!of.empty())
      for (const auto& [name, facts] : pack.attributes(of)) {
        Attribute attribute;
        attribute.definition.name = name;
        attribute.definition.unit = facts.unit;
        attribute.definition.step = facts.step;
        attribute.definition.every = facts.every;
        attribute.definition.formula = facts.formula;
        if (!facts.formula.empty()) attribute.definition.kind = AttributeKind::kFormula;
        if (facts.constant) {
          attribute.definition.kind = AttributeKind::kConstant;
          attribute.definition.constant = *facts.constant;
        }
        if (!facts.type.empty()) attribute.definition.type = *parse_value_type(facts.type);
        if (facts.valid)
          attribute.definition.valid = Limits{.low = facts.valid->low, .high = facts.valid->high};
        made.attributes.push_back(std::move(attribute));
      }
    assets.push_back(std::move(made));
  }
  return PlantModel(EnterpriseId(1), 1, std::move(assets));
}

/// Samples of one plant, as formulas of one asset read them.
class Read final : public formula::Sources {
 public:
  Read(const PlantModel& model, const Asset& asset, const History& history)
      : model_(model), asset_(asset), history_(history) {}

  std::size_t series(const formula::InputName& input) override {
    return input.set.empty() ? 1 : set_size(input.set);
  }
  std::size_t set_size(std::string_view) override { return model_.children(asset_.id).size(); }
  formula::SeriesFacts facts(const formula::InputName& input, std::size_t index) override {
    const auto [attribute, path] = find(input, index);
    if (attribute == nullptr) return {.is_missing = true};
    formula::SeriesFacts facts{.step = attribute->definition.step,
                               .valid = attribute->definition.valid};
    if (attribute->definition.kind == AttributeKind::kConstant)
      facts.constant = attribute->definition.constant;
    return facts;
  }
  Result<std::vector<Sample>> before(const formula::InputName& input, std::size_t index,
                                     TimeNs time, std::size_t usable) override {
    const std::vector<Sample>& all = samples(input, index);
    const auto end = std::ranges::lower_bound(all, time, {}, &Sample::time);
    // Every sample of a healthy plant is usable, and those of a faulty one are in range as well.
    const auto count = std::min<std::size_t>(std::max<std::size_t>(usable, 1),
                                             static_cast<std::size_t>(end - all.begin()));
    return std::vector<Sample>(end - static_cast<std::ptrdiff_t>(count), end);
  }
  Status scan(const formula::InputName& input, std::size_t index, TimeRange range,
              const Visit& visit) override {
    const std::vector<Sample>& all = samples(input, index);
    Columns piece;
    if (!all.empty()) piece.type = type_of(all.front().value);
    for (auto at = std::ranges::lower_bound(all, range.from, {}, &Sample::time);
         at != all.end() && at->time < range.to; ++at)
      piece.push_back(*at);
    if (!piece.empty()) visit(piece);
    return {};
  }
  /// By UTC, with shifts of eight hours.
  Result<std::vector<TimeRange>> windows(std::string_view name, TimeRange range) override {
    static const std::map<std::string_view, DurationNs> kLengths{
        {"hour", kHour}, {"shift", 8 * kHour}, {"day", kDay}};
    const auto length = kLengths.find(name);
    if (length == kLengths.end())
      return fail(ErrorCode::kNotFound, fmt::format("no window '{}' in this test", name));
    std::vector<TimeRange> found;
    for (TimeNs from = range.from - range.from % length->second; from < range.to;
         from += length->second)
      found.push_back({.from = from, .to = from + length->second});
    return found;
  }

 private:
  std::pair<const Attribute*, std::string> find(const formula::InputName& input,
                                                std::size_t index) const {
    const Asset* owner = &asset_;
    const Attribute* found = nullptr;
    if (input.set.empty()) {
      found = model_.resolve(asset_, input.attribute, &owner);
    } else {
      owner = model_.children(asset_.id)[index];
      found = owner->find(input.attribute);
    }
    if (found == nullptr) return {nullptr, {}};
    return {found, owner->path.substr(kEnterprise.size()) + "/" + found->definition.name};
  }
  const std::vector<Sample>& samples(const formula::InputName& input, std::size_t index) const {
    static const std::vector<Sample> none;
    const auto found = history_.find(find(input, index).second);
    return found == history_.end() ? none : found->second;
  }

  const PlantModel& model_;
  const Asset& asset_;
  const History& history_;
};

/// Unlike other times of a pack it may be none.
DurationNs delay_of(const YAML::Node& node, const char* name) {
  return *parse_duration(pack::text_or(node, name, "0s"));
}

struct AlarmOfAsset {
  std::string name, asset;
  formula::Program condition;
  DurationNs on_delay = 0, off_delay = 0;
};
struct KpiOfAsset {
  std::string name, asset;
  formula::Program value;
  std::optional<Ends> band;
};

/// A pack's formulas, ready to run on a history.
class Formulas {
 public:
  explicit Formulas(const Model& pack) : pack_(pack), model_(model_of(pack)) {
    for (const auto& [key, body] : pack::entries(pack.read("alarms.yaml")["alarms"], "alarms"))
      for (const auto& asset : assets_of(pack::text(body["of"])))
        alarms_.push_back({pack::text(key), asset,
                           program(asset, pack::text(body["when"]), formula::Use::kAlways),
                           delay_of(body, "on_delay"), delay_of(body, "off_delay")});
    for (const auto& [key, body] : pack::entries(pack.read("kpis.yaml")["kpis"], "kpis")) {
      std::string text = pack::text_or(body, "value", "");
      if (const auto ratio = pack::optional_member(body, "ratio"))
        text = fmt::format("({}) / ({})", pack::text((*ratio)["of"]), pack::text((*ratio)["by"]));
      text = fmt::format("({}) in '{}'", text, pack::text(body["unit"]));
      for (const auto& asset : assets_of(pack::text(body["of"])))
        kpis_.push_back({pack::text(key), asset, program(asset, text, formula::Use::kPerWindow),
                         ends_of(body, "band")});
    }
  }

  const std::vector<AlarmOfAsset>& alarms() const { return alarms_; }
  const std::vector<KpiOfAsset>& kpis() const { return kpis_; }

  /// Seconds since `range.from` at which the alarm came.
  std::vector<DurationNs> onsets(const AlarmOfAsset& alarm, const History& history,
                                 TimeRange range) const {
    std::vector<DurationNs> found;
    std::optional<TimeNs> since, until;
    bool is_on = false;
    run(alarm.condition, alarm.asset, history, {.range = range, .every = kSecond},
        [&](TimeNs time, double value, bool good) {
          const bool holds = good && value != 0;
          if (holds && !since) since = time;
          if (holds) until.reset();
          if (!holds && !until) until = time;
          if (!holds && (!is_on || time - *until >= alarm.off_delay)) since.reset(), is_on = false;
          if (holds && !is_on && time - *since >= alarm.on_delay) {
            is_on = true;
            found.push_back(time - range.from);
          }
        });
    return found;
  }

  double value(const KpiOfAsset& kpi, const History& history, TimeRange window) const {
    double result = std::nan("");
    run(kpi.value, kpi.asset, history, {.range = window, .windows = {window}},
        [&](TimeNs, double value, bool good) {
          if (good) result = value;
        });
    return result;
  }

  /// Formula attributes of all assets, from what is measured; one that another reads comes first.
  void derive(History& history, TimeRange range) const {
    for (const Asset& asset : model_.assets())
      for (const Attribute& attribute : asset.attributes) derive(asset, attribute, history, range);
  }

 private:
  std::vector<std::string> assets_of(const std::string& of) const {
    std::vector<std::string> found;
    for (const auto& [path, own] : pack_.assets())
      if (pack_.is_a(own, of)) found.push_back(path);
    EXPECT_FALSE(found.empty()) << "the plant has no " << of;
    return found;
  }
  const Asset& asset(const std::string& path) const {
    return *model_.find(std::string(kEnterprise) + path);
  }
  formula::Program program(const std::string& path, const std::string& text,
                           formula::Use use) const {
    auto made = formula::compile(text, formula::PlantNames(model_, asset(path), use));
    EXPECT_TRUE(made) << path << ": " << text << ": " << made.error().to_string();
    return made ? std::move(*made) : formula::Program{};
  }
  /// Packs are checked for circles before; a depth that no pack has ends this one's walk.
  void derive(const Asset& asset, const Attribute& attribute, History& history, TimeRange range,
              int depth = 0) const {
    const std::string path = asset.path.substr(kEnterprise.size());
    const std::string key = path + "/" + attribute.definition.name;
    if (attribute.definition.kind != AttributeKind::kFormula || history.contains(key)) return;
    ASSERT_LT(depth, 20) << key;
    const std::string& unit = attribute.definition.unit;
    const auto program = this->program(
        path,
        unit.empty() ? attribute.definition.formula
                     : fmt::format("({}) in '{}'", attribute.definition.formula, unit),
        formula::Use::kAlways);
    for (const formula::InputName& input : program.inputs) {
      const Asset* owner = &asset;
      if (!input.set.empty()) {
        for (const Asset* child : model_.children(asset.id))
          if (const Attribute* found = child->find(input.attribute))
            derive(*child, *found, history, range, depth + 1);
      } else if (const Attribute* found = model_.resolve(asset, input.attribute, &owner)) {
        derive(*owner, *found, history, range, depth + 1);
      }
    }
    std::vector<Sample> made;
    run(program, path, history, {.range = range, .every = attribute.definition.every},
        [&](TimeNs time, double value, bool good) {
          made.push_back({.time = time, .value = value, .quality = good ? kGood : kBadNoData});
        });
    history[key] = std::move(made);
  }
  template <class Take>
  void run(const formula::Program& program, const std::string& path, const History& history,
           const formula::Grid& grid, const Take& take) const {
    Read sources(model_, asset(path), history);
    const auto ran = formula::evaluate(
        program, sources, grid, {}, [&](const formula::Results& results) -> Status {
          for (std::size_t i = 0; i < results.times.size(); ++i)
            take(results.times[i], results.values[i], !Quality{results.qualities[i]}.is_bad());
          return {};
        });
    EXPECT_TRUE(ran) << path << ": " << ran.error().to_string();
  }

  const Model& pack_;
  PlantModel model_;
  std::vector<AlarmOfAsset> alarms_;
  std::vector<KpiOfAsset> kpis_;
};

/// Runs a plant up to `end`, with `fault` from `fault_at` on.
History record(const Model& pack, TimeNs end, const std::string& fault = {}, TimeNs fault_at = 0) {
  constexpr std::uint64_t kSeed = 4;
  Plant plant(pack.spec(), kSeed, kPacksEpoch);
  History history;
  struct Series {
    std::vector<Sample>* samples = nullptr;
    DurationNs every = 0;  ///< 0: when it changes
  };
  std::vector<Series> series;
  for (const SignalSpec& signal : pack.spec().signals) {
    const auto facts = pack.facts_of(signal);
    const bool is_held = !facts || facts->step;
    series.push_back({&history[signal.path], is_held                        ? 0
                                             : facts->every >= 10 * kSecond ? 10 * kSecond
                                                                            : kSecond});
  }
  for (TimeNs time = kPacksEpoch; time < end; time += kSecond) {
    if (!fault.empty() && time == fault_at) {
      EXPECT_TRUE(plant.set_faults({fault}));
    }
    plant.step_to(time);
    for (std::size_t i = 0; i < series.size(); ++i) {
      std::vector<Sample>& samples = *series[i].samples;
      const bool is_due = series[i].every > 0
                              ? (time - kPacksEpoch) % series[i].every == 0
                              : samples.empty() || !same_bits(samples.back().value, plant.value(i));
      if (is_due)
        samples.push_back({.time = time, .value = plant.value(i), .quality = plant.quality(i)});
    }
  }
  return history;
}

/// By which share of what it was; one that is no longer known (or now is) has moved altogether.
double moved(double before, double after) {
  if (std::isnan(before) || std::isnan(after))
    return std::isnan(before) == std::isnan(after) ? 0 : 1;
  return std::abs(after - before) / std::max(std::abs(before), 1e-9);
}

class PackFormulas : public testing::TestWithParam<std::string> {};

TEST_P(PackFormulas, ANormalDayHasKpisInTheirBandsAndNoAlarm) {
  const Model pack(GetParam());
  const Formulas formulas(pack);
  const TimeRange day{.from = kPacksEpoch + kBefore, .to = kPacksEpoch + kBefore + kDay};
  History history = record(pack, day.to);
  formulas.derive(history, {.from = kPacksEpoch, .to = day.to});
  for (const KpiOfAsset& kpi : formulas.kpis()) {
    const double value = formulas.value(kpi, history, day);
    // One without a band may have nothing to say: there is no MTBF of a day without a failure.
    if (kpi.band) {
      EXPECT_TRUE(kpi.band->holds(value))
          << fmt::format("{} of {} is {:.6g}, healthy is {} .. {}", kpi.name, kpi.asset, value,
                         kpi.band->low, kpi.band->high);
    }
  }
  for (const AlarmOfAsset& alarm : formulas.alarms()) {
    const auto came = formulas.onsets(alarm, history, day);
    EXPECT_TRUE(came.empty()) << fmt::format("{} came at {} in a normal day, after {} s",
                                             alarm.name, alarm.asset,
                                             came.empty() ? 0 : came[0] / kSecond);
  }
}

TEST_P(PackFormulas, EachFaultBringsItsAlarmsInTimeAndNoOther) {
  const Model pack(GetParam());
  const Formulas formulas(pack);
  const TimeNs fault_at = kPacksEpoch + kBefore;
  const TimeRange window{.from = fault_at, .to = fault_at + kKpiWindow};
  History healthy = record(pack, window.to);
  formulas.derive(healthy, {.from = kPacksEpoch, .to = window.to});
  std::map<std::string, std::vector<std::vector<std::string>>> by_fault;
  for (const auto& row : rows_of(pack.file("faults.csv"))) by_fault[row.at(0)].push_back(row);
  for (const auto& [fault, rows] : by_fault) {
    SCOPED_TRACE(fault);
    TimeRange watched = window;
    for (const auto& row : rows)
      watched.to = std::max(watched.to, fault_at + *parse_duration(row.at(3)) + kMinute);
    History history = record(pack, watched.to, fault, fault_at);
    formulas.derive(history, {.from = kPacksEpoch, .to = watched.to});
    for (const AlarmOfAsset& alarm : formulas.alarms()) {
      const auto row = std::ranges::find_if(rows, [&](const auto& one) {
        return one.at(1) == alarm.name && one.at(2) == alarm.asset;
      });
      const auto came = formulas.onsets(alarm, history, watched);
      ASSERT_EQ(came.size(), row == rows.end() ? 0u : 1u) << alarm.name << " at " << alarm.asset;
      if (row != rows.end()) {
        EXPECT_LE(came[0], *parse_duration(row->at(3))) << alarm.name << " at " << alarm.asset;
      }
    }
    for (const auto& row : rows) {
      if (row.at(4).empty()) continue;
      double most = 0;
      for (const KpiOfAsset& kpi : formulas.kpis())
        if (kpi.name == row.at(4) && (!row.at(1).empty() || kpi.asset == row.at(2)))
          most = std::max(most, moved(formulas.value(kpi, healthy, window),
                                      formulas.value(kpi, history, window)));
      EXPECT_GT(most, kMoved) << row.at(4) << " does not move";
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PackFormulas);
INSTANTIATE_TEST_SUITE_P(All, PackFormulas, testing::ValuesIn(packs_with_a_model()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace tundish::simulate
