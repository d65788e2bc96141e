#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/data_files.h"

namespace tundish::app {

/// How a command speaks to the platform: always through the HTTP interface, so that each command is
/// written once and does what the API does. One thread.
class Client {
 public:
  struct Answer {
    int status = 0;
    std::string body;
  };
  /// Called with each piece of a body as it arrives; false cancels.
  using Sink = std::function<bool(std::string_view)>;

  virtual ~Client() = default;

  struct Call {
    std::string method = "GET";
    std::string target;  ///< `/api/v1/...` with its query
    std::string body = {};
    std::string content_type = "application/json";
    std::string accept = "application/json";
  };
  /// The answer of any status. Errors: kUnavailable when nobody answers, kIo. With `sink` the body
  /// of a 2xx answer goes there and is not kept.
  virtual Result<Answer> send(const Call& call, const Sink& sink = {}) = 0;

  /// As send, but an answer that is not 2xx becomes an Error with the problem's code and detail.
  Result<std::string> ask(const Call& call, const Sink& sink = {});
};

/// The server at `url` with an API token.
Result<std::unique_ptr<Client>> connect_to_url(const std::string& url, const std::string& token);

/// The data folder as its owner: over the control socket of the process that serves it or, when
/// none does, by opening the folder here for as long as the client lives. `opened_here` tells which.
/// Errors: kNotFound when there is no such folder, and those of Platform::open.
Result<std::unique_ptr<Client>> connect_to_folder(const std::string& folder,
                                                  bool* opened_here = nullptr);

/// The code of that name in JSON; kRemote for a name that we do not know.
ErrorCode error_code_of(std::string_view name);

/// `text` for a query parameter.
std::string url_encode(std::string_view text);

inline constexpr std::string_view kControlSocket = files::kControlSocket;

}  // namespace tundish::app
