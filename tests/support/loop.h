// SPDX-License-Identifier: Apache-2.0
// Runs coroutines in a test: the loop turns until the task has ended, or the test has plainly hung.
#pragma once

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "base/async.h"

namespace nines::test {

inline constexpr auto kHung = std::chrono::seconds(60);

// Answers what the task returned. Asio 1.22 wants T default-constructible.
template <class T>
T run(asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure, T value) {
    if (failure) std::rethrow_exception(failure);
    result = std::move(value);
  });
  io.restart();
  const auto end = std::chrono::steady_clock::now() + kHung;
  while (!result && std::chrono::steady_clock::now() < end && io.run_one_until(end) > 0) {
  }
  if (!result) {
    ADD_FAILURE() << "the task did not end";
    std::abort();  // its frame refers to locals of the test
  }
  return *std::move(result);
}

inline void run(asio::io_context& io, Task<void> task) {
  bool done = false;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    done = true;
  });
  io.restart();
  const auto end = std::chrono::steady_clock::now() + kHung;
  while (!done && std::chrono::steady_clock::now() < end && io.run_one_until(end) > 0) {
  }
  if (!done) {
    ADD_FAILURE() << "the task did not end";
    std::abort();
  }
}

// Holds the loop up once `condition` holds, for as long as `hold` takes. Live for the whole run.
template <class Condition, class Hold>
class HoldUp {
 public:
  HoldUp(asio::io_context& io, Condition condition, Hold hold)
      : timer_(io), condition_(std::move(condition)), hold_(std::move(hold)) {
    look();
  }

 private:
  void look() {
    timer_.expires_after(std::chrono::milliseconds(1));
    timer_.async_wait([this](const asio::error_code& error) {
      if (error) return;
      if (condition_()) return hold_();
      look();
    });
  }

  asio::steady_timer timer_;
  Condition condition_;
  Hold hold_;
};

// Turns the loop until `condition` holds; false when it did not within the time of a hung test.
template <class Condition>
bool run_until(asio::io_context& io, Condition condition) {
  io.restart();
  const auto end = std::chrono::steady_clock::now() + kHung;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end || io.run_one_until(end) == 0) return condition();
  }
  return true;
}

}  // namespace nines::test
