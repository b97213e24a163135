// SPDX-License-Identifier: Apache-2.0
// Notices of incidents that can be followed by hand: when each incident became known, when the
// customer was first told, and how long nothing was said.
#include "sla/judge/notices.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sla/render/report_html.h"
#include "sla/render/report_json.h"
#include "sla/render/report_text.h"
#include "support.h"

namespace nines::sla::notices_test {
namespace {

using Step = IncidentEvent::Step;

constexpr std::int64_t kMinute = 60 * kSecondNs;
const std::int64_t kNoon = at("2026-11-10T12:00:00Z");
const Interval kNovember{at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")};
constexpr std::int64_t kNextDay = 60 * 24;

Words words(const std::string& notices = "incidentOpened: 5m, incidentUpdate: 30m") {
  Words out;
  out.spec = "  communication: {notices: {" + notices + "}}\n";
  return out;
}

// An event so many minutes after noon.
IncidentEvent event(Step step, std::int64_t minute) {
  IncidentEvent out;
  out.id = "i1";
  out.service = "shop";
  out.step = step;
  out.at = WallTime{kNoon + minute * kMinute};
  return out;
}

// An opening that was stated by a party, so many minutes after noon.
IncidentEvent opening(std::int64_t minute, const std::string& party, std::int64_t said) {
  IncidentEvent out = event(Step::opened, minute);
  out.party = party;
  out.said = WallTime{kNoon + said * kMinute};
  return out;
}

std::optional<NoticeReport> november(const Words& agreed,
                                     const std::vector<IncidentEvent>& events,
                                     std::int64_t minute = kNextDay) {
  const std::vector<Agreement> versions{agreement(agreed)};
  const auto ordered = order_versions(versions);
  EXPECT_TRUE(ordered);
  return judge_notices(*ordered, events, kNovember, kNoon + minute * kMinute);
}

NoticeClock clock(const std::optional<NoticeReport>& report, const std::string& name) {
  if (report) {
    for (const NoticeClock& each : report->clocks) {
      if (each.clock == name) return each;
    }
  }
  ADD_FAILURE() << "no clock " << name;
  return {};
}

std::int64_t minute_of(const std::optional<WallTime>& t) {
  return t ? (t->ns - kNoon) / kMinute : -1;
}

TEST(Notices, AreKeptAtTheirLimit) {
  const auto report = november(words(), {event(Step::opened, 0), event(Step::acknowledged, 5),
                                         event(Step::updated, 35), event(Step::resolved, 65)});
  const auto first = clock(report, "incidentOpened");
  EXPECT_EQ(first.verdict, Verdict::met);
  EXPECT_EQ(first.elapsed_ns, 5 * kMinute);
  EXPECT_EQ(minute_of(first.from), 0);
  EXPECT_EQ(minute_of(first.to), 5);
  const auto silence = clock(report, "incidentUpdate");
  EXPECT_EQ(silence.verdict, Verdict::met);
  EXPECT_EQ(silence.elapsed_ns, 30 * kMinute);
  EXPECT_EQ(minute_of(silence.from), 5);
  EXPECT_EQ(minute_of(silence.to), 35);
  EXPECT_EQ(report->incidents, 1);
  EXPECT_EQ(report->count(Verdict::met), 2);
}

TEST(Notices, OneSecondLaterAreMissed) {
  auto late = event(Step::responded, 5);
  late.at += seconds(1);
  auto end = event(Step::resolved, 35);
  end.at += seconds(2);
  const auto report = november(words(), {event(Step::opened, 0), late, end});
  EXPECT_EQ(clock(report, "incidentOpened").verdict, Verdict::breached);
  // The silence began when the notice was due.
  EXPECT_EQ(clock(report, "incidentUpdate").elapsed_ns, 30 * kMinute + kSecondNs);
  EXPECT_EQ(clock(report, "incidentUpdate").verdict, Verdict::breached);
  EXPECT_EQ(report->count(Verdict::breached), 2);
}

TEST(Notices, AreOwedFromWhenTheCollectorSaidItAndNotFromTheFirstFailure) {
  const auto report = november(words(), {opening(0, "collector", 40), event(Step::updated, 44)});
  const auto first = clock(report, "incidentOpened");
  EXPECT_EQ(minute_of(first.from), 40);
  EXPECT_EQ(first.elapsed_ns, 4 * kMinute);
  EXPECT_EQ(first.verdict, Verdict::met);
}

TEST(Notices, AreOwedFromWhenTheCustomerSaidItAndTheCustomersWordIsNone) {
  const auto report = november(words(), {opening(-60, "customer", 0), event(Step::prioritised, 2),
                                         event(Step::responded, 6)});
  const auto first = clock(report, "incidentOpened");
  EXPECT_EQ(first.elapsed_ns, 6 * kMinute);
  EXPECT_EQ(first.verdict, Verdict::breached);
}

TEST(Notices, AProvidersOpeningIsOneAndOpeningLateKeepsNothing) {
  const auto at_once = november(words(), {opening(0, "provider", 0), event(Step::resolved, 20)});
  EXPECT_EQ(clock(at_once, "incidentOpened").elapsed_ns, 0);
  EXPECT_EQ(clock(at_once, "incidentOpened").verdict, Verdict::met);
  EXPECT_EQ(clock(at_once, "incidentUpdate").verdict, Verdict::met);

  const auto late = november(words(), {opening(0, "provider", 12), event(Step::resolved, 20)});
  EXPECT_EQ(clock(late, "incidentOpened").elapsed_ns, 12 * kMinute);
  EXPECT_EQ(clock(late, "incidentOpened").verdict, Verdict::breached);
}

TEST(Notices, AreNotOwedOfWhatIsOverBefore) {
  const auto report = november(words(), {event(Step::opened, 0), event(Step::resolved, 3)});
  EXPECT_EQ(clock(report, "incidentOpened").verdict, Verdict::met);
  EXPECT_EQ(minute_of(clock(report, "incidentOpened").to), 3);
  EXPECT_EQ(clock(report, "incidentUpdate").elapsed_ns, 0);
  EXPECT_EQ(clock(report, "incidentUpdate").verdict, Verdict::met);
}

TEST(Notices, HaveNoVerdictWhileTheirTimeRuns) {
  const auto soon = november(words(), {event(Step::opened, 0)}, 5);
  const auto first = clock(soon, "incidentOpened");
  EXPECT_EQ(first.verdict, std::nullopt);
  EXPECT_EQ(first.to, std::nullopt);
  EXPECT_EQ(minute_of(first.due), 5);
  EXPECT_EQ(clock(soon, "incidentUpdate").verdict, std::nullopt);
  EXPECT_EQ(minute_of(clock(soon, "incidentUpdate").due), 35);

  const auto told = november(words(), {event(Step::opened, 0), event(Step::updated, 1)}, 31);
  EXPECT_EQ(clock(told, "incidentOpened").verdict, Verdict::met);
  EXPECT_EQ(clock(told, "incidentUpdate").verdict, std::nullopt);
  EXPECT_EQ(clock(told, "incidentUpdate").elapsed_ns, 30 * kMinute);
  EXPECT_EQ(minute_of(clock(told, "incidentUpdate").due), 31);

  const auto silent = november(words(), {event(Step::opened, 0), event(Step::updated, 1)}, 32);
  EXPECT_EQ(clock(silent, "incidentUpdate").verdict, Verdict::breached);
  EXPECT_EQ(clock(silent, "incidentUpdate").to, std::nullopt);
}

TEST(Notices, WhatIsNotSaidYetIsNotKnown) {
  const auto report = november(words(), {opening(0, "collector", 40)}, 39);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->incidents, 0);
}

TEST(Notices, AreNotAwaitedBetweenResolutionAndReopening) {
  const auto report = november(
      words(), {event(Step::opened, 0), event(Step::responded, 2), event(Step::resolved, 20),
                event(Step::reopened, 200), event(Step::updated, 225), event(Step::resolved, 240)});
  const auto silence = clock(report, "incidentUpdate");
  EXPECT_EQ(silence.elapsed_ns, 25 * kMinute);
  EXPECT_EQ(minute_of(silence.from), 200);
  EXPECT_EQ(silence.verdict, Verdict::met);
}

TEST(Notices, NeitherHoursNorPausesStopThem) {
  Words agreed = words();
  agreed.spec +=
      "  support: {clock: {pauseWhile: [customer]},\n"
      "            priorities: [{name: high, when: down, update: 30m}]}\n";
  auto pause = event(Step::paused, 4);
  pause.reason = "customer";
  const auto report = november(
      agreed, {event(Step::opened, 0), pause, event(Step::resumed, 60), event(Step::resolved, 61)});
  EXPECT_EQ(clock(report, "incidentOpened").verdict, Verdict::met);  // the pause tells why
  EXPECT_EQ(clock(report, "incidentUpdate").elapsed_ns, 57 * kMinute);
  EXPECT_EQ(clock(report, "incidentUpdate").verdict, Verdict::breached);
}

TEST(Notices, OfUpdatesAloneCountFromTheOpening) {
  const auto report =
      november(words("incidentUpdate: 30m"),
               {event(Step::opened, 0), event(Step::updated, 31), event(Step::resolved, 40)});
  ASSERT_EQ(report->clocks.size(), 1U);
  EXPECT_EQ(report->clocks[0].elapsed_ns, 31 * kMinute);
  EXPECT_EQ(report->clocks[0].verdict, Verdict::breached);
}

TEST(Notices, OfAnotherPeriodAreNotOfThisOne) {
  const auto report = november(words(), {event(Step::opened, -60 * 24 * 10)});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->incidents, 0);
  EXPECT_TRUE(report->clocks.empty());
}

Report reported(const Words& agreed) {
  Series all = series();
  add(all, at("2026-11-10T00:00:00Z"), at("2026-11-11T00:00:00Z"), 30, kUp);
  Events events;
  events.incidents = {opening(0, "collector", 1), event(Step::updated, 4),
                      event(Step::resolved, 100)};
  auto out = judge({agreement(agreed)}, {all}, {"2026-11-10", std::nullopt}, events);
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? *out : Report{};
}

TEST(Notices, StandInEveryFormOfTheReport) {
  const Report report = reported(words());
  const auto json = nlohmann::json::parse(report_json(report)).at("notices");
  EXPECT_EQ(json.at("incidents"), 1);
  EXPECT_EQ(json.at("met"), 1);
  EXPECT_EQ(json.at("breached"), 1);
  const auto& first = json.at("clocks").at(0);
  EXPECT_EQ(first.at("clock"), "incidentOpened");
  EXPECT_EQ(first.at("from"), "2026-11-10T12:01:00Z");
  EXPECT_EQ(first.at("to"), "2026-11-10T12:04:00Z");
  EXPECT_EQ(first.at("verdict"), "MET");
  const auto& silence = json.at("clocks").at(1);
  EXPECT_EQ(silence.at("elapsed_s"), 96 * 60);
  EXPECT_EQ(silence.at("verdict"), "BREACHED");

  const auto text = report_text(report, false, Language::en);
  EXPECT_NE(text.find("notices to the customer: 1 incidents, 1 promises kept, 1 missed"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("i1 first notice: 180 s of 300 s, MET"), std::string::npos) << text;
  EXPECT_NE(report_text(report, false, Language::zh).find("首次通知"), std::string::npos);
  EXPECT_NE(report_html(report, Language::en).find("longest silence"), std::string::npos);
  EXPECT_NE(report_html(report, Language::zh).find("最长无更新时间"), std::string::npos);
}

TEST(Notices, ThatNobodyPromisedLeaveTheReportAsItWas) {
  const Report report = reported(words("maintenance: 2d"));
  EXPECT_FALSE(report.notices);
  EXPECT_FALSE(nlohmann::json::parse(report_json(report)).contains("notices"));
  EXPECT_EQ(report_text(report, false, Language::en).find("notices"), std::string::npos);
}

}  // namespace
}  // namespace nines::sla::notices_test
