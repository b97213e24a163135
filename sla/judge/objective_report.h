// SPDX-License-Identifier: Apache-2.0
// One objective over one period, which may have passed under several versions (S33): the parts are
// measured and judged each by its own text, then added up.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sla/judge/figures.h"
#include "sla/judge/report.h"
#include "sla/judge/service_timelines.h"
#include "sla/text/agreement.h"

namespace nines::sla {

struct Asked {
  const Objective* objective;  // as the newest version that has it words it
  Interval period;
  // Later time is future; absent: what the question says, else the end of the period.
  std::optional<std::int64_t> elapsed_until;
  bool sketches = false;  // see Question
};

// One version's part of one objective's period.
struct Part {
  const Agreement* agreement;
  const Objective* objective;  // of the same name and statistic as the one asked for
  Stretch stretch;
  const ServiceTimelines* timelines = nullptr;
  // S32: time of the period beside this part in which nothing is in force. Such time belongs to the
  // part after it, at the end of the period to the last one.
  std::int64_t not_in_force_ns = 0;
};

// `parts` in order of time, at least one.
ObjectiveReport report_objective(const Asked& asked, const std::vector<Part>& parts);

}  // namespace nines::sla
