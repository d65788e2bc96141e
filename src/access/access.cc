#include "access/access.h"

#include <algorithm>

#include "access/schema.h"
#include "base/log.h"

namespace tundish::access {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

/// How far a clock may be set back without ending what began before.
constexpr DurationNs kClockStepMax = kHour;

std::optional<EnterpriseId> enterprise_at(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return EnterpriseId(row.integer_as<std::uint32_t>(column));
}

}  // namespace

Access::Access(io::sqlite::Database& database, io::Clock& clock, io::Random& random,
               const Options& options)
    : database_(database),
      clock_(clock),
      random_(random),
      options_(options),
      hasher_(options_.passwords),
      limiter_(options_.limiter, random) {}

Access::~Access() {
  if (const auto status = maintain(); !status)
    log_warning("access", "when credentials were last used is not saved: {}",
                status.error().to_string());
}

Result<std::unique_ptr<Access>> Access::open(io::sqlite::Database& database, io::Clock& clock,
                                             io::Random& random, Options options) {
  TUNDISH_RETURN_IF_ERROR(database.migrate("access", kSchema));
  std::unique_ptr<Access> access(new Access(database, clock, random, options));
  TUNDISH_RETURN_IF_ERROR(access->load());
  return access;
}

// --- loading -----------------------------------------------------------------------------------

Status Access::load() {
  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  const PublishLock state(state_);  // nobody waits for it yet
  TUNDISH_RETURN_IF_ERROR(load_users(transaction));
  TUNDISH_RETURN_IF_ERROR(load_sessions(transaction));
  TUNDISH_RETURN_IF_ERROR(load_tokens(transaction));
  TUNDISH_RETURN_IF_ERROR(load_links(transaction));
  TUNDISH_TRY(Statement first, transaction.prepare("SELECT 1 FROM access_first_operator"));
  TUNDISH_TRY(const bool was_here, first.next());
  operator_was_here_ = was_here;
  return {};
}

Status Access::load_users(Transaction& transaction) {
  TUNDISH_TRY(Statement rows,
              transaction.prepare("SELECT id, name, display_name, role, enterprise, disabled, "
                                  "password_hash, created, last_login FROM access_user"));
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return {};
    Account account;
    account.user = {.id = rows.integer_as<std::uint64_t>(0),
                    .name = rows.text(1),
                    .display_name = rows.text(2),
                    .role = rows.integer_as<Role>(3),
                    .enterprise = enterprise_at(rows, 4),
                    .disabled = rows.boolean(5),
                    .has_password = !rows.is_null(6),
                    .created = rows.integer(7),
                    .last_login = rows.integer(8)};
    account.password_hash = rows.text(6);
    account.enterprise_code = code_of(account.user.enterprise);
    if (!account.enterprise_code)
      log_warning("access", "user {} belongs to an enterprise that does not exist: refused",
                  account.user.name);
    account_by_name_[account.user.name] = account.user.id;
    accounts_.emplace(account.user.id, std::move(account));
  }
}

Status Access::load_sessions(Transaction& transaction) {
  TUNDISH_TRY(Statement rows,
              transaction.prepare("SELECT hash, id, user, created, last_seen FROM access_session"));
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return {};
    SecretHash hash;
    if (!SecretHash::from(rows.blob(0), hash)) continue;
    auto session = std::make_unique<Session>();
    session->id = rows.integer_as<std::uint64_t>(1);
    session->user = rows.integer_as<std::uint64_t>(2);
    session->created = rows.integer(3);
    session->last_seen = session->last_seen_written = rows.integer(4);
    next_session_ = std::max(next_session_, session->id + 1);
    sessions_.emplace(hash, std::move(session));
  }
}

Status Access::load_tokens(Transaction& transaction) {
  TUNDISH_TRY(Statement rows,
              transaction.prepare("SELECT hash, id, name, role, enterprise, may_create_tags, "
                                  "created, expires, last_used FROM access_token"));
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return {};
    SecretHash hash;
    if (!SecretHash::from(rows.blob(0), hash)) continue;
    auto entry = std::make_unique<ApiToken>();
    entry->token = {.id = rows.integer_as<std::uint64_t>(1),
                    .name = rows.text(2),
                    .role = rows.integer_as<Role>(3),
                    .enterprise = enterprise_at(rows, 4),
                    .may_create_tags = rows.boolean(5),
                    .created = rows.integer(6),
                    .expires = rows.integer(7),
                    .last_used = rows.integer(8)};
    entry->enterprise_code = code_of(entry->token.enterprise);
    entry->last_used = entry->token.last_used;
    tokens_.emplace(hash, std::move(entry));
  }
}

Status Access::load_links(Transaction& transaction) {
  TUNDISH_TRY(Statement rows, transaction.prepare("SELECT hash, user_name, role, enterprise, "
                                                  "expires FROM access_link"));
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return {};
    SecretHash hash;
    if (!SecretHash::from(rows.blob(0), hash)) continue;
    links_.emplace(hash, Link{.user_name = rows.text(1),
                              .role = rows.integer_as<Role>(2),
                              .enterprise = enterprise_at(rows, 3),
                              .expires = rows.integer(4)});
  }
}

// --- shared by the other files -----------------------------------------------------------------

/// The enterprise's code; empty for the installation; nothing when the enterprise does not exist.
std::optional<std::string> Access::code_of(std::optional<EnterpriseId> enterprise) const {
  if (!enterprise || options_.enterprises == nullptr) return std::string();
  const auto found = options_.enterprises->find(*enterprise);
  if (!found) return std::nullopt;
  return found->code;
}

/// The platform operator belongs to no enterprise, everybody else to one that exists.
Status Access::check_scope(Role role, std::optional<EnterpriseId> enterprise) const {
  if (role > Role::kPlatformOperator)
    return fail(ErrorCode::kInvalidArgument, "there is no such role", "role");
  if (role == Role::kPlatformOperator && enterprise)
    return fail(ErrorCode::kInvalidArgument, "a platform operator belongs to no enterprise",
                "enterprise");
  if (role != Role::kPlatformOperator && !enterprise)
    return fail(ErrorCode::kInvalidArgument, "this role needs an enterprise", "enterprise");
  if (!code_of(enterprise))
    return fail(ErrorCode::kNotFound, "there is no such enterprise", "enterprise");
  return {};
}

const Access::Account* Access::find_account(std::string_view name) const {
  const auto id = account_by_name_.find(std::string(name));
  return id == account_by_name_.end() ? nullptr : &accounts_.at(id->second);
}

Result<const Access::Account*> Access::find_account(Scope scope, std::uint64_t id) const {
  const auto found = accounts_.find(id);
  if (found == accounts_.end() || (scope && found->second.user.enterprise != scope))
    return fail(ErrorCode::kNotFound, "there is no such user");
  return &found->second;
}

/// A session that began in the future began under a wrong clock; it would otherwise outlast its limits
/// by as much as the clock was wrong.
bool Access::is_expired(const Session& session, TimeNs now) const {
  return now - session.created > options_.session_age_max ||
         now - session.last_seen > options_.session_idle_max ||
         session.created - now > kClockStepMax || session.last_seen - now > kClockStepMax;
}

bool Access::is_expired(const Link& link, TimeNs now) const {
  return link.expires <= now || link.expires - now > options_.link_valid_max + kClockStepMax;
}

// --- what is written later ---------------------------------------------------------------------

Status Access::maintain() {
  const TurnLock turn(writing_, state_);
  const TimeNs now = clock_.now();
  // First and by itself: removing needs less room than what is written below.
  TUNDISH_RETURN_IF_ERROR(end_on_disk());

  // During a turn the maps do not change; only the atomics in them do.
  std::vector<SecretHash> sessions_over;
  std::vector<std::pair<SecretHash, TimeNs>> sessions_seen;
  for (const auto& [hash, session] : sessions_) {
    if (is_expired(*session, now))
      sessions_over.push_back(hash);
    else if (!session->on_disk || session->last_seen - session->last_seen_written >= kMinute)
      sessions_seen.emplace_back(hash, session->last_seen);
  }
  std::vector<std::pair<ApiToken*, TimeNs>> tokens_used;
  for (const auto& [hash, entry] : tokens_)
    if (const TimeNs used = entry->last_used; used != entry->token.last_used)
      tokens_used.emplace_back(entry.get(), used);
  std::vector<SecretHash> links_over;
  for (const auto& [hash, link] : links_)
    if (is_expired(link, now)) links_over.push_back(hash);
  if (sessions_over.empty() && sessions_seen.empty() && tokens_used.empty() && links_over.empty())
    return {};

  TUNDISH_TRY(Transaction transaction, database_.begin());
  {
    TUNDISH_TRY(Statement end, transaction.prepare("DELETE FROM access_session WHERE hash = ?"));
    for (const auto& hash : sessions_over) TUNDISH_RETURN_IF_ERROR(end.run(hash.span()));
    TUNDISH_TRY(Statement seen,
                transaction.prepare("INSERT INTO access_session(hash, id, user, created, last_seen)"
                                    " VALUES(?, ?, ?, ?, ?) ON CONFLICT(hash) DO UPDATE SET "
                                    "last_seen = excluded.last_seen"));
    for (const auto& [hash, last_seen] : sessions_seen) {
      const Session& session = *sessions_.at(hash);
      TUNDISH_RETURN_IF_ERROR(
          seen.run(hash.span(), session.id, session.user, session.created, last_seen));
    }
    TUNDISH_TRY(Statement used,
                transaction.prepare("UPDATE access_token SET last_used = ? WHERE id = ?"));
    for (const auto& [entry, last_used] : tokens_used)
      TUNDISH_RETURN_IF_ERROR(used.run(last_used, entry->token.id));
    TUNDISH_TRY(Statement drop, transaction.prepare("DELETE FROM access_link WHERE hash = ?"));
    for (const auto& hash : links_over) TUNDISH_RETURN_IF_ERROR(drop.run(hash.span()));
  }
  TUNDISH_RETURN_IF_ERROR(transaction.commit());

  const PublishLock state(state_);
  for (const auto& hash : sessions_over) sessions_.erase(hash);
  for (const auto& [hash, last_seen] : sessions_seen) {
    sessions_.at(hash)->last_seen_written = last_seen;
    sessions_.at(hash)->on_disk = true;
  }
  for (const auto& [entry, last_used] : tokens_used) entry->token.last_used = last_used;
  for (const auto& hash : links_over) links_.erase(hash);
  return {};
}

}  // namespace tundish::access
