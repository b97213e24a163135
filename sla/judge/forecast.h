// SPDX-License-Identifier: Apache-2.0
// What the rest of a running period may bring (S43): three methods, and how wrong each of them was
// in the periods before. Whole numbers only, and a fixed seed: the same question has the same
// answer.
#pragma once

#include <cstdint>
#include <vector>

#include "sla/judge/report.h"
#include "sla/time/period.h"
#include "sla/time/timeline.h"
#include "sla/time/zone.h"

namespace nines::sla {

inline constexpr std::uint64_t kResampleSeed = 20'260'101;
inline constexpr std::int64_t kDraws = 10'000;

// What is known at `now`, and what is planned after it.
struct Course {
  Interval period;
  std::int64_t now = 0;     // from ≤ now ≤ to
  IntervalSet accountable;  // before and after `now`, also before the period
  IntervalSet up;           // of measured time before `now`
  IntervalSet down;
  Rational budget_ns;  // of the whole period
  PeriodRule rule;     // of which `period` is one; else nothing is tested back
  Zone zone;           // of days
};

// Adds to `out.recent`, `out.resampled` and `out.back_test` what the course allows.
void look_ahead(const Course& course, Forecast& out);

}  // namespace nines::sla
