// SPDX-License-Identifier: Apache-2.0
// Which downtime is an outage (S18–S20): rules that look at whole episodes, before any clipping by
// period, hours or exclusions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "sla/number/rational.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// S18, S19. Down intervals less than `merge_gap` apart form an episode; one that lasts less than
// `duration` from its first to its last down instant is forgiven.
struct MinimumOutage {
  Duration duration{0};
  Duration merge_gap{0};
  std::optional<Duration> forgiven_cap;  // of a period; absent: no limit
};

// S20, rules of published agreements. Slices are those of the UTC clock.
struct OutageRule {
  enum class Kind {
    elapsed_full_minutes,  // of each outage the minutes that were full
    all_attempts_fail,     // a slice with attempts, all failed, is down; others are not
    error_rate,            // a slice with `minimum` attempts of which more than `share` failed
    down_longer_than,      // a slice with more than `over` of downtime is down; others are not
  } kind = Kind::elapsed_full_minutes;
  Duration slice{0};         // > 0, but of elapsed_full_minutes
  Duration over{0};          // of down_longer_than
  Rational share;            // of error_rate
  std::int64_t minimum = 0;  // of error_rate, > 0
};

// The down time of episodes that are too short.
IntervalSet too_short(const IntervalSet& down, const MinimumOutage& rule);

// The full minutes of each interval, from its start.
IntervalSet full_minutes(const IntervalSet& down);

// Whole slices that hold more than `over` of `down`.
IntervalSet long_slices(const IntervalSet& down, Duration slice, Duration over);

}  // namespace nines::sla
