#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "model/ports/sample_sink.h"
#include "model/ports/tag_catalogue.h"
#include "model/tag_path.h"

// The two ports behind the door, in memory, for the tests of this module.

namespace tundish::ingest {

class MemoryCatalogue final : public TagCatalogue {
 public:
  std::size_t quota = 1'000'000;
  std::size_t ensure_calls = 0;
  ErrorCode ensure_error = ErrorCode::kInternal;  ///< returned by ensure unless kInternal

  TagPtr find(EnterpriseId enterprise, std::string_view path) const override {
    std::lock_guard lock(mutex_);
    const auto found = by_path_.find({enterprise, std::string(path)});
    return found == by_path_.end() ? nullptr : found->second;
  }
  TagPtr get(TagId id) const override {
    std::lock_guard lock(mutex_);
    for (const auto& [key, tag] : by_path_)
      if (tag->id == id) return tag;
    return nullptr;
  }
  Result<std::vector<TagPtr>> match(EnterpriseId, const TagSearch&) const override {
    return std::vector<TagPtr>{};
  }
  std::uint64_t renames(EnterpriseId) const override { return 0; }
  std::size_t count(EnterpriseId enterprise) const override {
    std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& [key, tag] : by_path_) count += key.first == enterprise;
    return count;
  }
  Result<std::vector<TagPtr>> ensure(EnterpriseId enterprise,
                                     std::span<const NewTag> tags) override {
    std::lock_guard lock(mutex_);
    ++ensure_calls;
    if (ensure_error != ErrorCode::kInternal) return fail(ensure_error, "The catalogue says no.");
    std::size_t missing = 0;
    for (const NewTag& tag : tags) missing += !by_path_.contains({enterprise, tag.path});
    if (by_path_.size() + missing > quota)
      return fail(ErrorCode::kQuotaExceeded, "The quota of tags is used up.");
    std::vector<TagPtr> all;
    for (const NewTag& tag : tags) {
      TagPtr& here = by_path_[{enterprise, tag.path}];
      if (!here)
        here = std::make_shared<TagInfo>(TagInfo{TagId{enterprise, ++numbers_[enterprise]},
                                                 tag.path, tag.type, tag.step, "", "", false});
      all.push_back(here);
    }
    return all;
  }
  Result<TagPtr> update(TagId, const TagPatch&) override {
    return fail(ErrorCode::kUnsupported, "");
  }
  Status remove(TagId) override { return fail(ErrorCode::kUnsupported, ""); }

  TagPtr add(EnterpriseId enterprise, const std::string& path, ValueType type) {
    const NewTag tag{path, type, false, "", "", false};
    return ensure(enterprise, {&tag, 1}).value().front();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<EnterpriseId, std::string>, TagPtr> by_path_;
  std::map<EnterpriseId, std::uint32_t> numbers_;
};

class MemorySink final : public SampleSink {
 public:
  std::vector<SampleBatch> batches;          ///< in the order stored
  std::function<Status(std::size_t)> fault;  ///< asked with the number of the append, from 1

  Result<Appended> append(SampleBatch batch, std::optional<FeedCommit>) override {
    std::lock_guard lock(mutex_);
    if (fault)
      if (Status fine = fault(++appends_); !fine) return fail(std::move(fine.error()));
    if (!stored_.insert({batch.enterprise, batch.number}).second)
      return Appended{Position(batches.size()), true};
    batches.push_back(std::move(batch));
    return Appended{Position(batches.size()), false};
  }
  Result<std::vector<TagId>> make_tags(EnterpriseId, std::span<const NewTagId>) override {
    return fail(ErrorCode::kUnsupported, "");
  }
  Status retype_tag(TagId, ValueType) override { return fail(ErrorCode::kUnsupported, ""); }
  Result<StreamState> open_stream(EnterpriseId enterprise, const std::string& source,
                                  const std::string& stream) override {
    std::lock_guard lock(mutex_);
    StreamState& state = streams_[{enterprise, source, stream}];
    if (state.source == 0) state = {static_cast<std::uint32_t>(streams_.size()), 1, 0, 1};
    ++state.epoch;
    return state;
  }
  Result<StreamState> find_stream(EnterpriseId enterprise, const std::string& source,
                                  const std::string& stream, std::uint32_t epoch) override {
    std::lock_guard lock(mutex_);
    const auto found = streams_.find({enterprise, source, stream});
    if (found == streams_.end() || epoch > found->second.epoch)
      return fail(ErrorCode::kNotFound, "no such stream");
    StreamState state = found->second;
    if (epoch != 0) state.epoch = epoch;
    return state;
  }
  std::size_t stream_count(EnterpriseId) override {
    std::lock_guard lock(mutex_);
    return streams_.size();
  }
  Result<Position> erase(std::vector<Tombstone>) override {
    return fail(ErrorCode::kUnsupported, "");
  }

  TimeNs kept_from(TagId) const override { return horizon; }
  TimeNs horizon = kTimeMin;  ///< of all tags

  std::size_t rows() const {
    std::size_t rows = 0;
    for (const SampleBatch& batch : batches) rows += batch.size();
    return rows;
  }

 private:
  std::mutex mutex_;
  std::size_t appends_ = 0;
  std::set<std::pair<EnterpriseId, BatchNumber>> stored_;
  std::map<std::tuple<EnterpriseId, std::string, std::string>, StreamState> streams_;
};

}  // namespace tundish::ingest
