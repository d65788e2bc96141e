#include "asset/zone_files.h"

#include <fstream>
#include <iterator>

namespace tundish::asset {
namespace {

// One byte more than Zone::parse takes, so that a longer file is told and not cut.
constexpr std::size_t kReadMax = 64 * 1024 + 1;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kReadMax, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return fail(ErrorCode::kIo, "a time zone file cannot be read", path);
  return bytes;
}

}  // namespace

Result<std::shared_ptr<const calendar::Zone>> ZoneFiles::find(std::string_view name) const {
  {
    const MutexLock lock(mutex_);
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
  }
  TUNDISH_RETURN_IF_ERROR(check_time_zone(name, folder_));
  const std::string path = folder_ + "/" + std::string(name);
  TUNDISH_TRY(const std::string bytes, read_file(path));
  calendar::Zone zone;
  // check_time_zone lets UTC pass on a system without zones.
  if (!bytes.empty() || (name != "UTC" && name != "Etc/UTC")) {
    auto parsed = calendar::Zone::parse(as_byte_span(bytes));
    if (!parsed) {
      parsed.error().where = path;
      return fail(parsed.error());
    }
    zone = std::move(*parsed);
  }
  auto shared = std::make_shared<const calendar::Zone>(std::move(zone));
  const MutexLock lock(mutex_);
  return known_.emplace(std::string(name), std::move(shared)).first->second;
}

}  // namespace tundish::asset
