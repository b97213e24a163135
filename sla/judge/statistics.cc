// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/statistics.h"

#include "base/assert.h"
#include "sla/judge/recovery.h"

namespace nines::sla {
namespace {

using Statistic = Objective::Statistic;
using Method = Objective::Method;

bool by_slices(const Objective& objective) {
  return objective.statistic == Statistic::availability &&
         (objective.method == Method::timeslices || objective.method == Method::ratio_timeslices);
}

bool by_results(const Objective& objective) {
  return objective.statistic == Statistic::success_ratio ||
         (objective.statistic == Statistic::availability &&
          objective.method == Method::occurrences);
}

bool by_latency(const Objective& objective) {
  return objective.statistic == Statistic::mean || objective.statistic == Statistic::percentile ||
         objective.statistic == Statistic::share_below;
}

LatencyRule latency_rule(const Objective& objective) {
  constexpr std::int64_t kMicrosecond = 1000;
  LatencyRule out;
  // Latencies are whole µs: those below a fraction of one are those below the next whole one.
  out.threshold_us = (objective.threshold.count() + kMicrosecond - 1) / kMicrosecond;
  if (objective.impute_timeout) out.impute_us = objective.impute_timeout->count() / kMicrosecond;
  return out;
}

// Latencies say nothing of unmeasured time; too little of them is NO_DATA.
Judgement judge_latency(const Objective& objective,
                        const UnknownPolicy& policy,
                        const Seconds& seconds,
                        Latencies& latencies) {
  Judgement out;
  judge_coverage(seconds, policy, out);
  if (latencies.count() == 0) {
    if (out.verdict == Verdict::met) out.verdict = Verdict::no_data;
    return out;
  }
  const Integer count(latencies.count());
  bool kept = false;
  if (objective.statistic == Statistic::share_below) {
    out.nominal = Rational(Integer(latencies.below()), count);
    kept = *out.nominal >= objective.target;
  } else {
    const Rational max_us(Integer(objective.max.count()), Integer(1000));
    const auto p = parse_percentile(objective.percentile);
    ASSERT(p || objective.statistic == Statistic::mean);
    out.nominal = p ? Rational(Integer(latencies.nearest_rank(*p)), Integer(1))
                    : Rational(latencies.sum_us(), count);
    kept = *out.nominal <= max_us;
  }
  if (out.verdict == Verdict::met && !kept) out.verdict = Verdict::breached;
  return out;
}

}  // namespace

void Counted::add(const Counted& other) {
  samples += other.samples;
  results = {results.up + other.results.up, results.down + other.results.down,
             results.unknown + other.results.unknown};
  slices.add(other.slices);
  latencies.add(other.latencies);
}

bool needs_ranks(const Objective& objective) {
  return objective.statistic == Statistic::percentile || !objective.also.percentiles.empty();
}

Counted count(const ServiceTimelines& timelines,
              const IntervalSet& accountable,
              std::int64_t origin,
              const Objective& objective,
              const Keeping& keeping) {
  Counted out;
  if (by_latency(objective)) {
    LatencyRule rule = latency_rule(objective);
    rule.ranked = keeping.ranked;
    rule.sketched = keeping.sketched;
    for (const auto& list : timelines.samples) out.latencies.collect(list, accountable, rule);
    out.samples = out.latencies.count();
    return out;
  }
  out.samples = count_samples(timelines.samples, accountable);
  if (by_results(objective)) out.results = count_results(timelines.samples, accountable);
  if (by_slices(objective)) {
    out.slices = count_slices(timelines.samples, accountable, origin, objective.slices);
  }
  return out;
}

Judgement judge_statistic(const Objective& objective,
                          const UnknownPolicy& policy,
                          const Figures& figures,
                          const IntervalSet& around,
                          Counted& counted) {
  if (by_latency(objective)) {
    return judge_latency(objective, policy, figures.seconds, counted.latencies);
  }
  if (objective.statistic == Statistic::longest_outage || objective.statistic == Statistic::mttr) {
    const Recovery recovery(figures.outages, figures.unknown, around, objective.max);
    return judge_recovery(recovery, figures.seconds, policy, objective);
  }
  if (!by_results(objective) && !by_slices(objective)) {
    return judge_availability(figures, policy, objective.target);
  }
  Judgement out;
  judge_coverage(figures.seconds, policy, out);
  if (out.verdict == Verdict::not_applicable) return out;
  const Tally tally = by_results(objective)
                          ? counted.results
                          : tally_of(counted.slices, objective.slices, objective.method);
  judge_share(tally, policy, objective.target, out);
  return out;
}

}  // namespace nines::sla
