// SPDX-License-Identifier: Apache-2.0
// At stake: every slot is handed out exactly once, run or missed. Method: examples at the edges,
// then random wake-ups against a plain count.
#include "agent/schedule.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace nines::agent::schedule_test {
namespace {

const SlotGrid kGrid{seconds(10), seconds(3)};

TEST(Schedule, HandsOutNothingBeforeTheSlot) {
  Schedule schedule(kGrid, 100);
  const auto due = schedule.take(kGrid.at(100) - Duration(1));
  EXPECT_FALSE(due.run);
  EXPECT_EQ(due.missed, 0);
  EXPECT_EQ(schedule.next(), 100);
}

TEST(Schedule, RunsTheSlotAtItsInstant) {
  Schedule schedule(kGrid, 100);
  const auto due = schedule.take(kGrid.at(100));
  EXPECT_EQ(due.run, 100);
  EXPECT_EQ(due.late, Duration(0));
  EXPECT_EQ(due.missed, 0);
  EXPECT_EQ(schedule.next(), 101);
}

TEST(Schedule, RunsASlotThatIsAQuarterIntervalLateAndNotLater) {
  Schedule on_the_edge(kGrid, 100);
  EXPECT_EQ(on_the_edge.take(kGrid.at(100) + milliseconds(2500)).run, 100);
  Schedule beyond(kGrid, 100);
  const auto due = beyond.take(kGrid.at(100) + milliseconds(2500) + Duration(1));
  EXPECT_FALSE(due.run);
  EXPECT_EQ(due.missed_first, 100);
  EXPECT_EQ(due.missed, 1);
}

TEST(Schedule, MissesWhatPassedAndRunsOnlyTheLast) {
  Schedule schedule(kGrid, 100);
  const auto due = schedule.take(kGrid.at(107) + seconds(1));
  EXPECT_EQ(due.missed_first, 100);
  EXPECT_EQ(due.missed, 7);
  EXPECT_EQ(due.run, 107);
  EXPECT_EQ(due.late, seconds(1));
}

TEST(Schedule, NeverGoesBackWhenTheClockDoes) {
  Schedule schedule(kGrid, 100);
  schedule.take(kGrid.at(100));
  const auto due = schedule.take(kGrid.at(90));
  EXPECT_FALSE(due.run);
  EXPECT_EQ(due.missed, 0);
  EXPECT_EQ(schedule.next(), 101);
}

TEST(Schedule, HandsOutEachSlotOnceWhateverTheWakeUps) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    const SlotGrid grid{milliseconds(100 + static_cast<std::int64_t>(random.below(5000))),
                        milliseconds(static_cast<std::int64_t>(random.below(100)))};
    const std::int64_t first = static_cast<std::int64_t>(random.below(1000));
    Schedule schedule(grid, first);
    std::int64_t expected = first;
    WallTime now = grid.at(first) - seconds(1);
    for (int wake = 0; wake < 200; ++wake) {
      now += random.between(Duration(0), 3 * grid.every);
      const auto due = schedule.take(now);
      if (due.missed > 0) {
        ASSERT_EQ(due.missed_first, expected);
        expected += due.missed;
      }
      if (due.run) {
        ASSERT_EQ(*due.run, expected);
        ASSERT_LE(due.late, grid.every / 4);
        ASSERT_GE(due.late, Duration(0));
        ++expected;
      }
      ASSERT_EQ(schedule.next(), expected);
      ASSERT_GT(schedule.next_at(), now);
    }
  }
}

TEST(SlotGrid, FindsSlotsBeforeNineteenSeventyToo) {
  EXPECT_EQ(kGrid.slot_at(WallTime{0}), -1);
  EXPECT_EQ(kGrid.slot_at(WallTime{3'000'000'000}), 0);
  EXPECT_EQ(kGrid.slot_at(WallTime{-7'000'000'000}), -1);
  EXPECT_EQ(kGrid.slot_at(WallTime{-7'000'000'001}), -2);
}

TEST(Phase, DependsOnAgentAndCheckAndStaysWithinTheInterval) {
  const auto a = phase_of("edge-1", "shop", seconds(30));
  EXPECT_EQ(a, phase_of("edge-1", "shop", seconds(30)));
  EXPECT_NE(a, phase_of("edge-2", "shop", seconds(30)));
  EXPECT_NE(a, phase_of("edge-1", "shop2", seconds(30)));
  for (int i = 0; i < 1000; ++i) {
    const auto phase = phase_of("edge", "check-" + std::to_string(i), milliseconds(100));
    ASSERT_GE(phase, Duration(0));
    ASSERT_LT(phase, milliseconds(100));
  }
}

TEST(Phase, SpreadsChecksOverTheInterval) {
  int in_first_half = 0;
  for (int i = 0; i < 1000; ++i) {
    in_first_half += phase_of("edge", "c" + std::to_string(i), seconds(30)) < seconds(15) ? 1 : 0;
  }
  EXPECT_GT(in_first_half, 420);
  EXPECT_LT(in_first_half, 580);
}

}  // namespace
}  // namespace nines::agent::schedule_test
