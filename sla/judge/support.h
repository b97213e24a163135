// SPDX-License-Identifier: Apache-2.0
// Clocks of support (S44–S47), from what was said of incidents.
//
// A clock runs from the opening, or from the raise to the priority under which the incident counts,
// within the hours of that priority and outside of agreed pauses. `response` ends with the first
// human answer, `resolve` with the resolution, and runs on after a reopening; `update` is the
// longest silence while the incident is open. What is at its limit is met.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sla/input/events.h"
#include "sla/judge/report.h"
#include "sla/text/versions.h"

namespace nines::sla {

// A line for each priority of the versions, as the one in force at `now` orders them. Incidents
// opened in `period` count, each by the version in force when it was opened; nothing later than
// `now` is known. Incidents that cannot be judged are named in `warnings`.
std::vector<SupportReport> judge_support(const std::vector<InForce>& versions,
                                         const std::vector<IncidentEvent>& events,
                                         const Interval& period,
                                         std::int64_t now,
                                         std::vector<Warning>& warnings);

}  // namespace nines::sla
