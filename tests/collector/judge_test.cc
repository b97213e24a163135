// SPDX-License-Identifier: Apache-2.0
// The collector's number must be the number that anyone gets who recomputes it from the exported
// results.
#include "collector/judge.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "collector/recorded.h"
#include "sla/input/results_file.h"
#include "sla/render/report_json.h"
#include "tests/collector/rig.h"

namespace nines::collector::judge_test {
namespace {

using test::FakeAgent;
using test::kStart;

std::string agreement_text(const std::string& version = "1.0.0", const std::string& more = "") {
  return "apiVersion: nines/v1\nkind: Agreement\nmetadata:\n  name: shop\n  version: \"" + version +
         "\"\n" + more +
         "spec:\n  effective: {from: \"2026-01-01T00:00:00\", timeZone: UTC}\n"
         "  scope:\n    services: [{name: shop}]\n  measurement:\n    checks:\n"
         "      - {name: db, every: 10s, timeout: 5s, tcp: {address: \"db:5432\"}}\n"
         "  objectives:\n    - {name: availability, target: \"99.9\"}\n";
}

class Judge : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::filesystem::create_directory(directory / "agreements");
    write("shop.yaml", agreement_text());
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory / "agreements" + "/" + name) << text;
  }

  std::shared_ptr<const Agreements> load() {
    auto agreements = Agreements::load(directory / "agreements");
    EXPECT_TRUE(agreements) << (agreements ? "" : agreements.error().message);
    return agreements ? *agreements : std::make_shared<const Agreements>();
  }

  // Entries whose "db" is the agreement's.
  static std::vector<CheckEntry> agreed(const sla::Agreement& agreement) {
    auto db = test::check_entry("db");
    db.canonical = canonical_text(agreement.checks.at(0).check);
    return {db, test::check_entry("web")};
  }

  std::string recomputed(const std::vector<sla::Agreement>& versions,
                         const sla::Question& question) {
    const auto needed = results_needed(store->database(), versions, question);
    EXPECT_TRUE(needed);
    const auto lines = export_results(store->database(), needed->checks, needed->vantages,
                                      needed->from, needed->to, 64 << 20);
    EXPECT_TRUE(lines) << (lines ? "" : lines.error().message);
    std::istringstream in(*lines);
    auto results = sla::read_results(in, "export");
    EXPECT_TRUE(results) << (results ? "" : results.error().message);
    EXPECT_EQ(results->conflicts, 0u);
    EXPECT_EQ(results->duplicates, 0u);
    exported = results->count;
    const auto report = sla::judge(versions, std::move(results->series), question);
    EXPECT_TRUE(report);
    return sla::report_json(*report);
  }

  std::uint64_t exported = 0;
};

TEST_F(Judge, SaysWhatTheExportedResultsSay) {
  const auto agreements = load();
  const auto& versions = *agreements->find("shop");
  for (const auto* name : {"edge-1", "edge-2"}) {
    const bool first = std::string_view(name) == "edge-1";
    FakeAgent agent(name, first ? 1 : 2);
    agent.set_table(agreed(versions[0]));
    settle(agent.results(kStart, 360));
    settle(agent.results(kStart + hours(1), 30, Outcome::down));
    settle(agent.results(kStart + hours(1) + minutes(5), 330));
    // Away for a while, as a range record and as nothing at all.
    settle(agent.results(kStart + hours(2), 1, Outcome::unknown, 90));
    if (first) agent.clock_ahead = seconds(90), agent.clock_bound = milliseconds(3);
    settle(agent.results(kStart + hours(3) + seconds(10 * agent.epoch()[0]), 300));
    agent.clock_ahead = -milliseconds(400);
    settle(agent.results(kStart + hours(5), 300, Outcome::down));
  }
  for (const auto* period :
       {"2026-11-02", "2026-11", "2026-11-02T01:02:03Z/2026-11-02T05:10:00Z"}) {
    const sla::Question question{period, {}};
    const auto report = judge_agreement(store->database(), versions, question);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(sla::report_json(*report), recomputed(versions, question)) << period;
    EXPECT_GT(exported, 1000u);
    EXPECT_GT(report->objectives.at(0).seconds.down, 0);
    EXPECT_GT(report->objectives.at(0).seconds.up, 0);
    EXPECT_GT(report->objectives.at(0).seconds.unknown, 0);
  }
  const sla::Question as_of{{}, kStart + hours(4)};
  const auto report = judge_agreement(store->database(), versions, as_of);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(sla::report_json(*report), recomputed(versions, as_of));
}

constexpr const char* kCanary = "tcp://192.0.2.53:53";
constexpr const char* kGateway = "icmp://gateway";

// `db` and the two canaries, each with its own outcome, `count` results of 10 s from `from` on.
test::Made beside_canaries(
    FakeAgent& agent, WallTime from, int count, Outcome db, Outcome canary, Outcome gateway) {
  BatchBody body;
  const Outcome outcomes[] = {db, canary, gateway};
  for (std::uint32_t check = 0; check < 3; ++check) {
    CheckResults series{check, {}};
    auto slot = test::check_entry("").grid.slot_at(from - Duration(1)) + 1;
    for (int i = 0; i < count; ++i, ++slot) {
      series.results.push_back(agent.result(slot, outcomes[check]));
    }
    body.series.push_back(std::move(series));
  }
  return agent.seal(std::move(body));
}

TEST_F(Judge, ReadsTheCanariesOfEachVantageAndExcusesWhatTheyExplain) {
  auto text = agreement_text();
  const std::string checks = "    checks:\n";
  text.replace(text.find(checks), checks.size(),
               std::string("    canaries: [\"") + kCanary + "\", \"" + kGateway +
                   "\"]\n    quorum: {k: 1}\n" + checks);
  write("shop.yaml", text);
  const auto agreements = load();
  const auto& versions = *agreements->find("shop");
  constexpr auto kUp = Outcome::up, kDown = Outcome::down, kUnknown = Outcome::unknown;
  for (const auto* name : {"edge-1", "edge-2"}) {
    const bool first = std::string_view(name) == "edge-1";
    FakeAgent agent(name, first ? 1 : 2);
    auto entries = agreed(versions[0]);
    entries[1] = test::check_entry(kCanary);
    entries.push_back(test::check_entry(kGateway));
    agent.set_table(entries);
    settle(beside_canaries(agent, kStart, 60, kUp, kUp, kUp));
    // Ten minutes: edge-1 is cut off (its gateway cannot be measured), at edge-2 nothing is wrong.
    const auto cut = first ? kDown : kUp;
    settle(beside_canaries(agent, kStart + minutes(10), 60, cut, cut, first ? kUnknown : kUp));
    // Five minutes of a real outage, seen by both.
    settle(beside_canaries(agent, kStart + minutes(20), 30, kDown, kUp, kUp));
    settle(beside_canaries(agent, kStart + minutes(25), 210, kUp, kUp, kUp));
  }
  // An agent that measures only canaries is no vantage of the check.
  FakeAgent bystander("edge-3", 3);
  bystander.set_table({test::check_entry(kCanary)});
  settle(bystander.results(kStart, 360));

  const sla::Question question{"2026-11-02T00:05:00Z/2026-11-02T00:50:00Z", {}};
  const auto needed = results_needed(store->database(), versions, question);
  ASSERT_TRUE(needed);
  EXPECT_EQ(needed->checks, (std::vector<std::string>{"db", kGateway, kCanary}));
  EXPECT_EQ(needed->vantages, (std::vector<std::string>{"edge-1", "edge-2"}));
  const auto report = judge_agreement(store->database(), versions, question);
  ASSERT_TRUE(report) << report.error().message;
  const auto& objective = report->objectives.at(0);
  // Starts are a few microseconds late, each a little more or less than the one before.
  EXPECT_NEAR(static_cast<double>(objective.seconds.down), 300e9, 1e6);
  EXPECT_NEAR(static_cast<double>(objective.seconds.unknown), 600e9, 1e6);
  EXPECT_EQ(objective.unknown_by,
            (sla::CauseLengths{{sla::Cause::uplink, objective.seconds.unknown}}));
  EXPECT_TRUE(report->warnings.empty());
  EXPECT_EQ(sla::report_json(*report), recomputed(versions, question));
}

TEST_F(Judge, TellsWhyTimeIsUnknown) {
  const auto agreements = load();
  const auto& versions = *agreements->find("shop");
  FakeAgent agent("edge");
  agent.set_table(agreed(versions[0]));
  settle(agent.results(kStart, 30));
  settle(agent.results(kStart + minutes(5), 1, Outcome::unknown, 30));  // agent_stopped
  settle(agent.results(kStart + minutes(10), 30));
  const sla::Question question{"2026-11-02T00:00:00Z/2026-11-02T00:20:00Z", {}};
  const auto report = judge_agreement(store->database(), versions, question);
  ASSERT_TRUE(report) << report.error().message;
  const auto& by = report->objectives.at(0).unknown_by;
  constexpr auto kStopped = static_cast<sla::Cause>(Reason::agent_stopped);
  ASSERT_EQ(by.size(), 2U);
  // The lateness of the first results after each change is the only difference to five minutes.
  EXPECT_NEAR(static_cast<double>(by.at(kStopped)), 300e9, 1e9);
  EXPECT_NEAR(static_cast<double>(by.at(sla::Cause::no_results)), 285e9, 1e9);
  EXPECT_EQ(sla::report_json(*report), recomputed(versions, question));
}

TEST_F(Judge, PutsAnAgentsClockRight) {
  const auto agreements = load();
  const auto& versions = *agreements->find("shop");
  FakeAgent agent("edge");
  agent.set_table(agreed(versions[0]));
  agent.clock_ahead = hours(1);
  agent.clock_bound = milliseconds(5);
  settle(agent.results(kStart + hours(1), 360, Outcome::down));
  const auto report = judge_agreement(store->database(), versions,
                                      {"2026-11-02T00:00:00Z/2026-11-02T01:00:00Z", {}});
  ASSERT_TRUE(report) << report.error().message;
  // An hour of failures labelled one hour late belongs to the hour before, but for its first
  // lateness.
  EXPECT_GE(report->objectives.at(0).seconds.down, 3599 * test::kSecond);
}

TEST_F(Judge, LeavesOutResultsOfAnotherDefinition) {
  const auto agreements = load();
  const auto& versions = *agreements->find("shop");
  FakeAgent agent("edge");  // its "db" looks at something else
  settle(agent.results(kStart, 360, Outcome::down));
  const auto report = judge_agreement(store->database(), versions, {"2026-11-02", {}});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->objectives.at(0).seconds.down, 0);
  EXPECT_EQ(sla::report_json(*report), recomputed(versions, {"2026-11-02", {}}));
}

TEST_F(Judge, RefusesAnExportBeyondItsBound) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 360));
  EXPECT_FALSE(
      export_results(store->database(), {"db"}, {"edge"}, kStart, kStart + hours(1), 1000));
  EXPECT_TRUE(
      export_results(store->database(), {"db"}, {"edge"}, kStart, kStart + seconds(15), 1000));
}

TEST_F(Judge, AsksAboutTheFutureAsFuture) {
  const auto agreements = load();
  const auto& versions = *agreements->find("shop");
  const auto now = kStart + hours(5);
  EXPECT_FALSE(question_for(versions, "2026-10", {}, now)->as_of);
  EXPECT_EQ(question_for(versions, "2026-11", {}, now)->as_of, now);
  EXPECT_EQ(question_for(versions, {}, {}, now)->as_of, now);
  EXPECT_EQ(question_for(versions, "2026-11", kStart, now)->as_of, kStart);
  EXPECT_FALSE(question_for(versions, "next tuesday", {}, now));
}

TEST_F(Judge, LoadsAllFilesOrNone) {
  write("second.yaml", agreement_text("1.0.0", ""));
  auto twice = Agreements::load(directory / "agreements");
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message.find("stands in another file"), std::string::npos);
  write("second.yaml", "apiVersion: nines/v1\nkind: Agreement\nmetadta: {}\n");
  write("third.yaml", "{");
  auto bad = Agreements::load(directory / "agreements");
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("second.yaml"), std::string::npos) << bad.error().message;
  EXPECT_NE(bad.error().message.find("third.yaml"), std::string::npos);
  EXPECT_FALSE(Agreements::load(directory / "nowhere"));
  EXPECT_TRUE((*Agreements::load(""))->all().empty());
  std::filesystem::remove(directory / "agreements/second.yaml");
  std::filesystem::remove(directory / "agreements/third.yaml");
  write("notes.txt", "not an agreement");
  EXPECT_EQ(load()->all().size(), 1u);
}

}  // namespace
}  // namespace nines::collector::judge_test
