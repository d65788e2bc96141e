// The work goes out as plants send it: each connection is a gateway with its share of the tags and sends their
// samples second by second, a batch when it has gathered enough rows.

#include "bench/sending.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <thread>

#include "io/clock.h"
#include "model/sample_batch.h"
#include "wire/batch/batch.h"

namespace tundish::bench {
namespace {

double seconds_now() { return static_cast<double>(io::real_clock().monotonic()) * 1e-9; }

class BinaryForm final : public BatchForm {
 public:
  BinaryForm(std::uint32_t first, std::uint32_t last)
      : first_(first), index_of_(last - first, kNone) {
    for (std::uint32_t tag = first; tag < last; ++tag) paths_.push_back(tag_path(kEnterprise, tag));
  }

  void encode(std::span<const WorkloadRow> rows, std::string& body) override {
    batch_.path_index.clear();
    batch_.rows.times.clear();
    batch_.rows.qualities.assign(rows.size(), 0);
    batch_.rows.types.clear();
    batch_.rows.bits.clear();
    std::vector<std::uint32_t> named;
    batch_.paths.clear();
    for (const WorkloadRow& row : rows) {
      std::uint32_t& index = index_of_[row.tag - first_];
      if (index == kNone) {
        index = static_cast<std::uint32_t>(named.size());
        named.push_back(row.tag - first_);
        batch_.paths.push_back(paths_[row.tag - first_]);
      }
      batch_.path_index.push_back(index);
      batch_.rows.times.push_back(row.sample.time);
      batch_.rows.types.push_back(tag_type(row.tag));
      batch_.rows.bits.push_back(row.sample.bits);
    }
    for (const std::uint32_t at : named) index_of_[at] = kNone;
    body.assign(as_text(wire::encode_batch(batch_)));
  }

 private:
  static constexpr std::uint32_t kNone = ~0u;
  const std::uint32_t first_;
  std::vector<std::string> paths_;
  std::vector<std::uint32_t> index_of_;  ///< per tag: its place in the batch's paths
  ReceivedBatch batch_;
};

class LineForm final : public BatchForm {
 public:
  void encode(std::span<const WorkloadRow> rows, std::string& body) override {
    body.clear();
    for (const WorkloadRow& row : rows) {
      body += line_start(row.tag);
      char text[40];
      char* end = text + sizeof text;
      const auto put = [&](auto value) { body.append(text, std::to_chars(text, end, value).ptr); };
      switch (tag_type(row.tag)) {
        case ValueType::kInt64:
          put(static_cast<std::int64_t>(row.sample.bits));
          body += 'i';
          break;
        case ValueType::kBool: body += row.sample.bits != 0 ? 't' : 'f'; break;
        default: put(std::bit_cast<double>(row.sample.bits));
      }
      body += ' ';
      put(row.sample.time);
      body += '\n';
    }
  }

 private:
  /// `works,line=line00,machine=m0042 temperature=`: with its enterprise the path of the tag.
  const std::string& line_start(std::uint32_t tag) {
    if (tag >= starts_.size()) starts_.resize(tag + 1);
    std::string& start = starts_[tag];
    if (start.empty()) {
      const std::string path = tag_path("", tag);  // /works/line00/m0042/temperature
      const auto line = path.find('/', 1), machine = path.find('/', line + 1);
      const auto name = path.find('/', machine + 1);
      start = fmt::format("{},a={},b={} {}=", path.substr(1, line - 1),
                          path.substr(line + 1, machine - line - 1),
                          path.substr(machine + 1, name - machine - 1), path.substr(name + 1));
    }
    return start;
  }
  std::vector<std::string> starts_;
};

std::uint64_t member_number(std::string_view json, std::string_view name) {
  const std::string mark = fmt::format("\"{}\":", name);
  const auto at = json.find(mark);
  std::uint64_t value = 0;
  if (at != std::string_view::npos)
    std::from_chars(json.data() + at + mark.size(), json.data() + json.size(), value);
  return value;
}

/// One gateway.
class Sender {
 public:
  Sender(const Receiver& receiver, const SendOptions& options, std::uint32_t first,
         std::uint32_t last, std::uint64_t rows_max)
      : receiver_(receiver),
        options_(options),
        connection_(receiver.connect()),
        stream_(options.work, first, last),
        form_(receiver.form(first, last)),
        rows_left_(rows_max),
        rows_per_second_(options.rows_per_second / options.connections) {}

  /// The next batch; false when there is none, or after an error.
  bool send() {
    if (!error_.empty() || rows_left_ == 0) return false;
    while (at_ + options_.batch_rows > rows_.size()) {
      rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(at_));
      at_ = 0;
      if (!stream_.next_second(rows_)) break;
    }
    const std::size_t count =
        std::min<std::size_t>({options_.batch_rows, rows_.size() - at_, rows_left_});
    if (count == 0) return false;
    form_->encode(std::span(rows_).subspan(at_, count), body_);
    at_ += count;
    rows_left_ -= count;
    return post(count);
  }

  void send_all() {
    const double began = seconds_now();
    const std::uint64_t samples_before = samples;
    while (send()) {
      if (rows_per_second_ <= 0) continue;
      const double due = began + static_cast<double>(samples - samples_before) / rows_per_second_;
      if (const double wait = due - seconds_now(); wait > 0)
        std::this_thread::sleep_for(std::chrono::duration<double>(wait));
    }
  }

  const std::string& error() const { return error_; }
  std::uint64_t samples = 0;
  std::vector<double> answer_ms;

 private:
  bool post(std::size_t count) {
    const double began = seconds_now();
    const auto answer = connection_.ask({.method = "POST",
                                         .target = receiver_.target,
                                         .body = body_,
                                         .content_type = receiver_.content_type});
    answer_ms.push_back((seconds_now() - began) * 1e3);
    if (!answer) {
      error_ = answer.error().to_string();
    } else if (receiver_.says_accepted && member_number(*answer, "accepted") != count) {
      error_ = fmt::format("of {} rows not all were accepted: {}", count, answer->substr(0, 300));
    }
    if (!error_.empty()) return false;
    samples += count;
    return true;
  }

  const Receiver& receiver_;
  const SendOptions& options_;
  HttpConnection connection_;
  WorkloadStream stream_;
  std::unique_ptr<BatchForm> form_;
  std::uint64_t rows_left_;
  const double rows_per_second_;
  std::vector<WorkloadRow> rows_;
  std::size_t at_ = 0;  ///< rows before this are sent
  std::string body_, error_;
};

}  // namespace

std::unique_ptr<BatchForm> binary_form(std::uint32_t first, std::uint32_t last) {
  return std::make_unique<BinaryForm>(first, last);
}
std::unique_ptr<BatchForm> line_form() { return std::make_unique<LineForm>(); }

Receiver receiver_of(ServerUnderTest& server, Protocol protocol) {
  Receiver receiver{[&server] { return server.connect(); },
                    [&server] { return server.process().cpu_seconds(); },
                    binary_form,
                    "/api/v1/samples",
                    std::string(wire::kBatchMediaType),
                    true};
  if (protocol == Protocol::kBinary) return receiver;
  receiver.form = [](std::uint32_t, std::uint32_t) { return line_form(); };
  receiver.target = "/write?db=bench&precision=ns";
  receiver.content_type = "text/plain";
  receiver.says_accepted = false;  // 204; a refused line is a 400
  return receiver;
}

Result<SendResult> send_work(const Receiver& receiver, const SendOptions& options) {
  const std::uint32_t count = std::min(options.connections, options.work.tags);
  std::vector<std::unique_ptr<Sender>> senders;
  const auto share = [&](std::uint64_t whole, std::uint32_t i) { return whole * i / count; };
  const std::uint64_t rows = options.rows_max == 0 ? options.work.samples() : options.rows_max;
  for (std::uint32_t i = 0; i < count; ++i)
    senders.push_back(std::make_unique<Sender>(
        receiver, options, static_cast<std::uint32_t>(share(options.work.tags, i)),
        static_cast<std::uint32_t>(share(options.work.tags, i + 1)),
        share(rows, i + 1) - share(rows, i)));

  SendResult result;
  double cpu = receiver.cpu_seconds(), wall = seconds_now();
  const auto mark = [&](double& cpu_s, double& wall_s) {
    const double cpu_now = receiver.cpu_seconds(), wall_now = seconds_now();
    cpu_s = cpu_now - std::exchange(cpu, cpu_now);
    wall_s = wall_now - std::exchange(wall, wall_now);
  };
  // First every tag once, which makes them: as many batches as that takes.
  const std::uint64_t first_batches =
      (options.work.tags / count + options.batch_rows - 1) / options.batch_rows;
  const auto on_all = [&](const auto& work) {
    std::vector<std::thread> threads;
    for (auto& sender : senders) threads.emplace_back([&] { work(*sender); });
    for (auto& thread : threads) thread.join();
  };
  on_all([&](Sender& sender) {
    for (std::uint64_t i = 0; i < first_batches; ++i) sender.send();
    sender.answer_ms.clear();
  });
  mark(result.first_cpu_s, result.first_wall_s);
  for (const auto& sender : senders) result.first_samples += sender->samples;
  on_all([](Sender& sender) { sender.send_all(); });
  mark(result.server_cpu_s, result.wall_s);
  for (const auto& sender : senders) {
    if (!sender->error().empty()) return fail(ErrorCode::kInternal, sender->error());
    result.samples += sender->samples;
    result.answer_ms.insert(result.answer_ms.end(), sender->answer_ms.begin(),
                            sender->answer_ms.end());
  }
  return result;
}

double percentile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(p * static_cast<double>(values.size() - 1) + 0.5);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

}  // namespace tundish::bench
