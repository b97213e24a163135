// SPDX-License-Identifier: Apache-2.0
// Where a running period is heading (S43), from the same exact numbers.
#pragma once

#include <cstdint>
#include <optional>

#include "sla/judge/report.h"

namespace nines::sla {

struct Consumption {
  const Budget& budget;
  const Seconds& seconds;
  std::int64_t planned_ns;   // accountable time of the whole period
  bool unknown_may_be_down;  // then MET is certain only if the unknown time fits the budget too
  WallTime now;
};

Outlook outlook_of(const Consumption& consumption);

// Nothing while no time has elapsed, or where the target leaves no budget at all.
std::optional<Forecast> forecast_of(const Consumption& consumption);

}  // namespace nines::sla
