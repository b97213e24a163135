// SPDX-License-Identifier: Apache-2.0
// The few Asio names that the rest may use. One thread runs one io_context(1), which is an implicit
// strand: domain code has no mutexes.
//
// Rules that g++ 12.2 forces (it miscompiles the other shapes; tools/coroutine_lint checks them):
//   1. a coroutine is a named function: no capturing lambda inside a co_await expression;
//   2. `auto x = co_await f(); if (x)`: no co_await in the head of an if or switch;
//   3. no aggregate or braced temporary in a co_await expression: name it first, then move it;
//   4. bind an awaitable to a local before moving it into co_spawn.
// Coroutine parameters are values, or references to what outlives the coroutine.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/clock.h"

namespace nines {

// That of the one loop by its own type: the erased one costs a coroutine virtual calls at each
// turn.
using Executor = asio::io_context::executor_type;

template <class T>
using Task = asio::awaitable<T, Executor>;

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         Executor>;

// auto [error, n] = co_await socket.async_read_some(buffer, kNoThrow);
inline constexpr auto kNoThrow = asio::experimental::as_tuple(asio::use_awaitable_t<Executor>());

// "Something changed": the condition variable of coroutines. Any number may wait; notify() wakes
// all that wait now, and a notify() that nobody waits for is remembered for the next wait(). Look
// at your condition and loop. The end of an event ends the waits for it.
class Event {
 public:
  explicit Event(asio::io_context& io) : io_(io) {}

  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  void notify();
  // True when notified, false when `deadline` (boot clock) passed.
  Task<bool> wait_until(const Clock& clock, BootTime deadline);
  Task<bool> wait();

 private:
  struct Waiter;

  asio::io_context& io_;
  bool pending_ = false;
  std::list<Waiter*> waiters_;    // each in the frame of a coroutine that waits
  std::unique_ptr<Timer> spare_;  // of an ended wait: making one is not cheap
};

// A request to end, seen by everything that waits. There is one way to stop: whoever waits long
// registers a callback that ends its wait (cancels a timer, shuts a socket down), and looks at
// requested() when it wakes. Asio's own cancellation is not used: it throws out of the next
// co_await.
class Stop {
 public:
  void request();  // idempotent; runs the callbacks now, on the loop

  bool requested() const { return requested_; }

  // Runs `on_stop` when a stop is requested (at once where it already was) while the object lives.
  class Callback {
   public:
    Callback(Stop& stop, std::function<void()> on_stop);
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;
    ~Callback();

   private:
    Stop& stop_;
    std::list<std::function<void()>>::iterator place_;
  };

 private:
  bool requested_ = false;
  std::list<std::function<void()>> callbacks_;
  std::list<std::function<void()>> done_;  // emptied nodes of callbacks that ran
};

// Sleeps until `t`; false when `stop` was requested first.
Task<bool> sleep_until(asio::io_context& io, const Clock& clock, BootTime t, Stop& stop);

// Coroutines that somebody waits for in the end. A task that throws is a bug and ends the process.
class TaskSet {
 public:
  explicit TaskSet(asio::io_context& io);
  TaskSet(const TaskSet&) = delete;
  TaskSet& operator=(const TaskSet&) = delete;

  void spawn(std::string name, Task<void> task);
  Task<void> join();  // until no task is left; one joiner at a time

  std::size_t size() const { return *running_; }

 private:
  asio::io_context& io_;
  std::shared_ptr<std::size_t> running_;
  std::shared_ptr<Event> changed_;
};

// Runs `work` on the disk thread and resumes on the loop with what it returned. Never capture
// references to what may die before it ran: what was posted always runs to its end.
class DiskThread {
 public:
  explicit DiskThread(asio::io_context& loop);
  ~DiskThread();  // finishes what was posted, then joins

  Task<void> run(std::function<void()> work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines
