#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/value.h"

namespace tundish::wire {

/// A name as it stands in the body, escapes and all.
struct RawName {
  std::string_view text;
  bool escaped = false;  ///< has a backslash that hides a comma, space or equals sign
};

struct RawTag {
  RawName key;
  RawName value;
};

struct RawField {
  enum class Kind : std::uint8_t { kFloat, kInteger, kUnsigned, kBool, kString };
  RawName key;
  Kind kind = Kind::kFloat;
  std::uint64_t bits = 0;  ///< of the double, integer or bool
  RawName text = {};       ///< between the quotes of a string
};

struct RawPoint {
  std::size_t line = 0;     ///< from 1, where the point starts
  std::string_view series;  ///< measurement and tags as they stand there
  bool is_expected =
      false;  ///< the series is the expected one; measurement and tags are left empty
  RawName measurement;
  std::vector<RawTag> tags;  ///< in the order sent
  std::vector<RawField> fields;
  std::optional<std::int64_t> timestamp;  ///< in units of the precision
};

struct LineError {
  std::size_t line = 0;    ///< from 1
  std::size_t column = 0;  ///< byte in that line, from 1
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
};

inline constexpr std::size_t kLinePointBytesMax = 64 * 1024;
inline constexpr std::size_t kLineTagsMax = 64;
inline constexpr std::size_t kLineFieldsMax = 1024;

/// Splits line protocol into points without copying: what a point refers to lies in the body. After
/// an error it goes on behind the line with the error; behind a quote that is never closed, with
/// the line after the quote. Linear in the body.
class LineScanner {
 public:
  explicit LineScanner(std::string_view body) : body_(body) {}

  enum class Next { kPoint, kError, kEnd };
  Next next();

  /// The series of a point that came before, which may be that of the next one: its bytes need not be taken apart
  /// once more then.
  void expect(std::string_view series) { expected_ = series; }

  const RawPoint& point() const { return point_; }   ///< after kPoint, until the next call
  const LineError& error() const { return error_; }  ///< after kError

 private:
  bool scan_comment();
  bool scan_point();
  bool scan_series();
  bool scan_tags();
  bool scan_fields();
  bool scan_value(RawField& field);
  bool scan_number(RawField& field, std::string_view token);
  bool scan_string(RawField& field);
  bool scan_timestamp();
  bool scan_name(const bool (&stops)[256], std::string_view escapable, RawName& name);
  bool at_line_end() const;
  void skip_spaces();
  bool fail_at(std::size_t at, std::string message, ErrorCode code = ErrorCode::kInvalidArgument);
  std::string found_at(std::size_t at) const;

  std::string_view body_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;        ///< number of the line that at_ is in
  std::size_t line_start_ = 0;  ///< where that line starts
  std::string_view expected_;
  std::size_t resume_at_ = 0;  ///< 0, or where to go on after an error inside a string
  std::size_t resume_line_ = 0;
  RawPoint point_;
  LineError error_;
};

/// A measurement, tag key, tag value or field key without its escapes. `is_measurement`: an equals
/// sign needs no escape there, so a backslash before it stays.
std::string unescape_name(const RawName& name, bool is_measurement = false);
/// The text of a string field without its escapes.
std::string unescape_string(const RawName& text);

struct LineTag {
  std::string key;
  std::string value;
  bool operator==(const LineTag&) const = default;
};

/// Tags without escapes, sorted by key. Errors: kInvalidArgument when a key is there twice.
Result<std::vector<LineTag>> sorted_tags(const RawPoint& point);

/// Errors: kTypeMismatch for an unsigned integer that neither int64 nor double holds exactly.
Result<Value> value_of(const RawField& field);

}  // namespace tundish::wire
