#include "asset/retention_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/nearest_word.h"
#include "model/tag_path.h"
#include "model/value.h"

namespace tundish::asset {
namespace {

constexpr std::string_view kMeasured = "measured";
constexpr std::string_view kDerived = "derived";
constexpr std::string_view kForEver = "for ever";
constexpr std::size_t kSubjectBytesMax = 1024;

struct Unit {
  std::string_view name;
  double days;
};
/// UCUM codes; a year is 365.25 days.
constexpr Unit kUnits[] = {{"d", 1}, {"wk", 7}, {"mo", 30.4375}, {"a", 365.25}};

/// A part of a line and where it stands, from 1.
struct Part {
  std::string_view text;
  std::size_t column = 1;
};

Part trimmed(Part part) {
  const auto blank = [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; };
  while (!part.text.empty() && blank(part.text.front())) {
    part.text.remove_prefix(1);
    ++part.column;
  }
  while (!part.text.empty() && blank(part.text.back())) part.text.remove_suffix(1);
  return part;
}

std::unexpected<Error> wrong(std::size_t line, std::size_t column, std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message),
              fmt::format("retention:{}:{}", line, column));
}

Result<KeepDays> read_keep(Part keep, std::size_t line) {
  constexpr std::string_view kHint =
      "write a number and d, wk, mo or a, for example '90 d', or 'for ever'";
  if (keep.text == kForEver) return kKeptForEver;
  if (keep.text.empty())
    return wrong(line, keep.column, fmt::format("how long is missing: {}", kHint));
  std::uint32_t count = 0;
  const char* const end = keep.text.data() + keep.text.size();
  const auto [rest, code] = std::from_chars(keep.text.data(), end, count);
  if (code != std::errc() || count == 0)
    return wrong(
        line, keep.column,
        fmt::format("'{}' is no time to keep samples for: {}", keep.text.substr(0, 40), kHint));
  const Part unit = trimmed({std::string_view(rest, static_cast<std::size_t>(end - rest)),
                             keep.column + static_cast<std::size_t>(rest - keep.text.data())});
  for (const Unit& known : kUnits) {
    if (unit.text != known.name) continue;
    const double days = std::ceil(count * known.days);
    if (days > kKeepDaysMax)
      return wrong(line, keep.column, "samples are kept for at most 200 years, or 'for ever'");
    return static_cast<KeepDays>(days);
  }
  std::vector<std::string> names;
  for (const Unit& known : kUnits) names.emplace_back(known.name);
  return wrong(line, unit.column,
               fmt::format("'{}' is no unit of time here; did you mean '{}'? {}",
                           unit.text.substr(0, 40), nearest_word(unit.text, names), kHint));
}

Status check_subject(Part subject, std::size_t line) {
  if (subject.text.empty())
    return wrong(line, subject.column, "what is kept is missing before ':'");
  if (subject.text == kMeasured || subject.text == kDerived) return {};
  if (subject.text.size() > kSubjectBytesMax || !is_utf8(subject.text))
    return wrong(line, subject.column, "a path is UTF-8 of at most 1,024 bytes");
  // A word alone is no path of a tag, which has at least the enterprise and a name, so it was one of ours.
  if (subject.text.find('/') == std::string_view::npos && !is_glob(subject.text))
    return wrong(
        line, subject.column,
        fmt::format("'{}' is neither a path nor a word for tags; did you mean '{}'?",
                    subject.text.substr(0, 40),
                    nearest_word(subject.text, {std::string(kMeasured), std::string(kDerived)})));
  return {};
}

}  // namespace

Result<std::vector<RetentionRule>> read_retention(std::string_view text) {
  if (text.size() > kRetentionBytesMax)
    return fail(ErrorCode::kTooLarge, "retention rules have at most 64 KiB", "retention");
  std::vector<RetentionRule> rules;
  std::uint32_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const Part content = trimmed({whole.substr(0, whole.find('#')), 1});
    if (content.text.empty()) continue;
    const std::size_t colon = content.text.rfind(':');
    if (colon == std::string_view::npos)
      return wrong(line, content.column,
                   "a rule is 'WHAT: HOW LONG', for example 'measured: 90 d'");
    const Part subject = trimmed({content.text.substr(0, colon), content.column});
    TUNDISH_RETURN_IF_ERROR(check_subject(subject, line));
    TUNDISH_TRY(
        const KeepDays keep,
        read_keep(trimmed({content.text.substr(colon + 1), content.column + colon + 1}), line));
    if (rules.size() == kRetentionRulesMax)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("there are at most {} rules", kRetentionRulesMax),
                  fmt::format("retention:{}:1", line));
    rules.push_back({std::string(subject.text), keep, line, 0});
  }
  return rules;
}

std::string keep_text(KeepDays keep) {
  return keep == kKeptForEver ? std::string(kForEver) : fmt::format("{} d", keep);
}

std::size_t rule_of(const std::vector<RetentionRule>& rules, std::string_view path,
                    bool is_derived) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string& subject = rules[i].subject;
    const bool fits = subject == kMeasured  ? !is_derived
                      : subject == kDerived ? is_derived
                                            : glob_matches(subject, path);
    if (fits) return i;
  }
  return rules.size();
}

}  // namespace tundish::asset
