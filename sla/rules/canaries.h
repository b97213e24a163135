// SPDX-License-Identifier: Apache-2.0
// Rule S11, whose fault it is: while none of an agent's canaries answers, a failure says nothing
// about the service. A pure function of results, shared by the judge and by the agent's display; it
// is a library of its own, so that the agent links nothing else of this room.
//
// The canaries of one vantage run on grids of their own, so a round is not one instant. For each
// canary a result holds from its start to the start of the canary's next one, at most as long as it
// is believed. At an instant the uplink is
//   silent  where no result holds: silence is no evidence,
//   good    where a result that holds is an answer (up),
//   lost    where results hold and all are failures (down).
// Unknown results of a canary are left out, as if they had not come. Where the uplink is lost, the
// loss reaches back and on to the next answer of any canary on either side, both instants excluded,
// but never over silence.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "model/outcome.h"
#include "sla/input/samples.h"

namespace nines::sla {

struct CanaryResult {
  std::size_t canary = 0;  // an index of `beliefs`
  std::int64_t at_ns = 0;  // its start
  Outcome outcome = Outcome::unknown;
};

struct UplinkLoss {  // [from, to): the instant of the answer before it is from − 1 ns
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;

  bool operator==(const UplinkLoss&) const = default;
};

// `results`: of all canaries of one vantage, in any order. `beliefs`: of each canary, > 0. In order
// of time and apart from each other.
std::vector<UplinkLoss> uplink_losses(std::vector<CanaryResult> results,
                                      const std::vector<Duration>& beliefs);

bool lost_at(const std::vector<UplinkLoss>& losses, std::int64_t at_ns);

// Every down sample within a loss becomes unknown, with the cause uplink; up stays up. Returns how
// many.
std::size_t excuse(std::vector<Sample>& samples, const std::vector<UplinkLoss>& losses);

}  // namespace nines::sla
