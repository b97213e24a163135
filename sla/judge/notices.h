// SPDX-License-Identifier: Apache-2.0
// Whether the customer was told of incidents as `communication.notices` promises: of each for the
// first time within `incidentOpened`, and while it runs never longer apart than `incidentUpdate`.
//
// A notice is what stands in the log by the provider, since the customer can see it from then on.
// Both promises run by the plain clock: the text gives them neither hours nor pauses. What is at
// its limit is met.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sla/input/events.h"
#include "sla/judge/report.h"
#include "sla/text/versions.h"

namespace nines::sla {

// Incidents opened in `period` count, each by the version in force when it was opened; nothing
// later than `now` is known. Absent where no version in force in the period has such a promise.
std::optional<NoticeReport> judge_notices(const std::vector<InForce>& versions,
                                          const std::vector<IncidentEvent>& events,
                                          const Interval& period,
                                          std::int64_t now);

}  // namespace nines::sla
