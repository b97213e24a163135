// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/notices.h"

#include <algorithm>

#include "sla/judge/incidents.h"

namespace nines::sla {
namespace {

struct Promised {
  std::optional<std::int64_t> opened, update;

  bool any() const { return opened || update; }
};

Promised promised_by(const Agreement& agreement) {
  const auto& notices = agreement.conduct.communication.notices;
  const auto of = [&](const char* key) -> std::optional<std::int64_t> {
    const auto found = notices.find(key);
    if (found == notices.end()) return std::nullopt;
    return found->second.count();
  };
  return {of("incidentOpened"), of("incidentUpdate")};
}

void decide(bool ended, NoticeClock& out) {
  if (out.elapsed_ns > out.limit_ns) {
    out.verdict = Verdict::breached;
  } else if (ended) {
    out.verdict = Verdict::met;
  }
}

NoticeClock clock_of(const Incident& incident, const char* name, std::int64_t limit) {
  NoticeClock out;
  out.incident = incident.id;
  out.service = incident.service;
  out.clock = name;
  out.limit_ns = limit;
  return out;
}

// An incident that is over by itself needs no notice any more; its end is one.
std::optional<std::int64_t> first_told(const Incident& incident) {
  std::optional<std::int64_t> out;
  const auto notice =
      std::lower_bound(incident.notices.begin(), incident.notices.end(), incident.known);
  if (notice != incident.notices.end()) out = *notice;
  if (!incident.open || incident.runs.size() > 1) {
    const std::int64_t end = std::max(incident.runs.front().to, incident.known);
    out = std::min(out.value_or(end), end);
  }
  return out;
}

NoticeClock first_notice(const Incident& incident, std::int64_t limit, std::int64_t now) {
  NoticeClock out = clock_of(incident, "incidentOpened", limit);
  const auto told = first_told(incident);
  out.from = WallTime{incident.known};
  if (told) out.to = WallTime{*told};
  out.elapsed_ns = told.value_or(now) - incident.known;
  out.due = out.from + Duration(limit);
  decide(told.has_value(), out);
  return out;
}

// When updates begin to be owed: with the first notice, or when that was due at the latest. So the
// silence before a first notice in time is no gap, and one that never came is none for ever.
std::int64_t updates_begin(const Incident& incident, const Promised& promised) {
  const std::int64_t due = incident.known + promised.opened.value_or(0);
  return std::min(first_told(incident).value_or(due), due);
}

// The longest silence while it ran. Nothing is owed while it is over, and a reopening begins anew.
NoticeClock longest_silence(const Incident& incident, const Promised& promised) {
  NoticeClock out = clock_of(incident, "incidentUpdate", *promised.update);
  std::int64_t longest = -1;
  for (std::size_t i = 0; i < incident.runs.size(); ++i) {
    const Interval& run = incident.runs[i];
    const std::int64_t begin = i == 0 ? updates_begin(incident, promised) : run.from;
    const bool runs_on = incident.open && i + 1 == incident.runs.size();
    std::int64_t last = std::min(begin, run.to);
    const auto hear = [&](std::int64_t at, bool awaited) {
      if (at - last > longest) {
        longest = at - last;
        out.from = WallTime{last};
        out.to = awaited ? std::nullopt : std::optional(WallTime{at});
      }
      if (!awaited) last = at;
    };
    for (const std::int64_t notice : incident.notices) {
      if (notice > last && notice < run.to) hear(notice, false);
    }
    hear(run.to, runs_on);
    if (runs_on) out.due = WallTime{std::max(last, begin) + *promised.update};
  }
  out.elapsed_ns = longest;
  decide(!incident.open, out);
  return out;
}

}  // namespace

std::optional<NoticeReport> judge_notices(const std::vector<InForce>& versions,
                                          const std::vector<IncidentEvent>& events,
                                          const Interval& period,
                                          std::int64_t now) {
  std::optional<NoticeReport> out;
  const std::vector<Incident> incidents = incidents_of(events, now, {});
  for (const InForce& version : versions) {
    const Promised promised = promised_by(*version.agreement);
    const std::int64_t from = std::max(period.from, version.span.from);
    const std::int64_t to = std::min(period.to, version.span.to);
    if (from >= to || !promised.any()) continue;
    if (!out) out.emplace();
    for (const Incident& incident : incidents) {
      const bool here = incident.opened >= from && incident.opened < to;
      if (!here || incident.known > now) continue;
      ++out->incidents;
      if (promised.opened) out->clocks.push_back(first_notice(incident, *promised.opened, now));
      if (promised.update) out->clocks.push_back(longest_silence(incident, promised));
    }
  }
  return out;
}

}  // namespace nines::sla
