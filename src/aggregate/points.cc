#include "aggregate/points.h"

#include "aggregate/exact_sum.h"

namespace tundish::aggregate {
namespace {

Health health_of(Quality quality, Number number, bool treat_uncertain_bad) {
  if (quality.is_bad() || is_nan(number)) return Health::kBad;
  if (quality.is_good()) return Health::kGood;
  return treat_uncertain_bad ? Health::kBad : Health::kUncertain;
}

}  // namespace

Point point_of(const Sample& sample, bool treat_uncertain_bad) {
  const Number number = number_of(sample.value);
  Point point{sample.time,
              sample.quality,
              health_of(sample.quality, number, treat_uncertain_bad),
              number,
              {}};
  if (point.is_text()) point.text = std::get<std::string>(sample.value);
  return point;
}

std::pair<Point, Point> ends_of(const SampleSummary& summary) {
  const auto end = [&](TimeNs time, std::optional<std::uint64_t> bits) {
    return Point{time, kGood, Health::kGood, {summary.type, bits.value_or(0)}, {}};
  };
  return {end(summary.first, summary.first_bits), end(summary.last, summary.last_bits)};
}

Point point_at(const Columns& columns, std::size_t index, bool treat_uncertain_bad) {
  Point point;
  point.time = columns.times[index];
  point.quality = Quality{columns.qualities[index]};
  point.number = {columns.type, columns.bits[index]};
  if (columns.type == ValueType::kString) {
    point.number.bits = 0;
    point.text = columns.text_at(index);
  }
  point.health = health_of(point.quality, point.number, treat_uncertain_bad);
  return point;
}

Number interpolate(const Point& a, const Point& b, TimeNs time) {
  ExactSum sum;
  add_product(sum, a.number, elapsed_ns(time, b.time));
  add_product(sum, b.number, elapsed_ns(a.time, time));
  return {ValueType::kDouble, bits_of(sum.rounded_quotient(elapsed_ns(a.time, b.time)))};
}

Number extrapolate(const Point& a, const Point& b, TimeNs time) {
  ExactSum sum;
  const std::uint64_t past = elapsed_ns(b.time, time);
  if (a.number.type == ValueType::kDouble)
    sum.add_product(-double_of(a.number.bits), past);
  else
    sum.add_scaled(
        -static_cast<Int128>(static_cast<std::int64_t>(a.number.bits)) * static_cast<Int128>(past),
        0);
  add_product(sum, b.number, elapsed_ns(a.time, time));
  return {ValueType::kDouble, bits_of(sum.rounded_quotient(elapsed_ns(a.time, b.time)))};
}

}  // namespace tundish::aggregate
