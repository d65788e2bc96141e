#include "historian/historian.h"

#include <gtest/gtest.h>

#include "historian/historian_testing.h"
#include "io/simulated_disk.h"

namespace tundish::historian {
namespace {

using testing::batch;
using testing::Folder;
using testing::rows_of;

TEST(Historian, WhatWasAcknowledgedCanBeReadAndSurvivesAReopen) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{10, 1.0}, {20, 2.0}})));
  EXPECT_EQ(node.scan(tag), rows_of({{10, 1.0}, {20, 2.0}}));

  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), rows_of({{10, 1.0}, {20, 2.0}}));
  ASSERT_TRUE(node->flush());
  EXPECT_EQ(node.scan(tag), rows_of({{10, 1.0}, {20, 2.0}}));
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), rows_of({{10, 1.0}, {20, 2.0}}));
  EXPECT_TRUE(node->status().damage.empty());
}

}  // namespace
}  // namespace tundish::historian
