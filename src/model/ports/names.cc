#include "model/ports/asset_store.h"
#include "model/ports/connections.h"
#include "model/ports/credential.h"

namespace tundish {

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kViewer: return "viewer";
    case Role::kOperator: return "operator";
    case Role::kEngineer: return "engineer";
    case Role::kAdministrator: return "administrator";
    case Role::kPlatformOperator: return "platform-operator";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kEngineer, Role::kAdministrator,
                          Role::kPlatformOperator})
    if (role_name(role) == name) return role;
  return std::nullopt;
}

std::string_view connection_state_name(ConnectionState state) {
  switch (state) {
    case ConnectionState::kDisabled: return "disabled";
    case ConnectionState::kConnecting: return "connecting";
    case ConnectionState::kUntrusted: return "untrusted";
    case ConnectionState::kConnected: return "connected";
    case ConnectionState::kRunning: return "running";
    case ConnectionState::kFailed: return "failed";
  }
  return "failed";
}

std::string_view change_kind_name(ModelChange::Kind kind) {
  switch (kind) {
    case ModelChange::Kind::kAdded: return "added";
    case ModelChange::Kind::kRemoved: return "removed";
    case ModelChange::Kind::kChanged: return "changed";
  }
  return "changed";
}

}  // namespace tundish
