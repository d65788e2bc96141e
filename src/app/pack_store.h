#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "model/ports/enterprise_store.h"
#include "model/ports/model_reader.h"
#include "model/ports/pack_catalogue.h"
#include "pack/pack.h"

namespace tundish::app {

/// The templates of a pack as the model keeps them; what one extends stands before it.
std::vector<TemplateDefinition> templates_of(const pack::Pack& pack);

/// The packs beside the program. They are read at the first question; one with mistakes is left out and
/// logged. Any thread.
class PackStore final : public PackCatalogue {
 public:
  PackStore(const EnterpriseStore& enterprises, const ModelReader& models, ModelStore& store)
      : enterprises_(enterprises), models_(models), store_(store) {}

  std::vector<PackInfo> packs() const override;
  Result<PackInfo> find(std::string_view name) const override;
  Result<std::string> drawing(std::string_view pack, std::string_view file) const override;
  Result<EditResult> apply(const EditBy& by, EnterpriseId enterprise, std::string_view name,
                           bool plant) override;

  /// The same of a pack that is anywhere.
  Result<EditResult> apply(const EditBy& by, EnterpriseId enterprise, const pack::Pack& pack,
                           bool plant);

 private:
  using Packs = std::map<std::string, pack::Pack, std::less<>>;
  const Packs& load() const;

  const EnterpriseStore& enterprises_;
  const ModelReader& models_;
  ModelStore& store_;
  mutable Mutex mutex_;
  mutable bool is_loaded_ TUNDISH_GUARDED_BY(mutex_) = false;
  mutable Packs packs_;  ///< fixed once loaded
};

}  // namespace tundish::app
