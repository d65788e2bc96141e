#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ports/credential.h"

namespace tundish {

struct User {
  std::uint64_t id = 0;
  std::string name;  ///< unique in the installation, lower case, 1..64 of [a-z0-9._@-]
  std::string display_name;
  Role role = Role::kViewer;
  std::optional<EnterpriseId> enterprise;
  bool disabled = false;
  bool has_password = false;
  TimeNs created = 0;
  TimeNs last_login = 0;  ///< 0: never
};

struct NewUser {
  std::string name = {};
  std::string display_name = {};
  Role role = Role::kViewer;
  std::optional<EnterpriseId> enterprise = {};
  std::optional<std::string> password = {};
};

struct UserPatch {
  std::optional<std::string> display_name = {};
  std::optional<Role> role =
      {};  ///< only among enterprise roles: nobody is moved or made platform operator
  std::optional<bool> disabled = {};  ///< also ends sessions at once
  std::optional<std::string> password = {};
};

struct Token {
  std::uint64_t id = 0;
  std::string name = {};
  Role role = Role::kViewer;
  std::optional<EnterpriseId> enterprise = {};
  bool may_create_tags = false;
  TimeNs created = 0;
  TimeNs expires = 0;    ///< 0: never
  TimeNs last_used = 0;  ///< to the minute
};

struct NewToken {
  std::string name = {};
  Role role = Role::kViewer;
  std::optional<EnterpriseId> enterprise = {};
  bool may_create_tags = false;
  TimeNs expires = 0;
};

/// A session just made. The secret is in the answer once and is hashed at rest.
struct SessionGrant {
  std::string cookie;  ///< value of the session cookie
  Credential credential;
};

struct AuditEntry {
  std::uint64_t number = 0;
  TimeNs time = 0;
  std::string actor = {};
  std::optional<EnterpriseId> enterprise = {};
  std::string action = {};   ///< `token.create`, `login.failed`
  std::string object = {};   ///< `token:12`
  std::string outcome = {};  ///< `done` or an error code
  std::string detail = {};
};

/// Users, sessions, tokens, one-time links and the audit log. Any thread. Verification is
/// constant-time in the secret; passwords are argon2id; secrets are hashed at rest.
class AccessControl {
 public:
  virtual ~AccessControl() = default;

  // Credentials. Errors: kUnauthenticated, the same for unknown, expired, disabled and wrong.
  virtual Result<Credential> verify_token(std::string_view secret) = 0;
  virtual Result<Credential> verify_session(std::string_view cookie) = 0;
  /// kOverloaded when this name or address has failed too often of late (with the wait in the
  /// message) or too many hashes are under way. `address` is the peer's.
  virtual Result<SessionGrant> login(std::string_view name, std::string_view password,
                                     std::string_view address) = 0;
  /// The session ends at once. An error says that the disk did not take it: until it does (it is tried
  /// again) a restart would bring the session back.
  virtual Status logout(const Credential& session) = 0;

  /// A link that works once: redeeming it makes or finds its user and signs it in. `enterprise`
  /// none: the platform operator. `role` none: the one that the user has, who must exist then; so a
  /// mistyped name invites nobody. Returns the secret for `/#/welcome/SECRET`. Errors: kNotFound when
  /// there is no such user in `enterprise` and no role for a new one.
  virtual Result<std::string> make_link(std::optional<EnterpriseId> enterprise,
                                        std::optional<Role> role, std::string user_name,
                                        DurationNs valid_for) = 0;
  virtual Result<SessionGrant> redeem_link(std::string_view secret, std::string_view address) = 0;
  /// True until some platform operator has signed in once.
  virtual bool needs_first_operator() const = 0;

  // Accounts. `enterprise` restricts to one tenant; none is the whole installation. What belongs to
  // another enterprise answers kNotFound.
  using Scope = std::optional<EnterpriseId>;
  virtual std::vector<User> users(Scope enterprise) const = 0;
  virtual Result<User> user(Scope enterprise, std::uint64_t id) const = 0;
  virtual Result<User> create_user(const NewUser& user) = 0;
  /// kConflict when it would leave an enterprise without an enabled administrator, or the
  /// installation without an enabled platform operator; so for remove_user.
  virtual Result<User> update_user(Scope enterprise, std::uint64_t id, const UserPatch& patch) = 0;
  virtual Status remove_user(Scope enterprise, std::uint64_t id) = 0;
  /// Ends the user's other sessions and an outstanding link; the session that asks goes on.
  virtual Status change_password(const Credential& session, std::string_view old_password,
                                 std::string_view new_password) = 0;

  struct CreatedToken {
    Token token;
    std::string secret;  ///< `tnd_...`: shown once
  };
  virtual std::vector<Token> tokens(Scope enterprise) const = 0;
  virtual Result<CreatedToken> create_token(const NewToken& token) = 0;
  virtual Status remove_token(Scope enterprise, std::uint64_t id) = 0;

  // Audit.
  virtual Status record(AuditEntry entry) = 0;  ///< number and time are filled in
  /// Newest first, number < `before` (0: from the newest), at most `limit`.
  virtual std::vector<AuditEntry> audit(Scope enterprise, std::uint64_t before,
                                        std::size_t limit) const = 0;
};

}  // namespace tundish
