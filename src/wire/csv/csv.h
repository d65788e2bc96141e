#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tundish::wire {

struct CsvField {
  std::string text;                  ///< without its quotes
  std::size_t line = 1, column = 1;  ///< where it begins, from 1; columns count characters
};
using CsvRecord = std::vector<CsvField>;

struct CsvLimits {
  std::size_t records_max = 1'000'000;
  std::size_t fields_max = 100;  ///< of a record
  std::size_t field_bytes_max = 16 << 10;
};

/// The records of `text`, by RFC 4180: commas, CRLF or LF, fields in quotes with `""` for a quote. Empty
/// lines are left out; a byte order mark at the beginning is none of the first field. Linear in the text.
/// Errors: kInvalidArgument, kTooLarge; the message begins with line and column.
Result<std::vector<CsvRecord>> read_csv(std::string_view text, const CsvLimits& limits = {});

/// Appends one field, in quotes where it must be.
void append_csv_field(std::string& out, std::string_view text);
/// Appends a record with CRLF at its end.
void append_csv_record(std::string& out, const std::vector<std::string>& fields);

}  // namespace tundish::wire
