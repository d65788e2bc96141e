#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "formula/evaluate.h"
#include "formula/program.h"
#include "io/clock.h"
#include "model/plant_model.h"
#include "model/ports/model_reader.h"
#include "model/quality.h"
#include "model/words.h"
#include "serve/http.h"
#include "serve/router.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

// What the routes of formulas, figures and explanations have in common.

/// Results of one answer; more is kTooLarge.
inline constexpr std::size_t kFormulaResultsMax = 100'000;

/// The work of one request: kQueryTimeMax from now for all its formulas together, `steps_max` for each.
/// `clock` must outlive it.
formula::Budget formula_budget(const io::Clock& clock, std::uint64_t steps_max);
/// An error of an evaluation as the caller is told it: what the budget stopped is a kTimeout. `what` names the
/// formula and stands in `where`, unless that is taken.
Error told(Error error, std::string_view what);

/// Whether an error is about what was written in a formula, and not about the machine that runs it.
bool is_mistake(const Error& error);
/// The word that a message recommends instead (`did you mean 'power'?`); empty when it does not.
std::string_view nearest_of(std::string_view message);
/// A mistake in a formula as a 400: `line` and `column` of its place, and `nearest` where there is a right word.
/// @param where the member of the request that has the formula
Response mistake_response(const Error& error, std::string_view formula, std::string_view where);

/// Errors: kNotFound with `where`.
Result<const Asset*> find_asset(const PlantModel& model, std::string_view path,
                                std::string_view where);
/// A query parameter or member as a time. Errors: kInvalidArgument with its name.
Result<TimeNs> read_time(std::string_view text, std::string_view name, TimeNs now);
/// The query parameters `from` and `to`; `otherwise` for a `from` that is not there, `now` for such a `to`.
/// Errors: kInvalidArgument.
Result<TimeRange> range_of(const Request& request, TimeNs now, std::string_view otherwise);

/// Stretches as far as they have passed: those that begin after `now` are left out, the last one ends there.
std::vector<Stretch> passed(std::vector<Stretch> stretches, TimeNs now);
std::vector<TimeRange> ranges_of(const std::vector<Stretch>& stretches);

/// `number`, `condition` or `text`.
std::string_view kind_name(formula::Kind kind);
/// As attributes say it: nothing for a pure number.
std::string unit_text(const formula::Type& type);

void write_words(wire::JsonWriter& json, std::string_view key, const Words& words);
/// null for what is no number.
void write_number(wire::JsonWriter& json, std::string_view key, double number);
/// The members `value` (null where Bad) and `quality`.
void write_outcome(wire::JsonWriter& json, const Sample& sample);

}  // namespace tundish::serve
