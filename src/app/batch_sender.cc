#include "app/batch_sender.h"

#include "base/check.h"
#include "wire/batch/batch.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

/// These say that this body is at fault: it would be refused at any later try too.
bool is_final(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kTooLarge ||
         code == ErrorCode::kCorruption || code == ErrorCode::kUnsupported;
}

}  // namespace

BatchSender::BatchSender(Client& client, std::string source, std::string stream,
                         std::size_t batches_max)
    : client_(client),
      source_(std::move(source)),
      stream_(std::move(stream)),
      batches_max_(batches_max) {
  TUNDISH_CHECK(batches_max_ >= 2);
}

void BatchSender::push(ReceivedBatch batch) {
  if (queue_.size() >= batches_max_) {
    // A batch with a number may be stored already: it stays, so that the numbers have no gap.
    const auto oldest = queue_.begin() + (queue_.front().number ? 1 : 0);
    ++counts_.dropped_batches;
    counts_.dropped_samples += oldest->rows.size();
    queue_.erase(oldest);
  }
  batch.number.reset();
  queue_.push_back(std::move(batch));
}

Status BatchSender::open() {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("source", source_).member("stream", stream_).end_object();
  TUNDISH_TRY(const auto opened,
              client_.ask({.method = "POST", .target = "/api/v1/streams", .body = body}));
  TUNDISH_TRY(const auto state, wire::parse_json(opened));
  TUNDISH_TRY(const auto epoch, wire::required_member<std::int64_t>(state, "epoch"));
  epoch_ = static_cast<std::uint32_t>(epoch);
  next_sequence_ = 1;
  return {};
}

Status BatchSender::send_front() {
  ReceivedBatch& batch = queue_.front();
  if (!batch.number) batch.number = ReceivedBatch::Number{source_, stream_, epoch_, next_sequence_};
  const Bytes bytes = wire::encode_batch(batch);
  const auto answer = client_.ask({.method = "POST",
                                   .target = "/api/v1/samples",
                                   .body = std::string(as_text(bytes)),
                                   .content_type = std::string(wire::kBatchMediaType)});
  if (!answer) {
    if (!is_final(answer.error().code)) return fail(answer.error());
    ++counts_.refused_batches;
    counts_.refused_samples += batch.rows.size();
    queue_.pop_front();
    return {};
  }
  ++next_sequence_;
  ++counts_.batches;
  const std::size_t rows = batch.rows.size();
  queue_.pop_front();
  const auto receipt = wire::parse_json(*answer);
  if (!receipt) return {};  // stored, and an answer that says nothing more
  const auto accepted = wire::optional_member<std::int64_t>(*receipt, "accepted");
  const auto refused = wire::optional_member<std::int64_t>(*receipt, "refused");
  const auto repeated = wire::optional_member<bool>(*receipt, "repeated");
  if (repeated && repeated->value_or(false)) {
    ++counts_.repeated;
    counts_.samples += rows;
    return {};
  }
  if (accepted) counts_.samples += static_cast<std::uint64_t>(accepted->value_or(0));
  if (refused) counts_.refused_samples += static_cast<std::uint64_t>(refused->value_or(0));
  return {};
}

Status BatchSender::send() {
  if (queue_.empty()) return {};
  if (epoch_ == 0) TUNDISH_RETURN_IF_ERROR(open());
  while (!queue_.empty()) TUNDISH_RETURN_IF_ERROR(send_front());
  return {};
}

}  // namespace tundish::app
