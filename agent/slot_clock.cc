// SPDX-License-Identifier: Apache-2.0
#include "agent/slot_clock.h"

#include <algorithm>

namespace nines::agent {
namespace {

Duration offset_of(const ClockReading& now) { return Duration(now.wall.ns - now.boot.ns); }

Duration asleep_of(const ClockReading& now) { return Duration(now.boot.ns) - now.awake; }

}  // namespace

SlotClock::SlotClock(const ClockReading& now, WallTime not_before)
    : offset_(offset_of(now)),
      ahead_(std::max(Duration(0), not_before - now.wall)),
      asleep_(asleep_of(now)) {}

SlotClock::Observation SlotClock::observe(const ClockReading& now) {
  Observation seen;
  const auto asleep = asleep_of(now) - asleep_;
  asleep_ = asleep_of(now);
  if (asleep > kStep) seen.suspended = asleep;

  const auto moved = offset_of(now) - offset_;
  offset_ = offset_of(now);
  if (moved >= -kStep && moved <= kStep) return seen;  // slewed, or not moved
  seen.step = moved;
  ++steps_;
  // A step back lets the labels run ahead; a step forward first uses that up.
  ahead_ = std::max(Duration(0), ahead_ - moved);
  return seen;
}

}  // namespace nines::agent
