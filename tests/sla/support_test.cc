// SPDX-License-Identifier: Apache-2.0
// Clocks of support on incidents that can be followed by hand.
#include "sla/judge/support.h"

#include <gtest/gtest.h>

#include "support.h"

namespace nines::sla::support_test {
namespace {

using Step = IncidentEvent::Step;

constexpr std::int64_t kMinute = 60 * kSecondNs;
const std::int64_t kNoon = at("2026-11-10T12:00:00Z");

Words words(const std::string& clock = "") {
  Words out;
  out.spec =
      "  support:\n    priorities:\n"
      "      - {name: high, when: service down, response: 30m, resolve: 2h, update: 30m}\n"
      "      - {name: low, response: 4h, resolve: 5d}\n" +
      clock;
  return out;
}

// An event so many minutes after noon.
IncidentEvent event(Step step, std::int64_t minute, const std::string& more = "") {
  IncidentEvent out;
  out.id = "i1";
  out.step = step;
  out.at = WallTime{kNoon + minute * kMinute};
  if (step == Step::opened || step == Step::prioritised) out.priority = more;
  if (step == Step::paused) out.reason = more;
  return out;
}

struct Asked {
  std::vector<SupportReport> lines;
  std::vector<Warning> warnings;
};

Asked november(const Words& agreed, const std::vector<IncidentEvent>& events, std::int64_t minute) {
  const std::vector<Agreement> versions{agreement(agreed)};
  const auto ordered = order_versions(versions);
  EXPECT_TRUE(ordered);
  Asked out;
  out.lines =
      judge_support(*ordered, events, {at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")},
                    kNoon + minute * kMinute, out.warnings);
  EXPECT_EQ(out.lines.size(), 2U);
  return out;
}

const SupportClock& clock(const Asked& asked, const std::string& name, std::size_t line = 0) {
  for (const SupportClock& each : asked.lines.at(line).clocks) {
    if (each.clock == name) return each;
  }
  ADD_FAILURE() << "no clock " << name;
  return asked.lines.at(line).clocks.at(0);
}

constexpr std::int64_t kLater = 60 * 24;

TEST(Support, ClocksAreMetAtTheirLimit) {
  const Asked a = november(
      words(),
      {event(Step::opened, 0, "high"), event(Step::responded, 30), event(Step::mitigated, 60),
       event(Step::acknowledged, 90), event(Step::resolved, 120)},
      kLater);
  EXPECT_EQ(a.lines[0].priority, "high");
  EXPECT_EQ(a.lines[0].incidents, 1);
  EXPECT_EQ(a.lines[0].responded_in_time, 1);
  EXPECT_EQ(a.lines[0].resolved_in_time, 1);
  EXPECT_EQ(clock(a, "response").elapsed_ns, 30 * kMinute);
  EXPECT_EQ(clock(a, "response").verdict, Verdict::met);
  EXPECT_EQ(clock(a, "response").due->ns, kNoon + 30 * kMinute);
  EXPECT_EQ(clock(a, "resolve").verdict, Verdict::met);
  EXPECT_EQ(clock(a, "update").elapsed_ns, 30 * kMinute);
  EXPECT_EQ(clock(a, "update").verdict, Verdict::met);
  EXPECT_EQ(a.lines[1].incidents, 0);
  EXPECT_TRUE(a.warnings.empty());
}

TEST(Support, OneSecondLaterIsLate) {
  IncidentEvent answer = event(Step::responded, 30);
  answer.at += seconds(1);
  const Asked a = november(words(), {event(Step::opened, 0, "high"), answer}, 31);
  EXPECT_EQ(clock(a, "response").verdict, Verdict::breached);
  EXPECT_EQ(a.lines[0].responded_in_time, 0);
}

TEST(Support, ARunningClockIsOpenUntilItIsDue) {
  const std::vector<IncidentEvent> events{event(Step::opened, 0, "high")};
  EXPECT_FALSE(clock(november(words(), events, 30), "response").verdict);
  EXPECT_EQ(clock(november(words(), events, 30), "response").due->ns, kNoon + 30 * kMinute);
  EXPECT_EQ(clock(november(words(), events, 31), "response").verdict, Verdict::breached);
}

TEST(Support, AResolutionIsAnAnswerToo) {
  const Asked a =
      november(words(), {event(Step::opened, 0, "high"), event(Step::resolved, 20)}, kLater);
  EXPECT_EQ(clock(a, "response").elapsed_ns, 20 * kMinute);
  EXPECT_EQ(clock(a, "response").verdict, Verdict::met);
}

const std::string kPauses = "    clock: {pauseWhile: [waiting-for-customer]}\n";

TEST(Support, OnlyAgreedPausesStopTheClock) {
  const auto with = [](const std::string& reason) {
    return november(
        words(kPauses),
        {event(Step::opened, 0, "high"), event(Step::responded, 10),
         event(Step::paused, 30, reason), event(Step::resumed, 90), event(Step::resolved, 180)},
        kLater);
  };
  EXPECT_EQ(clock(with("waiting-for-customer"), "resolve").elapsed_ns, 120 * kMinute);
  EXPECT_EQ(clock(with("waiting-for-customer"), "resolve").verdict, Verdict::met);
  EXPECT_EQ(clock(with("waiting-for-customer"), "resolve").due->ns, kNoon + 180 * kMinute);
  EXPECT_EQ(clock(with("lunch"), "resolve").elapsed_ns, 180 * kMinute);
  EXPECT_EQ(clock(with("lunch"), "resolve").verdict, Verdict::breached);
}

TEST(Support, WhilePausedThereIsNoDueTime) {
  const std::vector<IncidentEvent> events{event(Step::opened, 0, "high"),
                                          event(Step::paused, 30, "waiting-for-customer")};
  const Asked a = november(words(kPauses), events, 600);
  EXPECT_EQ(clock(a, "resolve").elapsed_ns, 30 * kMinute);
  EXPECT_FALSE(clock(a, "resolve").due);
  EXPECT_FALSE(clock(a, "resolve").verdict);
}

TEST(Support, AResolutionEndsAPause) {
  const Asked a =
      november(words(kPauses),
               {event(Step::opened, 0, "high"), event(Step::responded, 1),
                event(Step::paused, 60, "waiting-for-customer"), event(Step::resolved, 100),
                event(Step::reopened, 110), event(Step::resolved, 170)},
               kLater);
  EXPECT_EQ(clock(a, "resolve").elapsed_ns, 120 * kMinute);
}

TEST(Support, ReopeningAddsToTheClock) {
  const std::vector<IncidentEvent> events{event(Step::opened, 0, "high"), event(Step::responded, 1),
                                          event(Step::resolved, 100), event(Step::reopened, 200),
                                          event(Step::resolved, 221)};
  const Asked a = november(words(), events, kLater);
  EXPECT_EQ(clock(a, "resolve").elapsed_ns, 121 * kMinute);
  EXPECT_EQ(clock(a, "resolve").verdict, Verdict::breached);
  const Asked fresh = november(words("    clock: {reopenContinues: false}\n"), events, kLater);
  EXPECT_EQ(clock(fresh, "resolve").elapsed_ns, 100 * kMinute);
  EXPECT_EQ(clock(fresh, "resolve").verdict, Verdict::met);
}

TEST(Support, WhatIsReopenedRunsOn) {
  const Asked a = november(
      words(),
      {event(Step::opened, 0, "high"), event(Step::resolved, 100), event(Step::reopened, 200)},
      210);
  EXPECT_EQ(clock(a, "resolve").elapsed_ns, 110 * kMinute);
  EXPECT_EQ(clock(a, "resolve").due->ns, kNoon + 220 * kMinute);
  EXPECT_FALSE(clock(a, "resolve").verdict);
}

TEST(Support, ARaisedIncidentCountsUnderItsLastPriorityFromTheRaise) {
  const std::vector<IncidentEvent> events{event(Step::opened, 0, "low"),
                                          event(Step::prioritised, 60, "high"),
                                          event(Step::responded, 85), event(Step::resolved, 170)};
  const Asked a = november(words(), events, kLater);
  EXPECT_EQ(a.lines[0].incidents, 1);
  EXPECT_EQ(a.lines[1].incidents, 0);
  EXPECT_EQ(clock(a, "response").elapsed_ns, 25 * kMinute);
  EXPECT_EQ(clock(a, "resolve").elapsed_ns, 110 * kMinute);
  const Asked retroactive =
      november(words("    clock: {escalation: {retroactive: true}}\n"), events, kLater);
  EXPECT_EQ(clock(retroactive, "response").elapsed_ns, 85 * kMinute);
  EXPECT_EQ(clock(retroactive, "response").verdict, Verdict::breached);
  EXPECT_EQ(clock(retroactive, "resolve").verdict, Verdict::breached);
}

TEST(Support, AnAnswerBeforeTheRaiseStands) {
  const Asked a = november(words(),
                           {event(Step::opened, 0, "low"), event(Step::responded, 5),
                            event(Step::prioritised, 60, "high"), event(Step::resolved, 61)},
                           kLater);
  EXPECT_EQ(clock(a, "response").elapsed_ns, 0);
  EXPECT_EQ(clock(a, "response").verdict, Verdict::met);
}

TEST(Support, SilenceIsMeasuredWhileItIsOpen) {
  const Asked a =
      november(words(),
               {event(Step::opened, 0, "high"), event(Step::responded, 10),
                event(Step::mitigated, 45), event(Step::resolved, 60), event(Step::closed, 600)},
               kLater);
  EXPECT_EQ(clock(a, "update").elapsed_ns, 35 * kMinute);
  EXPECT_EQ(clock(a, "update").verdict, Verdict::breached);
}

TEST(Support, MeansAreOfTheIncidentsOfThePriority) {
  std::vector<IncidentEvent> events{event(Step::opened, 0, "high"), event(Step::acknowledged, 4),
                                    event(Step::resolved, 60)};
  IncidentEvent second = event(Step::opened, 600, "high");
  IncidentEvent known = event(Step::acknowledged, 606);
  IncidentEvent done = event(Step::resolved, 630);
  for (IncidentEvent* each : {&second, &known, &done}) {
    each->id = "i2";
    events.push_back(*each);
  }
  // To the end of the month: 20.5 days after noon of the 10th.
  const Asked a = november(words(), events, 60 * 24 * 30);
  EXPECT_EQ(*a.lines[0].mtta_ns, Rational(5 * kMinute));
  EXPECT_EQ(*a.lines[0].mttr_ns, Rational(45 * kMinute));
  EXPECT_EQ(*a.lines[0].mtbf_ns, Rational((30 * 1440 - 90) * kMinute / 2));
  // availability = MTBF / (MTBF + MTTR)
  EXPECT_EQ(*a.lines[0].mtbf_ns / (*a.lines[0].mtbf_ns + *a.lines[0].mttr_ns),
            Rational(Integer(30 * 1440 - 90), Integer(30 * 1440)));
  EXPECT_FALSE(a.lines[1].mtta_ns);
  EXPECT_FALSE(a.lines[1].mttr_ns);
  EXPECT_FALSE(a.lines[1].mtbf_ns);
}

TEST(Support, OrderOfLinesDoesNotMatterAndLaterOnesAreNotKnown) {
  const std::vector<IncidentEvent> events{event(Step::resolved, 60), event(Step::responded, 10),
                                          event(Step::opened, 0, "high")};
  EXPECT_EQ(clock(november(words(), events, kLater), "resolve").verdict, Verdict::met);
  EXPECT_FALSE(clock(november(words(), events, 59), "resolve").verdict);
}

TEST(Support, AnIncidentBelongsToThePeriodInWhichItWasOpened) {
  const std::int64_t october = -60 * 24 * 20;
  const Asked a =
      november(words(), {event(Step::opened, october, "high"), event(Step::resolved, 10)}, kLater);
  EXPECT_EQ(a.lines[0].incidents, 0);
  EXPECT_TRUE(a.lines[0].clocks.empty());
}

TEST(Support, AnIncidentWithoutAgreedPriorityIsNamed) {
  const Asked a = november(words(), {event(Step::opened, 0, "urgent")}, kLater);
  ASSERT_EQ(a.warnings.size(), 1U);
  EXPECT_NE(warning_text(a.warnings[0]).find("'i1'"), std::string::npos);
  EXPECT_NE(warning_text(a.warnings[0]).find("urgent"), std::string::npos);
}

TEST(Support, EachIncidentIsJudgedByTheVersionOfItsOpening) {
  Words later = words();
  later.version = "\"2.0.0\"";
  later.effective = "{from: \"2026-11-10T13:00:00\", timeZone: UTC}";
  later.spec = "  support: {priorities: [{name: high, response: 5m}]}\n";
  const std::vector<Agreement> versions{agreement(words()), agreement(later)};
  const auto ordered = order_versions(versions);
  ASSERT_TRUE(ordered);
  std::vector<IncidentEvent> events{event(Step::opened, 0, "high"), event(Step::responded, 20)};
  for (const auto& each : {event(Step::opened, 90, "high"), event(Step::responded, 110)}) {
    events.push_back(each);
    events.back().id = "i2";
  }
  std::vector<Warning> warnings;
  const auto lines =
      judge_support(*ordered, events, {at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")},
                    at("2026-12-01T00:00:00Z"), warnings);
  ASSERT_EQ(lines.size(), 2U);  // high, then low, which only the first version knows
  EXPECT_EQ(lines[0].priority, "high");
  EXPECT_EQ(lines[0].incidents, 2);
  EXPECT_EQ(lines[0].responded_in_time, 1);
  EXPECT_EQ(lines[1].priority, "low");
}

}  // namespace
}  // namespace nines::sla::support_test
