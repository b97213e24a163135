// SPDX-License-Identifier: Apache-2.0
// What sampling cannot see: how much downtime may have hidden in outages shorter than the interval
// between results.
//
// The model: an outage of length L begins at an instant that has nothing to do with the phase of
// the checks. Sampled every d > L, it is hit by one result with probability L/d, else by none. So
// short outages of S together are hit S/d times in the mean, and the number of hits is a sum of
// independent draws; with that mean no such sum is less often small than a binomial or a Poisson
// number (Hoeffding 1956). The bound is the largest S for which as few hits as were seen still come
// in 5 % of all cases; it holds in at least 95 %.
#pragma once

#include <cstdint>
#include <optional>

#include "sla/judge/slices.h"
#include "sla/number/rational.h"
#include "sla/time/timeline.h"

namespace nines::sla {

struct ShortHits {
  std::int64_t successes = 0;
  std::int64_t hits = 0;  // failures alone between successes
};

// Of one series, in order of time; what is unknown separates.
ShortHits short_hits(const PackedSamples& samples, const IntervalSet& accountable);

// The mean number of hits that is exceeded by the true one in at most 5 % of all cases, rounded
// up. Without a success nothing can be said.
std::optional<Rational> most_hits95(const ShortHits& seen);

}  // namespace nines::sla
