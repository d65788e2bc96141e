// How a tag comes to be:
// 1. Who needs tags that do not exist takes its enterprise's turn (Tenant::writing) and looks again.
// 2. The historian makes their numbers and syncs them: they are never used again, whatever follows.
// 3. One transaction writes their names.
// 4. They are published to the readers. A failure in 3 (a full disk) leaves numbers without a name: the
//    next try for the same path and type takes them, so that trying for hours uses up no numbers.
#include "asset/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <unordered_map>

#include "base/log.h"
#include "model/name.h"
#include "model/tag_path.h"
#include "model/text.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

constexpr std::size_t kUnitBytesMax = 64;
constexpr std::size_t kDescriptionBytesMax = 1000;
/// Readers wait for, and hold up, no more than this many tags at a time.
constexpr std::size_t kTagsPerTurn = 4096;
/// Of one call to the historian, whose records hold at most 1 MiB.
constexpr std::size_t kTagsPerCall = 1000;
constexpr std::size_t kPathBytesPerCall = 256 << 10;
/// Numbers of an enterprise without a name that are remembered, until the next start.
constexpr std::size_t kUnnamedMax = 100'000;

std::string_view path_of(const TagPtr& tag) { return tag->path; }
std::string_view path_of(std::string_view path) { return path; }
std::uint32_t number_of(const TagPtr& tag) { return tag->id.number; }
std::uint32_t number_of(std::uint32_t number) { return number; }

// A set holds tags and is asked by path or number, so no name is kept twice.
struct PathHash {
  using is_transparent = void;
  // Not noexcept: the set then keeps each hash beside its tag, so few texts are ever compared.
  std::size_t operator()(const auto& key) const {
    return std::hash<std::string_view>()(path_of(key));
  }
};
struct SamePath {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const { return path_of(a) == path_of(b); }
};
struct PathOrder {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const { return path_of(a) < path_of(b); }
};
struct NumberHash {
  using is_transparent = void;
  std::size_t operator()(const auto& key) const noexcept { return number_of(key); }
};
struct SameNumber {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const { return number_of(a) == number_of(b); }
};

std::unexpected<Error> no_tag() { return fail(ErrorCode::kNotFound, "there is no such tag"); }

TagPtr tag_at(const Statement& row) {
  auto tag = std::make_shared<TagInfo>();
  tag->id = {EnterpriseId(row.integer_as<std::uint32_t>(0)), row.integer_as<std::uint32_t>(2)};
  tag->path = row.text(1);
  tag->type = row.integer_as<ValueType>(3);
  tag->step = row.boolean(4);
  tag->unit = row.text(5);
  tag->description = row.text(6);
  tag->simulated = row.boolean(7);
  return tag;
}

}  // namespace

/// A number as the historian made it.
struct Tags::NumberedType {
  std::uint32_t number = 0;
  ValueType type = ValueType::kDouble;
};

/// The tags of one enterprise.
struct Tags::Tenant {
  Mutex writing;  ///< one change at a time, disk included; taken before the database and `state`
  mutable SharedMutex state;
  std::unordered_set<TagPtr, PathHash, SamePath> by_path TUNDISH_GUARDED_BY(state);
  std::unordered_set<TagPtr, NumberHash, SameNumber> by_number TUNDISH_GUARDED_BY(state);
  std::set<TagPtr, PathOrder> in_order TUNDISH_GUARDED_BY(state);
  /// By path: what the historian made and no transaction named. Under `writing`, which make() cannot
  /// be annotated with where this type is not known.
  std::unordered_map<std::string, NumberedType> unnamed;
  std::atomic<std::uint64_t> renames{0};
  std::atomic<std::uint64_t> changes{0};

  TagPtr find(std::string_view path) const TUNDISH_REQUIRES_SHARED(state) {
    const auto found = by_path.find(path);
    return found == by_path.end() ? nullptr : *found;
  }
  TagPtr find(std::uint32_t number) const TUNDISH_REQUIRES_SHARED(state) {
    const auto found = by_number.find(number);
    return found == by_number.end() ? nullptr : *found;
  }
  void insert(const TagPtr& tag) TUNDISH_REQUIRES(state) {
    by_path.insert(tag);
    by_number.insert(tag);
    in_order.insert(in_order.end(), tag);  // while loading, each is the last
  }
  void erase(const TagPtr& tag) TUNDISH_REQUIRES(state) {
    by_path.erase(tag);
    by_number.erase(tag);
    in_order.erase(tag);
  }
};

Tags::Tags(io::sqlite::Database& database, SampleSink& sink, const Enterprises& enterprises,
           std::size_t tags_per_enterprise_max)
    : database_(database),
      sink_(sink),
      enterprises_(enterprises),
      tags_per_enterprise_max_(tags_per_enterprise_max) {}

Tags::~Tags() = default;

Status Tags::load() {
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  {
    TUNDISH_TRY(Statement counts, transaction.prepare("SELECT enterprise, count(*) FROM asset_tag "
                                                      "GROUP BY enterprise"));
    while (true) {
      TUNDISH_TRY(const bool more, counts.next());
      if (!more) break;
      Tenant& tenant = make_tenant(EnterpriseId(counts.integer_as<std::uint32_t>(0)));
      const WriteLock state(tenant.state);
      tenant.by_path.reserve(counts.integer_as<std::size_t>(1));
      tenant.by_number.reserve(counts.integer_as<std::size_t>(1));
    }
  }
  TUNDISH_TRY(Statement rows, transaction.prepare("SELECT enterprise, path, number, type, step, "
                                                  "unit, description, simulated FROM asset_tag "
                                                  "ORDER BY enterprise, path"));
  Tenant* tenant = nullptr;
  EnterpriseId enterprise;
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return {};
    const TagPtr tag = tag_at(rows);
    if (tenant == nullptr || tag->id.enterprise != enterprise) {
      enterprise = tag->id.enterprise;
      tenant = &make_tenant(enterprise);
    }
    const WriteLock state(tenant->state);
    tenant->insert(tag);
  }
}

Tags::Tenant* Tags::tenant_of(EnterpriseId enterprise) const {
  const ReadLock lock(tenants_mutex_);
  const auto found = tenants_.find(enterprise);
  return found == tenants_.end() ? nullptr : found->second.get();
}

Tags::Tenant& Tags::make_tenant(EnterpriseId enterprise) {
  if (Tenant* const tenant = tenant_of(enterprise)) return *tenant;
  const WriteLock lock(tenants_mutex_);
  auto& tenant = tenants_[enterprise];
  if (!tenant) tenant = std::make_unique<Tenant>();
  return *tenant;
}

// --- looking up --------------------------------------------------------------------------------

TagPtr Tags::find(EnterpriseId enterprise, std::string_view path) const {
  const Tenant* const tenant = tenant_of(enterprise);
  if (tenant == nullptr) return nullptr;
  const ReadLock state(tenant->state);
  return tenant->find(path);
}

TagPtr Tags::get(TagId id) const {
  const Tenant* const tenant = tenant_of(id.enterprise);
  if (tenant == nullptr) return nullptr;
  const ReadLock state(tenant->state);
  return tenant->find(id.number);
}

std::size_t Tags::count(EnterpriseId enterprise) const {
  const Tenant* const tenant = tenant_of(enterprise);
  if (tenant == nullptr) return 0;
  const ReadLock state(tenant->state);
  return tenant->by_path.size();
}

Result<std::vector<TagPtr>> Tags::match(EnterpriseId enterprise, const TagSearch& search) const {
  std::vector<TagPtr> found;
  const std::string_view pattern = search.pattern;
  const Tenant* const tenant = tenant_of(enterprise);
  if (tenant == nullptr || search.limit == 0 || pattern.size() > kPathBytesMax) return found;
  if (!is_glob(pattern)) {
    const ReadLock state(tenant->state);
    if (pattern > search.after)
      if (TagPtr tag = tenant->find(pattern)) found.push_back(std::move(tag));
    return found;
  }
  const std::string_view begin = pattern.substr(0, pattern.find('*'));
  TagPtr last;  // where the turn before stopped
  while (true) {
    if (search.go_on && !search.go_on())
      return fail(ErrorCode::kTimeout,
                  "the search for tags took too long; begin the pattern with more plain text");
    const ReadLock state(tenant->state);
    auto at = last                   ? tenant->in_order.upper_bound(last)
              : search.after > begin ? tenant->in_order.upper_bound(search.after)
                                     : tenant->in_order.lower_bound(begin);
    for (std::size_t turn = 0; turn < kTagsPerTurn; ++turn, ++at) {
      if (at == tenant->in_order.end() || !(*at)->path.starts_with(begin)) return found;
      if (glob_matches(pattern, (*at)->path)) {
        found.push_back(*at);
        if (found.size() == search.limit) return found;
      }
      last = *at;
    }
  }
}

std::uint64_t Tags::renames(EnterpriseId enterprise) const {
  const Tenant* const tenant = tenant_of(enterprise);
  return tenant == nullptr ? 0 : tenant->renames.load();
}

std::uint64_t Tags::changes(EnterpriseId enterprise) const {
  const Tenant* const tenant = tenant_of(enterprise);
  return tenant == nullptr ? 0 : tenant->changes.load();
}

// --- making ------------------------------------------------------------------------------------

Status Tags::check_tag(std::string_view prefix, std::string_view path, std::string_view unit,
                       std::string_view description) const {
  TUNDISH_RETURN_IF_ERROR(check_path(path));
  if (!path.starts_with(prefix))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the path '{}' does not begin with '{}'", path.substr(0, 80), prefix),
                "path");
  TUNDISH_RETURN_IF_ERROR(check_text(unit, 0, kUnitBytesMax, "unit"));
  return check_text(description, 0, kDescriptionBytesMax, "description");
}

Result<std::vector<TagPtr>> Tags::ensure(EnterpriseId enterprise, std::span<const NewTag> tags) {
  const std::string code = enterprises_.code_of(enterprise);
  if (code.empty()) return fail(ErrorCode::kNotFound, "there is no such enterprise");
  const std::string prefix = code + "/";
  for (const NewTag& tag : tags)
    TUNDISH_RETURN_IF_ERROR(check_tag(prefix, tag.path, tag.unit, tag.description));

  Tenant& tenant = make_tenant(enterprise);
  std::vector<TagPtr> all(tags.size());
  // Fills `all` with what exists; false when something is missing.
  const auto look_up = [&]() TUNDISH_REQUIRES_SHARED(tenant.state) {
    bool complete = true;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (!all[i]) all[i] = tenant.find(tags[i].path);
      complete = complete && all[i];
    }
    return complete;
  };
  {
    const ReadLock state(tenant.state);
    if (look_up()) return all;
  }

  const TurnLock turn(tenant.writing, tenant.state);
  if (look_up()) return all;
  std::unordered_map<std::string_view, std::size_t> place;  // of each path in `missing`
  std::vector<const NewTag*> missing;
  for (std::size_t i = 0; i < tags.size(); ++i)
    if (!all[i] && place.try_emplace(tags[i].path, missing.size()).second)
      missing.push_back(&tags[i]);
  if (tenant.by_path.size() + missing.size() > tags_per_enterprise_max_)
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("'{}' has {} tags of at most {}; {} more do not fit", code,
                            tenant.by_path.size(), tags_per_enterprise_max_, missing.size()));
  for (const NewTag* const tag : missing) TUNDISH_RETURN_IF_ERROR(check_new_path(tag->path));
  TUNDISH_TRY(const std::vector<TagPtr> made, make(enterprise, tenant, missing));
  for (std::size_t done = 0; done < made.size(); done += kTagsPerTurn) {
    const PublishLock state(tenant.state);
    for (std::size_t i = done; i < std::min(done + kTagsPerTurn, made.size()); ++i)
      tenant.insert(made[i]);
  }
  ++tenant.changes;
  for (std::size_t i = 0; i < tags.size(); ++i)
    if (!all[i]) all[i] = made[place.at(tags[i].path)];
  return all;
}

/// Numbers from the historian, or left over from a try that failed, in the order of `tags`. Under
/// Tenant::writing.
Result<std::vector<std::uint32_t>> Tags::make_numbers(EnterpriseId enterprise, Tenant& tenant,
                                                      const std::vector<const NewTag*>& tags) {
  std::vector<std::uint32_t> numbers(tags.size());
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const auto found = tenant.unnamed.find(tags[i]->path);
    if (found != tenant.unnamed.end() && found->second.type == tags[i]->type)
      numbers[i] = found->second.number;
    else
      missing.push_back(i);
  }
  for (std::size_t done = 0; done < missing.size();) {
    std::vector<NewTagId> wanted;
    std::size_t path_bytes = 0;
    for (std::size_t i = done;
         i < missing.size() && wanted.size() < kTagsPerCall && path_bytes < kPathBytesPerCall;
         ++i) {
      const NewTag& tag = *tags[missing[i]];
      wanted.push_back({tag.type, tag.path});
      path_bytes += tag.path.size();
    }
    TUNDISH_TRY(const std::vector<TagId> ids, sink_.make_tags(enterprise, wanted));
    if (ids.size() != wanted.size())
      return fail(ErrorCode::kInternal, "the historian made another number of tags than asked for");
    for (const TagId id : ids) {
      const NewTag& tag = *tags[missing[done]];
      numbers[missing[done++]] = id.number;
      if (tenant.unnamed.size() < kUnnamedMax)
        tenant.unnamed.insert_or_assign(tag.path, NumberedType{id.number, tag.type});
    }
  }
  return numbers;
}

/// Numbers, then names on disk. Under Tenant::writing.
Result<std::vector<TagPtr>> Tags::make(EnterpriseId enterprise, Tenant& tenant,
                                       const std::vector<const NewTag*>& tags) {
  TUNDISH_TRY(const std::vector<std::uint32_t> numbers, make_numbers(enterprise, tenant, tags));
  std::vector<TagPtr> made;
  made.reserve(tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const NewTag& tag = *tags[i];
    made.push_back(std::make_shared<const TagInfo>(TagInfo{.id = {enterprise, numbers[i]},
                                                           .path = tag.path,
                                                           .type = tag.type,
                                                           .step = tag.step,
                                                           .unit = tag.unit,
                                                           .description = tag.description,
                                                           .simulated = tag.simulated}));
  }
  TUNDISH_TRY(Transaction transaction, database_.begin());
  {
    TUNDISH_TRY(
        Statement insert,
        transaction.prepare("INSERT INTO asset_tag(enterprise, path, number, type, step, "
                            "unit, description, simulated) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
    for (const TagPtr& tag : made) {
      const auto inserted =
          insert.run(enterprise.value(), tag->path, tag->id.number, static_cast<int>(tag->type),
                     tag->step, tag->unit, tag->description, tag->simulated);
      if (inserted) continue;
      if (inserted.error().code == ErrorCode::kAlreadyExists) {
        // A commit that seemed to fail may have been none that did.
        tenant.unnamed.clear();
        return fail(ErrorCode::kCorruption,
                    "the historian made a number that a tag has already: names and samples are not "
                    "of one time; restore both from one backup");
      }
      return fail(inserted.error());
    }
  }
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  for (const TagPtr& tag : made) tenant.unnamed.erase(tag->path);
  return made;
}

// --- changing ----------------------------------------------------------------------------------

Result<TagPtr> Tags::update(TagId id, const TagPatch& patch) {
  Tenant* const tenant = tenant_of(id.enterprise);
  if (tenant == nullptr) return no_tag();
  const TurnLock turn(tenant->writing, tenant->state);
  const TagPtr old = tenant->find(id.number);
  if (!old) return no_tag();
  auto changed = std::make_shared<TagInfo>(*old);
  if (patch.path) changed->path = *patch.path;
  if (patch.step) changed->step = *patch.step;
  if (patch.unit) changed->unit = *patch.unit;
  if (patch.description) changed->description = *patch.description;
  if (patch.type) changed->type = *patch.type;
  TUNDISH_RETURN_IF_ERROR(check_tag(enterprises_.code_of(id.enterprise) + "/", changed->path,
                                    changed->unit, changed->description));
  if (changed->path != old->path) TUNDISH_RETURN_IF_ERROR(check_new_path(changed->path));
  if (changed->path != old->path && tenant->find(changed->path))
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("there is a tag '{}' already", changed->path.substr(0, 80)), "path");

  if (changed->type != old->type) TUNDISH_RETURN_IF_ERROR(sink_.retype_tag(id, changed->type));
  if (const auto written = write(*changed); !written) {
    // The catalogue keeps the old type, so the historian has to have it again.
    if (changed->type != old->type)
      if (const auto undone = sink_.retype_tag(id, old->type); !undone)
        log_error("asset",
                  "the type of tag '{}' differs between catalogue and historian until it "
                  "is changed again: {}",
                  old->path, undone.error().to_string());
    return fail(written.error());
  }
  const PublishLock state(tenant->state);
  tenant->erase(old);
  tenant->insert(changed);
  // Whoever remembers what the name stands for has to ask again.
  if (changed->path != old->path || changed->type != old->type) ++tenant->renames;
  if (changed->path != old->path) ++tenant->changes;
  return changed;
}

Status Tags::move(EnterpriseId enterprise, std::span<const Move> moves,
                  const std::function<Status(Transaction&)>& also) {
  Tenant& tenant = make_tenant(enterprise);
  const std::string prefix = enterprises_.code_of(enterprise) + "/";
  const TurnLock turn(tenant.writing, tenant.state);
  std::vector<TagPtr> before;
  std::vector<TagPtr> after;
  std::unordered_set<std::uint32_t> moving;
  for (const Move& move : moves) {
    TagPtr old = tenant.find(move.id.number);
    if (!old) return no_tag();
    TUNDISH_RETURN_IF_ERROR(check_tag(prefix, move.path, old->unit, old->description));
    TUNDISH_RETURN_IF_ERROR(check_new_path(move.path));
    auto moved = std::make_shared<TagInfo>(*old);
    moved->path = move.path;
    moving.insert(move.id.number);
    before.push_back(std::move(old));
    after.push_back(std::move(moved));
  }
  for (const TagPtr& tag : after)
    if (const TagPtr there = tenant.find(tag->path); there && !moving.contains(there->id.number))
      return fail(ErrorCode::kAlreadyExists,
                  fmt::format("there is a tag '{}' already", tag->path.substr(0, 80)), "path");
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(also(transaction));
  // First to a name that no path can be, as one may take the place of another.
  for (const bool last : {false, true}) {
    TUNDISH_TRY(
        Statement update,
        transaction.prepare("UPDATE asset_tag SET path = ? WHERE enterprise = ? AND number = ?"));
    for (const TagPtr& tag : after)
      TUNDISH_RETURN_IF_ERROR(update.run(last ? tag->path : fmt::format("\x01{}", tag->id.number),
                                         enterprise.value(), tag->id.number));
  }
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  if (moves.empty()) return {};
  const PublishLock state(tenant.state);
  for (const TagPtr& tag : before) tenant.erase(tag);
  for (const TagPtr& tag : after) tenant.insert(tag);
  ++tenant.renames;
  ++tenant.changes;
  return {};
}

Status Tags::write(const TagInfo& tag) {
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "UPDATE asset_tag SET path = ?, type = ?, step = ?, unit = ?, description = ? "
      "WHERE enterprise = ? AND number = ?",
      tag.path, static_cast<int>(tag.type), tag.step, tag.unit, tag.description,
      tag.id.enterprise.value(), tag.id.number));
  return transaction.commit();
}

Status Tags::remove(TagId id) {
  Tenant* const tenant = tenant_of(id.enterprise);
  if (tenant == nullptr) return no_tag();
  const TurnLock turn(tenant->writing, tenant->state);
  const TagPtr tag = tenant->find(id.number);
  if (!tag) return no_tag();
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(
      transaction.run("DELETE FROM asset_tag WHERE enterprise = ? AND number = ?",
                      id.enterprise.value(), id.number));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(tenant->state);
  tenant->erase(tag);
  ++tenant->renames;
  ++tenant->changes;
  return {};
}

}  // namespace tundish::asset
