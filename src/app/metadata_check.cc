#include "app/metadata_check.h"

#include <sys/stat.h>

#include <algorithm>

#include "io/sqlite.h"

namespace tundish::app {

Result<std::optional<Damage>> check_metadata(const std::string& folder) {
  const std::string path = folder + "/meta.db";
  struct stat info{};
  // Opening would make it.
  if (::stat(path.c_str(), &info) != 0) return std::optional<Damage>();
  auto database = io::sqlite::Database::open(path);
  const Status sound = database ? (*database)->check() : Status(fail(database.error()));
  if (sound) return std::optional<Damage>();
  if (sound.error().code != ErrorCode::kCorruption) return fail(sound.error());
  std::string what = sound.error().message;
  std::ranges::replace(what, '\n', ' ');  // SQLite's findings may have several lines
  return Damage{"meta.db", 0, std::move(what), {}};
}

}  // namespace tundish::app
