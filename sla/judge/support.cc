// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/support.h"

#include <algorithm>
#include <map>

#include "sla/judge/incidents.h"

namespace nines::sla {
namespace {

// How far ahead a due time is looked for.
constexpr std::int64_t kHorizon = 400 * kDayNs;

const SupportPriority* find_priority(const Agreement& agreement, const std::string& name) {
  if (!agreement.support) return nullptr;
  for (const SupportPriority& each : agreement.support->priorities) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

// When the first `limit` of the set has passed.
std::optional<WallTime> reached(const IntervalSet& set, std::int64_t limit) {
  for (const Interval& each : set.intervals()) {
    if (limit <= each.to - each.from) return WallTime{each.from + limit};
    limit -= each.to - each.from;
  }
  return std::nullopt;
}

// One incident under one priority.
class Clocks {
 public:
  Clocks(const Agreement& agreement,
         const SupportPriority& priority,
         const Incident& incident,
         std::int64_t now)
      : terms_(*agreement.support), priority_(priority), incident_(incident), now_(now) {
    start_ = terms_.escalation_retroactive ? incident.opened : incident.raised;
    const IntervalSet hours =
        open_hours(agreement.calendars, priority.hours, {incident.opened, now + kHorizon});
    counting_ = subtract(hours, IntervalSet(incident.pauses));
  }

  void add_to(SupportReport& out) const {
    if (priority_.response) {
      const SupportClock clock = response();
      if (clock.verdict == Verdict::met) ++out.responded_in_time;
      out.clocks.push_back(clock);
    }
    if (priority_.resolve) {
      const SupportClock clock = resolve();
      if (clock.verdict == Verdict::met) ++out.resolved_in_time;
      out.clocks.push_back(clock);
    }
    if (priority_.update) out.clocks.push_back(update());
  }

 private:
  SupportClock named(const char* name, Duration limit) const {
    SupportClock out;
    out.incident = incident_.id;
    out.opened = WallTime{incident_.opened};
    out.clock = name;
    out.limit_ns = limit.count();
    return out;
  }

  // `running` is where the clock runs, as far as known; `ahead` where it would go on.
  void judge(const IntervalSet& running,
             const IntervalSet& ahead,
             bool ended,
             SupportClock& out) const {
    out.elapsed_ns = intersect(running, counting_).length();
    const bool waits = !ended && incident_.paused;
    if (!waits) out.due = reached(intersect(ahead, counting_), out.limit_ns);
    if (out.elapsed_ns > out.limit_ns) {
      out.verdict = Verdict::breached;
    } else if (ended) {
      out.verdict = Verdict::met;
    }
  }

  IntervalSet from(std::int64_t begin) const {
    return IntervalSet::of(begin, std::max(begin, now_) + kHorizon);
  }

  SupportClock response() const {
    SupportClock out = named("response", *priority_.response);
    const std::int64_t end = incident_.answered.value_or(now_);
    judge(IntervalSet::of(start_, end), from(start_), incident_.answered.has_value(), out);
    return out;
  }

  // Where the incident was open since `start_`.
  SupportClock resolve() const {
    SupportClock out = named("resolve", *priority_.resolve);
    const IntervalSet since = from(start_);
    std::vector<Interval> ahead = incident_.runs;
    ahead.back().to = std::max(ahead.back().from, now_) + kHorizon;
    if (terms_.reopen_continues) {
      judge(intersect(IntervalSet(incident_.runs), since), intersect(IntervalSet(ahead), since),
            !incident_.open, out);
      return out;
    }
    // Each run is a clock of its own, and the longest one speaks; while one runs, it has the due.
    for (std::size_t i = 0; i < incident_.runs.size(); ++i) {
      const bool last = i + 1 == incident_.runs.size();
      SupportClock run = named("resolve", *priority_.resolve);
      judge(intersect(IntervalSet({incident_.runs[i]}), since),
            intersect(IntervalSet({ahead[i]}), since), !last || !incident_.open, run);
      const bool worse = i == 0 || run.elapsed_ns > out.elapsed_ns;
      const bool decided = out.verdict == Verdict::breached;
      if (worse || (last && incident_.open && !decided)) out = run;
    }
    return out;
  }

  // The longest silence between two signs of life while it was open.
  SupportClock update() const {
    SupportClock out = named("update", *priority_.update);
    std::vector<std::int64_t> signs = incident_.signs;
    if (incident_.open) signs.push_back(now_);
    const IntervalSet open(incident_.runs);
    const IntervalSet since = from(start_);
    std::int64_t longest = -1;
    for (std::size_t i = 0; i + 1 < signs.size(); ++i) {
      const IntervalSet silence =
          intersect(intersect(IntervalSet::of(signs[i], signs[i + 1]), open), since);
      const std::int64_t length = intersect(silence, counting_).length();
      if (length > longest) longest = length;
    }
    out.elapsed_ns = std::max<std::int64_t>(longest, 0);
    if (incident_.open && !incident_.paused) {
      const std::int64_t last = std::max(incident_.signs.back(), start_);
      out.due = reached(intersect(from(last), counting_), out.limit_ns);
    }
    if (out.elapsed_ns > out.limit_ns) {
      out.verdict = Verdict::breached;
    } else if (!incident_.open) {
      out.verdict = Verdict::met;
    }
    return out;
  }

  const Support& terms_;
  const SupportPriority& priority_;
  const Incident& incident_;
  std::int64_t now_;
  std::int64_t start_ = 0;
  IntervalSet counting_;  // hours without pauses
};

// S47.
class Means {
 public:
  void add(const Incident& incident) {
    const auto ack = incident.acknowledged ? incident.acknowledged : incident.answered;
    if (ack) {
      acknowledged_ = acknowledged_ + Integer(*ack - incident.opened);
      ++acknowledgements_;
    }
    if (!incident.open) {
      resolved_ = resolved_ + Integer(incident.runs.back().to - incident.opened);
      ++resolutions_;
    }
    faults_.insert(faults_.end(), incident.runs.begin(), incident.runs.end());
    ++incidents_;
  }

  void put(const Interval& elapsed, SupportReport& out) const {
    if (acknowledgements_ > 0) out.mtta_ns = Rational(acknowledged_, Integer(acknowledgements_));
    if (resolutions_ > 0) out.mttr_ns = Rational(resolved_, Integer(resolutions_));
    if (incidents_ == 0) return;
    const IntervalSet period = IntervalSet::of(elapsed.from, elapsed.to);
    const std::int64_t without = subtract(period, IntervalSet(faults_)).length();
    out.mtbf_ns = Rational(Integer(without), Integer(incidents_));
  }

 private:
  Integer acknowledged_, resolved_;
  std::int64_t acknowledgements_ = 0, resolutions_ = 0, incidents_ = 0;
  std::vector<Interval> faults_;
};

SupportReport& line_of(std::vector<SupportReport>& lines, const std::string& priority) {
  for (SupportReport& each : lines) {
    if (each.priority == priority) return each;
  }
  lines.push_back({});
  lines.back().priority = priority;
  return lines.back();
}

}  // namespace

std::vector<SupportReport> judge_support(const std::vector<InForce>& versions,
                                         const std::vector<IncidentEvent>& events,
                                         const Interval& period,
                                         std::int64_t now,
                                         std::vector<Warning>& warnings) {
  std::vector<SupportReport> out;
  const InForce& reference = version_at(versions, std::min(now, period.to));
  const auto add_lines = [&](const Agreement& agreement) {
    if (!agreement.support) return;
    for (const SupportPriority& each : agreement.support->priorities) line_of(out, each.name);
  };
  add_lines(*reference.agreement);
  std::map<std::string, Means> means;
  for (const InForce& version : versions) {
    const Agreement& agreement = *version.agreement;
    if (!agreement.support) continue;
    const std::int64_t from = std::max(period.from, version.span.from);
    const std::int64_t to = std::min(period.to, version.span.to);
    if (from >= to) continue;
    add_lines(agreement);
    for (const Incident& incident : incidents_of(events, now, agreement.support->pause_while)) {
      if (incident.opened < from || incident.opened >= to) continue;
      const SupportPriority* priority = find_priority(agreement, incident.priority);
      if (priority == nullptr) {
        static constexpr Phrase kNotListed{
            "incident '{0}' has no priority that 'support' lists ({1}); its clocks are not judged",
            "事件 “{0}” 的优先级（{1}）不在 support 所列之中；其时限不予判定"};
        warnings.push_back({kNotListed,
                            {incident.id, incident.priority.empty() ? "none" : incident.priority},
                            {}});
        continue;
      }
      SupportReport& line = line_of(out, priority->name);
      ++line.incidents;
      means[priority->name].add(incident);
      Clocks(agreement, *priority, incident, now).add_to(line);
    }
  }
  for (SupportReport& line : out) {
    means[line.priority].put({period.from, std::min(now, period.to)}, line);
  }
  return out;
}

}  // namespace nines::sla
