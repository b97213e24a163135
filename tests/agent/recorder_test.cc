// SPDX-License-Identifier: Apache-2.0
// At stake: every result becomes durable or is counted, while the disk is slow or refuses.
#include "agent/recorder.h"

#include <gtest/gtest.h>

#include "tests/agent/spool_rig.h"
#include "tests/support/loop.h"

namespace nines::agent::recorder_test {
namespace {

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    EXPECT_TRUE(rig_.open());
    recorder_ = std::make_unique<Recorder>(io_, clock_, *disk_, *rig_.spool, board_,
                                           RecorderPace{hours(1), hours(1), hours(1), hours(1)});
    const auto set = nines::test::run(io_, recorder_->set_table(test::table_of(3)));
    EXPECT_TRUE(set);
    std::vector<std::pair<Check, SlotGrid>> checks;
    for (const auto& entry : test::table_of(3).checks) {
      Check check;
      check.name = entry.name;
      check.spec = TcpSpec{};
      checks.emplace_back(check, entry.grid);
    }
    board_.set_checks(checks);
  }

  void finish() {
    recorder_->finish();
    if (!running_) run();
    nines::test::run(io_, tasks_.join());
  }

  void run() {
    running_ = true;
    tasks_.spawn("recorder", recorder_->run());
  }

  void record(std::int64_t slot, Outcome outcome = Outcome::up) {
    recorder_->record("check-0", test::result_at(slot, outcome));
  }

  asio::io_context io_{1};
  SystemClock clock_;
  test::Rig rig_;
  std::unique_ptr<DiskThread> disk_ = std::make_unique<DiskThread>(io_);
  StatusBoard board_;
  std::unique_ptr<Recorder> recorder_;
  TaskSet tasks_{io_};
  bool running_ = false;
};

TEST_F(RecorderTest, SealsAtOnceWhenAnOutcomeChanges) {
  run();
  record(1);
  ASSERT_TRUE(nines::test::run_until(io_, [&] { return recorder_->waiting() == 0; }));
  const auto sealed = recorder_->spool_status().next_number;
  record(2);
  record(3, Outcome::down);
  ASSERT_TRUE(
      nines::test::run_until(io_, [&] { return recorder_->spool_status().next_number > sealed; }));
  EXPECT_EQ(recorder_->spool_status().open_results, 0U);
  finish();
}

TEST_F(RecorderTest, KeepsAStormOfChangesTogetherWhileNoLinkKeepsUp) {
  run();
  const auto sealed = [&] { return recorder_->spool_status().next_number - 1; };
  const auto first = sealed();
  recorder_->note_link("https://slow", true, first);
  recorder_->note_link("https://dead", false, 0);
  for (int slot = 1; slot <= 50; ++slot) {
    record(slot, slot % 2 == 0 ? Outcome::up : Outcome::down);
    ASSERT_TRUE(nines::test::run_until(io_, [&] { return recorder_->waiting() == 0; }));
  }
  EXPECT_LE(sealed(), first + 2) << "one on its way and one behind it";
  EXPECT_GE(recorder_->spool_status().open_results, 40U) << "durable all the same";

  recorder_->note_link("https://slow", true, sealed());
  ASSERT_TRUE(
      nines::test::run_until(io_, [&] { return recorder_->spool_status().open_results == 0; }));
  EXPECT_LE(sealed(), first + 3);
  finish();
}

TEST_F(RecorderTest, SealsForTheFastestLinkAndNotForADeadOne) {
  run();
  recorder_->note_link("https://dead", false, 0);
  for (int slot = 1; slot <= 5; ++slot) {
    recorder_->note_link("https://fast", true, recorder_->spool_status().next_number - 1);
    record(slot, slot % 2 == 0 ? Outcome::up : Outcome::down);
    ASSERT_TRUE(nines::test::run_until(io_, [&] {
      return recorder_->waiting() == 0 && recorder_->spool_status().open_results == 0;
    }));
  }
  finish();
}

TEST_F(RecorderTest, EndsWithABatchThatSaysItStopped) {
  record(1);
  record(2);
  finish();
  test::StrictCollector collector;
  collector.drain(*rig_.spool);
  EXPECT_EQ(collector.results.size(), 2U);
  EXPECT_EQ(collector.events.back().kind, EventKind::stop);
}

TEST_F(RecorderTest, SaysHowManyEventsFoundNoRoom) {
  for (int i = 0; i < 600; ++i) {
    AgentEvent event;
    event.kind = EventKind::recheck;
    event.text = "recheck of check-0";
    recorder_->record_recheck("check-0", std::move(event));
  }
  finish();
  test::StrictCollector collector;
  collector.drain(*rig_.spool);
  std::size_t kept = 0;
  std::vector<std::string> told;
  for (const auto& event : collector.events) {
    if (event.kind == EventKind::recheck) ++kept;
    if (event.kind == EventKind::spool) told.push_back(event.text);
  }
  EXPECT_EQ(kept, 500U);
  EXPECT_EQ(told,
            std::vector<std::string>{"100 events were dropped while the disk did not take them"});
}

TEST_F(RecorderTest, CountsWhatFoundNoRoomAsOneRecordForEachCheck) {
  constexpr int kOffered = 30'000;  // more than it keeps in memory
  for (int slot = 0; slot < kOffered; ++slot) record(slot);
  EXPECT_GT(recorder_->overflowed(), 0U);
  run();
  ASSERT_TRUE(nines::test::run_until(io_, [&] { return recorder_->waiting() == 0; }));
  record(kOffered);
  finish();
  test::StrictCollector collector;
  collector.drain(*rig_.spool);
  std::uint64_t slots = 0, full = 0;
  for (const auto& [key, value] : collector.results) {
    slots += static_cast<std::uint64_t>(value.second.span);
    full += value.second.probe.reason == Reason::spool_full ? 1 : 0;
  }
  EXPECT_EQ(slots, static_cast<std::uint64_t>(kOffered) + 1) << "every slot ends in a record";
  EXPECT_EQ(full, 1U);
}

TEST_F(RecorderTest, KeepsResultsInMemoryWhileTheDiskRefuses) {
  nines::test::DiskFault fault;
  fault.op = nines::test::DiskOp::write;
  fault.persistent = true;
  rig_.disk.inject(fault);
  run();
  record(1);
  record(2);
  ASSERT_TRUE(nines::test::run_until(io_, [&] { return recorder_->spool_status().failed; }));
  EXPECT_EQ(recorder_->waiting(), 2U);
  finish();
}

}  // namespace
}  // namespace nines::agent::recorder_test
