// QueryRun's answers as JSON.
#include <algorithm>
#include <limits>
#include <utility>

#include "serve/query_run.h"
#include "serve/sample_json.h"

namespace tundish::serve {
void QueryRun::write_time(wire::JsonWriter& json, TimeNs time) {
  if (query_.times_as_ns)
    json.nanoseconds(time);
  else
    json.time(time);
}

void QueryRun::write_bound(wire::JsonWriter& json, std::string_view name, const TagInfo& tag,
                           const std::optional<Sample>& sample) {
  json.key(name);
  if (!sample) {
    json.null();
    return;
  }
  json.begin_object().key("time");
  write_time(json, sample->time);
  json.member("value", sample->value).member("quality", quality_name(sample->quality));
  write_value_type(json, sample->value, tag.type);
  json.end_object();
}

void QueryRun::write_series_head(wire::JsonWriter& json, const TagInfo& tag) {
  json.begin_object().member("tag", tag.path).member("id", tag.id.number);
  json.member("type", value_type_name(tag.type)).member("unit", tag.unit);
  json.member("step", tag.step).member("simulated", tag.simulated);
}

Status QueryRun::begin_series(std::string& out, const TagInfo& tag) {
  auto series = std::make_unique<Series>();
  TUNDISH_TRY(series->pieces, read_points(tag, series->cut));
  series_ = std::move(series);
  wire::JsonWriter json(out);
  write_series_head(json, tag);
  json.key("times").begin_array();
  return {};
}

/// False when all is written.
bool QueryRun::write_slice(std::string& out) {
  Series& series = *series_;
  // The plot's points bring their neighbours outside the range along; the answer names those
  // `before` and `after`, for a plot as for raw.
  const auto inside = [this](TimeNs time) {
    return time >= query_.range.from && time < query_.range.to;
  };
  for (std::size_t written = 0; written < kPage; ++series.row) {
    if (series.piece == series.pieces.size()) {
      series.piece = series.row = 0;
      series.comma = false;
      if (std::exchange(series.at_values, true)) return false;
      out += "],\"values\":[";
      return true;
    }
    const Columns& piece = series.pieces[series.piece];
    if (series.row == piece.size()) {
      ++series.piece;
      series.row = std::numeric_limits<std::size_t>::max();  // the loop makes it 0
      continue;
    }
    if (!inside(piece.times[series.row])) continue;
    if (std::exchange(series.comma, true)) out += ',';
    wire::JsonWriter json(out);
    ++written;
    if (!series.at_values) {
      write_time(json, piece.times[series.row]);
      continue;
    }
    json.value(piece.at(series.row).value);
    series.qualities.add(Quality{piece.qualities[series.row]});
    series.types.add(piece.type);
  }
  return true;
}

Status QueryRun::end_series(std::string& out, const TagInfo& tag) {
  std::string members;
  wire::JsonWriter json(members);
  json.begin_object();
  series_->qualities.write(json, "qualities", quality_name);
  // After a retype the older samples keep the type that they were written with.
  if (!series_->types.holds_only(tag.type)) series_->types.write(json, "types", value_type_name);
  if (query_.bounds) {
    TUNDISH_TRY(const auto before, query_.range.from == kTimeMin
                                       ? Result<std::optional<Sample>>(std::nullopt)
                                       : snapshot_->at_or_before(tag.id, query_.range.from - 1));
    TUNDISH_TRY(const auto after, snapshot_->at_or_after(tag.id, query_.range.to));
    write_bound(json, "before", tag, before);
    write_bound(json, "after", tag, after);
  }
  json.member("truncated", series_->cut).end_object();
  members[0] = ',';  // they go on with the object that begin_series opened
  out += "]" + members;
  series_.reset();
  return {};
}

Status QueryRun::write_aggregate_series(wire::JsonWriter& json, const TagInfo& tag) {
  const auto& spec = query_.specs[spec_];
  TUNDISH_TRY(const auto results, read_aggregate(tag, spec));
  write_series_head(json, tag);
  json.member("aggregate", aggregate::aggregate_name(spec.kind));
  Runs<Quality> qualities;
  json.key("times").begin_array();
  for (const auto& result : results) write_time(json, result.from);
  json.end_array().key("values").begin_array();
  for (const auto& result : results) {
    if (result.value)
      json.value(*result.value);
    else
      json.null();
    qualities.add(result.quality);
  }
  json.end_array();
  qualities.write(json, "qualities", quality_name);
  json.key("percent_good").begin_array();
  for (const auto& result : results) json.value(result.percent_good);
  json.end_array().end_object();
  return {};
}

Result<bool> QueryRun::next_json(std::string& out) {
  if (!began_) {
    began_ = true;
    out += "{\"position\":\"" + std::to_string(snapshot_->position().value()) + "\",\"series\":[";
    return true;
  }
  if (tag_ == query_.tags.size()) {
    const auto damage = snapshot_->damage();
    out += "],\"complete\":";
    out += damage.empty() ? "true" : "false";
    wire::JsonWriter json(out);
    if (!damage.empty()) {
      out += ",\"damage\":";
      json.begin_array();
      for (const auto& sentence : damage) json.value(sentence);
      json.end_array();
    }
    out += "}\n";
    return false;
  }
  const TagInfo& tag = *query_.tags[tag_];
  if (!series_ && std::exchange(series_before_, true)) out += ',';
  if (query_.mode == Query::Mode::kAggregate) {
    wire::JsonWriter json(out);
    TUNDISH_RETURN_IF_ERROR(write_aggregate_series(json, tag));
    if (++spec_ == query_.specs.size()) {
      spec_ = 0;
      ++tag_;
    }
    return true;
  }
  if (!series_) TUNDISH_RETURN_IF_ERROR(begin_series(out, tag));
  TUNDISH_RETURN_IF_ERROR(check_budget(0));
  if (write_slice(out)) return true;
  ++tag_;
  TUNDISH_RETURN_IF_ERROR(end_series(out, tag));
  return true;
}

}  // namespace tundish::serve
