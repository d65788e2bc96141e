#include "compute/dirty.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace tundish::compute {
namespace {

std::string shown(const DirtyRanges& dirty) {
  std::string text;
  for (const TimeRange& range : dirty.ranges()) text += fmt::format("{}-{} ", range.from, range.to);
  return text;
}

TEST(DirtyRanges, WhatTouchesBecomesOne) {
  DirtyRanges dirty;
  dirty.add({10, 20});
  dirty.add({30, 40});
  dirty.add({5, 5});
  EXPECT_EQ(shown(dirty), "10-20 30-40 ");
  dirty.add({20, 25});
  EXPECT_EQ(shown(dirty), "10-25 30-40 ");
  dirty.add({24, 31});
  EXPECT_EQ(shown(dirty), "10-40 ");
  dirty.add({0, 100});
  EXPECT_EQ(shown(dirty), "0-100 ");
}

RC_GTEST_PROP(DirtyRangesProperties, CoverAllThatWasAddedInOrder, ()) {
  DirtyRanges dirty;
  std::set<TimeNs> wanted;
  const int count = *rc::gen::inRange(0, 60);
  for (int i = 0; i < count; ++i) {
    const TimeNs from = *rc::gen::inRange(0, 1000), to = from + *rc::gen::inRange(0, 9);
    dirty.add({from, to});
    for (TimeNs time = from; time < to; ++time) wanted.insert(time);
  }
  RC_ASSERT(dirty.ranges().size() <= DirtyRanges::kRangesMax);
  TimeNs before = -1;
  for (const TimeRange& range : dirty.ranges()) {
    RC_ASSERT(range.from > before && range.from < range.to);
    before = range.to;
  }
  for (const TimeNs time : wanted) {
    const bool covered = std::ranges::any_of(dirty.ranges(), [&](const TimeRange& range) {
      return range.from <= time && time < range.to;
    });
    RC_ASSERT(covered);
  }
}

}  // namespace
}  // namespace tundish::compute
