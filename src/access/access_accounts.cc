// Users and API tokens: checked, written in one transaction, then published.
#include <fmt/format.h>

#include <algorithm>

#include "access/access.h"
#include "access/rules.h"
#include "model/name.h"

namespace tundish::access {

using io::sqlite::Transaction;

namespace {

constexpr std::size_t kDisplayNameBytesMax = 200;
constexpr std::size_t kTokenNameBytesMax = 64;

bool in_scope(AccessControl::Scope scope, std::optional<EnterpriseId> enterprise) {
  return !scope || enterprise == scope;
}

}  // namespace

// --- users -------------------------------------------------------------------------------------

std::vector<User> Access::users(Scope enterprise) const {
  std::vector<User> found;
  {
    const ReadLock state(state_);
    for (const auto& [id, account] : accounts_)
      if (in_scope(enterprise, account.user.enterprise)) found.push_back(account.user);
  }
  std::ranges::sort(found, {}, &User::name);
  return found;
}

Result<User> Access::user(Scope enterprise, std::uint64_t id) const {
  const ReadLock state(state_);
  TUNDISH_TRY(const Account* const account, find_account(enterprise, id));
  return account->user;
}

Result<std::uint64_t> Access::insert_user(Transaction& transaction, const User& user,
                                          const std::string& password_hash) {
  const auto inserted = transaction.run(
      "INSERT INTO access_user(name, display_name, role, enterprise, disabled, password_hash, "
      "created) VALUES(?, ?, ?, ?, ?, ?, ?)",
      user.name, user.display_name, static_cast<int>(user.role), stored(user.enterprise),
      user.disabled, user.has_password ? std::optional(password_hash) : std::nullopt, user.created);
  if (!inserted) {
    if (inserted.error().code == ErrorCode::kAlreadyExists)
      return fail(ErrorCode::kAlreadyExists, "this user name is taken", "name");
    return fail(inserted.error());
  }
  return static_cast<std::uint64_t>(transaction.last_insert_id());
}

Result<User> Access::create_user(const NewUser& wanted) {
  TUNDISH_RETURN_IF_ERROR(check_user_name(wanted.name));
  TUNDISH_RETURN_IF_ERROR(
      check_new_name(wanted.display_name, 0, kDisplayNameBytesMax, "display_name"));
  TUNDISH_RETURN_IF_ERROR(check_scope(wanted.role, wanted.enterprise));
  Account account;
  if (wanted.password) {
    TUNDISH_RETURN_IF_ERROR(check_password_rules(*wanted.password, wanted.name));
    TUNDISH_TRY(account.password_hash, hasher_.hash(*wanted.password));
  }
  account.user = {.id = 0,
                  .name = wanted.name,
                  .display_name = wanted.display_name.empty() ? wanted.name : wanted.display_name,
                  .role = wanted.role,
                  .enterprise = wanted.enterprise,
                  .disabled = false,
                  .has_password = wanted.password.has_value(),
                  .created = clock_.now(),
                  .last_login = 0};
  account.enterprise_code = code_of(wanted.enterprise);

  const TurnLock turn(writing_, state_);
  // An outstanding link holds its name for the enterprise that it invites to.
  const bool promised = std::ranges::any_of(links_, [&](const auto& entry) {
    return entry.second.user_name == wanted.name && entry.second.enterprise != wanted.enterprise &&
           !is_expired(entry.second, account.user.created);
  });
  if (promised) return fail(ErrorCode::kAlreadyExists, "this user name is taken", "name");
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_TRY(account.user.id, insert_user(transaction, account.user, account.password_hash));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  account_by_name_[account.user.name] = account.user.id;
  return accounts_.emplace(account.user.id, std::move(account)).first->second.user;
}

/// Somebody must stay who can let others in: refuses a change that leaves an enterprise without an
/// enabled administrator, or the installation without an enabled platform operator. Within a turn, so
/// that of two changes at once the second sees the first.
Status Access::check_not_last(const User& before, const User* after) const {
  const auto keeps_order = [](const User& user) {
    return user.role >= Role::kAdministrator && !user.disabled;
  };
  if (!keeps_order(before) || (after != nullptr && keeps_order(*after))) return {};
  const bool another = std::ranges::any_of(accounts_, [&](const auto& entry) {
    const User& user = entry.second.user;
    return user.id != before.id && user.enterprise == before.enterprise && keeps_order(user);
  });
  if (another) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("{} is the last {}; first make or enable another one", before.name,
                          before.enterprise ? "administrator of this enterprise"
                                            : "platform operator of this installation"));
}

Result<User> Access::update_user(Scope enterprise, std::uint64_t id, const UserPatch& patch) {
  TUNDISH_TRY(const User before, user(enterprise, id));
  if (patch.display_name)
    TUNDISH_RETURN_IF_ERROR(
        check_new_name(*patch.display_name, 1, kDisplayNameBytesMax, "display_name"));
  if (patch.role && *patch.role != before.role &&
      (*patch.role >= Role::kPlatformOperator || before.role == Role::kPlatformOperator))
    return fail(ErrorCode::kInvalidArgument,
                "nobody becomes a platform operator or stops being one; make another user", "role");
  std::string password_hash;
  if (patch.password) {
    TUNDISH_RETURN_IF_ERROR(check_password_rules(*patch.password, before.name));
    TUNDISH_TRY(password_hash, hasher_.hash(*patch.password));
  }

  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(const Account* const found, find_account(enterprise, id));
  Account changed = *found;
  if (patch.display_name) changed.user.display_name = *patch.display_name;
  if (patch.role) changed.user.role = *patch.role;
  if (patch.disabled) changed.user.disabled = *patch.disabled;
  if (patch.password) {
    changed.user.has_password = true;
    changed.password_hash = std::move(password_hash);
  }
  TUNDISH_RETURN_IF_ERROR(check_not_last(found->user, &changed.user));
  const Forget forget{.sign_ins = changed.user.disabled || patch.password};
  return replace_account(std::move(changed), forget);
}

/// Writes and publishes an account that exists, and ends what `forget` says.
Result<User> Access::replace_account(Account changed, Forget forget) {
  User user = changed.user;
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "UPDATE access_user SET display_name = ?, role = ?, disabled = ?, password_hash = ? "
      "WHERE id = ?",
      user.display_name, static_cast<int>(user.role), user.disabled,
      user.has_password ? std::optional(changed.password_hash) : std::nullopt, user.id));
  TUNDISH_RETURN_IF_ERROR(forget_sign_ins(transaction, user, forget));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  accounts_.insert_or_assign(user.id, std::move(changed));
  publish_forgotten(user, forget);
  return user;
}

Status Access::remove_user(Scope enterprise, std::uint64_t id) {
  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(const Account* const found, find_account(enterprise, id));
  const User user = found->user;
  TUNDISH_RETURN_IF_ERROR(check_not_last(user, nullptr));
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(forget_sign_ins(transaction, user, {}));
  TUNDISH_RETURN_IF_ERROR(transaction.run("DELETE FROM access_user WHERE id = ?", id));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  account_by_name_.erase(user.name);
  accounts_.erase(id);
  publish_forgotten(user, {});
  return {};
}

Status Access::change_password(const Credential& session, std::string_view old_password,
                               std::string_view new_password) {
  const std::uint64_t id = session.user;
  Account before;
  {
    const ReadLock state(state_);
    TUNDISH_TRY(const Account* const account, find_account(std::nullopt, id));
    before = *account;
  }
  TUNDISH_RETURN_IF_ERROR(check_password_rules(new_password, before.user.name));
  if (before.user.has_password) {
    // Whoever holds a stolen session guesses here no faster than at the door.
    const std::string key = fmt::format("#{}", id);
    const auto attempt = limiter_.admit(key, key, clock_.monotonic());
    if (attempt.wait > 0)
      return fail(ErrorCode::kOverloaded, fmt::format("too many wrong passwords; try again in {} s",
                                                      (attempt.wait + kSecond - 1) / kSecond));
    const auto matches = hasher_.verify(before.password_hash, old_password);
    if (!matches) {
      limiter_.withdrawn(attempt, clock_.monotonic());
      return fail(matches.error());
    }
    if (!*matches)
      return fail(ErrorCode::kPermissionDenied, "the old password is wrong", "old_password");
    limiter_.succeeded(attempt, clock_.monotonic());
  }
  TUNDISH_TRY(std::string password_hash, hasher_.hash(new_password));

  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(const Account* const found, find_account(std::nullopt, id));
  if (found->password_hash != before.password_hash)
    return fail(ErrorCode::kConflict, "the password was changed meanwhile");
  Account changed = *found;
  changed.user.has_password = true;
  changed.password_hash = std::move(password_hash);
  TUNDISH_RETURN_IF_ERROR(replace_account(std::move(changed), {.but_session = session.id}));
  return {};
}

// --- API tokens --------------------------------------------------------------------------------

std::vector<Token> Access::tokens(Scope enterprise) const {
  std::vector<Token> found;
  {
    const ReadLock state(state_);
    for (const auto& [hash, entry] : tokens_) {
      if (!in_scope(enterprise, entry->token.enterprise)) continue;
      found.push_back(entry->token);
      found.back().last_used = entry->last_used;
    }
  }
  std::ranges::sort(found, {}, &Token::id);
  return found;
}

Result<AccessControl::CreatedToken> Access::create_token(const NewToken& wanted) {
  TUNDISH_RETURN_IF_ERROR(check_new_name(wanted.name, 1, kTokenNameBytesMax, "name"));
  TUNDISH_RETURN_IF_ERROR(check_scope(wanted.role, wanted.enterprise));
  if (wanted.may_create_tags && wanted.role == Role::kViewer)
    return fail(
        ErrorCode::kInvalidArgument,
        "a viewer sends no samples, so nothing of it could create tags: the role must be at "
        "least operator",
        "may_create_tags");
  const TimeNs now = clock_.now();
  if (wanted.expires != 0 && wanted.expires <= now)
    return fail(ErrorCode::kInvalidArgument, "the token would have expired already", "expires");
  CreatedToken created;
  created.secret = std::string(kTokenPrefix) + make_secret(random_);
  created.token = {.id = 0,
                   .name = wanted.name,
                   .role = wanted.role,
                   .enterprise = wanted.enterprise,
                   .may_create_tags = wanted.may_create_tags,
                   .created = now,
                   .expires = wanted.expires,
                   .last_used = 0};
  const SecretHash hash = hash_secret(SecretUse::kToken, created.secret);

  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(Transaction transaction, database_.begin());
  const auto inserted = transaction.run(
      "INSERT INTO access_token(hash, name, role, enterprise, may_create_tags, created, expires) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)",
      hash.span(), wanted.name, static_cast<int>(wanted.role), stored(wanted.enterprise),
      wanted.may_create_tags, now, wanted.expires);
  if (!inserted) {
    if (inserted.error().code == ErrorCode::kAlreadyExists)
      return fail(ErrorCode::kAlreadyExists, "there is a token of this name", "name");
    return fail(inserted.error());
  }
  created.token.id = static_cast<std::uint64_t>(transaction.last_insert_id());
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  auto entry = std::make_unique<ApiToken>();
  entry->token = created.token;
  entry->enterprise_code = code_of(wanted.enterprise);
  const PublishLock state(state_);
  tokens_.emplace(hash, std::move(entry));
  return created;
}

Status Access::remove_token(Scope enterprise, std::uint64_t id) {
  const TurnLock turn(writing_, state_);
  const auto found = std::ranges::find_if(tokens_, [&](const auto& entry) {
    return entry.second->token.id == id && in_scope(enterprise, entry.second->token.enterprise);
  });
  if (found == tokens_.end()) return fail(ErrorCode::kNotFound, "there is no such token");
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run("DELETE FROM access_token WHERE id = ?", id));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  tokens_.erase(found);
  return {};
}

}  // namespace tundish::access
