#include "simulate/history.h"

namespace tundish::simulate {

Result<std::unique_ptr<HistoryGenerator>> HistoryGenerator::open(const std::string& pack_folder,
                                                                 const std::string& path_prefix,
                                                                 TimeNs from, TimeNs to,
                                                                 std::uint64_t seed) {
  TUNDISH_TRY(auto spec, load_plant(pack_folder));
  return std::unique_ptr<HistoryGenerator>(
      new HistoryGenerator(std::move(spec), path_prefix, from, to, seed));
}

HistoryGenerator::HistoryGenerator(PlantSpec spec, const std::string& path_prefix, TimeNs from,
                                   TimeNs to, std::uint64_t seed)
    : plant_(std::move(spec), seed, from),
      last_(plant_.spec().signals.size()),
      from_(plant_.time()),
      to_(to),
      at_(from_) {
  for (const auto& signal : plant_.spec().signals)
    paths_.push_back(path_prefix + "/" + signal.path);
}

std::optional<ReceivedBatch> HistoryGenerator::next() {
  if (at_ >= to_) return std::nullopt;
  ReceivedBatch batch;
  batch.paths = paths_;
  batch.sample_class = SampleClass::kSynthetic;
  const auto& signals = plant_.spec().signals;
  for (; at_ < to_ && batch.rows.size() + signals.size() <= kRowsMax; at_ += kSecond) {
    plant_.step_to(at_);
    const bool due = (at_ - from_) % kPeriod == 0;
    for (std::size_t i = 0; i < signals.size(); ++i) {
      const Value& value = plant_.value(i);
      const bool changed = signals[i].step && (!last_[i] || !same_bits(*last_[i], value));
      if (!changed && (signals[i].step || !due)) continue;
      batch.push_back(static_cast<std::uint32_t>(i), at_, value, plant_.quality(i));
      if (signals[i].step) last_[i] = value;
    }
  }
  return batch;
}

double HistoryGenerator::done() const {
  return to_ <= from_ ? 1.0 : static_cast<double>(at_ - from_) / static_cast<double>(to_ - from_);
}

}  // namespace tundish::simulate
