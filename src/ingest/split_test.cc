#include "ingest/split.h"

#include <gtest/gtest.h>

namespace tundish::ingest {
namespace {

SampleBatch batch_of(std::size_t rows) {
  SampleBatch batch;
  batch.enterprise = EnterpriseId(3);
  batch.sample_class = SampleClass::kCorrected;
  for (std::size_t i = 0; i < rows; ++i) {
    batch.tags.push_back(static_cast<std::uint32_t>(i % 7));
    if (i % 3 == 0)
      batch.rows.push_back(static_cast<TimeNs>(i), std::string(i % 100, 'x'), kBad);
    else
      batch.rows.push_back(static_cast<TimeNs>(i), static_cast<double>(i), kGood);
  }
  return batch;
}

TEST(Split, PiecesJoinToTheWhole) {
  const SampleBatch whole = batch_of(5000);
  const auto ends = piece_ends(whole, 4096);
  EXPECT_GT(ends.size(), 5u);
  std::size_t from = 0;
  for (const std::size_t to : ends) {
    ASSERT_GT(to, from);
    const SampleBatch piece = piece_of(whole, from, to);
    EXPECT_LE(encoded_bytes_max(piece), 4096u);
    EXPECT_EQ(piece.enterprise, whole.enterprise);
    EXPECT_EQ(piece.sample_class, whole.sample_class);
    for (std::size_t row = 0; row < piece.size(); ++row) {
      ASSERT_EQ(piece.tags[row], whole.tags[from + row]);
      ASSERT_TRUE(same_bits(piece.rows.at(row), whole.rows.at(from + row)));
    }
    from = to;
  }
  EXPECT_EQ(from, whole.size());
}

TEST(Split, WhatFitsStaysWhole) {
  EXPECT_EQ(piece_ends(batch_of(100), 1 << 20), std::vector<std::size_t>{100});
  EXPECT_EQ(piece_ends(batch_of(0), 1 << 20), std::vector<std::size_t>{0});
}

TEST(Split, ARowThatAloneIsTooLargeIsAPieceOfItsOwn) {
  EXPECT_EQ(piece_ends(batch_of(3), 1), (std::vector<std::size_t>{1, 2, 3}));
}

}  // namespace
}  // namespace tundish::ingest
