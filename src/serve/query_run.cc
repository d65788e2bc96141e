#include "serve/query_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "aggregate/read.h"
#include "serve/sample_json.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kPage = 50'000;  // samples of raw CSV and binary

/// Runs of equal qualities or types as [[first index, name], ...].
template <class T>
class Runs {
 public:
  void add(T what) {
    if (runs_.empty() || !(runs_.back().second == what)) runs_.emplace_back(count_, what);
    ++count_;
  }
  bool holds_only(T what) const {
    return std::all_of(runs_.begin(), runs_.end(),
                       [what](const auto& run) { return run.second == what; });
  }
  template <class Name>
  void write(wire::JsonWriter& json, std::string_view key, const Name& name_of) const {
    json.key(key).begin_array();
    for (const auto& [index, what] : runs_)
      json.begin_array().value(index).value(name_of(what)).end_array();
    json.end_array();
  }

 private:
  std::vector<std::pair<std::size_t, T>> runs_;
  std::size_t count_ = 0;
};
using QualityRuns = Runs<Quality>;

/// RFC 4180: quoted where it must be.
void append_csv(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_value(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_csv(out, *text);
    return;
  }
  std::string number;
  wire::JsonWriter json(number);
  json.value(value);
  for (const char c : number)
    if (c != '"') out += c;
}

}  // namespace

QueryRun::QueryRun(Query query, std::unique_ptr<Snapshot> snapshot, const io::Clock& clock)
    : query_(std::move(query)),
      snapshot_(std::move(snapshot)),
      clock_(clock),
      page_from_(query_.range.from) {}

bool QueryRun::in_time() const { return spent_ + (clock_.monotonic() - entered_) < kQueryTimeMax; }

Status QueryRun::check_budget(std::size_t points) {
  points_ += points;
  const bool unbounded = query_.format != Query::Format::kJson;  // streamed page by page
  if (points_ > kQueryPointsMax && !unbounded)
    return fail(ErrorCode::kTooLarge,
                "the answer has more than ten million points; ask for a shorter range, use "
                "aggregates, or take it as CSV");
  if (!in_time())
    return fail(ErrorCode::kTimeout,
                "the query took longer than 30 s; ask for fewer tags or a shorter range");
  return {};
}

Result<bool> QueryRun::next(std::string& out) {
  entered_ = clock_.monotonic();
  const auto next_piece = [&]() -> Result<bool> {
    switch (query_.format) {
      case Query::Format::kJson: return next_json(out);
      case Query::Format::kCsv: return next_csv(out);
      case Query::Format::kBinary: break;
    }
    return next_binary(out);
  };
  auto more = next_piece();
  spent_ += clock_.monotonic() - entered_;
  return more;
}

Result<std::vector<Columns>> QueryRun::read_raw(TagId tag, TimeNs from, std::size_t limit,
                                                bool& cut) {
  std::vector<Columns> pieces;
  std::size_t count = 0;
  bool late = false;
  cut = false;
  TUNDISH_RETURN_IF_ERROR(snapshot_->scan(tag, {from, query_.range.to}, [&](const Columns& piece) {
    late = !in_time();
    if (late) return false;
    if (pieces.empty() || pieces.back().type != piece.type) {
      pieces.emplace_back();
      pieces.back().type = piece.type;
    }
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (count == limit) {
        cut = true;
        return false;
      }
      pieces.back().push_from(piece, i);
      ++count;
    }
    return true;
  }));
  TUNDISH_RETURN_IF_ERROR(check_budget(count));
  if (late) return fail(ErrorCode::kTimeout, "the query took longer than 30 s; ask for less");
  return pieces;
}

Result<std::vector<Columns>> QueryRun::read_points(const TagInfo& tag, bool& cut) {
  if (query_.mode == Query::Mode::kRaw)
    return read_raw(tag.id, query_.range.from, query_.limit, cut);
  cut = false;
  auto pieces = aggregate::plot_tag(*snapshot_, tag.id, query_.range, query_.columns,
                                    [this] { return in_time(); });
  std::size_t count = 0;
  if (pieces)
    for (const auto& piece : *pieces) count += piece.size();
  TUNDISH_RETURN_IF_ERROR(check_budget(count));
  return pieces;
}

Result<std::vector<aggregate::AggregateResult>> QueryRun::read_aggregate(
    const TagInfo& tag, aggregate::AggregateSpec spec) {
  spec.step = tag.step;
  auto results = aggregate::aggregate_tag(*snapshot_, tag.id, spec, query_.edges,
                                          [this] { return in_time(); });
  TUNDISH_RETURN_IF_ERROR(check_budget(query_.edges.size() - 1));
  return results;
}

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

Status QueryRun::write_points_series(wire::JsonWriter& json, const TagInfo& tag) {
  bool cut = false;
  TUNDISH_TRY(const auto pieces, read_points(tag, cut));
  // The plot's points bring their neighbours outside the range along; the answer names those
  // `before` and `after`, for a plot as for raw.
  const auto inside = [this](TimeNs time) {
    return time >= query_.range.from && time < query_.range.to;
  };
  write_series_head(json, tag);
  QualityRuns qualities;
  Runs<ValueType> types;
  json.key("times").begin_array();
  for (const auto& piece : pieces)
    for (std::size_t i = 0; i < piece.size(); ++i)
      if (inside(piece.times[i])) write_time(json, piece.times[i]);
  json.end_array().key("values").begin_array();
  for (const auto& piece : pieces)
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (!inside(piece.times[i])) continue;
      json.value(piece.at(i).value);
      qualities.add(Quality{piece.qualities[i]});
      types.add(piece.type);
    }
  json.end_array();
  qualities.write(json, "qualities", quality_name);
  // After a retype the older samples keep the type that they were written with.
  if (!types.holds_only(tag.type)) types.write(json, "types", value_type_name);
  if (query_.bounds) {
    TUNDISH_TRY(const auto before, query_.range.from == kTimeMin
                                       ? Result<std::optional<Sample>>(std::nullopt)
                                       : snapshot_->at_or_before(tag.id, query_.range.from - 1));
    TUNDISH_TRY(const auto after, snapshot_->at_or_after(tag.id, query_.range.to));
    write_bound(json, "before", tag, before);
    write_bound(json, "after", tag, after);
  }
  json.member("truncated", cut).end_object();
  return {};
}

Status QueryRun::write_aggregate_series(wire::JsonWriter& json, const TagInfo& tag) {
  const auto& spec = query_.specs[spec_];
  TUNDISH_TRY(const auto results, read_aggregate(tag, spec));
  write_series_head(json, tag);
  json.member("aggregate", aggregate::aggregate_name(spec.kind));
  QualityRuns qualities;
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
  if (series_before_) out += ',';
  series_before_ = true;
  wire::JsonWriter json(out);
  if (query_.mode == Query::Mode::kAggregate) {
    TUNDISH_RETURN_IF_ERROR(write_aggregate_series(json, tag));
    if (++spec_ == query_.specs.size()) {
      spec_ = 0;
      ++tag_;
    }
  } else {
    TUNDISH_RETURN_IF_ERROR(write_points_series(json, tag));
    ++tag_;
  }
  return true;
}

void QueryRun::write_csv_time(std::string& out, TimeNs time) const {
  if (query_.times_as_ns) {
    out += std::to_string(time);
    return;
  }
  TimeNs shifted = 0;
  // At the ends of all time the local time has no form, and UTC says the same.
  const bool overflows = __builtin_add_overflow(time, query_.zone_offset_min * kMinute, &shifted);
  if (query_.zone_offset_min == 0 || overflows) {
    out += format_time(time);
    return;
  }
  std::string local = format_time(shifted);
  local.pop_back();  // its Z
  const int minutes = std::abs(query_.zone_offset_min);
  out += fmt::format("{}{}{:02}:{:02}", local, query_.zone_offset_min < 0 ? '-' : '+', minutes / 60,
                     minutes % 60);
}

Status QueryRun::write_raw_page(std::string& out, const TagInfo& tag) {
  bool more = false;
  TUNDISH_TRY(const auto pieces, read_raw(tag.id, page_from_, kPage, more));
  for (const auto& piece : pieces)
    for (std::size_t i = 0; i < piece.size(); ++i) {
      append_csv(out, tag.path);
      out += ',';
      write_csv_time(out, piece.times[i]);
      out += ',';
      append_csv_value(out, piece.at(i).value);
      out += ',';
      out += quality_name(Quality{piece.qualities[i]});
      out += "\r\n";
    }
  if (more) {
    page_from_ = pieces.back().times.back() + 1;
  } else {
    page_from_ = query_.range.from;
    ++tag_;
  }
  return {};
}

Status QueryRun::write_plot_rows(std::string& out, const TagInfo& tag) {
  bool cut = false;
  TUNDISH_TRY(const auto pieces, read_points(tag, cut));
  for (const auto& piece : pieces)
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (piece.times[i] < query_.range.from || piece.times[i] >= query_.range.to) continue;
      append_csv(out, tag.path);
      out += ',';
      write_csv_time(out, piece.times[i]);
      out += ',';
      append_csv_value(out, piece.at(i).value);
      out += ',';
      out += quality_name(Quality{piece.qualities[i]});
      out += "\r\n";
    }
  ++tag_;
  return {};
}

Status QueryRun::write_aggregate_rows(std::string& out, const TagInfo& tag) {
  for (const auto& spec : query_.specs) {
    TUNDISH_TRY(const auto results, read_aggregate(tag, spec));
    for (const auto& result : results) {
      append_csv(out, tag.path);
      out += ',';
      write_csv_time(out, result.from);
      out += ',';
      write_csv_time(out, result.to);
      out += ',';
      out += aggregate::aggregate_name(spec.kind);
      out += ',';
      if (result.value) append_csv_value(out, *result.value);
      out += ',';
      out += quality_name(result.quality);
      out += ',';
      append_csv_value(out, Value(result.percent_good));
      out += "\r\n";
    }
  }
  ++tag_;
  return {};
}

Result<bool> QueryRun::next_csv(std::string& out) {
  if (!began_) {
    began_ = true;
    out += query_.mode == Query::Mode::kAggregate
               ? "tag,from,to,aggregate,value,quality,percent_good\r\n"
               : "tag,time,value,quality\r\n";
    return !query_.tags.empty();
  }
  const TagInfo& tag = *query_.tags[tag_];
  switch (query_.mode) {
    case Query::Mode::kRaw: TUNDISH_RETURN_IF_ERROR(write_raw_page(out, tag)); break;
    case Query::Mode::kPlot: TUNDISH_RETURN_IF_ERROR(write_plot_rows(out, tag)); break;
    case Query::Mode::kAggregate: TUNDISH_RETURN_IF_ERROR(write_aggregate_rows(out, tag)); break;
  }
  if (tag_ < query_.tags.size()) return true;
  // Rows that could not be read must not look like an export without gaps.
  if (const auto damage = snapshot_->damage(); !damage.empty())
    return fail(ErrorCode::kCorruption, damage.front());
  return false;
}

// --- binary: docs/formats/result.md ---

Status QueryRun::write_binary_rows(const TagInfo& tag) {
  const bool is_raw = query_.mode == Query::Mode::kRaw;
  if (page_from_ == query_.range.from) binary_writer_->series(tag);
  bool more = false;
  TUNDISH_TRY(const auto pieces,
              is_raw ? read_raw(tag.id, page_from_, kPage, more) : read_points(tag, more));
  for (const auto& piece : pieces)
    if (!piece.empty()) binary_writer_->rows(piece);
  if (is_raw && more) {
    page_from_ = pieces.back().times.back() + 1;
  } else {
    page_from_ = query_.range.from;
    ++tag_;
  }
  return {};
}

Result<bool> QueryRun::next_binary(std::string& out) {
  if (!binary_writer_) binary_writer_.emplace(binary_, snapshot_->position());
  if (tag_ < query_.tags.size()) TUNDISH_RETURN_IF_ERROR(write_binary_rows(*query_.tags[tag_]));
  const bool more = tag_ < query_.tags.size();
  if (!more) binary_writer_->end(snapshot_->damage());
  out += as_text(binary_);
  binary_.clear();
  return more;
}

}  // namespace tundish::serve
