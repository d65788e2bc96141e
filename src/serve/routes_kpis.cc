// Figures over windows of time, of one asset or of several together, and how far what is derived follows.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/nearest_word.h"
#include "formula/kpi.h"
#include "formula/plant_names.h"
#include "serve/api.h"
#include "serve/formula_json.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kAssetsDefault = 100, kAssetsMax = 1000;  // of one answer
constexpr std::string_view kWindowOtherwise = "day";

/// One figure of an answer: of one asset, or of several below it together.
struct Figure {
  const Asset* asset = nullptr;  ///< whose windows count
  const KpiDefinition* kpi = nullptr;
  std::vector<const Asset*> of;
};

bool is_ratio(const KpiDefinition& kpi) { return kpi.value.empty(); }

/// Whether what two assets call the same figure is made from the same amounts.
bool is_same_figure(const KpiDefinition& a, const KpiDefinition& b) {
  return a.name == b.name && a.of == b.of && a.by == b.by && a.unit == b.unit;
}

class FigureSearch {
 public:
  /// @param name of the figure wanted; empty: all
  FigureSearch(const PlantModel& model, std::string_view name) : model_(model), name_(name) {}

  void add(const Asset& asset) {
    for (const KpiDefinition& kpi : asset.facts->kpis)
      if (name_.empty() || kpi.name == name_) found_.push_back({&asset, &kpi, {&asset}});
  }

  /// Every figure of the assets below `top`, those that are made in the same way together. Of assets inside each other
  /// only the outer one counts: it has what the inner ones have.
  void add_below(const Asset& top) {
    std::map<std::string_view, std::set<std::string_view>> counted;  // paths, by figure
    const std::string prefix = top.path + "/";
    const auto& assets = model_.assets();
    const auto first = std::ranges::lower_bound(assets, prefix, {}, &Asset::path);
    for (auto at = first; at != assets.end() && at->path.starts_with(prefix); ++at)
      for (const KpiDefinition& kpi : at->facts->kpis) {
        if (!is_ratio(kpi) || (!name_.empty() && kpi.name != name_)) continue;
        auto& outer = counted[kpi.name];
        // Paths ascend, so an asset comes before those inside it.
        if (is_inside_one(at->path, outer)) continue;
        outer.insert(at->path);
        put_together(top, *at, kpi);
      }
  }

  std::vector<Figure> take() { return std::move(found_); }

  /// Errors: kNotFound with the nearest name, of the figures of `asset`, or of all.
  Error missing(const Asset* asset) const {
    std::set<std::string> names;
    for (const Asset& one : model_.assets())
      if (asset == nullptr || &one == asset || one.path.starts_with(asset->path + "/"))
        for (const KpiDefinition& kpi : one.facts->kpis) names.insert(kpi.name);
    const std::string nearest = nearest_word(name_, {names.begin(), names.end()});
    return {ErrorCode::kNotFound,
            fmt::format("there is no figure '{}' here{}", name_.substr(0, 60),
                        nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
            "kpi"};
  }

 private:
  static bool is_inside_one(std::string_view path, const std::set<std::string_view>& outer) {
    for (auto slash = path.rfind('/'); slash != std::string_view::npos; slash = path.rfind('/')) {
      path = path.substr(0, slash);
      if (outer.contains(path)) return true;
    }
    return false;
  }

  void put_together(const Asset& top, const Asset& asset, const KpiDefinition& kpi) {
    for (Figure& figure : found_)
      if (figure.asset == &top && is_same_figure(*figure.kpi, kpi)) {
        figure.of.push_back(&asset);
        return;
      }
    found_.push_back({&top, &kpi, {&asset}});
  }

  const PlantModel& model_;
  const std::string_view name_;
  std::vector<Figure> found_;
};

/// What a request asks for.
struct KpiRequest {
  std::string_view asset, kpi, window, after;
  TimeRange range;
  bool together = false;
  std::size_t limit = kAssetsDefault;
};

Result<KpiRequest> read_request(const Request& request, TimeNs now) {
  KpiRequest asked;
  asked.asset = request.parameter("asset").value_or("");
  asked.kpi = request.parameter("kpi").value_or("");
  asked.window = request.parameter("window").value_or("");
  asked.after = request.parameter("after").value_or("");
  asked.together = request.parameter("rollup").value_or("false") == "true";
  TUNDISH_TRY(asked.range, range_of(request, now, "now-1d"));
  if (asked.together && asked.asset.empty())
    return fail(ErrorCode::kInvalidArgument, "name the asset below which figures are put together",
                "asset");
  if (const auto limit = request.parameter("limit")) {
    std::size_t number = 0;
    std::from_chars(limit->data(), limit->data() + limit->size(), number);
    if (number < 1 || number > kAssetsMax)
      return fail(ErrorCode::kInvalidArgument, fmt::format("limit is 1 to {}", kAssetsMax),
                  "limit");
    asked.limit = number;
  }
  return asked;
}

/// The figures asked for; `next` is where the following page begins.
Result<std::vector<Figure>> find_figures(const KpiRequest& asked, const PlantModel& model,
                                         std::string_view& next) {
  FigureSearch search(model, asked.kpi);
  const Asset* named = nullptr;
  if (!asked.asset.empty()) {
    TUNDISH_TRY(named, find_asset(model, asked.asset, "asset"));
    if (asked.together)
      search.add_below(*named);
    else
      search.add(*named);
    auto found = search.take();
    if (found.empty() && !asked.kpi.empty()) return fail(search.missing(named));
    return found;
  }
  std::vector<Figure> found;
  std::size_t assets = 0;
  for (const Asset& asset : model.assets()) {
    if (asset.path <= asked.after) continue;
    search.add(asset);
    auto of_asset = search.take();
    if (of_asset.empty()) continue;
    if (assets == asked.limit) {
      next = found.back().asset->path;
      break;
    }
    ++assets;
    std::ranges::move(of_asset, std::back_inserter(found));
  }
  if (found.empty() && !asked.kpi.empty() && asked.after.empty())
    return fail(search.missing(nullptr));
  return found;
}

/// Writes figure after figure, all over one snapshot.
class KpiAnswer {
 public:
  KpiAnswer(const KpiRequest& asked, const Services& services, const PlantModel& model,
            Snapshot& snapshot, std::uint64_t steps_max, wire::JsonWriter& json)
      : asked_(asked),
        services_(services),
        model_(model),
        snapshot_(snapshot),
        json_(json),
        budget_(formula_budget(services.clock, steps_max)),
        now_(services.clock.now()) {}

  Status add(const Figure& figure) {
    const std::string window = window_of(*figure.kpi);
    auto stretches = stretches_of(*figure.asset, window);
    if (!stretches) {
      // Where every asset is asked, not every one has heats.
      const bool is_listing = asked_.asset.empty();
      if (is_listing && stretches.error().code == ErrorCode::kNotFound) return {};
      return fail(told(std::move(stretches.error()), "window"));
    }
    results_ += stretches->size();
    if (results_ > kFormulaResultsMax)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("that is more than {} results: ask for a shorter range, or for "
                              "fewer assets",
                              kFormulaResultsMax),
                  "from");
    const auto whole = *std::move(stretches);
    const auto so_far = passed(whole, now_);
    auto results = formula::evaluate_kpi(
        *figure.kpi, figure.of, {snapshot_, model_, services_.windows}, ranges_of(so_far), budget_);
    if (!results && !is_mistake(results.error()))
      return fail(told(std::move(results.error()),
                       fmt::format("{} kpi {}", figure.asset->path, figure.kpi->name)));
    write_head(figure, window);
    json_.key("results").begin_array();
    if (results)
      for (std::size_t i = 0; i < results->size(); ++i)
        write_result((*results)[i], whole[i], is_ratio(*figure.kpi));
    json_.end_array();
    if (!results) json_.member("problem", results.error().message);
    json_.end_object();
    return {};
  }

 private:
  std::string window_of(const KpiDefinition& kpi) const {
    if (!asked_.window.empty()) return std::string(asked_.window);
    return kpi.per.empty() ? std::string(kWindowOtherwise) : kpi.per.front();
  }

  Result<std::vector<Stretch>> stretches_of(const Asset& asset, const std::string& window) const {
    if (window == formula::kOwnWindow) return std::vector<Stretch>{{asked_.range, ""}};
    return services_.windows.windows(model_.enterprise(), asset.id, window, asked_.range);
  }

  void write_head(const Figure& figure, std::string_view window) {
    const KpiDefinition& kpi = *figure.kpi;
    json_.begin_object().member("asset", figure.asset->path).member("kpi", kpi.name);
    write_words(json_, "words", kpi.words);
    json_.member("unit", kpi.unit).member("window", window);
    json_.key("per").begin_array();
    for (const auto& one : kpi.per) json_.value(one);
    json_.end_array();
    if (kpi.band) {
      json_.key("band").begin_array();
      json_.value(kpi.band->low).value(kpi.band->high).end_array();
    }
    json_.member("better", kpi.more_is_better ? "more" : "less");
    if (!asked_.together) return;
    json_.key("together").begin_array();
    for (const Asset* asset : figure.of) json_.value(asset->path);
    json_.end_array();
  }

  void write_result(const formula::KpiResult& result, const Stretch& stretch, bool ratio) {
    json_.begin_object().key("from").time(stretch.range.from);
    json_.key("to").time(stretch.range.to).member("label", stretch.label);
    if (result.window.to < stretch.range.to) json_.key("so_far").time(result.window.to);
    write_number(json_, "value", result.value);
    json_.member("quality", quality_name(result.quality));
    write_number(json_, "percent_good", result.percent_good);
    write_number(json_, "coverage", result.coverage);
    if (ratio) {
      write_number(json_, "of", result.of);
      write_number(json_, "by", result.by);
    }
    json_.end_object();
  }

  const KpiRequest& asked_;
  const Services& services_;
  const PlantModel& model_;
  Snapshot& snapshot_;
  wire::JsonWriter& json_;
  const formula::Budget budget_;
  const TimeNs now_;
  std::size_t results_ = 0;
};

Result<Response> answer_kpis(const Request& request, EnterpriseId enterprise,
                             const Services& services, std::uint64_t steps_max) {
  TUNDISH_TRY(const auto asked, read_request(request, services.clock.now()));
  const auto model = services.models.model(enterprise);
  std::string_view next;
  TUNDISH_TRY(const auto figures, find_figures(asked, *model, next));
  TUNDISH_TRY(const auto snapshot, services.reader.snapshot());
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("kpis").begin_array();
  KpiAnswer answer(asked, services, *model, *snapshot, steps_max, json);
  for (const Figure& figure : figures) TUNDISH_RETURN_IF_ERROR(answer.add(figure));
  json.end_array().key("next");
  if (next.empty())
    json.null();
  else
    json.value(next);
  json.member("complete", snapshot->damage().empty()).end_object();
  return json_response(std::move(text));
}

Response compute_response(const ComputeState& state) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("formulas", state.formulas).member("backlog", state.backlog);
  json.member("position", std::to_string(state.position.value()));
  json.member("rows_written", state.rows_written).key("faults").begin_array();
  for (const auto& [path, message] : state.faults)
    json.begin_object().member("path", path).member("message", message).end_object();
  json.end_array().end_object();
  return json_response(std::move(text));
}

}  // namespace

void Api::add_kpi_routes() {
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/kpis",
       .operation = "kpis.list",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "Figures over windows: of one asset, of all, or of all below one together, as "
                  "the ratio of sums.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         return answer_kpis(call.request, enterprise, services_, options_.formula_steps_max);
       },
       .response_schema = "Kpis",
       .parameters = {
           {"asset", "query", "string", "Path; default every asset that has a figure."},
           {"kpi", "query", "string", "Name of the figure; default all."},
           {"window", "query", "string",
            "hour, shift, day, week, month, year, a kind of interval, or window for the range as "
            "one; default the first that the figure offers."},
           {"from", "query", "string", "Default now-1d. Whole windows that touch the range."},
           {"to", "query", "string", "Default now; excluded."},
           {"rollup", "query", "boolean", "true: all assets below `asset` together."},
           {"limit", "query", "integer", "Assets of one answer; default 100, at most 1000."},
           {"after", "query", "string", "The `next` of the answer before."}}});
  router_.add({.method = "GET",
               .pattern = "/api/v1/compute",
               .operation = "compute.state",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "How far what is derived follows what was measured, and what is wrong "
                          "with which formula.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 if (services_.compute == nullptr)
                   return fail(ErrorCode::kUnavailable, "nothing is being derived on this server");
                 return compute_response(services_.compute->state(enterprise));
               },
               .response_schema = "ComputeState"});
}

}  // namespace tundish::serve
