// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/forecast.h"

#include <gtest/gtest.h>

#include "sla/time/lengths.h"
#include "support.h"

namespace nines::sla::forecast_test {
namespace {

constexpr std::int64_t kDayNs = 86'400 * kSecondNs;

// Up every 5 minutes from `from` to `to`, down for the first `down` seconds of each day.
Series every_day(const std::string& from, const std::string& to, std::int64_t down) {
  Series out = series();
  for (std::int64_t t = at(from); t < at(to); t += 300 * kSecondNs) {
    const bool fails = t % kDayNs < down * kSecondNs;
    out.samples.push_back({t, fails ? Outcome::down : Outcome::up, {}, std::nullopt});
  }
  return out;
}

Words words(const std::string& target) {
  Words out;
  out.effective = "{from: \"2025-01-01T00:00:00\", timeZone: UTC}";
  out.checks = "      - {name: web, every: 5m, http: {url: \"https://shop.example/\"}}\n";
  out.objectives = "    - {name: a, target: \"" + target + "\"}\n";
  return out;
}

Forecast forecast(const Words& agreed, const Series& all, const std::string& now) {
  const Report report =
      judged({agreement(agreed)}, {all}, Question{std::nullopt, WallTime{at(now)}});
  EXPECT_TRUE(report.objectives.at(0).forecast);
  return report.objectives.at(0).forecast.value_or(Forecast{});
}

TEST(Lengths, AreThoseOfTheSetBetween) {
  const IntervalSet set({{10, 20}, {30, 40}});
  const Lengths lengths(set);
  for (std::int64_t from = 0; from < 50; ++from) {
    for (std::int64_t to = 0; to < 50; ++to) {
      EXPECT_EQ(lengths.between(from, to), intersect(set, IntervalSet::of(from, to)).length());
    }
  }
}

TEST(Forecast, OfAServiceThatFailsAlikeEachDayIsThatByEveryMethod) {
  const Series all = every_day("2026-01-01T00:00:00Z", "2026-04-11T00:00:00Z", 300);
  const Forecast f = forecast(words("99"), all, "2026-04-11T00:00:00Z");
  const Rational month(30 * 300 * kSecondNs);
  EXPECT_EQ(f.projected_ns, month);
  ASSERT_TRUE(f.recent_projected_ns);
  EXPECT_EQ(*f.recent_projected_ns, month);
  ASSERT_TRUE(f.resampled);
  EXPECT_EQ(f.resampled->projected_ns, month);
  EXPECT_EQ(f.resampled->days, 100);
  EXPECT_EQ(f.resampled->draws, 10'000);
  EXPECT_EQ(f.resampled->breaches, 0);  // 9000 s of 25 920 s
  ASSERT_TRUE(f.back_test);
  EXPECT_EQ(f.back_test->periods, 3);
  // Where a month is cut within a day, that day's outage is over: two days' worth at most.
  const Rational two_outages(600 * kSecondNs);
  EXPECT_LE(*f.back_test->to_date_ns, two_outages);
  EXPECT_LE(*f.back_test->recent_ns, two_outages);
  EXPECT_LE(*f.back_test->resampled_ns, two_outages);
}

TEST(Forecast, CountsTheDrawsThatPassTheBudget) {
  const Series all = every_day("2026-01-01T00:00:00Z", "2026-04-11T00:00:00Z", 300);
  // 99.7 % leaves 7776 s of which 3000 s are used; each of 20 more days takes 300 s.
  EXPECT_EQ(forecast(words("99.7"), all, "2026-04-11T00:00:00Z").resampled->breaches, 10'000);
}

TEST(Forecast, DrawsEveryDayOfThePastAlike) {
  // A tenth of the days is down for 3000 s, the others not at all: one day to come.
  Series all = series();
  const std::int64_t from = at("2026-01-01T00:00:00Z");
  const std::int64_t to = at("2026-04-30T00:00:00Z");
  std::int64_t bad = 0;
  std::int64_t days = 0;
  for (std::int64_t day = from; day < to; day += kDayNs, ++days) {
    const bool fails = days % 10 == 0;
    if (fails) ++bad;
    add(all, day, day + 3000 * kSecondNs, 300, fails ? Outcome::down : Outcome::up);
    add(all, day + 3000 * kSecondNs, day + kDayNs, 300, Outcome::up);
  }
  const Forecast f = forecast(words("99.99"), all, "2026-04-30T00:00:00Z");
  EXPECT_EQ(f.resampled->days, days);
  EXPECT_EQ(f.resampled->breaches, 10'000);  // April has three bad days already
  const Rational mean =
      (f.resampled->projected_ns - Rational(9000 * kSecondNs)) / Rational(3000 * kSecondNs);
  const Rational truth{Integer(bad), Integer(days)};
  const Rational near(Integer(1), Integer(100));
  EXPECT_LT(mean, truth + near);
  EXPECT_GT(mean, truth - near);
}

TEST(Forecast, OfTheSameQuestionIsTheSame) {
  const Series all = every_day("2026-01-01T00:00:00Z", "2026-04-05T12:00:00Z", 900);
  const auto once = forecast(words("99"), all, "2026-04-05T12:00:00Z");
  const auto twice = forecast(words("99"), all, "2026-04-05T12:00:00Z");
  EXPECT_EQ(once.resampled->projected_ns, twice.resampled->projected_ns);
  EXPECT_EQ(once.resampled->seed, twice.resampled->seed);
}

TEST(Forecast, NeedsAWeekOfMeasuredDays) {
  const Series all = every_day("2026-04-01T00:00:00Z", "2026-04-07T00:00:00Z", 300);
  const Forecast f = forecast(words("99"), all, "2026-04-07T00:00:00Z");
  EXPECT_FALSE(f.resampled);
  EXPECT_FALSE(f.recent_projected_ns);
  EXPECT_FALSE(f.back_test);
}

TEST(Forecast, TellsHowWrongItWasBefore) {
  // Each month all downtime falls on its first day; on the 16th the speed so far promises twice it.
  Series all = series();
  for (std::int64_t t = at("2026-02-01T00:00:00Z"); t < at("2026-04-16T00:00:00Z");
       t += 300 * kSecondNs) {
    const bool first = Zone().date_at(WallTime{t}).day == 1;
    const bool fails = first && t % kDayNs < 6000 * kSecondNs;
    all.samples.push_back({t, fails ? Outcome::down : Outcome::up, {}, std::nullopt});
  }
  const Forecast f = forecast(words("99"), all, "2026-04-16T00:00:00Z");
  EXPECT_EQ(f.projected_ns, Rational(12'000 * kSecondNs));
  ASSERT_TRUE(f.back_test);
  EXPECT_EQ(f.back_test->periods, 2);  // February and March
  EXPECT_EQ(*f.back_test->to_date_ns, Rational(6000 * kSecondNs));
  EXPECT_EQ(*f.back_test->recent_ns, Rational(0));
}

TEST(Forecast, OfAPeriodThatIsOverSaysNothingMore) {
  const Series all = every_day("2026-01-01T00:00:00Z", "2026-05-01T00:00:00Z", 300);
  const Report report = judged({agreement(words("99"))}, {all}, Question{"2026-04", std::nullopt});
  EXPECT_FALSE(report.objectives.at(0).forecast->resampled);
}

}  // namespace
}  // namespace nines::sla::forecast_test
