#include "simulate/frame_source.h"

namespace tundish::simulate {

FrameSource::FrameSource(PlantSpec spec, const std::string& path_prefix, std::uint64_t seed,
                         TimeNs epoch, TimeNs from)
    : plant_(std::move(spec), seed, epoch), last_(plant_.spec().signals.size()) {
  for (const auto& signal : plant_.spec().signals)
    paths_.push_back(path_prefix + "/" + signal.path);
  plant_.step_to(from);
  at_ = plant_.time();
}

std::optional<ReceivedBatch> FrameSource::next(TimeNs now) {
  ReceivedBatch batch;
  const auto& signals = plant_.spec().signals;
  // Whole periods only, so that a frame is one batch however often this is called.
  const TimeNs end = now / kPeriod * kPeriod;
  for (; at_ <= end && batch.rows.size() + signals.size() <= kRowsMax; at_ += kSecond) {
    plant_.step_to(at_);
    const bool due = at_ % kPeriod == 0;
    for (std::size_t i = 0; i < signals.size(); ++i) {
      const Value& value = plant_.value(i);
      const bool changed = signals[i].step && (!last_[i] || !same_bits(*last_[i], value));
      if (!changed && (signals[i].step || !due)) continue;
      batch.push_back(static_cast<std::uint32_t>(i), at_, value, plant_.quality(i));
      if (signals[i].step) last_[i] = value;
    }
    if (due) {
      at_ += kSecond;
      break;
    }
  }
  if (batch.rows.size() == 0) return std::nullopt;
  batch.paths = paths_;
  batch.sample_class = SampleClass::kSynthetic;
  return batch;
}

}  // namespace tundish::simulate
