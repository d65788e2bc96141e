#include "historian/record_pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace tundish::historian {
namespace {

/// More would wait for the head, which takes records in one after the other.
constexpr unsigned kThreadsMax = 4;

}  // namespace

RecordPipeline::RecordPipeline(bool threaded) {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const unsigned threads = threaded ? std::min(kThreadsMax, cores) : 1;
  for (unsigned i = 0; i < threads; ++i)
    threads_.push_back(std::make_unique<ShardExecutor>(threaded));
}

void RecordPipeline::Task::run() {
  auto record = unpack_record(frame);
  if (record) {
    unpacked.arrival.emplace(std::move(*record));
    unpacked.arrival->prepare();
  } else {
    unpacked.damage = std::move(record.error());
  }
  payload = {};
  done.release();
}

void RecordPipeline::push(const RecordFrame& frame, const std::string& file, std::uint64_t offset) {
  auto task = std::make_unique<Task>();
  task->frame = frame;
  task->payload.assign(frame.payload.begin(), frame.payload.end());
  task->frame.payload = task->payload;
  task->unpacked.position = frame.position;
  task->unpacked.file = file;
  task->unpacked.offset = offset;
  task->unpacked.bytes = frame.bytes;
  Task* const pushed = task.get();
  waiting_.push_back(std::move(task));
  threads_[turn_++ % threads_.size()]->post([pushed] { pushed->run(); });
}

RecordPipeline::Unpacked RecordPipeline::pop() {
  const std::unique_ptr<Task> task = std::move(waiting_.front());
  waiting_.pop_front();
  task->done.acquire();
  return std::move(task->unpacked);
}

}  // namespace tundish::historian
