// SPDX-License-Identifier: Apache-2.0
#include "agent/status_board.h"

#include <gtest/gtest.h>

#include "agent/recheck_text.h"

namespace nines::agent::status_board_test {
namespace {

Check check_named(std::string name) {
  Check check;
  check.name = std::move(name);
  check.every = seconds(1);
  check.spec = TcpSpec{.host = "host", .port = 1};
  return check;
}

Result at(std::int64_t slot, Outcome outcome, Reason reason) {
  Result r;
  r.slot = slot;
  r.probe.outcome = outcome;
  r.probe.reason = reason;
  return r;
}

struct StatusBoardTest : testing::Test {
  StatusBoardTest() { board.set_checks({{check_named("a"), SlotGrid{seconds(1), Duration(0)}}}); }

  bool up(std::int64_t slot) { return board.note("a", at(slot, Outcome::up, Reason::ok)); }

  bool down(std::int64_t slot) {
    return board.note("a", at(slot, Outcome::down, Reason::connect_refused));
  }

  bool unknown(std::int64_t slot) {
    return board.note("a", at(slot, Outcome::unknown, Reason::agent_no_route));
  }

  StatusBoard board;
};

TEST_F(StatusBoardTest, TellsOnlyChangesOfOutcome) {
  EXPECT_TRUE(up(1));
  EXPECT_FALSE(up(2));
  EXPECT_TRUE(down(3));
  EXPECT_FALSE(down(4));
  EXPECT_TRUE(unknown(5));
  EXPECT_TRUE(up(6));
}

TEST_F(StatusBoardTest, DatesAnOutcomeFromItsFirstResult) {
  up(1);
  down(2);
  down(3);
  EXPECT_EQ(board.find("a")->since, WallTime{2'000'000'000});
}

TEST_F(StatusBoardTest, KeepsAnOutageOpenThroughUnknownResults) {
  up(1);
  down(2);
  unknown(3);
  down(4);
  up(5);
  const auto& outages = board.find("a")->outages;
  ASSERT_EQ(outages.size(), 1U);
  EXPECT_EQ(outages[0].from, WallTime{2'000'000'000});
  EXPECT_EQ(outages[0].to, WallTime{5'000'000'000});
  EXPECT_EQ(outages[0].failures, 2U);
}

TEST_F(StatusBoardTest, BoundsHistoryOutagesAndEvidence) {
  for (int i = 0; i < 3000; ++i) {
    i % 20 < 10 ? down(i) : up(i);
  }
  const auto* view = board.find("a");
  EXPECT_EQ(view->history.size(), kHistoryResults);
  EXPECT_EQ(view->outages.size(), kKeptOutages);
  EXPECT_EQ(view->outages[0].evidence.size(), kEvidenceResults);
}

TEST_F(StatusBoardTest, KeepsRechecksAsEvidenceOfTheOpenOutageAndCountsNoneOfThem) {
  board.note_recheck("a", "before anything");
  up(1);
  board.note_recheck("a", "while up");
  down(2);
  for (int i = 0; i < 100; ++i) board.note_recheck("a", "again " + std::to_string(i));
  board.note_recheck("b", "of nobody");
  const auto* view = board.find("a");
  EXPECT_EQ(view->history.size(), 2U);
  EXPECT_EQ(view->outcome, Outcome::down);
  ASSERT_EQ(view->outages.size(), 1U);
  EXPECT_EQ(view->outages[0].failures, 1U);
  ASSERT_EQ(view->outages[0].rechecks.size(), kKeptRechecks);
  EXPECT_EQ(view->outages[0].rechecks[0], "again 0");
  up(3);
  board.note_recheck("a", "after it");
  EXPECT_EQ(board.find("a")->outages[0].rechecks.size(), kKeptRechecks);
}

TEST(RecheckText, IsTheFormOfTheDocumentAndBounded) {
  ProbeResult found;
  found.outcome = Outcome::down;
  found.reason = Reason::connect_refused;
  found.total_us = 302;
  found.address = "192.0.2.1:5432";
  found.detail = "refused the connection";
  const std::string check = "db";
  EXPECT_EQ(recheck_text({check, 59846400, 1, 2}, found),
            "db slot 59846400 recheck 1/2: down connect_refused 302us 192.0.2.1:5432 refused the "
            "connection");
  found.detail = std::string(1000, 'x') + "\n";
  EXPECT_LE(recheck_text({check, 59846400, 1, 2}, found).size(), kMaxText);
  EXPECT_EQ(recheck_text({check, -1, 2, 2}, {}), "db slot -1 recheck 2/2: unknown agent_internal");
}

TEST_F(StatusBoardTest, CountsEverySlotOfARangeRecord) {
  auto range = at(1, Outcome::unknown, Reason::agent_stopped);
  range.span = 40;
  board.note("a", range);
  const auto& slots = board.find("a")->slots;
  EXPECT_EQ(slots.at({Outcome::unknown, Reason::agent_stopped}), 40U);
}

TEST_F(StatusBoardTest, KeepsWhatItKnowsOfAnUnchangedCheckOverAReload) {
  up(1);
  const SlotGrid grid{seconds(1), Duration(0)};
  board.set_checks({{check_named("b"), grid}, {check_named("a"), grid}});
  EXPECT_EQ(board.find("a")->outcome, Outcome::up);
  EXPECT_FALSE(board.find("b")->outcome);
  auto changed = check_named("a");
  changed.every = seconds(2);
  changed.timeout = seconds(1);
  board.set_checks({{changed, SlotGrid{seconds(2), Duration(0)}}});
  EXPECT_FALSE(board.find("a")->outcome);
  EXPECT_EQ(board.find("b"), nullptr);
}

}  // namespace
}  // namespace nines::agent::status_board_test
