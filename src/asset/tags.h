#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "asset/enterprises.h"
#include "base/mutex.h"
#include "io/sqlite.h"
#include "model/ports/sample_sink.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::asset {

/// The catalogue of tags: asset_tag, wholly in memory. One TagInfo per tag, immutable, found by path,
/// by number and in path order. Each enterprise has its own locks, so one that makes many tags
/// does not hold up another.
class Tags final : public TagCatalogue {
 public:
  Tags(io::sqlite::Database& database, SampleSink& sink, const Enterprises& enterprises,
       std::size_t tags_per_enterprise_max);
  ~Tags() override;
  Status load();

  TagPtr find(EnterpriseId enterprise, std::string_view path) const override;
  TagPtr get(TagId id) const override;
  Result<std::vector<TagPtr>> match(EnterpriseId enterprise,
                                    const TagSearch& search) const override;
  std::size_t count(EnterpriseId enterprise) const override;
  std::uint64_t renames(EnterpriseId enterprise) const override;

  /// Grows with each tag that is made, gets another name or is removed.
  std::uint64_t changes(EnterpriseId enterprise) const;

  /// A tag that gets another path.
  struct Move {
    TagId id;
    std::string path;
  };
  /// Renames all of them or none, in one transaction with what `also` writes: paths may be exchanged.
  /// Called with no moves, only `also` is written. Errors: those of `also`; kAlreadyExists when a
  /// path belongs to a tag that stays where it is; as update.
  Status move(EnterpriseId enterprise, std::span<const Move> moves,
              const std::function<Status(io::sqlite::Transaction&)>& also);

  Result<std::vector<TagPtr>> ensure(EnterpriseId enterprise,
                                     std::span<const NewTag> tags) override;
  Result<TagPtr> update(TagId id, const TagPatch& patch) override;
  Status remove(TagId id) override;

 private:
  struct Tenant;
  struct NumberedType;

  Tenant* tenant_of(EnterpriseId enterprise) const;
  Tenant& make_tenant(EnterpriseId enterprise);
  Status check_tag(std::string_view prefix, std::string_view path, std::string_view unit,
                   std::string_view description) const;
  Result<std::vector<std::uint32_t>> make_numbers(EnterpriseId enterprise, Tenant& tenant,
                                                  const std::vector<const NewTag*>& tags);
  Result<std::vector<TagPtr>> make(EnterpriseId enterprise, Tenant& tenant,
                                   const std::vector<const NewTag*>& tags);
  Status write(const TagInfo& tag);

  io::sqlite::Database& database_;
  SampleSink& sink_;
  const Enterprises& enterprises_;
  const std::size_t tags_per_enterprise_max_;

  mutable SharedMutex tenants_mutex_;
  /// Only ever grows.
  std::map<EnterpriseId, std::unique_ptr<Tenant>> tenants_ TUNDISH_GUARDED_BY(tenants_mutex_);
};

}  // namespace tundish::asset
