#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "compute/interval_store.h"
#include "compute/plant.h"
#include "compute/windows.h"
#include "io/sqlite.h"
#include "model/ports/change_feed.h"
#include "model/ports/compute_status.h"
#include "model/ports/enterprise_store.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"
#include "model/ports/sample_sink.h"

namespace tundish::compute {

struct Options {
  /// Between two turns, so that what comes in a quarter of a second is computed at once.
  std::chrono::milliseconds pause{250};
  /// Of each turn, for formulas that have to be computed over all of history.
  std::chrono::milliseconds catch_up{200};
};

/// Keeps everything derived up to date: follows the change feed, computes what a change makes stale, writes it
/// back by the historian's sink, numbered, together with its place in the feed. After a crash it goes on from
/// there; what is computed again is written only where it differs.
///
/// One thread of its own; turn() is for tests, which then never call start().
class Engine final : public ComputeStatus {
 public:
  struct Ports {
    const EnterpriseStore& enterprises;
    const ModelReader& models;
    const WindowSource& calendars;
    SampleReader& reader;
    SampleSink& sink;
    ChangeFeed& feed;
    io::sqlite::Database& database;  ///< tables compute_*
  };

  static Result<std::unique_ptr<Engine>> open(const Ports& ports, Options options);
  ~Engine() override;

  void start();
  void stop();

  /// Everything that the feed has now, then a piece of what has to be caught up.
  /// Errors: those of the ports; the next turn begins again where the last one ended.
  Status turn();

  ComputeState state(EnterpriseId enterprise) const override;
  IntervalReader& intervals() { return *intervals_; }
  /// Those of calendars and those of recorded intervals.
  const WindowSource& windows() const { return windows_; }

 private:
  struct Member {
    std::unique_ptr<Plant> plant;
    std::string consumer;  ///< its name in the feed
  };

  Engine(const Ports& ports, Options options, std::unique_ptr<IntervalStore> intervals)
      : ports_(ports),
        options_(options),
        intervals_(std::move(intervals)),
        windows_(ports.calendars, ports.models, *intervals_) {}
  void follow();
  bool wait(std::chrono::milliseconds time);
  Status adopt_models();
  Status adopt(Member& member, const std::shared_ptr<const PlantModel>& model);
  Status follow_feed();
  Status catch_up();
  Result<std::map<std::uint32_t, std::uint64_t>> done_of(EnterpriseId enterprise);
  Status store_found(EnterpriseId enterprise);
  void publish();

  const Ports ports_;
  const Options options_;
  const std::unique_ptr<IntervalStore> intervals_;
  const Windows windows_;
  /// Intervals that have been found over all of history: asset, kind, fingerprint.
  std::vector<std::tuple<AssetId, std::string, std::uint64_t>> found_;
  std::map<EnterpriseId, Member> members_;
  bool is_open_ = false;
  Position position_;

  mutable Mutex mutex_;
  Condition changed_;
  bool stopping_ TUNDISH_GUARDED_BY(mutex_) = false;
  std::map<EnterpriseId, ComputeState> states_ TUNDISH_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tundish::compute
