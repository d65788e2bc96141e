#include "connect/opcua/client.h"

#include <fmt/format.h>
#include <open62541/client_config_default.h>
#include <open62541/plugin/securitypolicy_default.h>

#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "base/log.h"
#include "io/clock.h"

namespace tundish::connect::opcua {
namespace {

// A server forgets a session that was cut off after this long, which frees its place for the next.
constexpr UA_UInt32 kSessionTimeoutMs = 60'000;
constexpr unsigned kRunMs = 20;  // so often a stop is noticed while waiting
constexpr UA_UInt32 kCloseTimeoutMs = 1'000;

void log_from_open62541(void*, UA_LogLevel level, UA_LogCategory, const char* format,
                        va_list arguments) {
  if (level < UA_LOGLEVEL_DEBUG || !log_enabled(LogLevel::kDebug)) return;
  char line[512];
  std::vsnprintf(line, sizeof line, format, arguments);
  log_debug("open62541", "{}", line);
}

UA_ByteString borrow_bytes(const Bytes& bytes) {
  return {bytes.size(), reinterpret_cast<UA_Byte*>(const_cast<std::byte*>(bytes.data()))};
}

// The identity is decided before the channel opens, by fingerprint (session.cc); open62541 binds
// the channel to that certificate. What it asks here again is that nothing else is shown meanwhile.
struct PinnedCertificate {
  Bytes der;
};

UA_StatusCode verify_pinned(const UA_CertificateVerification* verification,
                            const UA_ByteString* shown) {
  const auto* pinned = static_cast<const PinnedCertificate*>(verification->context);
  const UA_ByteString expected = borrow_bytes(pinned->der);
  if (shown->length < expected.length) return UA_STATUSCODE_BADCERTIFICATEUNTRUSTED;
  const UA_ByteString leaf{expected.length, shown->data};
  return UA_ByteString_equal(&leaf, &expected) ? UA_STATUSCODE_GOOD
                                               : UA_STATUSCODE_BADCERTIFICATEUNTRUSTED;
}

UA_StatusCode accept_uri(const UA_CertificateVerification*, const UA_ByteString*,
                         const UA_String*) {
  return UA_STATUSCODE_GOOD;  // the fingerprint names this one server already
}

void clear_pinned(UA_CertificateVerification* verification) {
  delete static_cast<PinnedCertificate*>(verification->context);
  verification->context = nullptr;
}

using MakePolicy = UA_StatusCode (*)(UA_SecurityPolicy*, UA_ByteString, UA_ByteString,
                                     const UA_Logger*);

MakePolicy policy_maker(std::string_view uri) {
  const auto name = policy_name(uri);
  if (name == "Basic256Sha256") return UA_SecurityPolicy_Basic256Sha256;
  if (name == "Aes128_Sha256_RsaOaep") return UA_SecurityPolicy_Aes128Sha256RsaOaep;
  if (name == "Aes256_Sha256_RsaPss") return UA_SecurityPolicy_Aes256Sha256RsaPss;
  return nullptr;
}

/// Appends a policy to one of the configuration's arrays, which open62541 frees.
UA_StatusCode add_policy(UA_SecurityPolicy*& policies, std::size_t& count, std::string_view uri,
                         const OwnIdentity& identity) {
  auto* grown = static_cast<UA_SecurityPolicy*>(
      UA_realloc(policies, sizeof(UA_SecurityPolicy) * (count + 1)));
  if (grown == nullptr) return UA_STATUSCODE_BADOUTOFMEMORY;
  policies = grown;
  const MakePolicy make = policy_maker(uri);
  const UA_StatusCode code =
      make == nullptr
          ? UA_SecurityPolicy_None(&policies[count], UA_BYTESTRING_NULL, open62541_logger())
          : make(&policies[count], borrow_bytes(identity.certificate), borrow_bytes(identity.key),
                 open62541_logger());
  if (code == UA_STATUSCODE_GOOD) ++count;
  return code;
}

/// A client that knows no policy but None.
UA_Client* new_client(const Patience& patience) {
  UA_ClientConfig config{};
  config.logging = open62541_logger();
  if (UA_ClientConfig_setDefault(&config) != UA_STATUSCODE_GOOD) {
    UA_ClientConfig_clear(&config);
    return nullptr;
  }
  config.timeout = static_cast<UA_UInt32>(patience.request_timeout / kMillisecond);
  return UA_Client_newWithConfig(&config);
}

/// Connects to `url` and nowhere else. Without a filter open62541 asks the server for its own
/// addresses and moves to one of them, which behind a proxy or in another network leads astray; a
/// filter that no server passes makes it stay.
void stay_with(const std::string& url, UA_ClientConfig& config) {
  UA_String_clear(&config.endpointUrl);
  config.endpointUrl = allocate(url);
  config.applicationUri = allocate("urn:tundish:no-other-address");
}

/// Runs the client until `ready`, an error, the end of the time or a stop.
template <class Ready>
Status run_until(UA_Client* client, DurationNs timeout, const Patience& patience,
                 const std::string& doing, const Ready& ready) {
  const DurationNs until = io::real_clock().monotonic() + timeout;
  while (true) {
    const UA_StatusCode run = UA_Client_run_iterate(client, kRunMs);
    UA_StatusCode status = UA_STATUSCODE_GOOD;
    UA_Client_getState(client, nullptr, nullptr, &status);
    if (status == UA_STATUSCODE_GOOD) status = run;
    if (status != UA_STATUSCODE_GOOD) return fail_status(status, doing);
    if (ready()) return {};
    if (patience.is_stopped()) return fail(ErrorCode::kCancelled, doing + ": stopped");
    if (io::real_clock().monotonic() > until)
      return fail(ErrorCode::kTimeout, doing + ": the server did not answer in time");
  }
}

}  // namespace

UA_Logger* open62541_logger() {
  static UA_Logger logger{log_from_open62541, nullptr, nullptr};
  return &logger;
}

Result<Ua<UA_GetEndpointsResponse>> Client::get_endpoints(const std::string& url,
                                                          DurationNs timeout,
                                                          const Patience& patience) {
  const std::string doing = fmt::format("could not ask {} for its endpoints", url);
  UA_Client* raw = new_client(patience);
  if (raw == nullptr) return fail(ErrorCode::kInternal, doing);
  Client client(raw, patience);
  client.patience_.request_timeout = timeout;

  UA_ClientConfig* config = UA_Client_getConfig(raw);
  config->noSession = true;
  // With an endpoint given, open62541 does not choose (and reconnect to) one of its own.
  config->endpoint.endpointUrl = allocate(url);
  config->endpoint.securityMode = UA_MESSAGESECURITYMODE_NONE;
  config->endpoint.securityPolicyUri = allocate(*policy_uri("None"));
  stay_with(url, *config);
  const UA_StatusCode begun = __UA_Client_connect(raw, true);
  if (begun != UA_STATUSCODE_GOOD) return fail_status(begun, doing, url);
  TUNDISH_RETURN_IF_ERROR(run_until(raw, timeout, patience, doing, [&] {
    UA_SecureChannelState channel{};
    UA_Client_getState(raw, &channel, nullptr, nullptr);
    return channel == UA_SECURECHANNELSTATE_OPEN;
  }));

  UA_GetEndpointsRequest request;
  UA_GetEndpointsRequest_init(&request);
  request.endpointUrl = borrow(url);
  return client.call<UA_GetEndpointsRequest, UA_GetEndpointsResponse>(request, doing.c_str());
}

Result<std::unique_ptr<Client>> Client::open(const Endpoint& endpoint,
                                             const ConnectionConfig& settings,
                                             const OwnIdentity& identity, DurationNs timeout,
                                             Patience patience) {
  const std::string doing = fmt::format("could not open a session with {}", settings.endpoint);
  UA_Client* raw = new_client(patience);
  if (raw == nullptr) return fail(ErrorCode::kInternal, doing);
  std::unique_ptr<Client> client(new Client(raw, std::move(patience)));
  UA_ClientConfig* config = UA_Client_getConfig(raw);

  const auto channel_policy = view_of(endpoint.description->securityPolicyUri);
  const auto token_policy = view_of(endpoint.user_token->securityPolicyUri);
  UA_StatusCode code = UA_STATUSCODE_GOOD;
  if (policy_maker(channel_policy) != nullptr)
    code = add_policy(config->securityPolicies, config->securityPoliciesSize, channel_policy,
                      identity);
  // The token's policy must stand in both lists: one says that it exists, the other encrypts.
  if (code == UA_STATUSCODE_GOOD && policy_maker(token_policy) != nullptr &&
      token_policy != channel_policy)
    code =
        add_policy(config->securityPolicies, config->securityPoliciesSize, token_policy, identity);
  if (code == UA_STATUSCODE_GOOD)
    code = add_policy(config->authSecurityPolicies, config->authSecurityPoliciesSize, token_policy,
                      identity);
  if (code != UA_STATUSCODE_GOOD) return fail_status(code, doing + ": own certificate or key");

  if (config->certificateVerification.clear != nullptr)
    config->certificateVerification.clear(&config->certificateVerification);
  config->certificateVerification = {};
  config->certificateVerification.context =
      new PinnedCertificate{endpoint.certificate ? endpoint.certificate->der : Bytes{}};
  config->certificateVerification.verifyCertificate = verify_pinned;
  config->certificateVerification.verifyApplicationURI = accept_uri;
  config->certificateVerification.clear = clear_pinned;
  config->certificateVerification.logging = open62541_logger();

  UA_ApplicationDescription& self = config->clientDescription;
  UA_String_clear(&self.applicationUri);
  self.applicationUri = allocate(identity.application_uri);
  UA_LocalizedText_clear(&self.applicationName);
  self.applicationName.text = allocate("Tundish");
  self.applicationType = UA_APPLICATIONTYPE_CLIENT;
  UA_String_clear(&config->sessionName);
  config->sessionName = allocate("Tundish: " + settings.name);
  config->requestedSessionTimeout = kSessionTimeoutMs;

  UA_EndpointDescription_copy(endpoint.description.get(), &config->endpoint);
  UA_UserTokenPolicy_copy(endpoint.user_token.get(), &config->userTokenPolicy);
  config->securityMode = endpoint.description->securityMode;
  config->securityPolicyUri = allocate(channel_policy);
  stay_with(settings.endpoint, *config);
  if (!settings.user.empty())
    UA_ClientConfig_setAuthenticationUsername(config, settings.user.c_str(),
                                              settings.password.c_str());

  const UA_StatusCode begun = __UA_Client_connect(raw, true);
  if (begun != UA_STATUSCODE_GOOD) return fail_status(begun, doing, settings.endpoint);
  TUNDISH_RETURN_IF_ERROR(
      run_until(raw, timeout, client->patience_, doing, [&] { return client->is_open(); }));
  // From here on a loss is ours to handle.
  config->noReconnect = true;
  config->noNewSession = true;
  return client;
}

Client::~Client() {
  closing_ = true;
  UA_Client_getConfig(client_)->timeout = lost_ || !is_open() ? 1 : kCloseTimeoutMs;
  UA_Client_delete(client_);
}

void Client::run(unsigned milliseconds) { UA_Client_run_iterate(client_, milliseconds); }

bool Client::is_open() const {
  UA_SessionState session{};
  UA_SecureChannelState channel{};
  UA_StatusCode status = UA_STATUSCODE_GOOD;
  UA_Client_getState(client_, &channel, &session, &status);
  return channel == UA_SECURECHANNELSTATE_OPEN && session == UA_SESSIONSTATE_ACTIVATED &&
         status == UA_STATUSCODE_GOOD;
}

UA_StatusCode Client::last_status() const {
  UA_StatusCode status = UA_STATUSCODE_GOOD;
  UA_Client_getState(client_, nullptr, nullptr, &status);
  return status == UA_STATUSCODE_GOOD ? UA_STATUSCODE_BADCONNECTIONCLOSED : status;
}

void Client::on_response(UA_Client*, void* context, UA_UInt32, void* response) {
  auto* pending = static_cast<Pending*>(context);
  Client* self = pending->client;
  const auto then = std::move(pending->then);
  self->pending_.remove_if([&](const Pending& each) { return &each == pending; });
  if (!self->closing_) then(response);
}

UA_StatusCode Client::send_raw(const void* request, const UA_DataType* request_type,
                               const UA_DataType* response_type, std::function<void(void*)> then) {
  pending_.push_back({this, std::move(then)});
  Pending* pending = &pending_.back();
  const UA_StatusCode code = __UA_Client_AsyncService(client_, request, request_type, on_response,
                                                      response_type, pending, nullptr);
  if (code != UA_STATUSCODE_GOOD) pending_.pop_back();
  return code;
}

Status Client::wait(const bool& done, const char* doing) {
  const DurationNs until = io::real_clock().monotonic() + patience_.request_timeout;
  while (!done) {
    run(kRunMs);
    if (done) break;
    if (patience_.is_stopped())
      return fail(ErrorCode::kCancelled, fmt::format("{}: stopped", doing));
    if (io::real_clock().monotonic() > until)
      return fail(ErrorCode::kTimeout, fmt::format("{}: the server did not answer in time", doing));
  }
  return {};
}

}  // namespace tundish::connect::opcua
