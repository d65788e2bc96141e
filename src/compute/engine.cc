#include "compute/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace tundish::compute {
namespace {

/// Which formulas have been computed over all of history, by what they were then.
constexpr std::array<std::string_view, 1> kSchema = {R"sql(
CREATE TABLE compute_done(
  enterprise INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  PRIMARY KEY(enterprise, tag)
) STRICT, WITHOUT ROWID;
CREATE TABLE compute_found(
  enterprise INTEGER NOT NULL,
  asset INTEGER NOT NULL,
  kind TEXT NOT NULL,
  fingerprint INTEGER NOT NULL,
  PRIMARY KEY(enterprise, asset, kind)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(const Ports& ports, Options options) {
  TUNDISH_RETURN_IF_ERROR(ports.database.migrate("compute", kSchema));
  TUNDISH_TRY(auto intervals, IntervalStore::open(ports.database));
  return std::unique_ptr<Engine>(new Engine(ports, options, std::move(intervals)));
}

Engine::~Engine() { stop(); }

void Engine::start() {
  thread_ = std::thread([this] { follow(); });
}

void Engine::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

/// True when it is time to stop.
bool Engine::wait(std::chrono::milliseconds time) {
  const MutexLock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + time;
  while (!stopping_ && changed_.wait_until(mutex_, until)) {
  }
  return stopping_;
}

void Engine::follow() {
  bool failed = false;
  while (!wait(failed ? std::chrono::milliseconds(1000) : options_.pause)) {
    const Status done = turn();
    if (done) {
      if (failed) log_info("compute", "goes on");
      failed = false;
      continue;
    }
    if (!failed) log_warning("compute", "{}; tried again every second", done.error().to_string());
    failed = true;
    // What was under way is begun again from the place in the feed that is stored.
    members_.clear();
    is_open_ = false;
  }
}

Status Engine::turn() {
  TUNDISH_RETURN_IF_ERROR(adopt_models());
  publish();  // what is new may take a while: its backlog is told before
  TUNDISH_RETURN_IF_ERROR(follow_feed());
  TUNDISH_RETURN_IF_ERROR(catch_up());
  publish();
  return {};
}

// --- models ---

Result<std::map<std::uint32_t, std::uint64_t>> Engine::done_of(EnterpriseId enterprise) {
  std::map<std::uint32_t, std::uint64_t> done;
  TUNDISH_TRY(auto transaction, ports_.database.begin());
  TUNDISH_TRY(
      auto statement,
      transaction.prepare("SELECT tag, fingerprint FROM compute_done WHERE enterprise = ?"));
  TUNDISH_RETURN_IF_ERROR(statement.start(enterprise.value()));
  while (true) {
    TUNDISH_TRY(const bool more, statement.next());
    if (!more) return done;
    done[statement.integer_as<std::uint32_t>(0)] = statement.integer_as<std::uint64_t>(1);
  }
}

Status Engine::adopt(Member& member, const std::shared_ptr<const PlantModel>& model) {
  TUNDISH_TRY(const auto done, done_of(model->enterprise()));
  if (member.plant == nullptr) {
    member.plant =
        std::make_unique<Plant>(ports_.reader, ports_.sink, windows_, *intervals_, model);
    member.consumer = fmt::format("compute/{}", model->enterprise().value());
  } else {
    member.plant->adopt(model);
  }
  member.plant->find_backlog([&](TagId tag, std::uint64_t fingerprint) {
    const auto found = done.find(tag.number);
    return found != done.end() && found->second == fingerprint;
  });
  std::map<std::pair<AssetId, std::string>, std::uint64_t> found;
  {
    TUNDISH_TRY(auto transaction, ports_.database.begin());
    TUNDISH_TRY(auto statement,
                transaction.prepare(
                    "SELECT asset, kind, fingerprint FROM compute_found WHERE enterprise = ?"));
    TUNDISH_RETURN_IF_ERROR(statement.start(model->enterprise().value()));
    while (true) {
      TUNDISH_TRY(const bool more, statement.next());
      if (!more) break;
      found[{AssetId(statement.integer_as<std::uint64_t>(0)), statement.text(1)}] =
          statement.integer_as<std::uint64_t>(2);
    }
  }
  member.plant->find_intervals_anew([&](const IntervalTracker& tracker) {
    const auto at = found.find({tracker.asset().id, tracker.definition().name});
    return at != found.end() && at->second == tracker.fingerprint();
  });
  return {};
}

Status Engine::adopt_models() {
  // Asked for every time, not only when something says that it has changed: a tag that came with its first
  // sample is bound when somebody asks, and that may be nobody else.
  std::vector<std::shared_ptr<const PlantModel>> changed;
  for (const Enterprise& enterprise : ports_.enterprises.enterprises()) {
    auto model = ports_.models.model(enterprise.id);
    const auto known = members_.find(enterprise.id);
    // Not by its version: a tag that was bound since makes another model of the same version.
    if (known == members_.end() || &known->second.plant->graph().model() != model.get())
      changed.push_back(std::move(model));
  }
  if (is_open_ && changed.empty()) return {};
  // What changed so far is computed by the models that held so far.
  if (is_open_) TUNDISH_RETURN_IF_ERROR(follow_feed());
  Position from = ports_.feed.head();
  for (const auto& model : changed) {
    Member& member = members_[model->enterprise()];
    TUNDISH_RETURN_IF_ERROR(adopt(member, model));
    if (is_open_) continue;
    // All that is in the backlog is computed anyway; the rest from where it was left.
    const bool all_new = member.plant->backlog() == member.plant->graph().tags().size();
    if (!all_new)
      from = std::min(from, ports_.feed.committed(member.consumer).value_or(Position(0)));
  }
  if (!is_open_) position_ = from;
  is_open_ = true;
  return {};
}

// --- the feed ---

Status Engine::follow_feed() {
  if (ports_.feed.head() <= position_) return {};
  TUNDISH_TRY(const auto page, ports_.feed.changes_after(position_));
  TUNDISH_TRY(auto snapshot, ports_.reader.snapshot());
  for (const Change& change : page.changes) {
    const auto member = members_.find(change.tag.enterprise);
    if (member == members_.end()) continue;
    TUNDISH_RETURN_IF_ERROR(member->second.plant->mark(*snapshot, change));
  }
  snapshot.reset();
  const auto found = [this](const IntervalTracker& tracker) {
    found_.emplace_back(tracker.asset().id, tracker.definition().name, tracker.fingerprint());
  };
  for (auto& [enterprise, member] : members_) {
    member.plant->forget_own(page.through);
    if (!member.plant->is_stale()) continue;
    TUNDISH_RETURN_IF_ERROR(member.plant->run(FeedCommit{member.consumer, page.through}, found));
    TUNDISH_RETURN_IF_ERROR(store_found(enterprise));
  }
  position_ = page.through;
  return {};
}

Status Engine::catch_up() {
  const auto found = [this](const IntervalTracker& tracker) {
    found_.emplace_back(tracker.asset().id, tracker.definition().name, tracker.fingerprint());
  };
  for (auto& [enterprise, member] : members_) {
    if (member.plant->backlog() == 0) {
      if (!member.plant->is_stale()) continue;
      TUNDISH_RETURN_IF_ERROR(member.plant->run({}, found));
      TUNDISH_RETURN_IF_ERROR(store_found(enterprise));
      continue;
    }
    std::vector<std::pair<TagId, std::uint64_t>> done;
    TUNDISH_RETURN_IF_ERROR(member.plant->catch_up(
        options_.catch_up, [&](TagId tag, std::uint64_t fingerprint) -> Status {
          done.emplace_back(tag, fingerprint);
          return {};
        }));
    if (member.plant->is_stale()) TUNDISH_RETURN_IF_ERROR(member.plant->run({}, found));
    TUNDISH_RETURN_IF_ERROR(store_found(enterprise));
    if (done.empty()) continue;
    TUNDISH_TRY(auto transaction, ports_.database.begin());
    for (const auto& [tag, fingerprint] : done)
      TUNDISH_RETURN_IF_ERROR(transaction.run("REPLACE INTO compute_done VALUES(?, ?, ?)",
                                              tag.enterprise.value(), tag.number, fingerprint));
    TUNDISH_RETURN_IF_ERROR(transaction.commit());
  }
  return {};
}

Status Engine::store_found(EnterpriseId enterprise) {
  if (found_.empty()) return {};
  TUNDISH_TRY(auto transaction, ports_.database.begin());
  for (const auto& [asset, kind, fingerprint] : found_)
    TUNDISH_RETURN_IF_ERROR(transaction.run("REPLACE INTO compute_found VALUES(?, ?, ?, ?)",
                                            enterprise.value(), asset.value(), kind, fingerprint));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  found_.clear();
  return {};
}

// --- what is told of it ---

void Engine::publish() {
  const MutexLock lock(mutex_);
  for (const auto& [enterprise, member] : members_) {
    ComputeState& state = states_[enterprise];
    state.formulas = member.plant->graph().tags().size();
    state.backlog = member.plant->backlog();
    state.position = position_;
    state.rows_written = member.plant->rows_written();
    state.faults = member.plant->faults();
  }
}

ComputeState Engine::state(EnterpriseId enterprise) const {
  const MutexLock lock(mutex_);
  const auto found = states_.find(enterprise);
  return found == states_.end() ? ComputeState{} : found->second;
}

}  // namespace tundish::compute
