// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <sys/timex.h>
#include <time.h>

namespace nines {
namespace {

std::int64_t read_ns(clockid_t id) {
  timespec t{};
  const int failed = ::clock_gettime(id, &t);
  ASSERT(failed == 0);
  return std::int64_t{t.tv_sec} * kSecondNs + t.tv_nsec;
}

}  // namespace

ClockReading SystemClock::read() const {
  return {WallTime{read_ns(CLOCK_REALTIME)}, BootTime{read_ns(CLOCK_BOOTTIME)},
          Duration(read_ns(CLOCK_MONOTONIC))};
}

BootTime SystemClock::boot() const { return BootTime{read_ns(CLOCK_BOOTTIME)}; }

WallTime SystemClock::wall() const { return WallTime{read_ns(CLOCK_REALTIME)}; }

ClockSync read_clock_sync() {
  timex t{};
  const int state = ::adjtimex(&t);
  if (state < 0) return {};
  return {state != TIME_ERROR && (t.status & STA_UNSYNC) == 0, microseconds(t.maxerror)};
}

}  // namespace nines
