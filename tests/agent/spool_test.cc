// SPDX-License-Identifier: Apache-2.0
// At stake: what the spool took is delivered in order, once, unaltered, or its loss is counted.
#include "agent/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/agent/spool_rig.h"

namespace nines::agent::spool_test {
namespace {

using test::context_at;
using test::result_at;
using test::Rig;
using test::StrictCollector;
using test::table_of;

// The table of the rig without its first check: every index means another check.
CheckTable other_table() {
  auto table = table_of(4);
  table.checks.erase(table.checks.begin());
  return table;
}

// The pages of a new ring: 0 the batch of the start, 1 the state, 2 the table; then one for each
// append.
void flip_page(Rig& rig, std::uint64_t page) { rig.disk.flip("seg-0000", (page * 4096 + 100) * 8); }

TEST(Spool, BeginsAnEpochAndTellsOfTheStart) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  EXPECT_TRUE(rig.opened.created);
  StrictCollector collector;
  collector.drain(*rig.spool);
  ASSERT_GE(collector.events.size(), 2U);
  EXPECT_EQ(collector.events[0].kind, EventKind::epoch);
  EXPECT_EQ(collector.events[0].text, "first");
  EXPECT_EQ(collector.events[1].kind, EventKind::boot);
}

TEST(Spool, SaysThatResultsWithoutATableAreLost) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  for (int slot = 0; slot < 3; ++slot) ASSERT_TRUE(rig.record(0, slot, Outcome::up));
  for (const std::uint64_t page : {1, 2}) flip_page(rig, page);
  ASSERT_TRUE(rig.open());
  const std::string told =
      "3 results are lost: the table that names their checks cannot be read any more";
  EXPECT_THAT(rig.opened.findings, testing::Contains(told));
  StrictCollector collector;
  collector.drain(*rig.spool);
  const auto& events = collector.events;
  EXPECT_TRUE(std::any_of(events.begin(), events.end(), [&](const AgentEvent& event) {
    return event.kind == EventKind::spool && event.text == told;
  }));
}

TEST(Spool, DoesNotReadResultsByATableThatIsNotTheirs) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.spool->set_table(other_table(), context_at()));
  for (int slot = 0; slot < 3; ++slot) ASSERT_TRUE(rig.record(0, slot, Outcome::up));
  flip_page(rig, 3);
  ASSERT_TRUE(rig.open());
  EXPECT_THAT(rig.opened.findings, testing::Contains(testing::StartsWith("3 results are lost")));
  StrictCollector collector;
  collector.drain(*rig.spool);
  EXPECT_EQ(collector.results.size(), 0U) << "results of check-1 are not those of check-0";
}

TEST(Spool, TakesATableThatIsGoneFromTheBatchThatHasIt) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.spool->set_table(other_table(), context_at()));
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));
  for (int slot = 2; slot < 4; ++slot) ASSERT_TRUE(rig.record(0, slot, Outcome::up));
  flip_page(rig, 3);
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.opened.findings.size(), 1U) << "the damage itself";
  const auto& last = rig.opened.last;
  EXPECT_TRUE(std::any_of(last.begin(), last.end(), [](const proto::LastSlot& each) {
    return each.check == "check-1" && each.slot == 3;
  }));
  StrictCollector collector;
  collector.drain(*rig.spool);
  EXPECT_EQ(collector.results.size(), 3U);
}

TEST(Spool, SendsATableAgainWhereTheBatchThatHadItIsGone) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));  // with the table
  ASSERT_TRUE(rig.record(0, 2, Outcome::up, true));  // names it
  rig.checks = 5;
  ASSERT_TRUE(rig.spool->set_table(table_of(rig.checks), context_at()));
  ASSERT_TRUE(rig.record(0, 3, Outcome::up, true));
  flip_page(rig, 3);
  ASSERT_TRUE(rig.open());
  const auto epoch = rig.spool->epoch();
  StrictCollector collector;  // refuses series whose table it never saw
  collector.take_some(*rig.spool, 1);
  const auto bridged = rig.spool->bridge(epoch, 1, collector.chain(epoch), context_at());
  ASSERT_TRUE(bridged && *bridged);
  collector.drain(*rig.spool);
  EXPECT_EQ(collector.results.size(), 2U);
}

TEST(Spool, SendsATableAgainWhereTheBatchThatHadItIsGivenUp) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  StrictCollector collector;
  collector.drain(*rig.spool);
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));  // with the table
  const auto lost = rig.spool->next_for("https://a");
  ASSERT_TRUE(lost);
  ASSERT_TRUE(rig.record(0, 2, Outcome::up, true));  // names it
  ASSERT_TRUE(rig.spool->set_table(other_table(), context_at()));
  flip_page(rig, 3);
  ASSERT_FALSE(rig.spool->read(*lost));
  ASSERT_TRUE(rig.spool->give_up(*lost, context_at()));
  collector.drain(*rig.spool);
  EXPECT_EQ(collector.results.size(), 1U);
}

TEST(Spool, DeliversWhatWasSealedInOrder) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  for (int slot = 0; slot < 100; ++slot) {
    ASSERT_TRUE(rig.record(static_cast<std::uint32_t>(slot % 3), slot, Outcome::up, slot % 7 == 6));
  }
  ASSERT_TRUE(rig.record(0, 100, Outcome::down, true));
  StrictCollector collector;
  collector.drain(*rig.spool);
  EXPECT_EQ(collector.results.size(), 101U);
  EXPECT_EQ(collector.results.at({rig.spool->epoch(), 101}).second.probe.outcome, Outcome::down);
}

TEST(Spool, KeepsDurableResultsAcrossAKill) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  for (int slot = 0; slot < 50; ++slot) ASSERT_TRUE(rig.record(0, slot, Outcome::up));
  rig.spool.reset();
  ASSERT_TRUE(rig.open());
  EXPECT_FALSE(rig.opened.clean);
  StrictCollector collector;
  collector.drain(*rig.spool);
  EXPECT_EQ(collector.results.size(), 50U);
}

TEST(Spool, RemembersTheLastSlotOfEachCheck) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 41, Outcome::up, true));
  ASSERT_TRUE(rig.record(1, 7, Outcome::up));
  rig.spool.reset();
  ASSERT_TRUE(rig.open());
  std::map<std::string, std::int64_t> last;
  for (const auto& l : rig.opened.last) last[l.check] = l.slot;
  EXPECT_EQ(last.at("check-0"), 41);
  EXPECT_EQ(last.at("check-1"), 7);
  EXPECT_EQ(last.at("check-2"), -1) << "nothing recorded: due since its table came into force";
  EXPECT_EQ(last.size(), 3U);
}

std::map<std::string, std::int64_t> last_slots(const Rig& rig) {
  std::map<std::string, std::int64_t> last;
  for (const auto& l : rig.opened.last) last[l.check] = l.slot;
  return last;
}

TEST(Spool, KnowsWhatWasDueWhereAKillCameBeforeTheFirstResult) {
  Rig rig;
  rig.in_force_from = 1000;
  ASSERT_TRUE(rig.open());
  rig.spool.reset();
  ASSERT_TRUE(rig.open());
  // Phases of 0, 1 and 2 ms: only the first check has a slot at the second itself.
  const std::map<std::string, std::int64_t> due{
      {"check-0", 1000}, {"check-1", 999}, {"check-2", 999}};
  EXPECT_EQ(last_slots(rig), due);
  EXPECT_EQ(rig.opened.latest, WallTime(1000'000'000'000));
}

TEST(Spool, KnowsSinceWhenACheckThatCameLaterIsDue) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 90, Outcome::up, true));
  auto table = table_of(4);
  table.checks[1].grid.every = seconds(10);  // another grid: another check
  ASSERT_TRUE(rig.spool->set_table(table, context_at(100)));
  ASSERT_TRUE(rig.record(0, 101, Outcome::up));
  rig.spool.reset();
  ASSERT_TRUE(rig.open());
  auto last = last_slots(rig);
  EXPECT_EQ(last.at("check-0"), 101) << "it went on";
  EXPECT_EQ(last.at("check-1"), 9);
  EXPECT_EQ(last.at("check-3"), 99);
  // The rig's own table, without the fourth check and with the old grid, holds again since 0.
  rig.spool.reset();
  ASSERT_TRUE(rig.open());
  last = last_slots(rig);
  EXPECT_EQ(last.at("check-0"), 101);
  EXPECT_EQ(last.at("check-1"), -1);
}

TEST(Spool, KnowsAProperStopFromACrash) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  AgentEvent stop;
  stop.kind = EventKind::stop;
  std::vector<PendingResult> none;
  ASSERT_TRUE(rig.spool->append(none, {stop}, true, context_at()));
  rig.spool.reset();
  ASSERT_TRUE(rig.open());
  EXPECT_TRUE(rig.opened.clean);
}

TEST(Spool, SendsTheSameBytesToEachCollectorAndKeepsThemApart) {
  Rig rig(64 << 20, {"https://a", "https://b"});
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));
  StrictCollector a("https://a");
  a.drain(*rig.spool);
  EXPECT_FALSE(rig.spool->next_for("https://a"));
  const auto for_b = rig.spool->next_for("https://b");
  ASSERT_TRUE(for_b);
  EXPECT_EQ(for_b->number, 1U);
  EXPECT_GT(rig.spool->status().unsent_batches, 0U);
  StrictCollector b("https://b");
  b.drain(*rig.spool);
  EXPECT_EQ(a.results, b.results);
  EXPECT_EQ(rig.spool->status().unsent_batches, 0U);
}

TEST(Spool, RemembersReceiptsAcrossARestart) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));
  StrictCollector collector;
  collector.drain(*rig.spool);
  ASSERT_TRUE(rig.record(0, 2, Outcome::up));  // carries the mark
  rig.spool.reset();
  ASSERT_TRUE(rig.open());
  const auto next = rig.spool->next_for("https://a");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->first_seq, 2U);
}

TEST(Spool, SendsTheTableOnceAndAgainAfterAChange) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));
  ASSERT_TRUE(rig.record(0, 2, Outcome::up, true));
  ASSERT_TRUE(rig.spool->set_table(test::table_of(5), context_at()));
  ASSERT_TRUE(rig.record(4, 3, Outcome::up, true));
  StrictCollector collector;  // refuses series whose table it never saw
  int tables = 0;
  while (const auto next = rig.spool->next_for("https://a")) {
    const auto bytes = rig.spool->read(*next);
    ASSERT_TRUE(bytes);
    const auto opened = proto::open_header(as_bytes(*bytes));
    ASSERT_TRUE(opened);
    const auto body = proto::open_body(as_bytes(*bytes), *opened);
    ASSERT_TRUE(body);
    if (!body->series.empty() && body->table) ++tables;
    collector.take(*bytes);
    rig.spool->acknowledge("https://a", next->epoch, next->last_number);
  }
  EXPECT_EQ(tables, 2);
}

TEST(Spool, CountsExactlyWhatAFullRingDropped) {
  Rig rig(512 << 10);
  ASSERT_TRUE(rig.open());
  constexpr int kResults = 6000;
  for (int slot = 0; slot < kResults; ++slot) {
    const auto outcome = slot % 10 == 3 ? Outcome::down : Outcome::up;
    ASSERT_TRUE(rig.record(0, slot, outcome, slot % 5 == 4, "some detail " + std::to_string(slot)))
        << slot;
  }
  ASSERT_TRUE(rig.record(0, kResults, Outcome::up, true));
  ASSERT_GT(rig.spool->status().dropped_results, 0U);
  StrictCollector collector;
  collector.drain(*rig.spool);
  if (HasFatalFailure()) return;
  EXPECT_EQ(collector.results.size() + collector.gap_results,
            static_cast<std::size_t>(kResults + 1));
  ASSERT_EQ(collector.gaps.size(), 1U) << "one outage of the uplink is one gap";
  const auto& gap = collector.gaps.front();
  ASSERT_EQ(gap.checks.size(), 1U);
  EXPECT_EQ(gap.checks[0].up + gap.checks[0].down, gap.results);
  std::uint64_t down = 0;
  for (const auto& [key, value] : collector.results) {
    down += value.second.probe.outcome == Outcome::down ? 1 : 0;
  }
  EXPECT_EQ(down + gap.checks[0].down, 600U);
  EXPECT_EQ(gap.checks[0].first_slot, 0);
  EXPECT_EQ(gap.last_seq, gap.results);
}

TEST(Spool, GoesRoundItsRingWithoutAGapWhileTheCollectorAnswers) {
  Rig rig(512 << 10);
  ASSERT_TRUE(rig.open());
  StrictCollector collector;
  for (int slot = 0; slot < 4000; ++slot) {
    ASSERT_TRUE(rig.record(0, slot, Outcome::up, slot % 4 == 3, std::string(100, 'x')));
    if (slot % 40 == 39) collector.drain(*rig.spool);
    if (HasFatalFailure()) return;
  }
  collector.drain(*rig.spool);
  EXPECT_EQ(collector.results.size(), 4000U);
  EXPECT_TRUE(collector.gaps.empty());
}

TEST(Spool, BridgesToACollectorThatWasRestoredFromABackup) {
  Rig rig(512 << 10);
  ASSERT_TRUE(rig.open());
  StrictCollector collector;
  collector.drain(*rig.spool);
  const auto epoch = rig.spool->epoch();
  const auto head = collector.head(epoch);
  const auto chain = collector.chain(epoch);
  StrictCollector other;  // took everything meanwhile; the ring has gone round
  for (int slot = 0; slot < 5000; ++slot) {
    ASSERT_TRUE(rig.record(0, slot, Outcome::up, slot % 4 == 3, std::string(100, 'x')));
    if (slot % 40 == 39) {
      while (const auto next = rig.spool->next_for("https://a")) {
        rig.spool->acknowledge("https://a", next->epoch, next->last_number);
      }
    }
  }
  rig.spool->rewind("https://a", epoch, head);
  const auto bridged = rig.spool->bridge(epoch, head, chain, context_at());
  ASSERT_TRUE(bridged) << bridged.error().message;
  EXPECT_TRUE(*bridged);
  collector.drain(*rig.spool);
  if (HasFatalFailure()) return;
  ASSERT_EQ(collector.gaps.size(), 1U);
  EXPECT_EQ(collector.gaps[0].cause, "not_held");
  EXPECT_EQ(collector.results.rbegin()->second.second.slot, 4999);
}

TEST(Spool, PutsAGapInPlaceOfABatchThatCannotBeRead) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  StrictCollector collector;
  collector.drain(*rig.spool);
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));
  const auto lost = rig.spool->next_for("https://a");
  ASSERT_TRUE(lost);
  ASSERT_TRUE(rig.record(0, 2, Outcome::up, true));
  ASSERT_TRUE(rig.spool->give_up(*lost, context_at()));
  collector.drain(*rig.spool);
  if (HasFatalFailure()) return;
  ASSERT_EQ(collector.gaps.size(), 1U);
  EXPECT_EQ(collector.gaps[0].cause, "media");
  EXPECT_EQ(collector.gaps[0].results, 1U);
  EXPECT_EQ(collector.results.size(), 1U);
}

TEST(Spool, TakesNothingBackWhenTheDiskFails) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 1, Outcome::up));
  nines::test::DiskFault fault;
  fault.op = nines::test::DiskOp::write;
  fault.persistent = true;
  rig.disk.inject(fault);
  const auto before = rig.spool->status();
  EXPECT_FALSE(rig.record(0, 2, Outcome::up, true));
  EXPECT_FALSE(rig.record(0, 2, Outcome::up, false));
  EXPECT_TRUE(rig.spool->status().failed);
  EXPECT_EQ(rig.spool->status().next_seq, before.next_seq);
  EXPECT_EQ(rig.spool->status().open_results, before.open_results);
}

TEST(Spool, StartsAnewEpochWhenItsStateIsGone) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.record(0, 1, Outcome::up, true));
  const auto epoch = rig.spool->epoch();
  rig.spool.reset();
  for (const auto& name : rig.disk.names()) rig.disk.remove(name);
  ASSERT_TRUE(rig.open());
  EXPECT_NE(rig.spool->epoch(), epoch);
}

}  // namespace
}  // namespace nines::agent::spool_test
