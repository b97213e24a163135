// SPDX-License-Identifier: Apache-2.0
// Maps the Unix line, on which slots lie, to the boot clock, by which we wait. The mapping follows
// the wall clock while that moves smoothly; a jump of more than a second is a step, and is told.
//   Forward:  the mapping jumps along; the slots jumped over are the caller's to record.
//   Backward: the mapping does not follow (a slot's number never goes back, and nothing may be
//   measured
//             twice): labels then run `ahead()` of the wall clock. What exchanges with a collector
//             measure as the agent's offset is the labels' offset, so the judge can correct it.
// Pure: it is given readings.
#pragma once

#include "base/clock.h"

namespace nines::agent {

inline constexpr Duration kStep = seconds(1);  // more than this is a step, not a slew

class SlotClock {
 public:
  // `not_before`: the latest instant that a record of this agent already bears; labels begin no
  // earlier, also when the wall clock was turned back while the agent was away.
  SlotClock(const ClockReading& now, WallTime not_before);

  struct Observation {
    Duration step{0};       // of the wall clock against the boot clock; 0 where there was none
    Duration suspended{0};  // the host slept so long since the last observation; 0 below a second
  };

  // Call at every wake-up and at least every few seconds.
  Observation observe(const ClockReading& now);

  WallTime label(BootTime t) const { return {t.ns + offset_.count() + ahead_.count()}; }

  BootTime boot_at(WallTime label) const { return {label.ns - offset_.count() - ahead_.count()}; }

  Duration ahead() const { return ahead_; }

  int steps() const { return steps_; }

 private:
  Duration offset_;    // wall minus boot, as last seen
  Duration ahead_{0};  // never negative
  Duration asleep_;    // boot minus awake, as last seen
  int steps_ = 0;
};

}  // namespace nines::agent
