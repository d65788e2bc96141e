#include "binding/register_list.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/nearest_word.h"
#include "binding/split.h"

namespace tundish::binding {
namespace {

constexpr std::size_t kFieldsMax = 32;
constexpr std::size_t kRecordBytesMax = 16 * 1024;

const std::vector<std::string>& column_names() {
  static const std::vector<std::string> names = {"name",        "address", "type", "unit",
                                                 "description", "low",     "high"};
  return names;
}
enum Column : std::size_t { kName, kAddress, kType, kUnit, kDescription, kLow, kHigh, kColumns };

struct Field {
  std::string text;
  std::size_t line = 0, column = 0;  ///< from 1, in bytes
};

std::unexpected<Error> fail_at(std::size_t line, std::size_t column, std::string message,
                               ErrorCode code = ErrorCode::kInvalidArgument) {
  return fail(code, std::move(message), fmt::format("line {}, column {}", line, column));
}

class Records {
 public:
  explicit Records(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_start_ = 3;
  }

  /// The fields of the next line that is not empty; none at the end.
  Result<std::vector<Field>> next() {
    while (at_ < text_.size()) {
      std::vector<Field> fields;
      const auto start = at_;
      while (true) {
        TUNDISH_TRY(auto field, take_field());
        fields.push_back(std::move(field));
        if (at_ - start > kRecordBytesMax)
          return fail_at(fields[0].line, 1,
                         fmt::format("a line has at most {} bytes", kRecordBytesMax));
        if (fields.size() > kFieldsMax)
          return fail_at(fields.back().line, fields.back().column,
                         fmt::format("at most {} columns", kFieldsMax));
        if (at_ >= text_.size()) break;
        if (text_[at_] == ',') {
          ++at_;
          continue;
        }
        end_line();
        break;
      }
      if (fields.size() > 1 || !fields[0].text.empty()) return fields;
    }
    return std::vector<Field>();
  }

 private:
  bool at_line_end() const { return text_[at_] == '\n' || text_.substr(at_).starts_with("\r\n"); }

  void end_line() {
    at_ += text_[at_] == '\n' ? 1 : 2;
    ++line_;
    line_start_ = at_;
  }

  Result<Field> take_field() {
    Field field{{}, line_, at_ - line_start_ + 1};
    if (at_ < text_.size() && text_[at_] == '"') {
      TUNDISH_RETURN_IF_ERROR(take_quoted(field));
      return field;
    }
    const auto start = at_;
    while (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) {
      if (text_[at_] == '"')
        return fail_at(
            line_, at_ - line_start_ + 1,
            "a quote within a field without quotes: quote the whole field and double it");
      ++at_;
    }
    field.text = text_.substr(start, at_ - start);
    const auto first = field.text.find_first_not_of(" \t");
    const auto last = field.text.find_last_not_of(" \t");
    field.text =
        first == std::string::npos ? std::string() : field.text.substr(first, last - first + 1);
    return field;
  }

  Status take_quoted(Field& field) {
    const auto open = at_++;
    while (true) {
      if (at_ >= text_.size() || at_ - open > kRecordBytesMax)
        return fail_at(field.line, field.column, "the quote that opens here is not closed");
      const char c = text_[at_++];
      if (c == '"') {
        if (at_ >= text_.size() || text_[at_] != '"') break;
        ++at_;
      }
      if (c == '\n') {
        ++line_;
        line_start_ = at_;
      }
      field.text += c;
    }
    if (at_ < text_.size() && text_[at_] != ',' && !at_line_end())
      return fail_at(line_, at_ - line_start_ + 1,
                     "a comma or the end of the line belongs after a closing quote");
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1, line_start_ = 0;
};

Result<double> read_limit(const Field& field) {
  const auto value = parse_number(field.text);
  double number = 0;
  if (value)
    number = value->index() == 0 ? std::get<double>(*value)
                                 : static_cast<double>(std::get<std::int64_t>(*value));
  if (!value || !std::isfinite(number))
    return fail_at(field.line, field.column,
                   fmt::format("`{}` is not a number such as 1250.5", field.text.substr(0, 40)));
  return number;
}

using Columns = std::array<std::size_t, kColumns>;
constexpr std::size_t kAbsent = kFieldsMax + 1;

Result<Columns> read_header(const std::vector<Field>& fields) {
  if (fields.empty())
    return fail_at(1, 1,
                   "the list is empty: its first line names the columns, for example name,unit");
  Columns columns;
  columns.fill(kAbsent);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto word = plain_text(fields[i].text);
    const auto found = std::ranges::find(column_names(), word);
    if (found == column_names().end())
      return fail_at(fields[i].line, fields[i].column,
                     fmt::format("`{}` is not a column; the nearest is `{}`",
                                 fields[i].text.substr(0, 40), nearest_word(word, column_names())));
    auto& column = columns[static_cast<std::size_t>(found - column_names().begin())];
    if (column != kAbsent)
      return fail_at(fields[i].line, fields[i].column,
                     fmt::format("the column `{}` is there twice", word));
    column = i;
  }
  if (columns[kName] == kAbsent) return fail_at(fields[0].line, 1, "the column `name` is missing");
  if ((columns[kLow] == kAbsent) != (columns[kHigh] == kAbsent))
    return fail_at(fields[0].line, 1, "the columns `low` and `high` come together");
  return columns;
}

Result<RegisterLine> read_line(const std::vector<Field>& fields, const Columns& columns) {
  const auto text = [&](Column column) {
    return columns[column] == kAbsent ? std::string() : fields[columns[column]].text;
  };
  RegisterLine line;
  line.line = fields[0].line;
  line.address = text(kAddress);
  const auto& name = fields[columns[kName]];
  if (name.text.empty()) return fail_at(name.line, name.column, "the name is empty");
  line.point.path = {name.text};
  line.point.unit = text(kUnit);
  line.point.description = text(kDescription);
  if (const auto word = plain_text(text(kType)); !word.empty()) {
    line.point.type = read_type_word(word);
    const auto& field = fields[columns[kType]];
    if (!line.point.type)
      return fail_at(
          field.line, field.column,
          fmt::format("`{}` is not a type; the nearest is `{}`", field.text.substr(0, 40),
                      nearest_word(word, {"real", "float", "double", "int", "dint", "word", "bool",
                                          "string"})));
  }
  const auto low = text(kLow), high = text(kHigh);
  if (low.empty() && high.empty()) return line;
  const auto& field = fields[columns[low.empty() ? kLow : kHigh]];
  if (low.empty() || high.empty())
    return fail_at(field.line, field.column, "`low` and `high` come together");
  TUNDISH_TRY(const auto low_value, read_limit(fields[columns[kLow]]));
  TUNDISH_TRY(const auto high_value, read_limit(fields[columns[kHigh]]));
  if (low_value > high_value) return fail_at(field.line, field.column, "`high` is less than `low`");
  line.point.range = Limits{low_value, high_value};
  return line;
}

}  // namespace

std::optional<ValueType> read_type_word(std::string_view text) {
  const std::string word = plain_text(text);
  constexpr std::array<std::string_view, 11> kDouble = {"real",    "float",   "double", "lreal",
                                                        "float32", "float64", "analog", "ai",
                                                        "f32",     "f64",     "number"};
  constexpr std::array<std::string_view, 22> kInt = {
      "int",   "dint",  "word",   "dword", "uint",   "udint",  "sint",   "usint",
      "lint",  "int16", "int32",  "int64", "uint16", "uint32", "uint64", "int8",
      "uint8", "short", "ushort", "long",  "byte",   "integer"};
  constexpr std::array<std::string_view, 7> kBool = {"bool", "boolean", "bit",     "digital",
                                                     "di",   "coil",    "discrete"};
  constexpr std::array<std::string_view, 5> kString = {"string", "text", "char", "wstring",
                                                       "varchar"};
  if (std::ranges::find(kDouble, word) != kDouble.end()) return ValueType::kDouble;
  if (std::ranges::find(kInt, word) != kInt.end()) return ValueType::kInt64;
  if (std::ranges::find(kBool, word) != kBool.end()) return ValueType::kBool;
  if (std::ranges::find(kString, word) != kString.end()) return ValueType::kString;
  return std::nullopt;
}

Result<std::vector<RegisterLine>> read_register_list(std::string_view text) {
  if (text.size() > kRegisterListBytesMax)
    return fail(ErrorCode::kTooLarge,
                fmt::format("a register list has at most {} MiB", kRegisterListBytesMax >> 20));
  if (!is_utf8(text))
    return fail(ErrorCode::kInvalidArgument,
                "the list is not UTF-8: save it as UTF-8 and send it again");
  Records records(text);
  TUNDISH_TRY(const auto header, records.next());
  TUNDISH_TRY(const auto columns, read_header(header));
  std::vector<RegisterLine> lines;
  while (true) {
    TUNDISH_TRY(const auto fields, records.next());
    if (fields.empty()) return lines;
    if (fields.size() != header.size())
      return fail_at(fields[0].line, fields[0].column,
                     fmt::format("{} fields where the first line names {} columns", fields.size(),
                                 header.size()));
    if (lines.size() >= kPointsMax)
      return fail_at(fields[0].line, 1, fmt::format("at most {} points at once", kPointsMax),
                     ErrorCode::kTooLarge);
    TUNDISH_TRY(auto line, read_line(fields, columns));
    lines.push_back(std::move(line));
  }
}

}  // namespace tundish::binding
