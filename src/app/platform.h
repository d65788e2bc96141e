#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "access/access.h"
#include "app/pack_store.h"
#include "asset/asset_store.h"
#include "asset/retention.h"
#include "base/mutex.h"
#include "base/result.h"
#include "compute/engine.h"
#include "connect/manager.h"
#include "entry/annotation_table.h"
#include "entry/entry_desk.h"
#include "historian/historian.h"
#include "ingest/ingest_door.h"
#include "io/disk.h"
#include "io/sqlite.h"
#include "model/model_view.h"
#include "serve/api.h"

namespace tundish::app {

/// All stages over one data folder, wired at their ports. Nothing else joins them.
///
/// Opened in the order in which data flows back (historian, names, accounts, door, connections), so
/// that each finds what it needs; stopped in the order in which it flows in: connections first,
/// then the historian's flush.
class Platform {
 public:
  struct Options {
    std::string data_folder;
    historian::Options historian = {};
    connect::Options connect = {};
    serve::Api::Options api = {};
    /// False for a command on a folder that nobody serves: no connections are started and no
    /// background thread runs.
    bool serving = true;
  };

  /// Errors: kInUse when another process has the folder, and those of the stages.
  static Result<std::unique_ptr<Platform>> open(Options options);
  ~Platform();

  /// Connects to the equipment. Call once the HTTP server listens.
  Status start();
  /// Stops what comes in, delivers and flushes what has. May be called twice.
  void stop();

  serve::Api& api() { return *api_; }
  AccessControl& access() { return *access_; }
  EnterpriseStore& enterprises() { return assets_->enterprises(); }
  CalendarStore& calendars() { return assets_->calendars(); }
  TagCatalogue& tags() { return assets_->tags(); }
  ModelReader& models() { return assets_->models(); }
  ModelStore& model_store() { return assets_->model_store(); }
  PackStore& packs() { return *packs_; }
  Connections& connections() { return *connections_; }
  /// What connections() reads at start(); before that it may be changed here.
  ConnectionStore& connection_store() { return assets_->connections(); }
  historian::Historian& historian() { return *historian_; }

 private:
  Platform() = default;
  void maintain();
  /// For a minute at most; true as soon as stop() has been called.
  bool wait_for_stop();

  Options options_;
  std::unique_ptr<io::Disk> disk_;
  std::unique_ptr<historian::Historian> historian_;
  /// Goes after the database and before the folder's lock: notes what the files were (metadata_check.h).
  std::shared_ptr<void> at_rest_;
  std::unique_ptr<io::sqlite::Database> database_;
  std::unique_ptr<asset::AssetStore> assets_;
  std::unique_ptr<asset::CalendarWindows> calendars_;
  std::unique_ptr<asset::Retention> retention_;
  std::unique_ptr<ModelView> view_;
  std::unique_ptr<compute::Engine> compute_;
  std::unique_ptr<entry::EntryDesk> entries_;
  std::unique_ptr<entry::AnnotationTable> annotations_;
  std::unique_ptr<PackStore> packs_;
  std::unique_ptr<access::Access> access_;
  std::unique_ptr<ingest::IngestDoor> door_;
  std::unique_ptr<connect::ConnectionManager> connections_;
  std::unique_ptr<BackupMaker> backups_;
  std::unique_ptr<serve::Api> api_;

  std::atomic<bool> ready_{false};
  Mutex mutex_;
  Condition stopping_changed_;
  bool stopping_ TUNDISH_GUARDED_BY(mutex_) = false;
  std::thread maintenance_;
};

/// The version as `tundish version` and the API show it.
std::string version_text();

}  // namespace tundish::app
