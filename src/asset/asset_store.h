#pragma once

#include <memory>

#include "asset/calendars.h"
#include "asset/connection_settings.h"
#include "asset/enterprises.h"
#include "asset/plant_models.h"
#include "asset/tags.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/sample_sink.h"

namespace tundish::asset {

struct Options {
  std::size_t tags_per_enterprise_max = 100'000;
};

/// What the platform knows of its enterprises besides samples, kept in the tables asset_* of
/// `database` (docs/formats/metadata.md). Any thread; no thread of its own.
class AssetStore {
 public:
  /// Loads names into memory. `database`, `sink` and `clock` must outlive the store; `sink` is called
  /// only to make and retype tags. Errors: as io::sqlite.
  static Result<std::unique_ptr<AssetStore>> open(io::sqlite::Database& database, SampleSink& sink,
                                                  io::Clock& clock, Options options);

  EnterpriseStore& enterprises() { return enterprises_; }
  const EnterpriseStore& enterprises() const { return enterprises_; }
  TagCatalogue& tags() { return tags_; }
  ConnectionStore& connections() { return connections_; }
  Calendars& calendars() { return calendars_; }
  ModelReader& models() { return models_; }
  ModelStore& model_store() { return models_; }

 private:
  AssetStore(io::sqlite::Database& database, SampleSink& sink, io::Clock& clock,
             const Options& options);

  Enterprises enterprises_;
  Tags tags_;
  ConnectionSettings connections_;
  Calendars calendars_;
  PlantModels models_;
};

}  // namespace tundish::asset
