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
  last.accountable_ns += next.accountable_ns;
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
                               const IntervalSet& accountable,
                               const IntervalSet& around) {
  std::vector<Outage> out;
  for (const Interval& whole : down.nominal.intervals()) {
    if (whole.to <= listed.from || whole.from >= listed.to) continue;
    const IntervalSet itself = IntervalSet::of(whole.from, whole.to);
    Outage outage;
    outage.whole = whole;
    outage.down_ns = intersect(itself, accountable).length();
    outage.accountable_ns = intersect(itself, around).length();
    outage.least_ns = intersect(itself, down.least).length();
    outage.most_ns = longest(down.walled, down.most, whole);
    out.push_back(outage);
  }
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
  accountable = unite(accountable, other.accountable);
  unknown = unite(unknown, other.unknown);
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
  out.outages = outages_of(down, stretch.listed, accountable, stretch.around);
  out.accountable = std::move(accountable);
  out.unknown = unknown;
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
