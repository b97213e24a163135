// SPDX-License-Identifier: Apache-2.0
// S20, the rules that look at the attempts of a check and not at how long they are believed: slices
// of the UTC clock in which all failed, or too many.
#pragma once

#include <vector>

#include "sla/input/samples.h"
#include "sla/rules/outages.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// The timeline of one check by `rule` (all_attempts_fail or error_rate). `attempts`: of all its
// vantages, in order of time each; unknown ones say nothing. A slice with enough attempts is down
// or up as a whole; elsewhere there is no downtime, and what `believed` knows is up.
Timeline by_attempts(const std::vector<PackedSamples>& attempts,
                     const OutageRule& rule,
                     const Timeline& believed);

}  // namespace nines::sla
