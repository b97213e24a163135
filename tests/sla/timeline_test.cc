// SPDX-License-Identifier: Apache-2.0
#include "sla/time/timeline.h"

#include <gtest/gtest.h>

#include <random>

namespace nines::sla::timeline_test {
namespace {

IntervalSet set(std::vector<Interval> intervals) { return IntervalSet(std::move(intervals)); }

TEST(IntervalSet, MergesWhatTouchesAndDropsWhatIsEmpty) {
  const IntervalSet s = set({{5, 7}, {1, 3}, {3, 4}, {9, 9}, {6, 8}, {12, 11}});
  EXPECT_EQ(s.intervals(), (std::vector<Interval>{{1, 4}, {5, 8}}));
  EXPECT_EQ(s.length(), 6);
}

TEST(IntervalSet, IsHalfOpen) {
  const IntervalSet s = set({{1, 3}, {5, 6}});
  EXPECT_FALSE(s.contains(0));
  EXPECT_TRUE(s.contains(1));
  EXPECT_TRUE(s.contains(2));
  EXPECT_FALSE(s.contains(3));
  EXPECT_TRUE(s.contains(5));
  EXPECT_FALSE(s.contains(6));
}

TEST(IntervalSet, AlgebraAgreesWithInstantByInstant) {
  std::mt19937 random(3);
  const auto draw = [&] {
    std::vector<Interval> out;
    for (int i = 0; i < 4; ++i) {
      const auto from = static_cast<std::int64_t>(random() % 30);
      out.push_back({from, from + static_cast<std::int64_t>(random() % 8)});
    }
    return set(out);
  };
  for (int round = 0; round < 500; ++round) {
    const IntervalSet a = draw();
    const IntervalSet b = draw();
    const IntervalSet both = intersect(a, b);
    const IntervalSet either = unite(a, b);
    const IntervalSet only = subtract(a, b);
    for (std::int64_t t = -1; t < 40; ++t) {
      ASSERT_EQ(both.contains(t), a.contains(t) && b.contains(t));
      ASSERT_EQ(either.contains(t), a.contains(t) || b.contains(t));
      ASSERT_EQ(only.contains(t), a.contains(t) && !b.contains(t));
    }
  }
}

TEST(Timeline, IsUnknownBeforeItsFirstChangeAndMergesEqualStates) {
  Timeline t;
  t.append(10, Outcome::up);
  t.append(20, Outcome::up);
  t.append(30, Outcome::down);
  t.append(30, Outcome::up);  // replaces, and then says nothing new
  t.append(40, Outcome::unknown);
  EXPECT_EQ(t.changes(), (std::vector<Change>{{10, Outcome::up}, {40, Outcome::unknown}}));
  EXPECT_EQ(t.at(9), Outcome::unknown);
  EXPECT_EQ(t.at(10), Outcome::up);
  EXPECT_EQ(t.at(39), Outcome::up);
  EXPECT_EQ(t.at(40), Outcome::unknown);
  EXPECT_EQ(t.where(Outcome::up), set({{10, 40}}));
  EXPECT_TRUE(t.where(Outcome::down).empty());
}

}  // namespace
}  // namespace nines::sla::timeline_test
