// SPDX-License-Identifier: Apache-2.0
#include "base/async.h"

#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"

namespace nines {

// One timer is the whole of a wait: it ends at the deadline, and notify() cancels it.
struct Event::Waiter {
  Waiter(Event& of, Timer::time_point until)
      : event(&of),
        timer(of.spare_ != nullptr ? std::move(of.spare_) : std::make_unique<Timer>(of.io_)),
        place(of.waiters_.insert(of.waiters_.end(), this)) {
    timer->expires_at(until);
  }

  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  ~Waiter() {
    if (event == nullptr) return;
    event->waiters_.erase(place);
    event->spare_ = std::move(timer);
  }

  Event* event;  // null once it has ended
  std::unique_ptr<Timer> timer;
  bool notified = false;
  std::list<Waiter*>::iterator place;
};

Event::~Event() {
  for (auto* waiter : waiters_) {
    waiter->event = nullptr;
    waiter->timer->cancel();
  }
}

void Event::notify() {
  bool anybody = false;
  for (auto* waiter : waiters_) {
    if (waiter->notified) continue;  // and has not run since: this one is for its next wait
    waiter->notified = true;
    waiter->timer->cancel();
    anybody = true;
  }
  if (!anybody) pending_ = true;
}

Task<bool> Event::wait_until(const Clock& clock, BootTime deadline) {
  if (pending_) {
    pending_ = false;
    co_return true;
  }
  const auto now = clock.boot();
  const auto left = deadline > now ? deadline - now : Duration(0);
  Waiter waiter(*this, Timer::clock_type::now() + left);
  auto wait = waiter.timer->async_wait(kNoThrow);
  co_await std::move(wait);
  co_return waiter.notified;
}

Task<bool> Event::wait() {
  if (pending_) {
    pending_ = false;
    co_return true;
  }
  Waiter waiter(*this, Timer::time_point::max());
  auto wait = waiter.timer->async_wait(kNoThrow);
  co_await std::move(wait);
  co_return waiter.notified;
}

void Stop::request() {
  if (requested_) return;
  requested_ = true;
  // A callback may destroy others; each runs at most once.
  while (!callbacks_.empty()) {
    // The node moves, so that its Callback can still erase it; list iterators survive a splice.
    done_.splice(done_.end(), callbacks_, callbacks_.begin());
    const auto callback = std::exchange(done_.back(), nullptr);
    callback();
  }
}

Stop::Callback::Callback(Stop& stop, std::function<void()> on_stop) : stop_(stop) {
  if (stop.requested_) {
    on_stop();
    place_ = stop.done_.emplace(stop.done_.end());
  } else {
    place_ = stop.callbacks_.emplace(stop.callbacks_.end(), std::move(on_stop));
  }
}

Stop::Callback::~Callback() {
  auto& home = *place_ ? stop_.callbacks_ : stop_.done_;
  home.erase(place_);
}

Task<bool> sleep_until(asio::io_context& io, const Clock& clock, BootTime t, Stop& stop) {
  if (stop.requested()) co_return false;
  Timer timer(io);
  const auto now = clock.boot();
  timer.expires_after(t > now ? t - now : Duration(0));
  auto* pointer = &timer;
  const Stop::Callback on_stop(stop, [pointer] { pointer->cancel(); });
  auto wait = timer.async_wait(kNoThrow);
  co_await std::move(wait);
  co_return !stop.requested();
}

TaskSet::TaskSet(asio::io_context& io)
    : io_(io), running_(std::make_shared<std::size_t>(0)), changed_(std::make_shared<Event>(io)) {}

void TaskSet::spawn(std::string name, Task<void> task) {
  ++*running_;
  auto done = [name = std::move(name), running = running_,
               changed = changed_](std::exception_ptr failure) {
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        log::error("a task threw; this is a bug", {{"task", name}, {"what", e.what()}});
      }
      std::abort();
    }
    --*running;
    changed->notify();
  };
  asio::co_spawn(io_, std::move(task), std::move(done));
}

Task<void> TaskSet::join() {
  while (*running_ != 0) {
    auto wait = changed_->wait();
    co_await std::move(wait);
  }
}

struct DiskThread::Impl {
  explicit Impl(asio::io_context& io) : loop(io) {}

  asio::io_context& loop;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> queue;
  bool stopping = false;
  std::thread thread;

  void serve() {
    for (;;) {
      std::function<void()> work;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !queue.empty(); });
        if (queue.empty()) return;
        work = std::move(queue.front());
        queue.pop_front();
      }
      work();
    }
  }
};

DiskThread::DiskThread(asio::io_context& loop) : impl_(std::make_unique<Impl>(loop)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->serve(); });
}

DiskThread::~DiskThread() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

Task<void> DiskThread::run(std::function<void()> work) {
  // The event and the work guard live until the posted completion has run on the loop.
  auto done = std::make_shared<Event>(impl_->loop);
  auto guard = asio::make_work_guard(impl_->loop);
  auto* loop = &impl_->loop;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->queue.emplace_back([work = std::move(work), done, guard, loop] {
      work();
      asio::post(*loop, [done] { done->notify(); });
    });
  }
  impl_->wake.notify_one();
  auto wait = done->wait();
  co_await std::move(wait);
}

}  // namespace nines
