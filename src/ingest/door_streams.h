#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"
#include "model/ports/sample_sink.h"

namespace tundish::ingest {

/// The stream of a source in which the door numbers what came unnumbered. Senders may not use it.
inline constexpr std::string_view kDoorStream = "door";

/// Numbers what came unnumbered: one stream per (enterprise, source), whose epoch is opened with the
/// first batch of this process. Sequences are given out in the order of arrival, so that of two
/// writes to the same tag and time the later one wins.
///
/// A number whose batch may be on disk is never given out again: new data under it would look like a
/// repeat and be dropped. One that was surely not stored (the disk was full, say) is taken back if it
/// is the last given out, so that a sender who tries for hours uses up no numbers. Any other leaves a
/// hole, and after so many holes the next batch opens a new epoch. Any thread.
class DoorStreams {
 public:
  explicit DoorStreams(SampleSink& sink) : sink_(sink) {}

  /// The next number of that source. Errors: those of SampleSink::open_stream.
  Result<BatchNumber> next(EnterpriseId enterprise, const std::string& source);

  /// The batch with this number was not stored: surely, or as far as is known.
  void abandon(EnterpriseId enterprise, const std::string& source, const BatchNumber& number,
               bool surely);

 private:
  static constexpr std::size_t kHolesMax = 1000;

  struct Stream {
    Mutex mutex;  ///< held while an epoch is opened: all of that source wait for it anyway
    bool open TUNDISH_GUARDED_BY(mutex) = false;
    BatchNumber next TUNDISH_GUARDED_BY(mutex);
    std::size_t holes TUNDISH_GUARDED_BY(mutex) = 0;  ///< in the open epoch
  };

  Stream& stream_of(EnterpriseId enterprise, const std::string& source);

  SampleSink& sink_;
  Mutex mutex_;
  /// A Stream stays where it is.
  std::map<std::pair<EnterpriseId, std::string>, std::unique_ptr<Stream>> streams_
      TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::ingest
