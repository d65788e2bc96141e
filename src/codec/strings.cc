#include "codec/strings.h"

#include <bit>
#include <unordered_map>
#include <vector>

#include "codec/bit_packing.h"
#include "codec/column_codec.h"

namespace tundish::codec {
namespace {

constexpr std::uint8_t kDictionary = 0;

unsigned index_width(std::size_t distinct) {
  return distinct < 2 ? 0 : static_cast<unsigned>(std::bit_width(distinct - 1));
}

bool decode_dictionary(ByteReader& bytes, std::span<std::uint64_t> bits, std::string& text) {
  const auto distinct = static_cast<std::size_t>(bytes.varint_max(bits.size()));
  if (!bytes.ok() || (distinct == 0) != bits.empty()) return false;
  std::vector<std::uint64_t> entries;
  entries.reserve(distinct);
  for (std::size_t i = 0; i < distinct; ++i) {
    const std::string_view entry = bytes.text(kColumnBytesMax);
    entries.push_back(static_cast<std::uint64_t>(text.size()) << 32 | entry.size());
    text += entry;
  }
  if (!bytes.ok() || !unpack_bits(bytes, index_width(distinct), bits)) return false;
  for (std::uint64_t& index : bits) {
    if (index >= distinct) return false;
    index = entries[index];
  }
  return bytes.at_end();
}

}  // namespace

void encode_strings(std::span<const std::uint64_t> bits, std::string_view text, Bytes& out) {
  const std::size_t from = out.size();
  std::unordered_map<std::string_view, std::uint64_t> numbers;
  std::vector<std::string_view> distinct;
  std::vector<std::uint64_t> indexes;
  indexes.reserve(bits.size());
  for (const std::uint64_t place : bits) {
    const std::string_view entry = text.substr(place >> 32, place & 0xFFFFFFFFu);
    const auto [found, is_new] = numbers.emplace(entry, distinct.size());
    if (is_new) distinct.push_back(entry);
    indexes.push_back(found->second);
  }
  ByteWriter writer(out);
  writer.fixed(kDictionary);
  writer.varint(distinct.size());
  for (const std::string_view entry : distinct) writer.text(entry);
  pack_bits(indexes, index_width(distinct.size()), out);
  compress_column(out, from);
}

Status decode_strings(ByteSpan bytes, std::span<std::uint64_t> bits, std::string& text) {
  if (bits.size() > kRowsMax) return corrupt_column("strings", "has too many rows");
  text.clear();
  Bytes unfolded;
  TUNDISH_TRY(const ByteSpan plain, open_column(bytes, unfolded));
  ByteReader reader(plain);
  if (reader.fixed<std::uint8_t>() != kDictionary || !decode_dictionary(reader, bits, text))
    return corrupt_column("strings", "does not decode to the stated number of rows");
  return {};
}

}  // namespace tundish::codec
