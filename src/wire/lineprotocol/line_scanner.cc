#include "wire/lineprotocol/line_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace tundish::wire {
namespace {

// --- which bytes end a token -----------------------------------------------------------------------

struct ByteSet {
  bool has[256] = {};
  constexpr ByteSet(std::string_view bytes, bool control) {
    for (const char c : bytes) has[static_cast<unsigned char>(c)] = true;
    for (unsigned c = 0; control && c < 0x20; ++c) has[c] = true;
    if (control) has[0x7F] = true;
  }
};

constexpr ByteSet kEndsMeasurement(", ", true);
constexpr ByteSet kEndsKey(",= ", true);
constexpr ByteSet kEndsNumber(", \r\n", false);

constexpr std::string_view kMeasurementEscapes = ", ";
constexpr std::string_view kKeyEscapes = ",= ";

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// --- numbers -----------------------------------------------------------------------------------------

bool take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  text.remove_prefix(count);
  return count > 0;
}

/// `[-] digits [. [digits]] [e [+-] digits]` or with the digits only behind the point.
bool is_float(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool whole = take_digits(text);
  bool fraction = false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (!whole && !fraction) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

template <class T>
std::errc parse_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end != text.data() + text.size()) return std::errc::invalid_argument;
  return error;
}

std::string unescape(std::string_view text, std::string_view escapable) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() &&
        escapable.find(text[i + 1]) != std::string_view::npos)
      ++i;
    plain += text[i];
  }
  return plain;
}

}  // namespace

// --- lines -------------------------------------------------------------------------------------------

LineScanner::Next LineScanner::next() {
  for (;;) {
    skip_spaces();
    if (at_ >= body_.size()) return Next::kEnd;
    bool sound = true;
    bool is_point = false;
    if (body_[at_] == '#') {
      sound = scan_comment();
    } else if (!at_line_end()) {
      sound = scan_point();
      is_point = true;
    }
    if (!sound && resume_at_ != 0) {
      at_ = resume_at_;
      line_ = resume_line_;
      resume_at_ = 0;
    }
    at_ = std::min(body_.find('\n', at_), body_.size());
    if (at_ < body_.size()) ++at_, ++line_;
    line_start_ = at_;
    if (!sound) return Next::kError;
    if (is_point) return Next::kPoint;
  }
}

bool LineScanner::at_line_end() const {
  if (at_ >= body_.size() || body_[at_] == '\n') return true;
  return body_[at_] == '\r' && (at_ + 1 == body_.size() || body_[at_ + 1] == '\n');
}

void LineScanner::skip_spaces() {
  while (at_ < body_.size() && body_[at_] == ' ') ++at_;
}

bool LineScanner::scan_comment() {
  for (; !at_line_end(); ++at_)
    if (is_control(body_[at_]) && body_[at_] != '\t')
      return fail_at(at_, fmt::format("{} in a comment", found_at(at_)));
  return true;
}

bool LineScanner::scan_point() {
  const std::size_t from = at_;
  point_.line = line_;
  point_.tags.clear();
  point_.fields.clear();
  point_.timestamp.reset();
  // The same bytes before a space end where they did before.
  const std::string_view here = body_.substr(at_);
  point_.is_expected = !expected_.empty() && here.size() > expected_.size() &&
                       here[expected_.size()] == ' ' && here.starts_with(expected_);
  if (point_.is_expected) {
    point_.measurement = {};
    at_ += expected_.size();
  } else if (!scan_series()) {
    return false;
  }
  point_.series = body_.substr(from, at_ - from);
  skip_spaces();
  if (!scan_fields()) return false;
  skip_spaces();
  if (!at_line_end() && !scan_timestamp()) return false;
  if (at_ - from > kLinePointBytesMax)
    return fail_at(from, "the point has more than 64 KiB", ErrorCode::kTooLarge);
  return true;
}

bool LineScanner::scan_series() {
  if (!scan_name(kEndsMeasurement.has, kMeasurementEscapes, point_.measurement)) return false;
  if (point_.measurement.text.empty())
    return fail_at(at_, fmt::format("a measurement cannot start with {}", found_at(at_)));
  return scan_tags();
}

bool LineScanner::scan_tags() {
  while (at_ < body_.size() && body_[at_] == ',') {
    ++at_;
    RawTag tag;
    if (!scan_name(kEndsKey.has, kKeyEscapes, tag.key)) return false;
    if (tag.key.text.empty())
      return fail_at(at_, fmt::format("a tag key is missing: found {}", found_at(at_)));
    if (at_ >= body_.size() || body_[at_] != '=')
      return fail_at(at_, fmt::format("after a tag key comes =, found {}", found_at(at_)));
    ++at_;
    if (!scan_name(kEndsKey.has, kKeyEscapes, tag.value)) return false;
    if (tag.value.text.empty())
      return fail_at(at_, fmt::format("a tag value is missing: found {}", found_at(at_)));
    if (point_.tags.size() == kLineTagsMax)
      return fail_at(at_, "the point has more than 64 tags", ErrorCode::kTooLarge);
    point_.tags.push_back(tag);
  }
  if (at_ < body_.size() && body_[at_] == ' ') return true;
  return fail_at(at_,
                 fmt::format("a tag or a space and a field is expected, found {}", found_at(at_)));
}

bool LineScanner::scan_fields() {
  for (;;) {
    RawField field;
    if (!scan_name(kEndsKey.has, kKeyEscapes, field.key)) return false;
    if (field.key.text.empty())
      return fail_at(at_, fmt::format("a field key is missing: found {}", found_at(at_)));
    if (at_ >= body_.size() || body_[at_] != '=')
      return fail_at(at_, fmt::format("after a field key comes =, found {}", found_at(at_)));
    ++at_;
    if (!scan_value(field)) return false;
    if (point_.fields.size() == kLineFieldsMax)
      return fail_at(at_, "the point has more than 1024 fields", ErrorCode::kTooLarge);
    point_.fields.push_back(field);
    if (at_ < body_.size() && body_[at_] == ',') {
      ++at_;
      continue;
    }
    if (at_line_end() || body_[at_] == ' ') return true;
    return fail_at(at_,
                   fmt::format("after a field comes a comma, a space or the line's end, found {}",
                               found_at(at_)));
  }
}

bool LineScanner::scan_value(RawField& field) {
  if (at_ < body_.size() && body_[at_] == '"') return scan_string(field);
  const std::size_t from = at_;
  while (at_ < body_.size() && !kEndsNumber.has[static_cast<unsigned char>(body_[at_])]) ++at_;
  const std::string_view token = body_.substr(from, at_ - from);
  if (token.empty())
    return fail_at(from, fmt::format("a field value is missing: found {}", found_at(from)));
  const bool is_true =
      token == "t" || token == "T" || token == "true" || token == "True" || token == "TRUE";
  const bool is_false =
      token == "f" || token == "F" || token == "false" || token == "False" || token == "FALSE";
  if (is_true || is_false) {
    field.kind = RawField::Kind::kBool;
    field.bits = is_true ? 1 : 0;
    return true;
  }
  if (scan_number(field, token)) return true;
  return fail_at(from, std::move(error_.message));
}

bool LineScanner::scan_number(RawField& field, std::string_view token) {
  const std::string_view digits = token.substr(0, token.size() - 1);
  std::errc error{};
  if (token.back() == 'i') {
    field.kind = RawField::Kind::kInteger;
    std::int64_t value = 0;
    error = parse_whole(digits, value);
    field.bits = bits_of(value);
  } else if (token.back() == 'u') {
    field.kind = RawField::Kind::kUnsigned;
    error = parse_whole(digits, field.bits);
  } else if (is_float(token)) {
    field.kind = RawField::Kind::kFloat;
    double value = 0;
    error = parse_whole(token, value);
    if (error == std::errc::result_out_of_range) {
      value =
          std::strtod(std::string(token).c_str(), nullptr);  // too small is zero, too large is not
      if (std::isfinite(value)) error = std::errc();
    }
    field.bits = bits_of(value);
  } else {
    error = std::errc::invalid_argument;
  }
  if (error == std::errc()) return true;
  const std::string shown(token.substr(0, 64));
  error_.message = error == std::errc::result_out_of_range
                       ? fmt::format("the value '{}' is out of range", shown)
                       : fmt::format(
                             "'{}' is no value: numbers, integers with i or u, true, false and "
                             "quoted strings are",
                             shown);
  return false;
}

bool LineScanner::scan_string(RawField& field) {
  const std::size_t opened = at_;
  const std::size_t opened_line = line_;
  field.kind = RawField::Kind::kString;
  bool high = false;
  for (++at_; at_ < body_.size() && at_ - opened <= kLinePointBytesMax; ++at_) {
    const char c = body_[at_];
    if (c == '"') {
      field.text.text = body_.substr(opened + 1, at_ - opened - 1);
      ++at_;
      if (high && !is_utf8(field.text.text)) return fail_at(opened, "the string is not UTF-8");
      return true;
    }
    high = high || static_cast<unsigned char>(c) >= 0x80;
    if (c == '\\' && at_ + 1 < body_.size() && (body_[at_ + 1] == '"' || body_[at_ + 1] == '\\')) {
      field.text.escaped = true;
      ++at_;
    } else if (c == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
  }
  // The lines after the quote may be points of their own: go on there.
  resume_at_ = opened;
  resume_line_ = opened_line;
  line_ = opened_line;
  line_start_ = body_.rfind('\n', opened) + 1;  // npos + 1 is 0: the first line
  return fail_at(opened, "the quote of this string is not closed within 64 KiB");
}

bool LineScanner::scan_timestamp() {
  const std::size_t from = at_;
  while (at_ < body_.size() && ((body_[at_] >= '0' && body_[at_] <= '9') || body_[at_] == '-'))
    ++at_;
  std::int64_t value = 0;
  const std::errc error = parse_whole(body_.substr(from, at_ - from), value);
  if (error == std::errc::result_out_of_range)
    return fail_at(from, "the timestamp is out of range");
  if (error != std::errc())
    return fail_at(from, fmt::format("a timestamp is a whole number, found {}", found_at(from)));
  point_.timestamp = value;
  skip_spaces();
  if (at_line_end()) return true;
  return fail_at(at_,
                 fmt::format("after the timestamp comes the line's end, found {}", found_at(at_)));
}

bool LineScanner::scan_name(const bool (&stops)[256], std::string_view escapable, RawName& name) {
  const std::size_t from = at_;
  unsigned char seen = 0;
  name.escaped = false;
  while (at_ < body_.size()) {
    const auto byte = static_cast<unsigned char>(body_[at_]);
    if (stops[byte]) break;
    if (byte == '\\' && at_ + 1 < body_.size() &&
        escapable.find(body_[at_ + 1]) != std::string_view::npos) {
      name.escaped = true;
      ++at_;
    }
    seen |= byte;
    ++at_;
  }
  name.text = body_.substr(from, at_ - from);
  if (seen >= 0x80 && !is_utf8(name.text)) return fail_at(from, "the name is not UTF-8");
  return true;
}

bool LineScanner::fail_at(std::size_t at, std::string message, ErrorCode code) {
  error_ = {line_, at - line_start_ + 1, code, std::move(message)};
  return false;
}

std::string LineScanner::found_at(std::size_t at) const {
  if (at >= body_.size()) return "the end of the body";
  const char c = body_[at];
  if (c == '\n' || c == '\r') return "the line's end";
  if (c == ' ') return "a space";
  if (is_control(c) || static_cast<unsigned char>(c) >= 0x80)
    return fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(c));
  return fmt::format("'{}'", c);
}

// --- meaning -----------------------------------------------------------------------------------------

std::string unescape_name(const RawName& name, bool is_measurement) {
  if (!name.escaped) return std::string(name.text);
  return unescape(name.text, is_measurement ? kMeasurementEscapes : kKeyEscapes);
}

std::string unescape_string(const RawName& text) {
  return text.escaped ? unescape(text.text, "\"\\") : std::string(text.text);
}

Result<std::vector<LineTag>> sorted_tags(const RawPoint& point) {
  std::vector<LineTag> tags;
  tags.reserve(point.tags.size());
  for (const RawTag& tag : point.tags)
    tags.push_back({unescape_name(tag.key), unescape_name(tag.value)});
  const auto by_key = [](const LineTag& a, const LineTag& b) { return a.key < b.key; };
  std::sort(tags.begin(), tags.end(), by_key);
  const auto same_key = [](const LineTag& a, const LineTag& b) { return a.key == b.key; };
  const auto twice = std::adjacent_find(tags.begin(), tags.end(), same_key);
  if (twice == tags.end()) return tags;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the tag key '{}' is there twice", twice->key.substr(0, 64)));
}

Result<Value> value_of(const RawField& field) {
  switch (field.kind) {
    case RawField::Kind::kFloat: return Value(double_of(field.bits));
    case RawField::Kind::kInteger: return Value(static_cast<std::int64_t>(field.bits));
    case RawField::Kind::kBool: return Value(field.bits != 0);
    case RawField::Kind::kString: return Value(unescape_string(field.text));
    case RawField::Kind::kUnsigned: break;
  }
  if (field.bits <= static_cast<std::uint64_t>(INT64_MAX))
    return Value(static_cast<std::int64_t>(field.bits));
  return parse_number(std::to_string(field.bits));
}

}  // namespace tundish::wire
