// SPDX-License-Identifier: Apache-2.0
// The stretches of time that objectives speak of: S28 and the period texts of the command line.
#pragma once

#include <string>

#include "base/expected.h"
#include "base/time.h"
#include "sla/time/timeline.h"
#include "sla/time/zone.h"

namespace nines::sla {

struct PeriodRule {
  enum class Kind { day, week, month, quarter, year, rolling };
  Kind kind = Kind::month;
  int rolling_days = 0;  // of `rolling`: 1 to 3660

  bool operator==(const PeriodRule&) const = default;
};

// The period with from < as_of ≤ to; a rolling one ends at `as_of`.
Interval period_at(const PeriodRule& rule, const Zone& zone, WallTime as_of);

// "2026", "2026-Q1", "2026-11", "2026-W13", "2026-03-29" in the zone, or FROM/TO of RFC 3339
// instants.
Expected<Interval> parse_period(const std::string& text, const Zone& zone);

}  // namespace nines::sla
