#include "historian/head.h"

#include <algorithm>

namespace tundish::historian {
namespace {

// A row: time, value, quality, version, position. A tag: its entry in the map and its vectors.
constexpr std::uint64_t kRowBytes = 8 + 8 + 4 + sizeof(Version) + 8;
constexpr std::uint64_t kTagBytes = 400;

void append_row(HeadPiece& piece, const SampleBatch& batch, std::size_t row, Position position) {
  StoredColumns& rows = piece.rows;
  const std::uint64_t number = position.value();
  if (rows.empty()) piece.position_min = piece.position_max = number;
  piece.position_min = std::min(piece.position_min, number);
  piece.position_max = std::max(piece.position_max, number);
  rows.columns.type = batch.rows.types[row];
  rows.columns.times.push_back(batch.rows.times[row]);
  rows.columns.qualities.push_back(batch.rows.qualities[row]);
  if (rows.columns.type == ValueType::kString) {
    const std::string_view text = batch.rows.text_at(row);
    rows.columns.bits.push_back(static_cast<std::uint64_t>(rows.columns.text.size()) << 32 |
                                text.size());
    rows.columns.text += text;
  } else {
    rows.columns.bits.push_back(batch.rows.bits[row]);
  }
  rows.versions.push_back(batch.version(row));
  piece.positions.push_back(number);
}

/// The rows of a piece that a reader may see, sorted; nothing when there are none.
RunPtr visible_rows(const HeadPiece& piece, TimeSpan span, Position through) {
  auto copy = std::make_shared<StoredColumns>();
  copy->columns.type = piece.rows.columns.type;
  for (std::size_t row = 0; row < piece.rows.size(); ++row) {
    const TimeNs time = piece.rows.columns.times[row];
    if (piece.positions[row] > through.value() || time < span.first || time > span.last) continue;
    copy->columns.push_from(piece.rows.columns, row);
    copy->versions.push_back(piece.rows.versions[row]);
  }
  if (copy->empty()) return nullptr;
  sort_rows(*copy);
  return copy;
}

}  // namespace

void HeadPiece::sort() {
  if (is_sorted(rows)) return;
  std::vector<std::uint64_t> sorted_positions;
  sorted_positions.reserve(rows.size());
  for (const std::uint32_t row : sorted_order(rows)) sorted_positions.push_back(positions[row]);
  positions = std::move(sorted_positions);
  sort_rows(rows);
}

void HeadShard::seal(TagHead& head) {
  if (head.tail.rows.empty()) return;
  auto piece = std::make_shared<HeadPiece>(std::move(head.tail));
  head.tail = {};
  piece->sort();
  head.sealed.push_back(std::move(piece));
}

void HeadShard::apply(const SampleBatch& batch, Position position, std::size_t shard,
                      std::size_t shards) {
  std::uint64_t added = 0;
  std::uint64_t added_bytes = 0;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const TagId tag{batch.enterprise, batch.tags[row]};
    if (HeadGeneration::shard_of(tag, shards) != shard) continue;
    const auto [entry, made] = tags_.try_emplace(tag);
    if (made) added_bytes += kTagBytes;
    TagHead& head = entry->second;
    if (head.tail.rows.size() >= kPieceRows ||
        (!head.tail.rows.empty() && head.tail.rows.columns.type != batch.rows.types[row]))
      seal(head);
    append_row(head.tail, batch, row, position);
    ++added;
    added_bytes += kRowBytes;
    if (batch.rows.types[row] == ValueType::kString)
      added_bytes += batch.rows.bits[row] & 0xFFFFFFFFu;
  }
  samples_.fetch_add(added, std::memory_order_relaxed);
  bytes_.fetch_add(added_bytes, std::memory_order_relaxed);
}

void HeadShard::apply(const Tombstone& tombstone, Position position) {
  const auto [entry, made] = tags_.try_emplace(tombstone.tag);
  entry->second.tombstones.emplace_back(tombstone, position);
  bytes_.fetch_add(sizeof(Tombstone) + sizeof(Position) + (made ? kTagBytes : 0),
                   std::memory_order_relaxed);
}

void HeadShard::capture(TagId tag, TimeSpan span, Position through, HeadCapture& into) const {
  const auto entry = tags_.find(tag);
  if (entry == tags_.end()) return;
  const TagHead& head = entry->second;
  for (const auto& piece : head.sealed) {
    if (piece->position_min > through.value()) continue;
    const auto& times = piece->rows.columns.times;
    if (times.front() > span.last || times.back() < span.first) continue;
    if (piece->position_max <= through.value()) {
      into.runs.push_back(RunPtr(piece, &piece->rows));
    } else if (RunPtr rows = visible_rows(*piece, span, through)) {
      into.runs.push_back(std::move(rows));
    }
  }
  if (RunPtr rows = visible_rows(head.tail, span, through)) into.runs.push_back(std::move(rows));
  for (const auto& [tombstone, position] : head.tombstones) {
    if (position <= through) into.tombstones.push_back(tombstone);
  }
}

std::optional<TimeNs> HeadShard::newest_before(TagId tag, TimeNs time, Position through) const {
  const auto entry = tags_.find(tag);
  if (entry == tags_.end()) return {};
  const HeadPiece& tail = entry->second.tail;
  std::optional<TimeNs> newest;
  for (std::size_t row = 0; row < tail.rows.size(); ++row) {
    const TimeNs at = tail.rows.columns.times[row];
    if (at < time && tail.positions[row] <= through.value() && (!newest || at > *newest))
      newest = at;
  }
  return newest;
}

void HeadShard::capture_all(TagId tag, HeadCapture& into) const {
  capture(tag, TimeSpan{}, Position(UINT64_MAX), into);
}

std::vector<TagId> HeadShard::tags() const {
  std::vector<TagId> tags;
  tags.reserve(tags_.size());
  for (const auto& [tag, head] : tags_) tags.push_back(tag);
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
