#include "connect/test_memory.h"

namespace tundish::connect {

Result<Receipt> MemoryDoor::receive(const Origin&, ReceivedBatch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !held_; });
  if (refusal_) return fail(*refusal_, "told to refuse");
  ++batches_;
  for (std::size_t row = 0; row < batch.rows.size(); ++row)
    samples_[batch.paths[batch.path_index[row]]].push_back(batch.rows.at(row));
  rows_ += batch.rows.size();
  Receipt receipt;
  receipt.accepted = batch.rows.size();
  return receipt;
}

void MemoryDoor::refuse_with(std::optional<ErrorCode> code) {
  std::lock_guard lock(mutex_);
  refusal_ = code;
}

void MemoryDoor::hold(bool held) {
  {
    std::lock_guard lock(mutex_);
    held_ = held;
  }
  changed_.notify_all();
}

std::vector<Sample> MemoryDoor::samples(const std::string& path) const {
  std::lock_guard lock(mutex_);
  const auto found = samples_.find(path);
  return found == samples_.end() ? std::vector<Sample>() : found->second;
}

std::size_t MemoryDoor::rows() const {
  std::lock_guard lock(mutex_);
  return rows_;
}

std::size_t MemoryDoor::batches() const {
  std::lock_guard lock(mutex_);
  return batches_;
}

TagPtr MemoryCatalogue::find(EnterpriseId enterprise, std::string_view path) const {
  std::lock_guard lock(mutex_);
  const auto found = tags_.find(path);
  return found != tags_.end() && found->second->id.enterprise == enterprise ? found->second
                                                                            : nullptr;
}

TagPtr MemoryCatalogue::get(TagId id) const {
  std::lock_guard lock(mutex_);
  for (const auto& [path, tag] : tags_)
    if (tag->id == id) return tag;
  return nullptr;
}

Result<std::vector<TagPtr>> MemoryCatalogue::match(EnterpriseId, const TagSearch&) const {
  return std::vector<TagPtr>{};
}

std::size_t MemoryCatalogue::count(EnterpriseId) const {
  std::lock_guard lock(mutex_);
  return tags_.size();
}

Result<std::vector<TagPtr>> MemoryCatalogue::ensure(EnterpriseId enterprise,
                                                    std::span<const NewTag> tags) {
  std::lock_guard lock(mutex_);
  if (refusal_) return fail(*refusal_, "told to refuse");
  for (const NewTag& tag : tags)
    if (tag.path == refused_path_) return fail(ErrorCode::kInvalidArgument, "told to refuse it");
  std::vector<TagPtr> made;
  for (const NewTag& tag : tags) {
    TagPtr& entry = tags_[tag.path];
    if (!entry)
      entry = std::make_shared<const TagInfo>(TagInfo{{enterprise, next_++},
                                                      tag.path,
                                                      tag.type,
                                                      tag.step,
                                                      tag.unit,
                                                      tag.description,
                                                      tag.simulated});
    made.push_back(entry);
  }
  return made;
}

Status MemoryCatalogue::remove(TagId id) {
  std::lock_guard lock(mutex_);
  const auto removed = std::erase_if(tags_, [&](const auto& tag) { return tag.second->id == id; });
  if (removed == 0) return fail(ErrorCode::kNotFound, "no such tag");
  return {};
}

void MemoryCatalogue::refuse_with(std::optional<ErrorCode> code) {
  std::lock_guard lock(mutex_);
  refusal_ = code;
}

void MemoryCatalogue::refuse_path(std::string path) {
  std::lock_guard lock(mutex_);
  refused_path_ = std::move(path);
}

std::vector<ConnectionConfig> MemoryStore::load_all() const {
  std::lock_guard lock(mutex_);
  std::vector<ConnectionConfig> all;
  for (const auto& [id, config] : configs_) all.push_back(config);
  return all;
}

Result<ConnectionConfig> MemoryStore::save(ConnectionConfig config) {
  std::lock_guard lock(mutex_);
  if (config.id == 0) config.id = next_++;
  configs_[config.id] = config;
  return config;
}

Status MemoryStore::remove(EnterpriseId enterprise, std::uint64_t id) {
  std::lock_guard lock(mutex_);
  const auto found = configs_.find(id);
  if (found == configs_.end() || found->second.enterprise != enterprise)
    return fail(ErrorCode::kNotFound, "no such connection");
  configs_.erase(found);
  return {};
}

TwoEnterprises::TwoEnterprises() {
  for (const auto& [id, code] : {std::pair{1u, "works"}, std::pair{2u, "other"}}) {
    Enterprise enterprise;
    enterprise.id = EnterpriseId(id);
    enterprise.code = code;
    enterprise.name = code;
    enterprises_.push_back(std::move(enterprise));
  }
}

std::optional<Enterprise> TwoEnterprises::find(EnterpriseId id) const {
  for (const Enterprise& enterprise : enterprises_)
    if (enterprise.id == id) return enterprise;
  return std::nullopt;
}

std::optional<Enterprise> TwoEnterprises::find(std::string_view code) const {
  for (const Enterprise& enterprise : enterprises_)
    if (enterprise.code == code) return enterprise;
  return std::nullopt;
}

}  // namespace tundish::connect
