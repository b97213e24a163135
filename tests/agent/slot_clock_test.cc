// SPDX-License-Identifier: Apache-2.0
// At stake: labels never go back and slots are never measured twice, whatever the wall clock does.
#include "agent/slot_clock.h"

#include <gtest/gtest.h>

namespace nines::agent::slot_clock_test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Three clocks that a test moves by hand.
struct Clocks {
  std::int64_t wall = 1'800'000'000 * kSecond, boot = 1000 * kSecond, awake = 1000 * kSecond;

  ClockReading read() const { return {WallTime{wall}, BootTime{boot}, Duration(awake)}; }

  void pass(Duration d) {
    wall += d.count();
    boot += d.count();
    awake += d.count();
  }

  void sleep(Duration d) {
    wall += d.count();
    boot += d.count();
  }
};

TEST(SlotClock, FollowsASlewedWallClock) {
  Clocks clocks;
  SlotClock slots(clocks.read(), WallTime{0});
  for (int i = 0; i < 100; ++i) {
    clocks.pass(seconds(10));
    clocks.wall += 5'000'000;  // 500 ppm
    const auto seen = slots.observe(clocks.read());
    ASSERT_EQ(seen.step, Duration(0));
  }
  EXPECT_EQ(slots.label(BootTime{clocks.boot}), WallTime{clocks.wall});
  EXPECT_EQ(slots.steps(), 0);
}

TEST(SlotClock, JumpsAlongWithAStepForward) {
  Clocks clocks;
  SlotClock slots(clocks.read(), WallTime{0});
  clocks.pass(seconds(5));
  clocks.wall += 60 * kSecond;
  EXPECT_EQ(slots.observe(clocks.read()).step, seconds(60));
  EXPECT_EQ(slots.label(BootTime{clocks.boot}), WallTime{clocks.wall});
}

TEST(SlotClock, KeepsLabelsGoingWhenTheWallClockIsSetBack) {
  Clocks clocks;
  SlotClock slots(clocks.read(), WallTime{0});
  const auto before = slots.label(BootTime{clocks.boot});
  clocks.pass(seconds(5));
  clocks.wall -= 3600 * kSecond;
  EXPECT_EQ(slots.observe(clocks.read()).step, -hours(1));
  EXPECT_EQ(slots.label(BootTime{clocks.boot}), before + seconds(5));
  EXPECT_EQ(slots.ahead(), hours(1));
}

TEST(SlotClock, UsesUpWhatItRunsAheadBeforeItJumpsForward) {
  Clocks clocks;
  SlotClock slots(clocks.read(), WallTime{0});
  clocks.wall -= 100 * kSecond;
  slots.observe(clocks.read());
  clocks.wall += 130 * kSecond;
  slots.observe(clocks.read());
  EXPECT_EQ(slots.ahead(), Duration(0));
  EXPECT_EQ(slots.label(BootTime{clocks.boot}), WallTime{clocks.wall});
}

TEST(SlotClock, TellsASuspendFromAStep) {
  Clocks clocks;
  SlotClock slots(clocks.read(), WallTime{0});
  clocks.sleep(minutes(10));
  const auto seen = slots.observe(clocks.read());
  EXPECT_EQ(seen.suspended, minutes(10));
  EXPECT_EQ(seen.step, Duration(0));
}

TEST(SlotClock, BeginsNoEarlierThanTheLatestRecord) {
  Clocks clocks;
  const WallTime latest{clocks.wall + 500 * kSecond};
  const SlotClock slots(clocks.read(), latest);
  EXPECT_EQ(slots.label(BootTime{clocks.boot}), latest);
}

TEST(SlotClock, MapsThereAndBack) {
  Clocks clocks;
  const SlotClock slots(clocks.read(), WallTime{0});
  const BootTime t{clocks.boot + 12'345};
  EXPECT_EQ(slots.boot_at(slots.label(t)), t);
}

}  // namespace
}  // namespace nines::agent::slot_clock_test
