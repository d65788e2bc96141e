// Verifying, signing in and out. Verification reads memory under a shared lock; signing in hashes
// the password before it takes any lock, then checks again what may have changed meanwhile.
#include <fmt/format.h>

#include <algorithm>

#include "access/access.h"
#include "access/rules.h"
#include "base/log.h"

namespace tundish::access {

using io::sqlite::Transaction;

namespace {

// One sentence each for unknown, expired, disabled and wrong.
std::unexpected<Error> bad_token() {
  return fail(ErrorCode::kUnauthenticated, "the API token is not valid");
}
std::unexpected<Error> bad_session() {
  return fail(ErrorCode::kUnauthenticated, "the session has ended; sign in again");
}
std::unexpected<Error> bad_login() {
  return fail(ErrorCode::kUnauthenticated, "the user name or the password is wrong");
}
std::unexpected<Error> bad_link() {
  return fail(ErrorCode::kUnauthenticated,
              "the link was used, has expired or never was; ask for a new one");
}

std::unexpected<Error> too_many(DurationNs wait) {
  return fail(ErrorCode::kOverloaded,
              fmt::format("too many failed attempts for this name or from this address; try again "
                          "in {} s",
                          (wait + kSecond - 1) / kSecond));
}

/// Names are lower case; people type them as they like.
std::string lower(std::string_view name) {
  std::string text(name.substr(0, 128));
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return text;
}

/// Moves forward only: two requests may store in either order.
void raise_to(std::atomic<TimeNs>& time, TimeNs now) {
  TimeNs seen = time.load(std::memory_order_relaxed);
  while (seen < now && !time.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
  }
}

}  // namespace

Credential Access::credential_of(const Account& account, std::uint64_t session,
                                 std::string_view cookie) {
  return {.kind = Credential::Kind::kSession,
          .id = session,
          .user = account.user.id,
          .actor = "user:" + account.user.name,
          .role = account.user.role,
          .enterprise = account.user.enterprise,
          .enterprise_code = account.enterprise_code.value_or(""),
          .may_create_tags = false,
          .csrf = csrf_of(cookie)};
}

Result<Credential> Access::verify_token(std::string_view secret) {
  if (!secret.starts_with(kTokenPrefix) || !looks_like_secret(secret.substr(kTokenPrefix.size())))
    return bad_token();
  const SecretHash hash = hash_secret(SecretUse::kToken, secret);
  const TimeNs now = clock_.now();
  const ReadLock state(state_);
  const auto found = tokens_.find(hash);
  if (found == tokens_.end()) return bad_token();
  ApiToken& entry = *found->second;
  if (!entry.enterprise_code || (entry.token.expires != 0 && entry.token.expires <= now))
    return bad_token();
  raise_to(entry.last_used, now - now % kMinute);
  return Credential{.kind = Credential::Kind::kToken,
                    .id = entry.token.id,
                    .user = 0,
                    .actor = "token:" + entry.token.name,
                    .role = entry.token.role,
                    .enterprise = entry.token.enterprise,
                    .enterprise_code = *entry.enterprise_code,
                    .may_create_tags = entry.token.may_create_tags,
                    .csrf = {}};
}

Result<Credential> Access::verify_session(std::string_view cookie) {
  if (!looks_like_secret(cookie)) return bad_session();
  const SecretHash hash = hash_secret(SecretUse::kSession, cookie);
  const TimeNs now = clock_.now();
  const ReadLock state(state_);
  const auto found = sessions_.find(hash);
  if (found == sessions_.end()) return bad_session();
  Session& session = *found->second;
  const auto account = accounts_.find(session.user);
  if (account == accounts_.end() || account->second.user.disabled ||
      !account->second.enterprise_code || is_expired(session, now))
    return bad_session();
  raise_to(session.last_seen, now);
  return credential_of(account->second, session.id, cookie);
}

Result<SessionGrant> Access::login(std::string_view name, std::string_view password,
                                   std::string_view address) {
  const std::string user_name = lower(name);
  const auto attempt = limiter_.admit(user_name, address, clock_.monotonic());
  if (attempt.wait > 0) return too_many(attempt.wait);
  std::uint64_t id = 0;
  std::string password_hash;
  {
    const ReadLock state(state_);
    const Account* const account = find_account(user_name);
    if (account != nullptr && !account->user.disabled && account->enterprise_code) {
      id = account->user.id;
      password_hash = account->password_hash;
    }
  }
  const auto matches = hasher_.verify(password_hash, password);
  if (!matches) {
    limiter_.withdrawn(attempt, clock_.monotonic());
    return fail(matches.error());
  }
  if (!*matches) return bad_login();
  limiter_.succeeded(attempt, clock_.monotonic());

  const TurnLock turn(writing_, state_);
  const auto account = accounts_.find(id);
  if (account == accounts_.end() || account->second.user.disabled ||
      account->second.password_hash != password_hash)
    return bad_login();
  NewSession session = make_session(id);
  const auto written = [&]() TUNDISH_REQUIRES(writing_) -> Status {
    TUNDISH_TRY(Transaction transaction, database_.begin());
    TUNDISH_RETURN_IF_ERROR(write_session(transaction, account->second, session));
    return transaction.commit();
  }();
  if (!written) {
    // Whoever comes to make space on a full disk has to get in: the session lives in memory then.
    if (written.error().code != ErrorCode::kDiskFull) return fail(written.error());
    log_warning("access", "the disk is full: a session will not outlast a restart");
    session.session->on_disk = false;
    for (const auto& hash : session.displaced) ended_on_disk_later_.push_back(hash);
  }
  return publish_session(account->second, std::move(session));
}

Status Access::logout(const Credential& credential) {
  if (credential.kind != Credential::Kind::kSession) return {};
  const TurnLock turn(writing_, state_);
  const auto found = std::ranges::find_if(
      sessions_, [&](const auto& entry) { return entry.second->id == credential.id; });
  if (found == sessions_.end() || found->second->user != credential.user) return {};
  const SecretHash hash = found->first;
  const bool on_disk = found->second->on_disk;
  {
    // Whoever signs out is out at once, whatever the disk says.
    const PublishLock state(state_);
    sessions_.erase(found);
  }
  if (!on_disk) return {};
  ended_on_disk_later_.push_back(hash);
  const Status written = end_on_disk();
  if (written) return {};
  log_warning("access", "a session that ended is still on the disk: {}",
              written.error().to_string());
  return fail(written.error().code,
              "you are signed out, but the disk refused to note it: until it does, a restart of "
              "the platform would bring the session back; it is tried again every minute");
}

/// Removes from the disk the sessions that have ended in memory already. What the disk refuses stays
/// on the list for the next call.
Status Access::end_on_disk() {
  if (ended_on_disk_later_.empty()) return {};
  TUNDISH_TRY(Transaction transaction, database_.begin());
  for (const auto& hash : ended_on_disk_later_)
    TUNDISH_RETURN_IF_ERROR(
        transaction.run("DELETE FROM access_session WHERE hash = ?", hash.span()));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  ended_on_disk_later_.clear();
  return {};
}

// --- one-time links ----------------------------------------------------------------------------

Result<std::string> Access::make_link(std::optional<EnterpriseId> enterprise,
                                      std::optional<Role> wanted_role, std::string user_name,
                                      DurationNs valid_for) {
  TUNDISH_RETURN_IF_ERROR(check_user_name(user_name));
  if (wanted_role) TUNDISH_RETURN_IF_ERROR(check_scope(*wanted_role, enterprise));
  if (valid_for <= 0 || valid_for > options_.link_valid_max)
    return fail(ErrorCode::kInvalidArgument,
                "a link is valid for at most " + format_duration(options_.link_valid_max),
                "valid_for");
  const TurnLock turn(writing_, state_);
  const TimeNs now = clock_.now();
  const Account* const account = find_account(user_name);
  // Another enterprise's user answers here like nobody.
  if (!wanted_role && (account == nullptr || account->user.enterprise != enterprise))
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no such user: {}; to invite somebody new, say the role that "
                            "they shall have",
                            user_name),
                "user");
  const Role role = wanted_role ? *wanted_role : account->user.role;
  if (account != nullptr) {
    if (account->user.enterprise != enterprise)
      return fail(ErrorCode::kAlreadyExists, "this user name is taken", "user_name");
    if (account->user.role > role)
      return fail(ErrorCode::kConflict,
                  fmt::format("the user has the role {} already, which is above the link's",
                              role_name(account->user.role)),
                  "role");
  }
  // One link a user: a new one takes the place of the old, but never of another enterprise's.
  const auto old = std::ranges::find_if(
      links_, [&](const auto& entry) { return entry.second.user_name == user_name; });
  if (old != links_.end() && old->second.enterprise != enterprise && !is_expired(old->second, now))
    return fail(ErrorCode::kAlreadyExists, "this user name is taken", "user_name");

  std::string secret = make_secret(random_);
  const SecretHash hash = hash_secret(SecretUse::kLink, secret);
  Link link{.user_name = std::move(user_name),
            .role = role,
            .enterprise = enterprise,
            .expires = now + valid_for};
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(
      transaction.run("DELETE FROM access_link WHERE user_name = ?", link.user_name));
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "INSERT INTO access_link(hash, user_name, role, enterprise, expires) VALUES(?, ?, ?, ?, ?)",
      hash.span(), link.user_name, static_cast<int>(role), stored(enterprise), link.expires));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  if (old != links_.end()) links_.erase(old);
  links_.emplace(hash, std::move(link));
  return secret;
}

Result<SessionGrant> Access::redeem_link(std::string_view secret, std::string_view address) {
  if (!looks_like_secret(secret)) return bad_link();
  const SecretHash hash = hash_secret(SecretUse::kLink, secret);
  bool exists = false;
  {
    // Who only tries does not wait for those who change something, nor they for them.
    const ReadLock state(state_);
    exists = links_.contains(hash);
  }
  if (!exists) {
    // Nobody guesses 256 bits; but who tries all day is told so, and need not be audited each time.
    const auto tried = limiter_.admit("\nlink", address, clock_.monotonic());
    if (tried.wait > 0) return too_many(tried.wait);
    return bad_link();
  }
  const TurnLock turn(writing_, state_);
  const auto found = links_.find(hash);
  if (found == links_.end() || is_expired(found->second, clock_.now())) return bad_link();
  const Link& link = found->second;

  Account account;
  if (const Account* const known = find_account(link.user_name)) {
    account = *known;
    // What was so when the link was made may have changed since.
    if (account.user.disabled || account.user.enterprise != link.enterprise ||
        account.user.role > link.role)
      return bad_link();
  } else {
    account.user = {.id = 0,
                    .name = link.user_name,
                    .display_name = link.user_name,
                    .role = link.role,
                    .enterprise = link.enterprise,
                    .disabled = false,
                    .has_password = false,
                    .created = clock_.now(),
                    .last_login = 0};
    account.enterprise_code = code_of(link.enterprise);
  }
  if (!account.enterprise_code) return bad_link();

  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run("DELETE FROM access_link WHERE hash = ?", hash.span()));
  if (account.user.id == 0) {
    TUNDISH_TRY(account.user.id, insert_user(transaction, account.user, ""));
  }
  NewSession session = make_session(account.user.id);
  TUNDISH_RETURN_IF_ERROR(write_session(transaction, account, session));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const auto attempt = limiter_.admit(account.user.name, address, clock_.monotonic());
  if (attempt.wait == 0) limiter_.succeeded(attempt, clock_.monotonic());

  Account* published = nullptr;
  {
    const PublishLock state(state_);
    links_.erase(hash);
    account_by_name_[account.user.name] = account.user.id;
    published = &accounts_.try_emplace(account.user.id, std::move(account)).first->second;
  }
  return publish_session(*published, std::move(session));
}

bool Access::needs_first_operator() const { return !operator_was_here_; }

// --- sessions ----------------------------------------------------------------------------------

Access::NewSession Access::make_session(std::uint64_t user) {
  NewSession made;
  made.cookie = make_secret(random_);
  made.hash = hash_secret(SecretUse::kSession, made.cookie);
  made.session = std::make_unique<Session>();
  made.session->id = next_session_++;
  made.session->user = user;
  made.session->created = clock_.now();
  made.session->last_seen = made.session->last_seen_written = made.session->created;

  std::vector<std::pair<std::uint64_t, SecretHash>> others;
  for (const auto& [hash, session] : sessions_)
    if (session->user == user) others.emplace_back(session->id, hash);
  const std::size_t others_max = std::max<std::size_t>(options_.sessions_per_user_max, 1) - 1;
  if (others.size() > others_max) {
    std::ranges::sort(others, {}, [](const auto& other) { return other.first; });
    for (std::size_t i = 0; i < others.size() - others_max; ++i)
      made.displaced.push_back(others[i].second);
  }
  return made;
}

Status Access::write_session(Transaction& transaction, const Account& account,
                             const NewSession& session) {
  for (const auto& hash : session.displaced)
    TUNDISH_RETURN_IF_ERROR(
        transaction.run("DELETE FROM access_session WHERE hash = ?", hash.span()));
  const Session& made = *session.session;
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "INSERT INTO access_session(hash, id, user, created, last_seen) VALUES(?, ?, ?, ?, ?)",
      session.hash.span(), made.id, made.user, made.created, made.created));
  TUNDISH_RETURN_IF_ERROR(transaction.run("UPDATE access_user SET last_login = ? WHERE id = ?",
                                          made.created, made.user));
  if (account.user.role == Role::kPlatformOperator && !operator_was_here_)
    TUNDISH_RETURN_IF_ERROR(
        transaction.run("INSERT INTO access_first_operator(time) VALUES(?)", made.created));
  return {};
}

SessionGrant Access::publish_session(Account& account, NewSession session) {
  if (account.user.role == Role::kPlatformOperator && session.session->on_disk)
    operator_was_here_ = true;
  SessionGrant grant{.cookie = session.cookie,
                     .credential = credential_of(account, session.session->id, session.cookie)};
  const PublishLock state(state_);
  account.user.last_login = session.session->created;
  for (const auto& hash : session.displaced) sessions_.erase(hash);
  sessions_.emplace(session.hash, std::move(session.session));
  return grant;
}

Status Access::forget_sign_ins(Transaction& transaction, const User& user, Forget forget) {
  if (!forget.sign_ins) return {};
  TUNDISH_RETURN_IF_ERROR(transaction.run("DELETE FROM access_session WHERE user = ? AND id <> ?",
                                          user.id, forget.but_session));
  return transaction.run("DELETE FROM access_link WHERE user_name = ?", user.name);
}

void Access::publish_forgotten(const User& user, Forget forget) {
  if (!forget.sign_ins) return;
  std::erase_if(sessions_, [&](const auto& entry) {
    return entry.second->user == user.id && entry.second->id != forget.but_session;
  });
  std::erase_if(links_, [&](const auto& entry) { return entry.second.user_name == user.name; });
}

}  // namespace tundish::access
