// SPDX-License-Identifier: Apache-2.0
// How fast a budget is being used up just now (S41), guarded against windows that say too little
// (S42).
#pragma once

#include <cstdint>
#include <vector>

#include "sla/judge/figures.h"
#include "sla/judge/report.h"
#include "sla/judge/service_timelines.h"
#include "sla/text/agreement.h"

namespace nines::sla {

// Windows end at the stretch's `elapsed_until` and may begin before the period. A window holds the
// accountable time of `stretch.around`, so reaches no further back than the version in force.
// Nothing where the target leaves no budget. `period` is the length that the budget is for, in ns.
std::vector<BurnAlert> burn_alerts(const std::vector<BurnRule>& rules,
                                   const Rational& target,
                                   std::int64_t period,
                                   const ServiceTimelines& timelines,
                                   const Stretch& stretch);

}  // namespace nines::sla
