// SPDX-License-Identifier: Apache-2.0
#include "agent/timekeeper.h"

namespace nines::agent {
namespace {

constexpr Duration kLook = seconds(1);  // a step is noticed this soon also when no check is due

}  // namespace

Timekeeper::Timekeeper(asio::io_context& io, const Clock& clock, WallTime not_before, Report report)
    : io_(io), clock_(clock), labels_(clock.read(), not_before), report_(std::move(report)) {}

void Timekeeper::observe() {
  const auto reading = clock_.read();
  const auto seen = labels_.observe(reading);
  const auto tell = [&](EventKind kind, Duration duration) {
    AgentEvent event;
    event.kind = kind;
    event.wall = reading.wall;
    event.boot = reading.boot;
    event.duration = duration;
    report_(std::move(event));
  };
  if (seen.suspended.count() != 0) {
    last_suspend_ = reading.boot;
    tell(EventKind::suspend, seen.suspended);
  }
  if (seen.step.count() != 0) {
    last_step_ = reading.boot;
    tell(EventKind::clock_step, seen.step);
  }
  if (seen.suspended.count() != 0 || seen.step.count() != 0) {
    for (auto* sleeper : sleepers_) sleeper->notify();
  }
}

std::optional<Reason> Timekeeper::disturbance_since(BootTime from) const {
  if (last_suspend_ && *last_suspend_ >= from) return Reason::agent_suspended;
  if (last_step_ && *last_step_ >= from) return Reason::agent_clock_step;
  return std::nullopt;
}

Task<void> Timekeeper::run(Stop& stop) {
  while (!stop.requested()) {
    observe();
    const auto next = clock_.boot() + kLook;
    auto nap = sleep_until(io_, clock_, next, stop);
    co_await std::move(nap);
  }
}

}  // namespace nines::agent
