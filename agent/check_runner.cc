// SPDX-License-Identifier: Apache-2.0
#include "agent/check_runner.h"

#include "agent/default_route.h"
#include "agent/recheck_text.h"

namespace nines::agent {
namespace {

constexpr std::string_view kGateway = "gateway";

// Starts that fall into the same millisecond share one wake-up of the processor, which costs more
// than a small probe. It is within what the lateness of a start may be, and is recorded as such.
constexpr Duration kTolerance = milliseconds(1);

BootTime shared_wake(BootTime due) {
  const auto past = due.ns % kTolerance.count();
  return past == 0 ? due : due + (kTolerance - Duration(past));
}

bool names_gateway(const Check& check) {
  const auto* icmp = std::get_if<IcmpSpec>(&check.spec);
  return icmp != nullptr && icmp->host == kGateway;
}

}  // namespace

CheckRunner::CheckRunner(asio::io_context& io,
                         const Clock& clock,
                         Timekeeper& time,
                         Recorder& recorder,
                         probes::ProbeRoom& probes,
                         ProbeBudget& budget,
                         HandshakePace& handshakes,
                         Check check,
                         SlotGrid grid,
                         std::int64_t next,
                         std::optional<Recheck> recheck)
    : clock_(clock),
      time_(time),
      recorder_(recorder),
      probes_(probes),
      budget_(budget),
      handshakes_(handshakes),
      check_(std::move(check)),
      target_(budget.target_of(check_)),
      recheck_(recheck),
      schedule_(grid, next),
      wake_(io) {
  time_.add_sleeper(wake_);
}

CheckRunner::~CheckRunner() { time_.remove_sleeper(wake_); }

void CheckRunner::stop(Reason why) {
  stop_reason_ = why;
  stop_.request();
  wake_.notify();
}

void CheckRunner::record_missed(const Schedule::Due& due,
                                BootTime idle_since,
                                WallTime busy_until) {
  if (due.missed == 0) return;
  Result result;
  result.slot = due.missed_first;
  result.span = due.missed;
  result.probe.outcome = Outcome::unknown;
  if (const auto why = time_.disturbance_since(idle_since)) {
    result.probe.reason = *why;
  } else if (busy_until >= schedule_.grid().at(due.missed_first)) {
    result.probe.reason = Reason::agent_overlap;
    result.probe.detail = "the run before had not ended";
  } else {
    result.probe.reason = Reason::agent_overloaded;
    result.probe.detail = "the start would have been " + human_duration(due.late) + " late";
  }
  recorder_.record(check_.name, std::move(result));
}

// Waits until this check, which makes a handshake, may begin it; how long that took.
Task<Duration> CheckRunner::await_turn() {
  const auto ready = clock_.boot();
  const auto turn = handshakes_.turn(ready);
  while (!stop_.requested() && clock_.boot() < turn) {
    auto wait = wake_.wait_until(clock_, turn);
    co_await std::move(wait);
  }
  co_return clock_.boot() - ready;
}

// What is to be probed now. Where that is the default gateway and there is none, nothing, and
// `result` says so.
const Check* CheckRunner::present_check(ProbeResult& result) {
  if (!names_gateway(check_)) return &check_;
  const auto gateway = default_gateway();
  if (!gateway) {
    result.reason = Reason::agent_no_route;
    result.detail = "this host has no default gateway";
    return nullptr;
  }
  through_gateway_ = check_;
  std::get<IcmpSpec>(through_gateway_->spec).host = *gateway;
  return &*through_gateway_;
}

Task<Outcome> CheckRunner::run_slot(std::int64_t slot, Duration late) {
  Result result;
  result.slot = slot;
  if (makes_handshake(check_)) {
    auto waiting = await_turn();
    const auto waited = co_await std::move(waiting);
    late += waited;
  }
  result.late_us = to_us(late);
  const auto place = budget_.enter(check_.priority, target_, result.probe.detail);
  if (!place) {
    result.late_us = 0;
    result.probe.outcome = Outcome::unknown;
    result.probe.reason = Reason::agent_overloaded;
    result.probe.detail = cut_text(std::move(result.probe.detail));
    recorder_.record(check_.name, std::move(result));
    co_return Outcome::unknown;
  }
  if (const auto* check = present_check(result.probe)) {
    auto running = probes_.run(*check, clock_.boot() + check->timeout, stop_, result.probe);
    co_await std::move(running);
  }
  if (stop_.requested() && result.probe.outcome == Outcome::unknown &&
      result.probe.reason == Reason::agent_stopped) {
    result.probe.reason = stop_reason_;
  }
  const auto outcome = result.probe.outcome;
  recorder_.record(check_.name, std::move(result));
  co_return outcome;
}

// Never at the cost of a slot: ends where the next one is nearer than a whole run, or where there
// is no place for it.
Task<void> CheckRunner::run_again(std::int64_t slot) {
  for (int n = 1; n <= recheck_->times; ++n) {
    const auto start = clock_.boot() + recheck_->after;
    while (!stop_.requested() && clock_.boot() < start) {
      auto wait = wake_.wait_until(clock_, start);
      co_await std::move(wait);
      time_.observe();
    }
    if (stop_.requested()) co_return;
    if (clock_.boot() + check_.timeout > time_.boot_at(schedule_.next_at())) co_return;
    std::string busy;
    const auto place = budget_.enter(check_.priority, target_, busy);
    if (!place) co_return;
    AgentEvent event;
    event.kind = EventKind::recheck;
    const auto begun = clock_.read();
    event.wall = begun.wall;
    event.boot = begun.boot;
    event.duration = time_.now() - schedule_.grid().at(slot);
    ProbeResult found;
    if (const auto* check = present_check(found)) {
      auto running = probes_.run(*check, clock_.boot() + check->timeout, stop_, found);
      co_await std::move(running);
    }
    if (stop_.requested()) co_return;
    event.text = recheck_text({check_.name, slot, n, recheck_->times}, found);
    recorder_.record_recheck(check_.name, std::move(event));
    if (found.outcome != Outcome::down) co_return;
  }
}

Task<void> CheckRunner::run() {
  auto idle_since = clock_.boot();
  WallTime busy_until{0};
  while (!stop_.requested()) {
    const auto due_at = time_.boot_at(schedule_.next_at());
    if (clock_.boot() < due_at) {
      auto wait = wake_.wait_until(clock_, shared_wake(due_at));
      co_await std::move(wait);
      time_.observe();
      continue;  // woken early, by a stop or a step: look again
    }
    const auto due = schedule_.take(time_.now());
    record_missed(due, idle_since, busy_until);
    idle_since = clock_.boot();
    if (due.run) {
      auto slot = run_slot(*due.run, due.late);
      const auto outcome = co_await std::move(slot);
      if (recheck_ && outcome == Outcome::down && !stop_.requested()) {
        auto again = run_again(*due.run);
        co_await std::move(again);
      }
      time_.observe();
      busy_until = time_.now();
    }
  }
}

}  // namespace nines::agent
