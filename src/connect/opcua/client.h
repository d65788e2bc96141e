#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "connect/opcua/own_identity.h"
#include "connect/opcua/security.h"
#include "connect/opcua/status.h"
#include "connect/opcua/ua.h"

namespace tundish::connect::opcua {

/// Sends what open62541 logs to base/log at debug. Lives for ever.
UA_Logger* open62541_logger();

/// When to give up waiting: `deadline` on the monotonic clock of the system, or `stopped` true.
struct Patience {
  DurationNs request_timeout = 5 * kSecond;
  std::function<bool()> stopped;
  bool is_stopped() const { return stopped && stopped(); }
};

/// One open62541 client with an open session. It never reconnects by itself: after a loss it is
/// thrown away, because a new session has no subscriptions and a half-restored one is how systems
/// show "connected" while nothing arrives. All calls on the thread that made it.
class Client {
 public:
  /// Asks for the endpoints over an unsecured channel: what comes back proves nothing yet.
  /// Errors: kUnavailable, kTimeout, kRemote, kCancelled.
  static Result<Ua<UA_GetEndpointsResponse>> get_endpoints(const std::string& url,
                                                           DurationNs timeout,
                                                           const Patience& patience);

  /// Opens channel and session. The caller has compared the endpoint's certificate; the channel is
  /// bound to it, and a server that answers with another is refused.
  /// Errors: as above, and kPermissionDenied for a refused user or own certificate.
  static Result<std::unique_ptr<Client>> open(const Endpoint& endpoint,
                                              const ConnectionConfig& config,
                                              const OwnIdentity& identity, DurationNs timeout,
                                              Patience patience);
  /// Closes the session when the connection still stands; does not wait long.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Works on what has arrived, waiting up to `milliseconds` for something.
  void run(unsigned milliseconds);
  /// Channel and session are up, as far as the stack knows.
  bool is_open() const;
  /// Why not.
  UA_StatusCode last_status() const;
  /// The peer is known to be gone: closing must not wait for it.
  void set_lost() { lost_ = true; }

  /// Sends a request and works until its response is there. Errors: kTimeout, kUnavailable,
  /// kRemote, kCancelled when stopped meanwhile; `doing` starts the sentence.
  template <class Request, class Response>
  Result<Ua<Response>> call(const Request& request, const char* doing);

  /// Sends a request; `then` runs inside `run` with the response or the status of its failure, and
  /// must not call the client. Nothing runs after the client's end.
  template <class Request, class Response>
  UA_StatusCode send(const Request& request,
                     std::function<void(UA_StatusCode, const Response&)> then);

  UA_Client* raw() { return client_; }

 private:
  struct Pending {
    Client* client = nullptr;
    std::function<void(void* response)> then;
  };

  Client(UA_Client* client, Patience patience) : client_(client), patience_(std::move(patience)) {}
  static void on_response(UA_Client*, void* pending, UA_UInt32, void* response);
  UA_StatusCode send_raw(const void* request, const UA_DataType* request_type,
                         const UA_DataType* response_type, std::function<void(void*)> then);
  /// Runs until `done`; kTimeout and kCancelled as call.
  Status wait(const bool& done, const char* doing);

  UA_Client* client_;
  Patience patience_;
  std::list<Pending> pending_;
  bool lost_ = false;
  bool closing_ = false;
};

template <class Request, class Response>
Result<Ua<Response>> Client::call(const Request& request, const char* doing) {
  struct Answer {
    Ua<Response> response;
    bool done = false;
  };
  // Shared: an answer that comes after the patience is over still has somewhere to go.
  auto answer = std::make_shared<Answer>();
  const UA_StatusCode sent =
      send_raw(&request, ua_type<Request>(), ua_type<Response>(), [answer](void* response) {
        auto* typed = static_cast<Response*>(response);
        answer->response = Ua<Response>(*typed);
        UA_init(typed, ua_type<Response>());
        answer->done = true;
      });
  if (sent != UA_STATUSCODE_GOOD) return fail_status(sent, doing);
  TUNDISH_RETURN_IF_ERROR(wait(answer->done, doing));
  const UA_StatusCode result = answer->response->responseHeader.serviceResult;
  if (result != UA_STATUSCODE_GOOD) return fail_status(result, doing);
  return std::move(answer->response);
}

template <class Request, class Response>
UA_StatusCode Client::send(const Request& request,
                           std::function<void(UA_StatusCode, const Response&)> then) {
  return send_raw(&request, ua_type<Request>(), ua_type<Response>(),
                  [then = std::move(then)](void* response) {
                    const auto& typed = *static_cast<const Response*>(response);
                    then(typed.responseHeader.serviceResult, typed);
                  });
}

}  // namespace tundish::connect::opcua
