#include "serve/query_run.h"

#include <algorithm>

#include "aggregate/read.h"

namespace tundish::serve {

QueryRun::QueryRun(Query query, std::unique_ptr<Snapshot> snapshot, const io::Clock& clock)
    : query_(std::move(query)),
      snapshot_(std::move(snapshot)),
      clock_(clock),
      page_from_(query_.range.from) {}

/// The head is asked for many tags at once, not tag by tag.
void QueryRun::prefetch() {
  constexpr std::size_t kAtOnce = 256;
  const std::size_t to = std::min(query_.tags.size(), tag_ + kAtOnce);
  std::vector<Snapshot::Wanted> wanted;
  for (std::size_t i = tag_; i < to && query_.tags.size() > 1; ++i)
    wanted.push_back({query_.tags[i]->id, query_.range.from});
  if (!wanted.empty()) snapshot_->prefetch(wanted);
  prefetched_ = std::max(to, tag_ + 1);
}

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
  if (tag_ >= prefetched_) prefetch();
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
  std::size_t bytes = 0;
  bool late = false;
  cut = false;
  TUNDISH_RETURN_IF_ERROR(snapshot_->scan(tag, {from, query_.range.to}, [&](const Columns& piece) {
    late = !in_time();
    if (late) return false;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      cut = count == limit || bytes >= kPageBytes;
      if (cut) return false;
      if (pieces.empty() || pieces.back().type != piece.type) {
        pieces.emplace_back();
        pieces.back().type = piece.type;
      }
      pieces.back().push_from(piece, i);
      bytes += kRowBytes + (piece.type == ValueType::kString ? piece.text_at(i).size() : 0);
      ++count;
    }
    return true;
  }));
  if (late) return fail(ErrorCode::kTimeout, "the query took longer than 30 s; ask for less");
  return pieces;
}

/// What of the range comes after these pieces, which are not empty, begins here.
TimeNs QueryRun::after(const std::vector<Columns>& pieces) {
  return pieces.back().times.back() + 1;
}

Result<std::vector<Columns>> QueryRun::read_plot(const TagInfo& tag) {
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

// --- binary: docs/formats/result.md ---

Status QueryRun::write_binary_rows(const TagInfo& tag) {
  const bool is_raw = query_.mode == Query::Mode::kRaw;
  if (page_from_ == query_.range.from) binary_writer_->series(tag);
  bool more = false;
  TUNDISH_TRY(const auto pieces,
              is_raw ? read_raw(tag.id, page_from_, kPage, more) : read_plot(tag));
  TUNDISH_RETURN_IF_ERROR(check_budget(0));
  for (const auto& piece : pieces)
    if (!piece.empty()) binary_writer_->rows(piece);
  if (is_raw && more) {
    page_from_ = after(pieces);
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
