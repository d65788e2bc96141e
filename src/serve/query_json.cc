// QueryRun's answers as JSON.
#include <algorithm>
#include <utility>

#include "serve/query_run.h"
#include "serve/sample_json.h"

namespace tundish::serve {

namespace {

/// As json.value(piece.at(row).value), without the detour.
void write_value(wire::JsonWriter& json, const Columns& piece, std::size_t row) {
  const std::uint64_t bits = piece.bits[row];
  switch (piece.type) {
    case ValueType::kDouble: json.value(double_of(bits)); return;
    case ValueType::kInt64: json.value(static_cast<std::int64_t>(bits)); return;
    case ValueType::kBool: json.value(bits != 0); return;
    case ValueType::kString: json.value(piece.text_at(row)); return;
  }
}

}  // namespace

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
  series_ = std::make_unique<Series>();
  TUNDISH_RETURN_IF_ERROR(begin_column(tag));
  wire::JsonWriter json(out);
  write_series_head(json, tag);
  json.key("times").begin_array();
  return {};
}

/// Goes to the first row: of the one page that there is, or of the first page once more.
Status QueryRun::begin_column(const TagInfo& tag) {
  Series& series = *series_;
  series.piece = series.row = 0;
  series.comma = false;
  if (series.at_values && series.pages == 1) return {};
  series.rows = 0;
  series.pages = 0;
  if (query_.mode == Query::Mode::kRaw) return read_page(tag, query_.range.from);
  TUNDISH_TRY(series.pieces, read_plot(tag));
  series.pages = 1;
  return {};
}

Status QueryRun::read_page(const TagInfo& tag, TimeNs from) {
  Series& series = *series_;
  bool cut = false;
  TUNDISH_TRY(series.pieces,
              read_raw(tag.id, from, std::min(kPage, query_.limit - series.rows), cut));
  std::size_t count = 0;
  for (const auto& piece : series.pieces) count += piece.size();
  series.rows += count;
  ++series.pages;
  series.piece = series.row = 0;
  series.truncated = cut && series.rows == query_.limit;
  series.more = cut && !series.truncated;
  return check_budget(series.at_values ? 0 : count);
}

/// Writes the rows of a page. False when the column is whole.
Result<bool> QueryRun::write_slice(std::string& out, const TagInfo& tag) {
  Series& series = *series_;
  // The plot's points bring their neighbours outside the range along; the answer names those
  // `before` and `after`, for a plot as for raw.
  const auto inside = [this](TimeNs time) {
    return time >= query_.range.from && time < query_.range.to;
  };
  for (; series.piece < series.pieces.size(); ++series.piece, series.row = 0) {
    const Columns& piece = series.pieces[series.piece];
    for (; series.row < piece.size(); ++series.row) {
      if (out.size() >= kPageBytes) return true;
      if (!inside(piece.times[series.row])) continue;
      if (std::exchange(series.comma, true)) out += ',';
      wire::JsonWriter json(out);
      if (!series.at_values) {
        write_time(json, piece.times[series.row]);
        continue;
      }
      write_value(json, piece, series.row);
      series.qualities.add(Quality{piece.qualities[series.row]});
      series.types.add(piece.type);
    }
  }
  if (!series.more) return false;
  TUNDISH_RETURN_IF_ERROR(read_page(tag, after(series.pieces)));
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
  json.member("truncated", series_->truncated).end_object();
  members[0] = ',';  // they go on with the object that begin_series opened
  out += "]" + members;
  series_.reset();
  return {};
}

/// Rows of the column that is under way, up to `end`.
void QueryRun::write_column(std::string& out, std::size_t end) {
  Intervals& at = *intervals_;
  for (std::size_t row = at.row; row < end; ++row) {
    const auto& result = at.results[row];
    if (row > 0) out += ',';
    wire::JsonWriter json(out);
    if (at.column == Intervals::kTimes) {
      write_time(json, result.from);
    } else if (at.column == Intervals::kShares) {
      json.value(result.percent_good);
    } else {
      if (result.value)
        json.value(*result.value);
      else
        json.null();
      at.qualities.add(result.quality);
    }
  }
}

/// A page of one column of one aggregate: first all starts of the intervals, then all values, then all
/// shares. False when the series is whole.
Result<bool> QueryRun::write_intervals(std::string& out, const TagInfo& tag) {
  const auto& spec = query_.specs[spec_];
  wire::JsonWriter head(out);
  if (!intervals_) {
    intervals_.emplace();
    TUNDISH_TRY(intervals_->results, read_aggregate(tag, spec));
    write_series_head(head, tag);
    head.member("aggregate", aggregate::aggregate_name(spec.kind));
    head.key("times").begin_array();
  }
  Intervals& at = *intervals_;
  const std::size_t end = std::min(at.results.size(), at.row + kPage);
  if (at.column == Intervals::kTimes && at.results.size() <= kPage) {
    // All series have the same intervals, so their text is made once.
    if (edges_text_.empty()) write_column(edges_text_, end);
    out += edges_text_;
  } else {
    write_column(out, end);
  }
  at.row = end;
  if (end < at.results.size()) return true;
  at.row = 0;
  out += ']';
  switch (std::exchange(at.column, at.column + 1)) {
    case Intervals::kTimes: out += ",\"values\":["; return true;
    case Intervals::kValues: {
      std::string members;
      wire::JsonWriter json(members);
      json.begin_object();
      at.qualities.write(json, "qualities", quality_name);
      members[0] = ',';
      out += members + ",\"percent_good\":[";
      return true;
    }
    default: break;
  }
  out += '}';
  return false;
}

/// Whether anything could not be read, and the end of the answer.
void QueryRun::write_complete(std::string& out) {
  const auto damage = snapshot_->damage();
  out += ",\"complete\":";
  out += damage.empty() ? "true" : "false";
  if (!damage.empty()) {
    out += ",\"damage\":";
    wire::JsonWriter json(out);
    json.begin_array();
    for (const auto& sentence : damage) json.value(sentence);
    json.end_array();
  }
  out += "}\n";
}

Result<bool> QueryRun::next_json(std::string& out) {
  if (!began_) {
    began_ = true;
    out += "{\"position\":\"" + std::to_string(snapshot_->position().value()) + "\",\"series\":[";
    return true;
  }
  if (tag_ == query_.tags.size()) {
    out += ']';
    write_complete(out);
    return false;
  }
  const TagInfo& tag = *query_.tags[tag_];
  if (!series_ && !intervals_ && std::exchange(series_before_, true)) out += ',';
  if (query_.mode == Query::Mode::kAggregate) {
    TUNDISH_TRY(const bool more, write_intervals(out, tag));
    if (!more) next_aggregate();
    return true;
  }
  if (!series_) TUNDISH_RETURN_IF_ERROR(begin_series(out, tag));
  TUNDISH_TRY(const bool more, write_slice(out, tag));
  if (more) return true;
  if (!std::exchange(series_->at_values, true)) {
    out += "],\"values\":[";
    TUNDISH_RETURN_IF_ERROR(begin_column(tag));
    return true;
  }
  ++tag_;
  TUNDISH_RETURN_IF_ERROR(end_series(out, tag));
  return true;
}

/// The next aggregate of the tag, or the first of the next tag.
void QueryRun::next_aggregate() {
  intervals_.reset();
  if (++spec_ < query_.specs.size()) return;
  spec_ = 0;
  ++tag_;
}

}  // namespace tundish::serve
