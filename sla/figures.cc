// SPDX-License-Identifier: Apache-2.0
#include "sla/figures.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {
namespace {

using Treat = UnknownPolicy::Treat;

void merge_outage(std::vector<Outage>& outages, const Outage& next) {
  if (outages.empty() || outages.back().whole.to < next.whole.from) {
    outages.push_back(next);
    return;
  }
  // One episode seen under two versions: its whole is one, its accountable parts add up.
  Outage& last = outages.back();
  last.whole = {std::min(last.whole.from, next.whole.from), std::max(last.whole.to, next.whole.to)};
  last.down_ns += next.down_ns;
  last.least_ns = std::max(last.least_ns, next.least_ns);
  last.most_ns = std::max(last.most_ns, next.most_ns);
}

// The longest that the episode `inner` can have been. `walled` keeps two outages with one success
// between them apart; its pieces begin a nanosecond late after a success, which `most` tells.
std::int64_t longest(const IntervalSet& walled, const IntervalSet& most, const Interval& inner) {
  const auto& pieces = walled.intervals();
  auto piece = std::upper_bound(pieces.begin(), pieces.end(), inner.from,
                                [](std::int64_t t, const Interval& i) { return t < i.from; });
  if (piece == pieces.begin()) return inner.to - inner.from;
  --piece;
  if (piece->to < inner.to) return inner.to - inner.from;
  return piece->to - piece->from + (most.contains(piece->from - 1) ? 1 : 0);
}

struct Downtimes {
  IntervalSet nominal, least, most, walled;
};

std::vector<Outage> outages_of(const Downtimes& down,
                               const Interval& listed,
                               const IntervalSet& accountable) {
  std::vector<Outage> out;
  for (const Interval& whole : down.nominal.intervals()) {
    if (whole.to <= listed.from || whole.from >= listed.to) continue;
    const IntervalSet itself = IntervalSet::of(whole.from, whole.to);
    out.push_back({whole, intersect(itself, accountable).length(),
                   intersect(itself, down.least).length(), longest(down.walled, down.most, whole)});
  }
  return out;
}

void count_samples(const ServiceTimelines& timelines,
                   const IntervalSet& accountable,
                   Figures& figures) {
  std::int64_t partial_sum = 0;  // at most 10^7 latencies of 10^11 µs before it is moved
  std::int64_t pending = 0;
  constexpr std::int64_t kMovedAfter = 10'000'000;
  for (const auto& samples : timelines.samples) {
    auto interval = accountable.intervals().begin();
    const auto end = accountable.intervals().end();
    for (const Sample& sample : samples) {
      while (interval != end && interval->to <= sample.at_ns) ++interval;
      if (interval == end) break;
      if (sample.at_ns < interval->from) continue;
      ++figures.samples;
      if (sample.outcome != Outcome::up || !sample.total_us) continue;
      ++figures.latency_count;
      partial_sum += *sample.total_us;
      if (++pending == kMovedAfter) {
        figures.latency_sum_us = figures.latency_sum_us + Integer(partial_sum);
        partial_sum = pending = 0;
      }
    }
  }
  figures.latency_sum_us = figures.latency_sum_us + Integer(partial_sum);
}

Rational share(std::int64_t part, std::int64_t whole) { return {Integer(part), Integer(whole)}; }

bool too_little_seen(const Figures& figures, const UnknownPolicy& policy) {
  const std::int64_t measured = figures.seconds.up + figures.seconds.down;
  return measured == 0 || share(measured, figures.seconds.accountable()) < policy.min_coverage;
}

}  // namespace

void Figures::add(const Figures& other) {
  seconds.not_in_force += other.seconds.not_in_force;
  seconds.out_of_hours += other.seconds.out_of_hours;
  seconds.future += other.seconds.future;
  seconds.excluded += other.seconds.excluded;
  seconds.unknown += other.seconds.unknown;
  seconds.down += other.seconds.down;
  seconds.up += other.seconds.up;
  for (const auto& [cause, length] : other.unknown_by) unknown_by[cause] += length;
  partial += other.partial;
  believed += other.believed;
  least_down += other.least_down;
  most_down += other.most_down;
  most_or_unknown += other.most_or_unknown;
  for (const Outage& outage : other.outages) merge_outage(outages, outage);
  samples += other.samples;
  latency_count += other.latency_count;
  latency_sum_us = latency_sum_us + other.latency_sum_us;
}

Figures measure(const ServiceTimelines& timelines, const Stretch& stretch) {
  const auto cut = [&](const IntervalSet& set) {
    if (!stretch.cut || set.empty()) return set;
    return intersect(set, IntervalSet::of(set.intervals().front().from, *stretch.cut));
  };
  const Downtimes down{
      cut(timelines.nominal.where(Outcome::down)), cut(timelines.least.where(Outcome::down)),
      cut(timelines.most.where(Outcome::down)), cut(timelines.walled.where(Outcome::down))};
  const IntervalSet up = cut(timelines.nominal.where(Outcome::up));
  const IntervalSet fresh = cut(timelines.fresh.where(Outcome::up));

  IntervalSet accountable;
  if (!stretch.in_force.empty()) {
    const std::int64_t first = stretch.in_force.intervals().front().from;
    accountable = intersect(stretch.in_force, IntervalSet::of(first, stretch.elapsed_until));
  }
  Figures out;
  out.seconds.future = stretch.in_force.length() - accountable.length();
  out.seconds.down = intersect(down.nominal, accountable).length();
  out.seconds.up = intersect(up, accountable).length();
  out.seconds.unknown = accountable.length() - out.seconds.down - out.seconds.up;
  const IntervalSet unknown = subtract(subtract(accountable, down.nominal), up);
  out.unknown_by = lengths_of(timelines.causes, unknown);
  std::int64_t caused = 0;
  for (const auto& [cause, length] : out.unknown_by) caused += length;
  ASSERT(caused == out.seconds.unknown);
  out.partial =
      intersect(subtract(timelines.any_down.where(Outcome::down), down.nominal), accountable)
          .length();
  out.believed = intersect(subtract(up, fresh), accountable).length();
  out.least_down = intersect(down.least, accountable).length();
  out.most_down = subtract(intersect(down.most, accountable), unknown).length();
  out.most_or_unknown = intersect(unite(down.most, unknown), accountable).length();
  out.outages = outages_of(down, stretch.listed, accountable);
  count_samples(timelines, accountable, out);
  return out;
}

Judgement judge_availability(const Figures& figures,
                             const UnknownPolicy& policy,
                             const Rational& target) {
  const Seconds& s = figures.seconds;
  const std::int64_t whole = s.accountable();
  Judgement out;
  if (whole == 0) return out;
  out.coverage = share(s.up + s.down, whole);
  const std::int64_t least_up = policy.treat == Treat::up ? s.up + s.unknown : s.up;
  const std::int64_t most_up = policy.treat == Treat::down ? s.up : s.up + s.unknown;
  out.worst = share(least_up, whole);
  out.best = share(most_up, whole);
  if (policy.treat != Treat::verdict) {
    out.nominal = out.worst;
  } else if (s.up + s.down > 0) {
    out.nominal = share(s.up, s.up + s.down);
  }
  if (too_little_seen(figures, policy)) {
    out.verdict = Verdict::no_data;
    return out;
  }
  out.verdict = *out.worst >= target ? Verdict::met
                : *out.best < target ? Verdict::breached
                                     : Verdict::indeterminate;
  // S38: MET survives if it holds with every outage as long as the samples allow (and, where
  // unknown time may have been down, with that too); BREACHED if it holds with each as short as
  // they allow.
  const std::int64_t most = policy.treat == Treat::up ? figures.most_down : figures.most_or_unknown;
  const std::int64_t least =
      policy.treat == Treat::down ? figures.least_down + s.unknown : figures.least_down;
  out.certain = false;
  if (out.verdict == Verdict::met) out.certain = share(whole - most, whole) >= target;
  if (out.verdict == Verdict::breached) out.certain = share(whole - least, whole) < target;
  return out;
}

Judgement judge_mean(const Figures& figures, const UnknownPolicy& policy, Duration max) {
  const Seconds& s = figures.seconds;
  Judgement out;
  if (s.accountable() == 0) return out;
  out.coverage = share(s.up + s.down, s.accountable());
  if (figures.latency_count > 0) {
    out.nominal = Rational(figures.latency_sum_us, Integer(figures.latency_count));
  }
  if (!out.nominal || too_little_seen(figures, policy)) {
    out.verdict = Verdict::no_data;
    return out;
  }
  const Rational max_us(Integer(max.count()), Integer(1000));
  out.verdict = *out.nominal <= max_us ? Verdict::met : Verdict::breached;
  return out;
}

}  // namespace nines::sla
