#include "connect/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <utility>

#include "base/log.h"
#include "connect/start_thread.h"
#include "io/clock.h"

namespace tundish::connect {
namespace {

constexpr std::uint32_t kNoPath = std::numeric_limits<std::uint32_t>::max();
constexpr DurationNs kRetryMin = 100 * kMillisecond;
constexpr DurationNs kRetryMax = 2 * kSecond;

/// The same rows may be taken later.
bool passes(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDiskFull:
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kIo: return true;
    default: return false;
  }
}

}  // namespace

Delivery::Delivery(Door& door, TagCatalogue& catalogue, Origin origin,
                   std::vector<std::string> paths, const Options& options)
    : door_(door),
      catalogue_(catalogue),
      origin_(std::move(origin)),
      paths_(std::move(paths)),
      options_(options),
      path_of_item_(paths_.size(), kNoPath),
      known_(paths_.size()) {}

Status Delivery::start() {
  TUNDISH_TRY(thread_, start_thread(options_, [this] { run(); }));
  return {};
}

void Delivery::stop() {
  {
    const MutexLock lock(mutex_);
    if (!stopping_) stop_until_ = io::real_clock().monotonic() + options_.stop_within;
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Delivery::push(Rows rows, SampleClass sample_class) {
  if (rows.empty()) return;
  {
    const MutexLock lock(mutex_);
    if (stopping_) {
      counts_.dropped += rows.size();
      return;
    }
    queued_rows_ += rows.size();
    queued_bytes_ += rows.bytes();
    queue_.push_back({std::move(rows), sample_class});
    drop_oldest();
  }
  changed_.notify_all();
}

void Delivery::announce(std::vector<Announcement> tags) {
  if (tags.empty()) return;
  {
    const MutexLock lock(mutex_);
    for (Announcement& each : tags) announced_.insert_or_assign(each.item, std::move(each.tag));
  }
  changed_.notify_all();
}

Delivery::Counts Delivery::counts() const {
  const MutexLock lock(mutex_);
  Counts counts = counts_;
  counts.waiting = queued_rows_ + in_flight_rows_;
  counts.announced = announced_.size();
  return counts;
}

void Delivery::drop_oldest() {
  while (!queue_.empty() &&
         (queued_rows_ > options_.queue_rows_max || queued_bytes_ > options_.queue_bytes_max)) {
    const Rows& rows = queue_.front().rows;
    counts_.dropped += rows.size();
    queued_rows_ -= rows.size();
    queued_bytes_ -= rows.bytes();
    queue_.pop_front();
  }
}

void Delivery::run() {
  while (auto element = take()) {
    bool done = true;
    if (auto* batch = std::get_if<Batch>(&*element)) {
      done = restore_tags(*batch) && deliver(*batch);
    } else {
      std::vector<NewTag> tags;
      for (auto& [item, tag] : std::get<Announcements>(*element)) {
        known_[item] = tag;
        tags.push_back(std::move(tag));
      }
      done = make_tags(tags);
    }
    const MutexLock lock(mutex_);
    if (!done) counts_.dropped += in_flight_rows_;
    in_flight_rows_ = 0;
  }
}

std::optional<Delivery::Element> Delivery::take() {
  const MutexLock lock(mutex_);
  while (!stopping_ && queue_.empty() && announced_.empty()) changed_.wait(mutex_);
  // Tags before all rows: those that came earlier do not mind.
  if (!announced_.empty()) return std::exchange(announced_, {});
  if (queue_.empty()) return std::nullopt;
  Batch batch = std::move(queue_.front());
  queue_.pop_front();
  queued_rows_ -= batch.rows.size();
  queued_bytes_ -= batch.rows.bytes();
  while (!queue_.empty()) {
    const Batch& next = queue_.front();
    if (next.sample_class != batch.sample_class ||
        batch.rows.size() + next.rows.size() > options_.batch_rows_max)
      break;
    queued_rows_ -= next.rows.size();
    queued_bytes_ -= next.rows.bytes();
    for (std::size_t row = 0; row < next.rows.size(); ++row) batch.rows.push_from(next.rows, row);
    queue_.pop_front();
  }
  in_flight_rows_ = batch.rows.size();
  return batch;
}

bool Delivery::is_over() const {
  const MutexLock lock(mutex_);
  return stopping_ && io::real_clock().monotonic() >= stop_until_;
}

bool Delivery::persist(const std::function<Status()>& attempt,
                       const std::function<void(const Error&)>& give_up) {
  DurationNs pause = kRetryMin;
  while (!is_over()) {
    const Status status = attempt();
    if (status) return true;
    if (!passes(status.error().code)) {
      give_up(status.error());
      return true;
    }
    const MutexLock lock(mutex_);
    if (counts_.trouble != status.error().message) {
      counts_.trouble = status.error().message;
      log_warning("connect", "{}: readings wait: {}", origin_.source, status.error().to_string());
    }
    const bool was_stopping = stopping_;
    const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(pause);
    while (stopping_ == was_stopping && changed_.wait_until(mutex_, until)) {
    }
    pause = std::min(pause * 2, kRetryMax);
    if (stopping_) pause = kRetryMin;
  }
  return false;
}

bool Delivery::deliver(const Batch& batch) {
  const auto attempt = [&]() -> Status {
    TUNDISH_TRY(const Receipt receipt, door_.receive(origin_, to_received(batch)));
    const MutexLock lock(mutex_);
    counts_.delivered += receipt.accepted;
    counts_.refused += receipt.refused;
    counts_.trouble = receipt.refusals.empty()
                          ? std::string()
                          : fmt::format("a value was refused: {}", receipt.refusals[0].message);
    return {};
  };
  return persist(attempt, [&](const Error& error) {
    log_error("connect", "{}: {} readings refused: {}", origin_.source, batch.rows.size(),
              error.to_string());
    const MutexLock lock(mutex_);
    counts_.refused += batch.rows.size();
    counts_.trouble = error.message;
  });
}

bool Delivery::restore_tags(const Batch& batch) {
  std::vector<std::uint32_t> items = batch.rows.items;
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  std::vector<NewTag> gone;
  for (const std::uint32_t item : items)
    if (known_[item] && !catalogue_.find(origin_.enterprise, paths_[item]))
      gone.push_back(*known_[item]);
  return gone.empty() || make_tags(gone);
}

bool Delivery::make_tags(std::span<const NewTag> tags) {
  std::size_t refused = 0;
  std::size_t count = tags.size();
  for (std::size_t at = 0; at < tags.size();) {
    count = std::min(count, tags.size() - at);
    const auto part = tags.subspan(at, count);
    std::optional<Error> error;
    const auto attempt = [&]() -> Status {
      TUNDISH_RETURN_IF_ERROR(catalogue_.ensure(origin_.enterprise, part));
      return {};
    };
    if (!persist(attempt, [&](const Error& why) { error = why; })) return false;
    if (error && count > 1) {
      count /= 2;
      continue;
    }
    if (error && refused++ == 0) {
      log_error("connect", "{}: the tag '{}' could not be made: {}", origin_.source,
                part.front().path, error->to_string());
      const MutexLock lock(mutex_);
      counts_.trouble =
          fmt::format("the tag '{}' could not be made: {}", part.front().path, error->message);
    }
    at += count;
    count *= 2;
  }
  if (refused > 1) log_error("connect", "{}: nor {} more tags", origin_.source, refused - 1);
  return true;
}

ReceivedBatch Delivery::to_received(const Batch& batch) {
  ReceivedBatch received;
  received.rows = batch.rows.columns;
  received.path_index.reserve(batch.rows.size());
  for (const std::uint32_t item : batch.rows.items) {
    std::uint32_t& path = path_of_item_[item];
    if (path == kNoPath) {
      path = static_cast<std::uint32_t>(received.paths.size());
      received.paths.push_back(paths_[item]);
    }
    received.path_index.push_back(path);
  }
  for (const std::uint32_t item : batch.rows.items) path_of_item_[item] = kNoPath;
  if (batch.sample_class != SampleClass::kMeasured) received.sample_class = batch.sample_class;
  return received;
}

}  // namespace tundish::connect
