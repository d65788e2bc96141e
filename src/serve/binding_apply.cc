#include "serve/binding_apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/unit.h"
#include "serve/model_json.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kItemsMax = 20'000;  // of a connection

Error at(Error error, std::string_view list, std::size_t index) {
  error.where = fmt::format("{}.{}{}{}", list, index, error.where.empty() ? "" : ".", error.where);
  return error;
}

Result<std::string> text_of(const wire::JsonValue& json, std::string_view name) {
  TUNDISH_TRY(auto text, wire::optional_member<std::string>(json, name));
  return std::move(text).value_or("");
}

Result<std::uint64_t> id_of(const wire::JsonValue& json, std::string_view name) {
  TUNDISH_TRY(const auto id, wire::optional_member<std::int64_t>(json, name));
  if (id && *id < 0)
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no such number", name),
                std::string(name));
  return static_cast<std::uint64_t>(id.value_or(0));
}

Result<std::optional<Limits>> range_of(const wire::JsonValue& json, std::string_view name) {
  TUNDISH_TRY(const auto ends, wire::optional_member<wire::JsonValue::Array>(json, name));
  if (!ends) return std::optional<Limits>();
  if (ends->size() != 2 || !(*ends)[0].number() || !(*ends)[1].number() ||
      *(*ends)[0].number() > *(*ends)[1].number())
    return fail(ErrorCode::kInvalidArgument, "a range is [low, high]", std::string(name));
  return std::optional(Limits{*(*ends)[0].number(), *(*ends)[1].number()});
}

Result<ConfirmedBinding> binding_of(const wire::JsonValue& json) {
  TUNDISH_RETURN_IF_ERROR(wire::check_members(
      json, {"asset", "template", "attribute", "tag", "node", "description", "unit", "range"}));
  ConfirmedBinding one;
  TUNDISH_TRY(one.asset, wire::required_member<std::string>(json, "asset"));
  TUNDISH_TRY(one.template_name, wire::required_member<std::string>(json, "template"));
  TUNDISH_TRY(one.attribute, wire::required_member<std::string>(json, "attribute"));
  TUNDISH_TRY(one.tag, text_of(json, "tag"));
  TUNDISH_TRY(one.description, text_of(json, "description"));
  TUNDISH_TRY(one.unit, wire::optional_member<std::string>(json, "unit"));
  TUNDISH_TRY(one.range, range_of(json, "range"));
  if (const auto* node = json.find("node"); node != nullptr && !node->is_null()) {
    TUNDISH_RETURN_IF_ERROR(wire::check_members(*node, {"namespace_uri", "identifier"}));
    TUNDISH_TRY(one.namespace_uri, text_of(*node, "namespace_uri"));
    TUNDISH_TRY(one.identifier, wire::required_member<std::string>(*node, "identifier"));
  }
  return one;
}

/// An edit in the making.
class Confirmation {
 public:
  Confirmation(const Services& services, EnterpriseId enterprise,
               const ConfirmedBindings& confirmed)
      : services_(services),
        enterprise_(enterprise),
        confirmed_(confirmed),
        model_(services.models.model(enterprise)) {}

  Status prepare() {
    if (confirmed_.connection != 0) {
      TUNDISH_TRY(config_, services_.connections.get(enterprise_, confirmed_.connection));
      before_ = config_;
    }
    for (std::size_t i = 0; i < confirmed_.bindings.size(); ++i)
      if (auto added = add(confirmed_.bindings[i]); !added)
        return fail(at(std::move(added.error()), "bindings", i));
    if (config_.items.size() > kItemsMax)
      return fail(ErrorCode::kTooLarge, "a connection has at most 20000 items", "bindings");
    return {};
  }

  Result<BindingEdit> run(const EditBy& by) {
    std::vector<AssetDefinition> assets;
    for (const auto& [path, asset] : assets_) assets.push_back(asset);
    BindingEdit result;
    result.items = items_;
    result.waiting = waiting_;
    // Whatever is wrong is found before the connection is stopped.
    TUNDISH_TRY(result.edit,
                services_.model_store.save_assets({by.actor, true}, enterprise_, assets));
    if (by.dry_run) return result;
    const bool reads = config_.id != 0 && !(items_.empty() && moved_ == 0);
    if (reads) {
      TUNDISH_RETURN_IF_ERROR(services_.connections.save(config_));
    }
    auto edit = services_.model_store.save_assets(by, enterprise_, assets);
    if (!edit) {
      if (reads) (void)services_.connections.save(before_);
      return fail(std::move(edit.error()));
    }
    result.edit = *std::move(edit);
    result.undo.version = result.edit.version;
    result.undo.changed = old_;
    for (const auto& change : result.edit.changes)
      if (change.kind == ModelChange::Kind::kAdded && change.item.empty())
        result.undo.made.push_back(change.asset);
    result.undo.connection = items_.empty() ? 0 : config_.id;
    for (const auto& item : items_) result.undo.items.push_back(item.path);
    return result;
  }

 private:
  Status add(const ConfirmedBinding& one) {
    TUNDISH_TRY(const auto* attribute, attribute_of(one));
    TUNDISH_TRY(auto* asset, asset_of(one));
    if (!taken_.emplace(one.asset, one.attribute).second)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} of {} is bound twice: skip one of the points", one.attribute,
                              one.asset.substr(0, 200)),
                  "attribute");
    AttributeOverride what;
    if (const auto old = asset->overrides.find(one.attribute); old != asset->overrides.end())
      what = old->second;
    what.tag.clear();
    TUNDISH_RETURN_IF_ERROR(set_unit(one, *attribute, what));
    const std::string own = one.asset + "/" + one.attribute;
    if (!one.tag.empty()) {
      if (!services_.tags.find(enterprise_, one.tag))
        return fail(ErrorCode::kNotFound,
                    fmt::format("there is no tag '{}'", one.tag.substr(0, 200)), "tag");
      if (one.tag != own) what.tag = one.tag;
    } else if (!one.identifier.empty()) {
      TUNDISH_RETURN_IF_ERROR(add_node(one, *attribute, own, what));
    } else if (!services_.tags.find(enterprise_, own)) {
      ++waiting_;
    }
    if (what == AttributeOverride{})
      asset->overrides.erase(one.attribute);
    else
      asset->overrides.insert_or_assign(one.attribute, std::move(what));
    return {};
  }

  Result<const AttributeDefinition*> attribute_of(const ConfirmedBinding& one) {
    auto found = templates_.find(one.template_name);
    if (found == templates_.end()) {
      auto resolved = services_.model_store.resolved_template(enterprise_, one.template_name, 0);
      if (!resolved) {
        resolved.error().message += "; install its pack first";
        resolved.error().where = "template";
        return fail(std::move(resolved.error()));
      }
      found = templates_.emplace(one.template_name, *std::move(resolved)).first;
    }
    const auto& attributes = found->second.attributes;
    const auto attribute = std::ranges::find(attributes, one.attribute, &AttributeDefinition::name);
    if (attribute == attributes.end() || attribute->kind != AttributeKind::kMeasured)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("template '{}' has no measured attribute '{}'", one.template_name,
                              one.attribute.substr(0, 80)),
                  "attribute");
    return &*attribute;
  }

  Result<AssetDefinition*> asset_of(const ConfirmedBinding& one) {
    if (const auto found = assets_.find(one.asset); found != assets_.end())
      return check_template(found->second, one);
    AssetDefinition asset;
    asset.path = one.asset;
    asset.template_name = one.template_name;
    if (const Asset* const there = model_->find(one.asset)) {
      TUNDISH_TRY(asset, services_.model_store.asset(enterprise_, there->id));
      old_.push_back(asset);
      if (asset.template_name.empty()) asset.template_name = one.template_name;
    }
    return check_template(assets_.emplace(one.asset, std::move(asset)).first->second, one);
  }

  static Result<AssetDefinition*> check_template(AssetDefinition& asset,
                                                 const ConfirmedBinding& one) {
    if (asset.template_name == one.template_name) return &asset;
    return fail(ErrorCode::kConflict,
                fmt::format("{} is of template '{}' and cannot be '{}' too: give the point another "
                            "asset",
                            one.asset.substr(0, 200), asset.template_name, one.template_name),
                "asset");
  }

  /// What is said otherwise than the template: the unit of the samples, and ranges in it.
  static Status set_unit(const ConfirmedBinding& one, const AttributeDefinition& attribute,
                         AttributeOverride& what) {
    what.unit.reset();
    what.normal.reset();
    what.valid.reset();
    if (one.unit && *one.unit != attribute.unit) {
      TUNDISH_TRY(const auto from, Unit::parse(attribute.unit));
      TUNDISH_TRY(const auto to, Unit::parse(*one.unit));
      TUNDISH_TRY(const auto convert, UnitConversion::between(from, to));
      const auto converted = [&](const std::optional<Limits>& limits) {
        return limits ? std::optional(Limits{convert(limits->low), convert(limits->high)})
                      : std::nullopt;
      };
      what.unit = *one.unit;
      what.normal = converted(attribute.normal);
      what.valid = converted(attribute.valid);
    }
    const auto& inherited = what.valid ? what.valid : attribute.valid;
    if (one.range && one.range != inherited) what.valid = one.range;
    return {};
  }

  /// A node that the connection reads already keeps its tag and so its history.
  Status add_node(const ConfirmedBinding& one, const AttributeDefinition& attribute,
                  const std::string& own, AttributeOverride& what) {
    if (config_.id == 0)
      return fail(ErrorCode::kInvalidArgument, "a node is of a connection: name it too", "node");
    const auto old = std::ranges::find_if(config_.items, [&](const ConnectionItem& item) {
      return item.namespace_uri == one.namespace_uri && item.identifier == one.identifier;
    });
    if (old != config_.items.end()) {
      if (services_.tags.find(enterprise_, old->path)) {
        if (old->path != own) what.tag = old->path;
      } else if (old->path != own) {
        old->path = own;
        ++moved_;
      }
      return {};
    }
    const auto feeder = services_.connections.feeder(enterprise_, own);
    if (feeder && feeder->id != config_.id)
      return fail(ErrorCode::kInUse,
                  fmt::format("{} is fed by connection '{}' already", own, feeder->name), "node");
    if (std::ranges::find(config_.items, own, &ConnectionItem::path) != config_.items.end())
      return fail(ErrorCode::kInUse,
                  fmt::format("the connection reads another node into {} already", own), "node");
    ConnectionItem item;
    item.namespace_uri = one.namespace_uri;
    item.identifier = one.identifier;
    item.path = own;
    item.type = attribute.type;
    item.step = attribute.step;
    item.unit = one.unit.value_or(attribute.unit);
    item.description = one.description;
    items_.push_back(item);
    config_.items.push_back(std::move(item));
    return {};
  }

  const Services& services_;
  EnterpriseId enterprise_;
  const ConfirmedBindings& confirmed_;
  std::shared_ptr<const PlantModel> model_;
  std::map<std::string, TemplateDefinition, std::less<>> templates_;
  std::map<std::string, AssetDefinition> assets_;
  std::set<std::pair<std::string, std::string>> taken_;
  std::vector<AssetDefinition> old_;
  ConnectionConfig config_, before_;
  std::vector<ConnectionItem> items_;
  std::size_t moved_ = 0, waiting_ = 0;
};

}  // namespace

Result<ConfirmedBindings> read_bindings(const wire::JsonValue& json) {
  TUNDISH_RETURN_IF_ERROR(wire::check_members(json, {"connection", "bindings"}));
  ConfirmedBindings confirmed;
  TUNDISH_TRY(confirmed.connection, id_of(json, "connection"));
  TUNDISH_TRY(const auto list, wire::required_member<wire::JsonValue::Array>(json, "bindings"));
  if (list.empty())
    return fail(ErrorCode::kInvalidArgument, "there is nothing to bind", "bindings");
  if (list.size() > kBindingsMax)
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} bindings a request", kBindingsMax),
                "bindings");
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto one = binding_of(list[i]);
    if (!one) return fail(at(std::move(one.error()), "bindings", i));
    confirmed.bindings.push_back(*std::move(one));
  }
  return confirmed;
}

Result<BindingEdit> apply_bindings(const Services& services, const EditBy& by,
                                   EnterpriseId enterprise, const ConfirmedBindings& confirmed) {
  Confirmation confirmation(services, enterprise, confirmed);
  TUNDISH_RETURN_IF_ERROR(confirmation.prepare());
  return confirmation.run(by);
}

// --- taking it back ----------------------------------------------------------------------------

void write_binding_undo(wire::JsonWriter& json, const BindingUndo& undo) {
  json.begin_object().member("version", undo.version).key("made").begin_array();
  for (const AssetId id : undo.made) json.value(id.value());
  json.end_array().key("changed").begin_array();
  for (const auto& asset : undo.changed) {
    json.begin_object().member("id", asset.id.value()).key("asset").begin_object();
    json.member("path", asset.path);
    wire::write_words(json.key("words"), asset.words);
    json.member("template", asset.template_name).member("version", asset.template_version);
    json.member("site", asset.site);
    wire::write_overrides(json.key("attributes"), asset.overrides);
    json.end_object().end_object();
  }
  json.end_array().member("connection", undo.connection).key("items").begin_array();
  for (const auto& path : undo.items) json.value(path);
  json.end_array().end_object();
}

Result<BindingUndo> read_binding_undo(const wire::JsonValue& json) {
  TUNDISH_RETURN_IF_ERROR(
      wire::check_members(json, {"version", "made", "changed", "connection", "items"}));
  BindingUndo undo;
  TUNDISH_TRY(undo.version, id_of(json, "version"));
  TUNDISH_TRY(undo.connection, id_of(json, "connection"));
  TUNDISH_TRY(const auto made, wire::required_member<wire::JsonValue::Array>(json, "made"));
  for (const auto& id : made) {
    if (id.integer() == nullptr || *id.integer() <= 0)
      return fail(ErrorCode::kInvalidArgument, "ids of assets are expected", "made");
    undo.made.push_back(AssetId(static_cast<std::uint64_t>(*id.integer())));
  }
  TUNDISH_TRY(const auto changed, wire::required_member<wire::JsonValue::Array>(json, "changed"));
  for (std::size_t i = 0; i < changed.size(); ++i) {
    const auto* written = changed[i].find("asset");
    if (written == nullptr)
      return fail(ErrorCode::kInvalidArgument, "an id and an asset are expected",
                  fmt::format("changed.{}", i));
    TUNDISH_TRY(const auto id, id_of(changed[i], "id"));
    auto asset = read_asset(*written);
    if (!asset) return fail(at(std::move(asset.error()), "changed", i));
    asset->id = AssetId(id);
    if (id == 0)
      return fail(ErrorCode::kInvalidArgument, "an asset that changed has an id",
                  fmt::format("changed.{}.id", i));
    undo.changed.push_back(*std::move(asset));
  }
  TUNDISH_TRY(const auto items, wire::optional_member<wire::JsonValue::Array>(json, "items"));
  for (const auto& path : items.value_or(wire::JsonValue::Array())) {
    if (path.string() == nullptr)
      return fail(ErrorCode::kInvalidArgument, "paths are expected", "items");
    undo.items.push_back(*path.string());
  }
  return undo;
}

Result<BindingEdit> undo_bindings(const Services& services, const EditBy& by,
                                  EnterpriseId enterprise, const BindingUndo& undo) {
  const auto model = services.models.model(enterprise);
  if (model->version() != undo.version)
    return fail(ErrorCode::kConflict,
                "the model was changed since: take back by hand what is wrong, in Plant",
                "version");
  BindingEdit result;
  result.edit.version = model->version();
  const auto join = [&](EditResult more) {
    result.edit.version = more.version;
    for (auto& change : more.changes) result.edit.changes.push_back(std::move(change));
    for (auto& warning : more.warnings) result.edit.warnings.push_back(std::move(warning));
  };
  if (!undo.changed.empty()) {
    TUNDISH_TRY(auto back, services.model_store.save_assets(by, enterprise, undo.changed));
    join(std::move(back));
  }
  std::vector<const Asset*> made;
  for (const AssetId id : undo.made)
    if (const Asset* const asset = model->find(id)) made.push_back(asset);
  // Below before above; only asked, what is above stands for what is below.
  std::ranges::sort(made, std::ranges::greater(), &Asset::path);
  for (const Asset* const asset : made) {
    const bool above_too = std::ranges::find(undo.made, asset->parent) != undo.made.end();
    if (by.dry_run && above_too) continue;
    TUNDISH_TRY(auto removed,
                services.model_store.remove_asset(by, enterprise, asset->id, by.dry_run));
    join(std::move(removed));
  }
  if (by.dry_run || undo.connection == 0) return result;
  auto config = services.connections.get(enterprise, undo.connection);
  if (!config) return result;  // removed meanwhile: it reads nothing any more
  const std::set<std::string> items(undo.items.begin(), undo.items.end());
  std::erase_if(config->items,
                [&](const ConnectionItem& item) { return items.contains(item.path); });
  TUNDISH_RETURN_IF_ERROR(services.connections.save(*std::move(config)));
  return result;
}

}  // namespace tundish::serve
