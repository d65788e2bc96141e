// How a call goes: begin_call() counts it, lets time pass and decides its fate; then the change is
// made to what callers see (Node::seen, SimulatedContent's cache); names wait in pending_ until
// sync_folder. cut_power() makes a part of what waits durable and forgets the rest.

#include "io/simulated_disk.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/crc32c.h"
#include "io/simulated_content.h"

namespace tundish::io {

// A file or a folder. `linked`: a name that callers see leads to it; blocks count as used while it
// is linked or open.
struct SimulatedDisk::Node {
  Node(bool folder, std::uint32_t sector_bytes) : is_folder(folder), content(sector_bytes) {}

  const bool is_folder;
  std::map<std::string, NodePtr> seen;     ///< a folder's entries, as callers see them
  std::map<std::string, NodePtr> durable;  ///< as the medium holds them
  SimulatedContent content;
  bool linked = true;
  std::uint32_t open = 0;
};

namespace {

// Typical of a SATA SSD; only their sum matters, for deadlines in simulated time.
constexpr DurationNs kReadTime = 80 * kMicrosecond;
constexpr DurationNs kWriteTime = 15 * kMicrosecond;
constexpr DurationNs kSyncTime = 250 * kMicrosecond;
constexpr DurationNs kNameTime = 20 * kMicrosecond;
constexpr std::uint32_t kWriteBackOneIn = 16;

std::unexpected<Error> no_power(const std::string& path) {
  return fail(ErrorCode::kIo, "the simulated disk has lost power", path);
}
std::unexpected<Error> fault(const std::string& path) {
  return fail(ErrorCode::kIo, "a simulated input/output error", path);
}
std::unexpected<Error> missing(const std::string& path) {
  return fail(ErrorCode::kNotFound, "no such file or folder", path);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

using Files = std::map<std::string, std::shared_ptr<SimulatedDisk::Node>>;

void collect(const SimulatedDisk::Node& folder, const std::string& prefix, Files& found) {
  for (const auto& [name, node] : folder.seen) {
    if (node->is_folder) {
      collect(*node, prefix + name + "/", found);
    } else {
      found.emplace(prefix + name, node);
    }
  }
}

}  // namespace

class SimulatedFile final : public File {
 public:
  SimulatedFile(SimulatedDisk& disk, std::shared_ptr<SimulatedDisk::Node> node, std::string path,
                bool writable) TUNDISH_REQUIRES(disk.mutex_)
      : disk_(disk),
        node_(std::move(node)),
        path_(std::move(path)),
        writable_(writable),
        boot_(disk.boot_) {
    ++node_->open;
  }
  ~SimulatedFile() override {
    const MutexLock lock(disk_.mutex_);
    if (boot_ != disk_.boot_) return;  // the power cut closed it
    --node_->open;
    disk_.release(*node_);
  }

  Status read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    const MutexLock lock(disk_.mutex_);
    TUNDISH_RETURN_IF_ERROR(check(SimulatedDisk::Call::kRead));
    const std::uint64_t size = node_->content.size();
    if (offset > size || into.size() > size - offset)
      return fail(Error{ErrorCode::kIo, "the file ends before what was asked for", path_, offset});
    node_->content.read(offset, into);
    return {};
  }

  Status write_at(std::uint64_t offset, ByteSpan bytes) override {
    const MutexLock lock(disk_.mutex_);
    TUNDISH_CHECK(writable_);
    if (boot_ != disk_.boot_) return no_power(path_);
    const auto fate = disk_.begin_call(SimulatedDisk::Call::kWrite);
    std::uint64_t count = bytes.size();
    // A failing write has written any part of its bytes.
    if (fate != SimulatedDisk::Fate::kGoOn) count = disk_.random_.below(count + 1);
    SimulatedContent& content = node_->content;
    const std::uint64_t fits = content.writable(offset, count, disk_.free_blocks());
    const std::uint64_t before = content.blocks();
    content.write(offset, bytes.first(fits));
    disk_.used_blocks_ += content.blocks() - before;
    if (fate == SimulatedDisk::Fate::kCrash) disk_.cut_power();
    if (!disk_.powered_) return no_power(path_);
    if (fate == SimulatedDisk::Fate::kFail) return fault(path_);
    if (disk_.random_.one_in(kWriteBackOneIn)) content.write_back_some(disk_.random_);
    if (fits < count)
      return fail(Error{ErrorCode::kDiskFull, "no space left", path_, offset + fits});
    return {};
  }

  Status sync() override {
    const MutexLock lock(disk_.mutex_);
    if (boot_ != disk_.boot_) return no_power(path_);
    switch (disk_.begin_call(SimulatedDisk::Call::kSync)) {
      case SimulatedDisk::Fate::kGoOn:
        if (!disk_.options_.file_syncs_lie) node_->content.sync();
        ++disk_.syncs_;
        return {};
      case SimulatedDisk::Fate::kFail:
        if (!disk_.powered_) return no_power(path_);
        node_->content.fail_sync(disk_.random_);
        return fault(path_);
      case SimulatedDisk::Fate::kCrash:
        // It may have been done although nobody will hear of it.
        if (disk_.random_.one_in(2)) node_->content.sync();
        disk_.cut_power();
        break;
    }
    return no_power(path_);
  }

  Result<std::uint64_t> size() const override {
    const MutexLock lock(disk_.mutex_);
    TUNDISH_RETURN_IF_ERROR(check(SimulatedDisk::Call::kRead));
    return node_->content.size();
  }

  Status truncate(std::uint64_t bytes) override {
    const MutexLock lock(disk_.mutex_);
    TUNDISH_CHECK(writable_);
    TUNDISH_RETURN_IF_ERROR(check(SimulatedDisk::Call::kWrite));
    const std::uint64_t before = node_->content.blocks();
    node_->content.truncate(bytes);
    disk_.used_blocks_ -= before - node_->content.blocks();
    return {};
  }

 private:
  Status check(SimulatedDisk::Call call) const TUNDISH_REQUIRES(disk_.mutex_) {
    if (boot_ != disk_.boot_) return no_power(path_);
    return disk_.check_call(call, path_);
  }

  SimulatedDisk& disk_;
  const std::shared_ptr<SimulatedDisk::Node> node_;
  const std::string path_;
  const bool writable_;
  const std::uint64_t boot_;
};

class SimulatedLock final : public FolderLock {
 public:
  SimulatedLock(SimulatedDisk& disk, std::string path) TUNDISH_REQUIRES(disk.mutex_)
      : disk_(disk), path_(std::move(path)), boot_(disk.boot_) {}
  ~SimulatedLock() override {
    const MutexLock lock(disk_.mutex_);
    if (boot_ == disk_.boot_) disk_.locks_.erase(path_);
  }

 private:
  SimulatedDisk& disk_;
  const std::string path_;
  const std::uint64_t boot_;
};

SimulatedDisk::SimulatedDisk(std::uint64_t seed, SimulatedDiskOptions options)
    : options_(options),
      random_(seed),
      capacity_blocks_(options.capacity_bytes / SimulatedContent::kBlockBytes),
      root_(std::make_shared<Node>(true, options.sector_bytes)) {
  TUNDISH_CHECK(options.sector_bytes == 512 || options.sector_bytes == 4096);
}

SimulatedDisk::~SimulatedDisk() = default;

// --- the calls of Disk ---------------------------------------------------------------------------

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::string& path, Open how) {
  TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, path));
  TUNDISH_TRY(const NodePtr folder, find_folder(folder_of(path)));
  const auto entry = folder->seen.find(name_of(path));
  NodePtr node = entry == folder->seen.end() ? nullptr : entry->second;
  if (node && node->is_folder) return fail(ErrorCode::kIo, "cannot open a folder as a file", path);
  if (how == Open::kRead || how == Open::kReadWrite) {
    if (!node) return missing(path);
    return std::make_unique<SimulatedFile>(*this, node, path, how == Open::kReadWrite);
  }
  if (node) {
    if (how == Open::kCreateNew) return fail(ErrorCode::kAlreadyExists, "it exists", path);
    used_blocks_ -= node->content.blocks();
    node->content.truncate(0);
    return std::make_unique<SimulatedFile>(*this, node, path, true);
  }
  // A new name may need a block of its folder, so a full disk refuses some.
  if (free_blocks() == 0 && random_.one_in(2))
    return fail(ErrorCode::kDiskFull, "no space left", path);
  node = std::make_shared<Node>(false, options_.sector_bytes);
  apply({{{folder, name_of(path), node}}});
  return std::make_unique<SimulatedFile>(*this, node, path, true);
}

Status SimulatedDisk::rename(const std::string& from, const std::string& to) {
  TUNDISH_RETURN_IF_ERROR(check_disk_path(from));
  TUNDISH_RETURN_IF_ERROR(check_disk_path(to));
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, from));
  TUNDISH_TRY(const NodePtr from_folder, find_folder(folder_of(from)));
  TUNDISH_TRY(const NodePtr to_folder, find_folder(folder_of(to)));
  const auto node = from_folder->seen.find(name_of(from));
  if (node == from_folder->seen.end()) return missing(from);
  const auto target = to_folder->seen.find(name_of(to));
  if (target != to_folder->seen.end()) {
    if (target->second == node->second) return {};
    if (target->second->is_folder || node->second->is_folder)
      return fail(ErrorCode::kAlreadyExists, "cannot rename onto it", to);
  }
  apply({{{from_folder, name_of(from), nullptr}, {to_folder, name_of(to), node->second}}});
  return {};
}

Status SimulatedDisk::remove(const std::string& path) {
  TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, path));
  const NodePtr node = find(path);
  if (!node) return missing(path);
  if (node->is_folder) return fail(ErrorCode::kIo, "cannot remove a folder", path);
  TUNDISH_TRY(const NodePtr folder, find_folder(folder_of(path)));
  apply({{{folder, name_of(path), nullptr}}});
  return {};
}

Result<bool> SimulatedDisk::exists(const std::string& path) {
  TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, path));
  return find(path) != nullptr;
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& folder) {
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, folder));
  TUNDISH_TRY(const NodePtr node, find_folder(folder));
  std::vector<std::string> names;
  for (const auto& [name, entry] : node->seen) {
    if (!entry->is_folder) names.push_back(name);
  }
  return names;
}

Status SimulatedDisk::make_folder(const std::string& folder) {
  TUNDISH_RETURN_IF_ERROR(check_disk_path(folder));
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, folder));
  TUNDISH_TRY(const NodePtr above, find_folder(folder_of(folder)));
  const auto entry = above->seen.find(name_of(folder));
  if (entry == above->seen.end()) {
    apply({{{above, name_of(folder), std::make_shared<Node>(true, options_.sector_bytes)}}});
    return {};
  }
  if (entry->second->is_folder) return {};
  return fail(ErrorCode::kAlreadyExists, "a file has this name", folder);
}

Status SimulatedDisk::sync_folder(const std::string& folder) {
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, folder));
  TUNDISH_TRY(const NodePtr node, find_folder(folder));
  if (!options_.folder_syncs_lie) sync_names(*node);
  ++syncs_;
  return {};
}

Result<std::uint64_t> SimulatedDisk::free_bytes() {
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, ""));
  return free_blocks() * SimulatedContent::kBlockBytes;
}

Result<std::unique_ptr<FolderLock>> SimulatedDisk::lock(const std::string& path) {
  TUNDISH_RETURN_IF_ERROR(check_disk_path(path));
  const MutexLock lock(mutex_);
  TUNDISH_RETURN_IF_ERROR(check_call(Call::kName, path));
  TUNDISH_TRY(const NodePtr folder, find_folder(folder_of(path)));
  if (!locks_.insert(path).second)
    return fail(ErrorCode::kInUse, "the data folder is in use by the process 1; stop it first",
                path);
  if (!find(path))
    apply({{{folder, name_of(path), std::make_shared<Node>(false, options_.sector_bytes)}}});
  return std::make_unique<SimulatedLock>(*this, path);
}

// --- what a test does to it ----------------------------------------------------------------------

void SimulatedDisk::power_cut() {
  const MutexLock lock(mutex_);
  cut_power();
}
void SimulatedDisk::power_on() {
  const MutexLock lock(mutex_);
  powered_ = true;
}
bool SimulatedDisk::powered() const {
  const MutexLock lock(mutex_);
  return powered_;
}
void SimulatedDisk::crash_at_call(std::uint64_t n) {
  const MutexLock lock(mutex_);
  crash_at_ = n == 0 ? 0 : calls_ + n;
}
void SimulatedDisk::fail_at_call(std::uint64_t n) {
  const MutexLock lock(mutex_);
  fail_at_ = n == 0 ? 0 : calls_ + n;
}
void SimulatedDisk::set_fault_rates(const FaultRates& rates) {
  const MutexLock lock(mutex_);
  rates_ = rates;
}
void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  const MutexLock lock(mutex_);
  capacity_blocks_ = std::max(used_blocks_, bytes / SimulatedContent::kBlockBytes);
}
std::uint64_t SimulatedDisk::used_bytes() const {
  const MutexLock lock(mutex_);
  return used_blocks_ * SimulatedContent::kBlockBytes;
}
std::uint64_t SimulatedDisk::calls() const {
  const MutexLock lock(mutex_);
  return calls_;
}
std::uint64_t SimulatedDisk::syncs() const {
  const MutexLock lock(mutex_);
  return syncs_;
}
DurationNs SimulatedDisk::time_spent() const {
  const MutexLock lock(mutex_);
  return time_spent_;
}

void SimulatedDisk::flip_bit(const std::string& path, std::uint64_t bit) {
  const MutexLock lock(mutex_);
  const NodePtr node = find(path);
  TUNDISH_CHECK(node && !node->is_folder);
  node->content.flip_bit(bit);
}

std::vector<std::string> SimulatedDisk::files() const {
  const MutexLock lock(mutex_);
  Files found;
  collect(*root_, "", found);
  std::vector<std::string> paths;
  for (const auto& [path, node] : found) paths.push_back(path);
  return paths;
}

Bytes SimulatedDisk::content(const std::string& path) const {
  const MutexLock lock(mutex_);
  const NodePtr node = find(path);
  TUNDISH_CHECK(node && !node->is_folder);
  Bytes bytes(node->content.size());
  node->content.read(0, bytes);
  return bytes;
}

std::uint32_t SimulatedDisk::digest() const {
  std::uint32_t digest = 0;
  for (const auto& path : files()) {
    // The zero byte keeps a name and a content from running together.
    digest = crc32c(as_byte_span(std::string_view(path.c_str(), path.size() + 1)), digest);
    digest = crc32c(content(path), digest);
  }
  return digest;
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::clone(std::uint64_t seed) const {
  const MutexLock lock(mutex_);
  auto copy = std::make_unique<SimulatedDisk>(seed, options_);
  const MutexLock copy_lock(copy->mutex_);
  std::uint64_t used_blocks = 0;
  const auto copy_folder = [&](const auto& self, const Node& from, Node& to) -> void {
    for (const auto& [name, node] : from.seen) {
      const auto twin = std::make_shared<Node>(node->is_folder, options_.sector_bytes);
      twin->content = node->content;
      twin->content.sync();
      self(self, *node, *twin);
      to.seen.emplace(name, twin);
      used_blocks += twin->content.blocks();
    }
    to.durable = to.seen;
  };
  copy_folder(copy_folder, *root_, *copy->root_);
  copy->used_blocks_ = used_blocks;
  copy->capacity_blocks_ = std::max(capacity_blocks_, used_blocks);
  return copy;
}

// --- fates ---------------------------------------------------------------------------------------

SimulatedDisk::Fate SimulatedDisk::begin_call(Call call) {
  if (!powered_) return Fate::kFail;
  ++calls_;
  DurationNs time = kNameTime;
  std::uint32_t one_in = rates_.name_one_in;
  switch (call) {
    case Call::kRead: time = kReadTime, one_in = rates_.read_one_in; break;
    case Call::kWrite: time = kWriteTime, one_in = rates_.write_one_in; break;
    case Call::kSync: time = kSyncTime, one_in = rates_.sync_one_in; break;
    case Call::kName: break;
  }
  if (rates_.stall_one_in != 0 && random_.one_in(rates_.stall_one_in)) time = kSecond;
  time_spent_ += time;
  if (options_.clock != nullptr) options_.clock->advance(time);
  if (calls_ == crash_at_) return Fate::kCrash;
  if (calls_ == fail_at_) return Fate::kFail;
  return one_in != 0 && random_.one_in(one_in) ? Fate::kFail : Fate::kGoOn;
}

/// For calls that either happen or do not: a change of names that was made just before the power
/// cut is one of those in pending_, so nothing is missed by cutting before it.
Status SimulatedDisk::check_call(Call call, const std::string& path) {
  switch (begin_call(call)) {
    case Fate::kGoOn: return {};
    case Fate::kFail: break;
    case Fate::kCrash: cut_power(); break;
  }
  if (!powered_) return no_power(path);
  return fault(path);
}

// --- names ---------------------------------------------------------------------------------------

SimulatedDisk::NodePtr SimulatedDisk::find(const std::string& path) const {
  NodePtr node = root_;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    const auto entry = node->seen.find(path.substr(from, to - from));
    if (entry == node->seen.end()) return nullptr;
    node = entry->second;
    from = to + 1;
  }
  return node;
}

Result<SimulatedDisk::NodePtr> SimulatedDisk::find_folder(const std::string& folder) const {
  if (folder.empty()) return root_;
  TUNDISH_RETURN_IF_ERROR(check_disk_path(folder));
  NodePtr node = find(folder);
  if (!node || !node->is_folder) return missing(folder);
  return node;
}

void SimulatedDisk::apply(NameChange change) {
  for (const auto& [folder, name, node] : change.entries) {
    const auto before = folder->seen.find(name);
    if (before != folder->seen.end()) {
      const NodePtr old = before->second;
      folder->seen.erase(before);
      old->linked = false;
      release(*old);
    }
    if (!node) continue;
    if (!node->linked) used_blocks_ += node->open == 0 ? node->content.blocks() : 0;
    node->linked = true;
    folder->seen[name] = node;
  }
  pending_.push_back(std::move(change));
}

/// Gives back the blocks of a file that nobody can reach any more.
void SimulatedDisk::release(Node& node) {
  if (!node.linked && node.open == 0) used_blocks_ -= node.content.blocks();
}

bool SimulatedDisk::touches(const NameChange& change, const Node& folder) {
  return std::any_of(change.entries.begin(), change.entries.end(),
                     [&](const auto& entry) { return entry.folder.get() == &folder; });
}

bool SimulatedDisk::share_an_entry(const NameChange& a, const NameChange& b) {
  for (const auto& x : a.entries) {
    for (const auto& y : b.entries) {
      if (x.folder == y.folder && x.name == y.name) return true;
    }
  }
  return false;
}

void SimulatedDisk::make_durable(const NameChange& change) {
  for (const auto& [folder, name, node] : change.entries) {
    if (node) {
      folder->durable[name] = node;
    } else {
      folder->durable.erase(name);
    }
  }
}

/// Changes in `folder` become durable, and whatever happened earlier to the same names.
void SimulatedDisk::sync_names(const Node& folder) {
  std::vector<bool> due(pending_.size());
  for (std::size_t i = pending_.size(); i-- > 0;) {
    due[i] = touches(pending_[i], folder);
    for (std::size_t later = i + 1; later < pending_.size() && !due[i]; ++later)
      due[i] = due[later] && share_an_entry(pending_[i], pending_[later]);
  }
  std::vector<NameChange> still_pending;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (due[i]) {
      make_durable(pending_[i]);
    } else {
      still_pending.push_back(std::move(pending_[i]));
    }
  }
  pending_ = std::move(still_pending);
}

// --- the power cut -------------------------------------------------------------------------------

void SimulatedDisk::cut_power() {
  powered_ = false;
  ++boot_;
  crash_at_ = fail_at_ = 0;
  locks_.clear();
  // Half of the time as an ordered metadata journal leaves it: a prefix of the changes. Otherwise
  // any of them, except that one is lost too when an earlier one to the same name was lost.
  if (random_.one_in(2)) {
    pending_.resize(random_.below(pending_.size() + 1));
  } else {
    std::vector<NameChange> kept;
    std::vector<NameChange> lost;
    for (auto& change : pending_) {
      const bool builds_on_lost = std::any_of(lost.begin(), lost.end(), [&](const auto& earlier) {
        return share_an_entry(earlier, change);
      });
      (builds_on_lost || random_.one_in(2) ? lost : kept).push_back(std::move(change));
    }
    pending_ = std::move(kept);
  }
  for (const auto& change : pending_) make_durable(change);
  pending_.clear();
  used_blocks_ = 0;
  settle(*root_);
}

/// What is durable is all that there is from now on, in this folder and below.
void SimulatedDisk::settle(Node& folder) {
  folder.seen = folder.durable;
  for (const auto& [name, node] : folder.seen) {
    node->linked = true;
    node->open = 0;
    if (node->is_folder) {
      settle(*node);
    } else {
      node->content.power_cut(random_);
      used_blocks_ += node->content.blocks();
    }
  }
}

}  // namespace tundish::io
