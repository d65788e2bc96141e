// Formulas that are not saved: checked, and run over history without changing anything.
#include <fmt/format.h>

#include <algorithm>

#include "formula/dependencies.h"
#include "formula/evaluate.h"
#include "formula/plant_names.h"
#include "formula/plant_sources.h"
#include "serve/api.h"
#include "serve/formula_json.h"
#include "wire/json/json_value.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kFormulaBody = 64 << 10;
constexpr std::size_t kInputsMax = 10'000;  // named in one answer

/// A formula of one asset, as a request has it.
struct Asked {
  std::shared_ptr<const PlantModel> model;
  const Asset* asset = nullptr;
  std::string formula;
  std::string window;  ///< not empty: asked for each of these stretches, which it may call `window`
  formula::Use use() const {
    return window.empty() ? formula::Use::kAlways : formula::Use::kPerWindow;
  }
};

Result<Asked> read_asked(const wire::JsonValue& body, const ModelReader& models,
                         EnterpriseId enterprise) {
  Asked asked;
  TUNDISH_TRY(const auto path, wire::required_member<std::string>(body, "asset"));
  TUNDISH_TRY(asked.formula, wire::required_member<std::string>(body, "formula"));
  TUNDISH_TRY(const auto window, wire::optional_member<std::string>(body, "window"));
  asked.window = window.value_or("");
  asked.model = models.model(enterprise);
  TUNDISH_TRY(asked.asset, find_asset(*asked.model, path, "asset"));
  return asked;
}

Result<formula::Program> compile(const Asked& asked) {
  return formula::compile(asked.formula,
                          formula::PlantNames(*asked.model, *asked.asset, asked.use()));
}

void write_inputs(wire::JsonWriter& json, const formula::Syntax& syntax, const Asked& asked) {
  std::vector<std::string> paths;
  for (const auto& input : formula::inputs_of(syntax, *asked.model, *asked.asset))
    if (input.attribute != nullptr)
      paths.push_back(fmt::format("{}/{}", input.asset->path, input.attribute->definition.name));
  std::ranges::sort(paths);
  paths.erase(std::ranges::unique(paths).begin(), paths.end());
  json.key("inputs").begin_array();
  for (std::size_t i = 0; i < std::min(paths.size(), kInputsMax); ++i) json.value(paths[i]);
  json.end_array();
}

/// Windows that the asset does not have yet: a formula may be written before its calendar is.
void write_windows(wire::JsonWriter& json, const formula::Program& program, const Asked& asked,
                   const WindowSource& windows, TimeNs now) {
  json.key("windows").begin_array();
  for (const auto& name : program.windows) json.value(name);
  json.end_array().key("warnings").begin_array();
  for (const auto& name : program.windows) {
    if (name == formula::kOwnWindow) continue;
    const auto found =
        windows.windows(asked.model->enterprise(), asked.asset->id, name, {now, now + 1});
    if (!found) json.value(fmt::format("{}: {}", name, found.error().message));
  }
  json.end_array();
}

Result<Response> check(const wire::JsonValue& body, const Asked& asked, const WindowSource& windows,
                       TimeNs now) {
  TUNDISH_TRY(const auto wanted, wire::optional_member<std::string>(body, "unit"));
  const auto program = compile(asked);
  if (!program) return mistake_response(program.error(), asked.formula, "formula");
  const formula::Type& type = program->result();
  if (wanted) {
    const auto unit = Unit::parse(*wanted);
    if (!unit) return mistake_response(unit.error(), *wanted, "unit");
    if (type.kind != formula::Kind::kNumber || !type.unit.is_comparable(*unit))
      return mistake_response(
          {ErrorCode::kInvalidArgument,
           fmt::format("the formula gives {}, which is not in '{}'", type.text(), unit->code())},
          asked.formula, "unit");
  }
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("ok", true).member("type", kind_name(type.kind));
  json.member("unit", unit_text(type));
  json.member("formula", formula::format_formula(program->checked.syntax));
  write_inputs(json, program->checked.syntax, asked);
  write_windows(json, *program, asked, windows, now);
  json.end_object();
  return json_response(std::move(text));
}

/// For which times results are wanted.
struct Wanted {
  formula::Grid grid;
  std::vector<Stretch> stretches;  ///< of the grid's windows
};

Result<Wanted> read_wanted(const wire::JsonValue& body, const Asked& asked,
                           const WindowSource& windows, TimeNs now) {
  Wanted wanted;
  TUNDISH_TRY(const auto from, wire::optional_member<std::string>(body, "from"));
  TUNDISH_TRY(const auto to, wire::optional_member<std::string>(body, "to"));
  TimeRange& range = wanted.grid.range;
  TUNDISH_TRY(range.from, read_time(from.value_or("now-1h"), "from", now));
  TUNDISH_TRY(range.to, read_time(to.value_or("now"), "to", now));
  if (range.from >= range.to)
    return fail(ErrorCode::kInvalidArgument, "from must be before to", "from");
  DurationNs length = 0;
  if (__builtin_sub_overflow(range.to, range.from, &length))
    return fail(ErrorCode::kInvalidArgument, "the range is longer than 292 years", "from");
  TUNDISH_TRY(const auto every, wire::optional_member<std::string>(body, "every"));
  if (every && !asked.window.empty())
    return fail(ErrorCode::kInvalidArgument,
                "results are one for each window, or every so often, not both", "every");
  if (every) {
    auto distance = parse_duration(*every);
    if (!distance || *distance <= 0)
      return fail(ErrorCode::kInvalidArgument, "every is a length of time, such as 10s", "every");
    wanted.grid.every = *distance;
    if (length / *distance >= static_cast<DurationNs>(kFormulaResultsMax))
      return fail(ErrorCode::kTooLarge,
                  fmt::format("that is {} results, at most {}: make `every` longer",
                              length / *distance, kFormulaResultsMax),
                  "every");
    // Of a time to come nothing is known; what holds now would be told as if it were.
    range.to = std::min(range.to, std::max(range.from, now) + 1);
  }
  if (asked.window.empty()) return wanted;
  auto stretches = windows.windows(asked.model->enterprise(), asked.asset->id, asked.window, range);
  if (!stretches) return fail(told(std::move(stretches.error()), "window"));
  wanted.stretches = passed(*std::move(stretches), now);
  wanted.grid.windows = ranges_of(wanted.stretches);
  if (!wanted.stretches.empty())
    range = {wanted.stretches.front().range.from, wanted.stretches.back().range.to};
  return wanted;
}

/// Results as they come, as JSON.
class Rows {
 public:
  Rows(wire::JsonWriter& json, const std::vector<Stretch>& stretches)
      : json_(json), stretches_(stretches) {}

  Status add(const formula::Results& results) {
    for (std::size_t i = 0; i < results.times.size(); ++i) {
      if (++count_ > kFormulaResultsMax)
        return fail(ErrorCode::kTooLarge,
                    fmt::format("that is more than {} results: ask for a shorter range, or one "
                                "result `every` so often",
                                kFormulaResultsMax),
                    "every");
      json_.begin_object().key("time").time(results.times[i]);
      while (next_ < stretches_.size() && stretches_[next_].range.to <= results.times[i]) ++next_;
      if (next_ < stretches_.size()) {
        const Stretch& stretch = stretches_[next_];
        json_.member("label", stretch.label).key("from").time(stretch.range.from);
        json_.key("to").time(stretch.range.to);
      }
      write_outcome(json_, results.at(i));
      write_number(json_, "percent_good", results.percent_good[i]);
      write_number(json_, "coverage", results.coverage[i]);
      json_.end_object();
    }
    return {};
  }

 private:
  wire::JsonWriter& json_;
  const std::vector<Stretch>& stretches_;
  std::size_t next_ = 0, count_ = 0;
};

Result<formula::Account> write_run(wire::JsonWriter& json, const formula::Program& program,
                                   const Asked& asked, const Wanted& wanted, Snapshot& snapshot,
                                   const WindowSource& windows, const formula::Budget& budget) {
  json.begin_array();
  Rows rows(json, wanted.stretches);
  formula::PlantSources sources(snapshot, *asked.model, *asked.asset, windows);
  formula::Account account;
  const bool has_none = !asked.window.empty() && wanted.stretches.empty();
  if (!has_none) {
    auto ran =
        formula::evaluate(program, sources, wanted.grid, budget,
                          [&](const formula::Results& results) { return rows.add(results); });
    if (!ran) return fail(told(std::move(ran.error()), "formula"));
    account = *ran;
  }
  json.end_array();
  return account;
}

Result<Response> run(const wire::JsonValue& body, const Asked& asked, const Services& services,
                     std::uint64_t steps_max) {
  TUNDISH_TRY(const auto wanted, read_wanted(body, asked, services.windows, services.clock.now()));
  TUNDISH_TRY(const auto compare, wire::optional_member<std::string>(body, "compare"));
  if (compare && asked.asset->find(*compare) == nullptr)
    return fail(ErrorCode::kNotFound,
                fmt::format("{} has no attribute '{}'", asked.asset->path, compare->substr(0, 100)),
                "compare");
  const auto program = compile(asked);
  if (!program) return mistake_response(program.error(), asked.formula, "formula");
  TUNDISH_TRY(const auto snapshot, services.reader.snapshot());
  const auto budget = formula_budget(services.clock, steps_max);

  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("type", kind_name(program->result().kind));
  json.member("unit", unit_text(program->result())).key("results");
  TUNDISH_TRY(auto account,
              write_run(json, *program, asked, wanted, *snapshot, services.windows, budget));
  if (compare) {
    // What is there now is read like any input, at the same times.
    Asked live = asked;
    live.formula = fmt::format("{{{}}}", *compare);
    TUNDISH_TRY(const auto reading, compile(live));
    json.member("live_unit", unit_text(reading.result())).key("live");
    TUNDISH_TRY(const auto more,
                write_run(json, reading, live, wanted, *snapshot, services.windows, budget));
    account.steps += more.steps;
    account.samples += more.samples;
  }
  json.member("steps", account.steps).member("samples", account.samples);
  const auto damage = snapshot->damage();
  json.member("complete", damage.empty());
  json.end_object();
  return json_response(std::move(text));
}

}  // namespace

void Api::add_formula_routes() {
  router_.add({.method = "POST",
               .pattern = "/api/v1/formulas/check",
               .operation = "formulas.check",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Whether a formula means something at an asset: its type, unit and "
                          "inputs, or the place of the mistake.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(
                     wire::check_members(body, {"asset", "formula", "unit", "window"}));
                 TUNDISH_TRY(const auto asked, read_asked(body, services_.models, enterprise));
                 return check(body, asked, services_.windows, services_.clock.now());
               },
               .body_bytes_max = kFormulaBody,
               .request_schema = "FormulaToCheck",
               .response_schema = "CheckedFormula"});
  router_.add({.method = "POST",
               .pattern = "/api/v1/formulas/run",
               .operation = "formulas.run",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "What a formula would have given over a range of history, and beside it "
                          "what an attribute has. Nothing is written.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(
                     body, {"asset", "formula", "from", "to", "every", "window", "compare"}));
                 TUNDISH_TRY(const auto asked, read_asked(body, services_.models, enterprise));
                 return run(body, asked, services_, options_.formula_steps_max);
               },
               .body_bytes_max = kFormulaBody,
               .request_schema = "FormulaToRun",
               .response_schema = "FormulaResults"});
}

}  // namespace tundish::serve
