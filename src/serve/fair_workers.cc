#include "serve/fair_workers.h"

#include <utility>

namespace tundish::serve {

FairWorkers::FairWorkers(std::size_t threads, std::size_t running_max) : running_max_(running_max) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void FairWorkers::line_up(const std::string& name, Party& party) {
  if (party.in_line || party.jobs.empty()) return;
  if (party.running >= running_max_ && !stopping_) return;
  party.in_line = true;
  line_.push_back(name);
}

void FairWorkers::post(const std::string& party, Job job) {
  bool stopped = false;
  {
    const MutexLock lock(mutex_);
    stopped = stopping_;
    if (!stopped) {
      Party& entry = parties_[party];
      entry.jobs.push_back(std::move(job));
      ++waiting_;
      line_up(party, entry);
    }
  }
  if (stopped)
    job(true);
  else
    came_.notify_one();
}

std::size_t FairWorkers::waiting() const {
  const MutexLock lock(mutex_);
  return waiting_;
}

std::size_t FairWorkers::waiting(const std::string& party) const {
  const MutexLock lock(mutex_);
  const auto found = parties_.find(party);
  return found == parties_.end() ? 0 : found->second.jobs.size();
}

void FairWorkers::run() {
  while (true) {
    std::string name;
    Job job;
    bool stopping = false;
    {
      const MutexLock lock(mutex_);
      while (line_.empty() && !stopping_) came_.wait(mutex_);
      if (line_.empty()) return;
      name = std::move(line_.front());
      line_.pop_front();
      Party& party = parties_.at(name);
      party.in_line = false;
      job = std::move(party.jobs.front());
      party.jobs.pop_front();
      --waiting_;
      ++party.running;
      line_up(name, party);
      stopping = stopping_;
    }
    job(stopping);
    job = nullptr;  // what it holds goes before the party's next turn
    bool more = false;
    {
      const MutexLock lock(mutex_);
      const auto at = parties_.find(name);
      --at->second.running;
      line_up(name, at->second);
      more = at->second.in_line;
      if (at->second.running == 0 && at->second.jobs.empty()) parties_.erase(at);
    }
    if (more) came_.notify_one();
  }
}

void FairWorkers::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    for (auto& [name, party] : parties_) line_up(name, party);
  }
  came_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace tundish::serve
