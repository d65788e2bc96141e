#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "historian/historian.h"
#include "io/clock.h"
#include "io/simulated_disk.h"

// A historian on a simulated disk, in one thread, with few words.

namespace tundish::historian::testing {

inline constexpr EnterpriseId kEnterprise{7};

inline Options small_options() {
  Options options;
  options.segment_bytes = 64 << 10;
  options.threads = false;
  options.on_fatal = [](std::string_view) {};
  return options;
}

/// `time value quality` a row, so that a failure prints what it saw.
inline std::string row_text(const Sample& sample) {
  const std::string value =
      std::visit([](const auto& v) { return fmt::format("{}", v); }, sample.value);
  return fmt::format("{}={}/{:x}", sample.time, value, sample.quality.code);
}
using Rows = std::vector<std::string>;
inline Rows rows_of(const std::vector<std::pair<TimeNs, Value>>& samples) {
  Rows rows;
  for (const auto& [time, value] : samples) rows.push_back(row_text({time, value, kGood}));
  return rows;
}

inline SampleBatch batch(const StreamState& stream, std::uint64_t sequence, TagId tag,
                         const std::vector<std::pair<TimeNs, Value>>& samples) {
  SampleBatch made;
  made.enterprise = tag.enterprise;
  made.number = {stream.source, stream.stream, stream.epoch, sequence};
  for (const auto& [time, value] : samples) {
    made.tags.push_back(tag.number);
    made.rows.push_back(time, value, kGood);
  }
  return made;
}

inline Rows scan_rows(Snapshot& snapshot, TagId tag, TimeRange range = {}) {
  Rows rows;
  const Status status = snapshot.scan(tag, range, [&](const Columns& piece) {
    for (std::size_t row = 0; row < piece.size(); ++row) rows.push_back(row_text(piece.at(row)));
    return true;
  });
  EXPECT_TRUE(status) << status.error().to_string();
  return rows;
}

/// An open historian with the few calls that tests make again and again.
class Node {
 public:
  explicit Node(std::unique_ptr<Historian> historian) : historian_(std::move(historian)) {}
  Historian* operator->() { return historian_.get(); }
  void close() { historian_.reset(); }

  TagId make_tag(ValueType type) {
    const NewTagId wanted{type, "plant/tag"};
    const auto ids = historian_->make_tags(kEnterprise, std::span(&wanted, 1));
    EXPECT_TRUE(ids) << ids.error().to_string();
    return ids ? ids->front() : TagId{};
  }
  StreamState open_stream(const std::string& source, const std::string& stream = "main") {
    const auto state = historian_->open_stream(kEnterprise, source, stream);
    EXPECT_TRUE(state) << state.error().to_string();
    return state.value_or(StreamState{});
  }
  Result<SampleSink::Appended> append(SampleBatch made, std::optional<FeedCommit> commit = {}) {
    return historian_->append(std::move(made), std::move(commit));
  }
  std::unique_ptr<Snapshot> snapshot() { return std::move(*historian_->snapshot()); }
  Rows scan(TagId tag, TimeRange range = {}) { return scan_rows(*snapshot(), tag, range); }

 private:
  std::unique_ptr<Historian> historian_;
};

/// A data folder on a simulated disk.
class Folder {
 public:
  explicit Folder(Options options = small_options(), std::uint64_t seed = 1)
      : disk_(std::make_unique<io::SimulatedDisk>(seed)), options_(std::move(options)) {}

  Node open() {
    auto historian = Historian::open(*disk_, clock_, options_);
    EXPECT_TRUE(historian) << historian.error().to_string();
    return Node(historian ? std::move(*historian) : nullptr);
  }
  /// Without stop(): as after a kill.
  Node reopen(Node node) {
    node.close();
    return open();
  }
  io::SimulatedDisk& disk() { return *disk_; }
  io::SimulatedClock& clock() { return clock_; }
  Options& options() { return options_; }
  VerifyReport verify() {
    const auto report = verify_folder(*disk_);
    EXPECT_TRUE(report) << report.error().to_string();
    return report.value_or(VerifyReport{});
  }

 private:
  std::unique_ptr<io::SimulatedDisk> disk_;
  io::SimulatedClock clock_{1'700'000'000 * kSecond};
  Options options_;
};

}  // namespace tundish::historian::testing
