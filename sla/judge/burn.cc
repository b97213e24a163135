// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/burn.h"

#include "sla/judge/slices.h"

namespace nines::sla {
namespace {

struct Seen {
  Rational burn;
  std::int64_t bad_results = 0;
  bool seen = false;  // at least 90 % of it is measured
};

Seen look_back(Duration length,
               const Rational& budget_share,
               const ServiceTimelines& timelines,
               const Stretch& stretch) {
  const std::int64_t now = stretch.elapsed_until;
  Stretch window = stretch;
  window.listed = {now - length.count(), now};
  window.in_force = intersect(stretch.around, IntervalSet::of(window.listed.from, now));
  window.open = window.in_force;
  window.excluded = {};  // `around` is without it
  const Figures figures = measure(timelines, window);
  const Seconds& s = figures.seconds;
  Seen out;
  const std::int64_t known = s.up + s.down;
  constexpr int kPercent = 100;
  constexpr int kLeastCoverage = 90;
  out.seen = known > 0 && Integer(known) * Integer(kPercent) >=
                              Integer(s.accountable()) * Integer(kLeastCoverage);
  if (known > 0) {
    out.burn = (Rational(Integer(s.down), Integer(s.accountable())) / budget_share).reduced();
  }
  out.bad_results = count_results(timelines.samples, figures.accountable).down.to_int64();
  return out;
}

}  // namespace

std::vector<BurnAlert> burn_alerts(const std::vector<BurnRule>& rules,
                                   const Rational& target,
                                   std::int64_t period,
                                   const ServiceTimelines& timelines,
                                   const Stretch& stretch) {
  std::vector<BurnAlert> out;
  const Rational budget_share = Rational(1) - target;
  if (budget_share == Rational(0)) return out;
  for (const BurnRule& rule : rules) {
    const Seen far = look_back(rule.long_window, budget_share, timelines, stretch);
    const Seen near = look_back(rule.short_window, budget_share, timelines, stretch);
    BurnAlert alert;
    alert.severity = rule.severity;
    alert.long_window = rule.long_window;
    alert.short_window = rule.short_window;
    alert.threshold =
        (rule.budget * Rational(Integer(period), Integer(rule.long_window.count()))).reduced();
    alert.long_burn = far.burn;
    alert.short_burn = near.burn;
    alert.bad_results = far.bad_results;
    alert.frozen = !far.seen || !near.seen;
    alert.fires = !alert.frozen && far.bad_results >= rule.min_bad_samples &&
                  far.burn > alert.threshold && near.burn > alert.threshold;
    if (far.burn > Rational(0)) alert.exhausts_in_ns = Rational(period) / far.burn;
    out.push_back(std::move(alert));
  }
  return out;
}

}  // namespace nines::sla
