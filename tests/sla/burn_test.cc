// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/burn.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sla/render/report_json.h"
#include "support.h"

namespace nines::sla::burn_test {
namespace {

const std::int64_t kNow = at("2026-04-20T12:00:00Z");

Words words(const std::string& alerts, const std::string& target = "99.9") {
  Words out;
  out.objectives = "    - {name: a, target: \"" + target + "\"}\n";
  out.spec = "  alerting:\n" + alerts;
  return out;
}

const std::string kPage = "    - {severity: page, budget: \"2\", long: 1h, short: 5m}\n";

// Up every 30 s since the beginning of April (a month of 30 days), but for `down` seconds up to
// now; results stop `silent` seconds before now.
ObjectiveReport april(const Words& agreed, std::int64_t down, std::int64_t silent = 0) {
  Series all = series();
  const std::int64_t end = kNow - silent * kSecondNs;
  const std::int64_t fall = kNow - down * kSecondNs;
  add(all, at("2026-04-01T00:00:00Z"), std::min(fall, end), 30, kUp);
  add(all, fall, end, 30, kDown);
  const Report report = judged({agreement(agreed)}, {all}, Question{std::nullopt, WallTime{kNow}});
  return report.objectives.at(0);
}

TEST(Burn, ThresholdIsTheBudgetsShareTimesPeriodOverWindow) {
  const Words all = words(kPage +
                          "    - {severity: page, budget: \"5\", long: 6h, short: 30m}\n"
                          "    - {severity: ticket, budget: \"10\", long: 3d, short: 6h}\n");
  const ObjectiveReport o = april(all, 0);
  ASSERT_EQ(o.burn.size(), 3U);
  EXPECT_EQ(reduced_text(o.burn[0].threshold), "72/5");  // 14.4
  EXPECT_EQ(reduced_text(o.burn[1].threshold), "6");
  EXPECT_EQ(reduced_text(o.burn[2].threshold), "1");
  EXPECT_EQ(o.burn[2].severity, "ticket");
  EXPECT_EQ(o.burn[0].long_burn, Rational(0));
  EXPECT_FALSE(o.burn[0].exhausts_in_ns);
  EXPECT_FALSE(o.burn[0].fires);
  EXPECT_FALSE(o.burn[0].frozen);
}

TEST(Burn, FiresStrictlyAboveInBothWindows) {
  // 14.4 times 0.1 % of an hour is 51.84 s; results come every 30 s.
  EXPECT_FALSE(april(words(kPage), 30).burn.at(0).fires);
  const BurnAlert two = april(words(kPage), 60).burn.at(0);
  EXPECT_EQ(reduced_text(two.long_burn), "50/3");  // 60/3600/0.001
  EXPECT_EQ(reduced_text(two.short_burn), "200");
  EXPECT_TRUE(two.fires);
  // A whole budget of 30 days at that speed: 2 592 000 s / (50/3).
  EXPECT_EQ(*two.exhausts_in_ns, Rational(155'520 * kSecondNs));
}

TEST(Burn, ExactlyAtTheThresholdDoesNotFire) {
  // 0.625 % of 30 days' budget of 25 920 s are 162 s.
  const Words agreed =
      words("    - {severity: page, budget: \"0.625\", long: 1h, short: 1h}\n", "99");
  const BurnAlert exact = april(agreed, 162).burn.at(0);
  EXPECT_EQ(reduced_text(exact.threshold), "9/2");
  EXPECT_EQ(exact.long_burn, exact.threshold);
  EXPECT_FALSE(exact.fires);
  EXPECT_TRUE(april(agreed, 163).burn.at(0).fires);
}

TEST(Burn, OldDowntimeDoesNotFireWhenTheShortWindowIsQuiet) {
  Series all = series();
  add(all, at("2026-04-01T00:00:00Z"), kNow - 1200 * kSecondNs, 30, kUp);
  add(all, kNow - 1200 * kSecondNs, kNow - 600 * kSecondNs, 30, kDown);
  add(all, kNow - 600 * kSecondNs, kNow, 30, kUp);
  const Report report =
      judged({agreement(words(kPage))}, {all}, Question{std::nullopt, WallTime{kNow}});
  const BurnAlert& alert = report.objectives.at(0).burn.at(0);
  EXPECT_GT(alert.long_burn, alert.threshold);
  EXPECT_EQ(alert.short_burn, Rational(0));
  EXPECT_FALSE(alert.fires);
}

TEST(Burn, NeedsEnoughFailures) {
  const std::string guarded =
      "    - {severity: page, budget: \"2\", long: 1h, short: 5m, minBadSamples: 3}\n";
  const BurnAlert two = april(words(guarded), 60).burn.at(0);
  EXPECT_EQ(two.bad_results, 2);
  EXPECT_FALSE(two.fires);
  EXPECT_TRUE(april(words(guarded), 90).burn.at(0).fires);
}

TEST(Burn, IsFrozenWhereLessThanNineTenthsAreMeasured) {
  // Belief is 75 s: silent for 180 s leaves 105 s of 300 s unknown.
  const BurnAlert silent = april(words(kPage), 240, 180).burn.at(0);
  EXPECT_TRUE(silent.frozen);
  EXPECT_FALSE(silent.fires);
  const BurnAlert short_silence = april(words(kPage), 240, 60).burn.at(0);
  EXPECT_FALSE(short_silence.frozen);
  EXPECT_TRUE(short_silence.fires);
}

TEST(Burn, WithoutDataIsZeroAndFrozen) {
  const Report report =
      judged({agreement(words(kPage))}, {}, Question{std::nullopt, WallTime{kNow}});
  const auto o = nlohmann::json::parse(report_json(report)).at("objectives").at(0);
  const auto& alert = o.at("burn").at(0);
  EXPECT_EQ(alert.at("long"), "0");
  EXPECT_TRUE(alert.at("exhausts_in_s").is_null());
  EXPECT_EQ(alert.at("frozen"), true);
  EXPECT_EQ(alert.at("fires"), false);
  EXPECT_EQ(alert.at("long_s"), 3600);
  EXPECT_EQ(alert.at("threshold"), "72/5");
}

TEST(Burn, WindowsReachBackBeforeThePeriod) {
  Series all = series();
  const std::int64_t month = at("2026-05-01T00:00:00Z");
  add(all, month - 7200 * kSecondNs, month - 600 * kSecondNs, 30, kUp);
  add(all, month - 600 * kSecondNs, month + 300 * kSecondNs, 30, kDown);
  const Report report = judged({agreement(words(kPage))}, {all},
                               Question{std::nullopt, WallTime{month + 300 * kSecondNs}});
  const ObjectiveReport& o = report.objectives.at(0);
  EXPECT_EQ(o.seconds.down, 300 * kSecondNs);
  EXPECT_EQ(reduced_text(o.burn.at(0).long_burn), "250");  // 900/3600/0.001
}

TEST(Burn, OfATargetWithoutBudgetIsNotAsked) {
  EXPECT_TRUE(april(words(kPage, "100"), 60).burn.empty());
}

TEST(Burn, OfAMeanIsNotAsked) {
  Words other = words(kPage);
  other.objectives = "    - {name: speed, statistic: mean, max: 1s}\n";
  EXPECT_TRUE(april(other, 60).burn.empty());
}

}  // namespace
}  // namespace nines::sla::burn_test
