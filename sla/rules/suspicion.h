// SPDX-License-Identifier: Apache-2.0
// S12: an observer that alone sees nearly everything fail is not believed. Where at least five
// checks with different targets have a state as one vantage sees them, at least 80 % of these are
// down, and of the ones that are down at least 80 % are up as the other vantages see them (more say
// up than down), the vantage is suspect, and its failures say nothing about the services. Needs
// five targets and two vantages; an agreement with fewer never uses it. Checks of local targets are
// left out and never excused.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sla/input/samples.h"
#include "sla/time/timeline.h"

namespace nines::sla {

inline constexpr std::size_t kLeastTargets = 5;

// What each vantage sees of each target: by target, by vantage.
using Views = std::vector<std::map<std::string, Timeline>>;

std::map<std::string, IntervalSet> suspect_windows(const Views& views);

// Every down sample that is held (until the next one, at most as long as it is believed) in a
// window becomes unknown, with the cause suspected. `samples` are in order of time. Returns how
// many.
std::size_t distrust(std::vector<Sample>& samples, Duration belief, const IntervalSet& windows);

}  // namespace nines::sla
