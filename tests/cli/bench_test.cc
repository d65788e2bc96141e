// tundish bench, the real program on a tiny work: the shape of its results, and that it counts what it sent. Never how
// fast it was.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "support/server_process.h"
#include "wire/json/json_value.h"

namespace tundish::test {
namespace {

class BenchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_ = ::testing::TempDir() + "bench_XXXXXX";
    ASSERT_NE(::mkdtemp(scratch_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  /// Runs it; its figures by name.
  std::map<std::string, double> bench(std::vector<std::string> words) {
    words.insert(words.begin(), {TUNDISH_PROGRAM, "bench"});
    words.push_back("--json");
    std::string output;
    const auto code = run_command(words, scratch_, output);
    EXPECT_TRUE(code && *code == 0) << read_text(scratch_ + "/command.err");
    std::map<std::string, double> figures;
    const auto report = wire::parse_json(output);
    if (!report) {
      ADD_FAILURE() << report.error().to_string() << ": " << output;
      return figures;
    }
    for (const auto* member : {"bench", "subject", "machine", "time", "work", "figures"})
      EXPECT_NE(report->find(member), nullptr) << member;
    for (const auto& figure : *report->find("figures")->array())
      figures[*figure.find("name")->string()] = *figure.find("value")->number();
    return figures;
  }

  std::string scratch_;
};

TEST_F(BenchTest, IngestCountsWhatItSent) {
  const auto found = bench({"ingest", "--tags", "40", "--seconds", "25", "--rounds", "3",
                            "--connections", "2", "--folder", scratch_});
  for (const std::string protocol : {"binary", "line"}) {
    EXPECT_EQ(found.at("ingest." + protocol + ".samples"), 1'000);
    EXPECT_GT(found.at("ingest." + protocol + ".bytes_on_disk"), 1'000);
    EXPECT_GE(found.at("ingest." + protocol + ".bytes_on_disk"),
              found.at("ingest." + protocol + ".bytes_of_blocks") +
                  found.at("ingest." + protocol + ".bytes_of_journal"));
    EXPECT_GT(found.at("ingest." + protocol + ".memory_max"), 1'000'000);
  }
  EXPECT_GT(found.at("ack.batch_1000_p50"), 0);
  EXPECT_GE(found.at("ack.bare_fdatasync_p99"), found.at("ack.bare_fdatasync_p50"));
  for (const auto& entry : std::filesystem::directory_iterator(scratch_))
    EXPECT_TRUE(entry.is_regular_file()) << entry.path() << " was left";
}

TEST_F(BenchTest, LateSamplesAllArrive) {
  const auto found = bench({"ingest", "--tags", "20", "--seconds", "60", "--rounds", "3", "--late",
                            "20", "--jitter", "--protocol", "binary"});
  EXPECT_EQ(found.at("ingest.binary.samples"), 1'200);
}

TEST_F(BenchTest, QuestionsAreAnsweredAndNothingIsLostByKillingIt) {
  // The bench compares each answer with its generator and fails where they differ.
  const auto found =
      bench({"query", "--tags", "40", "--seconds", "120", "--rounds", "3", "--unflushed", "2000"});
  for (const char* question : {"q1", "q2.json", "q3.json", "q3.binary", "q4", "q5", "q6", "q7"})
    EXPECT_GT(found.at(std::string("query.") + question + ".p50"), 0) << question;
  EXPECT_EQ(found.at("ready.unflushed"), 2'000);
  EXPECT_GT(found.at("ready.after_kill"), 0);
  EXPECT_GT(found.at("ready.after_clean_stop"), 0);
}

TEST_F(BenchTest, CodecsGiveBackWhatTheyTook) {
  const auto found = bench({"codec", "--tags", "20", "--seconds", "300"});
  for (const char* column :
       {"slow_analog", "noisy_analog", "counter", "set_point", "bool", "times"}) {
    EXPECT_GT(found.at(std::string("codec.") + column + ".decode"), 0) << column;
    EXPECT_LT(found.at(std::string("codec.") + column + ".bytes_per_row"), 8) << column;
  }
}

}  // namespace
}  // namespace tundish::test
