#include "support/web_socket_client.h"

#include <fmt/format.h>

#include <array>

namespace tundish::test {
namespace {

// Masking guards old proxies against crafted bytes; which key is used does not matter here.
constexpr std::array<unsigned char, 4> kMask{0x37, 0xFA, 0x21, 0x3D};
constexpr std::size_t kFrameBytesMax = 64u << 20;

}  // namespace

Result<WebSocketClient> WebSocketClient::connect(
    io::Net& net, const io::Address& address, const std::string& target,
    const std::vector<std::pair<std::string, std::string>>& headers, DurationNs timeout) {
  TUNDISH_TRY(auto stream, net.dial(address, timeout));
  WebSocketClient client(std::move(stream));
  std::string text = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
      target, address.to_string());
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  text += "\r\n";
  TUNDISH_RETURN_IF_ERROR(client.stream_->write_all(as_byte_span(text), timeout));
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    TUNDISH_TRY(const std::string byte, client.read_exactly(1, timeout));
    head += byte;
  }
  // The key above and its answer are the example of RFC 6455, 1.3.
  if (!head.starts_with("HTTP/1.1 101 ") ||
      head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == std::string::npos)
    return fail(ErrorCode::kRemote, head.substr(0, head.find("\r\n")));
  return client;
}

Status WebSocketClient::send(std::string_view text, DurationNs timeout) {
  return write_frame(Opcode::kText, text, timeout);
}

Status WebSocketClient::write_frame(Opcode opcode, std::string_view payload, DurationNs timeout) {
  std::string frame;
  frame += static_cast<char>(0x80 | static_cast<unsigned char>(opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  } else {
    return fail(ErrorCode::kTooLarge, "messages of a test are below 64 KiB");
  }
  for (const unsigned char byte : kMask) frame += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kMask[i % kMask.size()]);
  return stream_->write_all(as_byte_span(frame), timeout);
}

Result<std::string> WebSocketClient::receive(DurationNs timeout) {
  std::string message;
  while (true) {
    TUNDISH_TRY(const std::string head, read_exactly(2, timeout));
    if (head.size() != 2) return fail(ErrorCode::kRemote, "a frame's head is cut short");
    const auto first = static_cast<unsigned char>(head[0]);
    std::size_t length = static_cast<unsigned char>(head[1]);
    if (length >= 128) return fail(ErrorCode::kRemote, "a server's frames are not masked");
    if (length >= 126) {
      TUNDISH_TRY(const std::string bytes, read_exactly(length == 126 ? 2 : 8, timeout));
      length = 0;
      for (const char byte : bytes) length = length << 8 | static_cast<unsigned char>(byte);
    }
    if (length > kFrameBytesMax) return fail(ErrorCode::kTooLarge, "a frame beyond 64 MiB");
    TUNDISH_TRY(const std::string payload, read_exactly(length, timeout));
    switch (static_cast<Opcode>(first & 0x0F)) {
      case Opcode::kPing:
        TUNDISH_RETURN_IF_ERROR(write_frame(Opcode::kPong, payload, timeout));
        continue;
      case Opcode::kPong: continue;
      case Opcode::kClose:
        if (payload.size() >= 2)
          closed_with_ = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                                    static_cast<unsigned char>(payload[1]));
        (void)write_frame(Opcode::kClose, payload, timeout);
        return fail(ErrorCode::kUnavailable, "the server closed");
      case Opcode::kText: break;  // and its continuation frames, of opcode 0
    }
    message += payload;
    if ((first & 0x80) != 0) return message;
  }
}

Result<std::string> WebSocketClient::read_exactly(std::size_t count, DurationNs timeout) {
  while (received_.size() < count) {
    std::byte bytes[16 << 10];
    TUNDISH_TRY(const std::size_t read, stream_->read_some(bytes, timeout));
    if (read == 0) return fail(ErrorCode::kUnavailable, "the server closed the connection");
    received_ += as_text(std::span(bytes).first(read));
  }
  std::string taken = received_.substr(0, count);
  received_.erase(0, count);
  return taken;
}

}  // namespace tundish::test
