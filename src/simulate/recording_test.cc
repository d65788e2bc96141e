#include "simulate/recording.h"
#include "simulate/simulate_testing.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace tundish::simulate {
namespace {

std::string file(const std::string& name, const std::string& content) {
  const std::string path = own_folder() + "recording_test_" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

TEST(Recording, ReadsCommasWithHeader) {
  const auto table = read_recording(file("a.csv",
                                         "date,kWh,CO2(t)\r\n01/01/2018 0:15,3.17,0\r\n"
                                         "01/01/2018 0:30, +4,1e-2\r\n\r\n"),
                                    false);
  ASSERT_TRUE(table) << table.error().to_string();
  EXPECT_EQ(table->columns, (std::vector<std::string>{"date", "kWh", "CO2(t)"}));
  ASSERT_EQ(table->rows(), 2u);
  EXPECT_TRUE(std::isnan(table->at(0, 0)));
  EXPECT_EQ(table->at(0, 1), 3.17);
  EXPECT_EQ(table->at(1, 1), 4.0);
  EXPECT_EQ(table->at(1, 2), 0.01);
}

TEST(Recording, ReadsWhiteSpaceWithoutHeader) {
  const auto table = read_recording(file("b.dat", "  1.0e+00\t2\n 3 4"), false);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(table->at(1, 1), 4.0);
}

TEST(Recording, Transposes) {
  const auto table = read_recording(file("c.dat", "1 2 3\n4 5 6\n"), true);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns.size(), 2u);
  EXPECT_EQ(table->rows(), 3u);
  EXPECT_EQ(table->at(2, 0), 3.0);
  EXPECT_EQ(table->at(0, 1), 4.0);
}

TEST(Recording, ReadsGzipAndTellsDamage) {
  const std::string path = own_folder() + "recording_test_d.csv.gz";
  std::string text = "x,y\n";
  for (int i = 0; i < 5000; ++i)
    text += std::to_string(i * 7919 % 10007) + "," + std::to_string(i) + "\n";
  gzFile out = gzopen(path.c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  const auto table = read_recording(path, false);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows(), 5000u);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const auto damaged = read_recording(path, false);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kCorruption);
}

TEST(Recording, RefusesWhatIsNoTable) {
  const auto uneven = read_recording(file("e.csv", "a,b\n1,2\n3\n"), false);
  ASSERT_FALSE(uneven);
  EXPECT_NE(uneven.error().message.find("line 3"), std::string::npos);
  for (const std::string text : {"", "\n\n", "a,b\n"}) {
    const auto empty = read_recording(file("f.csv", text), false);
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(read_recording(own_folder() + "no such file", false).error().code,
            ErrorCode::kNotFound);
}

TEST(Recording, IsBounded) {
  // 100 MiB of zeros are 100 KiB on disk.
  const std::string path = own_folder() + "recording_test_g.gz";
  gzFile out = gzopen(path.c_str(), "wb1");
  const std::string zeros(1 << 20, '0');
  for (int i = 0; i < 65; ++i) gzwrite(out, zeros.data(), static_cast<unsigned>(zeros.size()));
  gzclose(out);
  EXPECT_EQ(read_recording(path, false).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace tundish::simulate
