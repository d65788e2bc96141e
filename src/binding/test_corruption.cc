#include "binding/test_corruption.h"

#include <algorithm>

#include <fmt/format.h>

#include "binding/lexicon.h"
#include "model/code_points.h"

namespace tundish::binding {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == '_' || c == ' ')
      words.emplace_back();
    else
      words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::erase_if(words, [](const std::string& word) { return word.empty(); });
  return words;
}

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    const auto before = text;
    take_code_point(text);
    characters.emplace_back(before.substr(0, before.size() - text.size()));
  }
  return characters;
}

std::string without_vowels(const std::string& word) {
  std::string bones;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (i == 0 || std::string_view("aeiou").find(word[i]) == std::string_view::npos)
      if (bones.empty() || bones.back() != word[i]) bones += word[i];
  return bones;
}

std::string capital(std::string word) {
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z')
    word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

std::string upper(std::string word) {
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return word;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

/// Of the template: `bf1` of blast_furnace, `crusher2` of crusher.
std::string asset_code(const Candidate& candidate, int number) {
  const auto words =
      words_of(candidate.template_name.substr(candidate.template_name.find('/') + 1));
  std::string code;
  if (words.size() > 1)
    for (const auto& word : words) code += word[0];
  else
    code = words[0];
  return code + std::to_string(number);
}

std::string spelt_unit(const std::string& unit, std::mt19937_64& random) {
  struct Spelt {
    std::string_view code;
    std::vector<std::string_view> written;
  };
  static const std::vector<Spelt> spellings = {
      {"Cel", {"degC", "℃", "°C", "C", "摄氏度"}},
      {"kPa", {"kPa", "KPA", "kPag", "千帕"}},
      {"MPa", {"MPa", "Mpa", "bar", "MPag"}},
      {"t/h", {"t/h", "TPH", "吨/时", "T/H"}},
      {"m3/h", {"m3/h", "m³/h", "立方米/小时", "CMH"}},
      {"m3{norm}/min", {"Nm3/min", "Nm³/min"}},
      {"%", {"%", "pct", "％"}},
      {"um", {"um", "μm", "micron"}},
      {"[ppm]", {"ppm", "PPM"}},
      {"{rev}/min", {"rpm", "r/min", "转/分"}},
      {"kW", {"kW", "KW"}},
      {"[pH]", {"pH", "", "PH"}},
      {"mg/m3{norm}", {"mg/Nm3", "mg/m3"}},
      {"mg/L", {"mg/L", "mg/l"}},
  };
  for (const auto& spelling : spellings)
    if (spelling.code == unit)
      return std::string(spelling.written[random() % spelling.written.size()]);
  return unit;
}

std::string initials(const std::vector<std::string>& words) {
  std::string letters;
  for (const auto& word : words) letters += word[0];
  return letters;
}

std::string pinyin(const std::string& text) { return pinyin_initials(text); }

/// Ranges are given only where the unit is the template's own, only spelt otherwise.
bool spelt_alike(const std::string& written) { return written != "bar"; }

}  // namespace

std::string_view style_name(Style style) {
  constexpr std::string_view kNames[] = {
      "snake",     "camel, no vowels", "beginnings",     "initials", "shuffled",        "register",
      "sparkplug", "chinese",          "chinese, short", "pinyin",   "chinese comment", "noisy"};
  return kNames[static_cast<int>(style)];
}

FoundPoint corrupted(const Candidate& candidate, Style style, int number, std::mt19937_64& random) {
  FoundPoint point;
  point.unit = spelt_unit(candidate.unit, random);
  point.type = candidate.type;
  const auto code = asset_code(candidate, number);
  auto words = words_of(candidate.attribute);
  const auto zh = candidate.words.at("zh");
  const auto asset_zh = candidate.template_words.at("zh");
  std::string name;
  switch (style) {
    case Style::kSnake: name = code + "_" + joined(words, "_"); break;
    case Style::kCamelVowels:
      name = capital(code);
      for (const auto& word : words) name += capital(word.size() > 3 ? without_vowels(word) : word);
      break;
    case Style::kBeginnings:
      name = upper(code);
      for (const auto& word : words) name += "-" + upper(word.substr(0, 3 + random() % 2));
      break;
    case Style::kInitials:
      name = upper(code) + "_";
      if (words.size() > 2)
        name += upper(initials(words));
      else
        name +=
            upper(initials({words.begin(), words.end() - 1})) + upper(words.back().substr(0, 4));
      break;
    case Style::kShuffled:
      words.push_back(code);
      std::ranges::shuffle(words, random);
      name = joined(words, "_");
      break;
    case Style::kRegister:
      name = fmt::format("DB{}_DBD{}", 10 + number, 4 * (random() % 100));
      point.description = fmt::format("{} {} {}", candidate.template_words.at("en"), number,
                                      candidate.words.at("en"));
      break;
    case Style::kSparkplug:
      point.path = {"Plant 7", "Area 2",
                    fmt::format("{} {}", candidate.template_words.at("en"), number), "Process"};
      for (const auto& word : words) name += (name.empty() ? "" : " ") + capital(word);
      break;
    case Style::kChinese: name = fmt::format("{}#{}{}", number, asset_zh, zh); break;
    case Style::kChineseShort: {
      auto characters = characters_of(zh);
      if (characters.size() > 3) characters.pop_back();
      // The first two characters of the asset, where the attribute does not begin with them itself.
      const auto asset = characters_of(asset_zh);
      auto beginning = asset.size() > 1 ? asset[0] + asset[1] : asset[0];
      if (zh.starts_with(beginning)) beginning.clear();
      name = fmt::format("{}号{}{}", number, beginning, joined(characters, ""));
      break;
    }
    case Style::kPinyin:
      name = fmt::format("{}{}_{}", upper(pinyin(asset_zh)), number, upper(pinyin(zh)));
      break;
    case Style::kChineseComment:
      name = fmt::format("MW{}", 100 + random() % 900);
      point.description = fmt::format("{}号{}{}", number, asset_zh, zh);
      break;
    case Style::kNoisy:
      name = fmt::format("PLC{}.AI.{}_{}_PV", number, upper(code), joined(words, "_"));
      break;
  }
  point.path.push_back(name);
  // The span of an instrument is seldom that of the template.
  if (candidate.valid && random() % 3 != 0 && spelt_alike(point.unit)) {
    const double low =
        std::max(candidate.valid->low, random() % 2 == 0 ? 0.0 : candidate.valid->low);
    const double high = candidate.valid->high * (random() % 2 == 0 ? 1.0 : 0.8);
    if (low < high) point.range = Limits{low, high};
  }
  return point;
}

}  // namespace tundish::binding
