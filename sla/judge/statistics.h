// SPDX-License-Identifier: Apache-2.0
// What an objective counts of one stretch of accountable time, and what its text makes of it:
// every statistic and method by its own rule.
#pragma once

#include <cstdint>

#include "sla/judge/figures.h"
#include "sla/judge/service_timelines.h"
#include "sla/judge/slices.h"
#include "sla/judge/verdict.h"
#include "sla/rules/latency.h"
#include "sla/text/agreement.h"

namespace nines::sla {

// Only what the objective's statistic needs is filled; several stretches add up.
struct Counted {
  std::int64_t samples = 0;  // results that entered the figure
  Tally results;             // success_ratio, method occurrences
  SliceFigures slices;
  Latencies latencies;

  void add(const Counted& other);
};

// Whether single response times must be kept.
bool needs_ranks(const Objective& objective);

// How response times are kept, beside their sum and number.
struct Keeping {
  bool ranked = false;    // each of them
  bool sketched = false;  // counted in a sketch (sla/number/sketch.h), those of all vantages in one
};

// `origin`: the start of the period, from which slices are cut.
Counted count(const ServiceTimelines& timelines,
              const IntervalSet& accountable,
              std::int64_t origin,
              const Objective& objective,
              const Keeping& keeping);

// `around`: accountable time beyond the period's edges too.
Judgement judge_statistic(const Objective& objective,
                          const UnknownPolicy& policy,
                          const Figures& figures,
                          const IntervalSet& around,
                          Counted& counted);

}  // namespace nines::sla
