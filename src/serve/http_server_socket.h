#pragma once
// Part of http_server.cc, the only file that includes it: what waits to be sent to a WebSocket.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "serve/http.h"
#include "serve/http_server_streams.h"

namespace tundish::serve {

/// The server's end of one WebSocket. Messages wait in a queue; how much is in it is the sender's care
/// (waiting_bytes), up to a bound that no sender may pass.
class ServerSocket final : public WebSocket, public std::enable_shared_from_this<ServerSocket> {
 public:
  using Stream = beast::websocket::stream<WebSocketLayer, true>;

  ServerSocket(std::shared_ptr<ByteStream> stream, asio::io_context& context)
      : stream_(WebSocketLayer(std::move(stream), context.get_executor())), context_(context) {}

  Stream& stream() { return stream_; }

  std::size_t waiting_bytes() const override {
    const MutexLock lock(mutex_);
    return waiting_bytes_;
  }

  bool send(std::string text) override {
    {
      const MutexLock lock(mutex_);
      if (closing_) return false;
      if (waiting_bytes_ + text.size() > kBytesMax) {
        closing_ = true;
        close_code_ = 1013;
        close_reason_ = "reads too slowly; reconnect and subscribe again";
      } else {
        waiting_bytes_ += text.size();
        waiting_.push_back(std::move(text));
        if (writing_) return true;
      }
      if (writing_) return false;
      writing_ = true;
    }
    asio::co_spawn(context_, write_waiting(shared_from_this()), asio::detached);
    return true;
  }

  void close(std::uint16_t code, std::string reason) override {
    {
      const MutexLock lock(mutex_);
      if (closing_) return;
      closing_ = true;
      close_code_ = code;
      close_reason_ = std::move(reason);
      if (writing_) return;
      writing_ = true;
    }
    asio::co_spawn(context_, write_waiting(shared_from_this()), asio::detached);
  }

 private:
  /// More than any subscription's snapshot.
  static constexpr std::size_t kBytesMax = 64 << 20;

  static awaitable<void> write_waiting(std::shared_ptr<ServerSocket> self) {
    error_code error;
    while (true) {
      std::string text;
      bool close_now = false;
      {
        const MutexLock lock(self->mutex_);
        if (self->closing_) {
          close_now = true;
        } else if (self->waiting_.empty()) {
          self->writing_ = false;
          co_return;
        } else {
          text = std::move(self->waiting_.front());
          self->waiting_.pop_front();
        }
      }
      if (close_now) {
        const beast::websocket::close_reason reason(
            static_cast<beast::websocket::close_code>(self->close_code_), self->close_reason_);
        co_await self->stream_.async_close(reason, asio::redirect_error(use_awaitable, error));
        self->stream_.next_layer().close();
        co_return;
      }
      co_await self->stream_.async_write(asio::buffer(text),
                                         asio::redirect_error(use_awaitable, error));
      const MutexLock lock(self->mutex_);
      self->waiting_bytes_ -= text.size();  // only now: what is being written is not taken yet
      if (error) {
        self->closing_ = true;
        self->stream_.next_layer().close();
        co_return;
      }
    }
  }

  Stream stream_;
  asio::io_context& context_;
  mutable Mutex mutex_;
  std::deque<std::string> waiting_ TUNDISH_GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ TUNDISH_GUARDED_BY(mutex_) = 0;
  bool writing_ TUNDISH_GUARDED_BY(mutex_) = false;
  bool closing_ TUNDISH_GUARDED_BY(mutex_) = false;
  std::uint16_t close_code_ = 1000;  ///< set together with closing_, once, and read after it
  std::string close_reason_;
};

}  // namespace tundish::serve
