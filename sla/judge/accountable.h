// SPDX-License-Identifier: Apache-2.0
// Which instants count, and as what (S18–S27): one service's timeline over one stretch of a period
// under one version. Everything that is computed about an objective — shares, response times,
// slices, burn, outages — is computed over the sets below. All are exact to the nanosecond.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sla/judge/report.h"
#include "sla/judge/service_timelines.h"
#include "sla/rules/exclusions.h"
#include "sla/rules/outages.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// What is known before the results: a piece of a period that one version judges.
struct Stretch {
  Interval listed;                  // outages that touch it are listed
  IntervalSet in_force;             // of the period
  IntervalSet open;                 // of it, inside the agreed hours (S27)
  IntervalSet around;               // open and not excluded, beyond the period's edges too
  std::int64_t elapsed_until = 0;   // what is open later is future
  std::optional<std::int64_t> cut;  // nothing is claimed about later time (an explicit as_of)

  Exclusions::Effect effect = Exclusions::Effect::remove;  // S24
  ExcludedTime excluded;                                   // within `open`
  MinimumOutage minimum;                                   // S18
  std::optional<std::int64_t> cap_left;  // S19: what may be forgiven here; absent: everything
  std::optional<OutageRule> rule;        // S20, where it speaks of whole outages
};

using NamedLengths = std::vector<std::pair<std::string, std::int64_t>>;  // ns, in a stated order

struct Accountable {
  // S40: what will count of the whole stretch, future included: hours without agreed windows.
  IntervalSet planned;

  // What counts and is past. It is the union of the three after it, which are apart and are what
  // confirmation (S8), forgiven outages (S18) and exclusions (S24) made of the timeline.
  IntervalSet time;
  IntervalSet down, up, unknown;
  IntervalSet charged;  // `time` without windows that forgive: only results in it are counted
  IntervalSet least_down, most_down;  // S7, of `time`; least ⊆ down ⊆ most

  Seconds seconds;                        // without not_in_force
  std::int64_t forgiven_short_ns = 0;     // down by the timeline, up by S18 to S20
  std::int64_t forgiven_excluded_ns = 0;  // of effect forgive: not up by the timeline
  NamedLengths excluded_by;               // S23, past time of the windows, whatever the effect
  NamedLengths down_by;                   // S26, of `down`
  std::vector<Outage> outages;            // whole episodes that touch `listed`, in order of time
};

Accountable account(const ServiceTimelines& timelines, const Stretch& stretch);

}  // namespace nines::sla
