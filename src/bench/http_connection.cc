#include "bench/http_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

namespace tundish::bench {
namespace {

constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 30;
constexpr std::size_t kReadBytes = 256 << 10;
constexpr DurationNs kTimeout = 10 * kMinute;

std::unexpected<Error> not_http() { return fail(ErrorCode::kRemote, "the answer is not HTTP/1.1"); }

Result<std::size_t> parse_count(std::string_view text, int base) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count, base);
  if (error != std::errc() || end == text.data() || count > kAnswerBytesMax) return not_http();
  return count;
}

/// The value of the header in `line` when it has that name, else nothing. `name` is in small letters.
std::string_view header_value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return {};
  for (std::size_t i = 0; i < name.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(line[i])) != name[i]) return {};
  line.remove_prefix(name.size() + 1);
  while (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

}  // namespace

HttpConnection::HttpConnection(io::Address address, std::string headers)
    : address_(std::move(address)), headers_(std::move(headers)) {}

Result<HttpConnection::Answer> HttpConnection::send(const Request& request) {
  if (!stream_) {
    TUNDISH_TRY(stream_, io::real_net().dial(address_, kTimeout));
    received_bytes_ = 0;
  }
  request_.clear();
  fmt::format_to(std::back_inserter(request_), "{} {} HTTP/1.1\r\nHost: localhost\r\n{}",
                 request.method, request.target, headers_);
  if (!request.accept.empty()) request_ += fmt::format("Accept: {}\r\n", request.accept);
  if (request.method != "GET")
    request_ += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", request.content_type,
                            request.body.size());
  request_ += "\r\n";
  request_ += request.body;
  const auto sent = stream_->write_all(as_byte_span(request_), kTimeout);
  auto answer = sent ? receive() : Result<Answer>(fail(sent.error()));
  // After an error the connection is in an unknown state.
  if (!answer) stream_.reset();
  return answer;
}

Result<std::string_view> HttpConnection::ask(const Request& request) {
  TUNDISH_TRY(const auto answer, send(request));
  if (answer.status / 100 == 2) return answer.body;
  return fail(ErrorCode::kRemote, fmt::format("{} {} was answered {}: {}", request.method,
                                              request.target.substr(0, 100), answer.status,
                                              answer.body.substr(0, 300)));
}

Result<HttpConnection::Answer> HttpConnection::receive() {
  received_bytes_ = 0;
  TUNDISH_TRY(std::size_t at, line_end(0));
  const std::string_view status(received_.data(), at);
  if (!status.starts_with("HTTP/1.") || status.size() < 12) return not_http();
  TUNDISH_TRY(const auto code, parse_count(status.substr(9, 3), 10));
  bool chunked = false, closes = false;
  std::size_t length = 0;
  while (true) {
    TUNDISH_TRY(const std::size_t end, line_end(at));
    const std::string_view line(received_.data() + at, end - at - 2);
    at = end;
    if (line.empty()) break;
    if (const auto value = header_value(line, "content-length"); !value.empty()) {
      TUNDISH_TRY(length, parse_count(value, 10));
    }
    chunked |= header_value(line, "transfer-encoding") == "chunked";
    closes |= header_value(line, "connection") == "close";
  }
  Answer answer{static_cast<int>(code), {}};
  if (chunked) {
    TUNDISH_RETURN_IF_ERROR(read_chunks(at));
    answer.body = body_;
  } else {
    while (received_bytes_ < at + length) TUNDISH_RETURN_IF_ERROR(fill());
    answer.body = std::string_view(received_.data() + at, length);
  }
  if (closes) stream_.reset();
  return answer;
}

Status HttpConnection::read_chunks(std::size_t from) {
  body_.clear();
  while (true) {
    TUNDISH_TRY(const std::size_t end, line_end(from));
    TUNDISH_TRY(const std::size_t bytes,
                parse_count(std::string_view(received_.data() + from, end - from), 16));
    while (received_bytes_ < end + bytes + 2) TUNDISH_RETURN_IF_ERROR(fill());
    if (bytes == 0) return {};
    body_.append(received_, end, bytes);
    from = end + bytes + 2;
    // What was taken makes room, so that memory is that of the answer once.
    if (from < kReadBytes) continue;
    std::memmove(received_.data(), received_.data() + from, received_bytes_ - from);
    received_bytes_ -= from;
    from = 0;
  }
}

Result<std::size_t> HttpConnection::line_end(std::size_t from) {
  for (std::size_t seen = from;;) {
    const auto found = std::string_view(received_.data(), received_bytes_).find("\r\n", seen);
    if (found != std::string_view::npos) return found + 2;
    seen = received_bytes_ > from ? received_bytes_ - 1 : from;
    TUNDISH_RETURN_IF_ERROR(fill());
  }
}

Status HttpConnection::fill() {
  if (received_bytes_ > kAnswerBytesMax) return not_http();
  if (received_.size() < received_bytes_ + kReadBytes)
    received_.resize(std::max(received_.size() * 2, received_bytes_ + kReadBytes));
  const auto into = std::as_writable_bytes(
      std::span(received_.data() + received_bytes_, received_.size() - received_bytes_));
  TUNDISH_TRY(const std::size_t count, stream_->read_some(into, kTimeout));
  if (count == 0) return fail(ErrorCode::kUnavailable, "the server closed the connection");
  received_bytes_ += count;
  return {};
}

}  // namespace tundish::bench
