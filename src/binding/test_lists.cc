#include "binding/test_lists.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/check.h"
#include "binding/register_list.h"

namespace tundish::binding {
namespace {

std::string text_of(const std::string& name) {
  std::ifstream file(std::string(TUNDISH_SOURCE_DIR "/tests/cases/binding/") + name);
  TUNDISH_CHECK(file.good());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> cut(const std::string& line, char at) {
  std::vector<std::string> parts;
  std::stringstream stream(line);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

std::vector<std::vector<std::string>> lines_of(const std::string& file) {
  std::vector<std::vector<std::string>> lines;
  std::stringstream text(text_of(file));
  std::string line;
  std::getline(text, line);
  while (std::getline(text, line)) lines.push_back(cut(line, ','));
  return lines;
}

}  // namespace

std::vector<std::string> test_packs(bool deep) {
  std::vector<std::string> packs;
  for (const auto& line : lines_of(deep ? "candidates_deep.csv" : "candidates.csv"))
    if (packs.empty() || packs.back() != line[0]) packs.push_back(line[0]);
  return packs;
}

std::vector<Candidate> test_candidates(const std::vector<std::string>& packs, bool full_names,
                                       bool deep) {
  std::vector<Candidate> candidates;
  for (const auto& line : lines_of(deep ? "candidates_deep.csv" : "candidates.csv")) {
    if (!packs.empty() && std::ranges::find(packs, line[0]) == packs.end()) continue;
    Candidate candidate;
    candidate.template_name = full_names ? line[0] + "/" + line[1] : line[1];
    candidate.template_words = {{"en", line[2]}, {"zh", line[3]}};
    candidate.attribute = line[4];
    candidate.unit = line[5];
    if (!line[6].empty()) candidate.valid = Limits{std::stod(line[6]), std::stod(line[7])};
    candidate.words = {{"en", line[8]}, {"zh", line[9]}};
    if (line.size() > 10) candidate.aliases = cut(line[10], '|');
    if (line.size() > 11) candidate.type = parse_value_type(line[11]).value();
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

std::vector<TestList> test_lists() {
  std::vector<TestList> lists;
  std::stringstream text(text_of("lists.txt"));
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto words = cut(line, ' ');
    TestList list{
        words.at(0), cut(words.at(1), ','), words.at(2) == "deep", words.at(3) == "held", {}, {}};
    // The last column is the answer; the rest is a register list as any.
    std::string registers;
    std::stringstream rows(text_of(words[0] + ".csv"));
    bool header = true;
    for (std::string row; std::getline(rows, row);) {
      const auto comma = row.rfind(',');
      registers += row.substr(0, comma) + "\n";
      if (!std::exchange(header, false)) list.expected.push_back(row.substr(comma + 1));
    }
    auto read = read_register_list(registers);
    if (!read) fmt::print("{}: {}\n", words[0], read.error().to_string());
    TUNDISH_CHECK(read.has_value());
    for (auto& register_line : *read) list.points.push_back(std::move(register_line.point));
    TUNDISH_CHECK(list.points.size() == list.expected.size());
    lists.push_back(std::move(list));
  }
  return lists;
}

TestScore score_of(const std::vector<FoundPoint>& points, const std::vector<std::string>& expected,
                   const std::vector<Candidate>& candidates) {
  TestScore score;
  const auto all = propose(points, candidates);
  TUNDISH_CHECK(all.has_value());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& proposals = (*all)[i];
    std::string first;
    double confidence = 0;
    if (!proposals.empty()) {
      const auto& candidate = candidates[proposals[0].candidate];
      first = candidate.template_name + "/" + candidate.attribute;
      confidence = proposals[0].confidence;
    }
    const bool right = first == expected[i];
    const bool sure = confidence > 0.9;
    score.asked += expected[i] != "-";
    score.right += expected[i] != "-" && right;
    score.sure += sure;
    score.sure_wrong += sure && !right;
    if (right || (expected[i] == "-" && confidence < 0.7)) continue;
    std::string second;
    if (proposals.size() > 1) second = candidates[proposals[1].candidate].attribute;
    score.mistakes.push_back(fmt::format("{} | {} | {}: {} and not {} ({:.2f}; then {})",
                                         points[i].path.back(), points[i].description,
                                         points[i].unit, first, expected[i], confidence, second));
  }
  return score;
}

}  // namespace tundish::binding
