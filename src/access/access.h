#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/login_limiter.h"
#include "access/password.h"
#include "access/secret.h"
#include "base/mutex.h"
#include "io/clock.h"
#include "io/random.h"
#include "io/sqlite.h"
#include "model/ports/access_control.h"
#include "model/ports/enterprise_store.h"

namespace tundish::access {

struct Options {
  DurationNs session_idle_max = 12 * kHour;
  DurationNs session_age_max = 7 * kDay;
  std::size_t sessions_per_user_max = 32;  ///< a further one ends the oldest
  DurationNs link_valid_max = 30 * kDay;
  PasswordHasher::Options passwords;
  LoginLimiter::Options limiter;
  /// Gives credentials their enterprise's code and says which enterprises exist; must outlive the
  /// Access. Without it codes are empty and any enterprise is taken.
  const EnterpriseStore* enterprises = nullptr;
};

/// Users, sessions, tokens, one-time links and the audit log, kept in the tables access_* of
/// `database` (docs/formats/metadata.md).
///
/// 1. Everything but the audit log is in memory too; verification reads memory only.
/// 2. A change takes its turn (writing_), goes to disk in one transaction, and is then published to the
///    readers (state_), who never wait for the disk.
/// 3. When a token or session was last used is noted in memory and written by maintain().
///
/// Any thread. No thread of its own: the owner calls maintain() about once a minute.
class Access final : public AccessControl {
 public:
  /// Errors: as io::sqlite.
  static Result<std::unique_ptr<Access>> open(io::sqlite::Database& database, io::Clock& clock,
                                              io::Random& random, Options options);
  ~Access() override;  ///< writes what maintain() would

  /// Writes when credentials were last used, forgets expired sessions and links.
  Status maintain();

  Result<Credential> verify_token(std::string_view secret) override;
  Result<Credential> verify_session(std::string_view cookie) override;
  Result<SessionGrant> login(std::string_view name, std::string_view password,
                             std::string_view address) override;
  Status logout(const Credential& session) override;
  Result<std::string> make_link(std::optional<EnterpriseId> enterprise, std::optional<Role> role,
                                std::string user_name, DurationNs valid_for) override;
  Result<SessionGrant> redeem_link(std::string_view secret, std::string_view address) override;
  bool needs_first_operator() const override;

  std::vector<User> users(Scope enterprise) const override;
  Result<User> user(Scope enterprise, std::uint64_t id) const override;
  Result<User> create_user(const NewUser& user) override;
  Result<User> update_user(Scope enterprise, std::uint64_t id, const UserPatch& patch) override;
  Status remove_user(Scope enterprise, std::uint64_t id) override;
  /// A user without a password (made by a link) gives an empty old one.
  Status change_password(const Credential& session, std::string_view old_password,
                         std::string_view new_password) override;

  std::vector<Token> tokens(Scope enterprise) const override;
  Result<CreatedToken> create_token(const NewToken& token) override;
  Status remove_token(Scope enterprise, std::uint64_t id) override;

  Status record(AuditEntry entry) override;
  std::vector<AuditEntry> audit(Scope enterprise, std::uint64_t before,
                                std::size_t limit) const override;

  /// Password hashes made since the start, for the metrics.
  std::uint64_t password_hashes() const { return hasher_.hashes(); }

 private:
  struct Account {
    User user;
    std::string password_hash;                   ///< empty: none
    std::optional<std::string> enterprise_code;  ///< none: the enterprise does not exist
  };
  struct Session {
    std::uint64_t id = 0;
    std::uint64_t user = 0;
    TimeNs created = 0;
    std::atomic<TimeNs> last_seen = 0;
    TimeNs last_seen_written = 0;  ///< writing_
    bool on_disk = true;           ///< writing_; false when the disk was full as it began
  };
  struct ApiToken {
    Token token;  ///< its last_used is what is on disk; writing_
    std::optional<std::string> enterprise_code;
    std::atomic<TimeNs> last_used = 0;
  };
  struct Link {
    std::string user_name;
    Role role = Role::kViewer;
    std::optional<EnterpriseId> enterprise;
    TimeNs expires = 0;
  };

  Access(io::sqlite::Database& database, io::Clock& clock, io::Random& random,
         const Options& options);

  Status load();
  Status load_users(io::sqlite::Transaction& transaction) TUNDISH_REQUIRES(state_);
  Status load_sessions(io::sqlite::Transaction& transaction) TUNDISH_REQUIRES(writing_)
      TUNDISH_REQUIRES(state_);
  Status load_tokens(io::sqlite::Transaction& transaction) TUNDISH_REQUIRES(state_);
  Status load_links(io::sqlite::Transaction& transaction) TUNDISH_REQUIRES(state_);

  std::optional<std::string> code_of(std::optional<EnterpriseId> enterprise) const;
  Status check_scope(Role role, std::optional<EnterpriseId> enterprise) const;
  const Account* find_account(std::string_view name) const TUNDISH_REQUIRES_SHARED(state_);
  Result<const Account*> find_account(Scope scope, std::uint64_t id) const
      TUNDISH_REQUIRES_SHARED(state_);
  bool is_expired(const Session& session, TimeNs now) const;
  bool is_expired(const Link& link, TimeNs now) const;
  static Credential credential_of(const Account& account, std::uint64_t session,
                                  std::string_view cookie);
  Result<std::uint64_t> insert_user(io::sqlite::Transaction& transaction, const User& user,
                                    const std::string& password_hash) TUNDISH_REQUIRES(writing_);

  /// What of that which signs a user in, sessions and an outstanding link, a change ends.
  struct Forget {
    bool sign_ins = true;
    std::uint64_t but_session = 0;  ///< this one goes on; 0: none does
  };
  /// `after` none: the user is removed. Errors: kConflict when nobody would be left in charge.
  Status check_not_last(const User& before, const User* after) const
      TUNDISH_REQUIRES_SHARED(state_);
  Result<User> replace_account(Account changed, Forget forget) TUNDISH_REQUIRES(writing_)
      TUNDISH_REQUIRES_SHARED(state_);

  // Beginning a session, in three steps of one turn: make, write beside what else belongs to
  // signing in, publish after the commit.
  struct NewSession {
    std::string cookie;
    SecretHash hash;
    std::unique_ptr<Session> session;
    std::vector<SecretHash> displaced;  ///< the user's oldest, over sessions_per_user_max
  };
  NewSession make_session(std::uint64_t user) TUNDISH_REQUIRES(writing_)
      TUNDISH_REQUIRES_SHARED(state_);
  Status write_session(io::sqlite::Transaction& transaction, const Account& account,
                       const NewSession& session) TUNDISH_REQUIRES(writing_);
  SessionGrant publish_session(Account& account, NewSession session) TUNDISH_REQUIRES(writing_)
      TUNDISH_REQUIRES_SHARED(state_);

  Status end_on_disk() TUNDISH_REQUIRES(writing_);
  Status forget_sign_ins(io::sqlite::Transaction& transaction, const User& user, Forget forget)
      TUNDISH_REQUIRES(writing_);
  void publish_forgotten(const User& user, Forget forget) TUNDISH_REQUIRES(state_);

  io::sqlite::Database& database_;
  io::Clock& clock_;
  io::Random& random_;
  const Options options_;
  PasswordHasher hasher_;
  LoginLimiter limiter_;

  Mutex writing_;  ///< one change at a time; taken before the database and before state_
  mutable SharedMutex state_;
  std::unordered_map<std::uint64_t, Account> accounts_ TUNDISH_GUARDED_BY(state_);
  std::unordered_map<std::string, std::uint64_t> account_by_name_ TUNDISH_GUARDED_BY(state_);
  std::unordered_map<SecretHash, std::unique_ptr<Session>> sessions_ TUNDISH_GUARDED_BY(state_);
  std::unordered_map<SecretHash, std::unique_ptr<ApiToken>> tokens_ TUNDISH_GUARDED_BY(state_);
  std::unordered_map<SecretHash, Link> links_ TUNDISH_GUARDED_BY(state_);
  /// Sessions that have ended in memory and whose removal the disk has not taken yet.
  std::vector<SecretHash> ended_on_disk_later_ TUNDISH_GUARDED_BY(writing_);
  std::uint64_t next_session_ TUNDISH_GUARDED_BY(writing_) = 1;
  std::atomic<bool> operator_was_here_ = false;
};

}  // namespace tundish::access
