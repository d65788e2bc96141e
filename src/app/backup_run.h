#pragma once

#include <memory>
#include <string>

#include "historian/historian.h"
#include "io/clock.h"
#include "io/sqlite.h"
#include "model/ports/backup_maker.h"

namespace tundish::app {

/// Backups of `data_folder`, which this process has open. All arguments outlive it.
std::unique_ptr<BackupMaker> make_backup_maker(const std::string& data_folder,
                                               historian::Historian& historian,
                                               io::sqlite::Database& database,
                                               const io::Clock& clock);

}  // namespace tundish::app
