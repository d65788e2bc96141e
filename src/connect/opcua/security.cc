#include "connect/opcua/security.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tundish::connect::opcua {
namespace {

constexpr std::string_view kPolicyPrefix = "http://opcfoundation.org/UA/SecurityPolicy#";
constexpr std::string_view kBinaryTransport =
    "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary";
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPolicies{{
    {"None", "http://opcfoundation.org/UA/SecurityPolicy#None"},
    {"Basic256Sha256", "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"},
    {"Aes128_Sha256_RsaOaep", "http://opcfoundation.org/UA/SecurityPolicy#Aes128_Sha256_RsaOaep"},
    {"Aes256_Sha256_RsaPss", "http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss"},
}};

bool is_binary(const UA_EndpointDescription& endpoint) {
  // Some servers leave the profile empty; opc.tcp then says it.
  const auto profile = view_of(endpoint.transportProfileUri);
  return profile.empty() ? view_of(endpoint.endpointUrl).starts_with("opc.tcp:")
                         : profile == kBinaryTransport;
}

ByteSpan bytes_of(const UA_ByteString& bytes) {
  return {reinterpret_cast<const std::byte*>(bytes.data), bytes.length};
}

std::string list_offers(std::span<const UA_EndpointDescription> offered) {
  std::string list;
  for (const auto& endpoint : offered) {
    if (!is_binary(endpoint)) continue;
    const auto offer = fmt::format("{} {}", policy_name(view_of(endpoint.securityPolicyUri)),
                                   mode_name(endpoint.securityMode));
    if (list.find(offer) != std::string::npos) continue;
    if (!list.empty()) list += ", ";
    list += offer;
  }
  return list.empty() ? "nothing over opc.tcp" : list;
}

/// The policy with which a secret of `token` would be encrypted, the channel's unless it has its own.
std::string_view secret_policy(const UA_UserTokenPolicy& token,
                               const UA_EndpointDescription& endpoint) {
  const auto own = view_of(token.securityPolicyUri);
  return own.empty() ? view_of(endpoint.securityPolicyUri) : own;
}

bool is_encrypting(std::string_view uri) {
  const auto* known = std::find_if(kPolicies.begin(), kPolicies.end(),
                                   [&](const auto& policy) { return policy.second == uri; });
  return known != kPolicies.end() && known->first != "None";
}

std::string_view token_name(UA_UserTokenType type) {
  switch (type) {
    case UA_USERTOKENTYPE_ANONYMOUS: return "anonymous";
    case UA_USERTOKENTYPE_USERNAME: return "username";
    case UA_USERTOKENTYPE_CERTIFICATE: return "certificate";
    default: return "issued";
  }
}

Result<const UA_UserTokenPolicy*> choose_token(const UA_EndpointDescription& endpoint,
                                               const ConnectionConfig& config) {
  const std::span tokens(endpoint.userIdentityTokens, endpoint.userIdentityTokensSize);
  if (config.user.empty()) {
    for (const auto& token : tokens)
      if (token.tokenType == UA_USERTOKENTYPE_ANONYMOUS) return &token;
    return fail(ErrorCode::kPermissionDenied,
                "the server wants a user at this endpoint: enter user name and password", "user");
  }
  const UA_UserTokenPolicy* in_clear = nullptr;
  for (const auto& token : tokens) {
    if (token.tokenType != UA_USERTOKENTYPE_USERNAME) continue;
    if (is_encrypting(secret_policy(token, endpoint))) return &token;
    in_clear = &token;
  }
  if (in_clear == nullptr)
    return fail(ErrorCode::kPermissionDenied,
                "the server takes no user name and password at this endpoint", "user");
  // A token policy of None inside an encrypted channel is as secret as the channel.
  if (endpoint.securityMode == UA_MESSAGESECURITYMODE_SIGNANDENCRYPT &&
      is_encrypting(view_of(endpoint.securityPolicyUri)))
    return in_clear;
  return fail(ErrorCode::kPermissionDenied,
              "the password was not sent, because at this endpoint it would travel unencrypted: "
              "choose an endpoint with SignAndEncrypt",
              "security_policy");
}

}  // namespace

std::optional<std::string_view> policy_uri(std::string_view name) {
  for (const auto& [known, uri] : kPolicies)
    if (known == name) return uri;
  return std::nullopt;
}

std::string policy_name(std::string_view uri) {
  if (uri.starts_with(kPolicyPrefix)) uri.remove_prefix(kPolicyPrefix.size());
  return std::string(uri);
}

std::string_view mode_name(UA_MessageSecurityMode mode) {
  switch (mode) {
    case UA_MESSAGESECURITYMODE_NONE: return "None";
    case UA_MESSAGESECURITYMODE_SIGN: return "Sign";
    case UA_MESSAGESECURITYMODE_SIGNANDENCRYPT: return "SignAndEncrypt";
    default: return "Invalid";
  }
}

Status check_security(const std::string& policy, const std::string& mode) {
  if (policy == "Basic128Rsa15" || policy == "Basic256")
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the policy {} is deprecated because it can be broken; use "
                            "Basic256Sha256, Aes128_Sha256_RsaOaep or Aes256_Sha256_RsaPss",
                            policy),
                "security_policy");
  if (!policy_uri(policy))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("unknown security policy '{}'; use Basic256Sha256, "
                            "Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss or None",
                            policy),
                "security_policy");
  if (mode != "None" && mode != "Sign" && mode != "SignAndEncrypt")
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("unknown security mode '{}'; use SignAndEncrypt, Sign or None", mode),
                "security_mode");
  if ((policy == "None") != (mode == "None"))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the policy {} does not go with the mode {}", policy, mode),
                "security_mode");
  return {};
}

Result<Endpoint> choose_endpoint(std::span<const UA_EndpointDescription> offered,
                                 const ConnectionConfig& config) {
  TUNDISH_RETURN_IF_ERROR(check_security(config.security_policy, config.security_mode));
  const auto uri = *policy_uri(config.security_policy);
  const auto match = std::find_if(offered.begin(), offered.end(), [&](const auto& endpoint) {
    return is_binary(endpoint) && view_of(endpoint.securityPolicyUri) == uri &&
           mode_name(endpoint.securityMode) == config.security_mode;
  });
  if (match == offered.end())
    return fail(ErrorCode::kUnavailable,
                fmt::format("the server does not offer {} {}; it offers {}", config.security_policy,
                            config.security_mode, list_offers(offered)),
                "security_policy");
  TUNDISH_TRY(const UA_UserTokenPolicy* token, choose_token(*match, config));

  Endpoint endpoint;
  endpoint.description = Ua<UA_EndpointDescription>::copy_of(*match);
  endpoint.user_token = Ua<UA_UserTokenPolicy>::copy_of(*token);
  endpoint.needs_trust = config.security_policy != "None" ||
                         (!config.user.empty() && is_encrypting(secret_policy(*token, *match)));
  if (match->serverCertificate.length > 0) {
    TUNDISH_TRY(endpoint.certificate, parse_certificate(bytes_of(match->serverCertificate)));
    // The channel is bound to the leaf; a chain behind it would never compare equal.
    endpoint.description->serverCertificate.length = endpoint.certificate->der.size();
  } else if (endpoint.needs_trust) {
    return fail(ErrorCode::kUnavailable,
                "the server shows no certificate for this endpoint, so nothing can be secured");
  }
  // One token policy is left, with its security policy spelled out: open62541 looks for exactly that.
  UA_String_clear(&endpoint.user_token->securityPolicyUri);
  endpoint.user_token->securityPolicyUri =
      allocate(config.user.empty() ? uri : secret_policy(*token, *match));
  UA_EndpointDescription& description = *endpoint.description;
  UA_Array_delete(description.userIdentityTokens, description.userIdentityTokensSize,
                  ua_type<UA_UserTokenPolicy>());
  description.userIdentityTokensSize = 1;
  description.userIdentityTokens = UA_UserTokenPolicy_new();
  UA_UserTokenPolicy_copy(endpoint.user_token.get(), description.userIdentityTokens);
  // Servers name themselves as they see themselves; behind a proxy or another network that is wrong.
  UA_String_clear(&description.endpointUrl);
  description.endpointUrl = allocate(config.endpoint);
  return endpoint;
}

std::vector<EndpointInfo> describe(std::span<const UA_EndpointDescription> offered) {
  std::vector<EndpointInfo> infos;
  for (const auto& endpoint : offered) {
    if (!is_binary(endpoint)) continue;
    EndpointInfo info;
    info.url = string_of(endpoint.endpointUrl);
    info.security_policy = policy_name(view_of(endpoint.securityPolicyUri));
    info.security_mode = mode_name(endpoint.securityMode);
    if (const auto certificate = parse_certificate(bytes_of(endpoint.serverCertificate))) {
      info.fingerprint = certificate->fingerprint;
      info.subject = certificate->subject;
    }
    const std::span tokens(endpoint.userIdentityTokens, endpoint.userIdentityTokensSize);
    for (const auto& token : tokens) {
      std::string name(token_name(token.tokenType));
      if (std::find(info.user_tokens.begin(), info.user_tokens.end(), name) ==
          info.user_tokens.end())
        info.user_tokens.push_back(std::move(name));
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace tundish::connect::opcua
