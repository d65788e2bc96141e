#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crash/expected.h"
#include "io/random.h"
#include "support/http_client.h"

namespace tundish::crash {

/// How a sender speaks to the server.
enum class Dialect { kJson, kLineProtocol, kNumbered };

/// Sends random samples of its own tags, one request after the other, and keeps account of the
/// answers. Lives through all restarts of the server. One thread at a time.
class Writer {
 public:
  Writer(Dialect dialect, std::size_t number, std::uint64_t seed);

  /// Sends until `stop` or until the server does not answer any more.
  /// @return a sentence when an answer is wrong
  std::string run(test::HttpClient& client, const std::atomic<bool>& stop);

  std::vector<std::unique_ptr<ExpectedTag>>& tags() { return tags_; }
  /// Nothing before this time has been written or erased since the last call.
  std::int64_t take_touched_from();

 private:
  struct Row {
    ExpectedTag* tag;
    std::int64_t time;
    Value value;
  };
  using Batch = std::vector<Row>;

  Batch make_batch();
  std::string send(test::HttpClient& client, const Batch& batch, bool& answered);
  std::string erase_some(test::HttpClient& client, bool& answered);
  std::string open_stream(test::HttpClient& client, bool& answered);
  Value random_value(ValueType type);
  std::string json_body(const Batch& batch) const;
  std::string line_body(const Batch& batch) const;
  void touch(std::int64_t time) { touched_from_ = std::min(touched_from_, time); }

  const Dialect dialect_;
  const std::string name_;
  io::SeededRandom random_;
  std::vector<std::unique_ptr<ExpectedTag>> tags_;
  std::int64_t next_time_;
  std::int64_t touched_from_;
  std::set<std::int64_t> erased_;  ///< times never written again: an erasure covers them
  // Of kNumbered.
  std::optional<std::uint64_t> epoch_;
  std::uint64_t sequence_ = 1;
  std::optional<Batch> unanswered_;  ///< sent again with its number until it is answered
};

/// Reads random tags of any writers while they write: what was acknowledged before the question is
/// in the answer.
std::string read_meanwhile(test::HttpClient& client, io::Random& random,
                           const std::vector<ExpectedTag*>& tags, const std::atomic<bool>& stop,
                           std::uint64_t& answers);

/// All raw samples of a tag from `from` on. Errors: those of the client, kRemote for a bad answer.
Result<std::vector<ExpectedTag::Row>> read_rows(test::HttpClient& client, const std::string& path,
                                                std::int64_t from);

inline constexpr const char* kEnterprise = "crash-01";

}  // namespace tundish::crash
