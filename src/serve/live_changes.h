#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ports/change_feed.h"
#include "model/ports/sample_reader.h"
#include "model/ports/tag_catalogue.h"
#include "serve/http.h"

namespace tundish::serve {

/// What changed after one position, each tag's samples read once for all clients that stand there.
/// One thread.
class LiveChanges {
 public:
  static constexpr std::size_t kSamplesMax = 1'000;  ///< a tag
  static constexpr std::size_t kRowsMax = 20'000;    ///< read of one range to find the newest

  struct Entry {
    TagPtr tag;
    std::span<const Change> ranges;  ///< ascending
    bool is_read = false;
    std::string samples = {};   ///< JSON objects joined by commas, ascending by time
    std::size_t newest_at = 0;  ///< where in `samples` the last one begins
    bool skipped = false;       ///< there is more than `samples` holds
  };

  /// Errors: those of the feed and of snapshots.
  static Result<std::unique_ptr<LiveChanges>> read(ChangeFeed& feed, SampleReader& reader,
                                                   const TagCatalogue& tags, Position after);
  Position through() const { return page_.through; }
  /// Tags without a name are left out: nobody can have asked for them.
  std::span<Entry> of(EnterpriseId enterprise);
  /// Once `until` has passed only the newest sample.
  void read_samples(Entry& entry, std::chrono::steady_clock::time_point until);

 private:
  LiveChanges() = default;
  void read_range(const Change& range, std::chrono::steady_clock::time_point until,
                  std::vector<Sample>& newest_first, Entry& entry);

  ChangePage page_;
  std::unique_ptr<Snapshot> snapshot_;
  std::vector<Entry> entries_;  ///< ascending by tag
};

/// Appends `{"id","time","value",...}`.
void append_live_sample(std::string& out, const TagInfo& tag, const Sample& sample);

/// Changes for one subscription, sent as messages of about 1 MiB at most.
class LiveMessages {
 public:
  LiveMessages(WebSocket& socket, std::int64_t id, Position through)
      : socket_(socket), id_(id), through_(through) {}
  ~LiveMessages() { flush(); }
  LiveMessages(const LiveMessages&) = delete;
  LiveMessages& operator=(const LiveMessages&) = delete;

  /// @param tag told to the client before its samples, or null
  void add(const TagInfo* tag, TagId id, std::string_view samples, bool skipped);
  /// Sends what is left, if anything.
  void flush();
  std::size_t bytes() const { return bytes_; }

 private:
  WebSocket& socket_;
  const std::int64_t id_;
  const Position through_;
  std::string tags_, samples_, skipped_;  ///< array elements
  std::size_t bytes_ = 0;                 ///< of all messages so far
};

}  // namespace tundish::serve
