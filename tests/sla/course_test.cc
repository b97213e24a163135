// SPDX-License-Identifier: Apache-2.0
// What reports draw: the course of an objective covers its period exactly, agrees with the seconds
// of the report, and stays bounded however much happened.
#include "sla/rules/course.h"

#include <gtest/gtest.h>

#include "support.h"

namespace nines::sla::course_test {
namespace {

using Intervals = std::vector<Interval>;

std::int64_t length_of(const PeriodCourse& course, Phase phase) {
  std::int64_t out = 0;
  for (const Piece& each : course.pieces) {
    if (each.phase == phase) out += each.span.to - each.span.from;
  }
  return out;
}

void expect_whole(const PeriodCourse& course, const Interval& period) {
  ASSERT_FALSE(course.pieces.empty());
  EXPECT_EQ(course.pieces.front().span.from, period.from);
  EXPECT_EQ(course.pieces.back().span.to, period.to);
  for (std::size_t i = 1; i < course.pieces.size(); ++i) {
    EXPECT_EQ(course.pieces[i].span.from, course.pieces[i - 1].span.to);
    EXPECT_NE(course.pieces[i].phase, course.pieces[i - 1].phase);
  }
  EXPECT_EQ(course.steps.front().at, period.from);
  EXPECT_EQ(course.steps.front().down_ns, 0);
  EXPECT_EQ(course.steps.back().at, period.to);
}

TEST(Course, OfNothingIsNotInForce) {
  const PeriodCourse course = course_of({0, 100}, {});
  EXPECT_EQ(course.pieces, (std::vector<Piece>{{{0, 100}, Phase::not_in_force}}));
  EXPECT_EQ(course.steps, (std::vector<DownSoFar>{{0, 0, 0, 0}, {100, 0, 0, 0}}));
  EXPECT_TRUE(course.exact);
}

TEST(Course, CutsWhatReachesBeyondThePeriod) {
  Phases phases;
  phases.up = IntervalSet(Intervals{{-50, 20}, {60, 200}});
  phases.down = IntervalSet::of(20, 60);
  phases.least_down = IntervalSet::of(20, 50);
  phases.most_down = IntervalSet::of(10, 60);
  const PeriodCourse course = course_of({0, 100}, phases);
  EXPECT_EQ(
      course.pieces,
      (std::vector<Piece>{{{0, 20}, Phase::up}, {{20, 60}, Phase::down}, {{60, 100}, Phase::up}}));
  EXPECT_EQ(course.steps, (std::vector<DownSoFar>{{0, 0, 0, 0},
                                                  {10, 0, 0, 0},
                                                  {20, 0, 0, 10},
                                                  {50, 30, 30, 40},
                                                  {60, 40, 30, 50},
                                                  {100, 40, 30, 50}}));
}

TEST(Course, AgreesWithTheSecondsOfItsReport) {
  Series all = series();
  const std::int64_t from = at("2026-03-02T06:00:00Z");
  add(all, from, from + 3600 * kSecondNs, 30, Outcome::up);
  add(all, from + 3600 * kSecondNs, from + 3900 * kSecondNs, 30, Outcome::down);
  add(all, from + 3900 * kSecondNs, from + 9000 * kSecondNs, 30, Outcome::up);
  Words words;
  words.effective = "{from: \"2026-03-02T03:00:00\", timeZone: UTC}";
  const Report report = judged({agreement(words)}, {all},
                               Question{"2026-03-02", WallTime{at("2026-03-02T12:00:00Z")}});
  const ObjectiveReport& o = report.objectives.at(0);
  expect_whole(o.course, o.period);
  EXPECT_EQ(length_of(o.course, Phase::not_in_force), o.seconds.not_in_force);
  EXPECT_EQ(length_of(o.course, Phase::future), o.seconds.future);
  EXPECT_EQ(length_of(o.course, Phase::unknown), o.seconds.unknown);
  EXPECT_EQ(length_of(o.course, Phase::down), o.seconds.down);
  EXPECT_EQ(length_of(o.course, Phase::up), o.seconds.up);
  EXPECT_EQ(o.seconds.not_in_force, 3 * 3600 * kSecondNs);
  EXPECT_EQ(o.course.steps.back().down_ns, o.seconds.down);
  EXPECT_EQ(o.course.steps.back().least_ns, o.least_down_ns);
  EXPECT_EQ(o.course.steps.back().most_ns, o.most_down_ns);
}

TEST(Course, BecomesCellsThatHideNoOutage) {
  constexpr std::int64_t kFlaps = 1500;
  Intervals down;
  Intervals up;
  for (std::int64_t i = 0; i < kFlaps; ++i) {
    up.push_back({i * 100, i * 100 + 99});
    down.push_back({i * 100 + 99, i * 100 + 100});
  }
  const Interval period{0, kFlaps * 200};  // its second half is up
  up.push_back({kFlaps * 100, period.to});
  Phases phases;
  phases.up = IntervalSet(up);
  phases.down = phases.least_down = phases.most_down = IntervalSet(down);
  const PeriodCourse course = course_of(period, phases);
  EXPECT_FALSE(course.exact);
  EXPECT_LE(course.pieces.size(), kMostPieces);
  EXPECT_LE(course.steps.size(), kMostSteps);
  expect_whole(course, period);
  for (const Interval& outage : down) {
    bool shown = false;
    for (const Piece& each : course.pieces) {
      const bool over = each.span.from < outage.to && outage.from < each.span.to;
      shown = shown || (over && each.phase == Phase::down);
    }
    EXPECT_TRUE(shown) << outage.from;
  }
  EXPECT_EQ(course.steps.back().down_ns, kFlaps);
}

TEST(Course, AddsTheVersionsOfAPeriod) {
  Words one;
  Words two = one;
  two.version = "\"2.0.0\"";
  two.effective = "{from: \"2026-03-02T12:00:00\", timeZone: UTC}";
  two.objectives = "    - {name: availability, target: \"99\"}\n";
  Series all = series();
  add(all, at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z"), 30, Outcome::up);
  const Agreement first = agreement(one);
  const Agreement second = agreement(two);
  const Report report = judged({first, second}, {all}, Question{"2026-03-02", std::nullopt});
  const ObjectiveReport& o = report.objectives.at(0);
  expect_whole(o.course, o.period);
  EXPECT_EQ(o.course.pieces.size(), 1U);
  ASSERT_EQ(o.versions.size(), 2U);
  EXPECT_EQ(o.versions[0].in_force, (Interval{o.period.from, at("2026-03-02T12:00:00Z")}));
  EXPECT_EQ(o.versions[1].in_force, (Interval{at("2026-03-02T12:00:00Z"), o.period.to}));
  EXPECT_EQ(o.versions[0].target, "99.9");
  EXPECT_EQ(o.versions[1].target, "99");
  EXPECT_EQ(o.versions[0].digest, first.digest);
  EXPECT_EQ(o.versions[1].digest, second.digest);
  EXPECT_EQ(report.digest, second.digest);
}

TEST(Report, KnowsTheLanguageThatPrevails) {
  Words words;
  EXPECT_EQ(judged(words, {series()}, "2026-03-02").language, "");
  words.spec = "  languages: {prevailing: zh, also: [en]}\n";
  EXPECT_EQ(judged(words, {series()}, "2026-03-02").language, "zh");
}

}  // namespace
}  // namespace nines::sla::course_test
