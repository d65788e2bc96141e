#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ports/asset_store.h"
#include "model/ports/connections.h"
#include "serve/services.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

inline constexpr std::size_t kBindingsMax = 20'000;  ///< of one request

/// One point that a person confirmed to be an attribute of an asset. With a tag the attribute is bound to it; with a
/// node the connection reads it into the attribute's own tag; with neither the attribute waits for samples of its path.
struct ConfirmedBinding {
  std::string asset;  ///< path
  std::string template_name;
  std::string attribute;
  std::string tag;
  std::string namespace_uri, identifier;
  std::string description;          ///< of the connection's item
  std::optional<std::string> unit;  ///< UCUM, of the samples as they come; none: the template's
  std::optional<Limits> range;      ///< what is valid, in that unit; none: the template's
};
struct ConfirmedBindings {
  std::uint64_t connection = 0;  ///< of the nodes; 0: there are none
  std::vector<ConfirmedBinding> bindings;
};

/// What takes a confirmation back: the assets that it made, and as they were those that it changed. It holds as long
/// as nobody has changed the model since.
struct BindingUndo {
  std::uint64_t version = 0;
  std::vector<AssetId> made;  ///< above before below
  std::vector<AssetDefinition> changed;
  std::uint64_t connection = 0;
  std::vector<std::string> items;  ///< paths that the connection was told to read
};

struct BindingEdit {
  EditResult edit;
  std::vector<ConnectionItem> items;  ///< that the connection reads now, or would
  std::size_t waiting = 0;            ///< attributes with neither tag nor node
  BindingUndo undo;                   ///< empty when it was only asked
};

/// Errors: kInvalidArgument with the place, kTooLarge.
Result<ConfirmedBindings> read_bindings(const wire::JsonValue& json);
Result<BindingUndo> read_binding_undo(const wire::JsonValue& json);
void write_binding_undo(wire::JsonWriter& json, const BindingUndo& undo);

/// Makes or extends the assets, all or nothing: the model's edit is tried first, then the connection is told what to
/// read, then the edit is made; where that fails the connection is put back. Errors: as ModelStore::save_assets and
/// Connections::save; kConflict for an asset of another template.
Result<BindingEdit> apply_bindings(const Services& services, const EditBy& by,
                                   EnterpriseId enterprise, const ConfirmedBindings& confirmed);
/// Errors: kConflict when the model has another version than the confirmation left.
Result<BindingEdit> undo_bindings(const Services& services, const EditBy& by,
                                  EnterpriseId enterprise, const BindingUndo& undo);

}  // namespace tundish::serve
