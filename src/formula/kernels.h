#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "formula/column.h"
#include "formula/syntax.h"
#include "model/quality.h"
#include "model/unit.h"

namespace tundish::formula {

// What operators and functions of one moment do to n rows. Pure; allocate only by growing `out`, which must not
// be an operand. A number that is not finite (1/0, ln(-1), an overflow) is Bad (out of range), never
// passed on. A result is as good as its worst operand, unless said otherwise.

/// 0 good, 1 uncertain, 2 bad.
inline unsigned severity(std::uint32_t quality) {
  const unsigned top = quality >> 30;
  return top > 2 ? 2 : top;
}
/// The worse of two; of equally bad ones the first. Good is plainly Good.
inline std::uint32_t worse(std::uint32_t a, std::uint32_t b) {
  if (severity(b) > severity(a)) return b;
  return severity(a) == 0 ? kGood.code : a;
}

/// Arithmetic and comparison. `op` is one of those, not `and` or `or`.
void apply_binary(Operator op, View a, View b, std::size_t rows, Column& out);

/// Of three values: false and anything is false, true or anything is true, however bad that is.
void apply_and(View a, View b, std::size_t rows, Column& out);
void apply_or(View a, View b, std::size_t rows, Column& out);
void apply_not(View a, std::size_t rows, Column& out);
void apply_negate(View a, std::size_t rows, Column& out);
void apply_convert(const UnitConversion& conversion, View a, std::size_t rows, Column& out);

enum class Scalar : std::uint8_t { kAbs, kCeil, kExp, kFloor, kLn, kLog10, kRound, kSqrt };
void apply_scalar(Scalar function, View a, std::size_t rows, Column& out);

/// a where the condition holds, else b; as bad as the condition and the one that is taken.
void apply_if(View condition, View a, View b, std::size_t rows, Column& out);
void apply_clamp(View a, View low, View high, std::size_t rows, Column& out);
/// The first that is Good, else the first that is Uncertain, else the first.
void apply_first_good(std::span<const View> views, std::size_t rows, Column& out);
/// The smallest (or greatest) of several, of those that are not Bad; Uncertain when one was left out
/// and `tolerant`, else as bad as the worst.
void apply_extreme(std::span<const View> views, bool greatest, bool tolerant, std::size_t rows,
                   Column& out);
/// Whether it is Good; always Good itself.
void apply_good(View a, std::size_t rows, Column& out);

/// Of a series that belongs to no set: an asset that lacks the attribute. Joins pass over it; no source sends it.
inline constexpr std::uint32_t kNotAMember = 0xBFFF'FFFEu;

/// Sum, mean or count over a set, of those that are not Bad: Uncertain when one was left out, Bad when
/// all were. `share` becomes the share of Good ones, 0..1.
enum class Join : std::uint8_t { kSum, kAverage, kCount };
void apply_join(Join join, std::span<const View> views, std::size_t rows, Column& out,
                std::span<double> share);

}  // namespace tundish::formula
