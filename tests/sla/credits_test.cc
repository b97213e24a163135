// SPDX-License-Identifier: Apache-2.0
// Money by hand: November 2026 has 2 592 000 s, and the fee is 20 000.00.
#include "sla/judge/credits.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sla/render/report_json.h"
#include "support.h"

namespace nines::sla::credits_test {
namespace {

const std::int64_t kNovember = at("2026-11-01T00:00:00Z");

const std::string kFee =
    "  compensation:\n    fee: {currency: CNY, monthly: \"20000.00\", prorate: days-in-force}\n";
const std::string kSteps =
    "    tiers:\n      - {objective: availability, steps: [{from: \"99.9\", credit: \"0\"}, "
    "{from: \"99.0\", credit: \"10\"}, {from: \"95.0\", credit: \"30\"}, "
    "{from: \"0\", credit: \"100\"}]}\n";

Words words(const std::string& rest = "") {
  Words out;
  out.spec = kFee + kSteps + rest;
  return out;
}

struct Gap {
  std::int64_t from, to;  // seconds of November
  Outcome outcome;
};

Series november(const std::vector<Gap>& gaps) {
  Series out = series();
  for (std::int64_t t = 0; t < 2'592'000; t += 30) {
    Outcome outcome = Outcome::up;
    for (const Gap& each : gaps) {
      if (each.from <= t && t < each.to) outcome = each.outcome;
    }
    out.samples.push_back({kNovember + t * kSecondNs, outcome, {}, 100'000});
  }
  return out;
}

Credits credits(const Words& agreed, const Series& all) {
  const Report report = judged(agreed, {all}, "2026-11");
  EXPECT_TRUE(report.credits);
  return report.credits.value_or(Credits{});
}

std::string money(const Credits& c) { return floor_text(c.amount, 2); }

Series down_for(std::int64_t seconds) { return november({{3600, 3600 + seconds, Outcome::down}}); }

TEST(Credits, AreByTierWithItsLowerBoundIncluded) {
  EXPECT_EQ(money(credits(words(), november({}))), "0.00");
  EXPECT_EQ(money(credits(words(), down_for(2580))), "0.00");
  EXPECT_EQ(money(credits(words(), down_for(2610))), "2000.00");
  EXPECT_EQ(money(credits(words(), down_for(25'920))), "2000.00");  // exactly 99.0 %
  EXPECT_EQ(money(credits(words(), down_for(25'950))), "6000.00");
  EXPECT_EQ(money(credits(words(), down_for(129'600))), "6000.00");  // exactly 95 %
  EXPECT_EQ(money(credits(words(), down_for(129'630))), "20000.00");
}

TEST(Credits, AreInTheReport) {
  const Report report = judged(words(), {down_for(2610)}, "2026-11");
  const auto c = nlohmann::json::parse(report_json(report)).at("credits");
  EXPECT_EQ(c.at("currency"), "CNY");
  EXPECT_EQ(c.at("fee"), "20000.00");
  EXPECT_EQ(c.at("percent"), "10");
  EXPECT_EQ(c.at("amount"), "2000.00");
  EXPECT_TRUE(c.at("claim_until").is_null());
  EXPECT_EQ(c.at("lines").at(0).at("objective"), "availability");
  EXPECT_EQ(c.at("lines").at(0).at("percent"), "10");
  EXPECT_EQ(c.at("lines").at(0).at("amount"), "2000.00");
  EXPECT_TRUE(nlohmann::json::parse(report_json(judged(Words{}, {november({})}, "2026-11")))
                  .at("credits")
                  .is_null());
}

Words several(const std::string& terms) {
  Words out;
  out.objectives =
      "    - {name: availability, target: \"99.9\"}\n"
      "    - {name: speed, statistic: mean, max: 50ms}\n"
      "    - {name: recovery, statistic: longest-outage, max: 20m}\n";
  out.spec = kFee + kSteps +
             "      - {objective: speed, missed: \"5\"}\n"
             "      - {objective: recovery, missed: \"5\", perOccurrence: true, max: \"10\"}\n" +
             terms;
  return out;
}

// Two outages of 1500 s: 3000 s in all, both longer than 20 min. The mean is 100 ms.
Series twice() { return november({{3600, 5100, Outcome::down}, {9000, 10'500, Outcome::down}}); }

TEST(Credits, OfSeveralPromisesAddUpOrTheLargestCounts) {
  EXPECT_EQ(money(credits(several(""), twice())), "5000.00");  // 10 + 5 + 2·5 %
  EXPECT_EQ(money(credits(several("    combine: max\n"), twice())), "2000.00");
}

TEST(Credits, PerOccurrenceHaveTheirOwnMaximum) {
  const Series three = november({{3600, 5100, Outcome::down},
                                 {9000, 10'500, Outcome::down},
                                 {20'000, 21'500, Outcome::down}});
  const Credits c = credits(several(""), three);
  ASSERT_EQ(c.lines.size(), 3U);
  EXPECT_EQ(c.lines[2].percent, Rational(10));
}

TEST(Credits, EndAtTheCap) {
  EXPECT_EQ(money(credits(several("    cap: {percentOfFee: \"12.5\"}\n"), twice())), "2500.00");
}

TEST(Credits, AreRoundedHalfUpOnceAfterTheCap) {
  Words odd = words("    cap: {percentOfFee: \"10\"}\n");
  odd.spec.replace(odd.spec.find("20000.00"), 8, "333.25");
  // 10 % of 333.25 is 33.325
  EXPECT_EQ(money(credits(odd, down_for(2610))), "33.33");
}

TEST(Credits, UpToTheMinimumAreNotPaid) {
  EXPECT_EQ(money(credits(words("    payment: {minimum: \"2000.00\"}\n"), down_for(2610))), "0.00");
  EXPECT_EQ(money(credits(words("    payment: {minimum: \"1999.99\"}\n"), down_for(2610))),
            "2000.00");
}

TEST(Credits, OfAFirstMonthAreOfItsShareOfTheFee) {
  Words half = words();
  half.effective = "{from: \"2026-11-16T00:00:00\", timeZone: UTC}";
  const Series late = november({{2'000'000, 2'003'000, Outcome::down}});
  const Credits c = credits(half, late);
  EXPECT_EQ(c.fee, Rational(10'000));
  EXPECT_EQ(money(c), "1000.00");
  half.spec.replace(half.spec.find("days-in-force"), 13, "none");
  EXPECT_EQ(money(credits(half, late)), "2000.00");
}

TEST(Credits, WhereTheUnknownTimeDecidesPayAsTheBurdenOfProofSays) {
  const Series unclear = november({{3600, 33'600, Outcome::unknown}});  // worst 98.8 %
  EXPECT_EQ(money(credits(words(), unclear)), "6000.00");
  Words customer = words();
  customer.measurement = "    unknown: {burdenOfProof: customer}\n";
  EXPECT_EQ(money(credits(customer, unclear)), "0.00");
}

TEST(Credits, OfTwoVersionsComeEachFromItsOwnShare) {
  Words first = words();
  Words second = words();
  second.version = "\"2.0.0\"";
  second.effective = "{from: \"2026-11-16T00:00:00\", timeZone: UTC}";
  second.spec.replace(second.spec.find("20000.00"), 8, "40000.00");
  second.spec.replace(second.spec.find("credit: \"10\""), 12, "credit: \"20\"");
  // 1800 s of 1 296 000 s in each half: 99.86 %.
  const Series all = november({{3600, 5400, Outcome::down}, {2'000'010, 2'001'810, Outcome::down}});
  const Report report =
      judged({agreement(first), agreement(second)}, {all}, Question{"2026-11", std::nullopt});
  ASSERT_TRUE(report.credits);
  ASSERT_EQ(report.credits->lines.size(), 2U);
  EXPECT_EQ(report.credits->lines[0].amount, Rational(1000));  // 10 % of 10 000
  EXPECT_EQ(report.credits->lines[1].amount, Rational(4000));  // 20 % of 20 000
  EXPECT_EQ(report.credits->fee, Rational(30'000));
  EXPECT_EQ(money(*report.credits), "5000.00");
}

TEST(Credits, OfAQuarterAreOfThreeFees) {
  const Report report = judged(words(), {november({})}, "2026-Q4");
  EXPECT_EQ(report.credits->fee, Rational(60'000));
}

TEST(Credits, ThatMustBeClaimedHaveADate) {
  EXPECT_FALSE(
      credits(words("    claim: {needed: false, disputeUntil: 60d}\n"), november({})).claim_until);
  const auto within =
      credits(words("    claim: {needed: true, disputeUntil: 60d}\n"), november({})).claim_until;
  ASSERT_TRUE(within);
  EXPECT_EQ(within->ns, at("2027-01-30T00:00:00Z"));
  // The second cycle after that of November ends with January.
  const auto cycles =
      credits(words("    claim: {needed: true, billingCyclesAfter: 2}\n"), november({}))
          .claim_until;
  ASSERT_TRUE(cycles);
  EXPECT_EQ(cycles->ns, at("2027-02-01T00:00:00Z"));
}

TEST(Credits, OfSupportCountItsLateClocks) {
  Words agreed;
  agreed.spec =
      "  support: {priorities: [{name: high, resolve: 2h}]}\n" + kFee +
      "    tiers:\n      - {objective: support.high.resolve, missed: \"2\", perOccurrence: true, "
      "max: \"5\"}\n";
  const std::vector<Agreement> versions{agreement(agreed)};
  const auto ordered = order_versions(versions);
  ASSERT_TRUE(ordered);
  const Report report = judged(versions, {november({})}, Question{"2026-11", std::nullopt});
  const auto with = [&](int late) {
    SupportReport line;
    line.priority = "high";
    for (int i = 0; i < 4; ++i) {
      SupportClock clock;
      clock.clock = "resolve";
      clock.opened = WallTime{kNovember + 1};
      clock.verdict = i < late ? Verdict::breached : Verdict::met;
      line.clocks.push_back(clock);
    }
    return floor_text(credits_of(*ordered, report.objectives, {line})->percent, 0);
  };
  EXPECT_EQ(with(0), "0");
  EXPECT_EQ(with(1), "2");
  EXPECT_EQ(with(2), "4");
  EXPECT_EQ(with(3), "5");
}

}  // namespace
}  // namespace nines::sla::credits_test
