// The screens of the packs that an enterprise has: what each element stands for there, and which alarms' conditions hold.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "formula/dependencies.h"
#include "formula/evaluate.h"
#include "formula/plant_names.h"
#include "formula/plant_sources.h"
#include "serve/api.h"
#include "serve/formula_json.h"
#include "serve/screens.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kProblemsMax = 20;   // told in one answer
constexpr std::size_t kAlarmsMax = 2'000;  // looked at in one answer
constexpr DurationNs kStepsOfDelay = 30;   // of a delay a condition is looked at so often

/// The packs that an enterprise has templates of.
std::vector<PackInfo> applied_packs(const PackCatalogue& packs, const ModelStore& store,
                                    EnterpriseId enterprise) {
  std::set<std::string, std::less<>> names;
  for (const TemplateVersion& one : store.templates(enterprise))
    names.insert(one.own.pack.substr(0, one.own.pack.rfind(' ')));
  std::vector<PackInfo> applied;
  for (PackInfo& pack : packs.packs())
    if (names.contains(pack.name)) applied.push_back(std::move(pack));
  return applied;
}

Result<Response> answer_screens(const Services& services, EnterpriseId enterprise) {
  const auto packs = applied_packs(services.packs, services.model_store, enterprise);
  const auto model = services.models.model(enterprise);
  TUNDISH_TRY(const auto screens, resolve_screens(packs, *model, services.model_store));
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("version", model->version()).key("screens").begin_array();
  for (const ResolvedScreen& one : screens) {
    json.begin_object().member("pack", one.pack->name).key("pack_words");
    wire::write_words(json, one.pack->words);
    json.member("name", one.screen->name).key("words");
    wire::write_words(json, one.screen->words);
    if (!one.screen->drawing.empty())
      json.member("drawing",
                  fmt::format("/api/v1/packs/{}/{}", one.pack->name, one.screen->drawing));
    json.key("shown").begin_array();
    for (const ResolvedShown& shown : one.shown) write_shown(json, shown, services.tags);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json_response(std::move(text));
}

std::string_view priority_name(AlarmPriority priority) {
  switch (priority) {
    case AlarmPriority::kMedium: return "medium";
    case AlarmPriority::kHigh: return "high";
    case AlarmPriority::kCritical: return "critical";
  }
  return "medium";
}

/// Looks whether conditions hold now, all over one snapshot.
class Conditions {
 public:
  Conditions(const Services& services, const PlantModel& model, Snapshot& snapshot,
             std::uint64_t steps_max)
      : services_(services),
        model_(model),
        snapshot_(snapshot),
        budget_(formula_budget(services.clock, steps_max)),
        now_(services.clock.now()) {}

  TimeNs now() const { return now_; }

  /// Whether it has held all through its delay. What is not known does not hold.
  Result<bool> holds(const formula::Program& program, const Asset& asset,
                     const AlarmDefinition& alarm) const {
    const DurationNs every = std::max(kSecond, alarm.on_delay / kStepsOfDelay);
    formula::Grid grid{.range = {now_ - std::max(alarm.on_delay, every), now_ + 1}, .every = every};
    formula::PlantSources sources(snapshot_, model_, asset, services_.windows);
    bool any = false, always = true;
    TUNDISH_RETURN_IF_ERROR(formula::evaluate(program, sources, grid, budget_,
                                              [&](const formula::Results& results) -> Status {
                                                for (const double value : results.values) {
                                                  any = true;
                                                  always = always && value == 1;
                                                }
                                                return {};
                                              }));
    return any && always;
  }

 private:
  const Services& services_;
  const PlantModel& model_;
  Snapshot& snapshot_;
  const formula::Budget budget_;
  const TimeNs now_;
};

void write_alarm(wire::JsonWriter& json, const PlantModel& model, const Asset& asset,
                 const AlarmDefinition& alarm, const formula::Program& program) {
  json.begin_object().member("asset", asset.id.value()).member("path", asset.path);
  json.member("alarm", alarm.name).member("priority", priority_name(alarm.priority)).key("words");
  wire::write_words(json, alarm.words);
  json.key("advice");
  wire::write_words(json, alarm.advice);
  std::set<std::string> paths;
  for (const auto& input : formula::inputs_of(program.checked.syntax, model, asset))
    if (input.attribute != nullptr)
      paths.insert(fmt::format("{}/{}", input.asset->path, input.attribute->definition.name));
  json.key("inputs").begin_array();
  for (const auto& path : paths) json.value(path);
  json.end_array().end_object();
}

/// The assets that screens show, by path.
std::vector<const Asset*> assets_shown(const std::vector<ResolvedScreen>& screens) {
  std::vector<const Asset*> assets;
  for (const auto& screen : screens)
    for (const auto& shown : screen.shown)
      if (shown.asset != nullptr) assets.push_back(shown.asset);
  std::ranges::sort(assets, {}, &Asset::path);
  assets.erase(std::ranges::unique(assets).begin(), assets.end());
  return assets;
}

Result<Response> answer_alarms(const Services& services, EnterpriseId enterprise,
                               std::string_view pack, std::uint64_t steps_max) {
  auto packs = applied_packs(services.packs, services.model_store, enterprise);
  if (!pack.empty()) std::erase_if(packs, [&](const PackInfo& one) { return one.name != pack; });
  const auto model = services.models.model(enterprise);
  TUNDISH_TRY(const auto screens, resolve_screens(packs, *model, services.model_store));
  TUNDISH_TRY(const auto snapshot, services.reader.snapshot());
  const Conditions conditions(services, *model, *snapshot, steps_max);
  std::vector<std::string> problems;
  std::size_t looked_at = 0;
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("time").time(conditions.now()).key("alarms").begin_array();
  for (const Asset* asset : assets_shown(screens))
    for (const AlarmDefinition& alarm : asset->facts->alarms) {
      if (++looked_at > kAlarmsMax) break;
      const auto program = formula::compile(alarm.when, formula::PlantNames(*model, *asset));
      auto holds = program ? conditions.holds(*program, *asset, alarm)
                           : Result<bool>(std::unexpected(program.error()));
      if (!holds) {
        if (!is_mistake(holds.error()) && holds.error().code != ErrorCode::kUnavailable)
          return fail(
              told(std::move(holds.error()), fmt::format("{} alarm {}", asset->path, alarm.name)));
        if (problems.size() < kProblemsMax)
          problems.push_back(
              fmt::format("{} alarm {}: {}", asset->path, alarm.name, holds.error().message));
      } else if (*holds) {
        write_alarm(json, *model, *asset, alarm, *program);
      }
    }
  json.end_array().key("problems").begin_array();
  for (const auto& problem : problems) json.value(problem);
  json.end_array().end_object();
  return json_response(std::move(text));
}

}  // namespace

void Api::add_screen_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/screens",
               .operation = "screens.list",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "The screens of the packs that are installed, with the asset, tag, unit "
                          "and limits that each element stands for now.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 return answer_screens(services_, enterprise);
               },
               .response_schema = "Screens"});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/screens/alarms",
       .operation = "screens.alarms",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "Alarms of the assets on those screens whose condition has held through "
                  "its delay, with the attributes that it reads.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         return answer_alarms(services_, enterprise, call.request.parameter("pack").value_or(""),
                              options_.formula_steps_max);
       },
       .response_schema = "ScreenAlarms",
       .parameters = {{"pack", "query", "string", "Only of this pack's screens; default all."}}});
}

}  // namespace tundish::serve
