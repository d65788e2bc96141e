#include "ingest/split.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"

namespace tundish::ingest {
namespace {

constexpr std::size_t kHeaderBytes =
    128;                                 // numbers, flags, count: varints of at most 10 bytes each
constexpr std::size_t kRunBytesMax = 7;  // a quality or type with the length of its run

std::size_t varint_bytes(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

std::size_t difference_bytes(std::uint64_t now, std::uint64_t before) {
  return varint_bytes(zigzag(static_cast<std::int64_t>(now - before)));
}

/// What row `row` adds when the row before it is in the same piece.
std::size_t row_bytes(const SampleBatch& batch, std::size_t row) {
  const BatchColumns& rows = batch.rows;
  const bool first = row == 0;
  const auto before = [&](const auto& column) {
    return first ? std::uint64_t{0} : static_cast<std::uint64_t>(column[row - 1]);
  };
  std::size_t bytes =
      difference_bytes(batch.tags[row], before(batch.tags)) +
      difference_bytes(static_cast<std::uint64_t>(rows.times[row]), before(rows.times));
  if (!batch.row_numbers.empty())
    bytes += difference_bytes(batch.row_numbers[row], before(batch.row_numbers));
  if (first || rows.qualities[row] != rows.qualities[row - 1]) bytes += kRunBytesMax;
  if (first || rows.types[row] != rows.types[row - 1]) bytes += kRunBytesMax;
  if (rows.types[row] == ValueType::kString) {
    const std::size_t text = rows.text_at(row).size();
    bytes += varint_bytes(text) + text;
  } else {
    bytes += rows.types[row] == ValueType::kBool ? 1 : 8;
  }
  return bytes;
}

constexpr std::size_t kFirstRowBytes =
    5 + 5 + 10 + 2 * kRunBytesMax;  // its differences are from zero

}  // namespace

bool surely_fits(const SampleBatch& batch, std::size_t record_bytes_max) {
  // Tag, row number, time, value, and a run of qualities and one of types.
  constexpr std::size_t kRowBytesMax = 5 + 5 + 10 + 8 + 2 * kRunBytesMax;
  return kHeaderBytes + batch.size() * kRowBytesMax + batch.rows.text.size() <= record_bytes_max;
}

std::size_t encoded_bytes_max(const SampleBatch& batch) {
  std::size_t bytes = kHeaderBytes;
  for (std::size_t row = 0; row < batch.size(); ++row) bytes += row_bytes(batch, row);
  return bytes;
}

std::vector<std::size_t> piece_ends(const SampleBatch& batch, std::size_t record_bytes_max) {
  if (surely_fits(batch, record_bytes_max)) return {batch.size()};
  std::vector<std::size_t> ends;
  std::size_t bytes = kHeaderBytes + kFirstRowBytes;
  std::size_t from = 0;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const std::size_t more = row_bytes(batch, row);
    if (row > from && bytes + more > record_bytes_max) {
      ends.push_back(row);
      from = row;
      bytes = kHeaderBytes + kFirstRowBytes;
    }
    bytes += more;
  }
  ends.push_back(batch.size());
  return ends;
}

SampleBatch piece_of(const SampleBatch& batch, std::size_t from, std::size_t to) {
  SampleBatch piece;
  piece.enterprise = batch.enterprise;
  piece.number = batch.number;
  piece.sample_class = batch.sample_class;
  piece.priority = batch.priority;
  const auto slice = [&](const auto& column, auto& out) {
    out.assign(column.begin() + static_cast<std::ptrdiff_t>(from),
               column.begin() + static_cast<std::ptrdiff_t>(to));
  };
  slice(batch.tags, piece.tags);
  slice(batch.rows.times, piece.rows.times);
  slice(batch.rows.qualities, piece.rows.qualities);
  slice(batch.rows.types, piece.rows.types);
  slice(batch.rows.bits, piece.rows.bits);
  for (std::size_t row = 0; row < piece.size(); ++row) {
    if (piece.rows.types[row] != ValueType::kString) continue;
    const std::string_view text = batch.rows.text_at(from + row);
    piece.rows.bits[row] = static_cast<std::uint64_t>(piece.rows.text.size()) << 32 | text.size();
    piece.rows.text += text;
  }
  return piece;
}

}  // namespace tundish::ingest
