#include "historian/head.h"

#include <algorithm>

namespace tundish::historian {
namespace {

/// Tags whose memory is asked for before it is needed.
constexpr std::size_t kAhead = 6;
/// A tag's first rows.
constexpr std::size_t kFirstRows = 4;
/// A run that is handed out is no longer than this, which readers take as a piece.
constexpr std::size_t kRunRows = 4096;

}  // namespace

// --- taking in -------------------------------------------------------------------------------------

const HeadShard::TagHead* HeadShard::find(TagId tag) const {
  const auto enterprise = places_.find(tag.enterprise);
  if (enterprise == places_.end()) return nullptr;
  const Pages& pages = enterprise->second;
  const std::size_t page = tag.number / std::tuple_size_v<Page>;
  if (page >= pages.size() || !pages[page]) return nullptr;
  const std::uint32_t place = (*pages[page])[tag.number % std::tuple_size_v<Page>];
  return place == 0 ? nullptr : &heads_[place - 1];
}

/// Where the tag is in heads_; made when it is not there.
std::uint32_t HeadShard::place_of(Pages& pages, TagId tag) {
  const std::size_t page = tag.number / std::tuple_size_v<Page>;
  if (page >= pages.size()) pages.resize(page + 1);
  if (!pages[page]) {
    pages[page] = std::make_unique<Page>();
    rows_bytes_ += sizeof(Page);
  }
  std::uint32_t& place = (*pages[page])[tag.number % std::tuple_size_v<Page>];
  if (place == 0) {
    heads_.emplace_back().tag = tag;
    place = static_cast<std::uint32_t>(heads_.size());
  }
  return place - 1;
}

void HeadShard::put_in_order(HeadPiece& piece) const {
  if (piece.ascends) return;
  std::stable_sort(piece.rows.begin(), piece.rows.end(),
                   [this](const HeadRow& a, const HeadRow& b) {
                     return a.time != b.time ? a.time < b.time : version_of(a) < version_of(b);
                   });
  piece.ascends = true;
}

/// Sees to it that the tail takes at least one more row of `type`, and if it can all that are `wanted`.
void HeadShard::make_room(TagHead& head, ValueType type, std::size_t wanted) {
  HeadPiece& tail = head.tail;
  if (!tail.rows.empty() && (tail.rows.size() >= kPieceRows || tail.type != type)) {
    put_in_order(tail);
    head.full.push_back(std::move(tail));
    tail = {};
    rows_bytes_ += sizeof(HeadPiece);
  }
  tail.type = type;
  const std::size_t size = tail.rows.size();
  if (size + wanted <= tail.rows.capacity()) return;
  // Who has filled a piece will fill another.
  const std::size_t room =
      head.full.empty() ? std::max({kFirstRows, 2 * size, size + wanted}) : kPieceRows;
  const std::size_t before = tail.rows.capacity();
  tail.rows.reserve(std::min(room, kPieceRows));
  rows_bytes_ += (tail.rows.capacity() - before) * sizeof(HeadRow);
}

void HeadShard::append_rows(TagHead& head, const SampleBatch& batch,
                            std::span<const std::uint32_t> rows) {
  const auto number = static_cast<std::uint32_t>(batches_.size() - 1);
  HeadPiece& tail = head.tail;
  for (std::size_t i = 0; i < rows.size();) {
    const ValueType type = batch.rows.types[rows[i]];
    make_room(head, type, rows.size() - i);
    if (tail.rows.empty()) tail.first_batch = number;
    tail.last_batch = number;
    for (; i < rows.size() && tail.rows.size() < kPieceRows; ++i) {
      const std::size_t row = rows[i];
      if (batch.rows.types[row] != type) break;
      const TimeNs time = batch.rows.times[row];
      std::uint64_t bits = batch.rows.bits[row];
      if (type == ValueType::kString) {
        const std::string_view text = batch.rows.text_at(row);
        bits = static_cast<std::uint64_t>(tail.text.size()) << 32 | text.size();
        tail.text += text;
        rows_bytes_ += text.size();
      }
      tail.ascends &= tail.rows.empty() || time > tail.last;
      tail.first = std::min(tail.first, time);
      tail.last = std::max(tail.last, time);
      tail.rows.push_back({time, bits, batch.rows.qualities[row], batch.row_number(row), number});
    }
  }
}

void HeadShard::apply(const SampleBatch& batch, const TagGroups& groups, Position position,
                      std::size_t shard, std::size_t shards) {
  batches_.push_back({batch.version(0), position});
  Pages& pages = places_[batch.enterprise];
  std::uint64_t added = 0;
  std::vector<std::pair<std::uint32_t, const TagGroups::Group*>> mine;  // with the place of the tag
  mine.reserve(groups.groups.size() / shards + 1);
  for (const TagGroups::Group& group : groups.groups) {
    const TagId tag{batch.enterprise, group.tag};
    if (HeadGeneration::shard_of(tag, shards) != shard) continue;
    mine.emplace_back(place_of(pages, tag), &group);
    added += group.to - group.from;
  }
  // The memory of a tag was last touched a batch ago. Asked for early, it comes while others are worked on.
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (i + 2 * kAhead < mine.size()) {
      const auto* head = reinterpret_cast<const char*>(&heads_[mine[i + 2 * kAhead].first]);
      __builtin_prefetch(head, 1);
      __builtin_prefetch(head + 64, 1);
    }
    if (i + kAhead < mine.size()) {
      const std::vector<HeadRow>& rows = heads_[mine[i + kAhead].first].tail.rows;
      __builtin_prefetch(rows.data() + rows.size(), 1);
    }
    append_rows(heads_[mine[i].first], batch, groups.rows(*mine[i].second));
  }
  if (added == 0) batches_.pop_back();
  samples_.fetch_add(added, std::memory_order_relaxed);
  bytes_.store(rows_bytes_ + heads_.size() * sizeof(TagHead) + batches_.size() * sizeof(Batch),
               std::memory_order_relaxed);
}

void HeadShard::apply(const Tombstone& tombstone, Position position) {
  heads_[place_of(places_[tombstone.tag.enterprise], tombstone.tag)].tombstones.emplace_back(
      tombstone, position);
  rows_bytes_ += sizeof(Tombstone) + sizeof(Position);
  bytes_.store(rows_bytes_ + heads_.size() * sizeof(TagHead) + batches_.size() * sizeof(Batch),
               std::memory_order_relaxed);
}

// --- handing out -----------------------------------------------------------------------------------

/// How many of the batches, which are in order of position, a reader sees.
std::uint32_t HeadShard::batches_through(Position through) const {
  const auto end = std::ranges::upper_bound(batches_, through, {}, &Batch::position);
  return static_cast<std::uint32_t>(end - batches_.begin());
}

/// Appends the rows of a piece that are in `span` and among the first `batches`.
void HeadShard::copy_rows(const HeadPiece& piece, TimeSpan span, std::uint32_t batches,
                          StoredColumns& into) const {
  Columns& columns = into.columns;
  std::size_t at = into.size();
  const auto resize = [&](std::size_t size) {
    columns.times.resize(size);
    columns.bits.resize(size);
    columns.qualities.resize(size);
    into.versions.resize(size);
  };
  resize(at + piece.rows.size());
  for (const HeadRow& row : piece.rows) {
    if (row.batch >= batches || row.time < span.first || row.time > span.last) continue;
    columns.times[at] = row.time;
    columns.qualities[at] = row.quality;
    into.versions[at] = version_of(row);
    columns.bits[at] = row.bits;
    if (piece.type == ValueType::kString) {
      const auto text = std::string_view(piece.text).substr(row.bits >> 32, row.bits & 0xFFFFFFFFu);
      columns.bits[at] = static_cast<std::uint64_t>(columns.text.size()) << 32 | text.size();
      columns.text += text;
    }
    ++at;
  }
  resize(at);
}

void HeadShard::capture(TagId tag, TimeSpan span, Position through, HeadCapture& into) const {
  const TagHead* const head = find(tag);
  if (head == nullptr) return;
  const std::uint32_t batches = batches_through(through);
  std::shared_ptr<StoredColumns> run;
  const auto take = [&](const HeadPiece& piece) {
    if (piece.rows.empty() || piece.first_batch >= batches) return;
    if (piece.first > span.last || piece.last < span.first) return;
    const bool follows = run && piece.ascends && run->columns.type == piece.type &&
                         run->size() < kRunRows && run->columns.times.back() < piece.first;
    if (!follows) {
      run = std::make_shared<StoredColumns>();
      run->columns.type = piece.type;
    }
    copy_rows(piece, span, batches, *run);
    if (run->empty()) {
      run.reset();
      return;
    }
    if (!piece.ascends) sort_rows(*run);
    if (!follows) into.runs.push_back(run);
  };
  for (const HeadPiece& piece : head->full) take(piece);
  take(head->tail);
  for (const auto& [tombstone, position] : head->tombstones) {
    if (position <= through) into.tombstones.push_back(tombstone);
  }
}

std::optional<TimeNs> HeadShard::newest_before(TagId tag, TimeNs time, Position through) const {
  const TagHead* const head = find(tag);
  if (head == nullptr) return {};
  const std::uint32_t batches = batches_through(through);
  std::optional<TimeNs> newest;
  const auto look = [&](const HeadPiece& piece) {
    if (piece.rows.empty() || piece.first >= time || (newest && piece.last <= *newest)) return;
    for (const HeadRow& row : piece.rows) {
      if (row.time < time && row.batch < batches && (!newest || row.time > *newest))
        newest = row.time;
    }
  };
  look(head->tail);
  for (auto piece = head->full.rbegin(); piece != head->full.rend(); ++piece) look(*piece);
  return newest;
}

void HeadShard::capture_all(TagId tag, HeadCapture& into) const {
  capture(tag, TimeSpan{}, Position(UINT64_MAX), into);
}

std::vector<TagId> HeadShard::tags() const {
  std::vector<TagId> tags;
  tags.reserve(heads_.size());
  for (const TagHead& head : heads_) tags.push_back(head.tag);
  return tags;
}

std::uint64_t HeadGeneration::samples() const {
  std::uint64_t samples = 0;
  for (const HeadShard& shard : shards_) samples += shard.samples();
  return samples;
}

std::uint64_t HeadGeneration::bytes() const {
  std::uint64_t bytes = 0;
  for (const HeadShard& shard : shards_) bytes += shard.bytes();
  return bytes;
}

bool HeadGeneration::empty() const { return bytes() == 0; }

}  // namespace tundish::historian
