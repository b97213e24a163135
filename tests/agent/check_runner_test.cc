// SPDX-License-Identifier: Apache-2.0
// At stake: every slot has exactly one record, whatever happens to the clocks and the host, and a
// recheck is none.
#include "agent/check_runner.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/steady_timer.hpp>
#include <atomic>

#include "tests/agent/spool_rig.h"
#include "tests/support/loop.h"
#include "tests/support/scripted_server.h"

namespace nines::agent::check_runner_test {
namespace {

// The system's clocks, and what a test adds to them.
class ShiftedClock final : public Clock {
 public:
  ClockReading read() const override {
    auto reading = system_.read();
    reading.wall += stepped_ + slept_;
    reading.boot += slept_;
    return reading;
  }

  void suspend(Duration d) { slept_ += d; }

  void step(Duration d) { stepped_ += d; }

 private:
  SystemClock system_;
  Duration slept_{0}, stepped_{0};
};

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    EXPECT_TRUE(rig_.open());
    recorder_ = std::make_unique<Recorder>(io_, clock_, disk_, *rig_.spool, board_,
                                           RecorderPace{hours(1), hours(1), hours(1), hours(1)});
    time_ = std::make_unique<Timekeeper>(io_, clock_, WallTime{0},
                                         [this](AgentEvent e) { events_.push_back(std::move(e)); });
  }

  ~RunnerTest() override {
    if (runner_ != nullptr) stop();
  }

  // Begins to measure 127.0.0.1:`port`.
  void measure(std::uint16_t port,
               Duration every,
               Duration timeout,
               std::optional<Recheck> recheck = std::nullopt,
               std::vector<TcpStep> steps = {}) {
    Check check;
    check.name = "check-0";
    check.every = every;
    check.timeout = timeout;
    check.spec = TcpSpec{.host = "127.0.0.1", .port = port, .steps = std::move(steps)};
    const SlotGrid grid{every, Duration(0)};
    auto table = agent::test::table_of(1);
    table.checks[0].grid = grid;
    ASSERT_TRUE(nines::test::run(io_, recorder_->set_table(table)));
    board_.set_checks({{check, grid}});
    runner_ = std::make_unique<CheckRunner>(io_, clock_, *time_, *recorder_, probes_, budget_,
                                            handshakes_, check, grid,
                                            grid.slot_at(time_->now()) + 1, recheck);
    tasks_.spawn("runner", runner_->run());
  }

  void stop() {
    runner_->stop(Reason::agent_stopped);
    nines::test::run(io_, tasks_.join());
    runner_.reset();
  }

  const CheckView& view() const { return *board_.find("check-0"); }

  void await_results(std::size_t count) {
    ASSERT_TRUE(nines::test::run_until(io_, [&] { return view().history.size() >= count; }));
  }

  // The record that stands for slots which were not run.
  std::optional<Result> range() const {
    for (auto& result : view().history.all()) {
      if (result.probe.outcome == Outcome::unknown && result.span > 1) return std::move(result);
    }
    return std::nullopt;
  }

  // Each slot from the first on record to the last, once.
  void expect_each_slot_once() const {
    const auto history = view().history.all();
    for (std::size_t i = 1; i < history.size(); ++i) {
      EXPECT_EQ(history[i].slot, history[i - 1].slot + history[i - 1].span);
    }
  }

  asio::io_context io_{1};
  ShiftedClock clock_;
  agent::test::Rig rig_;
  DiskThread disk_{io_};
  StatusBoard board_;
  std::vector<AgentEvent> events_;
  probes::ProbeRoom probes_{io_, clock_};
  ProbeBudget budget_;
  HandshakePace handshakes_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Timekeeper> time_;
  std::unique_ptr<CheckRunner> runner_;
  TaskSet tasks_{io_};
};

TEST_F(RunnerTest, RecordsWhatTheHostSleptThrough) {
  const nines::test::RefusingPort port;
  measure(port.port(), milliseconds(100), milliseconds(90));
  await_results(2);
  clock_.suspend(seconds(10));
  time_->observe();
  await_results(view().history.size() + 3);
  ASSERT_TRUE(range());
  EXPECT_EQ(range()->probe.reason, Reason::agent_suspended);
  EXPECT_GE(range()->span, 99);
  EXPECT_LE(range()->span, 150);
  expect_each_slot_once();
  ASSERT_FALSE(events_.empty());
  EXPECT_EQ(events_[0].kind, EventKind::suspend);
  EXPECT_GE(events_[0].duration, milliseconds(9'990));
  EXPECT_LE(events_[0].duration, milliseconds(10'010));
  stop();
}

TEST_F(RunnerTest, RecordsWhatAClockThatWasSetForwardJumpedOver) {
  const nines::test::RefusingPort port;
  measure(port.port(), milliseconds(100), milliseconds(90));
  await_results(2);
  clock_.step(seconds(10));
  time_->observe();
  await_results(view().history.size() + 3);
  ASSERT_TRUE(range());
  EXPECT_EQ(range()->probe.reason, Reason::agent_clock_step);
  EXPECT_GE(range()->span, 99);
  expect_each_slot_once();
  stop();
}

TEST_F(RunnerTest, NoSlotComesTwiceWhenTheClockIsSetBack) {
  const nines::test::RefusingPort port;
  measure(port.port(), milliseconds(100), milliseconds(90));
  await_results(2);
  clock_.step(seconds(-10));
  time_->observe();
  await_results(6);
  EXPECT_FALSE(range());
  expect_each_slot_once();
  stop();
}

TEST_F(RunnerTest, RecordsTheSlotsThatALongRunTook) {
  const nines::test::ScriptedServer silent(
      [](nines::test::ScriptedPeer& peer) { peer.wait_until_gone(); });
  measure(silent.port(), milliseconds(100), milliseconds(90), std::nullopt,
          {{TcpStep::Kind::expect, "never"}});
  await_results(1);
  // The loop stands still while a run waits: it ends late, behind slots that were due meanwhile.
  asio::steady_timer soon(io_);
  soon.expires_after(milliseconds(20));
  soon.async_wait([](const asio::error_code&) { ::usleep(1'000'000); });
  ASSERT_TRUE(nines::test::run_until(io_, [&] { return range().has_value(); }));
  const auto reason = range()->probe.reason;
  EXPECT_TRUE(reason == Reason::agent_overlap || reason == Reason::agent_overloaded);
  expect_each_slot_once();
  stop();
}

TEST_F(RunnerTest, RechecksAFailureAndTheSlotKeepsItsOneResult) {
  const nines::test::RefusingPort port;
  measure(port.port(), seconds(1), milliseconds(100), Recheck{milliseconds(100), 2});
  await_results(3);
  stop();
  expect_each_slot_once();
  ASSERT_EQ(view().outages.size(), 1U);
  const auto& outage = view().outages[0];
  EXPECT_EQ(outage.failures, view().history.size());
  ASSERT_GE(outage.rechecks.size(), 2U);
  const auto slot = std::to_string(view().history.all().at(0).slot);
  EXPECT_TRUE(outage.rechecks[0].starts_with("check-0 slot " + slot +
                                             " recheck 1/2: down connect_refused "))
      << outage.rechecks[0];
  EXPECT_TRUE(outage.rechecks[1].starts_with("check-0 slot " + slot + " recheck 2/2: down "));
}

TEST_F(RunnerTest, ARecheckThatIsUpIsTheLast) {
  std::atomic<int> connections = 0;
  const nines::test::ScriptedServer flaky([&](nines::test::ScriptedPeer& peer) {
    if (++connections % 2 == 0) peer.send("ready\n");
  });
  measure(flaky.port(), seconds(1), milliseconds(100), Recheck{milliseconds(100), 5},
          {{TcpStep::Kind::expect, "ready"}});
  await_results(2);
  stop();
  EXPECT_EQ(view().outcome, Outcome::down) << "a recheck that is up does not make the slot up";
  ASSERT_FALSE(view().outages.empty());
  for (const auto& text : view().outages[0].rechecks) {
    EXPECT_NE(text.find("recheck 1/5: up ok"), std::string::npos) << text;
  }
  EXPECT_FALSE(view().outages[0].rechecks.empty());
}

TEST_F(RunnerTest, NeverRechecksWhereTheNextSlotIsNear) {
  const nines::test::RefusingPort port;
  // As if the loop had been late: the configuration itself would be refused.
  measure(port.port(), milliseconds(200), milliseconds(150), Recheck{milliseconds(100), 1});
  await_results(4);
  stop();
  expect_each_slot_once();
  EXPECT_TRUE(view().outages[0].rechecks.empty());
}

}  // namespace
}  // namespace nines::agent::check_runner_test
