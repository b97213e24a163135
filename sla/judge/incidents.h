// SPDX-License-Identifier: Apache-2.0
// The life of an incident, put together from its events (S44).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sla/input/events.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"

namespace nines::sla {

struct Incident {
  std::string id, service;
  std::int64_t opened = 0;
  std::string priority;     // the last one said; empty: none was
  std::int64_t raised = 0;  // when it got that priority
  std::optional<std::int64_t> acknowledged;
  std::optional<std::int64_t> answered;  // responded, or resolved without a word before
  std::vector<Interval> runs;            // open from, until resolved; the last may still be open
  bool open = true;                      // at `now`, where the last run then ends
  std::vector<Interval> pauses;          // for an agreed reason; an unfinished one ends at `now`
  bool paused = false;                   // at `now`
  std::vector<std::int64_t> signs;       // of life, in order of time: every event
  std::int64_t known = 0;                // when notices of it began to be owed
  std::vector<std::int64_t> notices;     // to the customer, in order of time
};

// In order of opening. Events later than `now` are not known; what comes before an opening, or
// about an incident that was never opened, is left out. `reasons` are those whose pauses count.
std::vector<Incident> incidents_of(const std::vector<IncidentEvent>& events,
                                   std::int64_t now,
                                   const std::vector<std::string>& reasons);

}  // namespace nines::sla
