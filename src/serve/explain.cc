#include "serve/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>

#include "formula/plant_sources.h"
#include "model/valid_range.h"
#include "serve/entry_json.h"
#include "serve/formula_json.h"
#include "wire/definitions/definitions_json.h"

// 1. The formula runs for the one result, and its trace keeps what each part was worth then.
// 2. A part that is known shows the inputs below it, down to the next part that is known and shows its own.
// 3. The range of an input is that of the windows on the way to it: a window inside a window reaches further back.

namespace tundish::serve {
namespace {

using formula::Operation;
using formula::OperationKind;

/// Entries of an input among which the maker of a sample is looked for, the newest.
constexpr std::size_t kEntriesLookedAt = 1'000;

struct Bound {
  const Asset* owner = nullptr;
  const Attribute* attribute = nullptr;
};

std::vector<Bound> bound(const formula::InputName& input, const PlantModel& model,
                         const Asset& asset) {
  std::vector<Bound> found;
  if (input.set.empty()) {
    const Asset* owner = nullptr;
    if (const Attribute* one = model.resolve(asset, input.attribute, &owner))
      found.push_back({owner, one});
    return found;
  }
  for (const auto& [owner, attribute] : formula::members(model, asset, input.attribute))
    found.push_back({owner, attribute});
  return found;
}

bool is_moment(TimeRange range) { return range.to - range.from <= 1; }

bool is_outside(const Sample& sample, const std::optional<Limits>& valid) {
  return valid && !ValidRange(*valid).holds(sample.value);
}

/// What a part was worth, as a sample.
Sample value_of(const formula::Trace::Part& part, const formula::Type& type,
                const std::vector<std::string>& texts, TimeNs time) {
  const Quality quality{part.quality};
  if (type.kind == formula::Kind::kBool) return {time, Value(part.value != 0), quality};
  if (type.kind != formula::Kind::kText) return {time, Value(part.value), quality};
  const bool is_there =
      !quality.is_bad() && part.value >= 0 && part.value < static_cast<double>(texts.size());
  if (!is_there) return {time, Value(std::string()), quality.is_bad() ? quality : kBad};
  return {time, Value(texts[static_cast<std::size_t>(part.value)]), quality};
}

void write_kind(wire::JsonWriter& json, const AttributeDefinition& definition) {
  switch (definition.kind) {
    case AttributeKind::kMeasured: json.member("kind", "measured"); return;
    case AttributeKind::kFormula: json.member("kind", "formula"); return;
    case AttributeKind::kConstant: json.member("kind", "constant"); return;
  }
}

}  // namespace

std::string explanation_url(std::string_view path, TimeNs time) {
  constexpr std::string_view kPlain = "-._~/";
  std::string url = "/api/v1/explain?tag=";
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos;
    if (is_plain)
      url += c;
    else
      url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url + "&time=" + format_time(time);
}

Result<Explainer::Explained> Explainer::explain(const std::string& formula, const Asset& asset,
                                                formula::Use use, const formula::Grid& grid) {
  Explained explained;
  TUNDISH_TRY(explained.program,
              formula::compile(formula, formula::PlantNames(ports_.model, asset, use)));
  formula::PlantSources sources(ports_.snapshot, ports_.model, asset, ports_.windows);
  TUNDISH_RETURN_IF_ERROR(formula::evaluate(
      explained.program, sources, grid, ports_.budget,
      [&](const formula::Results& results) -> Status {
        const std::size_t last = results.times.size() - 1;
        explained.is_known = true;
        explained.result = results.at(last);
        explained.percent_good = results.percent_good[last];
        explained.coverage = results.coverage[last];
        if (results.texts != nullptr) explained.texts = *results.texts;
        return {};
      },
      &explained.trace));
  return explained;
}

Status Explainer::write_parts(const std::string& formula, const Asset& asset,
                              const Explained& explained, std::string_view side) {
  for (std::uint32_t i = 0; i < explained.trace.parts.size(); ++i)
    if (explained.trace.parts[i].is_known &&
        explained.program.steps[i].kind != OperationKind::kNumber)
      TUNDISH_RETURN_IF_ERROR(write_part(formula, asset, explained, i, side));
  return {};
}

Status Explainer::write_part(const std::string& formula, const Asset& asset,
                             const Explained& explained, std::uint32_t part,
                             std::string_view side) {
  const formula::Program& program = explained.program;
  const auto& span = program.checked.syntax.nodes[part].span;
  const auto& traced = explained.trace.parts[part];
  const formula::Type& type = program.checked.types[part];
  json_.begin_object();
  if (!side.empty()) json_.member("side", side);
  json_.member("text", std::string_view(formula).substr(span.begin, span.end - span.begin));
  write_outcome(json_, value_of(traced, type, explained.texts, explained.trace.time));
  json_.member("unit", unit_text(type));
  if (program.steps[part].kind == OperationKind::kFold) {
    json_.key("window");
    if (traced.window) {
      json_.begin_object().key("from").time(traced.window->from);
      json_.key("to").time(traced.window->to).end_object();
    } else {
      json_.null();
    }
    write_number(json_, "percent_good", traced.percent_good);
    write_number(json_, "coverage", traced.coverage);
  }
  std::size_t left_out = 0;
  json_.key("inputs").begin_array();
  TUNDISH_TRY(const auto all, readings(explained, asset, part));
  for (const Reading& reading : all)
    for (const auto& [owner, attribute] :
         bound(program.inputs[reading.input], ports_.model, asset)) {
      if (inputs_ >= kExplainedInputsMax) {
        ++left_out;
        continue;
      }
      ++inputs_;
      TUNDISH_RETURN_IF_ERROR(
          write_input(fmt::format("{}/{}", owner->path, attribute->definition.name), *attribute,
                      reading.range));
    }
  json_.end_array();
  if (left_out > 0) json_.member("inputs_left_out", left_out);
  json_.end_object();
  return {};
}

Result<std::vector<Explainer::Reading>> Explainer::readings(const Explained& explained,
                                                            const Asset& asset,
                                                            std::uint32_t part) {
  const auto& steps = explained.program.steps;
  const TimeNs time = explained.trace.time;
  std::vector<Reading> found;
  std::vector<std::pair<std::uint32_t, TimeRange>> todo{{part, {time, time + 1}}};
  while (!todo.empty()) {
    auto [at, range] = todo.back();
    todo.pop_back();
    const Operation& step = steps[at];
    if (at != part && explained.trace.parts[at].is_known) continue;
    if (step.kind == OperationKind::kInput) {
      found.push_back({step.input, range});
      continue;
    }
    if (step.kind == OperationKind::kFold && at == part) {
      // Where no window is, nothing was read.
      if (!explained.trace.parts[at].window) continue;
      range = *explained.trace.parts[at].window;
    } else if (step.kind == OperationKind::kFold) {
      if (step.fold.slides) {
        range.from = std::max(range.from, kTimeMin + step.length) - (step.length - 1);
      } else {
        TUNDISH_TRY(const auto touched,
                    ports_.windows.windows(ports_.model.enterprise(), asset.id,
                                           explained.program.windows[step.window],
                                           {range.from, range.from + 1}));
        if (!touched.empty()) range.from = std::min(range.from, touched.front().range.from);
      }
    }
    // The last first, so that they come out as they are written.
    for (std::size_t i = step.operands.size(); i-- > 0;) todo.emplace_back(step.operands[i], range);
  }
  return found;
}

Status Explainer::write_input(const std::string& path, const Attribute& attribute,
                              TimeRange range) {
  const AttributeDefinition& definition = attribute.definition;
  const bool has_tag = attribute.tag.number != 0 && definition.kind != AttributeKind::kConstant;
  const TagPtr tag = has_tag ? ports_.tags.get(attribute.tag) : nullptr;
  json_.begin_object().member("path", path).key("tag");
  if (tag != nullptr)
    json_.value(tag->path);
  else
    json_.null();
  write_kind(json_, definition);
  json_.member("unit", definition.unit);
  if (definition.valid) {
    wire::write_limits(json_.key("valid"), *definition.valid);
  }
  if (definition.kind == AttributeKind::kConstant) json_.member("constant", definition.constant);
  if (definition.kind == AttributeKind::kFormula)
    json_.member("explain", explanation_url(path, range.to - 1));
  if (has_tag) {
    TUNDISH_RETURN_IF_ERROR(write_samples(attribute.tag, range, definition.valid));
  } else {
    json_.member("count", 0).key("samples").begin_array().end_array();
  }
  json_.end_object();
  return {};
}

Status Explainer::write_samples(TagId tag, TimeRange range, const std::optional<Limits>& valid) {
  const TimeNs moment = is_moment(range) ? range.from : range.from - 1;
  TUNDISH_TRY(const auto held, ports_.snapshot.at_or_before(tag, moment));
  // From what held on; entries in between that nothing read are left out.
  const TimeNs first_read = held ? held->time : range.from;
  TUNDISH_TRY(auto entries, ports_.entries.entries(tag.enterprise, {.tags = {tag},
                                                                    .range = {first_read, range.to},
                                                                    .limit = kEntriesLookedAt}));
  if (is_moment(range)) {
    if (held)
      std::erase_if(entries, [&](const Entry& entry) { return entry.range.from > held->time; });
    json_.member("count", held ? 1 : 0);
    if (held && is_outside(*held, valid)) json_.member("out_of_range", 1);
    json_.key("samples").begin_array();
    if (held) TUNDISH_RETURN_IF_ERROR(write_sample(*held, valid, entries));
    json_.end_array();
    write_entries(entries);
    return {};
  }
  json_.key("before");
  if (held)
    TUNDISH_RETURN_IF_ERROR(write_sample(*held, valid, entries));
  else
    json_.null();
  std::size_t count = 0, outside = 0;
  std::vector<Sample> first;
  std::deque<Sample> last;
  bool in_time = true;
  TUNDISH_RETURN_IF_ERROR(ports_.snapshot.scan(tag, range, [&](const Columns& piece) {
    in_time = !ports_.budget.keep_going || ports_.budget.keep_going();
    for (std::size_t i = 0; in_time && i < piece.size(); ++i, ++count) {
      const bool is_early = first.size() < kExplainedSamples;
      // Of the middle only what the counts need is made.
      const bool is_number = piece.type == ValueType::kDouble || piece.type == ValueType::kInt64;
      if (is_number && is_outside(piece.at(i), valid)) ++outside;
      if (is_early) {
        first.push_back(piece.at(i));
      } else if (piece.size() - i <= kExplainedSamples) {
        // Pieces may be short: the last fifty of each are enough to have the last fifty of all.
        last.push_back(piece.at(i));
        if (last.size() > kExplainedSamples) last.pop_front();
      }
    }
    return in_time;
  }));
  if (!in_time) return fail(ErrorCode::kCancelled, "the explanation was stopped before its end");
  json_.member("count", count);
  if (outside > 0) json_.member("out_of_range", outside);
  json_.key("samples").begin_array();
  for (const Sample& sample : first) TUNDISH_RETURN_IF_ERROR(write_sample(sample, valid, entries));
  for (const Sample& sample : last) TUNDISH_RETURN_IF_ERROR(write_sample(sample, valid, entries));
  json_.end_array();
  if (const std::size_t listed = first.size() + last.size(); listed < count)
    json_.member("left_out", count - listed);
  write_entries(entries);
  return {};
}

Status Explainer::write_sample(const Sample& sample, const std::optional<Limits>& valid,
                               const std::vector<Entry>& entries) {
  json_.begin_object().key("time").time(sample.time).member("value", sample.value);
  json_.member("quality", quality_name(sample.quality));
  if (is_outside(sample, valid)) json_.member("out_of_range", true);
  TUNDISH_RETURN_IF_ERROR(write_correction(sample, entries));
  json_.end_object();
  return {};
}

Status Explainer::write_correction(const Sample& sample, const std::vector<Entry>& entries) {
  const auto covers = [&](const Entry& entry) {
    return entry.range.from <= sample.time && sample.time < entry.range.to;
  };
  const auto any = std::ranges::find_if(entries, covers);
  if (any == entries.end()) return {};
  std::vector<SampleVersion> versions;
  TUNDISH_TRY(const bool all,
              ports_.snapshot.history(any->tag, {sample.time, sample.time + 1}, 2, versions));
  static_cast<void>(all);
  if (versions.empty() || !versions.front().is_current) return {};
  const auto maker = std::ranges::find_if(entries, [&](const Entry& entry) {
    return covers(entry) && entry.made(versions.front().version);
  });
  if (maker == entries.end()) return {};
  json_.key("corrected").begin_object();
  write_entry_words(json_, *maker);
  json_.key("before");
  if (versions.size() > 1 && !versions[1].is_erased)
    write_superseded(json_, versions[1].sample);
  else
    json_.null();
  json_.end_object();
  return {};
}

void Explainer::write_entries(const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  json_.key("corrections").begin_array();
  for (std::size_t i = 0; i < std::min(entries.size(), kExplainedEntries); ++i) {
    json_.begin_object();
    write_entry(json_, entries[i]);
    json_.end_object();
  }
  json_.end_array();
  if (entries.size() > kExplainedEntries)
    json_.member("corrections_left_out", entries.size() - kExplainedEntries);
}

}  // namespace tundish::serve
