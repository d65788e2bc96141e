#include "compute/writer.h"

#include <utility>

namespace tundish::compute {
namespace {

// Far below the megabyte that a record may have.
constexpr std::size_t kRowsMax = 20'000;
constexpr std::size_t kTextBytesMax = 256 << 10;
constexpr std::size_t kTombstonesMax = 4'096;

}  // namespace

void Writer::put(TagId tag, const Sample& sample) {
  batch_.tags.push_back(tag.number);
  batch_.rows.push_back(sample.time, sample.value, sample.quality);
  if (batch_.size() < kRowsMax && batch_.rows.text.size() < kTextBytesMax) return;
  full_.push_back(std::exchange(batch_, {}));
}

void Writer::remove(TagId tag, TimeNs time) { removed_.emplace_back(tag, time); }

Status Writer::open() {
  if (stream_) return {};
  TUNDISH_TRY(stream_, sink_.open_stream(enterprise_, "compute", "derived"));
  return {};
}

Status Writer::flush(const std::optional<FeedCommit>& commit) {
  if (batch_.size() > 0) full_.push_back(std::exchange(batch_, {}));
  if (full_.empty() && removed_.empty()) return {};
  TUNDISH_RETURN_IF_ERROR(open());
  // What is taken back is older than the batch that follows.
  std::vector<Tombstone> tombstones;
  for (std::size_t i = 0; i < removed_.size(); ++i) {
    const auto& [tag, time] = removed_[i];
    tombstones.push_back({tag,
                          {time, time + 1},
                          {.source = stream_->source,
                           .epoch = stream_->epoch,
                           .sequence = stream_->next_sequence,
                           .stream = stream_->stream}});
    if (tombstones.size() < kTombstonesMax && i + 1 < removed_.size()) continue;
    TUNDISH_TRY(position_, sink_.erase(std::exchange(tombstones, {})));
  }
  removed_.clear();
  for (std::size_t i = 0; i < full_.size(); ++i) {
    SampleBatch& batch = full_[i];
    batch.enterprise = enterprise_;
    batch.number = {stream_->source, stream_->stream, stream_->epoch, stream_->next_sequence};
    const std::size_t rows = batch.size();
    const bool is_last = i + 1 == full_.size();
    TUNDISH_TRY(const auto appended,
                sink_.append(std::move(batch), is_last ? commit : std::optional<FeedCommit>()));
    ++stream_->next_sequence;
    position_ = appended.position;
    rows_written_ += rows;
  }
  full_.clear();
  return {};
}

}  // namespace tundish::compute
