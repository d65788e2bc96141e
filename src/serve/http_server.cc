// Boost.Beast and Asio live in this file and its two headers only: their templates are instantiated on one type-erased
// stream, which keeps the compile at seconds.
#include "serve/http_server.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/version.hpp>
#include <boost/beast/websocket.hpp>
#include <set>
#include <thread>

#include "base/log.h"
#include "io/address_key.h"
#include "serve/fair_workers.h"
#include "serve/http_server_limits.h"
#include "serve/http_server_socket.h"
#include "serve/http_server_streams.h"

namespace tundish::serve {
namespace {

namespace http = beast::http;
using Clock = std::chrono::steady_clock;

bool is_header_text(std::string_view text) {
  return std::ranges::none_of(text,
                              [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

std::string_view reason_of(int status) {
  return http::obsolete_reason(static_cast<http::status>(status));
}

}  // namespace

class HttpServer::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(Application& application, Options options)
      : application_(application),
        options_(std::move(options)),
        workers_(options_.workers, options_.workers_per_party_max),
        acceptor_(context_),
        control_acceptor_(context_) {}

  Status open() {
    error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error)
      return fail(ErrorCode::kInvalidArgument,
                  "'" + options_.address + "' is not an IP address to listen on", "--listen");
    if (!options_.tls_certificate.empty()) TUNDISH_RETURN_IF_ERROR(load_tls());
    const asio::ip::tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (error == asio::error::address_in_use)
      return fail(ErrorCode::kInUse,
                  "port " + std::to_string(options_.port) + " on " + options_.address +
                      " is in use by another program; stop it or choose another with --listen",
                  "--listen");
    if (!error) acceptor_.listen(1024, error);
    if (error)
      return fail(ErrorCode::kIo, "cannot listen on " + options_.address + ": " + error.message(),
                  "--listen");
    if (!options_.control_socket.empty()) TUNDISH_RETURN_IF_ERROR(open_control_socket());
    port_ = acceptor_.local_endpoint().port();
    return {};
  }

  void run() {
    asio::co_spawn(context_, accept_tcp(), asio::detached);
    if (control_acceptor_.is_open()) asio::co_spawn(context_, accept_control(), asio::detached);
    io_thread_ = std::thread([this] { context_.run(); });
  }

  void stop() {
    if (stopping_.exchange(true)) return;
    asio::post(context_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      control_acceptor_.close(ignored);
      for (const auto& weak : idle_)
        if (const auto stream = weak.lock()) stream->close();
    });
    // Requests under way get a moment to end; then the connections are closed under them.
    const auto deadline = Clock::now() + std::chrono::seconds(5);
    while (requests_.load() > 0 && Clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    asio::post(context_, [this] {
      for (const auto& weak : streams_)
        if (const auto stream = weak.lock()) stream->close();
    });
    workers_.stop();
    const auto closed_by = Clock::now() + std::chrono::seconds(2);
    while (connections_.load() > 0 && Clock::now() < closed_by)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    context_.stop();
    if (io_thread_.joinable()) io_thread_.join();
    if (!options_.control_socket.empty()) ::unlink(options_.control_socket.c_str());
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return connections_.load(); }
  std::size_t body_bytes() const { return body_bytes_.total(); }

 private:
  Status load_tls() {
    tls_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code error;
    tls_->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                          asio::ssl::context::no_tlsv1_1,
                      error);
    tls_->use_certificate_chain_file(options_.tls_certificate, error);
    if (error)
      return fail(ErrorCode::kInvalidArgument,
                  "the TLS certificate cannot be read: " + error.message(),
                  options_.tls_certificate);
    tls_->use_private_key_file(options_.tls_key, asio::ssl::context::pem, error);
    if (error)
      return fail(ErrorCode::kInvalidArgument, "the TLS key cannot be read: " + error.message(),
                  options_.tls_key);
    return {};
  }

  /// The caller holds the data folder's lock, so a socket file that is there is a dead one.
  Status open_control_socket() {
    if (options_.control_socket.size() >= sizeof(sockaddr_un{}.sun_path))
      return fail(ErrorCode::kInvalidArgument,
                  "the data folder's path is too long for a Unix socket (107 bytes); commands with "
                  "--data need it, so choose a shorter one",
                  options_.control_socket);
    ::unlink(options_.control_socket.c_str());
    error_code error;
    const asio::local::stream_protocol::endpoint endpoint(options_.control_socket);
    const auto old_mask = ::umask(0177);
    control_acceptor_.open(endpoint.protocol(), error);
    if (!error) control_acceptor_.bind(endpoint, error);
    ::umask(old_mask);
    if (!error) control_acceptor_.listen(64, error);
    if (error)
      return fail(ErrorCode::kIo, "cannot open the control socket: " + error.message(),
                  options_.control_socket);
    return {};
  }

  awaitable<void> accept_tcp() {
    while (!stopping_) {
      error_code error;
      auto socket = co_await acceptor_.async_accept(asio::redirect_error(use_awaitable, error));
      if (error) {
        if (stopping_ || !acceptor_.is_open()) co_return;
        // Out of file descriptors, for example: wait instead of spinning.
        log_warning("serve", "accept failed: {}", error.message());
        asio::steady_timer pause(context_, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::redirect_error(use_awaitable, error));
        continue;
      }
      if (connections_.load() >= options_.connections_max) continue;  // closed by its destructor
      socket.set_option(asio::ip::tcp::no_delay(true), error);
      const auto remote = socket.remote_endpoint(error);
      if (error) continue;
      std::string peer = io::address_key(remote.address().to_string());
      if (!remote.address().is_loopback() && peers_.of(peer) >= options_.connections_per_peer_max)
        continue;
      std::shared_ptr<ByteStream> stream;
      if (tls_)
        stream = std::make_shared<TlsStream>(std::move(socket), *tls_);
      else
        stream = std::make_shared<PlainStream<asio::ip::tcp::socket>>(std::move(socket));
      asio::co_spawn(context_, serve(std::move(stream), std::move(peer), false), asio::detached);
    }
  }

  awaitable<void> accept_control() {
    while (!stopping_) {
      error_code error;
      auto socket =
          co_await control_acceptor_.async_accept(asio::redirect_error(use_awaitable, error));
      if (error) co_return;
      auto stream =
          std::make_shared<PlainStream<asio::local::stream_protocol::socket>>(std::move(socket));
      asio::co_spawn(context_, serve(std::move(stream), "local", true), asio::detached);
    }
  }

  /// One connection from its first byte to its last.
  awaitable<void> serve(std::shared_ptr<ByteStream> stream, std::string peer, bool control) {
    const Counted counted(connections_);
    Share of_peer(peers_, peer, SIZE_MAX, SIZE_MAX);
    of_peer.grow_to(1);
    if (stopping_) co_return;
    const auto registered = streams_.insert(stream).first;
    const auto unregister = [&] { streams_.erase(registered); };
    {
      Watchdog watchdog(context_.get_executor(), *stream);
      try {
        error_code error;
        watchdog.allow(std::chrono::seconds(options_.header_seconds));
        co_await stream->handshake(error);
        beast::flat_buffer buffer(options_.header_bytes_max + 64 * 1024);
        bool first = true;
        while (!error && !stopping_) {
          if (!co_await serve_request(stream, watchdog, buffer, peer, control, first)) break;
          first = false;
        }
        watchdog.allow(std::chrono::seconds(2));
        co_await stream->shutdown();
      } catch (const std::exception& exception) {
        log_warning("serve", "a connection ended: {}", exception.what());
      }
      watchdog.disarm();
    }
    stream->close();
    unregister();
  }

  /// Reads at least one byte into `buffer`; false at the end, on an error or past the deadline.
  awaitable<bool> fill(ByteStream& stream, beast::flat_buffer& buffer) {
    if (buffer.size() >= buffer.max_size()) co_return false;
    const std::size_t room = std::min<std::size_t>(buffer.max_size() - buffer.size(), 64 * 1024);
    error_code error;
    const std::size_t bytes = co_await stream.read_some(buffer.prepare(room), error);
    if (error || bytes == 0) co_return false;
    buffer.commit(bytes);
    co_return true;
  }

  awaitable<bool> write_all(ByteStream& stream, Watchdog& watchdog, std::string_view bytes) {
    Pace pace(watchdog, std::chrono::seconds(options_.stall_seconds));
    while (!bytes.empty()) {
      error_code error;
      const std::size_t written =
          co_await stream.write_some(asio::buffer(bytes.data(), bytes.size()), error);
      if (error) co_return false;
      bytes.remove_prefix(written);
      pace.moved(written);
    }
    co_return true;
  }

  /// One request and its answer; false when the connection is to be closed.
  awaitable<bool> serve_request(const std::shared_ptr<ByteStream>& stream, Watchdog& watchdog,
                                beast::flat_buffer& buffer, const std::string& peer, bool control,
                                bool first) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(options_.header_bytes_max);
    parser.body_limit(boost::none);  // counted here, against what admit() allowed
    parser.eager(false);

    if (buffer.size() == 0 && !first) {
      const auto idle = idle_.insert(stream).first;
      watchdog.allow(std::chrono::seconds(options_.idle_seconds));
      const bool more = co_await fill(*stream, buffer);
      idle_.erase(idle);
      if (!more) co_return false;
    }
    watchdog.allow(std::chrono::seconds(options_.header_seconds));
    error_code error;
    while (!parser.is_header_done()) {
      if (buffer.size() > 0) {
        const std::size_t used = parser.put(buffer.data(), error);
        buffer.consume(used);
        if (error && error != http::error::need_more) {
          const bool too_long = error == http::error::header_limit;
          const Error refused{too_long ? ErrorCode::kTooLarge : ErrorCode::kInvalidArgument,
                              too_long ? "the request header is longer than 16 KiB"
                                       : "this is not an HTTP request: " + error.message()};
          co_await answer_early(*stream, watchdog, refused, too_long ? 431 : 400);
          co_return false;
        }
        if (parser.is_header_done()) break;
        if (used > 0 && buffer.size() > 0) continue;
      }
      if (!co_await fill(*stream, buffer)) co_return false;
    }

    Request request;
    request.peer = peer;
    request.by_control_socket = control;
    request.by_tls = tls_ != nullptr && !control;
    const auto& head = parser.get();
    request.method = std::string(head.method_string());
    for (const auto& field : head) {
      std::string name(field.name_string());
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      auto [at, added] = request.headers.emplace(std::move(name), std::string(field.value()));
      if (!added) at->second += ", " + std::string(field.value());
    }
    if (!parse_target({head.target().data(), head.target().size()}, request)) {
      const Error refused{ErrorCode::kInvalidArgument, "the request target is malformed"};
      co_await answer_early(*stream, watchdog, refused, 400);
      co_return false;
    }

    Application::Admission admission = application_.admit(request);
    if (beast::websocket::is_upgrade(head) && !admission.refusal) {
      if (buffer.size() > 0) {
        // RFC 6455, 4.1: a client sends nothing more before it has seen the answer.
        const Error refused{ErrorCode::kInvalidArgument,
                            "bytes came after the WebSocket request and before its answer"};
        co_await answer_early(*stream, watchdog, refused, 400);
        co_return false;
      }
      co_await serve_websocket(stream, watchdog, parser.release(), std::move(request),
                               std::move(admission.party));
      co_return false;
    }

    const std::string party = admission.party;
    Share body_share(body_bytes_, party, options_.body_bytes_per_party_max,
                     options_.body_bytes_max);
    if (const auto length = parser.content_length();
        length && *length > admission.body_bytes_max && !admission.refusal)
      admission.refusal = problem_response(too_large(admission.body_bytes_max));
    if (!admission.refusal) admission.refusal = refuse_if_crowded(party);
    if (admission.refusal) {
      const bool has_body =
          !parser.is_done() && (parser.content_length_remaining().value_or(1) > 0);
      admission.refusal->close = admission.refusal->close || has_body;
      const bool keep = parser.keep_alive() && !admission.refusal->close;
      const bool sent = co_await answer(*stream, watchdog, *admission.refusal, keep,
                                        request.method == "HEAD", party);
      if (sent && has_body) co_await drain(*stream, watchdog, buffer);
      co_return sent ? keep : false;
    }

    if (request.header("expect") == "100-continue" && !parser.is_done())
      if (!co_await write_all(*stream, watchdog, "HTTP/1.1 100 Continue\r\n\r\n")) co_return false;

    parser.eager(true);
    Pace pace(watchdog, std::chrono::seconds(options_.stall_seconds));
    while (!parser.is_done()) {
      if (buffer.size() > 0) {
        const std::size_t used = parser.put(buffer.data(), error);
        buffer.consume(used);
        if (error && error != http::error::need_more) {
          const Error refused{ErrorCode::kInvalidArgument,
                              "the body is malformed: " + error.message()};
          co_await answer_early(*stream, watchdog, refused, 400);
          co_return false;
        }
        if (parser.get().body().size() > admission.body_bytes_max) {
          const Error refused = too_large(admission.body_bytes_max);
          co_await answer_early(*stream, watchdog, refused, 413);
          co_await drain(*stream, watchdog, buffer);
          co_return false;
        }
        if (!body_share.grow_to(parser.get().body().size())) {
          const Error refused = no_room();
          co_await answer_early(*stream, watchdog, refused, http_status(refused.code));
          co_await drain(*stream, watchdog, buffer);
          co_return false;
        }
        if (parser.is_done()) break;
        if (used > 0 && buffer.size() > 0) continue;
      }
      const std::size_t before = buffer.size();
      if (!co_await fill(*stream, buffer)) co_return false;
      pace.moved(buffer.size() - before);
    }
    watchdog.disarm();
    const bool keep_alive = parser.keep_alive();
    request.body = std::move(parser.get().body());

    if (const auto crowded = refuse_if_crowded(party)) {
      const bool sent =
          co_await answer(*stream, watchdog, *crowded, keep_alive, request.method == "HEAD", party);
      co_return sent ? keep_alive : false;
    }
    Response response;
    {
      const Counted counted(requests_);
      const std::function<void()> work = [&] {
        response = guarded([&] { return application_.handle(request); });
      };
      co_await on_workers(party, work);
    }
    // A client that reads its answer slowly keeps that, and nothing of what it asked.
    request.body = std::string();
    body_share.give_back();
    Share answer_share(
        admission.stranger ? stranger_bytes_ : answer_bytes_, party,
        options_.answer_bytes_per_party_max,
        admission.stranger ? options_.answer_bytes_strangers_max : options_.answer_bytes_max);
    const std::size_t held = response.stream ? kStreamBytes : response.body.size();
    if (held > kSmallAnswer && !answer_share.grow_to(held))
      response = problem_response(
          {ErrorCode::kOverloaded, "too many answers are being read; read them first"});
    const bool keep = keep_alive && !response.close && !stopping_;
    const bool sent =
        co_await answer(*stream, watchdog, response, keep, request.method == "HEAD", party);
    co_return sent ? keep : false;
  }

  /// Runs `work` on a worker, in its party's turn, and comes back to the I/O thread.
  /// `party` and `work` are variables of the caller's: see answer_early.
  awaitable<void> on_workers(const std::string& party, const std::function<void()>& work) {
    co_await asio::async_initiate<decltype(use_awaitable), void(std::exception_ptr)>(
        [this, &party, &work](auto handler) {
          workers_.post(party, [this, &work, done = std::move(handler)](bool stopping) mutable {
            std::exception_ptr failed;
            try {
              if (stopping) throw std::runtime_error("the server is stopping");
              work();
            } catch (...) {
              failed = std::current_exception();
            }
            asio::post(context_,
                       [done = std::move(done), failed]() mutable { std::move(done)(failed); });
          });
        },
        use_awaitable);
  }

  /// The answer to a request that would only wait; nothing while there is room in the line.
  std::optional<Response> refuse_if_crowded(const std::string& party) const {
    if (workers_.waiting(party) < options_.requests_waiting_max) return std::nullopt;
    return problem_response(
        {ErrorCode::kOverloaded, "too many requests of this enterprise are waiting; try again"});
  }

  /// A bug in a handler must not take the other connections down; it is logged and answers 500.
  template <class Work>
  Response guarded(Work work) {
    try {
      return work();
    } catch (const std::exception& exception) {
      log_error("serve", "a handler threw: {}", exception.what());
      return problem_response({ErrorCode::kInternal, "the request failed inside; see the log"});
    }
  }

  static Error no_room() {
    return {ErrorCode::kOverloaded,
            "too many bytes are being received at a time; send again when those are answered"};
  }

  static Error too_large(std::uint64_t limit) {
    return {ErrorCode::kTooLarge, "the body is larger than " + std::to_string(limit) +
                                      " bytes; send it in several requests"};
  }

  /// `error` is a variable of the caller's: g++ 12 destroys a braced temporary in a co_await twice.
  awaitable<void> answer_early(ByteStream& stream, Watchdog& watchdog, const Error& error,
                               int status) {
    const Response response = problem_response(error, status);
    const std::string nobody;
    co_await answer(stream, watchdog, response, false, false, nobody);
  }

  /// Reads away, for a short while, what a client is still sending, so that it gets to see the
  /// answer instead of a reset.
  awaitable<void> drain(ByteStream& stream, Watchdog& watchdog, beast::flat_buffer& buffer) {
    co_await stream.shutdown();
    watchdog.allow(std::chrono::seconds(2));
    for (std::size_t read = 0; read < 64 * 1024 * 1024; read += buffer.size()) {
      buffer.consume(buffer.size());
      if (!co_await fill(stream, buffer)) co_return;
    }
  }

  awaitable<bool> answer(ByteStream& stream, Watchdog& watchdog, const Response& response,
                         bool keep_alive, bool head_only, const std::string& party) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                       std::string(reason_of(response.status)) + "\r\n";
    for (const auto& [name, value] : response.headers) {
      // A value with a line break would end the header early, and what follows would be read as
      // another header or answer. Handlers do not make such; should one, the header is left out.
      if (is_header_text(name) && is_header_text(value))
        head += name + ": " + value + "\r\n";
      else
        log_error("serve", "a header with control characters was left out of an answer");
    }
    const bool bodiless = response.status == 204 || response.status == 304;
    if (response.stream)
      head += "Transfer-Encoding: chunked\r\n";
    else if (!bodiless)
      head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    if (head_only || bodiless) co_return co_await write_all(stream, watchdog, head);
    if (!response.stream) {
      if (response.body.size() <= 64 * 1024)
        co_return co_await write_all(stream, watchdog, head += response.body);
      if (!co_await write_all(stream, watchdog, head)) co_return false;
      co_return co_await write_all(stream, watchdog, response.body);
    }
    std::string out = std::move(head);
    for (bool more = true; more;) {
      std::string piece;
      const std::function<void()> next = [&] {
        const auto result = response.stream(piece);
        if (!result) {
          log_warning("serve", "a streamed answer broke off: {}", result.error().to_string());
          throw std::runtime_error("the body's source failed");
        }
        more = *result;
      };
      watchdog.disarm();
      co_await on_workers(party, next);
      if (!piece.empty()) {
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
        out += size;
        out += piece;
        out += "\r\n";
      }
      if (!more) out += "0\r\n\r\n";
      if (!co_await write_all(stream, watchdog, out)) co_return false;
      out.clear();
    }
    co_return true;
  }

  awaitable<void> serve_websocket(const std::shared_ptr<ByteStream>& stream, Watchdog& watchdog,
                                  http::request<http::string_body> upgrade, Request request,
                                  std::string party);

  /// Counts something for as long as it lives.
  class Counted {
   public:
    explicit Counted(std::atomic<std::size_t>& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

   private:
    std::atomic<std::size_t>& count_;
  };

  using StreamSet = std::set<std::weak_ptr<ByteStream>, std::owner_less<std::weak_ptr<ByteStream>>>;

  Application& application_;
  const Options options_;
  /// What a streamed answer counts for: a piece of it, and what that was made from.
  static constexpr std::size_t kStreamBytes = 32 << 20;
  /// What is not counted: everybody may be told that something is not possible.
  static constexpr std::size_t kSmallAnswer = 64 << 10;

  // I/O thread. Before the context, whose end may end connections that count here.
  StreamSet streams_;
  StreamSet idle_;  ///< waiting for a next request
  Tally peers_;     ///< connections
  Tally body_bytes_;
  Tally answer_bytes_;
  Tally stranger_bytes_;

  asio::io_context context_{1};
  /// The I/O thread goes on while all that is left to do is on workers.
  const asio::executor_work_guard<asio::io_context::executor_type> work_ =
      asio::make_work_guard(context_);
  FairWorkers workers_;
  asio::ip::tcp::acceptor acceptor_;
  asio::local::stream_protocol::acceptor control_acceptor_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::thread io_thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> requests_{0};
  std::uint16_t port_ = 0;
};

awaitable<void> HttpServer::Implementation::serve_websocket(
    const std::shared_ptr<ByteStream>& stream, Watchdog& watchdog,
    http::request<http::string_body> upgrade, Request request, std::string party) {
  std::shared_ptr<WebSocketHandler> handler;
  Response refusal;
  const std::function<void()> ask = [&] {
    refusal = guarded([&] {
      Response answer;
      handler = application_.upgrade(request, answer);
      return answer;
    });
  };
  co_await on_workers(party, ask);
  if (!handler) {
    co_await answer(*stream, watchdog, refusal, false, false, party);
    co_return;
  }
  watchdog.disarm();
  const auto socket = std::make_shared<ServerSocket>(stream, context_);
  auto& websocket = socket->stream();
  beast::websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = std::chrono::seconds(options_.header_seconds);
  timeouts.idle_timeout = std::chrono::seconds(options_.idle_seconds);
  timeouts.keep_alive_pings = true;
  websocket.set_option(timeouts);
  websocket.read_message_max(64 * 1024);
  websocket.text(true);
  error_code error;
  co_await websocket.async_accept(upgrade, asio::redirect_error(use_awaitable, error));
  if (error) co_return;
  handler->on_open(socket);
  beast::flat_buffer message(64 * 1024);
  while (!stopping_) {
    co_await websocket.async_read(message, asio::redirect_error(use_awaitable, error));
    if (error) break;
    const std::string text(static_cast<const char*>(message.data().data()), message.size());
    message.consume(message.size());
    const std::function<void()> work = [&] {
      guarded([&] {
        handler->on_text(text);
        return Response{};
      });
    };
    co_await on_workers(party, work);
  }
  handler->on_close();
  websocket.next_layer().close();
}

HttpServer::HttpServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(Application& application, Options options) {
  auto implementation = std::make_unique<Implementation>(application, std::move(options));
  TUNDISH_RETURN_IF_ERROR(implementation->open());
  implementation->run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(implementation)));
}

std::uint16_t HttpServer::port() const { return implementation_->port(); }
std::size_t HttpServer::connections() const { return implementation_->connections(); }
std::size_t HttpServer::body_bytes() const { return implementation_->body_bytes(); }
void HttpServer::stop() { implementation_->stop(); }

}  // namespace tundish::serve
