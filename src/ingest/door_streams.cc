#include "ingest/door_streams.h"

namespace tundish::ingest {

Result<BatchNumber> DoorStreams::next(EnterpriseId enterprise, const std::string& source) {
  Stream& stream = stream_of(enterprise, source);
  const MutexLock lock(stream.mutex);
  if (!stream.open) {
    TUNDISH_TRY(const StreamState state,
                sink_.open_stream(enterprise, source, std::string(kDoorStream)));
    stream.next = {state.source, state.stream, state.epoch, state.next_sequence};
    stream.holes = 0;
    stream.open = true;
  }
  const BatchNumber number = stream.next;
  ++stream.next.sequence;
  return number;
}

void DoorStreams::abandon(EnterpriseId enterprise, const std::string& source,
                          const BatchNumber& number, bool surely) {
  Stream& stream = stream_of(enterprise, source);
  const MutexLock lock(stream.mutex);
  if (!stream.open || stream.next.epoch != number.epoch) return;
  if (surely && stream.next.sequence == number.sequence + 1)
    stream.next.sequence = number.sequence;
  else if (++stream.holes > kHolesMax)
    stream.open = false;
}

DoorStreams::Stream& DoorStreams::stream_of(EnterpriseId enterprise, const std::string& source) {
  const MutexLock lock(mutex_);
  std::unique_ptr<Stream>& stream = streams_[{enterprise, source}];
  if (!stream) stream = std::make_unique<Stream>();
  return *stream;
}

}  // namespace tundish::ingest
