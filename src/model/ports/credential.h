#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace tundish {

/// What a credential may do. Per enterprise but for the last, which is for the installation. Each
/// enterprise role includes those before it; the platform operator includes none of them.
enum class Role : std::uint8_t { kViewer, kOperator, kEngineer, kAdministrator, kPlatformOperator };

std::string_view role_name(Role role);  ///< `viewer`, ..., `platform-operator`
std::optional<Role> parse_role(std::string_view name);

/// A verified credential. The only place from which an enterprise ever comes.
struct Credential {
  enum class Kind : std::uint8_t {
    kSession,  ///< a signed-in user's cookie
    kToken,    ///< an API token
    kOwner,    ///< owner of the data folder, over its control socket or offline: any enterprise
  };
  Kind kind = Kind::kToken;
  std::uint64_t id = 0;    ///< of the session or token
  std::uint64_t user = 0;  ///< user id, 0 for tokens and the owner
  std::string actor;       ///< for the audit: `user:anna`, `token:line-3`, `owner`
  Role role = Role::kViewer;
  std::optional<EnterpriseId> enterprise;  ///< none: platform scope (platform operator, owner)
  std::string enterprise_code;
  bool may_create_tags = false;
  std::string csrf;  ///< of a session: what X-CSRF-Token must say
};

}  // namespace tundish
