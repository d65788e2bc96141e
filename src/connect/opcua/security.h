#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/opcua/certificate.h"
#include "connect/opcua/ua.h"
#include "model/ports/connections.h"

namespace tundish::connect::opcua {

/// `Basic256Sha256` -> its URI; nothing for a policy that this program does not speak.
std::optional<std::string_view> policy_uri(std::string_view name);
/// The reverse; an unknown or deprecated one as the part after `#`.
std::string policy_name(std::string_view uri);
std::string_view mode_name(UA_MessageSecurityMode mode);

/// kInvalidArgument that says why when policy and mode are unknown, deprecated (Basic128Rsa15,
/// Basic256: broken hash functions) or do not fit each other.
Status check_security(const std::string& policy, const std::string& mode);

/// How to open a session, as found among what the server offers.
struct Endpoint {
  Ua<UA_EndpointDescription>
      description;  ///< its URL is the configured one, its certificate the leaf
  Ua<UA_UserTokenPolicy> user_token;
  std::optional<Certificate> certificate;  ///< of the server; none only where nothing is secured
  bool needs_trust = false;                ///< channel or password is secured with that certificate
};

/// Picks the endpoint with exactly the configured policy and mode, and a user token policy. Nothing
/// weaker is ever taken in its place. A password goes only where it travels encrypted: with a
/// secured channel in SignAndEncrypt, or a token policy that encrypts it.
/// Errors: kUnavailable with what the server offers instead, kPermissionDenied for the password rule.
Result<Endpoint> choose_endpoint(std::span<const UA_EndpointDescription> offered,
                                 const ConnectionConfig& config);

/// What a server offers, for people.
std::vector<EndpointInfo> describe(std::span<const UA_EndpointDescription> offered);

}  // namespace tundish::connect::opcua
