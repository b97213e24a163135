// SPDX-License-Identifier: Apache-2.0
// Sealing: when, from what, and that it stays.
#include "collector/reports.h"

#include <algorithm>

#include "collector/report_difference.h"
#include "tests/collector/sealing.h"

namespace nines::collector::reports_test {
namespace {

using nlohmann::json;
using test::kStart;

using Reports = test::SealingTest;
using test::at;
using test::kAlice;
using test::kBob;

TEST_F(Reports, AreSealedWhenThePeriodAndItsTimeForLateDataAreOver) {
  EXPECT_TRUE(due(at("2026-12-01T00:00:00Z")).empty());
  EXPECT_TRUE(due(at("2026-12-03T00:00:30Z")).empty()) << "batches may be under way";
  const auto plans = due(at("2026-12-03T00:01:00Z"));
  ASSERT_EQ(plans.size(), 1u);
  EXPECT_EQ(plans[0].period, "2026-11");
  EXPECT_EQ(plans[0].revision, 1u);
  EXPECT_EQ(format_rfc3339(plans[0].cut.at), "2026-12-03T00:00:00Z");
}

TEST_F(Reports, AreSealedFromWhenTheAgreementWasKnown) {
  EXPECT_EQ(due_names(at("2027-02-10T00:00:00Z")),
            (std::vector<std::string>{"2026-11/1", "2026-12/1", "2027-01/1"}));
  EXPECT_TRUE(due_reports(db(), Agreements(), at("2027-02-10T00:00:00Z"))->empty());
}

TEST_F(Reports, AreSealedOnceAndSaySo) {
  auto agent = agent_of();
  settle(agent.results(kStart, 360));
  seal(at("2026-12-03T00:01:00Z"));
  EXPECT_TRUE(due(at("2026-12-03T00:05:00Z")).empty());
  const auto report = find_report(db(), "shop", "2026-11");
  ASSERT_TRUE(report);
  const auto said = json::parse(report->bytes);
  EXPECT_EQ(said["state"], "sealed");
  EXPECT_EQ(said["revision"], 1);
  EXPECT_EQ(said["cut"], "2026-12-03T00:00:00Z");
  EXPECT_NE(said["objectives"][0]["seconds"]["up"], 0);
  const auto entry = find_entry_of(db(), "report", "shop/2026-11/1");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->position, report->position);
  const auto logged = json::parse(entry->text);
  EXPECT_EQ(logged["report"], "sha256:" + hex(sha256(as_bytes(report->bytes))));
  EXPECT_EQ(logged["agreements"][0], "sha256:" + hex(agreements->find("shop")->front().digest));
  EXPECT_TRUE(logged.contains("zone_data"));
  EXPECT_TRUE(logged.contains("code"));
}

TEST_F(Reports, ComputeToTheSameBytesWhateverComesLater) {
  auto agent = agent_of();
  settle(agent.results(kStart, 360));
  seal(at("2026-12-03T00:01:00Z"));
  const auto report = *find_report(db(), "shop", "2026-11");
  EXPECT_EQ(again(report), report.bytes);
  // Late by the clock; and by the log alone, where the clock was set back.
  settle(agent.results(kStart + hours(2), 360, Outcome::down), at("2026-12-03T00:02:00Z"));
  settle(agent.results(kStart + hours(4), 360, Outcome::down), at("2026-12-02T00:00:00Z"));
  EXPECT_EQ(say(kAlice,
                {{"type", "exclusion"},
                 {"action", "claim"},
                 {"id", "f1"},
                 {"kind", "force_majeure"},
                 {"from", "2026-11-02T02:00:00Z"},
                 {"to", "2026-11-02T03:00:00Z"}},
                at("2026-12-04T00:00:00Z")),
            "");
  EXPECT_EQ(again(report), report.bytes);
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(again(report), report.bytes);
  EXPECT_EQ(revisions()["late"]["results"], 720);
}

TEST_F(Reports, AreJudgedByTheTextsOfThenWhereverTheirFilesAreNow) {
  auto agent = agent_of();
  settle(agent.results(kStart, 360));
  seal(at("2026-12-03T00:01:00Z"));
  const auto report = *find_report(db(), "shop", "2026-11");
  write("1.0.0", "2026-06-01T00:00:00");
  load(at("2026-12-10T00:00:00Z"));
  EXPECT_EQ(again(report), report.bytes);
  agreements = std::make_shared<const Agreements>();
  EXPECT_EQ(again(report), report.bytes);
}

TEST_F(Reports, CountWhatCameLateWhenBothPartiesRestate) {
  auto agent = agent_of();
  settle(agent.results(kStart, 360));
  EXPECT_NE(say_restatement(kAlice, "propose", kStart + hours(1)).find("nothing is sealed"),
            std::string::npos);
  seal(at("2026-12-03T00:01:00Z"));
  const auto first = *find_report(db(), "shop", "2026-11");
  settle(agent.results(kStart + hours(2), 360, Outcome::down), at("2026-12-05T00:00:00Z"));
  EXPECT_EQ(say_restatement(kAlice, "propose", at("2026-12-06T00:00:00Z")), "");
  EXPECT_TRUE(due(at("2026-12-06T00:01:00Z")).empty()) << "one party is not both";
  settle(agent.results(kStart + hours(6), 360, Outcome::down), at("2026-12-07T00:00:00Z"));
  EXPECT_NE(say_restatement(kAlice, "approve", at("2026-12-08T00:00:00Z")), "");
  EXPECT_EQ(say_restatement(kBob, "approve", at("2026-12-08T00:00:00Z")), "");
  EXPECT_EQ(due_names(at("2026-12-08T00:01:00Z")), std::vector<std::string>{"2026-11/2"});
  seal(at("2026-12-08T00:01:00Z"));
  EXPECT_TRUE(due(at("2026-12-08T00:02:00Z")).empty());
  const auto second = *find_report(db(), "shop", "2026-11");
  EXPECT_EQ(second.revision, 2u);
  EXPECT_EQ(again(second), second.bytes);
  const auto& difference = second.inputs["difference"];
  EXPECT_EQ(difference["results_added"], 360) << "what came after the proposal was not agreed on";
  EXPECT_EQ(difference["objectives"][0]["name"], "availability");
  EXPECT_EQ(difference["objectives"][0]["before"]["seconds"]["down"], 0);
  EXPECT_EQ(difference["objectives"][0]["after"]["seconds"]["down"],
            json::parse(second.bytes)["objectives"][0]["seconds"]["down"]);
  EXPECT_NE(difference["objectives"][0]["after"]["seconds"]["down"], 0);
  EXPECT_EQ(second.inputs["restatement"]["proposed_by"], "alice");
  EXPECT_EQ(second.inputs["restatement"]["approved_by"], "bob");
  EXPECT_EQ(find_report(db(), "shop", "2026-11", 1)->bytes, first.bytes);
  const auto list = revisions();
  EXPECT_EQ(list["revisions"].size(), 2u);
  EXPECT_EQ(list["revisions"][0]["revision"], 2);
  EXPECT_EQ(list["late"]["results"], 360);
}

TEST_F(Reports, AreOfEveryCalendarThatTheAgreementNames) {
  write("2.0.0", "2026-12-01T00:00:00",
        "    - {name: year, target: \"99.9\", period: {calendar: year}}\n"
        "    - {name: quarter, target: \"99.9\", period: {calendar: quarter}}\n"
        "    - {name: rolling, target: \"99.9\", period: {rolling: 30d}}\n");
  load(at("2026-11-20T00:00:00Z"));
  auto names = due_names(at("2027-01-05T00:00:00Z"));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"2026-11/1", "2026-12/1", "2026-Q4/1", "2026/1"}));
}

TEST(PeriodText, IsWhatThePeriodIsReadFrom) {
  using Kind = sla::PeriodRule::Kind;
  for (const auto kind : {Kind::day, Kind::week, Kind::month, Kind::quarter, Kind::year}) {
    auto period = sla::period_at({kind, 0}, sla::Zone(), at("2032-02-03T00:00:00Z"));
    for (int i = 0; i < 400 && period.from > 0; ++i) {
      const auto text = period_text(kind, sla::Zone().date_at(WallTime{period.from}));
      const auto read = sla::parse_period(text, sla::Zone());
      ASSERT_TRUE(read) << text;
      EXPECT_EQ(read->from, period.from) << text;
      EXPECT_EQ(read->to, period.to) << text;
      period = sla::period_at({kind, 0}, sla::Zone(), WallTime{period.from});
    }
  }
}

TEST(ReportDifference, NamesWhatChangedAndNothingElse) {
  const std::string before =
      R"({"objectives":[{"name":"a","service":"s","verdict":"MET","seconds":{"down":1}},)"
      R"({"name":"b","service":"s","verdict":"MET"},{"name":"c","service":"s"}],"credits":null})";
  const std::string after =
      R"({"objectives":[{"name":"a","service":"s","verdict":"BREACHED","seconds":{"down":9}},)"
      R"({"name":"b","service":"s","verdict":"MET"},{"name":"d","service":"s"}],)"
      R"("credits":{"amount":"20.00"}})";
  const auto difference = report_difference(before, after);
  ASSERT_EQ(difference["objectives"].size(), 3u);
  EXPECT_EQ(difference["objectives"][0]["name"], "a");
  EXPECT_EQ(difference["objectives"][0]["before"]["verdict"], "MET");
  EXPECT_EQ(difference["objectives"][0]["after"]["verdict"], "BREACHED");
  EXPECT_EQ(difference["objectives"][1]["name"], "c");
  EXPECT_TRUE(difference["objectives"][1]["after"].is_null());
  EXPECT_EQ(difference["objectives"][2]["name"], "d");
  EXPECT_EQ(difference["credits"]["after"]["amount"], "20.00");
  EXPECT_TRUE(report_difference(before, before)["objectives"].empty());
  EXPECT_FALSE(report_difference(before, before).contains("credits"));
}

}  // namespace
}  // namespace nines::collector::reports_test
