// SPDX-License-Identifier: Apache-2.0
// From shares to verdicts (S35, S37): the same rule for seconds, results and slices.
#pragma once

#include <optional>

#include "sla/judge/report.h"
#include "sla/number/rational.h"
#include "sla/text/agreement.h"

namespace nines::sla {

// What the agreement makes of figures. Absent where nothing was measured or it does not apply.
struct Judgement {
  std::optional<Rational> nominal, worst, best, coverage;
  Verdict verdict = Verdict::not_applicable;
  std::optional<bool> certain;
};

// What is shared out: seconds, results or slices, each ≥ 0. Shares keep its numbers unreduced.
struct Tally {
  Integer up, down, unknown;
};

// Fills `coverage` from the seconds, which every statistic does; NO_DATA where too little was
// seen, NOT_APPLICABLE where nothing is accountable, else MET for the caller to look closer.
void judge_coverage(const Seconds& seconds, const UnknownPolicy& policy, Judgement& out);

// Nominal, worst and best of the tally, and the verdict against `target` where the coverage allows
// one. A tally of nothing known is NO_DATA.
void judge_share(const Tally& tally,
                 const UnknownPolicy& policy,
                 const Rational& target,
                 Judgement& out);

// How bad a verdict is among those of several parts: BREACHED 4 … NOT_APPLICABLE 0.
int severity(Verdict verdict);

}  // namespace nines::sla
