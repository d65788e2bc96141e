#include "asset/asset_store.h"

#include "asset/schema.h"

namespace tundish::asset {

AssetStore::AssetStore(io::sqlite::Database& database, SampleSink& sink, io::Clock& clock,
                       const Options& options)
    : enterprises_(database, clock),
      tags_(database, sink, enterprises_, options.tags_per_enterprise_max),
      connections_(database),
      calendars_(database, enterprises_),
      models_(database, tags_, enterprises_, clock) {}

Result<std::unique_ptr<AssetStore>> AssetStore::open(io::sqlite::Database& database,
                                                     SampleSink& sink, io::Clock& clock,
                                                     Options options) {
  TUNDISH_RETURN_IF_ERROR(database.migrate("asset", kSchema));
  std::unique_ptr<AssetStore> store(new AssetStore(database, sink, clock, options));
  TUNDISH_RETURN_IF_ERROR(store->enterprises_.load());
  TUNDISH_RETURN_IF_ERROR(store->tags_.load());
  TUNDISH_RETURN_IF_ERROR(store->calendars_.load());
  TUNDISH_RETURN_IF_ERROR(store->models_.load());
  return store;
}

}  // namespace tundish::asset
