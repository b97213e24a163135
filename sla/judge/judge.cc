// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/judge.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "sla/judge/check_timelines.h"
#include "sla/judge/credits.h"
#include "sla/judge/figures.h"
#include "sla/judge/notices.h"
#include "sla/judge/objective_report.h"
#include "sla/judge/service_timelines.h"
#include "sla/judge/signatures.h"
#include "sla/judge/support.h"
#include "sla/judge/uncovered.h"
#include "sla/judge/uplinks.h"
#include "sla/rules/exclusions.h"
#include "sla/rules/membership.h"
#include "sla/text/versions.h"

namespace nines::sla {
namespace {

const Objective* find_objective(const Agreement& agreement, const std::string& name) {
  for (const Objective& each : agreement.objectives) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

bool touches(const Interval& a, const Interval& b) {
  return std::max(a.from, b.from) < std::min(a.to, b.to);
}

class Judge {
 public:
  // What it is given must outlive it.
  Judge(const std::vector<InForce>& versions,
        const Question& question,
        const Events& events,
        const SampleStore& store)
      : versions_(versions),
        question_(question),
        events_(events),
        store_(store),
        memberships_(events.memberships) {}

  Report report(const std::vector<Asked>& asked);

 private:
  std::vector<Part> parts_of(const Asked& asked, bool accept_claims);
  void plan(const Asked& asked, bool accept_claims, AllowanceUsed& used, Part& part);
  Interval reach_of(const Agreement& agreement, const Interval& period, bool running) const;
  Evidence& evidence(const Part& part, const Asked& asked);
  const ServiceTimelines& timelines(const Part& part, const Asked& asked);
  void excuse_parts(const Asked& asked, Part& part);
  ObjectiveReport judge_one(const Asked& asked);
  void judge_also(const Asked& asked, ObjectiveReport& out);
  void look_at_memberships();

  const std::vector<InForce>& versions_;
  const Question& question_;
  const Events& events_;
  const SampleStore& store_;
  Memberships memberships_;
  std::map<const Agreement*, Uplinks> uplinks_;
  std::map<std::pair<const Agreement*, std::int64_t>, Evidence> evidence_;  // by received_by
  std::map<std::pair<const Evidence*, std::string>, ServiceTimelines> cache_;
  std::deque<ServiceTimelines> excused_;  // of one part each
  std::vector<Warning> warnings_;
};

// What is to be judged, of the versions in force.
Expected<std::vector<Asked>> asked_of(const std::vector<InForce>& versions,
                                      const Question& question) {
  std::optional<Interval> overridden;
  if (question.period) {
    const Zone& zone = versions.back().agreement->zone;
    TRY(period, parse_period(*question.period, zone));
    overridden = period;
  }
  if (!overridden && !question.as_of) return fail("neither a period nor an instant is asked for");
  const std::int64_t as_of = question.as_of ? question.as_of->ns : overridden->to;
  const Zone utc;
  if (as_of <= 0 || as_of > utc.instant({kLastYear, 12, 31}).ns) {
    return fail("only the years 1970 to 2199 can be judged");
  }
  // Of a past period the version at its end speaks, not one that came later.
  const InForce& reference =
      version_at(versions, overridden ? std::min(as_of, overridden->to) : as_of);
  std::vector<Asked> out;
  const auto add_from = [&](const InForce& version, bool always) {
    for (const Objective& each : version.agreement->objectives) {
      const bool have = std::any_of(out.begin(), out.end(), [&](const Asked& other) {
        return other.objective->name == each.name;
      });
      const Interval period =
          overridden ? *overridden : period_at(each.period, each.zone, WallTime{as_of});
      if (!have && (always || touches(version.span, period)))
        out.push_back({&each, period, {}, question.sketches});
    }
  };
  add_from(reference, true);
  // An objective that only another version has is judged for that version's part of the period.
  for (auto other = versions.rbegin(); other != versions.rend(); ++other) {
    if (other->agreement != reference.agreement) add_from(*other, false);
  }
  return out;
}

std::vector<Part> Judge::parts_of(const Asked& asked, bool accept_claims) {
  std::vector<Part> out;
  std::optional<std::int64_t> cut;
  if (question_.as_of) cut = question_.as_of->ns;
  const std::int64_t now = asked.elapsed_until.value_or(cut.value_or(asked.period.to));
  const std::int64_t elapsed_until = std::min(now, asked.period.to);
  AllowanceUsed used;
  std::int64_t covered = asked.period.from;
  const auto add = [&](const InForce& version, const Objective& objective, const Interval& span) {
    Part part{version.agreement, &objective, {}, nullptr};
    part.stretch.listed = span;
    part.stretch.elapsed_until = elapsed_until;
    part.stretch.cut = cut;
    out.push_back(std::move(part));
  };
  for (const InForce& version : versions_) {
    const Objective* objective = find_objective(*version.agreement, asked.objective->name);
    const Interval span{std::max(version.span.from, asked.period.from),
                        std::min(version.span.to, asked.period.to)};
    const bool reached = span.from < span.to;
    if (!reached || objective == nullptr || objective->statistic != asked.objective->statistic ||
        objective->method != asked.objective->method) {
      continue;
    }
    add(version, *objective, span);
    out.back().stretch.in_force = IntervalSet::of(span.from, span.to);
    out.back().stretch.around = IntervalSet::of(version.span.from, version.span.to);
    out.back().not_in_force_ns = span.from - covered;
    covered = span.to;
    plan(asked, accept_claims, used, out.back());
  }
  if (out.empty()) {  // nothing is in force in this period: all of it is not_in_force
    for (const InForce& version : versions_) {
      if (find_objective(*version.agreement, asked.objective->name) != asked.objective) continue;
      add(version, *asked.objective, asked.period);
    }
  }
  out.back().not_in_force_ns += asked.period.to - covered;
  // Outages at the edges of the period are listed, in force or not.
  out.front().stretch.listed.from = asked.period.from;
  out.back().stretch.listed.to = elapsed_until;
  return out;
}

// As far as anything beside the period is looked at: whole episodes as far as there are results, a
// running period's past for its forecast.
Interval Judge::reach_of(const Agreement& agreement, const Interval& period, bool running) const {
  constexpr Duration kLookBack = hours(24 * 400);
  constexpr Duration kSlice = hours(24);  // the longest that a rule of outages rounds up to
  Duration belief{0};
  for (const MeasuredCheck& each : agreement.checks) belief = std::max(belief, each.belief);
  const Interval& results = store_.span();
  Interval out = period;
  if (results.from <= results.to) {
    out.from = std::min(out.from, results.from - kSlice.count());
    out.to = std::max(out.to, results.to + (belief + kSlice).count());
  }
  if (running) out.from = period.from - kLookBack.count();
  out.from = std::max(out.from, period.from - kLookBack.count());
  out.to = std::min(out.to, period.to + kLookBack.count());
  return {std::max(out.from, Zone().instant({kFirstYear, 1, 4}).ns),
          std::min(out.to, Zone().instant({kLastYear, 12, 28}).ns)};
}

// Hours, exclusions and rules of outages of one part, whose `in_force` and `around` are given.
void Judge::plan(const Asked& asked, bool accept_claims, AllowanceUsed& used, Part& part) {
  const Agreement& agreement = *part.agreement;
  Stretch& s = part.stretch;
  s.effect = agreement.exclusions.effect;
  s.minimum = agreement.minimum_outage;
  if (s.minimum.forgiven_cap) s.cap_left = s.minimum.forgiven_cap->count();
  s.rule = agreement.outage_rule;
  const Interval reach = reach_of(agreement, asked.period, s.elapsed_until < asked.period.to);
  const IntervalSet open = open_hours(agreement.calendars, part.objective->hours, reach);
  s.open = intersect(open, s.in_force);
  const std::set<std::string> parts = parts_of_service(agreement, part.objective->service);
  const auto excluded = [&](const IntervalSet& within, AllowanceUsed& allowance) {
    return excluded_time({agreement.exclusions, events_.exclusions, part.objective->service, parts,
                          within, accept_claims},
                         allowance, warnings_);
  };
  s.excluded = excluded(s.open, used);
  const IntervalSet period = IntervalSet::of(asked.period.from, asked.period.to);
  IntervalSet around = intersect(s.around, open);
  IntervalSet outside = subtract(around, period);
  AllowanceUsed of_other_periods;
  for (const KindTime& each : s.excluded.counted) around = subtract(around, each.time);
  for (const KindTime& each : excluded(outside, of_other_periods).counted) {
    around = subtract(around, each.time);
  }
  s.around = std::move(around);
}

// Time in which only a part that was excused kept the service from being up: it joins the kind of
// the part's window. In the rest of the window the part is taken as up.
void Judge::excuse_parts(const Asked& asked, Part& part) {
  ExcludedTime& excluded = part.stretch.excluded;
  const ServiceTimelines& seen = *part.timelines;
  for (const bool counted : {true, false}) {
    TakenAsUp windows;
    for (const PartTime& each : excluded.of_parts) {
      if (each.counted != counted) continue;
      windows[each.service] = unite(windows[each.service], each.time);
    }
    if (windows.empty()) continue;
    IntervalSet all;
    for (const auto& [service, time] : windows) all = unite(all, time);
    ServiceTimelines without =
        timelines_of_service(evidence(part, asked), part.objective->service, windows);
    const IntervalSet alone = subtract(intersect(all, without.nominal.where(Outcome::up)),
                                       seen.nominal.where(Outcome::up));
    add_excused(counted ? excluded.counted : excluded.attributed, excluded.of_parts, counted,
                alone);
    if (!counted) continue;
    part.stretch.around = subtract(part.stretch.around, alone);
    excused_.push_back(mixed(seen, std::move(without), alone));
    part.timelines = &excused_.back();
  }
}

Evidence& Judge::evidence(const Part& part, const Asked& asked) {
  const Agreement& agreement = *part.agreement;
  // S59: what arrives later than agreed after the end of the period is not counted.
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  const std::int64_t deadline = asked.period.to + agreement.late_data_until.count();
  const std::int64_t received_by = store_.last_received() > deadline ? deadline : kNever;
  const auto key = std::make_pair(&agreement, received_by);
  auto found = evidence_.find(key);
  if (found != evidence_.end()) return found->second;
  Uplinks& uplinks = uplinks_.try_emplace(&agreement, agreement, store_).first->second;
  std::optional<std::int64_t> by;
  if (received_by != kNever) by = received_by;
  found =
      evidence_.emplace(key, Evidence{agreement, store_, memberships_, uplinks, by, warnings_, {}})
          .first;
  found->second.suspects = suspects_of(found->second);
  return found->second;
}

const ServiceTimelines& Judge::timelines(const Part& part, const Asked& asked) {
  const Evidence& known = evidence(part, asked);
  const auto cached = std::make_pair(&known, part.objective->service);
  auto found = cache_.find(cached);
  if (found == cache_.end()) {
    found = cache_.emplace(cached, timelines_of_service(known, part.objective->service)).first;
  }
  return found->second;
}

ObjectiveReport Judge::judge_one(const Asked& asked) {
  const auto judged = [&](bool accept_claims) {
    std::vector<Part> parts = parts_of(asked, accept_claims);
    for (Part& part : parts) {
      part.timelines = &timelines(part, asked);
      excuse_parts(asked, part);
    }
    return report_objective(asked, parts);
  };
  ObjectiveReport out = judged(false);
  if (out.disputed.empty()) return out;
  const ObjectiveReport other = judged(true);
  out.if_accepted = {other.seconds, other.nominal,  other.worst,
                     other.best,    other.coverage, other.verdict};
  return out;
}

// Who joins or retires without being known changes nothing, which is worth a word.
void Judge::look_at_memberships() {
  for (const MembershipEvent& event : events_.memberships) {
    const bool known = std::any_of(versions_.begin(), versions_.end(), [&](const InForce& version) {
      const Agreement& agreement = *version.agreement;
      if (event.of == MembershipEvent::Of::vantage) {
        const auto& list = agreement.vantages;
        return list.empty() || std::find(list.begin(), list.end(), event.name) != list.end();
      }
      return std::any_of(agreement.checks.begin(), agreement.checks.end(),
                         [&](const MeasuredCheck& each) { return each.check.name == event.name; });
    });
    if (known) continue;
    static constexpr Phrase kNotListed{
        "an event speaks of '{0}', which the agreement does not list; it changes nothing",
        "有事件涉及 “{0}”，而协议未列出；不产生影响"};
    warn_once(warnings_, {kNotListed, {event.name}, {}});
  }
}

// The same promise over the other periods in which `as_of` lies.
void Judge::judge_also(const Asked& asked, ObjectiveReport& out) {
  const WallTime as_of = question_.as_of.value_or(WallTime{asked.period.to});
  for (const AlsoReport::Period& each : asked.objective->also.periods) {
    ObjectiveReport also = judge_one(
        {asked.objective, period_at(each.rule, each.zone, as_of), as_of.ns, question_.sketches});
    also.zone = each.zone;
    out.also.push_back(std::move(also));
  }
}

Report Judge::report(const std::vector<Asked>& asked) {
  look_at_memberships();
  Report out;
  const std::int64_t as_of =
      question_.as_of ? question_.as_of->ns : (asked.empty() ? 0 : asked.front().period.to);
  const std::int64_t end = question_.period && !asked.empty() ? asked.front().period.to : as_of;
  const Agreement& reference = *version_at(versions_, std::min(as_of, end)).agreement;
  out.agreement = reference.name;
  out.version = reference.version;
  out.digest = reference.digest;
  out.language = reference.languages.prevailing;
  out.as_of = {as_of};
  out.zone_data = zone_data_version();
  for (const Asked& each : asked) {
    out.objectives.push_back(judge_one(each));
    judge_also(each, out.objectives.back());
  }
  if (!asked.empty()) {
    out.support =
        judge_support(versions_, events_.incidents, asked.front().period, as_of, warnings_);
  }
  out.credits = credits_of(versions_, out.objectives, out.support);
  if (store_.out_of_range() > 0) {
    static constexpr Phrase kOutside{
        "{0} results lie outside the years 1970 to 2199 and are left out",
        "{0} 个结果在 1970 至 2199 年之外，不计"};
    warnings_.push_back({kOutside, {std::to_string(store_.out_of_range())}, {}});
  }
  out.warnings = std::move(warnings_);
  return out;
}

// One supplier's text in each version that has it, cut to where that version is in force.
std::vector<Agreement> terms_of(const std::vector<InForce>& versions, const std::string& supplier) {
  std::vector<Agreement> out;
  for (const InForce& version : versions) {
    for (const Supplier& each : version.agreement->safeguards.suppliers) {
      if (each.name != supplier || !each.terms) continue;
      out.push_back(*each.terms);
      out.back().effective_to = WallTime{version.span.to};
    }
  }
  return out;
}

// What was said that the supplier's text knows.
Events known_to(const std::vector<Agreement>& terms, const Events& events) {
  Events out;
  for (const ExclusionEvent& event : events.exclusions) {
    const bool known = std::any_of(terms.begin(), terms.end(), [&](const Agreement& each) {
      const Exclusions& agreed = each.exclusions;
      const auto& named = agreed.not_excluded;
      return std::find(named.begin(), named.end(), event.kind) != named.end() ||
             std::any_of(agreed.kinds.begin(), agreed.kinds.end(),
                         [&](const ExclusionKind& kind) { return kind.name == event.kind; });
    });
    if (known) out.exclusions.push_back(event);
  }
  for (const MembershipEvent& event : events.memberships) {
    const bool known = event.of == MembershipEvent::Of::vantage ||
                       std::any_of(terms.begin(), terms.end(), [&](const Agreement& each) {
                         return std::any_of(each.checks.begin(), each.checks.end(),
                                            [&](const MeasuredCheck& check) {
                                              return check.check.name == event.name;
                                            });
                       });
    if (known) out.memberships.push_back(event);
  }
  return out;
}

// S54: the same results under each supplier's own text.
Expected<void> judge_suppliers(const std::vector<InForce>& versions,
                               const Question& question,
                               const Events& events,
                               const SampleStore& store,
                               Report& report) {
  const std::int64_t at = report.objectives.empty()
                              ? report.as_of.ns
                              : std::min(report.as_of.ns, report.objectives.front().period.to);
  const Agreement& reference = *version_at(versions, at).agreement;
  for (const Supplier& supplier : reference.safeguards.suppliers) {
    if (!supplier.terms) continue;
    const std::vector<Agreement> terms = terms_of(versions, supplier.name);
    TRY(ordered, order_versions(terms));
    TRY(asked, asked_of(ordered, question));
    const Events known = known_to(terms, events);
    Report theirs = Judge(ordered, question, known, store).report(asked);
    SupplierReport out{supplier.name, supplier.agreement, supplier.preset, {}, {}, {}};
    out.objectives = std::move(theirs.objectives);
    out.credits = std::move(theirs.credits);
    lay_over(reference, supplier, report, out);
    report.suppliers.push_back(std::move(out));
    for (Warning& warning : theirs.warnings) {
      const auto& said = report.warnings;
      if (std::find(said.begin(), said.end(), warning) != said.end()) continue;
      warning.about = supplier.name;
      warn_once(report.warnings, std::move(warning));
    }
  }
  report.uncovered = uncovered_of(report);
  return {};
}

// Grows by what the questions need, their other periods included.
void include(const std::vector<Asked>& asked, const Question& question, Interval& out) {
  for (const Asked& each : asked) {
    out = {std::min(out.from, each.period.from), std::max(out.to, each.period.to)};
    const WallTime now = question.as_of.value_or(WallTime{each.period.to});
    for (const AlsoReport::Period& other : each.objective->also.periods) {
      out.from = std::min(out.from, period_at(other.rule, other.zone, now).from);
    }
  }
}

}  // namespace

Expected<Report> judge(const std::vector<Agreement>& versions,
                       std::vector<Series> series,
                       const Question& question,
                       const Events& events) {
  const Events known = known_events(events, question.as_of);
  TRY(ordered, order_versions(versions));
  TRY(asked, asked_of(ordered, question));
  const SampleStore store(std::move(series), question.as_of);
  Report out = Judge(ordered, question, known, store).report(asked);
  std::vector<Interval> periods;  // as far as they have come
  for (const Asked& each : asked) {
    const std::int64_t now = question.as_of.value_or(WallTime{each.period.to}).ns;
    periods.push_back({each.period.from, std::min(each.period.to, now)});
  }
  out.signatures = signatures_of(ordered, periods, known.signatures, out.warnings);
  if (!asked.empty()) {
    out.notices = judge_notices(ordered, known.incidents, asked.front().period, out.as_of.ns);
  }
  TRY_VOID(judge_suppliers(ordered, question, known, store, out));
  return out;
}

Expected<Interval> samples_needed(const std::vector<Agreement>& versions,
                                  const Question& question) {
  TRY(ordered, order_versions(versions));
  TRY(asked, asked_of(ordered, question));
  if (asked.empty()) return fail("the agreement has no objective");
  Interval out = asked.front().period;
  include(asked, question, out);
  for (const Agreement& version : versions) {
    for (const Supplier& supplier : version.safeguards.suppliers) {
      if (!supplier.terms) continue;
      const std::vector<Agreement> alone{*supplier.terms};
      TRY(terms, order_versions(alone));
      TRY(theirs, asked_of(terms, question));
      include(theirs, question, out);
    }
  }
  Duration belief{0};
  Duration canary_belief{0};
  Duration windows{0};  // of burn, which end where the period has come to and may begin before it
  for (const Agreement& version : versions) {
    for (const MeasuredCheck& check : version.checks) belief = std::max(belief, check.belief);
    for (const BurnRule& rule : version.alerting) windows = std::max(windows, rule.long_window);
    if (version.canaries) canary_belief = std::max(canary_belief, version.canary_belief);
  }
  out.from -= (std::max(belief, canary_belief) + std::max(kEpisodeReach, windows)).count();
  out.to += (canary_belief + kEpisodeReach).count();
  if (question.as_of) out.to = std::min(out.to, question.as_of->ns + 1);
  return out;
}

}  // namespace nines::sla
