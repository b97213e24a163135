// SPDX-License-Identifier: Apache-2.0
// How long outages lasted (S48): the longest, and their mean (S47), each outage by the accountable
// part of its whole episode.
#pragma once

#include <cstdint>
#include <vector>

#include "sla/judge/figures.h"
#include "sla/judge/verdict.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"

namespace nines::sla {

struct Recovery {
  std::int64_t count = 0;  // outages of which any part is accountable
  std::int64_t sum = 0;    // ns
  std::int64_t longest = 0;
  // The longest that an outage can have been if all unknown time was down.
  std::int64_t longest_doubtful = 0;
  bool surely_longer = false;    // some outage lasted longer than the limit however sampled
  bool surely_no_longer = true;  // none did

  Recovery() = default;
  // `unknown` lies within the accountable time of the period, `around` is the accountable time
  // beyond its edges too.
  Recovery(const std::vector<Outage>& outages,
           const IntervalSet& unknown,
           const IntervalSet& around,
           Duration limit);
};

// `statistic` is longest_outage or mttr. Nominal, worst and best are lengths in ns.
Judgement judge_recovery(const Recovery& recovery,
                         const Seconds& seconds,
                         const UnknownPolicy& policy,
                         const Objective& objective);

}  // namespace nines::sla
