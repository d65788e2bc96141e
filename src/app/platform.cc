#include "app/platform.h"

#include <chrono>

#include "app/backup_run.h"
#include "app/metadata_check.h"
#include "base/log.h"
#include "build_info.h"
#include "io/clock.h"
#include "io/random.h"
#include "model/data_files.h"

namespace tundish::app {

std::string version_text() { return build_info::kVersion; }

Result<std::unique_ptr<Platform>> Platform::open(Options options) {
  std::unique_ptr<Platform> platform(new Platform());
  platform->options_ = std::move(options);
  Options& settings = platform->options_;
  settings.historian.threads = settings.serving;

  TUNDISH_TRY(platform->disk_, io::open_real_disk(settings.data_folder));
  io::Disk& disk = *platform->disk_;
  // The historian takes the folder's lock, so it comes first.
  TUNDISH_TRY(platform->historian_,
              historian::Historian::open(disk, io::real_clock(), settings.historian));
  TUNDISH_RETURN_IF_ERROR(take_up(disk));
  TUNDISH_TRY(platform->database_,
              io::sqlite::Database::open(settings.data_folder + "/" + files::kMetadata));
  platform->at_rest_ = std::shared_ptr<void>(nullptr, [&disk](void*) { put_to_rest(disk); });
  TUNDISH_TRY(platform->assets_,
              asset::AssetStore::open(*platform->database_, *platform->historian_, io::real_clock(),
                                      asset::Options{}));
  platform->calendars_ = std::make_unique<asset::CalendarWindows>(platform->assets_->models(),
                                                                  platform->assets_->calendars());
  platform->retention_ = std::make_unique<asset::Retention>(
      asset::Retention::Ports{.database = *platform->database_,
                              .enterprises = platform->assets_->enterprises(),
                              .models = platform->assets_->models(),
                              .tags = platform->assets_->tags(),
                              .keeper = *platform->historian_,
                              .reader = *platform->historian_,
                              .clock = io::real_clock()});
  platform->view_ = std::make_unique<ModelView>(*platform->historian_, platform->assets_->models(),
                                                platform->assets_->tags());
  TUNDISH_TRY(platform->compute_,
              compute::Engine::open({.enterprises = platform->assets_->enterprises(),
                                     .models = platform->assets_->models(),
                                     .calendars = *platform->calendars_,
                                     .reader = *platform->historian_,
                                     .sink = *platform->historian_,
                                     .feed = *platform->historian_,
                                     .database = *platform->database_},
                                    {}));
  TUNDISH_TRY(platform->entries_, entry::EntryDesk::open({.database = *platform->database_,
                                                          .sink = *platform->historian_,
                                                          .reader = *platform->historian_,
                                                          .tags = platform->assets_->tags(),
                                                          .models = platform->assets_->models(),
                                                          .clock = io::real_clock()}));
  TUNDISH_TRY(platform->annotations_,
              entry::AnnotationTable::open(*platform->database_, io::real_clock()));
  platform->packs_ = std::make_unique<PackStore>(
      platform->assets_->enterprises(), platform->assets_->models(),
      platform->assets_->model_store(), settings.data_folder + "/packs");
  access::Options access_options;
  access_options.enterprises = &platform->assets_->enterprises();
  TUNDISH_TRY(platform->access_, access::Access::open(*platform->database_, io::real_clock(),
                                                      io::real_random(), access_options));
  platform->door_ = std::make_unique<ingest::IngestDoor>(
      platform->assets_->tags(), *platform->historian_, io::real_clock(), disk);
  platform->connections_ = std::make_unique<connect::ConnectionManager>(
      platform->assets_->connections(), *platform->door_, platform->assets_->tags(),
      platform->assets_->enterprises(), disk, io::real_clock(), io::real_random(),
      settings.connect);

  platform->backups_ = make_backup_maker(settings.data_folder, *platform->historian_,
                                         *platform->database_, io::real_clock());

  serve::Services services{
      .access = *platform->access_,
      .enterprises = platform->assets_->enterprises(),
      .calendars = platform->assets_->calendars(),
      .tags = platform->assets_->tags(),
      .models = platform->assets_->models(),
      .model_store = platform->assets_->model_store(),
      .windows = platform->compute_->windows(),
      .plans = *platform->calendars_,
      .retention = *platform->retention_,
      .compute = platform->compute_.get(),
      .intervals = platform->compute_->intervals(),
      .entries = *platform->entries_,
      .annotations = *platform->annotations_,
      .packs = *platform->packs_,
      .connections = *platform->connections_,
      .door = *platform->door_,
      .ledger = *platform->door_,
      .sink = *platform->historian_,
      .reader = *platform->historian_,
      .view = *platform->view_,
      .feed = *platform->historian_,
      .historian = *platform->historian_,
      .backups = *platform->backups_,
      .disk = disk,
      .clock = io::real_clock(),
      .version = version_text(),
      .ready = [raw = platform.get()] { return raw->ready_.load(); },
  };
  platform->api_ = std::make_unique<serve::Api>(std::move(services), settings.api);
  for (const Damage& damage : platform->historian_->status().damage)
    log_error("historian", "{} at byte {}: {} {}", damage.file, damage.offset, damage.what,
              damage.quarantined.empty() ? "" : "(copy in " + damage.quarantined + ")");
  return platform;
}

Status Platform::start() {
  api_->start();
  TUNDISH_RETURN_IF_ERROR(connections_->start());
  compute_->start();
  maintenance_ = std::thread([this] { maintain(); });
  ready_ = true;
  return {};
}

/// Once a minute: what the stores that have no thread of their own want done.
void Platform::maintain() {
  while (!wait_for_stop()) {
    if (const auto done = access_->maintain(); !done)
      log_warning("access", "{}", done.error().to_string());
    if (const auto kept = retention_->maintain(); !kept)
      log_warning("retention", "{}; tried again in a minute", kept.error().to_string());
    if (const auto saved = door_->save_ledger(); !saved)
      log_warning("ingest", "the ledger was not saved: {}", saved.error().to_string());
  }
}

bool Platform::wait_for_stop() {
  const MutexLock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!stopping_ && stopping_changed_.wait_until(mutex_, until)) {
  }
  return stopping_;
}

void Platform::stop() {
  ready_ = false;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  if (maintenance_.joinable()) maintenance_.join();
  if (connections_) connections_->stop();
  if (compute_) compute_->stop();
  if (api_) api_->stop();
  if (historian_) historian_->stop();
}

Platform::~Platform() { stop(); }

}  // namespace tundish::app
