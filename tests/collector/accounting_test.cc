// SPDX-License-Identifier: Apache-2.0
// The proof that every due slot is accounted for exactly once must find each way in which it is
// not.
#include "collector/accounting.h"

#include "tests/collector/rig.h"

namespace nines::collector::accounting_test {
namespace {

using test::FakeAgent;
using test::kStart;

class Accounting : public test::StoreTest {
 protected:
  Account account(WallTime from = {0}, WallTime to = kStart + hours(24 * 365)) {
    auto account = account_slots(store->database(), "edge", from, to);
    EXPECT_TRUE(account) << (account ? "" : account.error().message);
    return account ? *account : Account{};
  }

  static AgentEvent event(EventKind kind, WallTime wall) {
    AgentEvent e;
    e.kind = kind;
    e.wall = wall;
    return e;
  }

  static std::int64_t slot(WallTime t) { return t.ns / (10 * test::kSecond); }
};

TEST_F(Accounting, FindsEverySlotOnce) {
  FakeAgent agent("edge");
  for (int i = 0; i < 20; ++i) settle(agent.results(kStart + minutes(10 * i), 60));
  const auto a = account();
  EXPECT_TRUE(a.exactly_once);
  ASSERT_EQ(a.checks.size(), 2u);
  EXPECT_EQ(a.checks[0].check, "db");
  EXPECT_EQ(a.checks[0].span, (SlotRange{slot(kStart), slot(kStart) + 1199}));
  EXPECT_EQ(a.checks[0].recorded, 1200u);
  EXPECT_EQ(a.checks[0].missing_slots, 0u);
}

TEST_F(Accounting, CallsASlotThatNothingExplainsUnexplained) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  settle(agent.results(kStart + seconds(80), 6));  // two slots are missing
  const auto a = account();
  EXPECT_FALSE(a.exactly_once);
  ASSERT_EQ(a.checks[0].missing.size(), 1u);
  EXPECT_EQ(a.checks[0].missing[0].slots, (SlotRange{slot(kStart) + 6, slot(kStart) + 7}));
  EXPECT_EQ(a.checks[0].missing[0].cause, Absence::unexplained);
  EXPECT_EQ(a.checks[0].unexplained_slots, 2u);
}

TEST_F(Accounting, FindsSlotsRecordedTwice) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  settle(agent.results(kStart + seconds(40), 6));  // two slots again
  const auto a = account();
  EXPECT_FALSE(a.exactly_once);
  ASSERT_EQ(a.checks[0].doubled.size(), 1u);
  EXPECT_EQ(a.checks[0].doubled[0], (SlotRange{slot(kStart) + 4, slot(kStart) + 5}));
  EXPECT_EQ(a.checks[0].recorded, 10u);
  EXPECT_EQ(a.checks[0].missing_slots, 0u);
}

TEST_F(Accounting, FindsSlotsDoubledByAnotherEpoch) {
  settle(FakeAgent("edge", 1).results(kStart, 6));
  settle(FakeAgent("edge", 2).results(kStart + seconds(50), 6));
  const auto a = account();
  EXPECT_FALSE(a.exactly_once);
  EXPECT_EQ(a.checks[0].doubled_slots, 1u);
}

TEST_F(Accounting, ExcusesAnAgentThatWasAway) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  agent.events.push_back(event(EventKind::boot, kStart + minutes(5)));
  settle(agent.results(kStart + minutes(5) + seconds(10), 6));
  const auto a = account();
  EXPECT_TRUE(a.exactly_once);
  ASSERT_EQ(a.checks[0].missing.size(), 1u);
  EXPECT_EQ(a.checks[0].missing[0].cause, Absence::agent_away);
  EXPECT_EQ(a.checks[0].missing_slots, 25u);
}

TEST_F(Accounting, DoesNotExcuseByAStartAtAnotherTime) {
  FakeAgent agent("edge");
  agent.events.push_back(event(EventKind::boot, kStart - seconds(10)));
  settle(agent.results(kStart, 6));
  agent.events.push_back(event(EventKind::boot, kStart + hours(2)));
  settle(agent.results(kStart + minutes(5), 6));
  EXPECT_FALSE(account().exactly_once);
}

TEST_F(Accounting, NamesTheGapThatDroppedSlots) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  settle(first);
  const auto lost = agent.results(kStart + seconds(60), 6);
  settle(agent.gap(2, 2, first.hash, lost.hash,
                   {{"db", 6, 0, 0, slot(kStart) + 6, slot(kStart) + 11, 0},
                    {"web", 4, 0, 0, slot(kStart) + 8, slot(kStart) + 11, 0}}));
  settle(agent.results(kStart + seconds(120), 6));
  const auto a = account();
  ASSERT_EQ(a.checks[0].missing.size(), 1u);
  EXPECT_EQ(a.checks[0].missing[0].cause, Absence::gap);
  EXPECT_EQ(a.checks[0].missing[0].slots.count(), 6);
  // Of the other check the gap does not name all.
  ASSERT_EQ(a.checks[1].missing.size(), 2u);
  EXPECT_EQ(a.checks[1].missing[0].cause, Absence::unexplained);
  EXPECT_EQ(a.checks[1].missing[0].slots, (SlotRange{slot(kStart) + 6, slot(kStart) + 7}));
  EXPECT_EQ(a.checks[1].missing[1].cause, Absence::gap);
  EXPECT_FALSE(a.exactly_once);
}

TEST_F(Accounting, ExcusesWhatWasNotConfigured) {
  FakeAgent agent("edge");
  agent.sealed_at = kStart + minutes(1);
  settle(agent.results(kStart, 6));
  agent.set_table({test::check_entry("db")});
  agent.sealed_at = kStart + minutes(2);
  settle(agent.results(kStart + minutes(1), 6));
  agent.set_table({test::check_entry("db"), test::check_entry("web")});
  agent.sealed_at = kStart + minutes(3);
  settle(agent.results(kStart + minutes(2), 6));
  const auto a = account();
  EXPECT_TRUE(a.exactly_once);
  EXPECT_EQ(a.checks[0].missing_slots, 0u);
  ASSERT_EQ(a.checks[1].missing.size(), 1u);
  EXPECT_EQ(a.checks[1].missing[0].cause, Absence::config);
}

TEST_F(Accounting, CountsTheSlotsOfARangeRecord) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  settle(agent.results(kStart + seconds(60), 1, Outcome::unknown, 100'000));
  settle(agent.results(kStart + seconds(60 + 1'000'000), 6));
  const auto a = account();
  EXPECT_TRUE(a.exactly_once);
  EXPECT_EQ(a.checks[0].recorded, 100'012u);
}

TEST_F(Accounting, LooksAtTheTimeAskedFor) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 60));
  settle(agent.results(kStart + hours(1), 60));
  EXPECT_FALSE(account().exactly_once);
  const auto a = account(kStart + hours(1) + seconds(5), kStart + hours(1) + seconds(35));
  EXPECT_TRUE(a.exactly_once);
  EXPECT_EQ(a.checks[0].recorded, 3u);
  EXPECT_TRUE(account(kStart + hours(5)).checks.empty());
}

TEST_F(Accounting, TellsItAsJson) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  settle(agent.results(kStart + seconds(80), 6));
  const auto text = account_json(account(), "edge", {0}, kStart);
  EXPECT_NE(text.find("\"exactly_once\": false"), std::string::npos);
  EXPECT_NE(text.find("\"cause\": \"unexplained\""), std::string::npos);
  EXPECT_NE(text.find("\"unexplained_slots\": 2"), std::string::npos);
}

}  // namespace
}  // namespace nines::collector::accounting_test
