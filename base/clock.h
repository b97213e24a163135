// SPDX-License-Identifier: Apache-2.0
// The only place that reads clocks. Tests give a clock of their own.
#pragma once

#include "base/time.h"

namespace nines {

struct ClockReading {
  WallTime wall;      // CLOCK_REALTIME: a label, may step
  BootTime boot;      // CLOCK_BOOTTIME: schedule and durations, runs during suspend
  Duration awake{0};  // CLOCK_MONOTONIC: boot minus awake grows by each suspend
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual ClockReading read() const = 0;

  // One of them alone: a probe asks some thirty times, and each clock costs a call.
  virtual BootTime boot() const { return read().boot; }

  virtual WallTime wall() const { return read().wall; }
};

class SystemClock final : public Clock {
 public:
  ClockReading read() const override;
  BootTime boot() const override;
  WallTime wall() const override;
};

struct ClockSync {
  bool synchronised = false;  // the kernel believes an NTP or PTP discipline
  Duration error{0};  // its estimate of the largest error; meaningless when not synchronised
};

// adjtimex(2), read only.
ClockSync read_clock_sync();

}  // namespace nines
