// SPDX-License-Identifier: Apache-2.0
// The life of one check: sleep until its slot, run the probe, record; and record every slot that
// was not run, with the reason. After a failure, where that is configured, a few further runs are
// told as events: a slot has one result, and samples stay evenly spaced.
#pragma once

#include "agent/handshake_pace.h"
#include "agent/probe_budget.h"
#include "agent/recorder.h"
#include "agent/schedule.h"
#include "agent/settings.h"
#include "agent/timekeeper.h"
#include "base/async.h"
#include "model/check.h"
#include "probes/probe.h"

namespace nines::agent {

class CheckRunner {
 public:
  // All references must outlive the runner. `next`: the first slot it is to hand out.
  CheckRunner(asio::io_context& io,
              const Clock& clock,
              Timekeeper& time,
              Recorder& recorder,
              probes::ProbeRoom& probes,
              ProbeBudget& budget,
              HandshakePace& handshakes,
              Check check,
              SlotGrid grid,
              std::int64_t next,
              std::optional<Recheck> recheck = std::nullopt);
  CheckRunner(const CheckRunner&) = delete;
  CheckRunner& operator=(const CheckRunner&) = delete;
  ~CheckRunner();

  Task<void> run();

  // Ends run(): a probe in flight ends at once and its slot is recorded with `why`.
  void stop(Reason why);

  const Check& check() const { return check_; }

  const std::optional<Recheck>& recheck() const { return recheck_; }

  const SlotGrid& grid() const { return schedule_.grid(); }

  WallTime next_at() const { return schedule_.next_at(); }

 private:
  void record_missed(const Schedule::Due& due, BootTime idle_since, WallTime busy_until);
  Task<Duration> await_turn();
  const Check* present_check(ProbeResult& result);
  Task<Outcome> run_slot(std::int64_t slot, Duration late);
  Task<void> run_again(std::int64_t slot);

  const Clock& clock_;
  Timekeeper& time_;
  Recorder& recorder_;
  probes::ProbeRoom& probes_;
  ProbeBudget& budget_;
  HandshakePace& handshakes_;
  const Check check_;
  const std::shared_ptr<ProbeBudget::Target> target_;
  const std::optional<Recheck> recheck_;
  std::optional<Check> through_gateway_;  // of a check that names the gateway, with its address
  Schedule schedule_;
  Event wake_;
  Stop stop_;
  Reason stop_reason_ = Reason::agent_stopped;
};

}  // namespace nines::agent
