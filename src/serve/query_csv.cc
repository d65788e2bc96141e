// QueryRun's answers as CSV.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "serve/query_run.h"
#include "wire/csv/csv.h"

namespace tundish::serve {
namespace {

void append_csv_value(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    wire::append_csv_field(out, *text);
    return;
  }
  std::string number;
  wire::JsonWriter json(number);
  json.value(value);
  for (const char c : number)
    if (c != '"') out += c;
}

}  // namespace

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
  TUNDISH_RETURN_IF_ERROR(check_budget(0));
  for (const auto& piece : pieces)
    for (std::size_t i = 0; i < piece.size(); ++i) {
      wire::append_csv_field(out, tag.path);
      out += ',';
      write_csv_time(out, piece.times[i]);
      out += ',';
      append_csv_value(out, piece.at(i).value);
      out += ',';
      out += quality_name(Quality{piece.qualities[i]});
      out += "\r\n";
    }
  if (more) {
    page_from_ = after(pieces);
  } else {
    page_from_ = query_.range.from;
    ++tag_;
  }
  return {};
}

Status QueryRun::write_plot_rows(std::string& out, const TagInfo& tag) {
  TUNDISH_TRY(const auto pieces, read_plot(tag));
  for (const auto& piece : pieces)
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (piece.times[i] < query_.range.from || piece.times[i] >= query_.range.to) continue;
      wire::append_csv_field(out, tag.path);
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

/// A page of the intervals of one aggregate of one tag.
Status QueryRun::write_aggregate_rows(std::string& out, const TagInfo& tag) {
  const auto& spec = query_.specs[spec_];
  if (!intervals_) {
    intervals_.emplace();
    TUNDISH_TRY(intervals_->results, read_aggregate(tag, spec));
  }
  const auto& results = intervals_->results;
  const std::size_t end = std::min(results.size(), intervals_->row + kPage);
  for (; intervals_->row < end; ++intervals_->row) {
    const auto& result = results[intervals_->row];
    wire::append_csv_field(out, tag.path);
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
  if (end == results.size()) next_aggregate();
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
    case Query::Mode::kCount: break;  // query_count.cc
  }
  if (tag_ < query_.tags.size()) return true;
  // Rows that could not be read must not look like an export without gaps.
  if (const auto damage = snapshot_->damage(); !damage.empty())
    return fail(ErrorCode::kCorruption, damage.front());
  return false;
}

}  // namespace tundish::serve
