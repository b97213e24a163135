// SPDX-License-Identifier: Apache-2.0
#include "alerts/incident_rule.h"

#include <algorithm>

#include "base/hash.h"
#include "sla/judge/check_timelines.h"
#include "sla/judge/service_timelines.h"
#include "sla/judge/uplinks.h"
#include "sla/rules/exclusions.h"
#include "sla/rules/membership.h"
#include "sla/time/period.h"

namespace nines::alerts {
namespace {

using sla::Interval;
using sla::IntervalSet;
using sla::Timeline;

// The agreement with another rule of what confirms a failure and how vantages count.
sla::Agreement seen_by(const sla::Agreement& version,
                       sla::Confirmation confirm,
                       sla::Quorum quorum) {
  auto out = version;
  out.confirm = confirm;
  out.quorum = quorum;
  out.outage_rule.reset();
  return out;
}

sla::Quorum at_least(std::size_t vantages) {
  sla::Quorum quorum;
  quorum.k = vantages;
  return quorum;
}

sla::Quorum any_that_is_known() {
  sla::Quorum quorum;
  quorum.majority_of_known = true;
  quorum.min_known = 1;
  return quorum;
}

// One way of looking at the same results.
struct View {
  View(sla::Agreement rule, const sla::SampleStore& store, const sla::Memberships& memberships)
      : agreement(std::move(rule)), uplinks(agreement, store), evidence{agreement,   store,
                                                                        memberships, uplinks,
                                                                        {},          warnings,
                                                                        {}} {}

  View(const View&) = delete;

  Timeline of(const std::string& service) const {
    return sla::timelines_of_service(evidence, service).nominal;
  }

  sla::Agreement agreement;
  sla::Uplinks uplinks;
  std::vector<sla::Warning> warnings;  // the report says them
  sla::Evidence evidence;
};

// The first objective of the service says in which period an allowance is used up.
const sla::Objective* objective_of(const sla::Agreement& version, const std::string& service) {
  for (const auto& each : version.objectives) {
    if (each.service == service) return &each;
  }
  return nullptr;
}

std::optional<Interval> around(const IntervalSet& set, std::int64_t at) {
  for (const auto& each : set.intervals()) {
    if (each.from <= at && at < each.to) return each;
  }
  return std::nullopt;
}

std::string id_of(const std::string& service, WallTime from) {
  // Names have at most 64 bytes: of a long one a digest keeps it apart.
  constexpr std::size_t kMostOfService = 32;
  constexpr std::size_t kDigestDigits = 8;
  auto whose = service;
  if (whose.size() > kMostOfService) {
    whose.resize(kMostOfService - kDigestDigits - 1);
    whose += "." + hex(sha256(as_bytes(service))).substr(0, kDigestDigits);
  }
  std::string instant;
  for (const char c : format_rfc3339(from)) {
    if (c != '-' && c != ':') instant += c;
  }
  return "auto-" + whose + "-" + instant;
}

bool touch(const Outage& outage, const KnownIncident& incident) {
  const bool not_over = !incident.until || outage.from <= *incident.until;
  return not_over && (!outage.to || *outage.to >= incident.opened);
}

}  // namespace

struct ServiceStates::Impl {
  Impl(const sla::Agreement& v,
       std::vector<sla::Series> series,
       const sla::Events& e,
       const IncidentRule& r,
       Interval w)
      : version(v),
        events(e),
        rule(r),
        window(w),
        store(std::move(series), WallTime{w.to}),
        memberships(e.memberships),
        by_slots(seen_by(v, {r.slots, r.slots}, at_least(1)), store, memberships),
        by_vantages(seen_by(v, {1, r.slots}, at_least(r.vantages)), store, memberships),
        known(seen_by(v, {r.slots, r.slots}, any_that_is_known()), store, memberships),
        as_it_came(seen_by(v, {1, 1}, at_least(1)), store, memberships) {
    by_slots.evidence.suspects = sla::suspects_of(by_slots.evidence);
    by_vantages.evidence.suspects = by_slots.evidence.suspects;
    known.evidence.suspects = by_slots.evidence.suspects;
    as_it_came.evidence.suspects = by_slots.evidence.suspects;
  }

  Duration belief_of(const std::string& service) const {
    Duration most{0};
    const auto& checks = version.composition.at(service);
    for (const auto& each : version.checks) {
      const bool of_it = std::find(checks.begin(), checks.end(), each.check.name) != checks.end();
      if (of_it) most = std::max(most, each.belief);
    }
    return most;
  }

  const sla::Agreement& version;
  const sla::Events& events;
  const IncidentRule rule;
  const Interval window;
  sla::SampleStore store;
  sla::Memberships memberships;
  View by_slots, by_vantages, known, as_it_came;
};

ServiceStates::ServiceStates(const sla::Agreement& version,
                             std::vector<sla::Series> series,
                             const sla::Events& events,
                             const IncidentRule& rule,
                             Interval window)
    : impl_(std::make_unique<Impl>(version, std::move(series), events, rule, window)) {}

ServiceStates::~ServiceStates() = default;

ServiceState ServiceStates::of(const std::string& service) {
  ServiceState out;
  if (!impl_->version.composition.contains(service)) return out;
  const auto now = impl_->window.to;
  const auto slots = impl_->by_slots.of(service).where(Outcome::down);
  const auto vantages = impl_->by_vantages.of(service).where(Outcome::down);
  const auto failing = unite(slots, vantages);
  const auto agreed = excluded_of(impl_->version, impl_->events, service, WallTime{now});
  const auto past = IntervalSet::of(impl_->window.from, now + 1);
  const auto charged = intersect(subtract(failing, agreed), past);
  // A success that nothing confirmed counts to the failures after it (S8), and dates no outage.
  const auto failures = impl_->as_it_came.of(service).where(Outcome::down);
  for (const auto& each : charged.intervals()) {
    const IntervalSet whole({each});
    const auto failed = intersect(failures, whole);
    const auto from = failed.empty() ? each.from : failed.intervals().front().from;
    Outage outage{WallTime{from}, {}, !intersect(slots, whole).empty()};
    if (each.to <= now) outage.to = WallTime{each.to};
    out.outages.push_back(outage);
  }
  if (!out.outages.empty()) {
    const auto edge = WallTime{impl_->window.from} + impl_->belief_of(service);
    out.begins_before = out.outages.back().from < edge;
  }
  const auto up = around(impl_->known.of(service).where(Outcome::up), now);
  if (!up || failing.contains(now)) return out;
  out.up_since = WallTime{up->from};
  for (const auto& each : failing.intervals()) {
    if (each.to <= now) out.up_since = std::max(*out.up_since, WallTime{each.to});
  }
  return out;
}

IntervalSet excluded_of(const sla::Agreement& version,
                        const sla::Events& events,
                        const std::string& service,
                        WallTime now) {
  const auto* objective = objective_of(version, service);
  const auto period = objective != nullptr ? sla::period_at(objective->period, objective->zone, now)
                                           : sla::period_at(sla::PeriodRule{}, version.zone, now);
  const auto hours_name = objective != nullptr ? objective->hours : std::string(sla::kAlways);
  auto open = sla::open_hours(version.calendars, hours_name, period);
  const auto end = version.effective_to ? version.effective_to->ns : INT64_MAX;
  open = intersect(open, IntervalSet::of(version.effective_from.ns, end));
  sla::AllowanceUsed used;
  std::vector<sla::Warning> unsaid;
  const auto known = sla::known_events(events, now);
  // A part's window silences that part alone: what it belongs to may fail for more than that.
  const auto parts = sla::parts_of_service(version, service);
  const auto excluded = sla::excluded_time(
      {version.exclusions, known.exclusions, service, parts, open}, used, unsaid);
  IntervalSet out;
  for (const auto& each : excluded.counted) out = unite(out, each.time);
  return out;
}

std::vector<Step> steps_of(const std::string& service,
                           const ServiceState& state,
                           const std::vector<KnownIncident>& incidents,
                           const IncidentRule& rule) {
  std::vector<Step> steps;
  auto known = incidents;
  const auto covered = [&](const Outage& outage) {
    return std::any_of(known.begin(), known.end(), [&](const KnownIncident& each) {
      return touch(outage, each) || each.id == id_of(service, outage.from);
    });
  };
  for (const auto& outage : state.outages) {
    if (covered(outage)) continue;
    const std::string why =
        outage.by_slots ? std::to_string(rule.slots) + " results in a row failed at one vantage"
                        : std::to_string(rule.vantages) + " vantages failed";
    const auto same = std::find_if(known.begin(), known.end(), [&](const KnownIncident& each) {
      return each.by_collector && !each.closed && each.until && *each.until <= outage.from &&
             outage.from - *each.until <= rule.reopen;
    });
    if (same != known.end()) {
      same->until.reset();
      steps.push_back({Step::What::reopen, same->id, outage.from, "failed again: " + why});
      continue;
    }
    known.push_back({id_of(service, outage.from), outage.from, {}, true, false});
    steps.push_back({Step::What::open, known.back().id, outage.from, why});
  }
  if (!state.up_since) return steps;
  for (const auto& each : known) {
    if (!each.by_collector || each.until || *state.up_since < each.opened) continue;
    steps.push_back({Step::What::resolve, each.id, *state.up_since,
                     "up again since " + format_rfc3339(*state.up_since)});
  }
  return steps;
}

}  // namespace nines::alerts
