#include "app/client.h"

#include <curl/curl.h>
#include <sys/stat.h>

#include <mutex>

#include "app/platform.h"
#include "wire/json/json_value.h"

namespace tundish::app {
namespace {

/// libcurl, over TCP, TLS or a Unix socket.
class CurlClient final : public Client {
 public:
  CurlClient(std::string url, std::string token, std::string socket)
      : url_(std::move(url)), token_(std::move(token)), socket_(std::move(socket)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    curl_ = curl_easy_init();
  }
  ~CurlClient() override { curl_easy_cleanup(curl_); }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Result<Answer> send(const Call& call, const Sink& sink) override {
    curl_easy_reset(curl_);
    Transfer transfer{curl_, {}, sink};
    const std::string url = url_ + call.target;
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT, 10L);
    if (!socket_.empty()) curl_easy_setopt(curl_, CURLOPT_UNIX_SOCKET_PATH, socket_.c_str());
    if (!call.body.empty() || call.method == "POST" || call.method == "PUT") {
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, call.body.data());
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(call.body.size()));
    }
    curl_slist* headers = nullptr;
    const auto header = [&](const std::string& line) {
      headers = curl_slist_append(headers, line.c_str());
    };
    header("Content-Type: " + call.content_type);
    header("Accept: " + call.accept);
    header("Expect:");
    if (!token_.empty()) header("Authorization: Bearer " + token_);
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &CurlClient::on_body);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &transfer);
    const CURLcode code = curl_easy_perform(curl_);
    curl_slist_free_all(headers);
    if (transfer.cancelled) return fail(ErrorCode::kCancelled, "stopped");
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
      return fail(ErrorCode::kUnavailable,
                  "nobody answers at " + (socket_.empty() ? url_ : socket_) + "; is it running?");
    if (code != CURLE_OK)
      return fail(ErrorCode::kIo, std::string("the answer broke off: ") + curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    transfer.answer.status = static_cast<int>(status);
    return std::move(transfer.answer);
  }

 private:
  struct Transfer {
    CURL* curl;
    Answer answer;
    const Sink& sink;
    bool cancelled = false;
  };

  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view piece(bytes, size * count);
    long status = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    if (transfer.sink && status / 100 == 2) {
      if (!transfer.sink(piece)) {
        transfer.cancelled = true;
        return 0;
      }
    } else {
      transfer.answer.body += piece;
    }
    return piece.size();
  }

  const std::string url_, token_, socket_;
  CURL* curl_ = nullptr;
};

/// The folder opened in this process: requests go straight to the Api, without sockets.
class LocalClient final : public Client {
 public:
  explicit LocalClient(std::unique_ptr<Platform> platform) : platform_(std::move(platform)) {}

  Result<Answer> send(const Call& call, const Sink& sink) override {
    serve::Request request;
    request.method = call.method;
    request.peer = "local";
    request.by_control_socket = true;
    request.headers = {{"content-type", call.content_type}, {"accept", call.accept}};
    request.body = call.body;
    if (!serve::parse_target(call.target, request))
      return fail(ErrorCode::kInvalidArgument, "the request target is malformed");
    serve::Response response = platform_->api().handle(request);
    Answer answer{response.status, {}};
    const auto take = [&](std::string piece) {
      if (sink && response.status / 100 == 2) return sink(piece);
      answer.body += piece;
      return true;
    };
    if (!response.stream) {
      take(std::move(response.body));
      return answer;
    }
    for (bool more = true; more;) {
      std::string piece;
      TUNDISH_TRY(more, response.stream(piece));
      if (!take(std::move(piece))) return fail(ErrorCode::kCancelled, "stopped");
    }
    return answer;
  }

 private:
  std::unique_ptr<Platform> platform_;
};

}  // namespace

ErrorCode error_code_of(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code)
    if (error_code_name(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  return ErrorCode::kRemote;
}

Result<std::string> Client::ask(const Call& call, const Sink& sink) {
  TUNDISH_TRY(auto answer, send(call, sink));
  if (answer.status / 100 == 2) return std::move(answer.body);
  const auto problem = wire::parse_json(answer.body);
  if (problem) {
    const auto detail = wire::optional_member<std::string>(*problem, "detail");
    const auto code = wire::optional_member<std::string>(*problem, "code");
    if (detail && *detail && code && *code) return fail(error_code_of(**code), **detail);
  }
  return fail(ErrorCode::kRemote, "the server answered " + std::to_string(answer.status) + ": " +
                                      answer.body.substr(0, 200));
}

Result<std::unique_ptr<Client>> connect_to_url(const std::string& url, const std::string& token) {
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return fail(ErrorCode::kInvalidArgument, "a server is http://HOST:PORT or https://HOST",
                "--server");
  std::string base = url;
  while (base.ends_with('/')) base.pop_back();
  return std::make_unique<CurlClient>(std::move(base), token, "");
}

Result<std::unique_ptr<Client>> connect_to_folder(const std::string& folder, bool* opened_here) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return fail(ErrorCode::kNotFound, "there is no data folder " + folder, "--data");
  const std::string socket = folder + "/" + std::string(kControlSocket);
  if (::stat(socket.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) {
    auto client = std::make_unique<CurlClient>("http://localhost", "", socket);
    // A socket file may be left over from a kill -9: then nobody answers and the folder is free.
    if (const auto alive = client->send({.target = "/healthz"}, {});
        alive && alive->status == 200) {
      if (opened_here != nullptr) *opened_here = false;
      return client;
    }
  }
  if (opened_here != nullptr) *opened_here = true;
  Platform::Options options;
  options.data_folder = folder;
  options.serving = false;
  TUNDISH_TRY(auto platform, Platform::open(std::move(options)));
  return std::make_unique<LocalClient>(std::move(platform));
}

std::string url_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~' || c == '/' ||
        c == '*') {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
  }
  return encoded;
}

}  // namespace tundish::app
