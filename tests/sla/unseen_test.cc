// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/unseen.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "sla/judge/wilson.h"
#include "support.h"

namespace nines::sla::unseen_test {
namespace {

Rational poisson95(std::int64_t hits) { return *most_hits95({1'000'000, hits}); }

// P(X ≤ hits) of a Poisson number of this mean: the first terms of e^mean over all of them.
bool at_most_five_percent(const Rational& mean, std::int64_t hits) {
  const Integer scale = Integer::power_of_ten(40);
  Integer term = scale;
  Integer first = scale;
  Integer all = scale;
  for (std::int64_t i = 1; !term.is_zero(); ++i) {
    term = (Rational(term) * mean / Rational(i)).floor();
    all = all + term;
    if (i <= hits) first = first + term;
  }
  return first * Integer(20) <= all;
}

TEST(Unseen, TableIsOfPoissonNumbersRoundedUp) {
  const Rational step(Integer(1), Integer(10'000));
  for (std::int64_t hits = 1; hits <= 40; ++hits) {
    EXPECT_TRUE(at_most_five_percent(poisson95(hits), hits)) << hits;
    EXPECT_FALSE(at_most_five_percent(poisson95(hits) - step - step, hits)) << hits;
  }
}

TEST(Unseen, BeyondTheTableIsFurtherButStillABound) {
  EXPECT_TRUE(at_most_five_percent(poisson95(41), 41));
  EXPECT_TRUE(at_most_five_percent(poisson95(100), 100));
  EXPECT_LT(poisson95(100), Rational(128));
  EXPECT_GT(poisson95(41), poisson95(40));
}

TEST(Unseen, WithoutAHitIsTheShareThatSuccessesLeave) {
  // n · (1 − 0.05^(1/n)), which grows to ln 20 = 2.9957…
  EXPECT_EQ(floor_text(*most_hits95({1, 0}), 6), "0.950000");
  EXPECT_EQ(floor_text(*most_hits95({100, 0}), 6), "2.951304");
  EXPECT_EQ(floor_text(*most_hits95({86'400, 0}), 6), "2.995680");
  EXPECT_FALSE(most_hits95({0, 0}));
}

TEST(Unseen, CountsFailuresThatStandAlone) {
  const auto count = [](const std::string& results) {
    PackedSamples samples;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Outcome outcome = results[i] == 'u'   ? Outcome::up
                              : results[i] == 'd' ? Outcome::down
                                                  : Outcome::unknown;
      samples.push_back({static_cast<std::int64_t>(i), outcome, {}, std::nullopt});
    }
    return short_hits(samples, IntervalSet::of(0, 1000));
  };
  EXPECT_EQ(count("uduuduu").hits, 2);
  EXPECT_EQ(count("uduuduu").successes, 5);
  EXPECT_EQ(count("uddu").hits, 0);
  EXPECT_EQ(count("ud?u").hits, 1);
  EXPECT_EQ(count("dudddud").hits, 2);
  EXPECT_EQ(count("").hits, 0);
}

TEST(Unseen, IsPrintedForAMonthWithoutFailure) {
  Series all = series();
  const std::int64_t from = at("2026-03-02T00:00:00Z");
  add(all, from, from + 86'400 * kSecondNs, 30, Outcome::up);
  const ObjectiveReport o = judged(Words{}, {all}, "2026-03-02").objectives.at(0);
  // 2880 successes, 30 s apart: 30 · 2.9941…
  ASSERT_TRUE(o.unseen_down_95_ns);
  EXPECT_EQ(ceil_text(*o.unseen_down_95_ns, 0).substr(0, 6), "898252");
}

// Outages of 1 to `most` units of a period of 30 units, each hit or not by its phase: the bound is
// above their sum in 95 % of all worlds, whatever their lengths and their number.
TEST(Unseen, BoundHoldsAsOftenAsItClaims) {
  constexpr std::int64_t kEvery = 30;
  constexpr int kWorlds = 2000;
  Random random(17);
  for (const std::int64_t most : {1, 5, 15, 29}) {
    for (const int outages : {1, 4, 10, 60}) {
      int held = 0;
      for (int world = 0; world < kWorlds; ++world) {
        std::int64_t truth = 0;
        ShortHits seen{86'400, 0};
        for (int i = 0; i < outages; ++i) {
          const auto length = 1 + static_cast<std::int64_t>(random.below(most));
          truth += length;
          if (random.below(kEvery) < static_cast<std::uint64_t>(length)) ++seen.hits;
        }
        if (*most_hits95(seen) * Rational(kEvery) >= Rational(truth)) ++held;
      }
      // 95 % less three standard deviations of such a count.
      EXPECT_GE(held, kWorlds * 95 / 100 - 30) << most << " " << outages;
    }
  }
}

}  // namespace
}  // namespace nines::sla::unseen_test
