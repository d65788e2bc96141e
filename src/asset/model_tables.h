#pragma once

#include "asset/model_state.h"
#include "io/sqlite.h"

namespace tundish::asset {

// Rows of the model to and from meta.db: docs/formats/metadata.md.

/// The model as edit `version` left it; 0: as it is now. Formulas' versions come with 0 only.
Result<State> load_state(io::sqlite::Transaction& transaction, EnterpriseId enterprise,
                         std::uint64_t version);

struct EditRow {
  EnterpriseId enterprise;
  TimeNs time = 0;
  std::string actor, action, detail;
};
/// Adds the edit; its id is the model's version.
Result<std::uint64_t> insert_edit(io::sqlite::Transaction& transaction, const EditRow& edit);

/// Writes what differs between the two states, as of edit after.version.
Status write_difference(io::sqlite::Transaction& transaction, EnterpriseId enterprise,
                        const State& before, const State& after);

}  // namespace tundish::asset
