// SPDX-License-Identifier: Apache-2.0
#include "sla/judge.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "sla/figures.h"
#include "sla/outlook.h"
#include "sla/service_timelines.h"
#include "sla/uplinks.h"
#include "sla/versions.h"

namespace nines::sla {
namespace {

// One version's part of one objective's period.
struct Part {
  const Agreement* agreement;
  const Objective* objective;  // null where this version has no objective of that name
  Stretch stretch;
};

struct Asked {
  const Objective* objective;  // as the newest version that has it words it
  Interval period;
};

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
  Judge(std::vector<InForce> versions, const Question& question)
      : versions_(std::move(versions)), question_(question) {}

  Expected<std::vector<Asked>> asked() const;
  Report report(std::vector<Series> series, const std::vector<Asked>& asked);

 private:
  std::vector<Part> parts_of(const Asked& asked) const;
  const ServiceTimelines& timelines(const Agreement& agreement, const std::string& service);
  ObjectiveReport judge_one(const Asked& asked);
  void fill_mean_or_share(const std::vector<Part>& parts,
                          const std::vector<Figures>& figures,
                          ObjectiveReport& out) const;
  void fill_budget(const std::vector<Part>& parts, ObjectiveReport& out) const;

  std::vector<InForce> versions_;
  const Question& question_;
  std::optional<SampleStore> store_;
  std::map<const Agreement*, Uplinks> uplinks_;
  std::map<std::pair<const Agreement*, std::string>, ServiceTimelines> cache_;
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
      if (!have && (always || touches(version.span, period))) out.push_back({&each, period});
    }
  };
  add_from(reference, true);
  // An objective that only another version has is judged for that version's part of the period.
  for (auto other = versions_.rbegin(); other != versions_.rend(); ++other) {
    if (other->agreement != reference.agreement) add_from(*other, false);
  }
  return out;
}

std::vector<Part> Judge::parts_of(const Asked& asked) const {
  std::vector<Part> out;
  const std::int64_t elapsed_until =
      question_.as_of ? std::min(question_.as_of->ns, asked.period.to) : asked.period.to;
  std::optional<std::int64_t> cut;
  if (question_.as_of) cut = question_.as_of->ns;
  for (const InForce& version : versions_) {
    const Objective* objective = find_objective(*version.agreement, asked.objective->name);
    const Interval span{std::max(version.span.from, asked.period.from),
                        std::min(version.span.to, asked.period.to)};
    const bool reached = span.from < span.to;
    if (!reached || objective == nullptr || objective->statistic != asked.objective->statistic) {
      continue;
    }
    out.push_back({version.agreement,
                   objective,
                   {span, IntervalSet::of(span.from, span.to), elapsed_until, cut}});
  }
  if (out.empty()) {  // nothing is in force in this period: all of it is not_in_force
    for (const InForce& version : versions_) {
      if (find_objective(*version.agreement, asked.objective->name) != asked.objective) continue;
      out.push_back({version.agreement, asked.objective, {asked.period, {}, elapsed_until, cut}});
    }
  }
  // Outages at the edges of the period are listed, in force or not.
  out.front().stretch.listed.from = asked.period.from;
  out.back().stretch.listed.to = elapsed_until;
  return out;
}

const ServiceTimelines& Judge::timelines(const Agreement& agreement, const std::string& service) {
  const auto key = std::make_pair(&agreement, service);
  auto found = cache_.find(key);
  if (found == cache_.end()) {
    Uplinks& uplinks = uplinks_.try_emplace(&agreement, agreement, *store_).first->second;
    found =
        cache_.emplace(key, timelines_of_service(agreement, service, *store_, uplinks, warnings_))
            .first;
  }
  return found->second;
}

Judgement judge_part(const Part& part, const Figures& figures) {
  const UnknownPolicy& policy = part.agreement->unknown;
  return part.objective->statistic == Objective::Statistic::mean
             ? judge_mean(figures, policy, part.objective->max)
             : judge_availability(figures, policy, part.objective->target);
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

// Shares of parts under different policies add up by their nanoseconds.
void add_share(std::optional<Rational>& sum, const std::optional<Rational>& part) {
  if (!part) return;
  sum =
      sum ? Rational(sum->numerator() + part->numerator(), sum->denominator() + part->denominator())
          : *part;
}

void merge(Judgement& whole, const Judgement& part) {
  add_share(whole.nominal, part.nominal);
  add_share(whole.worst, part.worst);
  add_share(whole.best, part.best);
  add_share(whole.coverage, part.coverage);
  if (severity(part.verdict) > severity(whole.verdict)) {
    whole.verdict = part.verdict;
    whole.certain = part.certain;
  } else if (part.verdict == whole.verdict && part.certain && whole.certain) {
    // One certain breach is enough; being met must be certain in every part.
    whole.certain = part.verdict == Verdict::breached ? *whole.certain || *part.certain
                                                      : *whole.certain && *part.certain;
  }
}

void Judge::fill_mean_or_share(const std::vector<Part>& parts,
                               const std::vector<Figures>& figures,
                               ObjectiveReport& out) const {
  Judgement whole;
  Figures sums;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Judgement part = judge_part(parts[i], figures[i]);
    merge(whole, part);
    sums.add(figures[i]);
    out.versions.push_back(
        {parts[i].agreement->version, figures[i].seconds, part.nominal, part.verdict});
  }
  out.seconds = sums.seconds;
  out.seconds.not_in_force =
      out.period.to - out.period.from - sums.seconds.future - sums.seconds.accountable();
  out.unknown_by = std::move(sums.unknown_by);
  out.partial_ns = sums.partial;
  out.believed_ns = sums.believed;
  out.least_down_ns = sums.least_down;
  out.most_down_ns = sums.most_down;
  const bool mean = out.statistic == Objective::Statistic::mean;
  out.samples = mean ? sums.latency_count : sums.samples;
  out.nominal = whole.nominal;
  out.worst = whole.worst;
  out.best = whole.best;
  out.coverage = whole.coverage;
  out.verdict = whole.verdict;
  out.certain = whole.certain;
  if (parts.size() > 1 && out.statistic == Objective::Statistic::availability) {
    Rational weighted;
    std::int64_t length = 0;
    for (const Part& part : parts) {
      const std::int64_t in_force = part.stretch.in_force.length();
      weighted = weighted + part.objective->target * Rational(in_force);
      length += in_force;
    }
    out.blended_target = weighted / Rational(length);
    out.blended_verdict =
        judge_availability(sums, parts.back().agreement->unknown, *out.blended_target).verdict;
  }
  out.outages = std::move(sums.outages);
}

void Judge::fill_budget(const std::vector<Part>& parts, ObjectiveReport& out) const {
  if (out.statistic != Objective::Statistic::availability) return;
  Budget budget;
  std::int64_t planned = 0;
  for (const Part& part : parts) {
    const std::int64_t in_force = part.stretch.in_force.length();
    budget.total_ns = budget.total_ns + (Rational(1) - part.objective->target) * Rational(in_force);
    planned += in_force;
  }
  if (planned == 0) return;
  budget.total_ns = budget.total_ns.reduced();
  budget.used_ns = out.seconds.down;
  out.budget = budget;
  if (out.verdict == Verdict::no_data || out.seconds.accountable() == 0) return;
  const bool unknown_may_be_down =
      parts.back().agreement->unknown.treat != UnknownPolicy::Treat::up;
  const Consumption consumption{budget, out.seconds, planned, unknown_may_be_down,
                                WallTime{parts.back().stretch.elapsed_until}};
  out.outlook = outlook_of(consumption);
  out.forecast = forecast_of(consumption);
}

ObjectiveReport Judge::judge_one(const Asked& asked) {
  const std::vector<Part> parts = parts_of(asked);
  ASSERT(!parts.empty());
  const Part& last = parts.back();
  ObjectiveReport out;
  out.name = asked.objective->name;
  out.service = last.objective->service;
  out.statistic = asked.objective->statistic;
  out.period = asked.period;
  out.zone = asked.objective->zone;
  out.decimals = last.agreement->decimals;
  if (out.statistic == Objective::Statistic::mean) {
    out.target = decimal_text(Rational(Integer(last.objective->max.count()), Integer(1'000'000)));
  } else {
    out.target = last.objective->target_text;
    out.target_share = last.objective->target;
  }
  std::vector<Figures> figures;
  for (const Part& part : parts) {
    const ServiceTimelines& service = timelines(*part.agreement, part.objective->service);
    figures.push_back(measure(service, part.stretch));
    out.resolution_ns = std::max(out.resolution_ns, service.resolution.count());
  }
  fill_mean_or_share(parts, figures, out);
  fill_budget(parts, out);
  return out;
}

Report Judge::report(std::vector<Series> series, const std::vector<Asked>& asked) {
  store_.emplace(std::move(series), question_.as_of);
  Report out;
  const std::int64_t as_of =
      question_.as_of ? question_.as_of->ns : (asked.empty() ? 0 : asked.front().period.to);
  const std::int64_t end = question_.period && !asked.empty() ? asked.front().period.to : as_of;
  const Agreement& reference = *version_at(versions_, std::min(as_of, end)).agreement;
  out.agreement = reference.name;
  out.version = reference.version;
  out.as_of = {as_of};
  out.zone_data = zone_data_version();
  for (const Asked& each : asked) out.objectives.push_back(judge_one(each));
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
                       const Question& question) {
  TRY(ordered, order_versions(versions));
  Judge judge(std::move(ordered), question);
  TRY(asked, judge.asked());
  return judge.report(std::move(series), asked);
}

Expected<Interval> samples_needed(const std::vector<Agreement>& versions,
                                  const Question& question) {
  TRY(ordered, order_versions(versions));
  const Judge judge(std::move(ordered), question);
  TRY(asked, judge.asked());
  if (asked.empty()) return fail("the agreement has no objective");
  Interval out = asked.front().period;
  for (const auto& each : asked) {
    out = {std::min(out.from, each.period.from), std::max(out.to, each.period.to)};
  }
  Duration belief{0};
  Duration canary_belief{0};
  for (const Agreement& version : versions) {
    for (const MeasuredCheck& check : version.checks) belief = std::max(belief, check.belief);
    if (version.canaries) canary_belief = std::max(canary_belief, version.canary_belief);
  }
  out.from -= (std::max(belief, canary_belief) + kEpisodeReach).count();
  out.to += (canary_belief + kEpisodeReach).count();
  if (question.as_of) out.to = std::min(out.to, question.as_of->ns + 1);
  return out;
}

}  // namespace nines::sla
