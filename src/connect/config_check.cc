#include "connect/config_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <tuple>

#include "connect/opcua/node_id.h"
#include "connect/opcua/security.h"
#include "connect/tag_text.h"
#include "model/tag_path.h"

namespace tundish::connect {
namespace {

constexpr std::size_t kItemsMax = 100'000;
constexpr std::size_t kTextBytesMax = 1024;
constexpr std::uint32_t kSamplingMsMin = 10;
constexpr std::uint32_t kPeriodMsMax = 24 * 3600 * 1000;
constexpr std::uint32_t kPublishingMsMin = 50;

Status invalid(std::string message, std::string field) {
  return fail(ErrorCode::kInvalidArgument, std::move(message), std::move(field));
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Status check_text(const std::string& text, std::string_view field,
                  std::size_t bytes_max = kTextBytesMax) {
  if (text.size() > bytes_max)
    return fail(ErrorCode::kTooLarge, fmt::format("longer than {} bytes", bytes_max),
                std::string(field));
  if (!is_utf8(text) || has_control_characters(text))
    return invalid("must be UTF-8 without control characters", std::string(field));
  return {};
}

Status check_item(const ConnectionItem& item, std::string_view enterprise_code,
                  const std::string& field) {
  if (const auto id = opcua::parse_identifier(item.identifier, 0); !id)
    return invalid(id.error().message, field + ".identifier");
  TUNDISH_RETURN_IF_ERROR(check_text(item.namespace_uri, field + ".namespace_uri"));
  TUNDISH_RETURN_IF_ERROR(check_text(item.unit, field + ".unit", kUnitBytesMax));
  TUNDISH_RETURN_IF_ERROR(
      check_text(item.description, field + ".description", kDescriptionBytesMax));
  if (const auto path = check_path(item.path); !path)
    return invalid(path.error().message, field + ".path");
  if (enterprise_of(item.path) != enterprise_code)
    return invalid(fmt::format("the path must begin with '{}/'", enterprise_code), field + ".path");
  if (item.sampling_ms < kSamplingMsMin || item.sampling_ms > kPeriodMsMax)
    return invalid(fmt::format("must be {} to {}", kSamplingMsMin, kPeriodMsMax),
                   field + ".sampling_ms");
  return {};
}

}  // namespace

Status check_endpoint(const std::string& url) {
  constexpr std::string_view kScheme = "opc.tcp://";
  TUNDISH_RETURN_IF_ERROR(check_text(url, "endpoint"));
  if (!url.starts_with(kScheme))
    return invalid("must look like opc.tcp://host:4840/path", "endpoint");
  std::string_view authority = std::string_view(url).substr(kScheme.size());
  authority = authority.substr(0, authority.find('/'));
  std::string_view port;
  if (authority.starts_with('[')) {  // an IPv6 address
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return invalid("the address has no closing ]", "endpoint");
    port = authority.substr(close + 1);
  } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    port = authority.substr(colon);
    authority = authority.substr(0, colon);
  }
  if (authority.empty() || authority.find_first_of(" @\\\"'<>") != std::string_view::npos)
    return invalid("must name a host: opc.tcp://host:4840/path", "endpoint");
  if (port.empty()) return {};
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), number);
  if (port.front() != ':' || error != std::errc() || end != port.data() + port.size() ||
      number == 0 || number > 65535)
    return invalid("the port must be 1 to 65535", "endpoint");
  return {};
}

bool is_renamed_only(const ConnectionConfig& before, const ConnectionConfig& after) {
  const auto session_part = [](const ConnectionConfig& config) {
    return std::tie(config.id, config.enterprise, config.kind, config.endpoint,
                    config.security_policy, config.security_mode, config.user, config.password,
                    config.trusted_fingerprint, config.publishing_ms, config.enabled,
                    config.simulated);
  };
  const auto item_part = [](const ConnectionItem& item) {
    return std::tie(item.namespace_uri, item.identifier, item.path, item.sampling_ms, item.type,
                    item.step, item.unit, item.description);
  };
  return before.name != after.name && session_part(before) == session_part(after) &&
         std::equal(before.items.begin(), before.items.end(), after.items.begin(),
                    after.items.end(),
                    [&](const auto& a, const auto& b) { return item_part(a) == item_part(b); });
}

Status check_config(const ConnectionConfig& config, std::string_view enterprise_code) {
  if (config.kind != "opcua")
    return fail(ErrorCode::kUnsupported,
                fmt::format("connections of kind '{}' are not known; use 'opcua'", config.kind),
                "kind");
  if (config.name.empty()) return invalid("needs a name", "name");
  TUNDISH_RETURN_IF_ERROR(check_text(config.name, "name"));
  TUNDISH_RETURN_IF_ERROR(check_endpoint(config.endpoint));
  TUNDISH_RETURN_IF_ERROR(opcua::check_security(config.security_policy, config.security_mode));
  TUNDISH_RETURN_IF_ERROR(check_text(config.user, "user"));
  TUNDISH_RETURN_IF_ERROR(check_text(config.password, "password"));
  if (config.publishing_ms < kPublishingMsMin || config.publishing_ms > kPeriodMsMax)
    return invalid(fmt::format("must be {} to {}", kPublishingMsMin, kPeriodMsMax),
                   "publishing_ms");
  if (config.items.size() > kItemsMax)
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} items a connection", kItemsMax),
                "items");
  std::set<std::string_view> paths;
  for (std::size_t index = 0; index < config.items.size(); ++index) {
    const std::string field = fmt::format("items[{}]", index);
    TUNDISH_RETURN_IF_ERROR(check_item(config.items[index], enterprise_code, field));
    if (!paths.insert(config.items[index].path).second)
      return invalid(fmt::format("the path '{}' is used twice", config.items[index].path),
                     field + ".path");
  }
  return {};
}

}  // namespace tundish::connect
