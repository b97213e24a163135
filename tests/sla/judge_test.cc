// SPDX-License-Identifier: Apache-2.0
// Worked cases, each small enough to be added up by hand.
#include "sla/judge/judge.h"

#include <gtest/gtest.h>

#include "sla/render/report_json.h"
#include "sla/render/report_text.h"
#include "support.h"

namespace nines::sla::judge_test {
namespace {

constexpr std::int64_t kHour = 3600;

std::int64_t s(std::int64_t ns) {
  EXPECT_EQ(ns % kSecondNs, 0);
  return ns / kSecondNs;
}

const std::int64_t kDay = at("2026-03-02T00:00:00Z");

std::int64_t in_day(std::int64_t second) { return kDay + second * kSecondNs; }

// A day of 2026 at 30 s, up but for the given stretches of seconds.
struct Stretch {
  std::int64_t from, to;
  Outcome outcome;
};

Series day_of(const std::vector<Stretch>& stretches,
              const std::string& vantage = "edge",
              const std::string& check = "web") {
  Series out = series(vantage, check);
  for (std::int64_t t = 0; t < 86'400; t += 30) {
    Outcome outcome = kUp;
    for (const Stretch& each : stretches) {
      if (each.from <= t && t < each.to) outcome = each.outcome;
    }
    out.samples.push_back({in_day(t), outcome, {}, std::nullopt});
  }
  return out;
}

ObjectiveReport one_day(const Words& words, std::vector<Series> all) {
  const Report report = judged(words, std::move(all), "2026-03-02");
  EXPECT_EQ(report.objectives.size(), 1U);
  return report.objectives.at(0);
}

// The month of the reference report line: 4378 s down in three outages, 10 627 s unmeasured.
Series reference_month() {
  Series out = series();
  const std::int64_t from = at("2026-10-31T16:00:00Z");
  std::int64_t t = 0;
  const auto run = [&](std::int64_t count, std::int64_t step, Outcome outcome) {
    for (std::int64_t i = 0; i < count; ++i, t += step) {
      out.samples.push_back({from + t * kSecondNs, outcome, {}, std::nullopt});
    }
  };
  run(2000, 30, kUp);
  run(50, 30, kDown);  // 1500 s
  run(3000, 30, kUp);
  run(60, 30, kDown);  // 1800 s
  run(1, 75 + 10'627, kUp);
  run(3000, 30, kUp);
  run(35, 30, kDown);  // 1050 s
  run(1, 28, kDown);   // and 28 s
  while (t < 2'592'000 + 120) run(1, 30, kUp);
  return out;
}

Words shanghai() {
  Words words;
  words.name = "acme-shop-web";
  words.effective = "{from: \"2026-01-01T00:00:00\", timeZone: Asia/Shanghai}";
  return words;
}

TEST(Judge, PrintsTheReferenceLine) {
  const Report report = judged(shanghai(), {reference_month()}, "2026-11");
  const ObjectiveReport& o = report.objectives.at(0);
  EXPECT_EQ(s(o.seconds.down), 4378);
  EXPECT_EQ(s(o.seconds.unknown), 10'627);
  EXPECT_EQ(s(o.seconds.up), 2'576'995);
  EXPECT_EQ(o.outages.size(), 3U);
  EXPECT_EQ(report_line(o),
            "availability 99.830 % · target 99.9 % · BREACHED, certain (99.826–99.833 by 30 s "
            "sampling; 0.41 % unmeasured: 99.421–99.831) · 1 786 s over budget");
  EXPECT_EQ(exit_code_of(worst_verdict(report)), 2);
}

TEST(Judge, MeetsExactlyThreeNinesOverThirtyNinetyAndThreeHundredSixtyFiveDays) {
  for (const int days : {30, 90, 365}) {
    Words words;
    words.checks = "      - {name: web, every: 15m, icmp: {host: shop.example}}\n";
    words.effective = "{from: \"2025-01-01T00:00:00\", timeZone: UTC}";
    words.objectives =
        "    - {name: a, target: \"99.9\", period: {rolling: " + std::to_string(days) + "d}}\n";
    const std::int64_t to = at("2026-06-01T00:00:00Z");
    const std::int64_t from = to - std::int64_t{days} * 86'400 * kSecondNs;
    // A thousandth of the time, exactly: 86.4 s of each day; one further nanosecond is too much.
    const std::int64_t down = std::int64_t{days} * 86'400 * kSecondNs / 1000;
    for (const std::int64_t more : {0, 1}) {
      Series all = series();
      add(all, from, from + down, 900, kDown);
      add(all, from + down + more, to, 900, kUp);
      const Report report = judged_as_of(words, {all}, "2026-06-01T00:00:00Z");
      const ObjectiveReport& o = report.objectives.at(0);
      EXPECT_EQ(o.seconds.down, down + more);
      EXPECT_EQ(o.verdict, more == 0 ? Verdict::met : Verdict::breached) << days;
      EXPECT_EQ(o.budget->left_ns(), Rational(-more));
    }
  }
}

TEST(Judge, AYearMeetsWhatItsMonthBreaches) {
  // 8 h 45 min 36 s of downtime in one stretch: exactly 0.1 % of 365 days.
  Words words;
  words.objectives =
      "    - {name: month, target: \"99.9\", period: {calendar: month}}\n"
      "    - {name: year, target: \"99.9\", period: {calendar: year}}\n";
  words.checks = "      - {name: web, every: 6m, icmp: {host: shop.example}}\n";
  Series all = series();
  const std::int64_t from = at("2026-12-10T00:00:00Z");
  const std::int64_t to = from + 31'536 * kSecondNs;
  add(all, at("2026-01-01T00:00:00Z"), from, 288, kUp);
  add(all, from, to, 288, kDown);
  add(all, to, at("2027-01-01T00:00:00Z"), 288, kUp);
  const Report report = judged_as_of(words, {all}, "2027-01-01T00:00:00Z");
  EXPECT_EQ(report.objectives.at(0).verdict, Verdict::breached);
  EXPECT_EQ(report.objectives.at(1).verdict, Verdict::met);
  EXPECT_EQ(report.objectives.at(1).budget->left_ns(), Rational(0));
  EXPECT_EQ(report.objectives.at(1).outlook, Outlook::met_certain);
}

TEST(Judge, ChargesFromTheFirstFailureToTheNextSuccess) {
  const ObjectiveReport o = one_day({}, {day_of({{600, 690, kDown}})});
  EXPECT_EQ(s(o.seconds.down), 90);
  ASSERT_EQ(o.outages.size(), 1U);
  EXPECT_EQ(o.outages[0].whole, (Interval{in_day(600), in_day(690)}));
  EXPECT_EQ(s(o.outages[0].least_ns), 60);
  EXPECT_EQ(s(o.outages[0].most_ns), 120);
  EXPECT_EQ(s(o.outages[0].down_ns), 90);
}

TEST(Judge, KeepsTwoOutagesWithOneSuccessBetweenThemApart) {
  const ObjectiveReport o = one_day({}, {day_of({{600, 630, kDown}, {660, 690, kDown}})});
  ASSERT_EQ(o.outages.size(), 2U);
  for (const Outage& outage : o.outages) {
    EXPECT_EQ(outage.least_ns, 0);
    EXPECT_EQ(s(outage.most_ns), 60);
  }
  EXPECT_EQ(s(o.most_down_ns), 120);
}

TEST(Judge, NeverTakesSilenceForUptime) {
  Series all = day_of({});
  all.samples = without(all.samples, [](const Sample& sample) {
    return sample.at_ns > in_day(36'000) && sample.at_ns < in_day(43'200);
  });
  const ObjectiveReport o = one_day({}, {all});
  EXPECT_EQ(s(o.seconds.unknown), 43'200 - 36'000 - 75);
  EXPECT_EQ(s(o.seconds.down), 0);
  EXPECT_EQ(o.verdict, Verdict::indeterminate);
  EXPECT_EQ(floor_text(*o.nominal * Rational(100), 3), "100.000");
  EXPECT_NE(report_line(o).find("8.25 % unmeasured"), std::string::npos) << report_line(o);
  EXPECT_EQ(s(o.believed_ns), 75 - 33);
}

TEST(Judge, TreatsUnknownAsAgreed) {
  // 864 s unknown and 0 s down: exactly 99 % if it counts down, 100 % if up.
  const auto with = [](const std::string& treat, const std::string& target) {
    Words words;
    words.measurement = "    unknown: {treat: " + treat + "}\n";
    words.objectives = "    - {name: a, target: \"" + target + "\"}\n";
    words.checks = "      - {name: web, every: 24s, http: {url: \"https://shop.example/\"}}\n";
    Series all = series();
    add(all, in_day(0), in_day(864), 24, kUnknown);
    add(all, in_day(864), in_day(86'400), 24, kUp);
    return one_day(words, {all});
  };
  EXPECT_EQ(with("verdict", "99").verdict, Verdict::met);
  EXPECT_EQ(with("verdict", "99.1").verdict, Verdict::indeterminate);
  EXPECT_EQ(with("up", "99.1").verdict, Verdict::met);
  EXPECT_EQ(with("down", "99.1").verdict, Verdict::breached);
  EXPECT_EQ(with("down", "99").verdict, Verdict::met);
  const ObjectiveReport down = with("down", "99.1");
  EXPECT_EQ(*down.nominal, Rational(Integer(99), Integer(100)));
  EXPECT_EQ(*down.nominal, *down.worst);
  EXPECT_EQ(*down.nominal, *down.best);
  EXPECT_EQ(s(down.seconds.unknown), 864);
  EXPECT_EQ(*with("up", "99.1").nominal, Rational(1));
  EXPECT_EQ(*with("verdict", "99").nominal, Rational(1));
}

TEST(Judge, SaysNoDataBelowTheAgreedCoverage) {
  Words words;
  words.measurement = "    unknown: {minCoverage: \"95\"}\n";
  Series half = day_of({});
  edit(half, [](auto& samples) { samples.resize(samples.size() / 2); });
  EXPECT_EQ(one_day(words, {half}).verdict, Verdict::no_data);
  EXPECT_EQ(one_day(words, {}).verdict, Verdict::no_data);
  EXPECT_EQ(one_day({}, {}).verdict, Verdict::no_data);
  EXPECT_FALSE(one_day({}, {}).nominal);
  EXPECT_EQ(exit_code_of(Verdict::no_data), 3);
  // Exactly the agreed coverage is enough: 5 % of a day is 4320 s.
  Series edge = day_of({{0, 4320, kUnknown}});
  EXPECT_EQ(one_day(words, {edge}).verdict, Verdict::indeterminate);
  EXPECT_EQ(one_day(words, {day_of({{0, 4350, kUnknown}})}).verdict, Verdict::no_data);
}

TEST(Judge, SaysNotApplicableWhereNothingIsInForce) {
  Words words;
  words.effective = "{from: \"2026-04-01T00:00:00\", timeZone: UTC}";
  const ObjectiveReport o = one_day(words, {day_of({})});
  EXPECT_EQ(o.verdict, Verdict::not_applicable);
  EXPECT_EQ(s(o.seconds.not_in_force), 86'400);
  EXPECT_FALSE(o.nominal);
  EXPECT_FALSE(o.budget);
  EXPECT_EQ(exit_code_of(o.verdict), 0);
}

TEST(Judge, ProratesAFirstPeriodThatIsOnlyPartlyInForce) {
  Words words;
  words.effective = "{from: \"2026-03-02T06:00:00\", to: \"2026-03-02T18:00:00\", timeZone: UTC}";
  const ObjectiveReport o =
      one_day(words, {day_of({{0, 3600, kDown}, {7 * 3600, 7 * 3600 + 60, kDown}})});
  EXPECT_EQ(s(o.seconds.not_in_force), 12 * kHour);
  EXPECT_EQ(s(o.seconds.down), 60);
  EXPECT_EQ(s(o.seconds.up), 12 * kHour - 60);
  EXPECT_EQ(o.budget->total_ns, Rational(Integer(432 * kSecondNs), Integer(10)));
}

TEST(Judge, CountsTheFutureApart) {
  Words words;
  words.objectives = "    - {name: a, target: \"99\", period: {calendar: day}}\n";
  const Report report = judged_as_of(words, {day_of({{600, 900, kDown}})}, "2026-03-02T06:00:00Z");
  const ObjectiveReport& o = report.objectives.at(0);
  EXPECT_EQ(s(o.seconds.future), 18 * kHour);
  EXPECT_EQ(s(o.seconds.down), 300);
  EXPECT_EQ(s(o.seconds.up), 6 * kHour - 300);
  EXPECT_EQ(o.budget->total_ns, Rational(864 * kSecondNs));
  EXPECT_EQ(o.outlook, Outlook::breach_expected);  // 300 s in 6 h make 1200 s in 24 h
  EXPECT_EQ(o.forecast->projected_ns, Rational(1200 * kSecondNs));
  EXPECT_EQ(o.forecast->burn, Rational(Integer(1200), Integer(864)));
  // (864 − 300) s at 300 s per 6 h: 564 · 72 = 40 608 s on.
  EXPECT_EQ(o.forecast->exhausted_at->ns, in_day(6 * kHour + 40'608));
}

TEST(Judge, UsesNoResultAfterTheInstantItIsAskedFor) {
  Words words;
  words.objectives = "    - {name: a, target: \"99\", period: {calendar: day}}\n";
  const auto early = [&] {
    Series all = day_of({{600, 900, kDown}, {30'000, 80'000, kDown}});
    return judged_as_of(words, {all}, "2026-03-02T06:00:00Z");
  }();
  Series cut = day_of({{600, 900, kDown}});
  cut.samples =
      without(cut.samples, [](const Sample& sample) { return sample.at_ns > in_day(6 * kHour); });
  EXPECT_EQ(report_json(early), report_json(judged_as_of(words, {cut}, "2026-03-02T06:00:00Z")));
}

TEST(Judge, AnOngoingOutageEndsAtTheInstantItIsAskedFor) {
  Words words;
  words.objectives = "    - {name: a, target: \"99\", period: {calendar: day}}\n";
  const Report report =
      judged_as_of(words, {day_of({{21'000, 86'400, kDown}})}, "2026-03-02T06:00:00Z");
  const ObjectiveReport& o = report.objectives.at(0);
  ASSERT_EQ(o.outages.size(), 1U);
  EXPECT_EQ(o.outages[0].whole, (Interval{in_day(21'000), in_day(21'600)}));
}

TEST(Judge, ListsWholeOutagesAndChargesOnlyTheirPartInThePeriod) {
  Words words;
  Series all = series();
  add(all, in_day(-600), in_day(-300), 30, kUp);
  add(all, in_day(-300), in_day(300), 30, kDown);
  add(all, in_day(300), in_day(86'100), 30, kUp);
  add(all, in_day(86'100), in_day(86'700), 30, kDown);
  add(all, in_day(86'700), in_day(87'000), 30, kUp);
  const ObjectiveReport o = one_day(words, {all});
  ASSERT_EQ(o.outages.size(), 2U);
  for (const Outage& outage : o.outages) {
    EXPECT_EQ(s(outage.whole.to - outage.whole.from), 600);
    EXPECT_EQ(s(outage.down_ns), 300);
    EXPECT_EQ(s(outage.least_ns), 570);
    EXPECT_EQ(s(outage.most_ns), 630);
  }
  EXPECT_EQ(s(o.seconds.down), 600);
}

TEST(Judge, IsCertainOnlyWhereTheSamplingCannotTurnTheVerdict) {
  // Budget of a day at 99.5 %: 432 s.
  const auto with = [](std::int64_t down_s) {
    Words words;
    words.objectives = "    - {name: a, target: \"99.5\"}\n";
    return one_day(words, {day_of({{600, 600 + down_s, kDown}})});
  };
  const ObjectiveReport certain_met = with(390);  // at most 420
  EXPECT_EQ(certain_met.verdict, Verdict::met);
  EXPECT_TRUE(*certain_met.certain);
  const ObjectiveReport doubtful_met = with(420);  // at most 450
  EXPECT_EQ(doubtful_met.verdict, Verdict::met);
  EXPECT_FALSE(*doubtful_met.certain);
  EXPECT_NE(report_line(doubtful_met).find("MET, within measurement uncertainty"),
            std::string::npos);
  const ObjectiveReport doubtful_breach = with(450);  // at least 420
  EXPECT_EQ(doubtful_breach.verdict, Verdict::breached);
  EXPECT_FALSE(*doubtful_breach.certain);
  const ObjectiveReport certain_breach = with(480);  // at least 450
  EXPECT_EQ(certain_breach.verdict, Verdict::breached);
  EXPECT_TRUE(*certain_breach.certain);
}

TEST(Judge, AMonthWithAClockChangeIsJudgedOverItsRealHours) {
  Words words;
  words.effective = "{from: \"2026-01-01T00:00:00\", timeZone: Europe/Berlin}";
  Series all = series();
  add(all, at("2026-02-28T23:00:00Z"), at("2026-03-31T22:00:00Z"), 30, kUp);
  const Report report = judged(words, {all}, "2026-03");
  EXPECT_EQ(s(report.objectives.at(0).seconds.up), 743 * kHour);
  EXPECT_EQ(report.objectives.at(0).samples, 743 * 120);
}

Words three_vantages(const std::string& quorum) {
  Words words;
  words.measurement = "    vantages: [a, b, c]\n" + quorum;
  words.objectives = "    - {name: x, target: \"99\"}\n";
  return words;
}

TEST(Judge, TwoOfThreeVantagesDecide) {
  const std::vector<Series> all{day_of({{0, 900, kDown}}, "a"), day_of({{600, 1200, kDown}}, "b"),
                                day_of({}, "c")};
  const ObjectiveReport o = one_day(three_vantages(""), all);
  EXPECT_EQ(s(o.seconds.down), 300);
  EXPECT_EQ(s(o.partial_ns), 900);  // [0, 600) and [900, 1200)
  EXPECT_EQ(o.samples, 3 * 2880);
  EXPECT_EQ(s(one_day(three_vantages("    quorum: {k: 1, of: 3}\n"), all).seconds.down), 1200);
  EXPECT_EQ(s(one_day(three_vantages("    quorum: {k: 3, of: 3}\n"), all).seconds.down), 0);
}

TEST(Judge, AListedVantageWithoutResultsIsUnknownAndOneNotListedIsLeftOut) {
  const std::vector<Series> all{day_of({{0, 900, kDown}}, "a"), day_of({}, "b"),
                                day_of({{0, 900, kDown}}, "stranger")};
  const Report report = judged(three_vantages(""), all, "2026-03-02");
  const ObjectiveReport& o = report.objectives.at(0);
  EXPECT_EQ(s(o.seconds.down), 0);
  EXPECT_EQ(s(o.seconds.unknown), 900);  // one down, one up, one silent: it could be either
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_NE(warning_text(report.warnings[0]).find("stranger"), std::string::npos);
}

TEST(Judge, WithoutAListTheVantagesThatAppearDecideByMajority) {
  const std::vector<Series> two{day_of({{0, 900, kDown}}, "a"), day_of({}, "b")};
  EXPECT_EQ(s(one_day({}, two).seconds.down), 0);  // 2 of 2 are needed
  const std::vector<Series> one{day_of({{0, 900, kDown}}, "a")};
  EXPECT_EQ(s(one_day({}, one).seconds.down), 900);
}

TEST(Judge, AServiceIsDownWhereAnyOfItsChecksIs) {
  Words words;
  words.checks =
      "      - {name: web, every: 30s, http: {url: \"https://shop.example/\"}}\n"
      "      - {name: order, every: 30s, tcp: {address: \"shop.example:443\"}}\n";
  const std::vector<Series> all{day_of({{0, 900, kDown}}, "a", "web"),
                                day_of({{600, 1200, kDown}, {3000, 3600, kUnknown}}, "a", "order")};
  const ObjectiveReport o = one_day(words, all);
  EXPECT_EQ(s(o.seconds.down), 1200);
  EXPECT_EQ(s(o.seconds.unknown), 600);
  EXPECT_EQ(o.outages.size(), 1U);
}

TEST(Judge, AWrittenSerialCompositionCountsExactlyItsLeaves) {
  Words words;
  words.services = "[{name: shop}, {name: mail}]";
  words.checks =
      "      - {name: web, service: shop, every: 30s, http: {url: \"https://shop.example/\"}}\n"
      "      - {name: smtp, service: mail, every: 30s, tcp: {address: \"mail.example:25\"}}\n";
  words.objectives = "    - {name: a, service: shop, target: \"99\"}\n";
  words.spec = "  composition:\n    shop: {serial: [web, mail]}\n";
  const std::vector<Series> all{day_of({{0, 300, kDown}}, "a", "web"),
                                day_of({{600, 900, kDown}}, "a", "smtp")};
  EXPECT_EQ(s(one_day(words, all).seconds.down), 600);
  words.spec = "  composition:\n    shop: {serial: [smtp]}\n";
  EXPECT_EQ(one_day(words, all).outages.at(0).whole.from, in_day(600));
  words.spec = "";
  EXPECT_EQ(one_day(words, all).outages.at(0).whole.from, in_day(0));
}

TEST(Judge, MeanIsPooledOverSuccessesInAccountableTime) {
  Words words;
  words.objectives = "    - {name: speed, statistic: mean, of: successful, max: 200ms}\n";
  words.effective = "{from: \"2026-03-02T00:01:00\", timeZone: UTC}";
  Series a = series("a");
  a.samples = {{in_day(0), kUp, {}, 9'000'000},  // before the agreement
               {in_day(60), kUp, {}, 100'000},
               {in_day(90), kDown, {}, 5'000'000},  // a failure has no response time
               {in_day(120), kUp, {}, 300'001},
               {in_day(150), kUp, {}, std::nullopt},
               {in_day(86'400), kUp, {}, 9'000'000}};  // the next day
  Series b = series("b");
  b.samples = {{in_day(61), kUp, {}, 199'999}};
  const Report report = judged(words, {a, b}, "2026-03-02");
  const ObjectiveReport& o = report.objectives.at(0);
  EXPECT_EQ(*o.nominal, Rational(Integer(600'000), Integer(3)));
  EXPECT_EQ(o.nominal->denominator(), Integer(3));
  EXPECT_EQ(o.verdict, Verdict::met);  // exactly 200 ms
  EXPECT_EQ(o.target, "200");
  EXPECT_FALSE(o.certain);
  b.samples.push_back({in_day(91), kUp, {}, 200'001});
  EXPECT_EQ(judged(words, {a, b}, "2026-03-02").objectives.at(0).verdict, Verdict::breached);
  EXPECT_EQ(judged(words, {}, "2026-03-02").objectives.at(0).verdict, Verdict::no_data);
}

TEST(Judge, ResultsOfAnotherDefinitionOfTheCheckAreUnknown) {
  Words words;
  const Agreement a = agreement(words);
  Series same = day_of({});
  same.check_digest = digest_of(a.checks.at(0).check);
  Series other = day_of({{0, 900, kDown}});
  other.check_digest = Digest{};
  EXPECT_EQ(s(one_day(words, {same}).seconds.up), 86'400);
  const Report report = judged(words, {other}, "2026-03-02");
  EXPECT_EQ(s(report.objectives.at(0).seconds.unknown), 86'400);
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_NE(warning_text(report.warnings[0]).find("2880 results"), std::string::npos);
}

TEST(Judge, BeliefReachesInFromBeforeThePeriod) {
  Words words;
  Series all = series();
  all.samples = {{in_day(-60), kDown, {}, std::nullopt}};
  EXPECT_EQ(s(one_day(words, {all}).seconds.down), 15);
  words.measurement = "    belief: 2m\n";
  EXPECT_EQ(s(one_day(words, {all}).seconds.down), 60);
}

TEST(Judge, SaysWhichResultsItMisses) {
  const Report report = judged({}, {series("edge", "wbe")}, "2026-03-02");
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_EQ(warning_text(report.warnings[0]), "check 'web': no results");
}

TEST(Judge, LeavesOutInstantsNobodyCanMean) {
  Series all = day_of({});
  all.samples.push_back({INT64_MIN, kDown, {}, std::nullopt});
  all.samples.push_back({INT64_MAX, kDown, {}, std::nullopt});
  const Report report = judged({}, {all}, "2026-03-02");
  EXPECT_EQ(s(report.objectives.at(0).seconds.up), 86'400);
  EXPECT_EQ(report.warnings.size(), 1U);
}

TEST(Judge, RefusesAQuestionWithoutATime) {
  EXPECT_FALSE(judge({agreement({})}, {}, Question{}));
  EXPECT_FALSE(judge({}, {}, Question{"2026", std::nullopt}));
  EXPECT_FALSE(judge({agreement({})}, {}, Question{"2026-99", std::nullopt}));
  EXPECT_FALSE(judge({agreement({})}, {}, Question{std::nullopt, WallTime{INT64_MAX}}));
  EXPECT_FALSE(judge({agreement({})}, {}, Question{std::nullopt, WallTime{INT64_MIN}}));
}

TEST(SamplesNeeded, ReachABeliefAndAWeekBeyondThePeriod) {
  const auto window = samples_needed({agreement({})}, Question{"2026-03-02", std::nullopt});
  ASSERT_TRUE(window);
  EXPECT_EQ(window->from, in_day(-75 - 7 * 86'400));
  EXPECT_EQ(window->to, in_day(8 * 86'400));
  const auto cut = samples_needed({agreement({})}, Question{"2026-03-02", WallTime{in_day(3600)}});
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->to, in_day(3600) + 1);
}

}  // namespace
}  // namespace nines::sla::judge_test
