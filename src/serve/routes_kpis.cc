// Figures over windows of time, of one asset or of several together, and how far what is derived follows.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "formula/dependencies.h"
#include "formula/kpi.h"
#include "formula/plant_names.h"
#include "serve/api.h"
#include "serve/formula_json.h"
#include "serve/kpi_figures.h"
#include "serve/site_windows.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kAssetsDefault = 100, kAssetsMax = 1000;  // of one answer
constexpr std::string_view kWindowOtherwise = "day";

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
/// @param code of the enterprise: the path above all its assets
Result<std::vector<Figure>> find_figures(const KpiRequest& asked, const PlantModel& model,
                                         std::string_view code, std::string_view& next) {
  FigureSearch search(model, asked.kpi);
  const Asset* named = nullptr;
  if (!code.empty() && asked.asset == code && model.find(code) == nullptr) {
    search.add_enterprise(code);
    auto found = search.take();
    if (found.empty() && !asked.kpi.empty()) return fail(search.missing(nullptr));
    return found;
  }
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

/// Sites by id: their codes and currencies.
class SiteFacts {
 public:
  SiteFacts(const EnterpriseStore& enterprises, EnterpriseId enterprise)
      : sites_(enterprises.sites(enterprise)) {}

  /// Empty for 0: no site.
  std::string_view code(std::uint64_t id) const {
    const Site* site = find(id);
    return site == nullptr ? std::string_view() : site->code;
  }
  std::string_view currency(std::uint64_t id) const {
    const Site* site = find(id);
    return site == nullptr ? std::string_view() : site->currency;
  }
  /// `CNY (a, b), EUR (c)` where the sites do not keep their money in one currency; else empty.
  std::string currencies(const std::vector<SiteAssets>& sites) const {
    std::map<std::string_view, std::string> codes;
    for (const SiteAssets& one : sites) {
      std::string& list = codes[currency(one.site)];
      list +=
          fmt::format("{}{}", list.empty() ? "" : ", ", one.site == 0 ? "no site" : code(one.site));
    }
    std::string text;
    if (codes.size() < 2) return text;
    for (const auto& [currency, list] : codes)
      text += fmt::format("{}{} ({})", text.empty() ? "" : ", ",
                          currency.empty() ? "no currency" : currency, list);
    return text;
  }

 private:
  const Site* find(std::uint64_t id) const {
    const auto found = std::ranges::find(sites_, id, &Site::id);
    return found == sites_.end() ? nullptr : &*found;
  }
  std::vector<Site> sites_;
};

/// Whether either amount of a ratio is made from money, which is in the currency of the asset's site.
bool is_of_money(const PlantModel& model, const Asset& asset, const KpiDefinition& kpi) {
  constexpr std::string_view kMoney = "{money}";
  if (kpi.unit.find(kMoney) != std::string::npos) return true;
  for (const std::string* text : {&kpi.of, &kpi.by}) {
    const auto syntax = formula::parse_formula(*text);
    if (!syntax) continue;
    for (const auto& input : formula::inputs_of(*syntax, model, asset))
      if (input.attribute != nullptr &&
          input.attribute->definition.unit.find(kMoney) != std::string::npos)
        return true;
  }
  return false;
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
        now_(services.clock.now()),
        sites_(services.enterprises, model.enterprise()) {}

  Status add(const Figure& figure) {
    const std::string window = window_of(figure);
    const auto sites = by_site(figure.of);
    // Heats and campaigns are of the parent itself, and so the same for all of its sites.
    const bool is_recorded = window != formula::kOwnWindow &&
                             !std::ranges::binary_search(formula::kCalendarWindows, window);
    if (figure.asset == nullptr || (sites.size() > 1 && !is_recorded))
      return add_together(figure, window, sites);
    const bool is_own = is_recorded || figure.asset->site == sites[0].site;
    const Asset& whose = is_own ? *figure.asset : *figure.of[0];
    auto stretches = stretches_of(whose, window);
    if (!stretches) {
      // Where every asset is asked, not every one has heats.
      const bool is_listing = asked_.asset.empty();
      if (is_listing && stretches.error().code == ErrorCode::kNotFound) return {};
      return fail(told(std::move(stretches.error()), "window"));
    }
    TUNDISH_RETURN_IF_ERROR(count(stretches->size()));
    const auto whole = *std::move(stretches);
    const auto so_far = passed(whole, now_);
    const auto results = formula::evaluate_kpi(
        *figure.kpi, figure.of, {snapshot_, model_, services_.windows}, ranges_of(so_far), budget_);
    if (!results && !is_mistake(results.error())) return fail(told_of(figure, results.error()));
    write_head(figure, window);
    json_.key("results").begin_array();
    if (results)
      for (std::size_t i = 0; i < results->size(); ++i) {
        write_result((*results)[i], whole[i], is_ratio(*figure.kpi));
        json_.end_object();
      }
    json_.end_array();
    if (!results) json_.member("problem", results.error().message);
    json_.end_object();
    return {};
  }

 private:
  /// Of sites each with its calendar: docs/decisions/figures-of-an-enterprise.md.
  Status add_together(const Figure& figure, const std::string& window,
                      const std::vector<SiteAssets>& sites) {
    auto windows =
        windows_together(services_.windows, model_.enterprise(), sites, window, asked_.range, now_);
    if (!windows) return fail(told(std::move(windows.error()), "window"));
    std::size_t stretches = 0;
    for (const TogetherWindow& one : windows->windows) stretches += one.sites.size();
    TUNDISH_RETURN_IF_ERROR(count(stretches));
    write_head(figure, window);
    if (!windows->without_shifts.empty()) {
      json_.key("left_out").begin_array();
      for (const std::uint64_t site : windows->without_shifts) json_.value(sites_.code(site));
      json_.end_array();
    }
    json_.key("results").begin_array();
    const auto problem = write_together(figure, *windows, sites);
    json_.end_array();
    if (!problem) return fail(problem.error());
    if (!problem->empty()) json_.member("problem", *problem);
    json_.end_object();
    return {};
  }

  /// What is wrong with the figure, empty: nothing. Errors: of what is no mistake in it.
  Result<std::string> write_together(const Figure& figure, const TogetherWindows& windows,
                                     const std::vector<SiteAssets>& sites) {
    if (const auto currencies = sites_.currencies(sites);
        !currencies.empty() && is_money(figure, sites))
      return fmt::format(
          "'{}' is made from money, and the sites keep theirs in {}: amounts in "
          "different currencies are not added; ask for one site at a time",
          figure.kpi->name, currencies);
    auto results = formula::evaluate_kpi(*figure.kpi, windows.parts, windows.windows.size(),
                                         {snapshot_, model_, services_.windows}, budget_);
    if (!results && !is_mistake(results.error())) return fail(told_of(figure, results.error()));
    if (!results) return results.error().message;
    for (std::size_t i = 0; i < results->size(); ++i) {
      const TogetherWindow& window = windows.windows[i];
      formula::KpiResult& result = (*results)[i];
      if (!windows.without_shifts.empty() && !result.quality.is_bad())
        result.quality = kUncertainDataSubNormal;
      result.window.to = std::min(window.range.to, now_);
      write_result(result, {window.range, window.label}, true);
      json_.key("sites").begin_array();
      for (const auto& [site, range] : window.sites) {
        json_.begin_object().member("site", sites_.code(site)).key("from").time(range.from);
        json_.key("to").time(range.to).end_object();
      }
      json_.end_array().end_object();
    }
    return std::string();
  }

  bool is_money(const Figure& figure, const std::vector<SiteAssets>& sites) const {
    return std::ranges::any_of(sites, [&](const SiteAssets& site) {
      return is_of_money(model_, *site.assets.front(), *figure.kpi);
    });
  }

  Status count(std::size_t stretches) {
    results_ += stretches;
    if (results_ <= kFormulaResultsMax) return {};
    return fail(ErrorCode::kTooLarge,
                fmt::format("that is more than {} results: ask for a shorter range, or for "
                            "fewer assets",
                            kFormulaResultsMax),
                "from");
  }

  static Error told_of(const Figure& figure, const Error& error) {
    return told(error, fmt::format("{} kpi {}", figure.path, figure.kpi->name));
  }

  /// What is asked for; else the first window that the figure offers, of several assets the first that they share.
  std::string window_of(const Figure& figure) const {
    if (!asked_.window.empty()) return std::string(asked_.window);
    const bool is_own = figure.of.size() == 1 && figure.of[0] == figure.asset;
    for (const std::string& window : figure.kpi->per)
      if (is_own || std::ranges::binary_search(formula::kCalendarWindows, window)) return window;
    return std::string(kWindowOtherwise);
  }

  Result<std::vector<Stretch>> stretches_of(const Asset& asset, const std::string& window) const {
    if (window == formula::kOwnWindow) return std::vector<Stretch>{{asked_.range, ""}};
    return services_.windows.windows(model_.enterprise(), asset.id, window, asked_.range);
  }

  void write_head(const Figure& figure, std::string_view window) {
    const KpiDefinition& kpi = *figure.kpi;
    json_.begin_object().member("asset", figure.path).member("kpi", kpi.name);
    write_words(json_, "words", kpi.words);
    json_.member("unit", kpi.unit).member("window", window);
    json_.key("per").begin_array();
    for (const auto& one : kpi.per) json_.value(one);
    json_.end_array();
    if (kpi.band && figure.is_band_shared) {
      json_.key("band").begin_array();
      json_.value(kpi.band->low).value(kpi.band->high).end_array();
    }
    json_.member("better", kpi.more_is_better ? "more" : "less");
    if (!asked_.together && figure.asset != nullptr) return;
    json_.key("together").begin_array();
    for (const Asset* asset : figure.of) json_.value(asset->path);
    json_.end_array();
  }

  /// Leaves the object open.
  void write_result(const formula::KpiResult& result, const Stretch& stretch, bool ratio) {
    json_.begin_object().key("from").time(stretch.range.from);
    json_.key("to").time(stretch.range.to).member("label", stretch.label);
    if (result.window.to < stretch.range.to) json_.key("so_far").time(result.window.to);
    write_number(json_, "value", result.value);
    json_.member("quality", quality_name(result.quality));
    write_number(json_, "percent_good", result.percent_good);
    write_number(json_, "coverage", result.coverage);
    if (!ratio) return;
    write_number(json_, "of", result.of);
    write_number(json_, "by", result.by);
  }

  const KpiRequest& asked_;
  const Services& services_;
  const PlantModel& model_;
  Snapshot& snapshot_;
  wire::JsonWriter& json_;
  const formula::Budget budget_;
  const TimeNs now_;
  const SiteFacts sites_;
  std::size_t results_ = 0;
};

Result<Response> answer_kpis(const Request& request, EnterpriseId enterprise,
                             const Services& services, std::uint64_t steps_max) {
  TUNDISH_TRY(const auto asked, read_request(request, services.clock.now()));
  const auto model = services.models.model(enterprise);
  std::string_view next;
  const auto known = services.enterprises.find(enterprise);
  TUNDISH_TRY(const auto figures,
              find_figures(asked, *model, known ? std::string_view(known->code) : "", next));
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
           {"asset", "query", "string",
            "Path; the enterprise's code for all its sites together; default every asset that has "
            "a "
            "figure."},
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
