// Reads the CSV body of samples: a splitter that yields one record's fields at a time (RFC 4180),
// and a reader that turns each record into a sample by the columns that the header named.

#include <fmt/format.h>

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "model/tag_path.h"
#include "wire/samples/samples.h"
#include "wire/samples/value_text.h"

namespace tundish::wire {
namespace {

constexpr std::size_t kFieldsMax = 16;
constexpr std::size_t kRecordBytesMax = 64 * 1024;

struct Field {
  std::string_view text;  ///< into the body, or into `unquoted` of the splitter
  bool quoted = false;
};

class Splitter {
 public:
  explicit Splitter(std::string_view body) : body_(body) {
    if (body_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  enum class Next { kRecord, kBadRecord, kOpenQuote, kEnd };

  /// The next record that is not an empty line. After kBadRecord `why()` says what is wrong and the
  /// following record comes next.
  Next next() {
    while (at_ < body_.size()) {
      line_ = next_line_;
      fields_.clear();
      unquoted_.clear();
      why_ = {};
      const std::size_t from = at_;
      if (!split()) return Next::kOpenQuote;
      if (fields_.size() == 1 && fields_[0].text.empty() && !fields_[0].quoted && why_.empty())
        continue;
      if (at_ - from > kRecordBytesMax) why_ = "it is longer than 64 KiB";
      return why_.empty() ? Next::kRecord : Next::kBadRecord;
    }
    return Next::kEnd;
  }

  const std::vector<Field>& fields() const { return fields_; }
  std::string_view why() const { return why_; }
  std::size_t line() const { return line_; }  ///< from 1: where the record starts

 private:
  /// One record through its line end; false when a quote is open at the end of the body.
  bool split() {
    // A record that unquotes nothing borrows from the body. One that does owns its text, which must
    // not move while fields point into it.
    for (;;) {
      if (at_ < body_.size() && body_[at_] == '"') {
        if (!quoted()) return false;
      } else {
        plain();
      }
      if (at_ >= body_.size()) return true;
      const char c = body_[at_++];
      if (c == ',') continue;
      if (c == '\r' && at_ < body_.size() && body_[at_] == '\n') ++at_;
      ++next_line_;
      return true;
    }
  }

  void plain() {
    const std::size_t from = at_;
    while (at_ < body_.size() && body_[at_] != ',' && body_[at_] != '\n') ++at_;
    std::string_view text = body_.substr(from, at_ - from);
    if ((at_ == body_.size() || body_[at_] == '\n') && text.ends_with('\r')) text.remove_suffix(1);
    if (text.find('"') != std::string_view::npos)
      why_ = "a quote stands inside a field; quote the whole field and double the quote";
    add({text, false});
  }

  bool quoted() {
    const std::size_t from = ++at_;
    bool doubled = false;
    for (;; ++at_) {
      if (at_ >= body_.size()) return false;
      if (body_[at_] == '\n') ++next_line_;
      if (body_[at_] != '"') continue;
      if (at_ + 1 >= body_.size() || body_[at_ + 1] != '"') break;
      doubled = true;
      ++at_;
    }
    std::string_view text = body_.substr(from, at_ - from);
    ++at_;
    if (doubled) text = halve_quotes(text);
    add({text, true});
    if (at_ < body_.size() && body_[at_] != ',' && body_[at_] != '\n' &&
        !body_.substr(at_).starts_with("\r\n") && body_.substr(at_) != "\r") {
      why_ = "after a closing quote comes a comma or the end of the line";
      while (at_ < body_.size() && body_[at_] != ',' && body_[at_] != '\n') ++at_;
    } else if (at_ + 1 == body_.size() && body_[at_] == '\r') {
      ++at_;
    }
    return true;
  }

  std::string_view halve_quotes(std::string_view text) {
    std::string& own = unquoted_.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
      own += text[i];
      if (text[i] == '"') ++i;
    }
    return own;
  }

  void add(Field field) {
    if (fields_.size() == kFieldsMax)
      why_ = "it has more than 16 fields";
    else
      fields_.push_back(field);
  }

  std::string_view body_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t next_line_ = 1;
  std::vector<Field> fields_;
  std::deque<std::string> unquoted_;
  std::string_view why_;
};

class CsvReader {
 public:
  explicit CsvReader(const BodyLimits& limits) : limits_(limits) {}

  Result<DecodedBody> read(std::string_view body) {
    Splitter records(body);
    if (records.next() != Splitter::Next::kRecord || !read_header(records.fields()))
      return fail(
          ErrorCode::kInvalidArgument,
          "The first line names the columns: tag,time,value and, as wanted, quality and type.",
          fmt::format("line {}", records.line()));
    for (std::uint32_t row = 0;; ++row) {
      const Splitter::Next next = records.next();
      if (next == Splitter::Next::kEnd) return std::move(body_);
      if (next == Splitter::Next::kOpenQuote)
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("A quote is opened in line {} and never closed; nothing was kept.",
                                records.line()),
                    fmt::format("line {}", records.line()));
      if (row == limits_.rows_max)
        return fail(
            ErrorCode::kTooLarge,
            fmt::format("A body may have at most {} samples; send several.", limits_.rows_max),
            "body");
      Status kept;
      if (next == Splitter::Next::kBadRecord) {
        kept = fail(ErrorCode::kInvalidArgument, std::string(records.why()));
      } else {
        kept = keep(row, records.fields());
        if (!kept && kept.error().code == ErrorCode::kTooLarge) return fail(kept.error());
      }
      if (!kept)
        body_.refuse(row, kept.error().code,
                     fmt::format("line {}: {}", records.line(), kept.error().message));
    }
  }

 private:
  enum Column : std::size_t { kTag, kTime, kValue, kQuality, kType, kColumns };

  bool read_header(const std::vector<Field>& names) {
    static constexpr std::array<std::string_view, kColumns> kNames{"tag", "time", "value",
                                                                   "quality", "type"};
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::size_t column = 0;
      while (column < kColumns && kNames[column] != names[i].text) ++column;
      if (column == kColumns || place_[column]) return false;
      place_[column] = i;
    }
    width_ = names.size();
    return place_[kTag] && place_[kTime] && place_[kValue];
  }

  Status keep(std::uint32_t row, const std::vector<Field>& fields) {
    if (fields.size() != width_)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("it has {} fields, the header {}", fields.size(), width_));
    const auto field = [&](Column column) {
      return place_[column] ? fields[*place_[column]] : Field{};
    };
    const std::string_view tag = field(kTag).text;
    if (tag.empty() || tag.size() > kPathBytesMax)
      return fail(ErrorCode::kInvalidArgument, "the tag is empty or longer than 1024 bytes");
    TUNDISH_TRY(const TimeNs time, parse_time(field(kTime).text));
    Quality quality = kGood;
    const std::string_view quality_text = field(kQuality).text;
    if (!quality_text.empty() && !parse_quality(std::string(quality_text), quality))
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is not the name or number of an OPC UA status code",
                              quality_text.substr(0, 64)));
    bool number_like = false;
    TUNDISH_TRY(const Value value, value_of(field(kValue), field(kType).text, number_like));
    TUNDISH_TRY(const std::uint32_t path, paths_.index_of(tag));
    if (number_like)
      body_.batch.number_like.push_back(static_cast<std::uint32_t>(body_.batch.rows.size()));
    body_.push_back(row, path, time, value, quality);
    return {};
  }

  static Result<Value> value_of(const Field& field, std::string_view type_name, bool& number_like) {
    if (!type_name.empty()) {
      TUNDISH_TRY(const ValueType type, type_from_text(type_name));
      return value_from_text(field.text, type);
    }
    const Result<Value> number = parse_number(field.text);
    if (field.quoted) {
      number_like = number.has_value();
      return Value(std::string(field.text));
    }
    if (number) return *number;
    if (number.error().code == ErrorCode::kTypeMismatch) return fail(number.error());
    if (field.text == "true" || field.text == "false") return Value(field.text == "true");
    if (field.text.empty())
      return fail(ErrorCode::kInvalidArgument,
                  "the value is empty; write NaN and a Bad quality, or \"\" for an empty string");
    return Value(std::string(field.text));
  }

  const BodyLimits& limits_;
  std::array<std::optional<std::size_t>, kColumns> place_;
  std::size_t width_ = 0;
  DecodedBody body_;
  PathTable paths_{body_.batch.paths, limits_.paths_max};
};

}  // namespace

Result<DecodedBody> decode_samples_csv(std::string_view body, const BodyLimits& limits) {
  if (body.size() > limits.bytes_max)
    return fail(ErrorCode::kTooLarge,
                fmt::format("A body may have at most {} bytes; send several.", limits.bytes_max),
                "body");
  return CsvReader(limits).read(body);
}

}  // namespace tundish::wire
