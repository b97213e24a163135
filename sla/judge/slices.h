// SPDX-License-Identifier: Apache-2.0
// Results counted, and time cut into slices of which each is judged by its results (S36).
#pragma once

#include <cstdint>
#include <vector>

#include "sla/input/samples.h"
#include "sla/judge/report.h"
#include "sla/judge/verdict.h"
#include "sla/number/rational.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// Each list in order of time.
using SampleLists = std::vector<PackedSamples>;

// The results in `accountable` by outcome; time without any result is in none of them.
Tally count_results(const SampleLists& samples, const IntervalSet& accountable);

// How many results lie in `accountable`, whatever they say: by search, not by walking them.
std::int64_t count_samples(const SampleLists& samples, const IntervalSet& accountable);

struct SliceFigures {
  Slices slices;
  std::int64_t good_with_data = 0;
  // Sum of up / (up + down) of the slices with data; rounded down to 18 decimals where the exact
  // fraction would need more than 60 digits.
  Rational ratios;

  void add(const SliceFigures& other);
};

// Slices of `rule.window` from `origin` (the start of the period). One that lies in `accountable`
// only in part is judged by that part; one that does not touch it is none.
SliceFigures count_slices(const SampleLists& samples,
                          const IntervalSet& accountable,
                          std::int64_t origin,
                          const SliceRule& rule);

// The slices as shares: of good ones, or of their ratios' mean (both of numbers without unit).
Tally tally_of(const SliceFigures& figures, const SliceRule& rule, Objective::Method method);

}  // namespace nines::sla
