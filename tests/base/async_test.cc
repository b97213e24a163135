// SPDX-License-Identifier: Apache-2.0
// At stake: everything that waits, waits on these. No wake-up may be lost, no deadline missed, and
// a stop ends every wait.
#include "base/async.h"

#include <gtest/gtest.h>

#include <asio/post.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/loop.h"

namespace nines::async_test {
namespace {

class AsyncTest : public testing::Test {
 protected:
  template <class Work>
  void later(Duration delay, Work work) {
    auto timer = std::make_shared<asio::steady_timer>(io_, delay);
    timer->async_wait([timer, work](const asio::error_code&) { work(); });
  }

  asio::io_context io_{1};
  SystemClock clock_;
};

TEST_F(AsyncTest, EventRemembersANotificationThatNobodyWaitedFor) {
  Event event(io_);
  event.notify();
  event.notify();
  EXPECT_TRUE(test::run(io_, event.wait_until(clock_, clock_.boot() - seconds(1))));
  EXPECT_FALSE(test::run(io_, event.wait_until(clock_, clock_.boot() + milliseconds(1))))
      << "two are remembered as one";
}

TEST_F(AsyncTest, EventWaitsUntilTheDeadlineAndNotLess) {
  Event event(io_);
  const BootTime start = clock_.boot();
  EXPECT_FALSE(test::run(io_, event.wait_until(clock_, start + milliseconds(40))));
  EXPECT_GE(clock_.boot() - start, milliseconds(40));
}

TEST_F(AsyncTest, EventWakesBeforeTheDeadline) {
  Event event(io_);
  later(milliseconds(5), [&] { event.notify(); });
  const BootTime start = clock_.boot();
  EXPECT_TRUE(test::run(io_, event.wait_until(clock_, start + seconds(15))));
  EXPECT_LT(clock_.boot() - start, seconds(10));
}

Task<void> count_wake(Event& event, int& woken) {
  auto wait = event.wait();
  const bool notified = co_await std::move(wait);
  if (notified) ++woken;
}

TEST_F(AsyncTest, EventWakesAllThatWait) {
  Event event(io_);
  int woken = 0;
  TaskSet tasks(io_);
  for (int i = 0; i < 10; ++i) tasks.spawn("waiter", count_wake(event, woken));
  later(milliseconds(5), [&] { event.notify(); });
  test::run(io_, tasks.join());
  EXPECT_EQ(woken, 10);
}

Task<void> note_wake(Event& event, const Clock& clock, BootTime deadline, std::vector<bool>& ends) {
  auto wait = event.wait_until(clock, deadline);
  const bool notified = co_await std::move(wait);
  ends.push_back(notified);
}

TEST_F(AsyncTest, TheDeadlineOfOneWaitIsNotThatOfAnother) {
  Event event(io_);
  std::vector<bool> ends;
  TaskSet tasks(io_);
  const auto now = clock_.boot();
  tasks.spawn("short", note_wake(event, clock_, now + milliseconds(1), ends));
  tasks.spawn("long", note_wake(event, clock_, now + minutes(1), ends));
  later(milliseconds(10), [&] {
    EXPECT_EQ(ends, std::vector<bool>{false});
    event.notify();
  });
  test::run(io_, tasks.join());
  EXPECT_EQ(ends, (std::vector<bool>{false, true}));
}

TEST_F(AsyncTest, ANotificationBeforeTheOneBeforeWasSeenIsNotLost) {
  Event event(io_);
  int woken = 0;
  TaskSet tasks(io_);
  tasks.spawn("waiter", count_wake(event, woken));
  later(milliseconds(1), [&] {
    event.notify();
    event.notify();  // the waiter has not run in between
  });
  test::run(io_, tasks.join());
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(test::run(io_, event.wait_until(clock_, clock_.boot() + minutes(1))));
}

TEST_F(AsyncTest, TheEndOfAnEventEndsItsWaits) {
  auto event = std::make_unique<Event>(io_);
  int woken = 0;
  TaskSet tasks(io_);
  tasks.spawn("waiter", count_wake(*event, woken));
  later(milliseconds(1), [&] { event.reset(); });
  test::run(io_, tasks.join());
  EXPECT_EQ(woken, 0);
}

TEST_F(AsyncTest, EventMayDieAfterATimedOutWait) {
  for (int i = 0; i < 100; ++i) {
    auto event = std::make_unique<Event>(io_);
    EXPECT_FALSE(test::run(io_, event->wait_until(clock_, clock_.boot())));
    event.reset();
  }
  io_.restart();
  io_.run_for(milliseconds(5));
}

Task<bool> produce_and_consume(Event& event, int& made, int wanted) {
  int seen = 0;
  while (seen < wanted) {
    auto wait = event.wait();
    co_await std::move(wait);
    seen = made;
  }
  co_return true;
}

TEST_F(AsyncTest, NoNotificationIsLostBetweenLoopTurns) {
  Event event(io_);
  int made = 0;
  std::function<void()> produce = [&] {
    ++made;
    event.notify();
    if (made < 10000) asio::post(io_, produce);
  };
  asio::post(io_, produce);
  EXPECT_TRUE(test::run(io_, produce_and_consume(event, made, 10000)));
}

TEST(Stop, RunsEachCallbackOnceInOrder) {
  Stop stop;
  std::vector<int> ran;
  const Stop::Callback first(stop, [&] { ran.push_back(1); });
  const Stop::Callback second(stop, [&] { ran.push_back(2); });
  stop.request();
  stop.request();
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
  EXPECT_TRUE(stop.requested());
}

TEST(Stop, RunsALateCallbackAtOnceAndAWithdrawnOneNever) {
  Stop stop;
  bool withdrawn_ran = false;
  {
    const Stop::Callback withdrawn(stop, [&] { withdrawn_ran = true; });
  }
  stop.request();
  EXPECT_FALSE(withdrawn_ran);
  bool late_ran = false;
  const Stop::Callback late(stop, [&] { late_ran = true; });
  EXPECT_TRUE(late_ran);
}

TEST(Stop, CallbackMayDestroyOthersAndItself) {
  Stop stop;
  bool third_ran = false;
  std::optional<Stop::Callback> first;
  std::optional<Stop::Callback> second;
  std::optional<Stop::Callback> third;
  first.emplace(stop, [&] {
    second.reset();
    first.reset();
  });
  second.emplace(stop, [&] { FAIL() << "it was destroyed before its turn"; });
  third.emplace(stop, [&] { third_ran = true; });
  stop.request();
  EXPECT_TRUE(third_ran);
}

TEST_F(AsyncTest, SleepEndsAtItsTimeOrAtAStop) {
  Stop stop;
  const BootTime start = clock_.boot();
  EXPECT_TRUE(test::run(io_, sleep_until(io_, clock_, start + milliseconds(30), stop)));
  EXPECT_GE(clock_.boot() - start, milliseconds(30));
  EXPECT_TRUE(test::run(io_, sleep_until(io_, clock_, start - seconds(5), stop)));
  later(milliseconds(5), [&] { stop.request(); });
  EXPECT_FALSE(test::run(io_, sleep_until(io_, clock_, clock_.boot() + seconds(60), stop)));
  EXPECT_FALSE(test::run(io_, sleep_until(io_, clock_, clock_.boot() + seconds(60), stop)));
}

TEST_F(AsyncTest, DiskThreadRunsInOrderOffTheLoop) {
  DiskThread disk(io_);
  std::vector<int> order;
  std::thread::id where;
  for (int i = 0; i < 50; ++i) {
    test::run(io_, disk.run([&order, &where, i] {
      order.push_back(i);
      where = std::this_thread::get_id();
    }));
  }
  EXPECT_EQ(order.size(), 50U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_NE(where, std::this_thread::get_id());
}

Task<void> write_one(DiskThread& disk, std::shared_ptr<std::vector<int>> out, int value) {
  auto work = disk.run([out, value] { out->push_back(value); });
  co_await std::move(work);
}

TEST_F(AsyncTest, DiskThreadKeepsTheOrderOfWhatWasPostedTogether) {
  DiskThread disk(io_);
  const auto out = std::make_shared<std::vector<int>>();
  TaskSet tasks(io_);
  for (int i = 0; i < 100; ++i) tasks.spawn("write", write_one(disk, out, i));
  EXPECT_EQ(tasks.size(), 100U);
  test::run(io_, tasks.join());
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_EQ(out->size(), 100U);
  EXPECT_TRUE(std::is_sorted(out->begin(), out->end()));
}

TEST_F(AsyncTest, DiskThreadFinishesWhatWasPostedBeforeItGoes) {
  const auto out = std::make_shared<std::vector<int>>();
  TaskSet tasks(io_);
  {
    DiskThread disk(io_);
    for (int i = 0; i < 20; ++i) tasks.spawn("write", write_one(disk, out, i));
    io_.restart();
    while (io_.poll_one() > 0) {  // each has posted its work
    }
  }
  EXPECT_EQ(out->size(), 20U);
  test::run(io_, tasks.join());
}

Task<void> end_at_once() { co_return; }

TEST_F(AsyncTest, JoinOfNothingReturns) {
  TaskSet tasks(io_);
  test::run(io_, tasks.join());
  tasks.spawn("short", end_at_once());
  test::run(io_, tasks.join());
  EXPECT_EQ(tasks.size(), 0U);
}

Task<void> throwing() {
  throw std::runtime_error("a bug");
  co_return;
}

TEST(TaskSetDeathTest, TaskThatThrowsEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        asio::io_context io(1);
        TaskSet tasks(io);
        tasks.spawn("thrower", throwing());
        io.run();
      },
      "a task threw.*thrower.*a bug");
}

}  // namespace
}  // namespace nines::async_test
