// The CSV of a model: a row for each asset (`attribute` empty), and a row for each attribute that an asset has
// otherwise than its template says.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "asset/model_text.h"
#include "base/nearest_word.h"
#include "wire/csv/csv.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::asset {
namespace {

using wire::CsvField;
using wire::CsvRecord;
using wire::JsonValue;

constexpr std::array<std::string_view, 20> kColumns{
    "id",          "path",      "attribute",  "template", "version", "site", "en",
    "es",          "pt",        "ru",         "zh",       "tag",     "unit", "normal_low",
    "normal_high", "valid_low", "valid_high", "constant", "formula", "every"};
constexpr std::array<std::string_view, 5> kLanguages{"en", "es", "pt", "ru", "zh"};
/// Of a row for an asset, and of one for an attribute.
constexpr std::array<std::string_view, 9> kOfAsset{"id", "template", "version", "site", "en",
                                                   "es", "pt",       "ru",      "zh"};
constexpr std::array<std::string_view, 9> kOfAttribute{"tag",         "unit",      "normal_low",
                                                       "normal_high", "valid_low", "valid_high",
                                                       "constant",    "formula",   "every"};

std::unexpected<Error> bad(const CsvField& field, std::string_view message) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("line {}, column {}: {}", field.line, field.column, message));
}

class CsvModel {
 public:
  explicit CsvModel(std::string_view enterprise) : enterprise_(enterprise) {}

  Result<ModelText> read(const std::vector<CsvRecord>& records) {
    if (records.empty())
      return fail(ErrorCode::kInvalidArgument,
                  "line 1, column 1: the first line names the columns; at least: path");
    TUNDISH_RETURN_IF_ERROR(read_header(records[0]));
    for (std::size_t i = 1; i < records.size(); ++i) {
      if (records[i].size() != records[0].size())
        return bad(records[i].back(),
                   fmt::format("this line has {} fields, and the first one names {}",
                               records[i].size(), records[0].size()));
      record_ = &records[i];
      TUNDISH_RETURN_IF_ERROR(read_row());
    }
    return std::move(model_);
  }

 private:
  Status read_header(const CsvRecord& header) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      const std::string& name = header[i].text;
      if (std::ranges::find(kColumns, name) == kColumns.end()) {
        const std::vector<std::string> known(kColumns.begin(), kColumns.end());
        return bad(header[i], fmt::format("there is no column '{}'; did you mean '{}'?",
                                          name.substr(0, 64), nearest_word(name, known)));
      }
      if (!columns_.emplace(name, i).second)
        return bad(header[i], fmt::format("the column '{}' is there twice", name));
    }
    if (!columns_.contains("path")) return bad(header[0], "the column 'path' is missing");
    return {};
  }

  /// Null when there is no such column.
  const CsvField* field(std::string_view column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() ? nullptr : &(*record_)[found->second];
  }
  std::string text(std::string_view column) const {
    const CsvField* const found = field(column);
    return found == nullptr ? std::string() : found->text;
  }
  template <std::size_t N>
  Status want_empty(const std::array<std::string_view, N>& columns, std::string_view why) const {
    for (const auto column : columns)
      if (!text(column).empty()) return bad(*field(column), fmt::format("'{}' {}", column, why));
    return {};
  }

  Status read_row() {
    const CsvField& path = *field("path");
    if (path.text.empty()) return bad(path, "the path is empty");
    if (text("attribute").empty()) {
      TUNDISH_RETURN_IF_ERROR(
          want_empty(kOfAttribute, "is of an attribute, whose name is missing in this line"));
      if (places_.contains(path.text))
        return bad(path, fmt::format("'{}' is there twice", path.text.substr(0, 200)));
      places_.emplace(path.text, model_.assets.size());
      return read_asset(path);
    }
    TUNDISH_RETURN_IF_ERROR(
        want_empty(kOfAsset, "is of an asset, and this line is an attribute's"));
    const auto place = places_.find(path.text);
    if (place == places_.end())
      return bad(path, "the line of the asset comes before those of its attributes");
    return read_attribute(model_.assets[place->second]);
  }

  Status read_asset(const CsvField& path) {
    TextAsset asset;
    asset.path = path.text;
    asset.line = path.line;
    asset.column = path.column;
    bool is_ours = true;
    if (const auto id = text("id"); !id.empty()) {
      auto read = read_asset_id(id, enterprise_, is_ours);
      if (!read) return bad(*field("id"), read.error().message);
      asset.id = *read;
    }
    asset.template_name = text("template");
    if (const auto version = text("version"); !version.empty()) {
      const auto read = read_template_version(version);
      if (!read) return bad(*field("version"), read.error().message);
      if (is_ours) asset.template_version = *read;
    }
    asset.site = text("site");
    for (const auto language : kLanguages) {
      const auto word = text(language);
      if (word.empty()) continue;
      const auto read =
          wire::read_words(JsonValue(JsonValue::Object{{std::string(language), JsonValue(word)}}));
      if (!read) return bad(*field(language), read.error().message);
      asset.words.emplace(language, word);
    }
    model_.assets.push_back(std::move(asset));
    return {};
  }

  /// As a text is written there: JSON where it would be taken for something else.
  static JsonValue constant_of(const std::string& written) {
    if (written == "true") return JsonValue(true);
    if (written == "false") return JsonValue(false);
    if (written.starts_with('"'))
      if (auto json = wire::parse_json(written)) return *std::move(json);
    if (const auto number = parse_number(written)) {
      if (const auto* whole = std::get_if<std::int64_t>(&*number)) return JsonValue(*whole);
      return JsonValue(std::get<double>(*number));
    }
    return JsonValue(written);
  }

  /// @param may_be_open one side may be empty: no limit
  Status add_limits(JsonValue::Object& members, const std::string& name, bool may_be_open) const {
    JsonValue::Array pair;
    std::size_t empty = 0;
    for (const char* end : {"_low", "_high"}) {
      const std::string written = text(name + end);
      if (written.empty()) {
        ++empty;
        pair.emplace_back(nullptr);
        continue;
      }
      const auto number = constant_of(written);
      if (!number.number())
        return bad(*field(name + end), fmt::format("'{}' is no number", written.substr(0, 40)));
      pair.push_back(number);
    }
    if (empty == 2) return {};
    if (empty == 1 && !may_be_open)
      return bad((*record_)[0], fmt::format("{0}_low and {0}_high come together", name));
    members.emplace_back(name, JsonValue(std::move(pair)));
    return {};
  }

  Status read_attribute(TextAsset& asset) {
    JsonValue::Object members;
    for (const char* column : {"tag", "unit", "formula", "every"})
      if (auto written = text(column); !written.empty())
        members.emplace_back(column, JsonValue(std::move(written)));
    TUNDISH_RETURN_IF_ERROR(add_limits(members, "normal", false));
    TUNDISH_RETURN_IF_ERROR(add_limits(members, "valid", true));
    if (const auto written = text("constant"); !written.empty())
      members.emplace_back("constant", constant_of(written));
    const CsvField& name = *field("attribute");
    const JsonValue json(JsonValue::Object{{name.text, JsonValue(std::move(members))}});
    auto read = wire::read_overrides(json);
    if (!read) {
      // `power.valid` is wrong in the column valid_low, `power.unit` in unit.
      const std::string& where = read.error().where;
      const auto dot = where.find('.');
      const std::string member = dot == std::string::npos ? "attribute" : where.substr(dot + 1);
      const CsvField* at = field(member);
      if (at == nullptr) at = field(member + "_low");
      return bad(at == nullptr ? name : *at, read.error().message);
    }
    if (!asset.overrides.insert(*read->begin()).second)
      return bad(name, fmt::format("'{}' is there twice for this asset", name.text));
    return {};
  }

  std::string_view enterprise_;
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::map<std::string, std::size_t, std::less<>> places_;
  const CsvRecord* record_ = nullptr;
  ModelText model_;
};

std::string number_text(double number) {
  std::string text;
  wire::append_json_number(text, number);
  return text;
}

std::string constant_text(const Value& value) {
  std::string json;
  wire::JsonWriter writer(json);
  writer.value(value);
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr) return json;
  const bool is_plain = !text->empty() && *text != "true" && *text != "false" &&
                        !text->starts_with('"') && !parse_number(*text);
  return is_plain ? *text : json;
}

std::vector<std::string> attribute_row(const std::string& path, const std::string& name,
                                       const AttributeOverride& what) {
  std::map<std::string_view, std::string> cells{{"path", path}, {"attribute", name}};
  cells["tag"] = what.tag;
  cells["unit"] = what.unit.value_or("");
  if (what.normal) {
    cells["normal_low"] = number_text(what.normal->low);
    cells["normal_high"] = number_text(what.normal->high);
  }
  if (what.valid) {
    if (std::isfinite(what.valid->low)) cells["valid_low"] = number_text(what.valid->low);
    if (std::isfinite(what.valid->high)) cells["valid_high"] = number_text(what.valid->high);
  }
  if (what.constant) cells["constant"] = constant_text(*what.constant);
  cells["formula"] = what.formula.value_or("");
  if (what.every) cells["every"] = format_duration(*what.every);
  std::vector<std::string> row;
  for (const auto column : kColumns) row.push_back(cells[column]);
  return row;
}

}  // namespace

Result<ModelText> read_model_csv(std::string_view text, std::string_view enterprise) {
  if (text.size() > kModelTextBytesMax)
    return fail(ErrorCode::kTooLarge, "the text of a model has at most 32 MiB");
  if (!is_utf8(text)) return fail(ErrorCode::kInvalidArgument, "the text is not UTF-8");
  TUNDISH_TRY(const auto records, wire::read_csv(text));
  return CsvModel(enterprise).read(records);
}

std::string write_model_csv(const ModelText& model, std::string_view enterprise) {
  std::string out;
  wire::append_csv_record(out, std::vector<std::string>(kColumns.begin(), kColumns.end()));
  for (const auto& asset : model.assets) {
    std::vector<std::string> row{
        asset.id == 0 ? "" : fmt::format("{}:{}", enterprise, asset.id),
        asset.path,
        "",
        asset.template_name,
        asset.template_version == 0 ? "" : fmt::format("{}", asset.template_version),
        asset.site};
    for (const auto language : kLanguages) {
      const auto word = asset.words.find(language);
      row.push_back(word == asset.words.end() ? std::string() : word->second);
    }
    row.resize(kColumns.size());
    wire::append_csv_record(out, row);
    for (const auto& [name, what] : asset.overrides)
      wire::append_csv_record(out, attribute_row(asset.path, name, what));
  }
  return out;
}

}  // namespace tundish::asset
