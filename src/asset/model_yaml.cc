// The YAML of a model. What stands at a template or an attribute has the members of the JSON form, so each is
// turned into JSON and read by the one reader there is; a mistake's member leads back to its line.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "asset/model_text.h"
#include "pack/yaml_reader.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::asset {
namespace {

using pack::Mistake;
using wire::JsonValue;

/// What a scalar without quotes is; nothing: a text.
std::optional<JsonValue> plain_value(const std::string& text) {
  if (text == "true") return JsonValue(true);
  if (text == "false") return JsonValue(false);
  if (text.empty() || text == "~" || text == "null") return JsonValue(nullptr);
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(&*number)) return JsonValue(*whole);
  const double real = std::get<double>(*number);
  if (!std::isfinite(real)) return std::nullopt;
  return JsonValue(real);
}

JsonValue json_of(const YAML::Node& node) {
  if (node.IsScalar()) {
    const bool is_quoted = node.Tag() == "!";
    if (!is_quoted)
      if (auto value = plain_value(node.Scalar())) return *std::move(value);
    return JsonValue(node.Scalar());
  }
  if (node.IsSequence()) {
    JsonValue::Array all;
    for (const YAML::Node& one : node) all.push_back(json_of(one));
    return JsonValue(std::move(all));
  }
  if (node.IsMap()) {
    JsonValue::Object all;
    for (auto& [name, value] : pack::entries(node, "this"))
      all.emplace_back(pack::text(name), json_of(value));
    return JsonValue(std::move(all));
  }
  return JsonValue(nullptr);
}

/// The place of the member that `where` leads to, as far as there is one.
YAML::Mark mark_of(const YAML::Node& node, std::string_view where) {
  YAML::Mark mark = node.Mark();
  YAML::Node at;
  at.reset(node);
  while (!where.empty() && at.IsMap()) {
    const auto dot = where.find('.');
    const std::string_view name = where.substr(0, dot);
    bool found = false;
    for (const auto& entry : at) {
      if (!entry.first.IsScalar() || entry.first.Scalar() != name) continue;
      mark = entry.first.Mark();
      const YAML::Node next = entry.second;
      at.reset(next);
      found = true;
      break;
    }
    if (!found) break;
    where = dot == std::string_view::npos ? std::string_view() : where.substr(dot + 1);
  }
  return mark;
}

/// The result, or the mistake at the member that it is in.
template <class T>
T take(Result<T> result, const YAML::Node& node) {
  if (!result)
    throw Mistake{mark_of(node, result.error().where), std::move(result.error().message)};
  return *std::move(result);
}

TemplateDefinition read_template(const YAML::Node& name, const YAML::Node& value) {
  JsonValue::Object members{{"name", JsonValue(pack::text(name))}};
  const JsonValue json = json_of(value);
  if (json.object() == nullptr) pack::mistake(value, "a template is written as `name: {...}`");
  for (const auto& member : *json.object()) {
    if (member.first == "name") pack::mistake(value, "the name of a template stands before it");
    members.push_back(member);
  }
  auto definition = wire::read_template(JsonValue(std::move(members)));
  if (!definition && definition.error().where == "name")
    pack::mistake(name, definition.error().message);
  return take(std::move(definition), value);
}

TextPlace place_of(std::string what, const YAML::Node& node) {
  return {.what = std::move(what),
          .line = static_cast<std::size_t>(node.Mark().line) + 1,
          .column = static_cast<std::size_t>(node.Mark().column) + 1};
}

/// Places of a template that has been read, under the words by which the check of the whole model names them.
void note_places(const YAML::Node& name, const YAML::Node& value, std::vector<TextPlace>& places) {
  const std::string of = "template " + pack::text(name);
  places.push_back(place_of(of, name));
  constexpr std::array<std::pair<const char*, const char*>, 4> kSections{
      {{"attributes", "attribute"},
       {"kpis", "kpi"},
       {"alarms", "alarm"},
       {"intervals", "interval"}}};
  for (const auto& [section, word] : kSections)
    if (const auto members = pack::optional_member(value, section); members && members->IsMap())
      for (const auto& entry : *members)
        places.push_back(
            place_of(fmt::format("{} {} {}", of, word, entry.first.Scalar()), entry.first));
}

TextAsset read_asset(const YAML::Node& path, const YAML::Node& value, std::string_view enterprise) {
  TextAsset asset;
  asset.path = pack::text(path);
  asset.line = static_cast<std::size_t>(path.Mark().line) + 1;
  asset.column = static_cast<std::size_t>(path.Mark().column) + 1;
  if (value.IsNull()) return asset;
  pack::check_members(value, "an asset",
                      {"id", "template", "version", "site", "words", "attributes"});
  bool is_ours = true;
  if (const auto id = pack::optional_member(value, "id"))
    asset.id = take(read_asset_id(pack::text(*id), enterprise, is_ours), *id);
  asset.template_name = pack::text_or(value, "template", "");
  if (const auto version = pack::optional_member(value, "version"); version && is_ours)
    asset.template_version = take(read_template_version(pack::text(*version)), *version);
  asset.site = pack::text_or(value, "site", "");
  if (const auto words = pack::optional_member(value, "words"))
    asset.words = take(wire::read_words(json_of(*words)), *words);
  if (const auto attributes = pack::optional_member(value, "attributes"))
    asset.overrides = take(wire::read_overrides(json_of(*attributes)), *attributes);
  return asset;
}

ModelText read(const std::string& text, std::string_view enterprise) {
  const YAML::Node root = pack::load_yaml(text);
  ModelText model;
  if (root.IsNull()) return model;
  pack::check_members(root, "a model", {"templates", "assets"});
  if (const auto templates = pack::optional_member(root, "templates");
      templates && !templates->IsNull())
    for (const auto& [name, value] : pack::entries(*templates, "templates")) {
      model.templates.push_back(read_template(name, value));
      note_places(name, value, model.template_places);
    }
  if (const auto assets = pack::optional_member(root, "assets"); assets && !assets->IsNull())
    for (const auto& [path, value] : pack::entries(*assets, "assets"))
      model.assets.push_back(read_asset(path, value, enterprise));
  return model;
}

// --- writing -----------------------------------------------------------------------------------

/// As it is where it reads back as the same text, else as JSON writes it, which YAML reads too.
void append_text(std::string& out, const std::string& text) {
  const bool is_safe = !text.empty() && text.size() < 200 &&
                       std::ranges::all_of(
                           text,
                           [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                    (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '.';
                           });
  static const std::vector<std::string> kWords{"yes", "no", "on",   "off", "y",    "n",
                                               "Yes", "No", "On",   "Off", "True", "False",
                                               "Y",   "N",  "Null", "NULL"};
  if (is_safe && !plain_value(text) && std::ranges::find(kWords, text) == kWords.end())
    out += text;
  else
    wire::append_json_string(out, text);
}

void append_flow(std::string& out, const JsonValue& value) {
  if (const auto* object = value.object()) {
    out += '{';
    for (std::size_t i = 0; i < object->size(); ++i) {
      if (i > 0) out += ", ";
      append_text(out, (*object)[i].first);
      out += ": ";
      append_flow(out, (*object)[i].second);
    }
    out += '}';
  } else if (const auto* array = value.array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ", ";
      append_flow(out, (*array)[i]);
    }
    out += ']';
  } else if (const auto* text = value.string()) {
    append_text(out, *text);
  } else if (const auto* flag = value.boolean()) {
    out += *flag ? "true" : "false";
  } else if (const auto* whole = value.integer()) {
    out += fmt::format("{}", *whole);
  } else if (const auto number = value.number()) {
    wire::append_json_number(out, *number);
  } else {
    out += "null";
  }
}

/// Members on lines of their own down to `depth`, then each on one line.
void append_block(std::string& out, const JsonValue& value, int depth, std::size_t indent) {
  for (const auto& [name, member] : *value.object()) {
    if (member.object() != nullptr && member.object()->empty() && name != "assets") continue;
    out.append(indent, ' ');
    append_text(out, name);
    out += ':';
    if (depth > 0 && member.object() != nullptr) {
      out += '\n';
      append_block(out, member, depth - 1, indent + 2);
    } else {
      out += ' ';
      append_flow(out, member);
      out += '\n';
    }
  }
}

JsonValue parsed(const std::string& json) {
  auto value = wire::parse_json(json, {.bytes_max = SIZE_MAX, .values_max = SIZE_MAX});
  return value ? *std::move(value) : JsonValue(JsonValue::Object{});
}

}  // namespace

Result<std::uint64_t> read_asset_id(std::string_view text, std::string_view enterprise,
                                    bool& is_ours) {
  const auto colon = text.find(':');
  std::uint64_t id = 0;
  if (colon != std::string_view::npos) {
    const auto [end, error] =
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), id);
    if (error == std::errc() && end == text.data() + text.size() && id != 0) {
      is_ours = text.substr(0, colon) == enterprise;
      return is_ours ? id : 0;
    }
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no id; one is written {}:17, and a new asset has none",
                          text.substr(0, 40), enterprise));
}

Result<std::uint32_t> read_template_version(std::string_view text) {
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error == std::errc() && end == text.data() + text.size() && version != 0) return version;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no version of a template: 1, 2, ...", text.substr(0, 40)));
}

Result<ModelText> read_model_yaml(std::string_view text, std::string_view enterprise) {
  const auto bad = [](const YAML::Mark& mark, std::string_view message) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("line {}, column {}: {}", mark.line + 1, mark.column + 1, message));
  };
  if (text.size() > kModelTextBytesMax)
    return fail(ErrorCode::kTooLarge, "the text of a model has at most 32 MiB");
  if (!is_utf8(text)) return fail(ErrorCode::kInvalidArgument, "the text is not UTF-8");
  try {
    return read(std::string(text), enterprise);
  } catch (const Mistake& mistake) {
    return bad(mistake.mark, mistake.message);
  } catch (const YAML::Exception& error) {
    return bad(error.mark, error.msg);
  }
}

std::string write_model_yaml(const ModelText& model, std::string_view enterprise) {
  std::string json_text;
  wire::JsonWriter json(json_text);
  json.begin_object().key("templates").begin_object();
  for (const auto& definition : model.templates)
    wire::write_template(json.key(definition.name), definition);
  json.end_object().key("assets").begin_object();
  for (const auto& asset : model.assets) {
    json.key(asset.path).begin_object();
    if (asset.id != 0) json.member("id", fmt::format("{}:{}", enterprise, asset.id));
    if (!asset.template_name.empty()) json.member("template", asset.template_name);
    if (asset.template_version != 0) json.member("version", asset.template_version);
    if (!asset.site.empty()) json.member("site", asset.site);
    if (!asset.words.empty()) wire::write_words(json.key("words"), asset.words);
    if (!asset.overrides.empty()) wire::write_overrides(json.key("attributes"), asset.overrides);
    json.end_object();
  }
  json.end_object().end_object();
  const JsonValue root = parsed(json_text);
  std::string out;
  if (!model.templates.empty()) {
    out += "templates:\n";
    for (const auto& [name, definition] : *root.find("templates")->object()) {
      JsonValue::Object members;
      for (const auto& member : *definition.object())
        if (member.first != "name") members.push_back(member);
      out += fmt::format("  {}:{}\n", name, members.empty() ? " {}" : "");
      append_block(out, JsonValue(std::move(members)), 1, 4);
    }
  }
  const auto& assets = *root.find("assets")->object();
  out += assets.empty() ? "assets: {}\n" : "assets:\n";
  for (const auto& [path, asset] : assets) {
    out += "  ";
    append_text(out, path);
    out += ": ";
    append_flow(out, asset);
    out += '\n';
  }
  return out;
}

}  // namespace tundish::asset
