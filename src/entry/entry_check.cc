#include "entry/entry_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/nearest_word.h"
#include "model/receipt_time.h"

namespace tundish::entry {
namespace {

/// People's clocks and ours may differ by so much.
constexpr DurationNs kAheadMax = kMinute;
/// Names that an unknown one is compared with: by their ends, and whole ones, which cost more.
constexpr std::size_t kNeighboursMax = 10'000, kNamesCompared = 2'000;
constexpr std::size_t kComparedBytesMax = 120;
/// Unknown tags of one call that get a nearest name; a wrong list would cost as much as all of them together.
constexpr std::size_t kNearestMax = 3;

/// The tag or attribute that was probably meant: among its neighbours, else among all.
std::string nearest_tag(const TagCatalogue& tags, const PlantModel& model, EnterpriseId enterprise,
                        const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  const std::string folder = path.substr(0, slash);
  // Neighbours by their last names: of a long path only the first bytes would count.
  std::vector<std::string> near;
  if (const Asset* asset = model.find(folder))
    for (const Attribute& attribute : asset->attributes) near.push_back(attribute.definition.name);
  const auto beside = tags.match(enterprise, {.pattern = folder + "/*", .limit = kNeighboursMax});
  if (beside)
    for (const TagPtr& tag : *beside) near.push_back(tag->path.substr(slash + 1));
  if (!near.empty()) return folder + "/" + nearest_word(path.substr(slash + 1), near);
  const auto all = tags.match(
      enterprise, {.pattern = path.substr(0, path.find('/')) + "/**", .limit = kNamesCompared});
  if (!all || path.size() > kComparedBytesMax) return {};
  std::size_t best = path.size() / 3;
  std::string nearest;
  for (const TagPtr& tag : *all) {
    if (tag->path.size() > kComparedBytesMax) continue;
    const std::size_t distance = edit_distance(path, tag->path);
    if (distance < best) {
      best = distance;
      nearest = tag->path;
    }
  }
  return nearest;
}

/// The tag of that name, or of the attribute of that path.
TagPtr tag_for(const TagCatalogue& tags, const PlantModel& model, EnterpriseId enterprise,
               std::string_view path) {
  if (TagPtr tag = tags.find(enterprise, path)) return tag;
  const auto slash = path.rfind('/');
  const Asset* asset =
      slash == std::string_view::npos ? nullptr : model.find(path.substr(0, slash));
  const Attribute* attribute = asset == nullptr ? nullptr : asset->find(path.substr(slash + 1));
  if (attribute == nullptr || attribute->definition.kind == AttributeKind::kConstant)
    return nullptr;
  if (attribute->tag.number != 0) return tags.get(attribute->tag);
  const AttributeDefinition& definition = attribute->definition;
  if (definition.kind != AttributeKind::kMeasured) return nullptr;
  return std::make_shared<const TagInfo>(
      TagInfo{.id = {enterprise, 0},
              .path = std::string(path),
              .type = definition.type,
              .step = definition.step,
              .unit = definition.unit,
              .description = std::string(word_in(definition.words, "en"))});
}

Status check_time(TimeRange range, TimeNs now) {
  if (range.from >= range.to)
    return fail(ErrorCode::kInvalidArgument, "from must be before to", "from");
  // A clock that was never set judges nobody's time (docs/decisions/future-times.md).
  if (now < kClockSet) return {};
  if (range.from > now + kAheadMax)
    return fail(ErrorCode::kFutureTime,
                fmt::format("{} has not come yet, here it is {}; check the date and the zone",
                            format_time(range.from), format_time(now / kSecond * kSecond)),
                "time");
  return {};
}

Result<Value> value_for(const NewEntry& wanted, const TagInfo& tag) {
  if (const auto* text = std::get_if<std::string>(&wanted.value)) {
    if (text->size() > kStringBytesMax)
      return fail(ErrorCode::kTooLarge, "the text has more than 4096 bytes", "value");
    if (!is_utf8(*text)) return fail(ErrorCode::kInvalidArgument, "the text is not UTF-8", "value");
  }
  auto value = [&]() -> Result<Value> {
    const auto* text = std::get_if<std::string>(&wanted.value);
    if (text == nullptr || !wanted.is_number_like || tag.type == ValueType::kString)
      return convert_exact(wanted.value, tag.type);
    if (tag.type == ValueType::kBool && (*text == "true" || *text == "false"))
      return Value(*text == "true");
    const auto number = parse_number(*text);
    if (number) return convert_exact(*number, tag.type);
    return fail(number.error().code,
                fmt::format("'{}' is no number; the decimal point is a dot", text->substr(0, 60)));
  }();
  if (!value)
    return fail(ErrorCode::kTypeMismatch,
                fmt::format("'{}' has values of type {}, and this is none: {}", tag.path,
                            value_type_name(tag.type), value.error().message),
                "value");
  const auto* number = std::get_if<double>(&*value);
  if (number != nullptr && !std::isfinite(*number) && wanted.quality.is_good())
    return fail(ErrorCode::kInvalidArgument,
                "a Good value is a number; to say that there is none, remove the stretch with a "
                "reason",
                "value");
  return value;
}

Status check_facts(const EntryBy& by, const NewEntry& wanted, const Value& value,
                   const std::vector<TagFacts::Fact>& facts) {
  for (const TagFacts::Fact& fact : facts) {
    if (fact.is_computed)
      return fail(ErrorCode::kConflict,
                  fmt::format("'{}' is computed: correct what it is computed from, and it follows "
                              "(its explanation names the inputs)",
                              fact.attribute),
                  "tag");
    if (wanted.kind != EntryKind::kEntry || by.is_override || !fact.valid) continue;
    double number = 0;
    if (const auto* real = std::get_if<double>(&value))
      number = *real;
    else if (const auto* whole = std::get_if<std::int64_t>(&value))
      number = static_cast<double>(*whole);
    else
      continue;
    if (!wanted.quality.is_bad() && (number < fact.valid->low || number > fact.valid->high))
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{} is outside the valid range of '{}', {} to {}{}{}: formulas would read it "
                      "as Bad. Check the decimal point and the unit; if it is right, enter it "
                      "with \"override\" and correct the range",
                      number, fact.attribute, fact.valid->low, fact.valid->high,
                      fact.unit.empty() ? "" : " ", fact.unit),
          "value");
  }
  return {};
}

}  // namespace

TagFacts::TagFacts(const PlantModel& model) : model_(model) {
  for (const Asset& asset : model.assets())
    for (const Attribute& attribute : asset.attributes)
      if (attribute.tag.number != 0 && attribute.definition.kind != AttributeKind::kConstant)
        attributes_.emplace(attribute.tag, std::pair(&asset, &attribute));
}

std::vector<TagFacts::Fact> TagFacts::of(const TagInfo& tag) const {
  std::vector<Fact> found;
  const auto add = [&](const Asset& asset, const Attribute& attribute) {
    const AttributeDefinition& definition = attribute.definition;
    found.push_back({asset.path + "/" + definition.name, definition.kind == AttributeKind::kFormula,
                     definition.valid, definition.unit});
  };
  if (tag.id.number == 0) {
    const auto slash = tag.path.rfind('/');
    const Asset* asset = model_.find(std::string_view(tag.path).substr(0, slash));
    const Attribute* attribute = asset->find(std::string_view(tag.path).substr(slash + 1));
    add(*asset, *attribute);
    return found;
  }
  const auto [from, to] = attributes_.equal_range(tag.id);
  for (auto at = from; at != to; ++at) add(*at->second.first, *at->second.second);
  return found;
}

void refuse(std::vector<EntryRefusal>& refusals, std::size_t row, Error error) {
  if (refusals.size() < EntryReceipt::kRefusalsMax) refusals.push_back({row, std::move(error)});
}

Status check_why(const std::string& text) {
  const bool is_blank = std::ranges::all_of(text, [](char c) { return c == ' '; });
  if (is_blank)
    return fail(ErrorCode::kInvalidArgument,
                "say why: who looks at this value in a year has to understand it", "why");
  const bool is_printable = std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (text.size() <= EntryBook::kWhyBytesMax && is_printable && is_utf8(text)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("a reason is one line of at most {} bytes", EntryBook::kWhyBytesMax),
              "why");
}

std::vector<Checked> check_rows(const EntryBy& by, std::vector<NewEntry> wanted,
                                const TagCatalogue& tags, const PlantModel& model, TimeNs now,
                                std::vector<EntryRefusal>& refusals) {
  const TagFacts facts(model);
  std::vector<Checked> checked(wanted.size());
  std::size_t nearest_told = 0;
  const auto check_one = [&](NewEntry& one, Checked& into) -> Status {
    into.tag = tag_for(tags, model, by.enterprise, one.tag);
    if (into.tag == nullptr) {
      const std::string nearest = nearest_told++ < kNearestMax
                                      ? nearest_tag(tags, model, by.enterprise, one.tag)
                                      : std::string();
      return fail(ErrorCode::kNotFound,
                  fmt::format("there is no tag '{}'{}", one.tag.substr(0, 200),
                              nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
                  "tag");
    }
    TUNDISH_RETURN_IF_ERROR(check_time(one.range, now));
    if (!one.why.empty()) TUNDISH_RETURN_IF_ERROR(check_why(one.why));
    if (one.kind == EntryKind::kEntry) {
      TUNDISH_TRY(one.value, value_for(one, *into.tag));
    } else {
      TUNDISH_RETURN_IF_ERROR(check_why(one.why));
      if (one.kind == EntryKind::kWithdrawal && !one.quality.is_bad())
        return fail(ErrorCode::kInvalidArgument,
                    "what is removed becomes Bad; name a Bad quality or none", "quality");
    }
    TUNDISH_RETURN_IF_ERROR(check_facts(by, one, one.value, facts.of(*into.tag)));
    into.wanted = std::move(one);
    return {};
  };
  for (std::size_t row = 0; row < wanted.size(); ++row)
    if (Status fine = check_one(wanted[row], checked[row]); !fine)
      refuse(refusals, row, std::move(fine.error()));
  if (!refusals.empty()) return checked;
  // Two for one time: which one is meant?
  std::vector<std::size_t> order(checked.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t row) {
    const TagInfo& tag = *checked[row].tag;
    return std::tuple(tag.id, std::string_view(tag.id.number == 0 ? tag.path : std::string_view()),
                      checked[row].wanted.range.from, row);
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const Checked& a = checked[order[i - 1]];
    const Checked& b = checked[order[i]];
    const bool is_same =
        a.tag->id == b.tag->id && (a.tag->id.number != 0 || a.tag->path == b.tag->path);
    if (is_same && b.wanted.range.from < a.wanted.range.to)
      refuse(refusals, order[i],
             {ErrorCode::kConflict,
              fmt::format("'{}' at {} is there twice, the other time as number {}", a.tag->path,
                          format_time(b.wanted.range.from), order[i - 1] + 1),
              "time",
              {}});
  }
  std::ranges::sort(refusals, {}, &EntryRefusal::row);
  return checked;
}

}  // namespace tundish::entry
