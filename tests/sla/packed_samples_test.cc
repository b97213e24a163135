// SPDX-License-Identifier: Apache-2.0
// At stake: a result that is held packed is the result that came.
#include "sla/input/packed_samples.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "support.h"

namespace nines::sla::packed_samples_test {
namespace {

// Instants of a grid with jitter, of no order at all, and of the ends of time.
std::int64_t instant(Random& random, std::int64_t before) {
  switch (random.below(8)) {
    case 0:
      return static_cast<std::int64_t>(random.next());
    case 1:
      return random.below(2) == 0 ? INT64_MIN : INT64_MAX;
    case 2:
      return before;
    default:
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(before) + 30'000'000'000 +
                                       random.below(2'000'000));
  }
}

Sample sample(Random& random, std::int64_t before) {
  Sample out;
  out.at_ns = instant(random, before);
  out.outcome = static_cast<Outcome>(random.below(3));
  if (random.below(3) == 0) out.cause = static_cast<Cause>(random.below(256));
  if (random.below(3) > 0) {
    out.total_us = static_cast<std::int64_t>(random.next() >> random.below(64));
  }
  if (random.below(4) == 0) out.received_ns = instant(random, out.at_ns);
  return out;
}

TEST(PackedSamples, GiveBackWhatTheyTookInItsOrder) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    std::vector<Sample> plain;
    PackedSamples packed;
    const auto count = random.below(2000);
    for (std::uint64_t i = 0; i < count; ++i) {
      plain.push_back(sample(random, plain.empty() ? 0 : plain.back().at_ns));
      packed.push_back(plain.back());
      ASSERT_EQ(packed.size(), plain.size());
    }
    ASSERT_EQ(unpacked(packed), plain) << "seed " << seed;
    ASSERT_EQ(packed, PackedSamples(plain));
  }
}

TEST(PackedSamples, ThatWereCopiedGrowApart) {
  PackedSamples one{{1, Outcome::up, {}, {}}};
  PackedSamples other = one;
  EXPECT_EQ(one, other);
  one.push_back({2, Outcome::up, {}, {}});
  other.push_back({2, Outcome::down, {}, 7});
  EXPECT_NE(one, other);
  EXPECT_EQ(unpacked(one),
            (std::vector<Sample>{{1, Outcome::up, {}, {}}, {2, Outcome::up, {}, {}}}));
  EXPECT_EQ(unpacked(other),
            (std::vector<Sample>{{1, Outcome::up, {}, {}}, {2, Outcome::down, {}, 7}}));
  EXPECT_NE(PackedSamples(), one);
  EXPECT_EQ(PackedSamples(), PackedSamples({}));
}

TEST(PackedSamples, KnowHowFarTheyReach) {
  PackedSamples packed;
  EXPECT_GT(packed.reach().from_ns, packed.reach().to_ns);
  packed.push_back({50, Outcome::up, {}, {}});
  packed.push_back({20, Outcome::up, {}, {}, 70});
  packed.push_back({30, Outcome::up, {}, {}, 60});
  EXPECT_EQ(packed.reach(), (PackedSamples::Reach{20, 50, 70}));
  EXPECT_EQ(without(packed, [](const Sample& each) { return each.at_ns == 20; }).reach(),
            (PackedSamples::Reach{30, 50, 60}));
}

TEST(PackedSamples, FindTheFirstFromAnInstantOn) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    std::vector<Sample> plain;
    const auto count = random.below(1500);
    std::int64_t at = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      at += static_cast<std::int64_t>(random.below(3));  // several at one instant, too
      plain.push_back({at, Outcome::up, {}, {}});
    }
    const PackedSamples packed(plain);
    for (std::int64_t t = -2; t <= at + 2; t += 1 + static_cast<std::int64_t>(random.below(20))) {
      const auto found = packed.from(t);
      const auto expected = std::find_if(plain.begin(), plain.end(),
                                         [&](const Sample& each) { return each.at_ns >= t; });
      ASSERT_EQ(found.index(), static_cast<std::size_t>(expected - plain.begin())) << seed;
      ASSERT_EQ(found == packed.end(), expected == plain.end());
      if (expected == plain.end()) continue;
      ASSERT_EQ(*found, *expected);
    }
  }
}

TEST(PackedSamples, VisitWhatLiesInASetOfTimes) {
  PackedSamples packed;
  for (std::int64_t t = 0; t < 1000; ++t) packed.push_back({t, Outcome::up, {}, {}});
  std::vector<std::int64_t> seen;
  visit_within(packed, IntervalSet({{-5, 1}, {255, 258}, {999, 2000}}),
               [&](const Sample& each) { seen.push_back(each.at_ns); });
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 255, 256, 257, 999}));
}

TEST(PackedSamples, OfARealCheckTakeASixthOfTheirRoom) {
  Random random(1);
  PackedSamples packed;
  for (std::int64_t slot = 0; slot < 100'000; ++slot) {
    const auto late_us = static_cast<std::int64_t>(random.below(3000));
    const auto total_us = static_cast<std::int64_t>(20'000 + random.below(100'000));
    packed.push_back({(slot * 30'000'000 + late_us) * 1000 + 417, Outcome::up, {}, total_us});
  }
  EXPECT_LE(packed.bytes() * 6, packed.size() * sizeof(Sample));
}

}  // namespace
}  // namespace nines::sla::packed_samples_test
