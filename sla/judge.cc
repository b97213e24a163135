// SPDX-License-Identifier: Apache-2.0
#include "sla/judge.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "sla/check_timelines.h"
#include "sla/credits.h"
#include "sla/exclusions.h"
#include "sla/figures.h"
#include "sla/membership.h"
#include "sla/objective_report.h"
#include "sla/service_timelines.h"
#include "sla/support.h"
#include "sla/uplinks.h"
#include "sla/versions.h"

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
  Judge(std::vector<InForce> versions, const Question& question, const Events& events)
      : versions_(std::move(versions)),
        question_(question),
        events_(events),
        memberships_(events.memberships) {}

  Expected<std::vector<Asked>> asked() const;
  Report report(std::vector<Series> series, const std::vector<Asked>& asked);

 private:
  std::vector<Part> parts_of(const Asked& asked, bool accept_claims);
  void plan(const Asked& asked, bool accept_claims, AllowanceUsed& used, Part& part);
  const ServiceTimelines& timelines(const Part& part, const Asked& asked);
  ObjectiveReport judge_one(const Asked& asked);
  void judge_also(const Asked& asked, ObjectiveReport& out);
  void look_at_memberships();

  std::vector<InForce> versions_;
  const Question& question_;
  const Events& events_;
  Memberships memberships_;
  std::optional<SampleStore> store_;
  std::map<const Agreement*, Uplinks> uplinks_;
  std::map<std::pair<const Agreement*, std::int64_t>, Evidence> evidence_;  // by received_by
  std::map<std::pair<const Evidence*, std::string>, ServiceTimelines> cache_;
  std::vector<std::string> warnings_;
};

Expected<std::vector<Asked>> Judge::asked() const {
  std::optional<Interval> overridden;
  if (question_.period) {
    const Zone& zone = versions_.back().agreement->zone;
    TRY(period, parse_period(*question_.period, zone));
    overridden = period;
  }
  if (!overridden && !question_.as_of) return fail("neither a period nor an instant is asked for");
  const std::int64_t as_of = question_.as_of ? question_.as_of->ns : overridden->to;
  const Zone utc;
  if (as_of <= 0 || as_of > utc.instant({kLastYear, 12, 31}).ns) {
    return fail("only the years 1970 to 2199 can be judged");
  }
  // Of a past period the version at its end speaks, not one that came later.
  const InForce& reference =
      version_at(versions_, overridden ? std::min(as_of, overridden->to) : as_of);
  std::vector<Asked> out;
  const auto add_from = [&](const InForce& version, bool always) {
    for (const Objective& each : version.agreement->objectives) {
      const bool have = std::any_of(out.begin(), out.end(), [&](const Asked& other) {
        return other.objective->name == each.name;
      });
      const Interval period =
          overridden ? *overridden : period_at(each.period, each.zone, WallTime{as_of});
      if (!have && (always || touches(version.span, period)))
        out.push_back({&each, period, {}, question_.sketches});
    }
  };
  add_from(reference, true);
  // An objective that only another version has is judged for that version's part of the period.
  for (auto other = versions_.rbegin(); other != versions_.rend(); ++other) {
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

// Hours, exclusions and rules of outages of one part, whose `in_force` and `around` are given.
void Judge::plan(const Asked& asked, bool accept_claims, AllowanceUsed& used, Part& part) {
  const Agreement& agreement = *part.agreement;
  Stretch& s = part.stretch;
  s.effect = agreement.exclusions.effect;
  s.minimum = agreement.minimum_outage;
  if (s.minimum.forgiven_cap) s.cap_left = s.minimum.forgiven_cap->count();
  s.rule = agreement.outage_rule;
  // Whole episodes and longer looks back reach beyond the period's edges.
  constexpr Duration kReach = hours(24 * 400);
  const std::int64_t first = Zone().instant({kFirstYear, 1, 4}).ns;
  const std::int64_t last = Zone().instant({kLastYear, 12, 28}).ns;
  const Interval reach{std::max(asked.period.from - kReach.count(), first),
                       std::min(asked.period.to + kReach.count(), last)};
  const IntervalSet open = open_hours(agreement.calendars, part.objective->hours, reach);
  s.open = intersect(open, s.in_force);
  const auto excluded = [&](const IntervalSet& within, AllowanceUsed& allowance) {
    return excluded_time(
        {agreement.exclusions, events_.exclusions, part.objective->service, within, accept_claims},
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

const ServiceTimelines& Judge::timelines(const Part& part, const Asked& asked) {
  const Agreement& agreement = *part.agreement;
  // S59: what arrives later than agreed after the end of the period is not counted.
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  const std::int64_t deadline = asked.period.to + agreement.late_data_until.count();
  const std::int64_t received_by = store_->last_received() > deadline ? deadline : kNever;
  const auto key = std::make_pair(&agreement, received_by);
  auto evidence = evidence_.find(key);
  if (evidence == evidence_.end()) {
    Uplinks& uplinks = uplinks_.try_emplace(&agreement, agreement, *store_).first->second;
    std::optional<std::int64_t> by;
    if (received_by != kNever) by = received_by;
    evidence =
        evidence_
            .emplace(key, Evidence{agreement, *store_, memberships_, uplinks, by, warnings_, {}})
            .first;
    evidence->second.suspects = suspects_of(evidence->second);
  }
  const auto cached = std::make_pair(&evidence->second, part.objective->service);
  auto found = cache_.find(cached);
  if (found == cache_.end()) {
    found = cache_.emplace(cached, timelines_of_service(evidence->second, part.objective->service))
                .first;
  }
  return found->second;
}

ObjectiveReport Judge::judge_one(const Asked& asked) {
  const auto judged = [&](bool accept_claims) {
    std::vector<Part> parts = parts_of(asked, accept_claims);
    for (Part& part : parts) part.timelines = &timelines(part, asked);
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
    warn_once(warnings_, "an event speaks of '" + event.name +
                             "', which the agreement does not list; it changes nothing");
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

Report Judge::report(std::vector<Series> series, const std::vector<Asked>& asked) {
  store_.emplace(std::move(series), question_.as_of);
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
  if (store_->out_of_range() > 0) {
    warnings_.push_back(std::to_string(store_->out_of_range()) +
                        " results lie outside the years 1970 to 2199 and are left out");
  }
  out.warnings = std::move(warnings_);
  return out;
}

}  // namespace

Expected<Report> judge(const std::vector<Agreement>& versions,
                       std::vector<Series> series,
                       const Question& question,
                       const Events& events) {
  const Events known = known_events(events, question.as_of);
  TRY(ordered, order_versions(versions));
  Judge judge(std::move(ordered), question, known);
  TRY(asked, judge.asked());
  return judge.report(std::move(series), asked);
}

Expected<Interval> samples_needed(const std::vector<Agreement>& versions,
                                  const Question& question) {
  TRY(ordered, order_versions(versions));
  const Events none;
  const Judge judge(std::move(ordered), question, none);
  TRY(asked, judge.asked());
  if (asked.empty()) return fail("the agreement has no objective");
  Interval out = asked.front().period;
  for (const auto& each : asked) {
    out = {std::min(out.from, each.period.from), std::max(out.to, each.period.to)};
    const WallTime now = question.as_of.value_or(WallTime{each.period.to});
    for (const AlsoReport::Period& other : each.objective->also.periods) {
      out.from = std::min(out.from, period_at(other.rule, other.zone, now).from);
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
