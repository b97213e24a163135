// SPDX-License-Identifier: Apache-2.0
// From series to checks: failures that say nothing about the service are excused (S11, S12), late
// and foreign results left out, results confirmed (S8), vantages counted (S14, S15), slices of
// attempts judged (S20).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sla/input/samples.h"
#include "sla/judge/service_timelines.h"
#include "sla/judge/uplinks.h"
#include "sla/rules/membership.h"
#include "sla/text/agreement.h"
#include "sla/words/warning.h"

namespace nines::sla {

// All that one version of an agreement is judged by. The references must outlive it.
struct Evidence {
  const Agreement& agreement;
  const SampleStore& store;
  const Memberships& memberships;
  Uplinks& uplinks;
  std::optional<std::int64_t> received_by;  // S59: results that arrived later are not counted
  std::vector<Warning>& warnings;
  std::map<std::string, IntervalSet> suspects{};  // S12, by vantage: suspects_of() of the rest
};

struct CheckTimelines {
  Timelines composed;
  std::vector<PackedSamples> samples;  // of each vantage that counts, in order of time
  Timeline any_down;                   // down where any vantage in service sees it down
};

CheckTimelines timelines_of_check(const Evidence& evidence, const MeasuredCheck& check);

// What S12 says of each vantage, by all checks of the agreement.
std::map<std::string, IntervalSet> suspects_of(const Evidence& evidence);

}  // namespace nines::sla
