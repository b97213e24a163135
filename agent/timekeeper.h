// SPDX-License-Identifier: Apache-2.0
// The slot clock in action: looks at the clocks every second and at each wake-up of a check, tells
// the recorder of steps and suspends, and wakes every sleeper when the mapping jumped.
#pragma once

#include <functional>
#include <vector>

#include "agent/slot_clock.h"
#include "base/async.h"
#include "model/batch.h"
#include "model/outcome.h"

namespace nines::agent {

class Timekeeper {
 public:
  using Report = std::function<void(AgentEvent)>;

  Timekeeper(asio::io_context& io, const Clock& clock, WallTime not_before, Report report);

  // Looks now; afterwards now() and boot_at() are up to date.
  void observe();

  WallTime now() const { return labels_.label(clock_.boot()); }

  BootTime boot_at(WallTime label) const { return labels_.boot_at(label); }

  const SlotClock& labels() const { return labels_; }

  // Why slots between `from` and now may have been missed: a suspend or a step since then.
  std::optional<Reason> disturbance_since(BootTime from) const;

  void add_sleeper(Event& event) { sleepers_.push_back(&event); }

  void remove_sleeper(Event& event) { std::erase(sleepers_, &event); }

  Task<void> run(Stop& stop);

 private:
  asio::io_context& io_;
  const Clock& clock_;
  SlotClock labels_;
  Report report_;
  std::vector<Event*> sleepers_;
  std::optional<BootTime> last_suspend_, last_step_;
};

}  // namespace nines::agent
