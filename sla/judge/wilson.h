// SPDX-License-Identifier: Apache-2.0
// How far a share of n results can be from the truth (S39), in exact decimals: the root is one of
// whole numbers.
#pragma once

#include <cstdint>

#include "sla/judge/report.h"
#include "sla/number/integer.h"
#include "sla/number/rational.h"

namespace nines::sla {

// ⌊√value⌋, value ≥ 0.
Integer square_root(const Integer& value);

// The largest share of failures, in units of 10^-15, at which n results in a row are successes at
// least once in `one_in` times: (1 − share)^n ≥ 1/one_in. n > 0.
inline constexpr std::int64_t kFailureUnits = 1'000'000'000'000'000;
std::int64_t most_failures(std::int64_t n, int one_in);

// Of `good` among `total` results, 0 ≤ good ≤ total, total > 0.
Interval95 interval95(const Integer& good, const Integer& total);

}  // namespace nines::sla
