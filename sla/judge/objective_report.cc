// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/objective_report.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/assert.h"
#include "sla/judge/burn.h"
#include "sla/judge/forecast.h"
#include "sla/judge/outlook.h"
#include "sla/judge/statistics.h"
#include "sla/judge/unseen.h"
#include "sla/judge/wilson.h"

namespace nines::sla {
namespace {

using Statistic = Objective::Statistic;
using Method = Objective::Method;

// What a sketch tells of response times where the agreement names no percentile.
constexpr std::array<const char*, 3> kUnasked = {"p50", "p95", "p99"};
constexpr std::int64_t kBegin = 0;  // nothing is judged before 1970

struct Measured {
  Figures figures;
  Counted counted;
};

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

bool by_time(const ObjectiveReport& report) { return unit_of(report) == Unit::time_share; }

std::string target_of(const Objective& objective) {
  constexpr std::int64_t kMillisecond = 1'000'000;
  if (!objective.target_text.empty()) return objective.target_text;
  const bool latency =
      objective.statistic == Statistic::mean || objective.statistic == Statistic::percentile;
  return decimal_text(
      Rational(Integer(objective.max.count()), Integer(latency ? kMillisecond : kSecondNs)));
}

void fill_judgement(const Judgement& judgement, ObjectiveReport& out) {
  out.nominal = judgement.nominal;
  out.worst = judgement.worst;
  out.best = judgement.best;
  out.coverage = judgement.coverage;
  out.verdict = judgement.verdict;
  out.certain = judgement.certain;
}

// S33: what the whole period would have been judged by if its parts' targets were one.
void fill_blended(const std::vector<Part>& parts, const Figures& sums, ObjectiveReport& out) {
  if (parts.size() < 2 || !by_time(out)) return;
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

void fill_counts(const Objective& objective, Counted& counted, ObjectiveReport& out) {
  out.samples = counted.samples;
  const bool sliced = out.method == Method::timeslices || out.method == Method::ratio_timeslices;
  if (out.statistic == Statistic::availability && sliced) out.slices = counted.slices.slices;
  const Integer known = counted.results.up + counted.results.down;
  if (!known.is_zero()) out.interval95 = interval95(counted.results.up, known);
  if (counted.latencies.count() == 0) return;
  const auto fraction = [](const std::string& percentile) {
    const auto p = parse_percentile(percentile);
    ASSERT(p);
    return *p;
  };
  std::vector<std::string> percentiles = objective.also.percentiles;
  const auto& own = objective.percentile;
  const bool listed = std::find(percentiles.begin(), percentiles.end(), own) != percentiles.end();
  if (!own.empty() && !listed) percentiles.insert(percentiles.begin(), own);
  for (const std::string& each : percentiles) {
    out.percentiles_us.emplace_back(each, counted.latencies.nearest_rank(fraction(each)));
  }
  const Sketch& sketch = counted.latencies.sketch();
  if (sketch.count() == 0) return;
  if (percentiles.empty()) percentiles.assign(kUnasked.begin(), kUnasked.end());
  for (const std::string& each : percentiles) {
    out.sketch_us.emplace_back(each, sketch.quantile(fraction(each)));
  }
}

void fill_seconds(Figures& sums, ObjectiveReport& out) {
  out.seconds = sums.seconds;
  out.seconds.not_in_force = out.period.to - out.period.from - sums.seconds.out_of_hours -
                             sums.seconds.future - sums.seconds.excluded -
                             sums.seconds.accountable();
  out.unknown_by = std::move(sums.unknown_by);
  out.blip_ns = sums.blip;
  out.blips = sums.blips;
  out.partial_ns = sums.partial;
  out.forgiven_short_ns = sums.forgiven_short;
  out.forgiven_excluded_ns = sums.forgiven_excluded;
  out.excluded_by = std::move(sums.excluded_by);
  out.down_by = std::move(sums.down_by);
  out.believed_ns = sums.believed;
  out.least_down_ns = sums.least_down;
  out.most_down_ns = sums.most_down;
  out.outages = std::move(sums.outages);
  out.course = course_of(out.period, sums.phases);
  out.down = std::move(sums.down);
  out.seen_down = std::move(sums.seen_down);
}

std::int64_t occurrences(const Objective& objective,
                         const std::vector<Outage>& outages,
                         Verdict verdict) {
  if (objective.statistic != Statistic::longest_outage) return verdict == Verdict::breached ? 1 : 0;
  return std::count_if(outages.begin(), outages.end(), [&](const Outage& each) {
    return each.counted && each.accountable_ns > objective.max.count();
  });
}

// S32: what the shares are made of where time without an agreement counts as up.
Figures assuming_up(const Part& part, Figures figures, const ObjectiveReport& out) {
  const bool counts = by_time(out) && part.objective->assume_up;
  if (counts && figures.seconds.accountable() > 0) figures.seconds.up += part.not_in_force_ns;
  return figures;
}

// S26: claims in order of their ids; one that several versions see is one.
void fill_disputes(const Part& part, const Figures& figures, ObjectiveReport& out) {
  for (const Claim& claim : part.stretch.excluded.claims) {
    const auto at =
        std::lower_bound(out.disputed.begin(), out.disputed.end(), claim,
                         [](const Dispute& a, const Claim& b) { return a.claim.id < b.id; });
    const std::int64_t down = figures.down.length_in(claim.span);
    if (at != out.disputed.end() && at->claim.id == claim.id) {
      at->down_ns += down;
    } else {
      out.disputed.insert(at, {claim, down});
    }
  }
}

VersionPart version_part(const Part& part, const Figures& figures, const Judgement& judgement) {
  VersionPart out;
  out.version = part.agreement->version;
  out.digest = part.agreement->digest;
  const auto& in_force = part.stretch.in_force.intervals();
  if (!in_force.empty()) out.in_force = {in_force.front().from, in_force.back().to};
  out.target = target_of(*part.objective);
  out.in_force_ns = part.stretch.in_force.length();
  out.seconds = figures.seconds;
  out.nominal = judgement.nominal;
  out.worst = judgement.worst;
  out.best = judgement.best;
  out.verdict = judgement.verdict;
  out.occurrences = occurrences(*part.objective, figures.outages, judgement.verdict);
  return out;
}

void fill_figures(const std::vector<Part>& parts,
                  std::vector<Measured> measured,
                  ObjectiveReport& out) {
  Judgement whole;
  Figures sums;
  Counted counts;
  IntervalSet around;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    auto& [figures, counted] = measured[i];
    const Judgement judgement =
        judge_statistic(*part.objective, part.agreement->unknown, assuming_up(part, figures, out),
                        part.stretch.around, counted);
    merge(whole, judgement);
    sums.add(figures);
    counts.add(counted);
    around = unite(around, part.stretch.around);
    out.versions.push_back(version_part(part, figures, judgement));
  }
  const Objective& last = *parts.back().objective;
  if (!by_time(out) && parts.size() > 1) {
    // Counts, response times and outages are pooled; only the verdicts are those of the parts.
    const Judgement pooled =
        judge_statistic(last, parts.back().agreement->unknown, sums, around, counts);
    whole.nominal = pooled.nominal;
    whole.worst = pooled.worst;
    whole.best = pooled.best;
  }
  fill_judgement(whole, out);
  fill_blended(parts, sums, out);
  fill_counts(last, counts, out);
  fill_seconds(sums, out);
}

// The past is seen as the newest part sees it, wherever the agreement was in force.
void fill_course(const std::vector<Part>& parts, const Asked& asked, ObjectiveReport& out) {
  if (!out.forecast || asked.elapsed_until) return;
  const Part& last = parts.back();
  Course course;
  course.period = asked.period;
  course.now = last.stretch.elapsed_until;
  if (course.now >= course.period.to) return;
  for (const Part& part : parts) {
    course.accountable = unite(course.accountable, part.stretch.around);
  }
  // What counted as down then counts by the rules of now: confirmed, and not forgiven.
  Stretch past = last.stretch;
  past.listed = {kBegin, course.now};
  past.in_force = intersect(course.accountable, IntervalSet::of(kBegin, course.now));
  past.open = past.in_force;
  past.excluded = {};     // `around` is without it
  past.cap_left.reset();  // which is of one period, not of a year
  const Figures figures = measure(*last.timelines, past);
  course.down = figures.down;
  course.up = subtract(subtract(figures.accountable, figures.down), figures.unknown);
  course.budget_ns = out.budget->total_ns;
  course.rule = asked.objective->period;
  course.zone = asked.objective->zone;
  look_ahead(course, *out.forecast);
}

void fill_budget(const std::vector<Part>& parts,
                 const std::vector<std::int64_t>& planned_each,
                 ObjectiveReport& out) {
  if (!by_time(out)) return;
  Budget budget;
  std::int64_t planned = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Rational spared = Rational(1) - parts[i].objective->target;
    const std::int64_t assumed =
        parts[i].objective->assume_up && planned_each[i] > 0 ? parts[i].not_in_force_ns : 0;
    budget.total_ns = budget.total_ns + spared * Rational(planned_each[i] + assumed);
    planned += planned_each[i];
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

// The best-seen vantage of each check speaks for it; their hits add up, and so do the means that
// they bound.
void fill_unseen(const std::vector<Part>& parts,
                 const std::vector<IntervalSet>& accountable,
                 ObjectiveReport& out) {
  if (!by_time(out)) return;
  ShortHits sum;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::map<std::string, ShortHits> best;
    const ServiceTimelines& service = *parts[i].timelines;
    for (std::size_t j = 0; j < service.samples.size(); ++j) {
      const ShortHits seen = short_hits(service.samples[j], accountable[i]);
      ShortHits& held = best[service.checks[j]];
      if (seen.successes > held.successes) held = seen;
    }
    for (const auto& [check, seen] : best) {
      sum.successes += seen.successes;
      sum.hits += seen.hits;
    }
  }
  const auto most = most_hits95(sum);
  if (most) out.unseen_down_95_ns = *most * Rational(out.resolution_ns);
}

void fill_burn(const Part& last, ObjectiveReport& out) {
  if (!by_time(out) || last.agreement->alerting.empty()) return;
  out.burn = burn_alerts(last.agreement->alerting, last.objective->target,
                         out.period.to - out.period.from, *last.timelines, last.stretch);
}

}  // namespace

ObjectiveReport report_objective(const Asked& asked, const std::vector<Part>& parts) {
  ASSERT(!parts.empty());
  const Part& last = parts.back();
  ObjectiveReport out;
  out.name = asked.objective->name;
  out.service = last.objective->service;
  out.statistic = asked.objective->statistic;
  out.method = asked.objective->method;
  out.period = asked.period;
  out.zone = asked.objective->zone;
  out.decimals = last.agreement->decimals;
  out.target = target_of(*last.objective);
  out.target_share = last.objective->target;
  const bool ranked = std::any_of(parts.begin(), parts.end(),
                                  [](const Part& part) { return needs_ranks(*part.objective); });
  std::vector<Measured> measured;
  std::vector<IntervalSet> accountable;
  std::vector<std::int64_t> planned;
  std::int64_t forgiven = 0;  // S19: in earlier parts of the period
  for (const Part& part : parts) {
    Stretch stretch = part.stretch;
    if (stretch.cap_left)
      stretch.cap_left = std::max<std::int64_t>(*stretch.cap_left - forgiven, 0);
    Figures figures = measure(*part.timelines, stretch);
    forgiven += figures.forgiven_short;
    planned.push_back(figures.planned);
    fill_disputes(part, figures, out);
    Counted counted = count(*part.timelines, figures.charged, asked.period.from, *part.objective,
                            {ranked, asked.sketches});
    out.resolution_ns = std::max(out.resolution_ns, part.timelines->resolution.count());
    accountable.push_back(figures.accountable);
    measured.push_back({std::move(figures), std::move(counted)});
  }
  fill_figures(parts, std::move(measured), out);
  fill_budget(parts, planned, out);
  fill_course(parts, asked, out);
  fill_unseen(parts, accountable, out);
  fill_burn(last, out);
  return out;
}

}  // namespace nines::sla
