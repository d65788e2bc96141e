#include "serve/query_run.h"

#include <algorithm>

#include "aggregate/read.h"

namespace tundish::serve {

QueryRun::QueryRun(Query query, std::unique_ptr<Snapshot> snapshot,
                   const AnnotationBook& annotations, const io::Clock& clock)
    : query_(std::move(query)),
      snapshot_(std::move(snapshot)),
      annotations_(annotations),
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
  const std::size_t full = out.size() + kPieceBytes;
  Result<bool> more = true;
  while (more && *more && out.size() < full && clock_.monotonic() - entered_ < kPieceTime) {
    if (tag_ >= prefetched_) prefetch();
    if (query_.mode == Query::Mode::kCount) {
      more = next_count(out);
      continue;
    }
    switch (query_.format) {
      case Query::Format::kJson: more = next_json(out); break;
      case Query::Format::kCsv: more = next_csv(out); break;
      case Query::Format::kBinary: more = next_binary(out); break;
    }
  }
  spent_ += clock_.monotonic() - entered_;
  return more;
}

namespace {

/// The first rows of numbers to the end of others of their type.
void append_rows(const Columns& piece, std::size_t rows, Columns& into) {
  const auto append = [rows](const auto& source, auto& target) {
    target.insert(target.end(), source.begin(), source.begin() + static_cast<std::ptrdiff_t>(rows));
  };
  append(piece.times, into.times);
  append(piece.bits, into.bits);
  append(piece.qualities, into.qualities);
}

}  // namespace

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
    if (piece.empty()) return true;
    if (pieces.empty() || pieces.back().type != piece.type) {
      cut = count == limit || bytes + kRowBytes > kPageBytes;
      if (cut) return false;
      pieces.emplace_back();
      pieces.back().type = piece.type;
    }
    if (piece.type != ValueType::kString) {
      const std::size_t room = std::min(limit - count, (kPageBytes - bytes) / kRowBytes);
      const std::size_t rows = std::min(piece.size(), room);
      append_rows(piece, rows, pieces.back());
      count += rows;
      bytes += rows * kRowBytes;
      cut = rows < piece.size();
      return !cut;
    }
    for (std::size_t i = 0; i < piece.size(); ++i) {
      cut = count == limit || bytes >= kPageBytes;
      if (cut) return false;
      pieces.back().push_from(piece, i);
      bytes += kRowBytes + piece.text_at(i).size();
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
  spec.step = query_.stepped.value_or(tag.step);
  auto results = aggregate::aggregate_tag(
      *snapshot_, tag.id, spec, query_.edges, [this] { return in_time(); }, &annotations_);
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

namespace {

/// What stands where there is no value.
Value empty_value(ValueType type) {
  switch (type) {
    case ValueType::kInt64: return std::int64_t{0};
    case ValueType::kBool: return false;
    case ValueType::kString: return std::string();
    case ValueType::kDouble: break;
  }
  return 0.0;
}

}  // namespace

/// A page of the intervals of one aggregate of one tag, cut where the type of the values changes.
Status QueryRun::write_binary_intervals(const TagInfo& tag) {
  const auto& spec = query_.specs[spec_];
  if (!intervals_) {
    if (spec_ == 0) binary_writer_->series(tag);
    intervals_.emplace();
    TUNDISH_TRY(intervals_->results, read_aggregate(tag, spec));
  }
  const auto& results = intervals_->results;
  const std::size_t end = std::min(results.size(), intervals_->row + kPage);
  wire::ResultIntervals page;
  std::vector<const aggregate::AggregateResult*> rows;
  std::optional<ValueType> type;
  const auto flush = [&] {
    if (rows.empty()) return;
    page.values.type = type.value_or(tag.type);
    for (const auto* row : rows)
      page.values.push_back(
          {row->time, row->value.value_or(empty_value(page.values.type)), row->quality});
    rows.clear();
    page.aggregate = aggregate::aggregate_name(spec.kind);
    binary_writer_->intervals(page);
    page = {};
  };
  for (; intervals_->row < end; ++intervals_->row) {
    const auto& result = results[intervals_->row];
    if (result.value) {
      const ValueType own = type_of(*result.value);
      if (type && *type != own) flush();
      type = own;
    }
    // What has no value goes along with its neighbours, as whatever they are.
    page.from.push_back(result.from);
    page.to.push_back(result.to);
    page.has_value.push_back(result.value ? 1 : 0);
    page.percent_good.push_back(result.percent_good);
    rows.push_back(&result);
  }
  flush();
  if (end == results.size()) next_aggregate();
  return {};
}

Result<bool> QueryRun::next_binary(std::string& out) {
  const bool is_aggregate = query_.mode == Query::Mode::kAggregate;
  if (!binary_writer_)
    binary_writer_.emplace(binary_, snapshot_->position(),
                           is_aggregate ? std::uint8_t{2} : std::uint8_t{1});
  if (tag_ < query_.tags.size()) {
    const TagInfo& tag = *query_.tags[tag_];
    TUNDISH_RETURN_IF_ERROR(is_aggregate ? write_binary_intervals(tag) : write_binary_rows(tag));
  }
  const bool more = tag_ < query_.tags.size();
  if (!more) binary_writer_->end(snapshot_->damage());
  out += as_text(binary_);
  binary_.clear();
  return more;
}

}  // namespace tundish::serve
