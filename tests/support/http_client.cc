#include "support/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tundish::test {
namespace {

constexpr std::size_t kAnswerBytesMax = 256 << 20;

std::unexpected<Error> not_http() {
  return fail(ErrorCode::kRemote, "the server's answer is not HTTP/1.1");
}

Result<std::size_t> parse_count(std::string_view text, int base) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count, base);
  if (error != std::errc() || end == text.data() || count > kAnswerBytesMax) return not_http();
  return count;
}

}  // namespace

HttpClient::HttpClient(io::Net& net, io::Address address, std::string bearer_token)
    : net_(net), address_(std::move(address)), bearer_token_(std::move(bearer_token)) {}

Result<HttpResponse> HttpClient::send(const Request& request, DurationNs timeout) {
  if (!stream_) {
    received_.clear();
    TUNDISH_TRY(stream_, net_.dial(address_, timeout));
  }
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target,
                                 address_.to_string());
  if (!bearer_token_.empty()) text += fmt::format("Authorization: Bearer {}\r\n", bearer_token_);
  if (!request.accept.empty()) text += fmt::format("Accept: {}\r\n", request.accept);
  if (request.method != "GET")
    text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", request.content_type,
                        request.body.size());
  text += "\r\n";
  text += request.body;
  const auto sent = stream_->write_all(as_byte_span(text), timeout);
  Result<HttpResponse> response = sent ? receive(timeout) : fail(sent.error());
  // After an error the connection is in an unknown state.
  if (!response || response->headers["connection"] == "close") close();
  return response;
}

Result<HttpResponse> HttpClient::receive(DurationNs timeout) {
  TUNDISH_TRY(const std::string status, read_line(timeout));
  if (!status.starts_with("HTTP/1.1 ") || status.size() < 12) return not_http();
  HttpResponse response;
  TUNDISH_TRY(const std::size_t code, parse_count(std::string_view(status).substr(9, 3), 10));
  response.status = static_cast<int>(code);
  while (true) {
    TUNDISH_TRY(const std::string line, read_line(timeout));
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == std::string::npos) return not_http();
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    const auto from = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    response.headers[name] = line.substr(from);
  }
  if (response.headers["transfer-encoding"] == "chunked") {
    while (true) {
      TUNDISH_TRY(const std::string line, read_line(timeout));
      TUNDISH_TRY(const std::size_t bytes, parse_count(line, 16));
      TUNDISH_TRY(const std::string chunk, read_exactly(bytes, timeout));
      TUNDISH_RETURN_IF_ERROR(read_line(timeout));
      if (bytes == 0) return response;
      response.body += chunk;
    }
  }
  const std::string& length = response.headers["content-length"];
  if (response.status == 204 || length.empty()) return response;
  TUNDISH_TRY(const std::size_t bytes, parse_count(length, 10));
  TUNDISH_TRY(response.body, read_exactly(bytes, timeout));
  return response;
}

Result<std::string> HttpClient::read_line(DurationNs timeout) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (received_.size() > kAnswerBytesMax) return not_http();
    TUNDISH_RETURN_IF_ERROR(fill(timeout));
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

Result<std::string> HttpClient::read_exactly(std::size_t count, DurationNs timeout) {
  while (received_.size() < count) TUNDISH_RETURN_IF_ERROR(fill(timeout));
  std::string bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

Status HttpClient::fill(DurationNs timeout) {
  std::byte bytes[16 << 10];
  TUNDISH_TRY(const std::size_t count, stream_->read_some(bytes, timeout));
  if (count == 0) return fail(ErrorCode::kUnavailable, "the server closed the connection");
  received_ += as_text(std::span(bytes).first(count));
  return {};
}

std::string encode_url(std::string_view text) {
  std::string encoded;
  for (const char letter : text) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' ||
                       letter == '.' || letter == '/' || letter == '~';
    if (plain) {
      encoded += letter;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return encoded;
}

}  // namespace tundish::test
