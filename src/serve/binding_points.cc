#include "serve/binding_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "binding/register_list.h"
#include "model/tag_path.h"
#include "serve/query.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kTagsRead = 1'000'000;
constexpr std::size_t kFoldersBrowsed = 4'000;
constexpr std::size_t kBrowseDepthMax = 16;
constexpr std::chrono::seconds kBrowseTimeMax{60};

Error at(Error error, std::string_view list, std::size_t index) {
  error.where = fmt::format("{}.{}{}{}", list, index, error.where.empty() ? "" : ".", error.where);
  return error;
}

std::vector<std::string> cut(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<std::string> text_of(const wire::JsonValue& json, std::string_view name) {
  TUNDISH_TRY(auto text, wire::optional_member<std::string>(json, name));
  return std::move(text).value_or("");
}

Result<std::optional<double>> number_of(const wire::JsonValue& json, std::string_view name) {
  return wire::optional_member<double>(json, name);
}

/// The type that a word says, or a sample shows: a number may be whole by chance.
Result<std::optional<ValueType>> type_of(const std::string& word, const wire::JsonValue* sample) {
  if (!word.empty()) {
    const auto type = binding::read_type_word(word);
    if (!type)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("'{}' is not a type; use double, int, bool or string", word.substr(0, 40)),
          "type");
    return type;
  }
  if (sample == nullptr) return std::optional<ValueType>();
  if (sample->boolean() != nullptr) return std::optional(ValueType::kBool);
  if (sample->string() != nullptr) return std::optional(ValueType::kString);
  return std::optional<ValueType>();
}

Status set_range(std::optional<double> low, std::optional<double> high,
                 binding::FoundPoint& found) {
  if (!low && !high) return {};
  if (!low || !high || *low > *high)
    return fail(ErrorCode::kInvalidArgument, "`low` and `high` come together, `low` first", "low");
  found.range = Limits{*low, *high};
  return {};
}

Result<BindingPoint> point_of(const wire::JsonValue& json) {
  TUNDISH_RETURN_IF_ERROR(wire::check_members(
      json, {"name", "path", "address", "description", "unit", "type", "sample", "low", "high"}));
  BindingPoint point;
  TUNDISH_TRY(point.name, wire::required_member<std::string>(json, "name"));
  if (point.name.empty()) return fail(ErrorCode::kInvalidArgument, "the name is empty", "name");
  TUNDISH_TRY(const auto path, text_of(json, "path"));
  point.found.path = cut(path, "/");
  point.found.path.push_back(point.name);
  TUNDISH_TRY(point.address, text_of(json, "address"));
  TUNDISH_TRY(point.found.description, text_of(json, "description"));
  TUNDISH_TRY(point.found.unit, text_of(json, "unit"));
  TUNDISH_TRY(const auto type, text_of(json, "type"));
  TUNDISH_TRY(point.found.type, type_of(type, json.find("sample")));
  TUNDISH_TRY(const auto low, number_of(json, "low"));
  TUNDISH_TRY(const auto high, number_of(json, "high"));
  TUNDISH_RETURN_IF_ERROR(set_range(low, high, point.found));
  return point;
}

// --- a decoded Sparkplug birth -----------------------------------------------------------------

/// The standard's numbers and names of data types; none for what no tag can hold (arrays, data sets, templates).
std::optional<ValueType> birth_type(const wire::JsonValue* type, bool& fits) {
  fits = true;
  if (type == nullptr || type->is_null()) return std::nullopt;
  std::int64_t number = 0;
  if (type->integer() != nullptr) number = *type->integer();
  if (const auto* word = type->string()) {
    static constexpr std::string_view kNames[] = {
        "Unknown", "Int8",  "Int16",  "Int32",   "Int64",  "UInt8",    "UInt16", "UInt32",
        "UInt64",  "Float", "Double", "Boolean", "String", "DateTime", "Text",   "UUID"};
    const auto found = std::ranges::find(kNames, *word);
    number = found == std::end(kNames) ? 99 : found - std::begin(kNames);
  }
  constexpr std::int64_t kFloat = 9, kBoolean = 11, kDateTime = 13, kUuid = 15;
  if (number == 0) return std::nullopt;
  fits = number <= kUuid && number > 0;
  if (number < kFloat || number == kDateTime) return ValueType::kInt64;
  if (number < kBoolean) return ValueType::kDouble;
  return number == kBoolean ? ValueType::kBool : ValueType::kString;
}

/// `properties` as `{"engUnit": "kPa"}`, `{"engUnit": {"type": "String", "value": "kPa"}}`, or the keys and values of
/// the wire form.
const wire::JsonValue* property(const wire::JsonValue& properties,
                                std::initializer_list<std::string_view> names) {
  const auto plain = [](const wire::JsonValue& value) {
    const auto* inner = value.find("value");
    return inner == nullptr ? &value : inner;
  };
  const auto* keys = properties.find("keys");
  const auto* values = properties.find("values");
  for (const auto name : names) {
    if (keys != nullptr && keys->array() != nullptr && values != nullptr &&
        values->array() != nullptr) {
      for (std::size_t i = 0; i < std::min(keys->array()->size(), values->array()->size()); ++i)
        if ((*keys->array())[i].string() != nullptr && *(*keys->array())[i].string() == name)
          return plain((*values->array())[i]);
    } else if (const auto* value = properties.find(name)) {
      return plain(*value);
    }
  }
  return nullptr;
}

std::string property_text(const wire::JsonValue& properties,
                          std::initializer_list<std::string_view> names) {
  const auto* value = property(properties, names);
  return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
}

/// A metric; false for those that speak of the edge node itself.
Result<bool> metric_of(const wire::JsonValue& json, const std::string& device,
                       BindingPoint& point) {
  TUNDISH_TRY(point.name, wire::required_member<std::string>(json, "name"));
  if (point.name.empty())
    return fail(ErrorCode::kInvalidArgument,
                "the metric has no name: a birth names each, only data messages use aliases alone",
                "name");
  if (point.name == "bdSeq" || point.name.starts_with("Node Control/") ||
      point.name.starts_with("Device Control/"))
    return false;
  if (const auto* alias = json.find("alias"); alias != nullptr && alias->integer() != nullptr)
    point.address = fmt::format("alias {}", *alias->integer());
  point.found.path = cut(device, "/");
  for (auto& level : cut(point.name, "/")) point.found.path.push_back(std::move(level));
  bool fits = true;
  point.found.type = birth_type(json.find("datatype"), fits);
  if (!fits) return false;
  if (const auto* properties = json.find("properties")) {
    point.found.unit = property_text(*properties, {"engUnit", "unit", "units", "Unit"});
    point.found.description =
        property_text(*properties, {"description", "documentation", "tooltip", "Description"});
    const auto* low = property(*properties, {"engLow", "low"});
    const auto* high = property(*properties, {"engHigh", "high"});
    if (low != nullptr && high != nullptr && low->number() && high->number() &&
        *low->number() <= *high->number())
      point.found.range = Limits{*low->number(), *high->number()};
  }
  return true;
}

Status read_birth(const wire::JsonValue& birth, BindingRequest& request) {
  TUNDISH_TRY(const auto device, text_of(birth, "device"));
  TUNDISH_TRY(const auto metrics, wire::required_member<wire::JsonValue::Array>(birth, "metrics"));
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    BindingPoint point;
    const auto read = metric_of(metrics[i], device, point);
    if (!read) return fail(at(read.error(), "birth.metrics", i));
    if (*read) request.points.push_back(std::move(point));
  }
  return {};
}

Status read_list(std::string_view csv, BindingRequest& request) {
  TUNDISH_TRY(auto lines, binding::read_register_list(csv));
  for (auto& line : lines) {
    BindingPoint point;
    point.name = line.point.path.front();
    point.address = std::move(line.address);
    point.found = std::move(line.point);
    request.points.push_back(std::move(point));
  }
  return {};
}

Status read_json(const std::string& body, BindingRequest& request) {
  TUNDISH_TRY(const auto json,
              wire::parse_json(body, {.bytes_max = kBindingBody, .values_max = 1'000'000}));
  TUNDISH_RETURN_IF_ERROR(wire::check_members(
      json, {"pack", "under", "points", "birth", "tags", "connection", "node"}));
  TUNDISH_TRY(const auto pack, text_of(json, "pack"));
  if (!pack.empty()) request.pack = pack;
  TUNDISH_TRY(const auto under, text_of(json, "under"));
  if (!under.empty()) request.under = under;
  int sources = 0;
  TUNDISH_TRY(const auto points, wire::optional_member<wire::JsonValue::Array>(json, "points"));
  if (points) {
    ++sources;
    for (std::size_t i = 0; i < points->size(); ++i) {
      auto point = point_of((*points)[i]);
      if (!point) return fail(at(std::move(point.error()), "points", i));
      request.points.push_back(*std::move(point));
    }
  }
  if (const auto* birth = json.find("birth"); birth != nullptr && !birth->is_null()) {
    ++sources;
    TUNDISH_RETURN_IF_ERROR(read_birth(*birth, request));
  }
  TUNDISH_TRY(request.tags, text_of(json, "tags"));
  if (!request.tags.empty()) ++sources;
  TUNDISH_TRY(const auto connection, wire::optional_member<std::int64_t>(json, "connection"));
  if (connection) {
    ++sources;
    request.connection = *connection > 0 ? static_cast<std::uint64_t>(*connection) : UINT64_MAX;
  }
  if (const auto* node = json.find("node"); node != nullptr && !node->is_null()) {
    TUNDISH_RETURN_IF_ERROR(wire::check_members(*node, {"namespace_uri", "identifier"}));
    TUNDISH_TRY(request.namespace_uri, text_of(*node, "namespace_uri"));
    TUNDISH_TRY(request.identifier, text_of(*node, "identifier"));
  }
  if (sources != 1)
    return fail(ErrorCode::kInvalidArgument,
                "name one of `points`, `birth`, `tags` and `connection`", "points");
  return {};
}

}  // namespace

Result<BindingRequest> read_binding_request(const Request& request) {
  BindingRequest read;
  read.pack = request.parameter("pack").value_or("");
  read.under = request.parameter("under").value_or("");
  if (request.header("content-type").starts_with("text/csv")) {
    TUNDISH_RETURN_IF_ERROR(read_list(request.body, read));
  } else {
    TUNDISH_RETURN_IF_ERROR(read_json(request.body, read));
  }
  if (read.points.size() > kBindingPointsMax)
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("at most {} points a request: send the list in parts", kBindingPointsMax),
        "points");
  return read;
}

Result<std::vector<BindingPoint>> unbound_tags(const Services& services, EnterpriseId enterprise,
                                               const std::string& pattern, std::size_t& left_off) {
  std::unordered_set<TagId> bound;
  const auto model = services.models.model(enterprise);
  for (const Asset& asset : model->assets())
    for (const Attribute& attribute : asset.attributes) bound.insert(attribute.tag);
  TUNDISH_TRY(const auto tags,
              services.tags.match(enterprise,
                                  {.pattern = pattern, .limit = kTagsRead, .go_on = patience()}));
  std::vector<BindingPoint> points;
  left_off = 0;
  for (const auto& tag : tags) {
    if (bound.contains(tag->id)) continue;
    if (points.size() >= kBindingPointsMax) {
      ++left_off;
      continue;
    }
    BindingPoint point;
    auto levels = cut(tag->path, "/");
    for (auto& level : levels) level = decode_name(level);
    point.name = levels.back();
    point.found.path.assign(levels.begin() + 1, levels.end());
    point.found.description = tag->description;
    point.found.unit = tag->unit;
    point.found.type = tag->type;
    point.tag = tag->path;
    points.push_back(std::move(point));
  }
  return points;
}

Result<std::vector<BindingPoint>> browsed_points(const Services& services, EnterpriseId enterprise,
                                                 const BindingRequest& asked, bool& whole) {
  TUNDISH_TRY(const auto config, services.connections.get(enterprise, asked.connection));
  std::map<std::pair<std::string, std::string>, std::string> fed;
  for (const auto& item : config.items)
    fed.emplace(std::pair(item.namespace_uri, item.identifier), item.path);
  struct Folder {
    std::string namespace_uri, identifier;
    std::vector<std::string> path;
  };
  std::deque<Folder> folders{{asked.namespace_uri, asked.identifier, {}}};
  std::set<std::pair<std::string, std::string>> seen{{asked.namespace_uri, asked.identifier}};
  std::vector<BindingPoint> points;
  whole = true;
  const auto until = std::chrono::steady_clock::now() + kBrowseTimeMax;
  std::size_t browsed = 0;
  for (; !folders.empty(); folders.pop_front()) {
    if (++browsed > kFoldersBrowsed) {
      whole = false;
      break;
    }
    if (std::chrono::steady_clock::now() > until)
      return fail(ErrorCode::kTimeout,
                  "the server's tree could not be read within a minute: choose a folder of it",
                  "node");
    const Folder& folder = folders.front();
    TUNDISH_TRY(const auto nodes,
                services.connections.browse(enterprise, asked.connection, folder.namespace_uri,
                                            folder.identifier));
    for (const auto& node : nodes) {
      // What every server tells of itself is nothing of a plant.
      if (node.identifier == "i=2253" && node.browse_name == "Server") continue;
      if (!seen.emplace(node.namespace_uri, node.identifier).second) continue;
      const auto& name = node.display_name.empty() ? node.browse_name : node.display_name;
      auto path = folder.path;
      path.push_back(name);
      if (node.is_variable && node.type) {
        if (points.size() >= kBindingPointsMax) {
          whole = false;
          return points;
        }
        BindingPoint point;
        point.name = name;
        point.found.path = path;
        point.found.unit = node.unit;
        point.found.type = node.type;
        point.namespace_uri = node.namespace_uri;
        point.identifier = node.identifier;
        const auto at_tag = fed.find({node.namespace_uri, node.identifier});
        if (at_tag != fed.end() && services.tags.find(enterprise, at_tag->second))
          point.tag = at_tag->second;
        points.push_back(std::move(point));
      }
      if (!node.has_children || node.is_variable) continue;
      if (path.size() >= kBrowseDepthMax)
        whole = false;
      else
        folders.push_back({node.namespace_uri, node.identifier, std::move(path)});
    }
  }
  return points;
}

Status find_tags_of(const Services& services, EnterpriseId enterprise, const std::string& code,
                    std::vector<BindingPoint>& points) {
  const std::string pattern = code + "/**";
  TUNDISH_TRY(const auto tags,
              services.tags.match(enterprise,
                                  {.pattern = pattern, .limit = kTagsRead, .go_on = patience()}));
  std::unordered_map<std::string_view, const TagInfo*> by_end;  // null: several
  for (const auto& tag : tags) {
    const std::string_view end = std::string_view(tag->path).substr(tag->path.rfind('/') + 1);
    const auto [found, is_new] = by_end.emplace(end, tag.get());
    if (!is_new) found->second = nullptr;
  }
  for (auto& point : points) {
    std::string path;
    for (const auto& level : point.found.path) {
      if (!path.empty()) path += '/';
      path += level;
    }
    auto tag = services.tags.find(enterprise, path);
    if (!tag) tag = services.tags.find(enterprise, code + "/" + path);
    if (tag) {
      point.tag = tag->path;
      continue;
    }
    const auto found = by_end.find(encode_name(point.found.path.back()));
    if (found != by_end.end() && found->second != nullptr) point.tag = found->second->path;
  }
  return {};
}

}  // namespace tundish::serve
