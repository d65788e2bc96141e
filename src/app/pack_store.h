#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
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

/// The packs beside the program, read at the first question, and those of the installation's own folder,
/// read again when a file in it changes: a pack that is put there is there without a restart. One with
/// mistakes, or called as one that came with the program, is left out and logged. Any thread.
class PackStore final : public PackCatalogue {
 public:
  /// `own_folder` has a folder for each pack of the installation; it need not exist.
  PackStore(const EnterpriseStore& enterprises, const ModelReader& models, ModelStore& store,
            std::string own_folder = {})
      : enterprises_(enterprises),
        models_(models),
        store_(store),
        own_folder_(std::move(own_folder)) {}

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
  std::shared_ptr<const Packs> load() const;

  const EnterpriseStore& enterprises_;
  const ModelReader& models_;
  ModelStore& store_;
  const std::string own_folder_;
  mutable Mutex mutex_;
  mutable Packs shipped_ TUNDISH_GUARDED_BY(mutex_);
  mutable std::string own_stamp_ TUNDISH_GUARDED_BY(mutex_);  ///< of the files that were read
  mutable std::shared_ptr<const Packs> packs_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::app
