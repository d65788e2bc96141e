#pragma once
// Part of http_server.cc, the only file that includes it: what carries the bytes of a connection.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/role.hpp>
#include <memory>
#include <utility>

namespace tundish::serve {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::use_awaitable;
using boost::system::error_code;

/// Bytes in and out, whatever carries them. All calls on the I/O thread.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual awaitable<std::size_t> read_some(asio::mutable_buffer into, error_code& error) = 0;
  virtual awaitable<std::size_t> write_some(asio::const_buffer from, error_code& error) = 0;
  virtual awaitable<void> handshake(error_code& error) {
    error = {};
    co_return;
  }
  virtual awaitable<void> shutdown() { co_return; }
  virtual void close() = 0;
};

template <class Socket>
class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}
  awaitable<std::size_t> read_some(asio::mutable_buffer into, error_code& error) override {
    co_return co_await socket_.async_read_some(into, asio::redirect_error(use_awaitable, error));
  }
  awaitable<std::size_t> write_some(asio::const_buffer from, error_code& error) override {
    co_return co_await socket_.async_write_some(from, asio::redirect_error(use_awaitable, error));
  }
  awaitable<void> shutdown() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    co_return;
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

class TlsStream final : public ByteStream {
 public:
  TlsStream(asio::ip::tcp::socket socket, asio::ssl::context& context)
      : stream_(std::move(socket), context) {}
  awaitable<std::size_t> read_some(asio::mutable_buffer into, error_code& error) override {
    co_return co_await stream_.async_read_some(into, asio::redirect_error(use_awaitable, error));
  }
  awaitable<std::size_t> write_some(asio::const_buffer from, error_code& error) override {
    co_return co_await stream_.async_write_some(from, asio::redirect_error(use_awaitable, error));
  }
  awaitable<void> handshake(error_code& error) override {
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     asio::redirect_error(use_awaitable, error));
  }
  awaitable<void> shutdown() override {
    error_code ignored;
    co_await stream_.async_shutdown(asio::redirect_error(use_awaitable, ignored));
  }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

/// Closes a stream whose deadline passes. One per connection, I/O thread.
/// A handler that is queued already cannot be called back by the timer: it finds that it is not the
/// last one, and touches nothing, neither a later deadline nor a connection that has ended.
class Watchdog {
 public:
  Watchdog(const asio::any_io_executor& executor, ByteStream& stream)
      : timer_(executor), stream_(stream), armed_(std::make_shared<Armed>()) {}
  ~Watchdog() { disarm(); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void allow(std::chrono::seconds time) {
    timer_.expires_after(time);
    timer_.async_wait([this, armed = armed_, which = ++armed_->last](error_code error) {
      if (error || armed->last != which) return;
      expired_ = true;
      stream_.close();
    });
  }
  void disarm() {
    ++armed_->last;
    timer_.cancel();
  }
  bool expired() const { return expired_; }

 private:
  struct Armed {
    std::uint64_t last = 0;  ///< the deadline that counts
  };

  asio::steady_timer timer_;
  ByteStream& stream_;
  const std::shared_ptr<Armed> armed_;
  bool expired_ = false;
};

/// The stream as Beast's WebSocket wants it: bytes read ahead with the header come first, and each
/// read or write runs as a small coroutine.
class WebSocketLayer {
 public:
  using executor_type = asio::any_io_executor;
  using lowest_layer_type = WebSocketLayer;

  WebSocketLayer(std::shared_ptr<ByteStream> stream, executor_type executor)
      : stream_(std::move(stream)), executor_(std::move(executor)) {}
  executor_type get_executor() { return executor_; }
  lowest_layer_type& lowest_layer() { return *this; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    asio::mutable_buffer into;
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
         ++at)
      if (into.size() == 0) into = *at;
    return start(
        [stream = stream_, into](error_code& error) -> awaitable<std::size_t> {
          return stream->read_some(into, error);
        },
        std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    asio::const_buffer from;
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
         ++at)
      if (from.size() == 0) from = *at;
    return start(
        [stream = stream_, from](error_code& error) -> awaitable<std::size_t> {
          return stream->write_some(from, error);
        },
        std::forward<Token>(token));
  }

  void close() { stream_->close(); }
  std::shared_ptr<ByteStream> stream() { return stream_; }

 private:
  template <class Work, class Token>
  auto start(Work work, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [executor = executor_](auto handler, Work step) {
          asio::co_spawn(
              executor,
              [](Work inner, decltype(handler) done) -> awaitable<void> {
                error_code error;
                const std::size_t bytes = co_await inner(error);
                std::move(done)(error, bytes);
              }(std::move(step), std::move(handler)),
              asio::detached);
        },
        token, std::move(work));
  }

  std::shared_ptr<ByteStream> stream_;
  executor_type executor_;
};

inline void teardown(beast::role_type, WebSocketLayer& layer, error_code& error) {
  layer.close();
  error = {};
}

/// How Beast closes what lies below a WebSocket.
inline void beast_close_socket(WebSocketLayer& layer) { layer.close(); }

template <class Handler>
void async_teardown(beast::role_type, WebSocketLayer& layer, Handler&& handler) {
  asio::post(layer.get_executor(),
             [stream = layer.stream(), done = std::forward<Handler>(handler)]() mutable {
               stream->close();
               std::move(done)(error_code{});
             });
}

}  // namespace tundish::serve
