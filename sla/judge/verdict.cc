// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/verdict.h"

namespace nines::sla {

using Treat = UnknownPolicy::Treat;

void judge_coverage(const Seconds& seconds, const UnknownPolicy& policy, Judgement& out) {
  const std::int64_t measured = seconds.up + seconds.down;
  if (seconds.accountable() == 0) return;
  out.coverage = Rational(Integer(measured), Integer(seconds.accountable()));
  const bool enough = measured > 0 && *out.coverage >= policy.min_coverage;
  out.verdict = enough ? Verdict::met : Verdict::no_data;
}

void judge_share(const Tally& tally,
                 const UnknownPolicy& policy,
                 const Rational& target,
                 Judgement& out) {
  const Integer known = tally.up + tally.down;
  const Integer whole = known + tally.unknown;
  if (whole.is_zero()) {
    if (out.verdict == Verdict::met) out.verdict = Verdict::no_data;
    return;
  }
  const Integer hopeful = tally.up + tally.unknown;
  out.worst = Rational(policy.treat == Treat::up ? hopeful : tally.up, whole);
  out.best = Rational(policy.treat == Treat::down ? tally.up : hopeful, whole);
  if (policy.treat != Treat::verdict) {
    out.nominal = out.worst;
  } else if (!known.is_zero()) {
    out.nominal = Rational(tally.up, known);
  }
  if (out.verdict != Verdict::met) return;
  if (known.is_zero()) {
    out.verdict = Verdict::no_data;
  } else if (*out.worst < target) {
    out.verdict = *out.best < target ? Verdict::breached : Verdict::indeterminate;
  }
}

int severity(Verdict verdict) {
  switch (verdict) {
    case Verdict::breached:
      return 4;
    case Verdict::indeterminate:
      return 3;
    case Verdict::no_data:
      return 2;
    case Verdict::met:
      return 1;
    default:
      return 0;
  }
}

}  // namespace nines::sla
