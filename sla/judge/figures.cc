// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/figures.h"

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
  last.accountable_ns += next.accountable_ns;
  last.whole_down_ns = std::max(last.whole_down_ns, next.whole_down_ns);
  last.counted = last.counted || next.counted;
  if (last.cause.empty()) last.cause = next.cause;
  last.least_ns = std::max(last.least_ns, next.least_ns);
  last.most_ns = std::max(last.most_ns, next.most_ns);
}

void add_lengths(NamedLengths& sum, const NamedLengths& other) {
  for (const auto& [name, length] : other) {
    const auto found =
        std::find_if(sum.begin(), sum.end(), [&](const auto& each) { return each.first == name; });
    if (found == sum.end()) {
      sum.emplace_back(name, length);
    } else {
      found->second += length;
    }
  }
}

Phases phases_of(const Accountable& a, const Stretch& stretch) {
  Phases out;
  if (stretch.in_force.empty()) return out;
  const std::int64_t first = stretch.in_force.intervals().front().from;
  const IntervalSet elapsed = IntervalSet::of(first, stretch.elapsed_until);
  out.out_of_hours = subtract(stretch.in_force, stretch.open);
  out.future = subtract(stretch.open, elapsed);
  out.excluded = subtract(intersect(stretch.open, elapsed), a.time);
  out.unknown = a.unknown;
  out.down = a.down;
  out.up = a.up;
  out.least_down = a.least_down;
  out.most_down = subtract(a.most_down, a.unknown);
  return out;
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
  blip += other.blip;
  blips += other.blips;
  planned += other.planned;
  forgiven_short += other.forgiven_short;
  forgiven_excluded += other.forgiven_excluded;
  add_lengths(excluded_by, other.excluded_by);
  add_lengths(down_by, other.down_by);
  accountable = unite(accountable, other.accountable);
  charged = unite(charged, other.charged);
  down = unite(down, other.down);
  unknown = unite(unknown, other.unknown);
  seen_down = unite(seen_down, other.seen_down);
  phases.add(other.phases);
}

Figures measure(const ServiceTimelines& timelines, const Stretch& stretch) {
  Accountable a = account(timelines, stretch);
  Figures out;
  out.seconds = a.seconds;
  out.unknown_by = lengths_of(timelines.causes, a.unknown);
  std::int64_t caused = 0;
  for (const auto& [cause, length] : out.unknown_by) caused += length;
  ASSERT(caused == out.seconds.unknown);
  const IntervalSet any_down = timelines.any_down.where(Outcome::down);
  out.seen_down = intersect(any_down, IntervalSet::of(stretch.listed.from, stretch.listed.to));
  out.partial =
      intersect(subtract(any_down, timelines.nominal.where(Outcome::down)), a.time).length();
  const IntervalSet seen_up = intersect(timelines.nominal.where(Outcome::up), a.up);
  out.believed = subtract(seen_up, timelines.fresh.where(Outcome::up)).length();
  out.blip = intersect(IntervalSet(timelines.blips), a.up).length();
  out.blips = std::count_if(timelines.blips.begin(), timelines.blips.end(),
                            [&](const Interval& each) { return a.up.length_in(each) > 0; });
  out.planned = a.planned.length();
  out.forgiven_short = a.forgiven_short_ns;
  out.forgiven_excluded = a.forgiven_excluded_ns;
  out.excluded_by = std::move(a.excluded_by);
  out.down_by = std::move(a.down_by);
  out.least_down = a.least_down.length();
  out.most_down = subtract(a.most_down, a.unknown).length();
  out.most_or_unknown = unite(a.most_down, a.unknown).length();
  out.outages = std::move(a.outages);
  out.phases = phases_of(a, stretch);
  out.accountable = std::move(a.time);
  out.charged = std::move(a.charged);
  out.down = std::move(a.down);
  out.unknown = std::move(a.unknown);
  return out;
}

Judgement judge_availability(const Figures& figures,
                             const UnknownPolicy& policy,
                             const Rational& target) {
  const Seconds& s = figures.seconds;
  const std::int64_t whole = s.accountable();
  Judgement out;
  if (whole == 0) return out;
  judge_coverage(s, policy, out);
  judge_share({s.up, s.down, s.unknown}, policy, target, out);
  if (out.verdict == Verdict::no_data) return out;
  // S38: MET survives if it holds with every outage as long as the samples allow (and, where
  // unknown time may have been down, with that too); BREACHED if it holds with each as short as
  // they allow.
  const std::int64_t most = policy.treat == Treat::up ? figures.most_down : figures.most_or_unknown;
  const std::int64_t least =
      policy.treat == Treat::down ? figures.least_down + s.unknown : figures.least_down;
  const auto share_up = [&](std::int64_t down) {
    return Rational(Integer(whole - down), Integer(whole));
  };
  out.certain = false;
  if (out.verdict == Verdict::met) out.certain = share_up(most) >= target;
  if (out.verdict == Verdict::breached) out.certain = share_up(least) < target;
  return out;
}

}  // namespace nines::sla
