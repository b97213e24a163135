// SPDX-License-Identifier: Apache-2.0
#include "sla/number/sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "sla/input/samples.h"

namespace nines::sla::sketch_test {
namespace {

TEST(Sketch, BoundsAreTheWholePartsOfExactPowers) {
  Integer up(1);
  Integer down(1);
  for (int i = 0; i < Sketch::kBins; ++i) {
    const Integer bound(Sketch::upper_bound(i + 1));
    EXPECT_LE(bound * down, up) << i;
    EXPECT_GT((bound + Integer(1)) * down, up) << i;
    up = up * Integer(101);
    down = down * Integer(99);
  }
  EXPECT_GE(Sketch::upper_bound(Sketch::kBins), kMaxTotalUs);
}

TEST(Sketch, PutsEachValueBetweenTheBoundsOfItsBin) {
  for (std::int64_t us : {1, 2, 3, 49, 50, 51, 99, 100, 101, 12'345, 2'000'000}) {
    const int bin = Sketch::bin_of(us);
    EXPECT_LE(us, Sketch::upper_bound(bin));
    EXPECT_GT(us, bin == 1 ? 0 : Sketch::upper_bound(bin - 1));
  }
  EXPECT_EQ(Sketch::bin_of(0), 0);
  EXPECT_EQ(Sketch::bin_of(1), 1);
}

TEST(Sketch, IsOffByAtMostOnePercent) {
  Random random(7);
  Sketch sketch;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    const auto magnitude = random.below(37);
    values.push_back(static_cast<std::int64_t>(random.below(std::uint64_t{1} << magnitude)));
    sketch.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (int percent = 1; percent <= 100; ++percent) {
    const std::int64_t truth = values[values.size() * static_cast<std::size_t>(percent) / 100 - 1];
    const std::int64_t guess = sketch.quantile(Rational(Integer(percent), Integer(100)));
    EXPECT_LE(std::abs(guess - truth) * 100, truth + 50) << percent;  // and half a µs of rounding
  }
}

TEST(Sketch, MergedInAnyOrderIsTheSame) {
  Random random(8);
  std::vector<Sketch> parts(5);
  Sketch whole;
  for (int i = 0; i < 5000; ++i) {
    const auto us = static_cast<std::int64_t>(random.below(10'000'000));
    parts[static_cast<std::size_t>(i) % 5].add(us);
    whole.add(us);
  }
  Sketch forth, back;
  for (std::size_t i = 0; i < 5; ++i) {
    forth.merge(parts[i]);
    back.merge(parts[4 - i]);
  }
  EXPECT_EQ(forth, whole);
  EXPECT_EQ(back, whole);
}

TEST(Sketch, KnowsFewMicrosecondsExactly) {
  Sketch sketch;
  for (std::int64_t us = 0; us < 40; ++us) sketch.add(us);
  for (std::int64_t rank = 1; rank <= 40; ++rank) {
    EXPECT_EQ(sketch.quantile(Rational(Integer(rank), Integer(40))), rank - 1);
  }
}

}  // namespace
}  // namespace nines::sla::sketch_test
