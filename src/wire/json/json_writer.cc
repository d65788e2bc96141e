#include "wire/json/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/time_text.h"

namespace tundish::wire {
namespace {

/// Largest magnitude below which every integer is a double.
constexpr std::int64_t kExactIntegerMax = std::int64_t{1} << 53;

constexpr char kHexDigits[] = "0123456789abcdef";

template <class T>
void append_chars(std::string& out, T number) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), end);
}

/// Plant values have few decimals: such a number is a whole number of some 10^-k, and that quotient, rounded, is the
/// number itself, so its digits are the shortest that read back. False: not one of them, or an exponent is shorter.
bool append_short_decimal(std::string& out, double number) {
  constexpr std::array<double, 5> kPowers{1, 10, 100, 1'000, 10'000};
  const double magnitude = std::abs(number);
  if (!(magnitude >= 0.01 && magnitude < 1e5)) return false;
  for (std::size_t decimals = 0; decimals < kPowers.size(); ++decimals) {
    const double scaled = std::nearbyint(magnitude * kPowers[decimals]);
    if (scaled / kPowers[decimals] != magnitude) continue;
    // The digits, at least one before the point, from the back.
    std::array<char, 16> text;
    std::size_t at = text.size();
    auto digits = static_cast<std::uint32_t>(scaled);  // below 10^9
    for (std::size_t count = 0; digits != 0 || count <= decimals; ++count, digits /= 10) {
      if (count == decimals && decimals != 0) text[--at] = '.';
      text[--at] = static_cast<char>('0' + digits % 10);
    }
    if (number < 0) text[--at] = '-';
    out.append(text.data() + at, text.size() - at);
    return true;
  }
  return false;
}

/// Bytes of the well-formed UTF-8 sequence at the front of `text`; 0 when there is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return text.size() >= bytes && is_utf8(text.substr(0, bytes)) ? bytes : 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t copied = 0;
  const auto copy_up_to = [&](std::size_t end) { out.append(text.substr(copied, end - copied)); };
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
      ++i;
      continue;
    }
    if (byte >= 0x80) {
      if (const std::size_t bytes = utf8_sequence(text.substr(i)); bytes != 0) {
        i += bytes;
        continue;
      }
      copy_up_to(i);
      out.append("\xEF\xBF\xBD");
    } else {
      copy_up_to(i);
      switch (byte) {
        case '"': out.append("\\\""); break;
        case '\\': out.append("\\\\"); break;
        case '\n': out.append("\\n"); break;
        case '\r': out.append("\\r"); break;
        case '\t': out.append("\\t"); break;
        default:
          out.append("\\u00");
          out.push_back(kHexDigits[byte >> 4]);
          out.push_back(kHexDigits[byte & 0xF]);
      }
    }
    copied = ++i;
  }
  copy_up_to(text.size());
  out.push_back('"');
}

void append_json_number(std::string& out, double number) {
  if (std::isnan(number)) {
    out.append("\"NaN\"");
  } else if (std::isinf(number)) {
    out.append(number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else if (number == 0.0 && std::signbit(number)) {
    out.append("-0.0");  // "-0" reads back as the integer 0
  } else if (!append_short_decimal(out, number)) {
    append_chars(out, number);
  }
}

void JsonWriter::begin_value() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  begin_value();
  out_.push_back(bracket);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  begin_value();
  append_json_string(out_, name);
  out_.push_back(':');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::value(std::string_view text) {
  begin_value();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }

JsonWriter& JsonWriter::value(double number) {
  begin_value();
  append_json_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
  if (number > kExactIntegerMax || number < -kExactIntegerMax) return nanoseconds(number);
  begin_value();
  append_chars(out_, number);
  return *this;
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t number) {
  const bool as_string = number > static_cast<std::uint64_t>(kExactIntegerMax);
  begin_value();
  if (as_string) out_.push_back('"');
  append_chars(out_, number);
  if (as_string) out_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::value(const Value& any) {
  return std::visit([this](const auto& typed) -> JsonWriter& { return value(typed); }, any);
}

JsonWriter& JsonWriter::time(TimeNs at) {
  begin_value();
  out_.push_back('"');
  append_time(out_, at);
  out_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::nanoseconds(TimeNs at) {
  begin_value();
  out_.push_back('"');
  append_chars(out_, at);
  out_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  begin_value();
  out_.append(json);
  return *this;
}

}  // namespace tundish::wire
