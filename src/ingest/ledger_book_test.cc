#include "ingest/ledger_book.h"

#include <gtest/gtest.h>

namespace tundish::ingest {
namespace {

const EnterpriseId kSteel{1};

TEST(LedgerBook, ComesBackFromItsFile) {
  LedgerBook book(100, 1000);
  book.add(kSteel, "http/token-1", 5 * kHour + 7, {1, 10, 8, 2, 0});
  book.add(kSteel, "http/token-1", 5 * kHour + 9, {1, 5, 0, 0, 5});
  book.add(EnterpriseId(2), "高炉", -1, {3, 4, 5, 6, 7});
  LedgerBook other(100, 1000);
  ASSERT_TRUE(other.decode(book.encode()).has_value());
  EXPECT_EQ(other.encode(), book.encode());
  const auto rows = other.rows(kSteel, {});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].hour, 5 * kHour);
  EXPECT_EQ(rows[0].sent, 15u);
  EXPECT_EQ(rows[0].repeated, 5u);
  EXPECT_EQ(other.rows(EnterpriseId(2), {})[0].hour, -kHour);
}

TEST(LedgerBook, RefusesEveryFlippedBitAndEveryCut) {
  LedgerBook book(100, 1000);
  book.add(kSteel, "http/token-1", kHour, {1, 10, 8, 2, 0});
  const Bytes good = book.encode();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_FALSE(LedgerBook(100, 1000).decode(bad).has_value()) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(LedgerBook(100, 1000).decode(ByteSpan(good).first(size)).has_value()) << size;
}

TEST(LedgerBook, KeepsTheLatestHoursWhateverTheClockDoes) {
  LedgerBook book(3, 1000);
  for (TimeNs hour = 10; hour < 20; ++hour) book.add(kSteel, "a", hour * kHour, {.batches = 1});
  ASSERT_EQ(book.rows(kSteel, {}).size(), 3u);
  EXPECT_EQ(book.rows(kSteel, {})[0].hour, 17 * kHour);
  book.add(kSteel, "a", 100'000 * kHour, {.batches = 1});  // a jump of years costs one hour
  EXPECT_EQ(book.rows(kSteel, {})[0].hour, 18 * kHour);
  book.add(kSteel, "a", kTimeMin, {.batches = 1});
  book.add(kSteel, "a", kTimeMax, {.batches = 1});
  EXPECT_EQ(book.rows(kSteel, {}).size(), 3u);
}

TEST(LedgerBook, BoundsItsRows) {
  LedgerBook book(100, 50);
  for (int hour = 0; hour < 10; ++hour)
    for (int source = 0; source < 20; ++source)
      book.add(kSteel, std::to_string(source), hour * kHour, {.batches = 1});
  EXPECT_LE(book.rows(kSteel, {}).size(), 50u);
  EXPECT_EQ(book.rows(kSteel, {}).back().hour, 9 * kHour);
}

}  // namespace
}  // namespace tundish::ingest
