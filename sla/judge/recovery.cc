// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/recovery.h"

#include <algorithm>

namespace nines::sla {

using Treat = UnknownPolicy::Treat;

Recovery::Recovery(const std::vector<Outage>& outages,
                   const IntervalSet& unknown,
                   const IntervalSet& around,
                   Duration limit) {
  std::vector<Interval> doubtful = unknown.intervals();
  for (const Outage& outage : outages) {
    if (outage.accountable_ns == 0 || !outage.counted) continue;
    ++count;
    sum += outage.accountable_ns;
    longest = std::max(longest, outage.accountable_ns);
    doubtful.push_back(outage.whole);
    // The accountable part can be shorter and longer by as much as the whole can.
    const std::int64_t whole = outage.whole_down_ns;
    const std::int64_t least = outage.accountable_ns - (whole - outage.least_ns);
    const std::int64_t most = outage.accountable_ns + (outage.most_ns - whole);
    surely_longer = surely_longer || least > limit.count();
    surely_no_longer = surely_no_longer && most <= limit.count();
  }
  longest_doubtful = longest;
  const IntervalSet runs(std::move(doubtful));
  auto outage = outages.begin();  // both are in order of time
  for (const Interval& run : runs.intervals()) {
    std::int64_t part = around.length_in(run);
    for (; outage != outages.end() && outage->whole.from < run.to; ++outage) {
      if (!outage->counted || outage->whole.from < run.from) continue;
      // An episode's short breaks were surely up (S18).
      part -= outage->whole.to - outage->whole.from - outage->whole_down_ns -
              unknown.length_in(outage->whole);
    }
    longest_doubtful = std::max(longest_doubtful, part);
  }
}

Judgement judge_recovery(const Recovery& recovery,
                         const Seconds& seconds,
                         const UnknownPolicy& policy,
                         const Objective& objective) {
  Judgement out;
  judge_coverage(seconds, policy, out);
  if (out.verdict == Verdict::not_applicable) return out;
  const Rational limit(objective.max.count());
  if (objective.statistic == Objective::Statistic::mttr) {
    if (recovery.count > 0) out.nominal = Rational(recovery.sum, recovery.count);
    if (out.verdict == Verdict::met && out.nominal && *out.nominal > limit) {
      out.verdict = Verdict::breached;
    }
    return out;
  }
  const Rational sure(recovery.longest);
  const Rational doubtful(recovery.longest_doubtful);
  out.nominal = policy.treat == Treat::down ? doubtful : sure;
  out.worst = policy.treat == Treat::up ? sure : doubtful;
  out.best = out.nominal;
  if (out.verdict == Verdict::no_data) return out;
  if (*out.best > limit) {
    out.verdict = Verdict::breached;
  } else if (*out.worst > limit) {
    out.verdict = Verdict::indeterminate;
  }
  out.certain = false;
  if (out.verdict == Verdict::met) out.certain = recovery.surely_no_longer;
  if (out.verdict == Verdict::breached) out.certain = recovery.surely_longer;
  return out;
}

}  // namespace nines::sla
