// Zone::parse: a TZif file (RFC 8536).
//
// 1. Header and data with 32-bit times; all there is in version 1.
// 2. From version 2 on the same again with 64-bit times, which counts instead, and a footer with the
//    rule for what comes after the last time.
// 3. The rule is written out as changes up to the end of TimeNs (some 450), so that looking up is one
//    binary search, whatever the year.

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "calendar/posix_rule.h"
#include "calendar/zone.h"

namespace tundish::calendar {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;
constexpr std::int32_t kOffsetMax = 26 * 3600;
constexpr std::int32_t kYearMin = 1676, kYearMax = 2263;  // TimeNs and a year around it
constexpr std::int64_t kDaySeconds = 86'400;

std::unexpected<Error> damaged(std::string_view what, std::size_t at) {
  Error error{ErrorCode::kCorruption, fmt::format("a time zone file is damaged: {}", what), {}, at};
  return fail(std::move(error));
}

/// Big-endian numbers, as the format has them. Callers check `left` first.
class Cursor {
 public:
  explicit Cursor(ByteSpan bytes) : bytes_(bytes) {}
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  void skip(std::size_t count) { at_ += count; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(bytes_[at_++]); }
  std::uint32_t word() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | byte();
    return value;
  }
  std::int64_t time(std::size_t size) {
    if (size == 4) return static_cast<std::int32_t>(word());
    const std::uint64_t high = word();
    return static_cast<std::int64_t>(high << 32 | word());
  }
  std::string_view text() const { return as_text(bytes_.subspan(at_)); }

 private:
  ByteSpan bytes_;
  std::size_t at_ = 0;
};

struct Header {
  std::uint8_t version = 0;  ///< 0 or the digit
  std::uint32_t is_utc = 0, is_standard = 0, leaps = 0, times = 0, types = 0, letters = 0;

  std::size_t data_bytes(std::size_t time_size) const {
    return std::size_t{times} * (time_size + 1) + std::size_t{types} * 6 + letters +
           std::size_t{leaps} * (time_size + 4) + is_standard + is_utc;
  }
};

Result<Header> read_header(Cursor& cursor) {
  const std::size_t start = cursor.at();
  if (cursor.left() < 44 || !cursor.text().starts_with("TZif"))
    return damaged("no header of 44 bytes", start);
  cursor.skip(4);
  Header header;
  header.version = cursor.byte();
  cursor.skip(15);
  for (auto* count : {&header.is_utc, &header.is_standard, &header.leaps, &header.times,
                      &header.types, &header.letters}) {
    *count = cursor.word();
    if (*count > kFileBytesMax) return damaged("a count beyond the file", cursor.at() - 4);
  }
  if (header.types == 0 || header.types > 256) return damaged("no types of local time", start);
  return header;
}

struct Table {
  std::int32_t first_offset_s = 0;
  std::vector<Zone::Change> changes;
};

Result<Table> read_table(Cursor& cursor, const Header& header, std::size_t time_size) {
  if (header.data_bytes(time_size) > cursor.left())
    return damaged("shorter than its header says", cursor.at());
  if (header.leaps != 0)
    return fail(ErrorCode::kUnsupported,
                "a time zone file with leap seconds does not fit times without them");
  Table table;
  table.changes.resize(header.times);
  for (std::size_t i = 0; i < header.times; ++i) {
    table.changes[i].at_s = cursor.time(time_size);
    if (i > 0 && table.changes[i].at_s <= table.changes[i - 1].at_s)
      return damaged("times that do not ascend", cursor.at() - time_size);
  }
  std::vector<std::uint8_t> types(header.times);
  for (auto& type : types) {
    type = cursor.byte();
    if (type >= header.types) return damaged("a type that is not there", cursor.at() - 1);
  }
  std::vector<std::int32_t> offsets(header.types);
  for (auto& offset : offsets) {
    offset = static_cast<std::int32_t>(cursor.word());
    if (offset < -kOffsetMax || offset > kOffsetMax)
      return damaged("an offset of more than 26 h", cursor.at() - 4);
    cursor.skip(2);
  }
  table.first_offset_s = offsets[0];
  for (std::size_t i = 0; i < header.times; ++i) table.changes[i].offset_s = offsets[types[i]];
  cursor.skip(header.letters + header.leaps * (time_size + 4) + header.is_standard + header.is_utc);
  return table;
}

/// The rule between the two line ends after the data; nothing when there is none between them.
Result<std::optional<PosixRule>> read_footer(Cursor& cursor) {
  const std::string_view footer = cursor.text();
  const std::size_t end = footer.find('\n', 1);
  if (footer.empty() || footer.front() != '\n' || end == std::string_view::npos)
    return damaged("no footer", cursor.at());
  if (end == 1) return std::nullopt;
  auto rule = parse_posix_rule(footer.substr(1, end - 1));
  if (!rule) return damaged(rule.error().message, cursor.at() + 1 + *rule.error().offset);
  return *rule;
}

/// Adds what the rule says about the time after the last change; about all time when there is none.
void write_out(const PosixRule& rule, Table& table) {
  const bool rule_only = table.changes.empty();
  if (rule_only) table.first_offset_s = rule.standard_offset_s;
  if (!rule.daylight) return;
  std::int32_t year = kYearMin;
  if (!rule_only) {
    const std::int64_t last = table.changes.back().at_s;
    if (last > make_date(kYearMax, 1, 1).days * kDaySeconds) return;
    // Three years early is early enough, whatever the leap years.
    if (last > make_date(kYearMin, 1, 1).days * kDaySeconds)
      year = static_cast<std::int32_t>(1970 + last / (366 * kDaySeconds)) - 3;
  }
  const std::size_t known = table.changes.size();
  for (; year <= kYearMax; ++year)
    for (const auto& change : rule.changes(year)) {
      // Strictly after the table; among themselves two may fall on one second.
      const auto& changes = table.changes;
      const bool later = changes.empty() || change.at_s > changes.back().at_s ||
                         (changes.size() > known && change.at_s == changes.back().at_s);
      if (later) table.changes.push_back({change.at_s, change.offset_s});
    }
}

}  // namespace

Result<Zone> Zone::parse(ByteSpan tzif) {
  if (tzif.size() > kFileBytesMax) return damaged("larger than 64 KiB", kFileBytesMax);
  Cursor cursor(tzif);
  TUNDISH_TRY(Header header, read_header(cursor));
  if (header.version < '2') {
    TUNDISH_TRY(Table table, read_table(cursor, header, 4));
    return Zone(table.first_offset_s, std::move(table.changes));
  }
  if (header.data_bytes(4) > cursor.left())
    return damaged("shorter than its header says", cursor.at());
  cursor.skip(header.data_bytes(4));
  TUNDISH_TRY(header, read_header(cursor));
  TUNDISH_TRY(Table table, read_table(cursor, header, 8));
  TUNDISH_TRY(const auto rule, read_footer(cursor));
  if (rule) write_out(*rule, table);
  return Zone(table.first_offset_s, std::move(table.changes));
}

}  // namespace tundish::calendar
