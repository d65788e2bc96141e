// 1. A value is predicted from those before it: it is the one before (a counter), or it moves around a level that is
//    followed by 1/2^s of each difference (a sensor with noise), or around one that stands still.
// 2. What is left, value - prediction, is a small number. Its lowest bits, which are as good as random in a wide
//    distribution, are written as they are; the rest is a symbol.
// 3. Symbols are written by range ANS (J. Duda, arXiv:1311.2540; the byte-aligned form is F. Giesen's, public domain),
//    each in about -log2 of its probability bits. Where the level lies between two integers decides which of them comes
//    more often, so there is one table of probabilities for each half, quarter or eighth of the distance.
// 4. The rows are cut into four lanes of equal length, decoded side by side: each step waits for the one before it in its
//    lane, and a processor has time for four such steps at once.
// 5. Symbols outside of the table are escapes; the whole difference stands in a side list.

#include "codec/dense.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "codec/bit_packing.h"
#include "codec/column_codec.h"
#include "codec/symbol_table.h"

namespace tundish::codec {
namespace {

using Values = std::span<const std::uint64_t>;

constexpr std::size_t kLanes = 4;
constexpr std::size_t kRowsMin = 128;
constexpr unsigned kFraction = 8;  // bits of a level below one
constexpr unsigned kLastValue = 0, kStandsStill = 7;
constexpr unsigned kContextBitsMax = 3;
constexpr unsigned kLowBitsMax = 56;
constexpr std::uint32_t kStateLeast = 1u << 16;  // an ANS state lies in [2^16, 2^32)

/// What precedes the streams.
struct Form {
  unsigned follows = kLastValue;  ///< s of step 1: 0, 1..6, or 7 for what stands still
  unsigned context_bits = 0;
  bool is_flat = false;  ///< all symbols equally likely, no escapes
  unsigned low_bits = 0;
  std::uint64_t least = 0;  ///< of the symbols, as a difference without its low bits
  std::size_t symbols = 1;  ///< without the escape, which comes after them

  std::size_t all_symbols() const { return symbols + (is_flat ? 0 : 1); }
  std::size_t contexts() const { return std::size_t{1} << context_bits; }
};

std::size_t lane_begin(std::size_t rows, std::size_t lane) { return rows * lane / kLanes; }

/// The level that the next value is expected at, in 1/256.
class Level {
 public:
  Level(unsigned follows, std::uint64_t start) : follows_(follows), start_(start) { see(start); }
  /// Of the next value: its whole part.
  std::uint64_t expected() const {
    if (follows_ == kLastValue || follows_ == kStandsStill) return start_;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(level_) >> kFraction);
  }
  std::size_t context(unsigned bits) const {
    return static_cast<std::size_t>(level_ >> (kFraction - bits)) & ((1u << bits) - 1);
  }
  void see(std::uint64_t value) {
    const std::uint64_t at = (value << kFraction) + (1u << (kFraction - 1));
    if (follows_ == kStandsStill) return;
    if (follows_ == kLastValue) {
      start_ = value;
      return;
    }
    if (is_first_) level_ = at;
    is_first_ = false;
    level_ += static_cast<std::uint64_t>(static_cast<std::int64_t>(at - level_) >> follows_);
  }

 private:
  unsigned follows_;
  bool is_first_ = true;
  std::uint64_t start_;
  std::uint64_t level_ = 0;
};

// --- the choice of a form ----------------------------------------------------------------------

/// Mean distance of the differences from their own mean, when values are predicted that way; of the first rows.
double spread_of(Values values, unsigned follows) {
  constexpr std::size_t kRows = 1024;
  std::array<double, kRows> off;
  const std::size_t rows = std::min(values.size(), kRows);
  const std::uint64_t start = values.front();
  std::uint64_t last = start;
  double level = 0, sum = 0;
  const double gain = 1.0 / static_cast<double>(1u << follows);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto at = static_cast<double>(static_cast<std::int64_t>(values[i] - start));
    off[i] = follows == kLastValue
                 ? static_cast<double>(static_cast<std::int64_t>(values[i] - last))
                 : at - level;
    if (follows != kStandsStill) level += (at - level) * gain;
    last = values[i];
    sum += off[i];
  }
  const double mean = sum / static_cast<double>(rows);
  double spread = 0;
  for (std::size_t i = 0; i < rows; ++i) spread += std::fabs(off[i] - mean);
  return spread / static_cast<double>(rows);
}

/// Each row's difference from what was expected, and the context that it has.
struct Differences {
  std::vector<std::uint64_t> off;
  std::vector<std::uint8_t> context;  ///< of kContextBitsMax bits
};

Differences differences_of(Values values, unsigned follows) {
  Differences differences;
  differences.off.resize(values.size());
  differences.context.resize(values.size());
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t from = lane_begin(values.size(), lane),
                      to = lane_begin(values.size(), lane + 1);
    Level level(follows, follows == kStandsStill ? values.front() : values[from]);
    for (std::size_t i = from + 1; i < to; ++i) {
      differences.off[i] = values[i] - level.expected();
      differences.context[i] = static_cast<std::uint8_t>(level.context(kContextBitsMax));
      level.see(values[i]);
    }
  }
  return differences;
}

std::uint64_t without_low_bits(std::uint64_t off, unsigned low_bits) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(off) >> low_bits);
}

using Counts = std::array<std::array<std::uint32_t, kSymbolsMax>, 1u << kContextBitsMax>;

/// Counts of the symbols that `form` makes of the differences, by context of kContextBitsMax bits.
void count_symbols(const Differences& differences, const Form& form, Counts& counts) {
  for (auto& context : counts) context.fill(0);
  const std::size_t rows = differences.off.size();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    for (std::size_t i = lane_begin(rows, lane) + 1; i < lane_begin(rows, lane + 1); ++i) {
      const std::uint64_t symbol = without_low_bits(differences.off[i], form.low_bits) - form.least;
      ++counts[differences.context[i]][std::min<std::uint64_t>(symbol, form.symbols)];
    }
  }
}

/// Bits that the symbols take with one table a context, and the tables themselves.
double bits_of(const Counts& counts, const Form& form) {
  double bits = static_cast<double>(form.contexts() * form.all_symbols() * kWeightBits);
  const std::size_t merged = std::size_t{1} << (kContextBitsMax - form.context_bits);
  for (std::size_t context = 0; context < form.contexts(); ++context) {
    std::uint32_t total = 0;
    std::array<std::uint32_t, kSymbolsMax> sum{};
    for (std::size_t part = 0; part < merged; ++part)
      for (std::size_t i = 0; i < form.all_symbols(); ++i)
        sum[i] += counts[context * merged + part][i];
    for (std::size_t i = 0; i < form.all_symbols(); ++i) total += sum[i];
    for (std::size_t i = 0; i < form.all_symbols(); ++i)
      if (sum[i] > 0)
        bits += sum[i] * std::log2(static_cast<double>(total) / static_cast<double>(sum[i]));
    constexpr double kEscapeBits = 24;
    bits += sum[form.symbols] * (form.is_flat ? 0 : kEscapeBits);
  }
  return bits;
}

/// The symbols from the least difference to the greatest, or those around the middle where these lie far apart: then
/// some are left out, and the answer is false.
bool set_range(const Differences& differences, Form& form, std::size_t symbols_max) {
  const std::size_t rows = differences.off.size();
  std::vector<std::int64_t> sorted;
  sorted.reserve(rows);
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    for (std::size_t i = lane_begin(rows, lane) + 1; i < lane_begin(rows, lane + 1); ++i)
      sorted.push_back(static_cast<std::int64_t>(differences.off[i]) >> form.low_bits);
  const auto [low, high] = std::ranges::minmax_element(sorted);
  auto least = static_cast<std::uint64_t>(*low);
  std::uint64_t symbols = static_cast<std::uint64_t>(*high) - least + 1;
  const bool are_all = symbols <= symbols_max && symbols != 0;
  if (!are_all) {
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::ranges::nth_element(sorted, middle);
    symbols = symbols_max;
    least = static_cast<std::uint64_t>(*middle) - symbols / 2;
  }
  form.least = least;
  form.symbols = static_cast<std::size_t>(symbols);
  return are_all;
}

struct Choice {
  Form form;
  double bits = std::numeric_limits<double>::infinity();

  void offer(const Form& other, double other_bits) {
    if (other_bits < bits) *this = {other, other_bits};
  }
};

/// With few symbols, a table for each context.
void offer_tables(const Differences& differences, Form form, Choice& choice) {
  constexpr std::size_t kTableSymbolsMax = 64;
  set_range(differences, form, kTableSymbolsMax);
  Counts counts;
  count_symbols(differences, form, counts);
  const auto low_bits = static_cast<double>(differences.off.size() * form.low_bits);
  const bool by_context = form.follows != kLastValue && form.follows != kStandsStill;
  for (form.context_bits = 0; form.context_bits <= (by_context ? kContextBitsMax : 0);
       ++form.context_bits)
    choice.offer(form, low_bits + bits_of(counts, form));
}

/// As many symbols as there are, all equally likely: no table at all.
void offer_flat(const Differences& differences, Form form, Choice& choice) {
  form.is_flat = true;
  if (!set_range(differences, form, kSymbolsMax)) return;
  const auto rows = static_cast<double>(differences.off.size());
  choice.offer(form, rows * (form.low_bits + std::log2(static_cast<double>(form.symbols))));
}

Form form_of(Values values, Differences& differences) {
  Form form;
  double spread = std::numeric_limits<double>::infinity();
  // A level that is followed costs time at every read: it must be clearly better.
  for (const unsigned follows : {kLastValue, kStandsStill, 2u, 3u, 4u, 5u}) {
    const double with = spread_of(values, follows);
    if (with >= spread * (follows == kStandsStill ? 1.0 : 0.99)) continue;
    spread = with;
    form.follows = follows;
  }
  differences = differences_of(values, form.follows);
  // A step of half a deviation loses one or two hundredths of a bit, and leaves some fifteen symbols.
  form.low_bits =
      spread < 4 ? 0 : std::min(kLowBitsMax, static_cast<unsigned>(std::log2(spread) - 0.7));
  Choice choice;
  offer_tables(differences, form, choice);
  offer_flat(differences, form, choice);
  if (form.low_bits > 0 && form.low_bits < 6) {
    form.low_bits = 0;
    offer_flat(differences, form, choice);
  }
  return choice.form;
}

// --- writing ------------------------------------------------------------------------------------

using Tables = std::vector<std::array<Share, kSymbolsMax>>;  // one a context

Tables write_tables(const Differences& differences, const Form& form, Bytes& out) {
  Tables tables(form.contexts());
  if (form.is_flat) {
    flat_shares(std::span(tables.front()).first(form.symbols));
    return tables;
  }
  Counts counts;
  count_symbols(differences, form, counts);
  const std::size_t merged = std::size_t{1} << (kContextBitsMax - form.context_bits);
  std::vector<std::uint64_t> packed;
  for (std::size_t context = 0; context < form.contexts(); ++context) {
    std::array<std::uint32_t, kSymbolsMax> sum{};
    std::uint32_t total = 0;
    for (std::size_t part = 0; part < merged; ++part)
      for (std::size_t i = 0; i < form.all_symbols(); ++i) {
        sum[i] += counts[context * merged + part][i];
        total += counts[context * merged + part][i];
      }
    std::array<Weight, kSymbolsMax> weights{};
    for (std::size_t i = 0; i < form.all_symbols(); ++i) {
      weights[i] = weight_of(sum[i], total);
      packed.push_back(weights[i]);
    }
    shares_of(std::span(weights).first(form.all_symbols()), tables[context]);
  }
  pack_bits(packed, kWeightBits, out);
  return tables;
}

/// One lane's symbols, last to first, as words of 16 bits from the first on.
std::vector<std::uint16_t> write_lane(std::span<const Share> symbols) {
  std::vector<std::uint16_t> words;
  std::uint32_t state = kStateLeast;
  for (std::size_t i = symbols.size(); i-- > 0;) {
    const auto [frequency, cumulative] = symbols[i];
    if (state >= std::uint64_t{frequency} << (32 - kProbabilityBits)) {
      words.push_back(static_cast<std::uint16_t>(state));
      state >>= 16;
    }
    state = (state / frequency << kProbabilityBits) + state % frequency + cumulative;
  }
  words.push_back(static_cast<std::uint16_t>(state));
  words.push_back(static_cast<std::uint16_t>(state >> 16));
  std::ranges::reverse(words);
  return words;
}

}  // namespace

bool dense_encode(Values values, Bytes& out) {
  if (values.size() < kRowsMin) return false;
  Differences differences;
  const Form form = form_of(values, differences);
  const std::size_t rows = values.size();
  ByteWriter writer(out);
  writer.fixed(static_cast<std::uint8_t>(form.follows | form.context_bits << 3 |
                                         (form.is_flat ? 1u << 5 : 0u)));
  writer.fixed(static_cast<std::uint8_t>(form.low_bits));
  writer.fixed(static_cast<std::uint8_t>(form.symbols - 1));
  writer.svarint(static_cast<std::int64_t>(form.least));
  std::uint64_t last = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::uint64_t start = values[lane_begin(rows, lane)];
    writer.svarint(static_cast<std::int64_t>(start - last));
    last = start;
  }
  const Tables tables = write_tables(differences, form, out);

  std::array<std::vector<Share>, kLanes> symbols;
  std::vector<std::uint64_t> low(form.low_bits > 0 ? rows : 0);
  Bytes escapes;
  const std::size_t longest = (rows + kLanes - 1) / kLanes;
  for (std::size_t step = 1; step < longest; ++step) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t row = lane_begin(rows, lane) + step;
      if (row >= lane_begin(rows, lane + 1)) continue;
      const std::uint64_t off = differences.off[row];
      const std::uint64_t symbol = without_low_bits(off, form.low_bits) - form.least;
      const auto& table = tables[differences.context[row] >> (kContextBitsMax - form.context_bits)];
      symbols[lane].push_back(table[std::min<std::uint64_t>(symbol, form.symbols)]);
      if (symbol >= form.symbols)
        ByteWriter(escapes).svarint(static_cast<std::int64_t>(off));
      else if (form.low_bits > 0)
        low[row] = off & ((std::uint64_t{1} << form.low_bits) - 1);
    }
  }
  if (!form.is_flat) {
    writer.varint(escapes.size());
    writer.raw(escapes);
  }
  pack_bits(low, form.low_bits, out);
  std::array<std::vector<std::uint16_t>, kLanes> lanes;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    lanes[lane] = write_lane(symbols[lane]);
    writer.varint(lanes[lane].size());
  }
  for (const auto& words : lanes) writer.raw(std::as_bytes(std::span(words)));
  return true;
}

// --- reading ------------------------------------------------------------------------------------

namespace {

struct Decoder {
  Form form;
  std::array<std::uint64_t, kLanes> starts{};
  std::vector<std::uint8_t> slots;  ///< kProbabilityOne a context
  std::vector<Share> shares;        ///< kSymbolsMax a context
  ByteReader escapes{ByteSpan()};

  bool read(ByteReader& bytes);
  template <unsigned kFollows>
  bool run(std::array<const std::byte*, kLanes> words, std::array<const std::byte*, kLanes> ends,
           std::span<std::uint64_t> values);
};

bool Decoder::read(ByteReader& bytes) {
  const unsigned kind = bytes.fixed<std::uint8_t>();
  form.follows = kind & 7;
  form.context_bits = kind >> 3 & 3;
  form.is_flat = (kind >> 5 & 1) != 0;
  form.low_bits = bytes.fixed<std::uint8_t>();
  form.symbols = bytes.fixed<std::uint8_t>() + std::size_t{1};
  form.least = static_cast<std::uint64_t>(bytes.svarint());
  std::uint64_t last = 0;
  for (std::uint64_t& start : starts) start = last += static_cast<std::uint64_t>(bytes.svarint());
  const bool by_context = form.follows != kLastValue && form.follows != kStandsStill;
  if (!bytes.ok() || kind >> 6 != 0 || form.low_bits > kLowBitsMax ||
      form.all_symbols() > kSymbolsMax || (form.context_bits > 0 && (form.is_flat || !by_context)))
    return false;
  slots.resize(form.contexts() * kProbabilityOne);
  shares.resize(form.contexts() * kSymbolsMax);
  std::array<std::uint64_t, kSymbolsMax> packed;
  std::array<Weight, kSymbolsMax> weights;
  const std::size_t symbols = form.all_symbols();
  std::vector<std::uint64_t> all_weights(form.is_flat ? 0 : form.contexts() * symbols);
  if (!unpack_bits(bytes, kWeightBits, all_weights)) return false;
  for (std::size_t context = 0; context < form.contexts(); ++context) {
    const auto own = std::span(shares).subspan(context * kSymbolsMax, symbols);
    if (form.is_flat) {
      flat_shares(own);
    } else {
      std::copy_n(all_weights.begin() + static_cast<std::ptrdiff_t>(context * symbols), symbols,
                  packed.begin());
      for (std::size_t i = 0; i < symbols; ++i) {
        if (packed[i] > kWeightMax) return false;
        weights[i] = static_cast<Weight>(packed[i]);
      }
      shares_of(std::span(weights).first(symbols), own);
    }
    fill_slots(own, std::span(slots).subspan(context * kProbabilityOne).first<kProbabilityOne>());
  }
  if (!form.is_flat) {
    const auto escape_bytes = static_cast<std::size_t>(bytes.varint_max(bytes.remaining()));
    escapes = ByteReader(bytes.raw(escape_bytes));
  }
  return bytes.ok();
}

/// Every lane may be read past its end by as much as it has rows; what was read is compared with the end afterwards.
template <unsigned kFollows>
bool Decoder::run(std::array<const std::byte*, kLanes> words,
                  std::array<const std::byte*, kLanes> ends, std::span<std::uint64_t> values) {
  struct Lane {
    std::uint32_t state;
    const std::byte* words;
    std::uint64_t level;  // or the last value
    std::uint64_t* values;
  };
  constexpr bool kByLevel = kFollows != kLastValue && kFollows != kStandsStill;
  const auto follows = form.follows;
  const std::uint64_t half = 1u << (kFraction - 1);
  std::array<Lane, kLanes> lanes;
  std::size_t shortest = values.size();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t from = lane_begin(values.size(), lane);
    shortest = std::min(shortest, lane_begin(values.size(), lane + 1) - from);
    std::uint16_t high, low;
    std::memcpy(&high, words[lane], 2);
    std::memcpy(&low, words[lane] + 2, 2);
    values[from] = starts[lane];
    const std::uint64_t start = kFollows == kStandsStill ? starts[0] : starts[lane];
    lanes[lane] = {static_cast<std::uint32_t>(high) << 16 | low, words[lane] + 4,
                   kByLevel ? (start << kFraction) + half : start, values.data() + from};
  }
  const std::uint8_t* const all_slots = slots.data();
  const Share* const all_shares = shares.data();
  const std::uint64_t context_mask = form.contexts() - 1;
  const unsigned context_shift = kFraction - form.context_bits;
  const std::size_t escape = form.symbols;
  const std::uint64_t least = form.least;
  const unsigned low_bits = form.low_bits;
  const auto step = [&](Lane& lane, std::size_t i) __attribute__((always_inline)) {
    const std::size_t context =
        kByLevel ? static_cast<std::size_t>(lane.level >> context_shift & context_mask) : 0;
    const std::uint32_t slot = lane.state & (kProbabilityOne - 1);
    const std::size_t symbol = all_slots[context * kProbabilityOne + slot];
    const Share share = all_shares[context * kSymbolsMax + symbol];
    std::uint32_t state =
        share.frequency * (lane.state >> kProbabilityBits) + slot - share.cumulative;
    std::uint16_t word;
    std::memcpy(&word, lane.words, 2);
    const bool more = state < kStateLeast;
    lane.state = more ? state << 16 | word : state;
    lane.words += more ? 2 : 0;
    std::uint64_t off = ((least + symbol) << low_bits) + lane.values[i];
    if (symbol == escape) [[unlikely]]
      off = static_cast<std::uint64_t>(escapes.svarint());
    if constexpr (kByLevel) {
      const auto expected =
          static_cast<std::uint64_t>(static_cast<std::int64_t>(lane.level) >> kFraction);
      const std::uint64_t value = expected + off;
      lane.values[i] = value;
      const std::uint64_t at = (value << kFraction) + half;
      lane.level +=
          static_cast<std::uint64_t>(static_cast<std::int64_t>(at - lane.level) >> follows);
    } else {
      const std::uint64_t value = lane.level + off;
      lane.values[i] = value;
      if constexpr (kFollows == kLastValue) lane.level = value;
    }
  };
  {
    Lane a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
    for (std::size_t i = 1; i < shortest; ++i) {
      step(a, i);
      step(b, i);
      step(c, i);
      step(d, i);
    }
    lanes = {a, b, c, d};
  }
  bool whole = true;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (lane_begin(values.size(), lane + 1) - lane_begin(values.size(), lane) > shortest)
      step(lanes[lane], shortest);
    whole &= lanes[lane].words == ends[lane] && lanes[lane].state == kStateLeast;
  }
  return whole && (form.is_flat || escapes.at_end());
}

}  // namespace

bool dense_decode(ByteReader& bytes, std::span<std::uint64_t> values) {
  if (values.size() < kRowsMin) return false;
  Decoder decoder;
  // The values hold their low bits first.
  if (!decoder.read(bytes) || !unpack_bits(bytes, decoder.form.low_bits, values)) return false;
  std::array<std::size_t, kLanes> lane_bytes;
  std::size_t all_bytes = 0;
  for (std::size_t& lane : lane_bytes) {
    lane = static_cast<std::size_t>(bytes.varint_max(values.size())) * 2;
    if (lane < 4) return false;
    all_bytes += lane;
  }
  const ByteSpan streams = bytes.raw(all_bytes);
  if (!bytes.ok()) return false;
  Bytes padded(all_bytes + 2 * (values.size() / kLanes + 2));
  std::memcpy(padded.data(), streams.data(), streams.size());
  std::array<const std::byte*, kLanes> words, ends;
  const std::byte* at = padded.data();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    words[lane] = at;
    ends[lane] = at += lane_bytes[lane];
  }
  switch (decoder.form.follows) {
    case kLastValue: return decoder.run<kLastValue>(words, ends, values);
    case kStandsStill: return decoder.run<kStandsStill>(words, ends, values);
    default: return decoder.run<1>(words, ends, values);
  }
}

}  // namespace tundish::codec
