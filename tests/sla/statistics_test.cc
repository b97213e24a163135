// SPDX-License-Identifier: Apache-2.0
// Each statistic and method on days that can be counted by hand.
#include "sla/judge/statistics.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/random.h"
#include "sla/input/results_file.h"
#include "sla/render/report_json.h"
#include "support.h"

namespace nines::sla::statistics_test {
namespace {

const std::int64_t kDay = at("2026-03-02T00:00:00Z");

std::int64_t in_day(std::int64_t second) { return kDay + second * kSecondNs; }

struct Stretch {
  std::int64_t from, to;  // seconds of the day
  Outcome outcome;
};

// A day at 30 s, up with 100 ms but for the given stretches.
Series day_of(const std::vector<Stretch>& stretches, const std::string& vantage = "edge") {
  Series out = series(vantage);
  for (std::int64_t t = 0; t < 86'400; t += 30) {
    Outcome outcome = kUp;
    for (const Stretch& each : stretches) {
      if (each.from <= t && t < each.to) outcome = each.outcome;
    }
    std::optional<std::int64_t> total;
    if (outcome == kUp) total = 100'000;
    out.samples.push_back({in_day(t), outcome, {}, total});
  }
  return out;
}

Words with(const std::string& objective) {
  Words words;
  words.objectives = "    - {name: o, " + objective + "}\n";
  return words;
}

ObjectiveReport one_day(const std::string& objective, std::vector<Series> all) {
  const Report report = judged(with(objective), std::move(all), "2026-03-02");
  EXPECT_EQ(report.objectives.size(), 1U);
  return report.objectives.at(0);
}

nlohmann::json json_of(const std::string& objective, std::vector<Series> all) {
  const Report report = judged(with(objective), std::move(all), "2026-03-02");
  return nlohmann::json::parse(report_json(report)).at("objectives").at(0);
}

TEST(Occurrences, CountResultsWhateverTheTimeBetweenThem) {
  const auto o = json_of("method: occurrences, target: \"99.9\"",
                         {day_of({{600, 690, kDown}, {3600, 4200, kUnknown}})});
  EXPECT_EQ(o.at("method"), "occurrences");
  EXPECT_EQ(o.at("nominal"), "2857/2860");
  EXPECT_EQ(o.at("worst"), "2857/2880");
  EXPECT_EQ(o.at("best"), "2877/2880");
  EXPECT_EQ(o.at("value"), "99.895");
  EXPECT_EQ(o.at("samples"), 2880);
  EXPECT_EQ(o.at("verdict"), "BREACHED");
  EXPECT_TRUE(o.at("certain").is_null());
  EXPECT_TRUE(o.at("budget").is_null());
  EXPECT_TRUE(o.at("slices").is_null());
}

TEST(Occurrences, OfSeveralVantagesArePooled) {
  const auto o = json_of("method: occurrences, target: \"99.9\"",
                         {day_of({{0, 300, kDown}}, "a"), day_of({}, "b")});
  EXPECT_EQ(o.at("nominal"), "5750/5760");
  EXPECT_EQ(o.at("verdict"), "BREACHED");
}

TEST(Occurrences, OfUnknownResultsDecideWhatNobodyKnows) {
  const auto o = json_of("method: occurrences, target: \"99.9\"", {day_of({{0, 300, kUnknown}})});
  EXPECT_EQ(o.at("nominal"), "2870/2870");
  EXPECT_EQ(o.at("verdict"), "INDETERMINATE");
}

TEST(Timeslices, AreGoodFromTheirTargetOn) {
  // Two results a minute. Minute 10 has one failure of two, minute 20 two of two.
  const std::vector<Stretch> faults{{600, 630, kDown}, {1200, 1260, kDown}};
  const auto strict = json_of("method: timeslices, target: \"99.9\"", {day_of(faults)});
  EXPECT_EQ(strict.at("slices"),
            (nlohmann::json{{"good", 1438}, {"with_data", 1440}, {"empty", 0}}));
  EXPECT_EQ(strict.at("nominal"), "1438/1440");
  EXPECT_EQ(strict.at("verdict"), "BREACHED");
  const auto half =
      json_of("method: timeslices, target: \"99.9\", timeSliceTarget: \"50\"", {day_of(faults)});
  EXPECT_EQ(half.at("nominal"), "1439/1440");
  EXPECT_EQ(half.at("verdict"), "MET");
}

TEST(Timeslices, BeginAtThePeriodAndAreAsLongAsAgreed) {
  const auto o = json_of("method: timeslices, target: \"90\", timeSliceWindow: 5m",
                         {day_of({{590, 620, kDown}})});
  // 00:10:00 alone fails.
  EXPECT_EQ(o.at("slices"), (nlohmann::json{{"good", 287}, {"with_data", 288}, {"empty", 0}}));
}

TEST(Timeslices, WithoutResultsAreUnknownUnlessAgreedGood) {
  const std::vector<Stretch> hole{{3600, 4200, kUnknown}};
  const auto unknown = json_of("method: timeslices, target: \"99.9\"", {day_of(hole)});
  EXPECT_EQ(unknown.at("slices"),
            (nlohmann::json{{"good", 1430}, {"with_data", 1430}, {"empty", 10}}));
  EXPECT_EQ(unknown.at("nominal"), "1430/1430");
  EXPECT_EQ(unknown.at("worst"), "1430/1440");
  EXPECT_EQ(unknown.at("verdict"), "INDETERMINATE");
  const auto good =
      json_of("method: timeslices, target: \"99.9\", emptySlice: good", {day_of(hole)});
  EXPECT_EQ(good.at("slices"),
            (nlohmann::json{{"good", 1440}, {"with_data", 1430}, {"empty", 10}}));
  EXPECT_EQ(good.at("nominal"), "1440/1440");
  EXPECT_EQ(good.at("verdict"), "MET");
}

TEST(RatioTimeslices, AreTheMeanOfTheRatiosOfSlices) {
  // One slice of 1440 is half good, another all bad: 1438.5 of 1440.
  const auto o = json_of("method: ratio-timeslices, target: \"99.9\"",
                         {day_of({{600, 630, kDown}, {1200, 1260, kDown}})});
  EXPECT_EQ(o.at("nominal"), "2877/2880");
  EXPECT_EQ(o.at("verdict"), "BREACHED");
}

TEST(RatioTimeslices, DoNotWeighSlicesByTheirResults) {
  // In the first minute ten results of which one failed, in the others one each.
  Series all = series();
  for (int i = 0; i < 10; ++i) {
    all.samples.push_back({in_day(i * 6), i == 3 ? kDown : kUp, {}, {}});
  }
  for (int minute = 1; minute < 1440; ++minute) {
    all.samples.push_back({in_day(minute * 60), kUp, {}, {}});
  }
  const auto o = json_of("method: ratio-timeslices, target: \"99.9\"", {all});
  EXPECT_EQ(o.at("nominal"), "14399/14400");
  EXPECT_EQ(o.at("verdict"), "MET");
}

TEST(SuccessRatio, ComesWithItsInterval) {
  const auto o =
      json_of("statistic: success-ratio, target: \"99.9\"", {day_of({{600, 690, kDown}})});
  EXPECT_EQ(o.at("statistic"), "success-ratio");
  EXPECT_TRUE(o.at("method").is_null());
  EXPECT_EQ(o.at("nominal"), "2877/2880");
  EXPECT_EQ(o.at("verdict"), "BREACHED");
  EXPECT_EQ(o.at("interval95").at("low").get<std::string>().substr(0, 6), "0.9969");
  EXPECT_TRUE(o.at("interval95").at("failure_upper").is_null());
  const auto clean = json_of("statistic: success-ratio, target: \"99.9\"", {day_of({})});
  EXPECT_FALSE(clean.at("interval95").at("failure_upper").is_null());
  EXPECT_EQ(clean.at("interval95").at("high"), "1.000000000000000");
}

// 1, 2, … 2880 ms through the day.
Series ramp() {
  Series out = day_of({});
  std::int64_t ms = 0;
  edit(out, [&](auto& samples) {
    for (Sample& sample : samples) sample.total_us = ++ms * 1000;
  });
  return out;
}

TEST(Percentile, IsTheNearestRank) {
  // ⌈0.95 · 2880⌉ = 2736
  const auto o = json_of("statistic: percentile, percentile: \"95\", max: 2736ms", {ramp()});
  EXPECT_EQ(o.at("statistic"), "percentile");
  EXPECT_EQ(o.at("nominal"), "2736000/1");
  EXPECT_EQ(o.at("value"), "2736.000");
  EXPECT_EQ(o.at("target"), "2736");
  EXPECT_EQ(o.at("percentiles_us"), (nlohmann::json{{"p95", 2'736'000}}));
  EXPECT_EQ(o.at("samples"), 2880);
  EXPECT_EQ(o.at("verdict"), "MET");
  EXPECT_EQ(one_day("statistic: percentile, percentile: \"95\", max: 2735999us", {ramp()}).verdict,
            Verdict::breached);
}

TEST(Percentile, RanksRoundUp) {
  // ⌈0.999 · 2880⌉ = ⌈2877.12⌉ = 2878; ⌈0.0001 · 2880⌉ = 1
  const auto o =
      json_of("statistic: mean, max: 2s, alsoReport: [p99.9, p0.01, p50, p100]", {ramp()});
  EXPECT_EQ(o.at("percentiles_us"),
            (nlohmann::json{
                {"p99.9", 2'878'000}, {"p0.01", 1000}, {"p50", 1'440'000}, {"p100", 2'880'000}}));
  EXPECT_EQ(o.at("nominal"), "4148640000/2880");
}

TEST(ShareBelow, CountsWhatIsFasterThanTheThreshold) {
  const auto o = json_of("statistic: share-below, threshold: 2000ms, target: \"69.409\"", {ramp()});
  EXPECT_EQ(o.at("nominal"), "1999/2880");  // 2000 ms is not below 2000 ms
  EXPECT_EQ(o.at("value"), "69.409");
  EXPECT_EQ(o.at("verdict"), "MET");
  EXPECT_EQ(
      one_day("statistic: share-below, threshold: 1999500us, target: \"69.41\"", {ramp()}).verdict,
      Verdict::breached);
}

TEST(Latency, OfFailuresCountsOnlyWhenAgreed) {
  const Series day = day_of({{600, 690, kDown}});  // three failures that say no reason
  EXPECT_EQ(json_of("statistic: mean, max: 2s", {day}).at("nominal"), "287700000/2877");
  const auto imputed = json_of("statistic: mean, max: 110ms, imputeTimeout: 10s", {day});
  EXPECT_EQ(imputed.at("nominal"), "317700000/2880");
  EXPECT_EQ(imputed.at("samples"), 2880);
  EXPECT_EQ(imputed.at("verdict"), "BREACHED");
}

TEST(Latency, IsImputedForTimeoutsAndNotForOtherFailures) {
  const auto line = [](const std::string& second, const std::string& rest) {
    return "{\"check\":\"web\",\"vantage\":\"e\",\"started\":\"2026-03-02T00:00:" + second +
           "Z\",\"outcome\":" + rest + "}\n";
  };
  std::istringstream lines(line("00", "\"up\",\"total_us\":100") +
                           line("10", "\"down\",\"reason\":\"http_timeout\"") +
                           line("20", "\"down\",\"reason\":\"http_status\"") +
                           line("30", "\"down\"") + line("40", "\"unknown\""));
  const auto results = read_results(lines, "results");
  ASSERT_TRUE(results);
  const auto o = one_day("statistic: mean, max: 2s, imputeTimeout: 10s", results->series);
  EXPECT_EQ(o.samples, 3);
  EXPECT_EQ(o.nominal->numerator(), Integer(20'000'100));
}

ObjectiveReport sketched(const std::string& objective, std::vector<Series> all) {
  const Report report =
      judged({agreement(with(objective))}, std::move(all), {"2026-03-02", {}, true});
  EXPECT_EQ(report.objectives.size(), 1U);
  return report.objectives.at(0);
}

// Three vantages whose answers differ by magnitudes.
std::vector<Series> answers_of(Random& random) {
  std::vector<Series> all = {day_of({}, "a"), day_of({}, "b"), day_of({}, "c")};
  for (Series& each : all) {
    const auto magnitude = 4 + random.below(24);
    edit(each, [&](auto& samples) {
      for (Sample& sample : samples) {
        const auto us = 1 + random.below(std::uint64_t{1} << (1 + random.below(magnitude)));
        sample.total_us = static_cast<std::int64_t>(us);
      }
    });
  }
  return all;
}

TEST(Sketches, EstimateEachPercentileWithinOnePercentOfTheExactOne) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    const auto o =
        sketched("statistic: mean, max: 2s, alsoReport: [p1, p10, p50, p90, p95, p99, p99.9, p100]",
                 answers_of(random));
    ASSERT_EQ(o.sketch_us.size(), 8U);
    ASSERT_EQ(o.percentiles_us.size(), 8U);
    for (std::size_t i = 0; i < o.sketch_us.size(); ++i) {
      const auto& [name, exact] = o.percentiles_us[i];
      EXPECT_EQ(o.sketch_us[i].first, name);
      // And half a microsecond of rounding.
      EXPECT_LE(std::abs(o.sketch_us[i].second - exact) * 100, exact + 50) << name << " " << seed;
    }
  }
}

TEST(Sketches, AreTheSameWhateverTheOrderOfVantages) {
  Random random(5);
  const std::string objective = "statistic: percentile, percentile: \"95\", max: 1s";
  const auto all = answers_of(random);
  const auto first = sketched(objective, all);
  EXPECT_EQ(first.sketch_us.size(), 1U);
  EXPECT_EQ(sketched(objective, {all[2], all[0], all[1]}).sketch_us, first.sketch_us);
}

TEST(Sketches, SpeakOfResponseTimesAlsoWhereNobodyNamedAPercentile) {
  const auto o = sketched("statistic: mean, max: 2s", {day_of({})});
  EXPECT_TRUE(o.percentiles_us.empty());
  using Quantiles = std::vector<std::pair<std::string, std::int64_t>>;
  EXPECT_EQ(o.sketch_us, (Quantiles{{"p50", 99'741}, {"p95", 99'741}, {"p99", 99'741}}));
  EXPECT_TRUE(sketched("target: \"99.9\"", {day_of({})}).sketch_us.empty());
  EXPECT_TRUE(one_day("statistic: mean, max: 2s", {day_of({})}).sketch_us.empty());
}

TEST(LongestOutage, IsMetUpToItsLimit) {
  const std::vector<Stretch> faults{{600, 690, kDown}, {7200, 10'800, kDown}};
  const auto met = json_of("statistic: longest-outage, max: 1h", {day_of(faults)});
  EXPECT_EQ(met.at("nominal"), "3600/1");
  EXPECT_EQ(met.at("value"), "3600.000");
  EXPECT_EQ(met.at("target"), "3600");
  EXPECT_EQ(met.at("verdict"), "MET");
  EXPECT_EQ(met.at("certain"), false);  // success to success is 3630 s
  const auto breached = json_of("statistic: longest-outage, max: 3599s", {day_of(faults)});
  EXPECT_EQ(breached.at("verdict"), "BREACHED");
  EXPECT_EQ(breached.at("certain"), false);  // first to last failure is 3570 s
  EXPECT_EQ(one_day("statistic: longest-outage, max: 3500s", {day_of(faults)}).certain, true);
  EXPECT_EQ(one_day("statistic: longest-outage, max: 3630s", {day_of(faults)}).certain, true);
}

TEST(LongestOutage, WithoutOutageIsZero) {
  const ObjectiveReport o = one_day("statistic: longest-outage, max: 1h", {day_of({})});
  EXPECT_EQ(*o.nominal, Rational(0));
  EXPECT_EQ(o.verdict, Verdict::met);
}

TEST(LongestOutage, MayHaveLastedThroughWhatNobodySaw) {
  // 30 min down, then 40 min without knowledge: at most 70 min.
  const auto o = json_of("statistic: longest-outage, max: 1h",
                         {day_of({{7200, 9000, kDown}, {9000, 11'400, kUnknown}})});
  EXPECT_EQ(o.at("nominal"), "1800/1");
  EXPECT_EQ(o.at("worst"), "4200/1");
  EXPECT_EQ(o.at("best"), "1800/1");
  EXPECT_EQ(o.at("verdict"), "INDETERMINATE");
}

TEST(LongestOutage, IsJudgedWholeBeyondThePeriod) {
  Series all = series();
  add(all, in_day(-7200), in_day(-1800), 30, kUp);
  add(all, in_day(-1800), in_day(2700), 30, kDown);
  add(all, in_day(2700), in_day(86'400), 30, kUp);
  const ObjectiveReport o = one_day("statistic: longest-outage, max: 1h", {all});
  EXPECT_EQ(*o.nominal, Rational(4500 * kSecondNs));
  EXPECT_EQ(o.seconds.down, 2700 * kSecondNs);
  EXPECT_EQ(o.verdict, Verdict::breached);
}

TEST(Mttr, IsTheMeanOfOutages) {
  const std::vector<Stretch> faults{{600, 690, kDown}, {7200, 7410, kDown}};
  const auto o = json_of("statistic: mttr, max: 150s", {day_of(faults)});
  EXPECT_EQ(o.at("nominal"), "150/1");
  EXPECT_EQ(o.at("verdict"), "MET");
  EXPECT_EQ(one_day("statistic: mttr, max: 149s", {day_of(faults)}).verdict, Verdict::breached);
}

TEST(Mttr, WithoutOutageIsNotDefined) {
  const ObjectiveReport o = one_day("statistic: mttr, max: 1h", {day_of({})});
  EXPECT_FALSE(o.nominal);
  EXPECT_EQ(o.verdict, Verdict::met);
}

TEST(AlsoReport, PrintsOtherPeriodsBesideAndJudgesOnlyItsOwn) {
  Series all = series();
  add(all, at("2026-02-01T00:00:00Z"), at("2026-02-01T01:00:00Z"), 30, kDown);
  add(all, at("2026-02-01T01:00:00Z"), at("2026-04-01T00:00:00Z"), 30, kUp);
  Words words = with("target: \"99.9\", alsoReport: [{calendar: quarter}, {rolling: 30d}]");
  const Report report = judged(words, {all}, "2026-03");
  const ObjectiveReport& o = report.objectives.at(0);
  EXPECT_EQ(o.verdict, Verdict::met);
  EXPECT_EQ(worst_verdict(report), Verdict::met);
  ASSERT_EQ(o.also.size(), 2U);
  EXPECT_EQ(o.also[0].period.from, at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(o.also[0].period.to, at("2026-04-01T00:00:00Z"));
  EXPECT_EQ(o.also[0].seconds.down, 3600 * kSecondNs);
  EXPECT_EQ(o.also[0].seconds.unknown, 31 * 86'400 * kSecondNs);
  EXPECT_EQ(o.also[1].period.from, at("2026-03-02T00:00:00Z"));
  EXPECT_EQ(o.also[1].verdict, Verdict::met);
}

TEST(AlsoReport, OfARunningPeriodHasAFuture) {
  Series all = series();
  add(all, at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z"), 30, kUp);
  Words words = with("target: \"99.9\", alsoReport: [{calendar: year}]");
  const Report report = judged(words, {all}, "2026-03");
  const ObjectiveReport& year = report.objectives.at(0).also.at(0);
  EXPECT_EQ(year.seconds.future, (365 - 90) * 86'400 * kSecondNs);
  EXPECT_EQ(report.objectives.at(0).seconds.future, 0);
}

TEST(Statistics, OfTwoVersionsArePooledAndJudgedApart) {
  Words first = with("statistic: percentile, percentile: \"50\", max: 1s");
  Words second = with("statistic: percentile, percentile: \"50\", max: 3s");
  second.version = "\"2.0.0\"";
  second.effective = "{from: \"2026-03-02T12:00:00\", timeZone: UTC}";
  const Report report =
      judged({agreement(first), agreement(second)}, {ramp()}, Question{"2026-03-02", std::nullopt});
  const ObjectiveReport& o = report.objectives.at(0);
  ASSERT_EQ(o.versions.size(), 2U);
  EXPECT_EQ(*o.versions[0].nominal, Rational(720'000));
  EXPECT_EQ(o.versions[0].verdict, Verdict::met);
  EXPECT_EQ(*o.versions[1].nominal, Rational(2'160'000));
  EXPECT_EQ(*o.nominal, Rational(1'440'000));
  EXPECT_EQ(o.verdict, Verdict::met);
}

}  // namespace
}  // namespace nines::sla::statistics_test
