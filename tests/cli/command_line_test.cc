// Every line of tests/cases/command_line.txt, with the real program.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/server_process.h"

namespace tundish::test {
namespace {

struct Case {
  int line = 0;
  int code = 0;
  std::vector<std::string> words;
  std::string says;
};

/// Words at blanks; '...' keeps them together; a # outside of it ends the command.
Case parse_case(const std::string& text, int line) {
  Case parsed;
  parsed.line = line;
  std::string word;
  bool quoted = false, in_word = false;
  std::size_t at = 0;
  const auto end_word = [&] {
    if (in_word) parsed.words.push_back(word);
    word.clear();
    in_word = false;
  };
  for (; at < text.size() && (quoted || text[at] != '#'); ++at) {
    const char c = text[at];
    if (c == '\'') {
      quoted = !quoted;
      in_word = true;
    } else if (c == ' ' && !quoted) {
      end_word();
    } else {
      word += c;
      in_word = true;
    }
  }
  end_word();
  if (at < text.size()) {
    const auto from = text.find_first_not_of(' ', at + 1);
    if (from != std::string::npos) parsed.says = text.substr(from);
  }
  if (!parsed.words.empty()) {
    parsed.code = std::stoi(parsed.words.front());
    parsed.words.erase(parsed.words.begin());
  }
  return parsed;
}

std::vector<Case> read_cases() {
  std::ifstream in(std::string(TUNDISH_SOURCE_DIR) + "/tests/cases/command_line.txt");
  std::vector<Case> cases;
  std::string text;
  for (int line = 1; std::getline(in, text); ++line)
    if (!text.empty() && text[0] != '#') cases.push_back(parse_case(text, line));
  return cases;
}

void replace(std::string& text, std::string_view from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

TEST(CommandLine, EndsAsTheTableSays) {
  ::unsetenv("TUNDISH_TOKEN");
  std::string scratch = ::testing::TempDir() + "cli_XXXXXX";
  ASSERT_NE(::mkdtemp(scratch.data()), nullptr);
  const std::string data = scratch + "/data", empty = scratch + "/empty";
  for (const auto& folder : {data, empty}) std::filesystem::create_directory(folder);
  std::filesystem::permissions(data, std::filesystem::perms::owner_all);
  std::string output;
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), TUNDISH_PROGRAM);
    const auto code = run_command(words, scratch, output);
    output += read_text(scratch + "/command.err");
    return code ? *code : -1;
  };
  ASSERT_EQ(run({"enterprise", "create", "--data", data, "--code", "works-01"}), 0) << output;
  ASSERT_EQ(run({"user", "create", "--data", data, "--enterprise", "works-01", "--name", "anna",
                 "--role", "administrator"}),
            0)
      << output;
  const auto cases = read_cases();
  ASSERT_GT(cases.size(), 50u);
  for (const auto& one : cases) {
    auto words = one.words;
    for (auto& word : words) {
      replace(word, "{data}", data);
      replace(word, "{empty}", empty);
      replace(word, "{missing}", scratch + "/missing");
      replace(word, "{server}", "http://127.0.0.1:1");
    }
    EXPECT_EQ(run(words), one.code) << "line " << one.line << ":\n" << output;
    EXPECT_NE(output.find(one.says), std::string::npos)
        << "line " << one.line << " does not say " << one.says << ":\n"
        << output;
  }
  EXPECT_TRUE(std::filesystem::is_empty(empty)) << "a command left something in somebody's folder";
  EXPECT_FALSE(std::filesystem::exists(scratch + "/missing"));
  std::filesystem::remove_all(scratch);
}

}  // namespace
}  // namespace tundish::test
