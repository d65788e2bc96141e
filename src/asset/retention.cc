// 1. The first rule that fits a tag gives its class: a number of days.
// 2. Tags whose class is another than the historian has are moved, at most once a minute.
// 3. Once a day each class's horizon advances, if its own samples confirm what the clock says: a clock that is years
//    ahead must not cost a plant its history.

#include "asset/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <unordered_set>

#include "asset/retention_text.h"
#include "base/log.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

/// A class of which no tag has a sample as new as this does not advance.
constexpr DurationNs kConfirmedWithin = 2 * kDay;
constexpr std::size_t kAllTags = std::numeric_limits<std::size_t>::max();

bool comes_before(KeepDays a, KeepDays b) { return a - 1 < b - 1; }  // for ever, 0, is the longest

}  // namespace

Result<Retention::Saved> Retention::load(EnterpriseId enterprise) const {
  TUNDISH_TRY(Transaction transaction, ports_.database.begin_read());
  TUNDISH_TRY(
      Statement row,
      transaction.prepare("SELECT text, time, actor FROM asset_retention WHERE enterprise = ?"));
  TUNDISH_RETURN_IF_ERROR(row.start(enterprise.value()));
  TUNDISH_TRY(const bool found, row.next());
  if (!found) return Saved{};
  return Saved{row.text(0), row.integer(1), row.text(2)};
}

/// The tags of each class; counts into `rules`.
Result<Retention::Classes> Retention::classes_of(EnterpriseId enterprise,
                                                 std::vector<RetentionRule>& rules) const {
  std::unordered_set<TagId> derived;
  const auto model = ports_.models.model(enterprise);
  for (const Asset& asset : model->assets())
    for (const Attribute& attribute : asset.attributes)
      if (attribute.tag.number != 0 && attribute.definition.kind == AttributeKind::kFormula)
        derived.insert(attribute.tag);
  TUNDISH_TRY(const std::vector<TagPtr> tags,
              ports_.tags.match(enterprise, {.pattern = "**", .limit = kAllTags}));
  Classes classes;
  for (const TagPtr& tag : tags) {
    const std::size_t rule = rule_of(rules, tag->path, derived.contains(tag->id));
    if (rule < rules.size()) ++rules[rule].tags;
    classes[rule < rules.size() ? rules[rule].keep : kKeptForEver].push_back(tag->id);
  }
  return classes;
}

Result<RetentionState> Retention::described(EnterpriseId enterprise, Saved saved) const {
  RetentionState state{std::move(saved.text), saved.time, std::move(saved.actor), {}, {}};
  TUNDISH_TRY(state.rules, read_retention(state.text));
  TUNDISH_TRY(const Classes classes, classes_of(enterprise, state.rules));
  for (const auto& [keep, tags] : classes) {
    RetentionClass one{keep, tags.size(), horizon_at(ports_.clock.now(), keep), 0};
    for (const TagId tag : tags)
      one.shortened += comes_before(keep, ports_.keeper.kept_for(tag)) ? 1 : 0;
    state.classes.push_back(one);
  }
  std::ranges::sort(state.classes, comes_before, &RetentionClass::keep);
  return state;
}

Result<RetentionState> Retention::state(EnterpriseId enterprise) const {
  TUNDISH_TRY(Saved saved, load(enterprise));
  return described(enterprise, std::move(saved));
}

Result<RetentionState> Retention::preview(EnterpriseId enterprise, const std::string& text) const {
  return described(enterprise, {text, ports_.clock.now(), {}});
}

Result<RetentionState> Retention::save(EnterpriseId enterprise, const std::string& actor,
                                       const std::string& text) {
  TUNDISH_RETURN_IF_ERROR(read_retention(text));
  {
    TUNDISH_TRY(Transaction transaction, ports_.database.begin());
    TUNDISH_RETURN_IF_ERROR(transaction.run(
        "INSERT INTO asset_retention(enterprise, text, time, actor) VALUES(?, ?, ?, ?) "
        "ON CONFLICT(enterprise) DO UPDATE SET text = excluded.text, time = excluded.time, "
        "actor = excluded.actor",
        enterprise.value(), text, ports_.clock.now(), actor));
    TUNDISH_RETURN_IF_ERROR(transaction.commit());
  }
  {
    const MutexLock lock(applying_);
    TUNDISH_RETURN_IF_ERROR(apply(enterprise));
  }
  return state(enterprise);
}

/// True when some sample of the class is about as new as the clock says it is now.
Result<bool> Retention::clock_is_confirmed(const std::vector<TagId>& tags, TimeNs now) const {
  TUNDISH_TRY(const auto snapshot, ports_.reader.snapshot());
  for (const TagId tag : tags) {
    TUNDISH_TRY(const auto newest, snapshot->latest(tag));
    if (newest && newest->time >= now - kConfirmedWithin) return true;
  }
  return false;
}

Status Retention::apply(EnterpriseId enterprise) {
  TUNDISH_TRY(const Saved saved, load(enterprise));
  if (saved.time == 0) return {};  // nobody ever wrote rules
  Applied& applied = applied_[enterprise];
  const TimeNs now = ports_.clock.now();
  const bool is_new_day = std::ranges::any_of(
      applied.horizons, [&](const auto& one) { return one.second < horizon_at(now, one.first); });
  Applied current{saved.text, ports_.models.changes(), ports_.tags.renames(enterprise),
                  ports_.tags.count(enterprise), applied.horizons};
  const bool is_same = current.text == applied.text && current.models == applied.models &&
                       current.renames == applied.renames && current.tags == applied.tags;
  if (is_same && !is_new_day) return {};

  TUNDISH_TRY(std::vector<RetentionRule> rules, read_retention(saved.text));
  TUNDISH_TRY(const Classes classes, classes_of(enterprise, rules));
  current.horizons.clear();
  for (const auto& [keep, tags] : classes) {
    std::vector<TagId> moved;
    std::ranges::copy_if(tags, std::back_inserter(moved),
                         [&](TagId tag) { return ports_.keeper.kept_for(tag) != keep; });
    TUNDISH_RETURN_IF_ERROR(ports_.keeper.keep_tags(enterprise, keep, moved));
    if (keep == kKeptForEver) continue;
    TimeNs& horizon = current.horizons[keep];
    const auto before = applied.horizons.find(keep);
    horizon = before == applied.horizons.end() ? kTimeMin : before->second;
    if (horizon >= horizon_at(now, keep)) continue;
    TUNDISH_TRY(const bool confirmed, clock_is_confirmed(tags, now));
    if (!confirmed) continue;
    TUNDISH_RETURN_IF_ERROR(ports_.keeper.advance_horizon(enterprise, keep, horizon_at(now, keep)));
    horizon = horizon_at(now, keep);
    log_info("retention", "enterprise {}: of {} tags what is before {} is gone", enterprise.value(),
             tags.size(), format_time(horizon));
  }
  applied = std::move(current);
  return {};
}

Status Retention::maintain() {
  const MutexLock lock(applying_);
  for (const Enterprise& enterprise : ports_.enterprises.enterprises())
    TUNDISH_RETURN_IF_ERROR(apply(enterprise.id));
  return {};
}

}  // namespace tundish::asset
