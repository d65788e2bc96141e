// QueryRun's counts of samples between two values, as JSON and CSV.
#include <algorithm>
#include <utility>

#include "aggregate/read.h"
#include "serve/query_run.h"
#include "wire/csv/csv.h"

namespace tundish::serve {

/// Of one tag, where each is asked for.
void QueryRun::write_counts(std::string& out, const TagInfo& tag, const aggregate::CountRun& run) {
  if (query_.format == Query::Format::kCsv) {
    wire::append_csv_field(out, tag.path);
    out += ',' + std::to_string(run.counted()) + ',' + std::to_string(run.good()) + "\r\n";
    return;
  }
  if (std::exchange(series_before_, true)) out += ',';
  wire::JsonWriter json(out);
  json.begin_object().member("tag", tag.path).member("id", tag.id.number);
  json.member("count", run.counted()).member("of", run.good()).end_object();
}

/// Those that the snapshot has fetched, at most until the time for a piece is over.
Status QueryRun::count_tags(std::string& out) {
  const std::size_t to = std::min(prefetched_, query_.tags.size());
  for (; tag_ < to && clock_.monotonic() - entered_ < kPieceTime; ++tag_) {
    const TagInfo& tag = *query_.tags[tag_];
    TUNDISH_TRY(const auto run, aggregate::count_tag(*snapshot_, tag.id, query_.range, query_.above,
                                                     query_.below, [this] { return in_time(); }));
    counted_ += run.counted();
    good_ += run.good();
    if (query_.each || query_.format == Query::Format::kCsv) write_counts(out, tag, run);
  }
  return check_budget(0);
}

Result<bool> QueryRun::next_count(std::string& out) {
  const bool csv = query_.format == Query::Format::kCsv;
  if (!std::exchange(began_, true)) {
    if (csv)
      out += "tag,count,of\r\n";
    else
      out += "{\"position\":\"" + std::to_string(snapshot_->position().value()) + "\"";
    if (!csv && query_.each) out += ",\"series\":[";
  }
  TUNDISH_RETURN_IF_ERROR(count_tags(out));
  if (tag_ < query_.tags.size()) return true;
  if (csv) return false;
  if (query_.each) out += ']';
  out += ",\"count\":" + std::to_string(counted_) + ",\"of\":" + std::to_string(good_);
  write_complete(out);
  return false;
}

}  // namespace tundish::serve
