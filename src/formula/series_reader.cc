#include "formula/series_reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "formula/evaluate.h"
#include "formula/kernels.h"

namespace tundish::formula {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double Texts::id(std::string_view text) {
  const auto [at, is_new] = ids_.try_emplace(std::string(text), static_cast<double>(all_.size()));
  if (is_new) all_.emplace_back(text);
  return at->second;
}

SeriesReader::SeriesReader(Sources& sources, const InputName& input, std::size_t series,
                           Texts& texts)
    : sources_(&sources), input_(input), series_(series), texts_(&texts) {
  const SeriesFacts facts = sources.facts(input, series);
  step_ = facts.step;
  is_missing_ = facts.is_missing;
  conversion_ = facts.conversion;
  if (facts.valid) valid_.emplace(*facts.valid);
  held_ = kNan;
  held_quality_ = is_missing_ && !input.set.empty() ? kNotAMember : kBadNoData.code;
  if (!facts.constant) return;
  is_constant_ = true;
  take(Sample{.time = 0, .value = *facts.constant, .quality = kGood});
  convert_from(0);
  held_ = values_.front();
  held_quality_ = quality_at(0);
  clear();
}

void SeriesReader::clear() {
  times_.clear();
  values_.clear();
  qualities_.clear();
  all_good_ = true;
}

/// Before the first that is not Good.
void SeriesReader::own_qualities() {
  if (!all_good_) return;
  qualities_.assign(values_.size(), kGood.code);
  all_good_ = false;
}

Status SeriesReader::open(TimeNs start, std::size_t usable) {
  if (is_constant_ || is_missing_) return {};
  TUNDISH_TRY(const auto samples, sources_->before(input_, series_, start, usable));
  for (const Sample& sample : samples) take(sample);
  convert_from(0);
  lead_ = times_.size();
  if (lead_ == 0) return {};
  held_ = values_.back();
  held_quality_ = quality_at(values_.size() - 1);
  known_since_ = times_.front();
  return {};
}

void SeriesReader::take(const Sample& sample) {
  const Quality quality = valid_ ? valid_->judged(sample.value, sample.quality) : sample.quality;
  double value = kNan;
  if (const auto* number = std::get_if<double>(&sample.value)) value = *number;
  if (const auto* whole = std::get_if<std::int64_t>(&sample.value))
    value = static_cast<double>(*whole);
  if (const auto* flag = std::get_if<bool>(&sample.value)) value = *flag ? 1 : 0;
  if (const auto* text = std::get_if<std::string>(&sample.value); text && !texts_->is_full())
    value = texts_->id(*text);
  take(sample.time, value, quality.code);
}

void SeriesReader::take(TimeNs time, double value, std::uint32_t quality) {
  if (severity(quality) < 2 && !std::isfinite(value)) quality = kBadNoData.code;
  if (quality != kGood.code) own_qualities();
  times_.push_back(time);
  values_.push_back(value);
  if (!all_good_) qualities_.push_back(quality);
}

void SeriesReader::take_columns(const Columns& columns, std::size_t begin, std::size_t end) {
  const std::size_t count = end - begin;
  if (columns.type == ValueType::kDouble) {
    // The usual case in whole columns: numbers, finite and Good.
    const auto piece = [&](const auto& column) { return std::span(column).subspan(begin, count); };
    const std::size_t at = values_.size();
    times_.insert(times_.end(), piece(columns.times).begin(), piece(columns.times).end());
    values_.resize(at + count);
    const double low = valid_ ? valid_->low() : -std::numeric_limits<double>::max();
    const double high = valid_ ? valid_->high() : std::numeric_limits<double>::max();
    const auto bits = piece(columns.bits);
    const auto qualities = piece(columns.qualities);
    std::memcpy(values_.data() + at, bits.data(), bits.size_bytes());
    const auto values = std::span(values_).subspan(at);
    std::uint32_t any = 0;
    for (const std::uint32_t quality : qualities) any |= quality;
    // Summed up instead of or-ed, which g++ turns into vector code. NaN fits nowhere.
    std::uint64_t outside = 0;
    for (const double value : values) outside += value >= low ? 0 : 1;
    for (const double value : values) outside += value <= high ? 0 : 1;
    if (any == kGood.code && outside == 0) {
      if (!all_good_) qualities_.resize(at + count, kGood.code);
      return;
    }
    own_qualities();
    qualities_.resize(at);
    qualities_.insert(qualities_.end(), qualities.begin(), qualities.end());
    for (std::size_t i = 0; i < count; ++i) {
      std::uint32_t& quality = qualities_[at + i];
      if (severity(quality) == 2) continue;
      if (valid_ && !valid_->holds(values[i]))
        quality = kBadOutOfRange.code;
      else if (!std::isfinite(values[i]))
        quality = kBadNoData.code;
    }
    return;
  }
  for (std::size_t i = begin; i < end; ++i) take(columns.at(i));
}

void SeriesReader::convert_from(std::size_t first) {
  if (!conversion_) return;
  for (std::size_t i = first; i < values_.size(); ++i) values_[i] = (*conversion_)(values_[i]);
}

Result<TimeNs> SeriesReader::read(TimeRange range) {
  if (is_constant_ || is_missing_) return range.to;
  if (!is_fresh_) {
    // The last sample of the slice before holds on.
    if (!times_.empty()) {
      held_ = values_.back();
      held_quality_ = quality_at(values_.size() - 1);
    }
    clear();
    lead_ = 0;
  }
  is_fresh_ = false;
  TimeNs reached = range.to;
  TUNDISH_RETURN_IF_ERROR(sources_->scan(input_, series_, range, [&](const Columns& columns) {
    const std::size_t room = kSamplesMax - size();
    const std::size_t count = std::min(room, columns.size());
    const std::size_t first = values_.size();
    take_columns(columns, 0, count);
    convert_from(first);
    if (count == columns.size()) return true;
    reached = columns.times[count];
    return false;
  }));
  if (!known_since_ && size() > 0) known_since_ = times_[lead_];
  return reached;
}

void SeriesReader::cut(TimeNs to) {
  while (times_.size() > lead_ && times_.back() >= to) {
    times_.pop_back();
    values_.pop_back();
    if (!all_good_) qualities_.pop_back();
  }
}

View SeriesReader::view(bool carried) const {
  const std::size_t first = carried ? 0 : lead_;
  return {values_.data() + first, all_good_ ? nullptr : qualities_.data() + first};
}

void SeriesReader::sample(std::span<const TimeNs> times, Column& out) const {
  const auto mine = this->times(false);
  if (std::ranges::equal(mine, times)) {
    out.borrowed = view(false);
    return;
  }
  out.borrowed = {};
  out.resize(times.size());
  out.want_qualities();
  std::size_t next = 0;
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    while (next < mine.size() && mine[next] <= times[i]) ++next;
    out.values[i] = next == 0 ? held_ : values_[lead_ + next - 1];
    out.qualities[i] = next == 0 ? held_quality_ : quality_at(lead_ + next - 1);
    any |= out.qualities[i];
  }
  out.all_good = any == kGood.code;
}

}  // namespace tundish::formula
