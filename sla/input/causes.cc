// SPDX-License-Identifier: Apache-2.0
#include "sla/input/causes.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/assert.h"

namespace nines::sla {
namespace {

struct CauseEvent {
  std::int64_t at;
  std::size_t part;  // parts.size(): the whole
  std::optional<Cause> cause;
  Outcome state;
};

std::vector<CauseEvent> events_of(const Timeline& whole,
                                  const std::vector<const CauseTimeline*>& parts) {
  std::vector<CauseEvent> events;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (const CauseChange& change : parts[part]->changes()) {
      events.push_back({change.at, part, change.cause, Outcome::unknown});
    }
  }
  for (const Change& change : whole.changes()) {
    events.push_back({change.at, parts.size(), std::nullopt, change.state});
  }
  std::sort(events.begin(), events.end(),
            [](const CauseEvent& a, const CauseEvent& b) { return a.at < b.at; });
  return events;
}

}  // namespace

Cause cause_of(Reason reason) {
  return outcome_of(reason) == Outcome::unknown ? static_cast<Cause>(reason) : Cause::unstated;
}

Cause cause_of(Outcome outcome, Reason reason) {
  if (outcome == Outcome::unknown) return cause_of(reason);
  if (outcome == Outcome::up) return Cause::unstated;
  return name(reason).ends_with("_timeout") ? Cause::timed_out : Cause::answered;
}

std::string_view name(Cause cause) {
  switch (cause) {
    case Cause::unstated:
      return "unstated";
    case Cause::uplink:
      return kUplinkCause;
    case Cause::timed_out:
      return "timed_out";
    case Cause::answered:
      return "answered";
    case Cause::suspected:
      return "vantage_suspected";
    case Cause::unconfirmed:
      return "unconfirmed";
    case Cause::check_differs:
      return "check_differs";
    case Cause::no_results:
      return "no_results";
  }
  return name(static_cast<Reason>(cause));
}

void CauseTimeline::append(std::int64_t at, std::optional<Cause> cause) {
  ASSERT(changes_.empty() || changes_.back().at <= at);
  if (!changes_.empty() && changes_.back().at == at) changes_.pop_back();
  const std::optional<Cause> before =
      changes_.empty() ? std::optional(Cause::no_results) : changes_.back().cause;
  if (cause != before) changes_.push_back({at, cause});
}

CauseTimeline blame(const Timeline& whole, const std::vector<const CauseTimeline*>& parts) {
  std::vector<std::optional<Cause>> causes(parts.size(), Cause::no_results);
  std::set<std::size_t> unknown;  // parts that are
  for (std::size_t part = 0; part < parts.size(); ++part) unknown.insert(part);
  Outcome state = Outcome::unknown;
  CauseTimeline out;
  const std::vector<CauseEvent> events = events_of(whole, parts);
  for (std::size_t i = 0; i < events.size();) {
    const std::int64_t at = events[i].at;
    for (; i < events.size() && events[i].at == at; ++i) {
      const CauseEvent& event = events[i];
      if (event.part == parts.size()) {
        state = event.state;
        continue;
      }
      causes[event.part] = event.cause;
      if (event.cause) {
        unknown.insert(event.part);
      } else {
        unknown.erase(event.part);
      }
    }
    if (state != Outcome::unknown) {
      out.append(at, std::nullopt);
    } else {
      out.append(at, unknown.empty() ? Cause::no_results : causes[*unknown.begin()]);
    }
  }
  return out;
}

CauseTimeline causes_in_service(const CauseTimeline& causes, const IntervalSet* service) {
  if (service == nullptr) return causes;
  CauseTimeline out;
  const auto& changes = causes.changes();
  std::size_t next = 0;
  std::optional<Cause> cause = Cause::no_results;
  out.append(std::numeric_limits<std::int64_t>::min(), std::nullopt);
  for (const Interval& each : service->intervals()) {
    for (; next < changes.size() && changes[next].at <= each.from; ++next) {
      cause = changes[next].cause;
    }
    out.append(each.from, cause);
    for (; next < changes.size() && changes[next].at < each.to; ++next) {
      cause = changes[next].cause;
      out.append(changes[next].at, cause);
    }
    out.append(each.to, std::nullopt);
  }
  return out;
}

CauseLengths lengths_of(const CauseTimeline& causes, const IntervalSet& unknown) {
  CauseLengths out;
  const auto& changes = causes.changes();
  std::size_t next = 0;  // the first change behind `at`
  std::optional<Cause> cause = Cause::no_results;
  for (const Interval& piece : unknown.intervals()) {
    for (std::int64_t at = piece.from; at < piece.to;) {
      for (; next < changes.size() && changes[next].at <= at; ++next) cause = changes[next].cause;
      const std::int64_t end =
          next < changes.size() ? std::min(piece.to, changes[next].at) : piece.to;
      ASSERT(cause.has_value());
      out[*cause] += end - at;
      at = end;
    }
  }
  return out;
}

}  // namespace nines::sla
