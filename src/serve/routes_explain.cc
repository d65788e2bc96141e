// From a derived number back to its formula, windows, inputs and raw samples.
#include <fmt/format.h>

#include <limits>

#include "base/nearest_word.h"
#include "formula/dependencies.h"
#include "formula/kpi.h"
#include "formula/syntax.h"
#include "serve/api.h"
#include "serve/explain.h"
#include "serve/formula_json.h"

namespace tundish::serve {
namespace {

/// What `tag` names: an attribute, or a tag that none is bound to (then without an asset).
struct Named {
  const Asset* asset = nullptr;
  const Attribute* attribute = nullptr;
  TagPtr tag;
};

Result<Named> find_named(const PlantModel& model, const TagCatalogue& tags, std::string_view path) {
  Named named;
  named.tag = tags.find(model.enterprise(), path);
  if (const auto slash = path.rfind('/'); slash != std::string_view::npos)
    if (const Asset* asset = model.find(path.substr(0, slash)))
      if (const Attribute* attribute = asset->find(path.substr(slash + 1)))
        return Named{asset, attribute, named.tag};
  if (named.tag == nullptr)
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no attribute or tag '{}'", path.substr(0, 200)), "tag");
  for (const Asset& asset : model.assets())
    for (const Attribute& attribute : asset.attributes)
      if (attribute.tag == named.tag->id) return Named{&asset, &attribute, named.tag};
  return named;
}

/// A floor that does not overflow, for times before 1970 too.
TimeNs multiple_at_or_before(TimeNs time, DurationNs every) {
  const TimeNs rest = time % every;
  return rest < 0 ? time - rest - every : time - rest;
}

class Explanations {
 public:
  Explanations(const Services& services, const PlantModel& model, Snapshot& snapshot,
               std::uint64_t steps_max)
      : services_(services),
        model_(model),
        snapshot_(snapshot),
        budget_(formula_budget(services.clock, steps_max)),
        json_(text_),
        explainer_({snapshot, model, services.windows, services.tags, services.entries, budget_},
                   json_) {}

  Result<Response> of_tag(std::string_view path, TimeNs time) {
    TUNDISH_TRY(const auto named, find_named(model_, services_.tags, path));
    json_.begin_object();
    if (named.attribute == nullptr)
      TUNDISH_RETURN_IF_ERROR(bare_tag(*named.tag, time));
    else
      TUNDISH_RETURN_IF_ERROR(attribute(*named.asset, *named.attribute, time));
    return finish();
  }

  Result<Response> of_kpi(const Asset& asset, const KpiDefinition& kpi, TimeRange range) {
    const Asset* const one = &asset;
    auto results = formula::evaluate_kpi(kpi, {&one, 1}, {snapshot_, model_, services_.windows},
                                         {&range, 1}, budget_);
    if (!results) return fail(told(std::move(results.error()), "kpi"));
    const formula::KpiResult& result = results->front();
    json_.begin_object().member("path", asset.path).member("kpi", kpi.name);
    write_words(json_, "words", kpi.words);
    json_.member("formula",
                 kpi.value.empty() ? fmt::format("({}) / ({})", kpi.of, kpi.by) : kpi.value);
    json_.member("version", asset.facts->version).key("time").time(range.to - 1);
    json_.key("from").time(range.from).key("to").time(range.to);
    write_number(json_, "value", result.value);
    json_.member("quality", quality_name(result.quality)).member("unit", kpi.unit);
    write_number(json_, "percent_good", result.percent_good);
    write_number(json_, "coverage", result.coverage);
    json_.key("parts").begin_array();
    if (kpi.value.empty()) {
      TUNDISH_RETURN_IF_ERROR(side(kpi.of, asset, range, "of"));
      TUNDISH_RETURN_IF_ERROR(side(kpi.by, asset, range, "by"));
    } else {
      TUNDISH_RETURN_IF_ERROR(side(kpi.value, asset, range, "value"));
    }
    json_.end_array();
    return finish();
  }

 private:
  Status side(const std::string& formula, const Asset& asset, TimeRange range,
              std::string_view name) {
    auto explained = explainer_.explain(formula, asset, formula::Use::kPerWindow,
                                        {.range = range, .windows = {range}});
    if (!explained) return fail(told(std::move(explained.error()), name));
    return explainer_.write_parts(formula, asset, *explained, name);
  }

  /// When the value that held at `time` was made: at the last round moment, or with the last sample of an input. Not
  /// when the stored one was, which may be behind.
  Result<TimeNs> made_at(const Asset& asset, const AttributeDefinition& definition, TimeNs time) {
    if (definition.kind != AttributeKind::kFormula) return time;
    if (definition.every > 0) return multiple_at_or_before(time, definition.every);
    TUNDISH_TRY(const auto syntax, formula::parse_formula(definition.formula));
    std::optional<TimeNs> newest;
    for (const auto& input : formula::inputs_of(syntax, model_, asset)) {
      if (input.attribute == nullptr || input.attribute->tag.number == 0) continue;
      TUNDISH_TRY(const auto sample, snapshot_.at_or_before(input.attribute->tag, time));
      if (sample && (!newest || sample->time > *newest)) newest = sample->time;
    }
    return newest.value_or(time);
  }

  Status attribute(const Asset& asset, const Attribute& attribute, TimeNs time) {
    const AttributeDefinition& definition = attribute.definition;
    const bool is_derived = definition.kind == AttributeKind::kFormula;
    TUNDISH_TRY(const TimeNs at, made_at(asset, definition, time));
    const std::string formula =
        is_derived ? definition.formula : fmt::format("{{{}}}", definition.name);
    // As a window of its own: a grid as fine as one moment would be walked through all of history.
    const TimeRange moment{at, at + 1};
    auto explained = explainer_.explain(formula, asset, formula::Use::kAlways,
                                        {.range = moment, .windows = {moment}});
    if (!explained) return fail(told(std::move(explained.error()), "formula"));
    if (!explained->is_known)
      explained->result = {at, Value(std::numeric_limits<double>::quiet_NaN()),
                           kBadWaitingForInitialData};
    json_.member("path", fmt::format("{}/{}", asset.path, definition.name));
    write_words(json_, "words", definition.words);
    json_.key("formula");
    if (is_derived)
      json_.value(formula);
    else
      json_.null();
    json_.member("version", attribute.formula_version).key("time").time(at);
    TUNDISH_TRY(const auto conversion, to_own_unit(definition, explained->program.result()));
    if (auto* number = std::get_if<double>(&explained->result.value)) *number = conversion(*number);
    write_outcome(json_, explained->result);
    json_.member("unit", definition.unit);
    write_number(json_, "percent_good", explained->percent_good);
    write_number(json_, "coverage", explained->coverage);
    if (is_derived && attribute.tag.number != 0) {
      TUNDISH_TRY(const auto stored, snapshot_.at_or_before(attribute.tag, time));
      write_stored(stored);
    }
    json_.key("parts").begin_array();
    TUNDISH_RETURN_IF_ERROR(explainer_.write_parts(formula, asset, *explained, ""));
    json_.end_array();
    return {};
  }

  /// The value as it is kept, beside the one that was computed for this answer.
  void write_stored(const std::optional<Sample>& stored) {
    json_.key("stored");
    if (!stored) {
      json_.null();
      return;
    }
    json_.begin_object().key("time").time(stored->time);
    write_outcome(json_, *stored);
    json_.end_object();
  }

  static Result<UnitConversion> to_own_unit(const AttributeDefinition& definition,
                                            const formula::Type& type) {
    TUNDISH_TRY(const auto unit, Unit::parse(definition.unit));
    if (type.kind != formula::Kind::kNumber) return UnitConversion();
    return UnitConversion::between(type.unit, unit);
  }

  /// A tag that no attribute has: its samples are all there is to it.
  Status bare_tag(const TagInfo& tag, TimeNs time) {
    TUNDISH_TRY(auto held, snapshot_.at_or_before(tag.id, time));
    const Sample sample = held ? *std::move(held)
                               : Sample{time, Value(std::numeric_limits<double>::quiet_NaN()),
                                        kBadWaitingForInitialData};
    json_.member("path", tag.path).key("words").begin_object().end_object();
    json_.key("formula").null().member("version", 0).key("time").time(time);
    write_outcome(json_, sample);
    json_.member("unit", tag.unit);
    const bool is_good = sample.quality.is_good();
    json_.member("percent_good", is_good ? 100.0 : 0.0);
    json_.member("coverage", sample.quality == kBadWaitingForInitialData ? 0.0 : 100.0);
    json_.key("parts").begin_array().begin_object().member("text", tag.path);
    write_outcome(json_, sample);
    json_.member("unit", tag.unit).key("inputs").begin_array();
    Attribute alone;
    alone.definition.unit = tag.unit;
    alone.tag = tag.id;
    TUNDISH_RETURN_IF_ERROR(explainer_.write_input(tag.path, alone, {time, time + 1}));
    json_.end_array().end_object().end_array();
    return {};
  }

  Response finish() {
    json_.member("complete", snapshot_.damage().empty()).end_object();
    return json_response(std::move(text_));
  }

  const Services& services_;
  const PlantModel& model_;
  Snapshot& snapshot_;
  const formula::Budget budget_;
  std::string text_;
  wire::JsonWriter json_;
  Explainer explainer_;
};

Result<const KpiDefinition*> find_kpi(const Asset& asset, std::string_view name) {
  std::vector<std::string> known;
  for (const KpiDefinition& kpi : asset.facts->kpis) {
    if (kpi.name == name) return &kpi;
    known.push_back(kpi.name);
  }
  const std::string nearest = nearest_word(name, known);
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no figure '{}' here{}", name.substr(0, 60),
                          nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
              "kpi");
}

Result<Response> explain(const Request& request, EnterpriseId enterprise, const Services& services,
                         std::uint64_t steps_max) {
  const TimeNs now = services.clock.now();
  const auto tag = request.parameter("tag");
  const auto path = request.parameter("asset"), kpi = request.parameter("kpi");
  if (tag.has_value() == (path.has_value() && kpi.has_value()) ||
      path.has_value() != kpi.has_value())
    return fail(ErrorCode::kInvalidArgument,
                "name either a tag and a time, or an asset, a kpi, from and to", "tag");
  const auto model = services.models.model(enterprise);
  if (tag) {
    TUNDISH_TRY(const TimeNs time,
                read_time(request.parameter("time").value_or("now"), "time", now));
    TUNDISH_TRY(const auto snapshot, services.reader.snapshot());
    return Explanations(services, *model, *snapshot, steps_max).of_tag(*tag, time);
  }
  TUNDISH_TRY(const Asset* const asset, find_asset(*model, *path, "asset"));
  TUNDISH_TRY(const KpiDefinition* const definition, find_kpi(*asset, *kpi));
  TUNDISH_TRY(TimeRange range, range_of(request, now, "now-1d"));
  // As far as it has passed, as the figures themselves are told.
  if (range.from < now) range.to = std::min(range.to, now);
  TUNDISH_TRY(const auto snapshot, services.reader.snapshot());
  return Explanations(services, *model, *snapshot, steps_max).of_kpi(*asset, *definition, range);
}

}  // namespace

void Api::add_explain_routes() {
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/explain",
       .operation = "explain.get",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "How a number came about: formula, version, windows, inputs, raw samples.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         return explain(call.request, enterprise, services_, options_.formula_steps_max);
       },
       .response_schema = "Explanation",
       .parameters = {{"tag", "query", "string", "Path of an attribute or a tag."},
                      {"time", "query", "string", "Default now: what held then is explained."},
                      {"asset", "query", "string", "Instead of a tag: the asset of a figure."},
                      {"kpi", "query", "string", "Name of the figure."},
                      {"from", "query", "string", "Its window; default now-1d."},
                      {"to", "query", "string", "Default now; excluded."}}});
}

}  // namespace tundish::serve
