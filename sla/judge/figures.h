// SPDX-License-Identifier: Apache-2.0
// One objective over one stretch of accountable time under one version: seconds, shares, verdict
// (S21, S34, S35, S37, S38, S49). A period with a change of version has several, which add up.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sla/judge/accountable.h"
#include "sla/judge/report.h"
#include "sla/judge/service_timelines.h"
#include "sla/judge/verdict.h"
#include "sla/rules/course.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// Lengths in ns; sums of several stretches stay exact.
struct Figures {
  Seconds seconds;          // without not_in_force
  CauseLengths unknown_by;  // adds up to seconds.unknown
  std::int64_t blip = 0;    // S9
  std::int64_t blips = 0;   // how many
  std::int64_t partial = 0;
  std::int64_t believed = 0;
  std::int64_t least_down = 0;
  std::int64_t most_down = 0;        // within measured time
  std::int64_t most_or_unknown = 0;  // within accountable time
  std::int64_t planned = 0;          // S40
  std::int64_t forgiven_short = 0;
  std::int64_t forgiven_excluded = 0;
  NamedLengths excluded_by, down_by;
  std::vector<Outage> outages;
  IntervalSet accountable;    // that has passed
  IntervalSet charged;        // of it, without windows that forgive: whose results are counted
  IntervalSet down, unknown;  // of it
  IntervalSet seen_down;      // some vantage saw a check down, before any rule; past time only
  Phases phases;              // where the seconds are, for drawing

  void add(const Figures& other);
};

Figures measure(const ServiceTimelines& timelines, const Stretch& stretch);

// Availability against `target`, a share.
Judgement judge_availability(const Figures& figures,
                             const UnknownPolicy& policy,
                             const Rational& target);

}  // namespace nines::sla
