// SPDX-License-Identifier: Apache-2.0
#include "sla/lint.h"

#include <algorithm>

namespace nines::sla {
namespace {

using Severity = Finding::Severity;

// The shortest that a period of this kind can be.
Duration shortest(const PeriodRule& rule) {
  const Duration day = hours(24);
  switch (rule.kind) {
    case PeriodRule::Kind::day:
      return hours(23);
    case PeriodRule::Kind::week:
      return day * 7 - hours(1);
    case PeriodRule::Kind::month:
      return day * 28;
    case PeriodRule::Kind::quarter:
      return day * 90 - hours(1);
    case PeriodRule::Kind::year:
      return day * 365;
    default:
      return day * rule.rolling_days;
  }
}

void look_at_services(const Agreement& a, std::vector<Finding>& out) {
  for (const std::string& service : a.services) {
    const auto composed = a.composition.find(service);
    if (composed == a.composition.end() || composed->second.empty()) {
      out.push_back(
          {Severity::error, "service '" + service + "' is in scope, but no check measures it"});
    }
    const bool promised =
        std::any_of(a.objectives.begin(), a.objectives.end(),
                    [&](const Objective& each) { return each.service == service; });
    if (!promised) {
      out.push_back({Severity::warning,
                     "service '" + service + "' is in scope, but no objective speaks of it"});
    }
  }
}

void look_at_checks(const Agreement& a, std::vector<Finding>& out) {
  for (const MeasuredCheck& each : a.checks) {
    if (each.belief >= each.check.every) continue;
    out.push_back({Severity::warning, "check '" + each.check.name + "': a result is believed for " +
                                          format_duration(each.belief) + " but comes only every " +
                                          format_duration(each.check.every) +
                                          ", so part of all time stays unmeasured"});
  }
}

void look_at_canaries(const Agreement& a, std::vector<Finding>& out) {
  if (!a.canaries) {
    out.push_back({Severity::warning,
                   "no canaries: time in which an agent itself is cut off counts as down; name two "
                   "independent targets, or write 'canaries: []' if that is meant"});
    return;
  }
  if (a.canaries->size() == 1) {
    out.push_back({Severity::warning, "one canary '" + a.canaries->front() +
                                          "': while it alone is down, every failure of the "
                                          "services is taken for the agent's own; name two"});
  }
  for (const std::string& each : *a.canaries) {
    if (each != "icmp://gateway" || a.canaries->size() == 1) continue;
    out.push_back({Severity::warning,
                   "canary 'icmp://gateway': a gateway that answers in front of a dead uplink says "
                   "that the uplink is good, and that time then counts as down"});
  }
}

// A budget of fewer than two intervals is breached by the first failing sample.
void look_at_resolution(const Agreement& a, const Objective& objective, std::vector<Finding>& out) {
  if (objective.statistic != Objective::Statistic::availability) return;
  const auto composed = a.composition.find(objective.service);
  Duration every{0};
  for (const MeasuredCheck& each : a.checks) {
    const auto& names = composed->second;
    if (std::find(names.begin(), names.end(), each.check.name) != names.end()) {
      every = std::max(every, each.check.every);
    }
  }
  const Rational budget =
      (Rational(1) - objective.target) * Rational(shortest(objective.period).count());
  constexpr int kGood = 10;
  constexpr int kLeast = 2;
  const Rational intervals = budget / Rational(every.count());
  if (intervals >= Rational(kGood)) return;
  const Rational seconds = budget * Rational(Integer(1), Integer(1'000'000'000));
  out.push_back({intervals < Rational(kLeast) ? Severity::error : Severity::warning,
                 "objective '" + objective.name + "': " + objective.target_text + " % leaves " +
                     floor_text(seconds, 1) + " s, which is " + floor_text(intervals, 1) +
                     " intervals of " + format_duration(every) +
                     "; measure at least ten times within the budget"});
}

void look_at_needs(const Agreement& a, std::vector<Finding>& out) {
  for (const std::string& need : a.needs) {
    const bool served =
        std::any_of(a.objectives.begin(), a.objectives.end(), [&](const Objective& each) {
          return std::find(each.serves.begin(), each.serves.end(), need) != each.serves.end();
        });
    if (!served) out.push_back({Severity::warning, "no objective serves the need '" + need + "'"});
  }
  for (const Objective& each : a.objectives) {
    if (a.needs.empty() || !each.serves.empty()) continue;
    out.push_back({Severity::warning, "objective '" + each.name + "' serves no need"});
  }
}

}  // namespace

std::vector<Finding> lint(const Agreement& agreement) {
  std::vector<Finding> out;
  look_at_services(agreement, out);
  look_at_checks(agreement, out);
  look_at_canaries(agreement, out);
  for (const Objective& each : agreement.objectives) look_at_resolution(agreement, each, out);
  look_at_needs(agreement, out);
  return out;
}

}  // namespace nines::sla
