#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model/ports/connections.h"
#include "model/ports/door.h"
#include "model/ports/enterprise_store.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::connect {

/// A door that keeps what it gets in memory, by path; it can be told to refuse. For tests.
class MemoryDoor final : public Door {
 public:
  Result<Receipt> receive(const Origin& origin, ReceivedBatch batch) override;
  Result<StreamState> open_stream(const Origin&, const std::string&, const std::string&) override {
    return fail(ErrorCode::kUnsupported, "not in this test");
  }

  void refuse_with(std::optional<ErrorCode> code);
  /// While held, `receive` does not return: whoever delivers cannot end either.
  void hold(bool held);
  std::vector<Sample> samples(const std::string& path) const;
  std::size_t rows() const;
  std::size_t batches() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  std::optional<ErrorCode> refusal_;
  std::map<std::string, std::vector<Sample>> samples_;
  std::size_t rows_ = 0;
  std::size_t batches_ = 0;
};

/// Tags in memory. For tests.
class MemoryCatalogue final : public TagCatalogue {
 public:
  TagPtr find(EnterpriseId enterprise, std::string_view path) const override;
  TagPtr get(TagId id) const override;
  Result<std::vector<TagPtr>> match(EnterpriseId, const TagSearch&) const override;
  std::size_t count(EnterpriseId enterprise) const override;
  std::uint64_t renames(EnterpriseId) const override { return 0; }
  Result<std::vector<TagPtr>> ensure(EnterpriseId enterprise,
                                     std::span<const NewTag> tags) override;
  Result<TagPtr> update(TagId, const TagPatch&) override {
    return fail(ErrorCode::kUnsupported, "not in this test");
  }
  Status remove(TagId id) override;
  /// `ensure` fails with this from now on.
  void refuse_with(std::optional<ErrorCode> code);
  /// `ensure` refuses a call that names this path.
  void refuse_path(std::string path);

 private:
  mutable std::mutex mutex_;
  std::optional<ErrorCode> refusal_;
  std::string refused_path_;
  std::uint32_t next_ = 1;
  std::map<std::string, TagPtr, std::less<>> tags_;
};

/// Connection settings in memory. For tests.
class MemoryStore final : public ConnectionStore {
 public:
  std::vector<ConnectionConfig> load_all() const override;
  Result<ConnectionConfig> save(ConnectionConfig config) override;
  Status remove(EnterpriseId enterprise, std::uint64_t id) override;

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, ConnectionConfig> configs_;
  std::uint64_t next_ = 1;
};

/// The enterprises `works` (1) and `other` (2). For tests.
class TwoEnterprises final : public EnterpriseStore {
 public:
  TwoEnterprises();
  std::vector<Enterprise> enterprises() const override { return enterprises_; }
  std::optional<Enterprise> find(EnterpriseId id) const override;
  std::optional<Enterprise> find(std::string_view code) const override;
  Result<Enterprise> create(Enterprise) override {
    return fail(ErrorCode::kUnsupported, "not in this test");
  }
  Result<Enterprise> update(EnterpriseId, const EnterprisePatch&) override {
    return fail(ErrorCode::kUnsupported, "not in this test");
  }
  std::vector<Site> sites(EnterpriseId) const override { return {}; }
  Result<Site> save_site(Site) override {
    return fail(ErrorCode::kUnsupported, "not in this test");
  }
  Status remove_site(EnterpriseId, std::uint64_t) override {
    return fail(ErrorCode::kUnsupported, "not in this test");
  }

 private:
  std::vector<Enterprise> enterprises_;
};

}  // namespace tundish::connect
