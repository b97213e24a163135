// SPDX-License-Identifier: Apache-2.0
// Recorded results judged month by month under a text that may never have been in force: what a
// target, or a changed text, would have made of the past. Still the one judgement
// (sla/judge/judge.h).
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "sla/input/samples.h"
#include "sla/judge/report.h"
#include "sla/text/agreement.h"

namespace nines::sla {

struct Month {
  std::string label;  // "2026-07", in the agreement's zone
  Report report;
};

inline constexpr std::size_t kMaxReplayMonths = 240;

// Each calendar month that holds results, in order, with the agreement taken to be in force
// throughout. Refuses more than kMaxReplayMonths.
Expected<std::vector<Month>> replay(const Agreement& agreement, const std::vector<Series>& series);

// The same agreement with another target for each of its availability objectives, or for the one
// that is named. Refuses a name that no availability objective has.
Expected<Agreement> with_target(Agreement agreement,
                                const std::string& target_text,
                                const std::string& objective);

const ObjectiveReport* objective_in(const Report& report, const std::string& name);

}  // namespace nines::sla
