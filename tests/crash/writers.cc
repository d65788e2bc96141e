#include "crash/writers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace tundish::crash {
namespace {

constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
constexpr std::int64_t kStep = 250'000'000;
constexpr std::uint64_t kBatchRowsMax = 120;
constexpr std::int64_t kLookBackSteps = 200;

const char* dialect_name(Dialect dialect) {
  switch (dialect) {
    case Dialect::kJson: return "json";
    case Dialect::kLineProtocol: return "line";
    case Dialect::kNumbered: return "numbered";
  }
  return "";
}

std::string unexpected_answer(const std::string& who, const test::HttpResponse& response) {
  return fmt::format("{}: answer {}: {}", who, response.status, response.body.substr(0, 500));
}

/// `"name":123` in a small JSON answer.
std::optional<std::uint64_t> number_in(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\":");
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t number = 0;
  const char* const from = json.data() + at + name.size() + 3;
  if (std::from_chars(from, json.data() + json.size(), number).ec != std::errc())
    return std::nullopt;
  return number;
}

}  // namespace

Writer::Writer(Dialect dialect, std::size_t number, std::uint64_t seed)
    : dialect_(dialect),
      name_(fmt::format("{}-{}", dialect_name(dialect), number)),
      random_(seed),
      next_time_(kStart),
      touched_from_(kStart) {
  constexpr std::size_t kTags = 6;
  for (std::size_t i = 0; i < kTags; ++i) {
    // Line protocol has one path a field; its types are told apart by how values are spelt.
    const auto type = static_cast<ValueType>(i % 4);
    tags_.push_back(
        std::make_unique<ExpectedTag>(fmt::format("{}/{}/t{}", kEnterprise, name_, i), type));
  }
}

std::int64_t Writer::take_touched_from() {
  return std::exchange(touched_from_, std::numeric_limits<std::int64_t>::max());
}

std::string Writer::run(test::HttpClient& client, const std::atomic<bool>& stop) {
  std::string wrong;
  bool answered = true;
  while (!stop && answered && wrong.empty()) {
    if (dialect_ == Dialect::kNumbered && !epoch_) {
      wrong = open_stream(client, answered);
    } else if (unanswered_) {
      const Batch again = *unanswered_;
      wrong = send(client, again, answered);
    } else if (dialect_ == Dialect::kJson && random_.one_in(25)) {
      wrong = erase_some(client, answered);
    } else {
      wrong = send(client, make_batch(), answered);
      // A new epoch now and then, as a sender that lost its memory would ask for.
      if (dialect_ == Dialect::kNumbered && answered && random_.one_in(40)) epoch_.reset();
    }
  }
  return wrong;
}

Writer::Batch Writer::make_batch() {
  Batch batch;
  std::set<std::pair<ExpectedTag*, std::int64_t>> there;
  const std::uint64_t rows = 1 + random_.below(random_.one_in(4) ? kBatchRowsMax : 10);
  for (std::uint64_t row = 0; row < rows; ++row) {
    ExpectedTag* const tag = tags_[random_.below(tags_.size())].get();
    std::int64_t time = next_time_;
    if (random_.one_in(6)) {
      // An older time, perhaps one that has a value already.
      time -= static_cast<std::int64_t>(1 + random_.below(kLookBackSteps)) * kStep;
      if (time < kStart || erased_.contains(time)) continue;
    } else if (random_.one_in(2)) {
      next_time_ += kStep;
    }
    if (there.emplace(tag, time).second) batch.push_back({tag, time, random_value(tag->type())});
  }
  next_time_ += kStep;
  return batch;
}

std::string Writer::send(test::HttpClient& client, const Batch& batch, bool& answered) {
  if (batch.empty()) return {};
  for (const Row& row : batch) {
    touch(row.time);
    row.tag->doubt(row.time, row.value);
  }
  if (dialect_ == Dialect::kNumbered) unanswered_ = batch;
  const bool line = dialect_ == Dialect::kLineProtocol;
  const auto response = client.send({.method = "POST",
                                     .target = line ? "/write" : "/api/v1/samples",
                                     .body = line ? line_body(batch) : json_body(batch),
                                     .content_type = line ? "text/plain" : "application/json"});
  answered = response.has_value();
  if (!answered) return {};
  const bool accepted = line
                            ? response->status == 204
                            : response->status == 200 &&
                                  (number_in(response->body, "accepted") == batch.size() ||
                                   response->body.find("\"repeated\":true") != std::string::npos) &&
                                  number_in(response->body, "refused") == 0u;
  if (!accepted) return unexpected_answer(name_, *response);
  for (const Row& row : batch) row.tag->acknowledge(row.time);
  if (dialect_ == Dialect::kNumbered) {
    unanswered_.reset();
    ++sequence_;
  }
  return {};
}

std::string Writer::erase_some(test::HttpClient& client, bool& answered) {
  ExpectedTag* const tag = tags_[random_.below(tags_.size())].get();
  const std::int64_t from =
      next_time_ - static_cast<std::int64_t>(1 + random_.below(kLookBackSteps)) * kStep;
  const std::int64_t to =
      std::min(next_time_, from + static_cast<std::int64_t>(1 + random_.below(5)) * kStep);
  if (from < kStart || from >= to) return {};
  touch(from);
  std::vector<std::int64_t> times;
  for (std::int64_t time = from; time < to; time += kStep) {
    times.push_back(time);
    erased_.insert(time);
    tag->doubt(time, std::nullopt);
  }
  const auto response =
      client.post("/api/v1/samples/delete",
                  fmt::format(R"({{"tags":["{}"],"from":"{}","to":"{}"}})", tag->path(), from, to));
  answered = response.has_value();
  if (!answered) return {};
  // A tag that was never sent does not exist.
  if (response->status != 200 && response->status != 404)
    return unexpected_answer(name_, *response);
  for (const std::int64_t time : times) tag->acknowledge(time);
  return {};
}

std::string Writer::open_stream(test::HttpClient& client, bool& answered) {
  const auto response =
      client.post("/api/v1/streams", fmt::format(R"({{"source":"{}","stream":"main"}})", name_));
  answered = response.has_value();
  if (!answered) return {};
  epoch_ = number_in(response->body, "epoch");
  if (response->status != 200 || !epoch_) return unexpected_answer(name_, *response);
  sequence_ = 1;
  return {};
}

Value Writer::random_value(ValueType type) {
  switch (type) {
    case ValueType::kDouble: {
      // Line protocol has no NaN and no infinities.
      if (dialect_ != Dialect::kLineProtocol && random_.one_in(12)) {
        switch (random_.below(4)) {
          case 0: return std::numeric_limits<double>::quiet_NaN();
          case 1: return std::numeric_limits<double>::infinity();
          case 2: return -0.0;
          default: return std::numeric_limits<double>::denorm_min();
        }
      }
      if (random_.one_in(3))
        return static_cast<double>(random_.next() >> 11) / 7.0 - 1e14;  // every bit matters
      return std::round(static_cast<double>(random_.below(1'000'000))) / 100.0;
    }
    case ValueType::kInt64:
      return random_.one_in(4) ? static_cast<std::int64_t>(random_.next())
                               : static_cast<std::int64_t>(random_.below(1000));
    case ValueType::kBool: return random_.one_in(2);
    case ValueType::kString: {
      std::string text;
      for (std::uint64_t i = random_.below(12) + 1; i > 0; --i)
        text +=
            random_.one_in(10) ? "鋼" : std::string(1, static_cast<char>('a' + random_.below(26)));
      return text;
    }
  }
  return 0.0;
}

std::string Writer::json_body(const Batch& batch) const {
  std::string body = "{";
  if (dialect_ == Dialect::kNumbered)
    body += fmt::format(R"("source":"{}","stream":"main","epoch":{},"sequence":{},)", name_,
                        *epoch_, sequence_);
  body += "\"samples\":[";
  for (const Row& row : batch)
    body += fmt::format(R"({}{{"tag":"{}","time":"{}","value":{},"type":"{}"}})",
                        &row == &batch.front() ? "" : ",", row.tag->path(), row.time,
                        json_of(row.value), value_type_name(row.tag->type()));
  return body + "]}";
}

std::string Writer::line_body(const Batch& batch) const {
  std::string body;
  for (const Row& row : batch) {
    std::string value = json_of(row.value);
    if (row.tag->type() == ValueType::kInt64) value = value.substr(1, value.size() - 2) + "i";
    const std::string& path = row.tag->path();
    body += fmt::format("{} {}={} {}\n", name_, path.substr(path.rfind('/') + 1), value, row.time);
  }
  return body;
}

// --- reading ----------------------------------------------------------------------------------------

Result<std::vector<ExpectedTag::Row>> read_rows(test::HttpClient& client, const std::string& path,
                                                std::int64_t from) {
  TUNDISH_TRY(
      const auto response,
      client.send({.method = "POST",
                   .target = "/api/v1/query",
                   .body = fmt::format(R"({{"tags":["{}"],"from":"{}","to":"now","mode":"raw",)"
                                       R"("limit":1000000,"time_format":"ns"}})",
                                       path, from),
                   .accept = "text/csv"},
                  60 * kSecond));
  std::vector<ExpectedTag::Row> rows;
  // No such tag: nothing of it has been stored.
  if (response.status == 404) return rows;
  if (response.status != 200) return fail(ErrorCode::kRemote, unexpected_answer("query", response));
  std::size_t at = response.body.find('\n') + 1;  // after the header
  while (at < response.body.size()) {
    const std::size_t end = std::min(response.body.find('\n', at), response.body.size());
    std::string_view line(response.body.data() + at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    // tag,time,value,quality: none of ours needs quotes.
    const auto time_at = line.find(',') + 1;
    const auto value_at = line.find(',', time_at) + 1;
    const auto quality_at = line.rfind(',') + 1;
    if (time_at == 0 || value_at == 0 || quality_at <= value_at)
      return fail(ErrorCode::kRemote, "not a CSV row: " + std::string(line));
    ExpectedTag::Row row;
    std::from_chars(line.data() + time_at, line.data() + value_at, row.time);
    row.value = line.substr(value_at, quality_at - value_at - 1);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string read_meanwhile(test::HttpClient& client, io::Random& random,
                           const std::vector<ExpectedTag*>& tags, const std::atomic<bool>& stop,
                           std::uint64_t& answers) {
  while (!stop) {
    const ExpectedTag& tag = *tags[random.below(tags.size())];
    auto times = tag.acknowledged_times(0);
    // The newest part is what changes.
    const std::size_t looked_at = std::min<std::size_t>(times.size(), 300);
    times.erase(times.begin(), times.end() - static_cast<std::ptrdiff_t>(looked_at));
    if (times.empty()) continue;
    const auto rows = read_rows(client, tag.path(), times.front());
    if (!rows && rows.error().code == ErrorCode::kRemote) return rows.error().to_string();
    if (!rows) return {};
    auto wrong = tag.check_present(times, *rows);
    if (!wrong.empty()) return wrong;
    ++answers;
    if (random.one_in(3))
      (void)client.get("/api/v1/latest?tag=" + std::string(kEnterprise) + "/**");
  }
  return {};
}

}  // namespace tundish::crash
