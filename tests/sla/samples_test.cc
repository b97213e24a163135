// SPDX-License-Identifier: Apache-2.0
#include "sla/input/samples.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "support.h"

namespace nines::sla::samples_test {
namespace {

// Seconds in, seconds out: every 30 s, believed for 75 s.
Timelines lines(std::vector<std::pair<std::int64_t, Outcome>> list) {
  std::vector<Sample> samples;
  for (const auto& [second, outcome] : list) {
    samples.push_back({second * 1'000'000'000, outcome, {}, std::nullopt});
  }
  return timelines_of(samples, seconds(75), seconds(30));
}

std::vector<Interval> in_seconds(const Timeline& timeline, Outcome state) {
  const IntervalSet set = timeline.where(state);
  std::vector<Interval> out;
  for (const Interval& i : set.intervals()) {
    out.push_back({i.from / 1'000'000'000, i.to / 1'000'000'000});
  }
  return out;
}

using List = std::vector<Interval>;

TEST(Belief, HoldsUntilTheNextSampleAtMostForItsLength) {
  const Timelines t = lines({{0, kUp}, {30, kUp}, {200, kUp}, {230, kDown}});
  EXPECT_EQ(in_seconds(t.nominal, kUp), (List{{0, 105}, {200, 230}}));
  EXPECT_EQ(in_seconds(t.nominal, kDown), (List{{230, 305}}));
  EXPECT_EQ(t.nominal.at(-1), kUnknown);
  EXPECT_EQ(t.nominal.at(150 * 1'000'000'000LL), kUnknown);
}

TEST(Belief, EndsAtAnUnknownSample) {
  const Timelines t = lines({{0, kUp}, {30, kUnknown}, {60, kUp}});
  EXPECT_EQ(in_seconds(t.nominal, kUp), (List{{0, 30}, {60, 135}}));
}

TEST(Belief, OfAnIntervalIsKeptBeside) {
  const Timelines t = lines({{0, kUp}, {30, kUp}, {200, kUp}});
  EXPECT_EQ(in_seconds(t.fresh, kUp), (List{{0, 63}, {200, 233}})) << "and a tenth";
}

TEST(Belief, IsNotOldWhereStartsJitterWithinTheirSlots) {
  const Timelines t = lines({{0, kUp}, {32, kUp}, {60, kUp}, {93, kUp}, {127, kUp}});
  EXPECT_EQ(in_seconds(t.fresh, kUp), (List{{0, 126}, {127, 160}}));
}

TEST(OutageBounds, AreFirstToLastFailureAndSuccessToSuccess) {
  const Timelines t =
      lines({{0, kUp}, {30, kDown}, {60, kDown}, {90, kDown}, {120, kUp}, {150, kUp}});
  EXPECT_EQ(in_seconds(t.nominal, kDown), (List{{30, 120}}));
  EXPECT_EQ(in_seconds(t.least, kDown), (List{{30, 90}}));
  EXPECT_EQ(in_seconds(t.most, kDown), (List{{0, 120}}));
  EXPECT_EQ(in_seconds(t.most, kUp), (List{{120, 225}}));
}

TEST(OutageBounds, OfOneFailureStartAtNothing) {
  const Timelines t = lines({{0, kUp}, {30, kDown}, {60, kUp}});
  EXPECT_EQ(in_seconds(t.least, kDown), (List{}));
  EXPECT_EQ(in_seconds(t.most, kDown), (List{{0, 60}}));
}

TEST(OutageBounds, ReachOverUnmeasuredTimeToTheNextSuccess) {
  const Timelines t = lines({{0, kUp}, {30, kDown}, {60, kUnknown}, {90, kUp}, {400, kDown}});
  EXPECT_EQ(in_seconds(t.nominal, kDown), (List{{30, 60}, {400, 475}}));
  EXPECT_EQ(in_seconds(t.most, kDown), (List{{0, 475}}));
}

TEST(OutageBounds, WithoutSuccessBeforeOrAfterAreTheFailuresThemselves) {
  const Timelines t = lines({{30, kDown}, {60, kDown}});
  EXPECT_EQ(in_seconds(t.nominal, kDown), (List{{30, 135}}));
  EXPECT_EQ(in_seconds(t.least, kDown), (List{{30, 60}}));
  EXPECT_EQ(in_seconds(t.most, kDown), (List{{30, 135}}));
}

TEST(OutageBounds, EndWhereAnUnknownSampleEndsBelief) {
  const Timelines t = lines({{0, kUp}, {30, kDown}, {60, kUnknown}});
  EXPECT_EQ(in_seconds(t.most, kDown), (List{{0, 60}}));
}

TEST(Samples, OfOneInstantTheBetterOneHoldsWhateverTheOrder) {
  const Timelines a = lines({{0, kUp}, {30, kDown}, {30, kUp}, {60, kUp}});
  const Timelines b = lines({{60, kUp}, {30, kUp}, {0, kUp}, {30, kDown}});
  EXPECT_EQ(a.nominal, b.nominal);
  EXPECT_TRUE(a.nominal.where(kDown).empty());
  EXPECT_TRUE(a.most.where(kDown).empty());
}

TEST(Samples, NeedNotBeUnpackedWhereTheyAreInOrder) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    std::vector<Sample> samples;
    std::int64_t t = 0;
    bool ordered = true;
    for (auto left = random.below(60); left > 0; --left) {
      const auto step = static_cast<std::int64_t>(random.below(120));
      ordered = ordered && (step > 0 || samples.empty());
      t += step * kSecondNs;
      samples.push_back({t, static_cast<Outcome>(random.below(3)), {}, {}});
    }
    const Confirmation rule{1 + static_cast<int>(random.below(3)), 1};
    const auto packed = timelines_in_order(PackedSamples(samples), seconds(75), seconds(30), rule);
    ASSERT_EQ(packed.has_value(), ordered) << "seed " << seed;
    if (!packed) continue;
    const Timelines plain = timelines_of(samples, seconds(75), seconds(30), rule);
    for (const auto part : kTimelineParts) ASSERT_EQ((*packed).*part, plain.*part) << seed;
    ASSERT_EQ(packed->causes, plain.causes);
    ASSERT_EQ(packed->blips, plain.blips);
  }
}

TEST(ClockOffset, IsCorrectedOnlyPastASecondAndItsOwnUncertainty) {
  const WallTime t{1'000'000'000'000};
  EXPECT_EQ(corrected_start(t, 1'000'000, 0), t);
  EXPECT_EQ(corrected_start(t, 1'000'001, 0), t - microseconds(1'000'001));
  EXPECT_EQ(corrected_start(t, -1'000'001, 0), t + microseconds(1'000'001));
  EXPECT_EQ(corrected_start(t, 3'000'000, 3'000'000), t);
  EXPECT_EQ(corrected_start(t, 3'000'001, 3'000'000), t - microseconds(3'000'001));
  EXPECT_EQ(corrected_start(t, INT64_MAX, 0), t);
}

}  // namespace
}  // namespace nines::sla::samples_test
