#include "wire/csv/csv.h"

#include <fmt/format.h>

#include <utility>

namespace tundish::wire {
namespace {

class Reader {
 public:
  Reader(std::string_view text, const CsvLimits& limits) : text_(text), limits_(limits) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  Result<std::vector<CsvRecord>> read() {
    std::vector<CsvRecord> records;
    while (at_ < text_.size()) {
      const std::size_t from = at_;
      TUNDISH_TRY(CsvRecord record, read_record());
      const bool is_empty_line = record.size() == 1 && record[0].text.empty() && text_[from] != '"';
      if (is_empty_line) continue;
      if (records.size() >= limits_.records_max)
        return bad(record[0], ErrorCode::kTooLarge,
                   fmt::format("more than {} records", limits_.records_max));
      records.push_back(std::move(record));
    }
    return records;
  }

 private:
  static std::unexpected<Error> bad(const CsvField& field, ErrorCode code, std::string message) {
    return fail(code, fmt::format("line {}, column {}: {}", field.line, field.column, message));
  }

  /// Takes one byte and counts lines and characters.
  char take() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++column_;
    }
    return c;
  }
  bool at_line_end() const {
    return text_[at_] == '\n' ||
           (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }
  void take_line_end() {
    if (take() == '\r' && at_ < text_.size()) take();
  }

  Result<CsvRecord> read_record() {
    CsvRecord record;
    while (true) {
      record.push_back({.text = {}, .line = line_, .column = column_});
      if (record.size() > limits_.fields_max)
        return bad(record.back(), ErrorCode::kTooLarge,
                   fmt::format("more than {} fields", limits_.fields_max));
      if (at_ < text_.size() && text_[at_] == '"') {
        TUNDISH_RETURN_IF_ERROR(read_quoted(record.back()));
      } else {
        TUNDISH_RETURN_IF_ERROR(read_plain(record.back()));
      }
      if (at_ == text_.size()) return record;
      if (at_line_end()) {
        take_line_end();
        return record;
      }
      take();  // the comma
    }
  }

  Status add(CsvField& field, char c) const {
    if (field.text.size() >= limits_.field_bytes_max)
      return bad(field, ErrorCode::kTooLarge,
                 fmt::format("a field has at most {} bytes", limits_.field_bytes_max));
    field.text += c;
    return {};
  }

  Status read_plain(CsvField& field) {
    while (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) {
      if (text_[at_] == '"')
        return bad({{}, line_, column_}, ErrorCode::kInvalidArgument,
                   "a quote stands within a field; such a field is written \"...\" with \"\" for "
                   "the quote");
      TUNDISH_RETURN_IF_ERROR(add(field, take()));
    }
    return {};
  }

  Status read_quoted(CsvField& field) {
    take();
    while (at_ < text_.size()) {
      if (text_[at_] != '"') {
        TUNDISH_RETURN_IF_ERROR(add(field, take()));
        continue;
      }
      take();
      if (at_ < text_.size() && text_[at_] == '"') {
        TUNDISH_RETURN_IF_ERROR(add(field, take()));
        continue;
      }
      if (at_ == text_.size() || text_[at_] == ',' || at_line_end()) return {};
      return bad({{}, line_, column_}, ErrorCode::kInvalidArgument,
                 "a comma or the end of the line is expected after a closing quote");
    }
    return bad(field, ErrorCode::kInvalidArgument, "the quote that opens here is never closed");
  }

  std::string_view text_;
  const CsvLimits& limits_;
  std::size_t at_ = 0, line_ = 1, column_ = 1;
};

}  // namespace

Result<std::vector<CsvRecord>> read_csv(std::string_view text, const CsvLimits& limits) {
  return Reader(text, limits).read();
}

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_record(std::string& out, const std::vector<std::string>& fields) {
  // A record of one empty field would read as an empty line.
  if (fields.size() == 1 && fields[0].empty()) out += "\"\"";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_field(out, fields[i]);
  }
  out += "\r\n";
}

}  // namespace tundish::wire
