#include "compute/interval_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <set>
#include <utility>

#include "model/text.h"

namespace tundish::compute {
namespace {

/// `captured`: a line each, name and value with a tab between.
constexpr std::array<std::string_view, 2> kSchema = {R"sql(
CREATE TABLE compute_interval(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL,
  asset INTEGER NOT NULL,
  kind TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER,
  label TEXT NOT NULL,
  doubtful INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  captured TEXT NOT NULL
) STRICT;
CREATE TABLE compute_annotation(
  interval INTEGER NOT NULL REFERENCES compute_interval(id),
  time INTEGER NOT NULL,
  who TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX compute_annotation_of ON compute_annotation(interval);
)sql",
                                                     R"sql(
CREATE TABLE compute_reason(
  interval INTEGER NOT NULL REFERENCES compute_interval(id),
  time INTEGER NOT NULL,
  who TEXT NOT NULL,
  code TEXT NOT NULL,
  planned INTEGER NOT NULL,
  remark TEXT NOT NULL
) STRICT;
CREATE INDEX compute_reason_of ON compute_reason(interval);
)sql"};

constexpr std::size_t kAnnotationsMax = 1000;
constexpr std::size_t kReasonsMax = 1000;
constexpr std::size_t kAnnotationBytesMax = 2000;

std::string text_of(const Interval& interval) {
  std::string text;
  for (const auto& [name, value] : interval.captured) text += name + "\t" + value + "\n";
  return text;
}

std::vector<std::pair<std::string, std::string>> captured_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> captured;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    const auto tab = line.find('\t');
    if (tab != std::string_view::npos)
      captured.emplace_back(line.substr(0, tab), line.substr(tab + 1));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return captured;
}

/// Time that both have; what lasts goes on to the end of time.
std::uint64_t shared(const Interval& a, const Interval& b) {
  const TimeNs from = std::max(a.from, b.from);
  const TimeNs to = std::min(a.to.value_or(kTimeMax), b.to.value_or(kTimeMax));
  return to > from ? static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) : 0;
}

/// The one that holds of each interval: the last one.
Result<std::map<std::uint64_t, IntervalReason>> load_reasons(io::sqlite::Transaction& transaction) {
  TUNDISH_TRY(auto rows,
              transaction.prepare("SELECT interval, time, who, code, planned, remark FROM "
                                  "compute_reason ORDER BY rowid"));
  TUNDISH_RETURN_IF_ERROR(rows.start());
  std::map<std::uint64_t, IntervalReason> found;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return found;
    found[rows.integer_as<std::uint64_t>(0)] = {rows.integer(1), rows.text(2), rows.text(3),
                                                rows.boolean(4), rows.text(5)};
  }
}

/// Whether nothing that is found in samples is different; reasons are not found there.
bool same(const Interval& a, const Interval& b) {
  return a.from == b.from && a.to == b.to && a.label == b.label && a.is_doubtful == b.is_doubtful &&
         a.is_withdrawn == b.is_withdrawn && a.captured == b.captured;
}

}  // namespace

Result<std::unique_ptr<IntervalStore>> IntervalStore::open(io::sqlite::Database& database) {
  TUNDISH_RETURN_IF_ERROR(database.migrate("interval", kSchema));
  std::unique_ptr<IntervalStore> store(new IntervalStore(database));
  TUNDISH_RETURN_IF_ERROR(store->load());
  return store;
}

Status IntervalStore::load() {
  TUNDISH_TRY(auto transaction, database_.begin());
  TUNDISH_TRY(
      auto statement,
      transaction.prepare("SELECT id, enterprise, asset, kind, started, ended, label, doubtful, "
                          "withdrawn, captured FROM compute_interval ORDER BY started, id"));
  TUNDISH_RETURN_IF_ERROR(statement.start());
  TUNDISH_TRY(auto reasons, load_reasons(transaction));
  const WriteLock lock(mutex_);
  while (true) {
    TUNDISH_TRY(const bool more, statement.next());
    if (!more) return {};
    Interval interval{.id = statement.integer_as<std::uint64_t>(0),
                      .asset = AssetId(statement.integer_as<std::uint64_t>(2)),
                      .kind = statement.text(3),
                      .from = statement.integer(4),
                      .to = statement.optional_integer(5),
                      .label = statement.text(6),
                      .is_doubtful = statement.boolean(7),
                      .is_withdrawn = statement.boolean(8),
                      .captured = captured_of(statement.text_view(9))};
    if (const auto reason = reasons.find(interval.id);
        reason != reasons.end() && !reason->second.code.empty())
      interval.reason = std::move(reason->second);
    const Key key{EnterpriseId(statement.integer_as<std::uint32_t>(1)), interval.asset,
                  interval.kind};
    all_[key].push_back(std::move(interval));
  }
}

std::vector<Interval> IntervalStore::intervals(EnterpriseId enterprise, AssetId asset,
                                               std::string_view kind, TimeRange range,
                                               std::size_t limit) const {
  std::vector<Interval> found;
  const ReadLock lock(mutex_);
  const auto of = all_.find({enterprise, asset, std::string(kind)});
  if (of == all_.end()) return found;
  for (const Interval& interval : of->second) {
    if (interval.from >= range.to || found.size() == limit) break;
    if (interval.to.value_or(kTimeMax) > range.from) found.push_back(interval);
  }
  return found;
}

std::vector<std::string> IntervalStore::kinds(EnterpriseId enterprise, AssetId asset) const {
  std::vector<std::string> found;
  const ReadLock lock(mutex_);
  for (auto at = all_.lower_bound({enterprise, asset, ""});
       at != all_.end() && std::get<0>(at->first) == enterprise && std::get<1>(at->first) == asset;
       ++at)
    if (!at->second.empty()) found.push_back(std::get<2>(at->first));
  return found;
}

Result<std::vector<Annotation>> IntervalStore::annotations(EnterpriseId enterprise,
                                                           std::uint64_t interval) const {
  TUNDISH_TRY(auto transaction, database_.begin());
  TUNDISH_TRY(auto statement,
              transaction.prepare("SELECT a.time, a.who, a.text FROM compute_annotation a JOIN "
                                  "compute_interval i ON i.id = a.interval WHERE i.id = ? AND "
                                  "i.enterprise = ? ORDER BY a.time, a.rowid"));
  TUNDISH_RETURN_IF_ERROR(statement.start(interval, enterprise.value()));
  std::vector<Annotation> found;
  while (true) {
    TUNDISH_TRY(const bool more, statement.next());
    if (!more) return found;
    found.push_back({statement.integer(0), statement.text(1), statement.text(2)});
  }
}

Status IntervalStore::annotate(EnterpriseId enterprise, std::uint64_t interval,
                               const Annotation& annotation) {
  TUNDISH_RETURN_IF_ERROR(check_text(annotation.text, 1, kAnnotationBytesMax, "text"));
  TUNDISH_TRY(auto transaction, database_.begin());
  {
    TUNDISH_TRY(auto statement,
                transaction.prepare(
                    "SELECT (SELECT count(*) FROM compute_annotation WHERE interval = i.id) "
                    "FROM compute_interval i WHERE i.id = ? AND i.enterprise = ?"));
    TUNDISH_RETURN_IF_ERROR(statement.start(interval, enterprise.value()));
    TUNDISH_TRY(const bool there, statement.next());
    if (!there) return fail(ErrorCode::kNotFound, "there is no such interval");
    if (statement.integer_as<std::size_t>(0) >= kAnnotationsMax)
      return fail(ErrorCode::kQuotaExceeded,
                  fmt::format("an interval has at most {} annotations", kAnnotationsMax));
  }
  TUNDISH_RETURN_IF_ERROR(transaction.run("INSERT INTO compute_annotation VALUES(?, ?, ?, ?)",
                                          interval, annotation.time, annotation.who,
                                          annotation.text));
  return transaction.commit();
}

Result<Interval> IntervalStore::find(EnterpriseId enterprise, std::uint64_t interval) const {
  const ReadLock lock(mutex_);
  for (auto at = all_.lower_bound({enterprise, AssetId(0), ""});
       at != all_.end() && std::get<0>(at->first) == enterprise; ++at)
    if (const auto found = std::ranges::find(at->second, interval, &Interval::id);
        found != at->second.end())
      return *found;
  return fail(ErrorCode::kNotFound, "there is no such interval");
}

Result<std::vector<IntervalReason>> IntervalStore::reasons(EnterpriseId enterprise,
                                                           std::uint64_t interval) const {
  TUNDISH_RETURN_IF_ERROR(find(enterprise, interval));
  TUNDISH_TRY(auto transaction, database_.begin());
  TUNDISH_TRY(auto statement,
              transaction.prepare("SELECT time, who, code, planned, remark FROM compute_reason "
                                  "WHERE interval = ? ORDER BY rowid"));
  TUNDISH_RETURN_IF_ERROR(statement.start(interval));
  std::vector<IntervalReason> found;
  while (true) {
    TUNDISH_TRY(const bool more, statement.next());
    if (!more) return found;
    found.push_back({statement.integer(0), statement.text(1), statement.text(2),
                     statement.boolean(3), statement.text(4)});
  }
}

Status IntervalStore::set_reason(EnterpriseId enterprise, std::uint64_t interval,
                                 const IntervalReason& reason) {
  TUNDISH_RETURN_IF_ERROR(check_text(reason.remark, 0, kAnnotationBytesMax, "remark"));
  const MutexLock turn(changing_);
  TUNDISH_TRY(const Interval found, find(enterprise, interval));
  TUNDISH_TRY(auto transaction, database_.begin());
  {
    TUNDISH_TRY(auto statement,
                transaction.prepare("SELECT count(*) FROM compute_reason WHERE interval = ?"));
    TUNDISH_RETURN_IF_ERROR(statement.start(interval));
    TUNDISH_RETURN_IF_ERROR(statement.next());
    if (statement.integer_as<std::size_t>(0) >= kReasonsMax)
      return fail(ErrorCode::kQuotaExceeded,
                  fmt::format("the reason of an interval is told at most {} times", kReasonsMax));
  }
  TUNDISH_RETURN_IF_ERROR(transaction.run("INSERT INTO compute_reason VALUES(?, ?, ?, ?, ?, ?)",
                                          interval, reason.time, reason.who, reason.code,
                                          reason.planned, reason.remark));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const WriteLock lock(mutex_);
  auto& of = all_[{enterprise, found.asset, found.kind}];
  if (const auto at = std::ranges::find(of, interval, &Interval::id); at != of.end()) {
    at->reason = reason;
    if (reason.code.empty()) at->reason.reset();
  }
  return {};
}

Result<bool> IntervalStore::replace(EnterpriseId enterprise, AssetId asset, const std::string& kind,
                                    TimeRange range, std::vector<Interval> found) {
  // No reason is told between what is read here and what is written.
  const MutexLock turn(changing_);
  const Key key{enterprise, asset, kind};
  std::vector<Interval> before, rest;
  {
    const ReadLock lock(mutex_);
    if (const auto of = all_.find(key); of != all_.end())
      for (const Interval& interval : of->second)
        (interval.from >= range.from && interval.from < range.to ? before : rest)
            .push_back(interval);
  }
  // Who goes on as whom: the pair that shares most time first; of equal ones the earlier.
  std::vector<std::tuple<std::uint64_t, std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < found.size(); ++i)
    for (std::size_t j = 0; j < before.size(); ++j)
      if (const auto time = shared(found[i], before[j]); time > 0) pairs.emplace_back(time, i, j);
  std::ranges::sort(pairs, [](const auto& a, const auto& b) {
    if (std::get<0>(a) != std::get<0>(b)) return std::get<0>(a) > std::get<0>(b);
    return std::tie(std::get<1>(a), std::get<2>(a)) < std::tie(std::get<1>(b), std::get<2>(b));
  });
  std::set<std::size_t> taken;
  std::vector<std::optional<std::size_t>> heir_of(found.size());
  for (const auto& [time, i, j] : pairs) {
    if (heir_of[i] || taken.contains(j)) continue;
    heir_of[i] = j;
    taken.insert(j);
  }
  const bool unchanged =
      taken.size() == before.size() && found.size() == before.size() &&
      std::ranges::all_of(std::views::iota(std::size_t{0}, found.size()),
                          [&](auto i) { return same(found[i], before[*heir_of[i]]); });
  if (unchanged) return false;

  TUNDISH_TRY(auto transaction, database_.begin());
  std::vector<Interval> after = std::move(rest);
  for (std::size_t i = 0; i < found.size(); ++i) {
    Interval interval = std::move(found[i]);
    interval.asset = asset;
    interval.kind = kind;
    if (heir_of[i]) {
      interval.id = before[*heir_of[i]].id;
      interval.reason = before[*heir_of[i]].reason;
      if (!same(interval, before[*heir_of[i]]))
        TUNDISH_RETURN_IF_ERROR(
            transaction.run("UPDATE compute_interval SET started = ?, ended = ?, label = ?, "
                            "doubtful = ?, withdrawn = 0, "
                            "captured = ? WHERE id = ?",
                            interval.from, interval.to, interval.label, interval.is_doubtful,
                            text_of(interval), interval.id));
    } else {
      TUNDISH_RETURN_IF_ERROR(
          transaction.run("INSERT INTO compute_interval(enterprise, asset, kind, started, ended, "
                          "label, doubtful, withdrawn, "
                          "captured) VALUES(?, ?, ?, ?, ?, ?, ?, 0, ?)",
                          enterprise.value(), asset.value(), kind, interval.from, interval.to,
                          interval.label, interval.is_doubtful, text_of(interval)));
      interval.id = static_cast<std::uint64_t>(transaction.last_insert_id());
    }
    after.push_back(std::move(interval));
  }
  for (std::size_t j = 0; j < before.size(); ++j) {
    if (taken.contains(j)) continue;
    TUNDISH_TRY(auto statement,
                transaction.prepare(
                    "SELECT 1 FROM compute_annotation WHERE interval = ? UNION ALL SELECT 1 FROM "
                    "compute_reason WHERE interval = ? LIMIT 1"));
    TUNDISH_RETURN_IF_ERROR(statement.start(before[j].id, before[j].id));
    TUNDISH_TRY(const bool told, statement.next());
    if (told) {
      before[j].is_withdrawn = true;
      TUNDISH_RETURN_IF_ERROR(
          transaction.run("UPDATE compute_interval SET withdrawn = 1 WHERE id = ?", before[j].id));
      after.push_back(before[j]);
    } else {
      TUNDISH_RETURN_IF_ERROR(
          transaction.run("DELETE FROM compute_interval WHERE id = ?", before[j].id));
    }
  }
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  std::ranges::stable_sort(after, {}, &Interval::from);
  const WriteLock lock(mutex_);
  all_[key] = std::move(after);
  return true;
}

}  // namespace tundish::compute
