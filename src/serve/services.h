#pragma once

#include <functional>
#include <string>

#include "io/clock.h"
#include "io/disk.h"
#include "model/model_view.h"
#include "model/ports/access_control.h"
#include "model/ports/annotation_book.h"
#include "model/ports/asset_store.h"
#include "model/ports/backup_maker.h"
#include "model/ports/calendars.h"
#include "model/ports/change_feed.h"
#include "model/ports/compute_status.h"
#include "model/ports/connections.h"
#include "model/ports/door.h"
#include "model/ports/enterprise_store.h"
#include "model/ports/entry_book.h"
#include "model/ports/historian_admin.h"
#include "model/ports/interval_reader.h"
#include "model/ports/model_reader.h"
#include "model/ports/pack_catalogue.h"
#include "model/ports/retention_rules.h"
#include "model/ports/sample_reader.h"
#include "model/ports/sample_sink.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::serve {

/// The stages as the HTTP interface uses them, each behind its port. app/ fills it in; all of it
/// outlives the Api.
struct Services {
  AccessControl& access;
  EnterpriseStore& enterprises;
  CalendarStore& calendars;
  TagCatalogue& tags;
  const ModelReader& models;
  ModelStore& model_store;
  const WindowSource& windows;
  const PlanSource& plans;
  RetentionRules& retention;
  const ComputeStatus* compute;  ///< null: nothing is derived here
  IntervalReader& intervals;
  EntryBook& entries;
  AnnotationBook& annotations;
  PackCatalogue& packs;
  Connections& connections;
  Door& door;
  Ledger& ledger;
  SampleSink& sink;
  SampleReader& reader;  ///< as received: for formulas, which apply the model themselves
  ModelView& view;       ///< as the model says samples are to be read: what people are shown
  ChangeFeed& feed;
  HistorianAdmin& historian;
  BackupMaker& backups;
  io::Disk& disk;
  io::Clock& clock;
  std::string version;
  std::function<bool()> ready;  ///< false while starting or stopping
};

}  // namespace tundish::serve
