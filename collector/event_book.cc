// SPDX-License-Identifier: Apache-2.0
#include "collector/event_book.h"

#include <algorithm>

#include "sla/judge/duties.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;

using proto::instant_member;

std::string member(const Json& object, const char* key) { return proto::text_member(object, key); }

bool is_party(const Actor& actor) { return actor.party != Party::auditor; }

Unexpected<Error> not_yours(const Actor& actor, const std::string& what) {
  return fail("may not: " + what + " is not for the " + std::string(name(actor.party)));
}

Expected<void> known_service(const std::vector<sla::Agreement>& versions, const Json& event) {
  const auto service = member(event, "service");
  if (service.empty()) return {};
  for (const auto& version : versions) {
    const auto& services = version.services;
    if (std::find(services.begin(), services.end(), service) != services.end()) return {};
  }
  return fail("the agreement has no service '" + service + "'");
}

// The duty that is due on `on` by the version in force then.
Expected<const sla::Duty*> duty_due(const std::vector<sla::Agreement>& versions,
                                    const std::string& id,
                                    const sla::LocalDate& on) {
  TRY(ordered, sla::order_versions(versions));
  bool known = false;
  std::string last;  // the day it is due on at or before, or else after, the one that was meant
  for (const auto& version : ordered) {
    for (const auto& day : sla::duty_days(version, {}, on)) {
      if (day.due.duty->id != id) continue;
      known = true;
      if (day.due.on == on) return day.due.duty;
      last += (last.empty() ? "" : ", ") + sla::iso_date(day.due.on);
    }
  }
  constexpr std::size_t kTwoDates = 22;
  if (last.size() > kTwoDates) last.erase(0, last.size() - kTwoDates);
  if (known) {
    return fail("duty '" + id + "' is not due on " + sla::iso_date(on) + "; days nearby: " + last);
  }
  return fail("no version that is loaded has a dated duty '" + id +
              "' until then: nines sla obligations FILE --json lists their ids");
}

constexpr std::array kProvidersWords = {"acknowledged", "responded", "updated",
                                        "paused",       "mitigated", "resolved"};

}  // namespace

std::string_view name(ExclusionCase::State state) {
  switch (state) {
    case ExclusionCase::State::claimed:
      return "claimed";
    case ExclusionCase::State::disputed:
      return "disputed";
    case ExclusionCase::State::approved:
      return "approved";
    case ExclusionCase::State::rejected:
      return "rejected";
    case ExclusionCase::State::withdrawn:
      break;
  }
  return "withdrawn";
}

std::string_view name(IncidentCase::State state) {
  switch (state) {
    case IncidentCase::State::open:
      return "open";
    case IncidentCase::State::paused:
      return "paused";
    case IncidentCase::State::resolved:
      return "resolved";
    case IncidentCase::State::closed:
      break;
  }
  return "closed";
}

std::string_view name(RestatementCase::State state) {
  switch (state) {
    case RestatementCase::State::proposed:
      return "proposed";
    case RestatementCase::State::approved:
      return "approved";
    case RestatementCase::State::rejected:
      break;
  }
  return "rejected";
}

Expected<EventBook> EventBook::read(Database& db,
                                    const std::string& agreement,
                                    const std::optional<Cut>& cut) {
  EventBook book;
  bool full = false;
  read_entries_of(db, agreement, [&](const LogEntry& entry) {
    if (entry.kind != "event" || (cut && !cut->counts(entry.at, entry.position))) return true;
    book.take(entry);
    full = book.size() > kMaxStatements;
    return !full;
  });
  TRY_VOID(db.take_failure());
  if (full) return fail("more than " + std::to_string(kMaxStatements) + " statements");
  return book;
}

Expected<void> EventBook::admit(const Actor& actor,
                                const Json& event,
                                const std::vector<sla::Agreement>& versions,
                                WallTime now) const {
  const auto type = member(event, "type");
  if (type == "erasure") return {};  // who may depends on whose texts: collector/journal
  if (count_ >= kMaxStatements) return fail("the agreement has too many statements");
  TRY_VOID(known_service(versions, event));
  if (type == "exclusion") return admit_exclusion(actor, event, versions, now);
  if (type == "incident") return admit_incident(actor, event, versions, now);
  if (type == "restatement") return admit_restatement(actor, event);
  if (type == "signature") return admit_signature(actor, event, versions);
  if (type == "duty") return admit_duty(actor, event, versions);
  if (others_.contains(member(event, "id"))) return fail("this id is taken");
  if (type == "vantage" || type == "check") {
    if (actor.party != Party::provider) return not_yours(actor, "joining and retiring");
    if (const auto at = instant_member(event, "at"); at && *at < now) {
      return fail("'at' lies in the past: what was measured by then was measured so");
    }
  }
  return {};
}

Expected<void> EventBook::admit_exclusion(const Actor& actor,
                                          const Json& event,
                                          const std::vector<sla::Agreement>& versions,
                                          WallTime now) const {
  if (!is_party(actor)) return not_yours(actor, "an exclusion");
  const auto action = member(event, "action");
  const auto id = member(event, "id");
  const auto found = exclusions_.find(id);
  if (action == "announce" || action == "claim") {
    if (found != exclusions_.end()) return fail("exclusion '" + id + "' is there already");
    const auto from = instant_member(event, "from");
    if (action == "announce" && from && *from <= now) {
      return fail("it has begun already: what was not announced before is claimed");
    }
    return {};
  }
  if (found == exclusions_.end()) return fail("there is no exclusion '" + id + "'");
  const auto& known = found->second;
  using State = ExclusionCase::State;
  if (action == "withdraw") {
    if (actor.party != known.party) return not_yours(actor, "withdrawing what another claimed");
    if (known.state == State::withdrawn) return fail("it is withdrawn already");
    return {};
  }
  if (known.claimed_by == actor.name) {
    return fail("may not: nobody decides on what they claimed themselves");
  }
  const auto decider = decider_of(versions, member(known.claim, "kind"), known.party);
  if (actor.party != decider) {
    return fail("may not: this exclusion is decided by the " + std::string(name(decider)));
  }
  const bool decidable = known.state == State::claimed || known.state == State::disputed ||
                         (action == "approve" && known.state == State::rejected);
  if (!decidable || (action == "dispute" && known.state == State::disputed)) {
    return fail("the exclusion is " + std::string(name(known.state)));
  }
  return {};
}

Expected<void> EventBook::admit_incident(const Actor& actor,
                                         const Json& event,
                                         const std::vector<sla::Agreement>&,
                                         WallTime now) const {
  if (!is_party(actor)) return not_yours(actor, "an incident");
  const auto what = member(event, "event");
  const auto id = member(event, "id");
  const auto found = incidents_.find(id);
  if (what == "opened") {
    if (found != incidents_.end()) return fail("incident '" + id + "' is there already");
    if (const auto at = instant_member(event, "at"); at && *at > now) {
      return fail("'at' lies in the future");
    }
    return {};
  }
  if (found == incidents_.end()) return fail("there is no incident '" + id + "'");
  const bool providers =
      std::find(kProvidersWords.begin(), kProvidersWords.end(), what) != kProvidersWords.end();
  if (providers && actor.party != Party::provider) return not_yours(actor, "'" + what + "'");
  using State = IncidentCase::State;
  const auto state = found->second.state;
  const bool running = state == State::open || state == State::paused;
  bool fits = running;  // acknowledged, responded, updated, mitigated, resolved, prioritised
  if (what == "paused") fits = state == State::open;
  if (what == "resumed") fits = state == State::paused;
  if (what == "reopened") fits = !running;
  if (what == "closed") fits = state == State::resolved;
  if (!fits) return fail("the incident is " + std::string(name(state)));
  return {};
}

Expected<void> EventBook::admit_own(const Json& event) const {
  // People must be able to speak whatever a service does.
  if (count_ >= kMaxStatements / 2) return fail("the agreement has too many statements");
  const auto what = member(event, "event");
  const auto id = member(event, "id");
  const auto found = incidents_.find(id);
  const bool there = found != incidents_.end();
  if (what == "opened") {
    return there ? Expected<void>(fail("incident '" + id + "' is there already"))
                 : Expected<void>();
  }
  if (!there || found->second.opened_by != kCollector) {
    return fail("no incident '" + id + "' was opened by the collector");
  }
  const bool fits = what == "resolved" ? found->second.runs()
                                       : found->second.state == IncidentCase::State::resolved;
  if (!fits) return fail("the incident is " + std::string(name(found->second.state)));
  return {};
}

Expected<void> EventBook::admit_restatement(const Actor& actor, const Json& event) const {
  if (!is_party(actor)) return not_yours(actor, "a restatement");
  const auto id = member(event, "id");
  const auto found = restatements_.find(id);
  if (member(event, "action") == "propose") {
    if (found != restatements_.end()) return fail("restatement '" + id + "' is there already");
    return {};
  }
  if (found == restatements_.end()) return fail("there is no restatement '" + id + "'");
  if (found->second.state != RestatementCase::State::proposed) {
    return fail("the restatement is " + std::string(name(found->second.state)));
  }
  if (found->second.party == actor.party) {
    return fail("may not: the other party decides on a restatement");
  }
  return {};
}

Expected<void> EventBook::admit_signature(const Actor& actor,
                                          const Json& event,
                                          const std::vector<sla::Agreement>& versions) const {
  if (!is_party(actor)) return not_yours(actor, "a signature");
  const std::string party(name(actor.party));
  if (member(event, "party") != party) {
    return fail("may not: " + actor.name + " is of the " + party + " and signs for no other party");
  }
  const auto version = member(event, "version");
  const auto digest = member(event, "digest");
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const auto& each) { return each.version == version; });
  if (found == versions.end()) {
    std::string loaded;
    for (const auto& each : versions) loaded += (loaded.empty() ? "" : ", ") + each.version;
    return fail("no version '" + version + "' is loaded here; there is " + loaded);
  }
  if (const auto kept = "sha256:" + hex(found->digest); digest != kept) {
    return fail("you signed " + digest + ", but version " + version + " as it is loaded here is " +
                kept + ": hold the two files against each other (nines sla diff)");
  }
  for (const auto each : {Party::provider, Party::customer}) {
    const auto known = signatures_.find({version, each});
    if (known == signatures_.end()) continue;
    const auto& by = known->second;
    const auto said = "the " + std::string(name(each)) + " signed version " + version + " (" +
                      by.actor + ", " + format_rfc3339(by.at) + ")";
    if (by.digest != digest) {
      return fail(said + " as another text, " + by.digest + ", and this is " + digest +
                  ": a changed text needs a version of its own");
    }
    if (each == actor.party) return fail(said + " already; the first signature counts");
  }
  return {};
}

std::optional<WallTime> EventBook::erased(std::uint64_t position) const {
  const auto found = erased_.find(position);
  return found == erased_.end() ? std::nullopt : std::optional(found->second);
}

Expected<void> EventBook::admit_duty(const Actor& actor,
                                     const Json& event,
                                     const std::vector<sla::Agreement>& versions) const {
  if (!is_party(actor)) return not_yours(actor, "a duty");
  const auto id = member(event, "id");
  const auto found = duties_.find(id);
  if (member(event, "event") == "withdrawn") {
    if (found == duties_.end()) return fail("nothing was said to be done as '" + id + "'");
    if (found->second.withdrawn) return fail("it is withdrawn already");
    if (found->second.party != actor.party) {
      return not_yours(actor, "withdrawing what the other party said");
    }
    return {};
  }
  if (found != duties_.end()) return fail("this id is taken");
  const auto due = member(event, "due");
  const auto on = sla::parse_date(due);
  if (!on) return fail("'due' is no date");
  const auto duty = member(event, "duty");
  TRY(owed, duty_due(versions, duty, *on));
  const auto owner = parse_party(owed->owner);
  if (owner && *owner != Party::auditor && *owner != actor.party) {
    return fail("may not: duty '" + duty + "' is the " + owed->owner + "'s");
  }
  for (const auto& [other, each] : duties_) {
    if (each.withdrawn || each.duty != duty || each.due != due) continue;
    return fail("duty '" + duty + "' of " + due + " is done already: " + each.actor +
                " said so as '" + other + "'");
  }
  return {};
}

void EventBook::take(const LogEntry& entry) {
  const auto json = Json::parse(entry.text, nullptr, false);
  const bool said = json.is_object() && json.contains("event");
  const auto type = said ? member(json["event"], "type") : std::string();
  // Not counted: whoever may be erased must be, however much was said.
  if (type == "erasure") {
    for (const auto position : proto::erased_entries(json)) erased_.emplace(position, entry.at);
    return;
  }
  ++count_;
  if (!said) return;
  lines_.take(json, entry.at);
  const auto& event = json["event"];
  if (type == "exclusion") {
    take_exclusion(json, event, entry);
  } else if (type == "incident") {
    take_incident(json, event, entry.at);
  } else if (type == "restatement") {
    take_restatement(json, event, entry);
  } else if (type == "signature") {
    take_signature(json, event, entry.at);
  } else if (type == "duty") {
    take_duty(json, event, entry.at);
  } else {
    others_.emplace(member(event, "id"), type);
  }
}

void EventBook::take_exclusion(const Json& entry, const Json& event, const LogEntry& of) {
  using State = ExclusionCase::State;
  const auto action = member(event, "action");
  auto& known = exclusions_[member(event, "id")];
  if (action == "announce" || action == "claim") {
    known.claim = event;
    known.claimed_by = member(entry, "actor");
    known.party = parse_party(member(entry, "party")).value_or(Party::auditor);
    known.position = of.position;
    if (action == "announce") known.announced = of.at;
  } else {
    known.state = action == "approve"    ? State::approved
                  : action == "reject"   ? State::rejected
                  : action == "withdraw" ? State::withdrawn
                                         : State::disputed;
    known.decided_by = member(entry, "actor");
    known.decided_at = of.at;
  }
}

void EventBook::take_incident(const Json& entry, const Json& event, WallTime at) {
  using State = IncidentCase::State;
  const auto what = member(event, "event");
  auto& known = incidents_[member(event, "id")];
  if (what == "opened") {
    known.service = member(event, "service");
    known.opened = instant_member(event, "at").value_or(at);
    known.said = at;
    known.opened_by = member(entry, "actor");
  }
  if (event.contains("priority")) known.priority = member(event, "priority");
  if (what == "acknowledged" && !known.acknowledged) {
    known.acknowledged = at;
    known.acknowledged_by = member(entry, "actor");
  }
  if (what == "opened" || what == "resumed" || what == "reopened") known.state = State::open;
  if (what == "paused") known.state = State::paused;
  if (what == "resolved") known.state = State::resolved;
  if (what == "closed") known.state = State::closed;
  if (what == "resolved") known.until = instant_member(event, "until").value_or(at);
  if (what == "reopened") {
    known.until.reset();
    known.acknowledged.reset();  // of the time before
  }
}

void EventBook::take_restatement(const Json& entry, const Json& event, const LogEntry& of) {
  using State = RestatementCase::State;
  const auto action = member(event, "action");
  auto& known = restatements_[member(event, "id")];
  if (action == "propose") {
    known.period = member(event, "period");
    known.reason = member(event, "reason");
    known.proposed_by = member(entry, "actor");
    known.party = parse_party(member(entry, "party")).value_or(Party::auditor);
    known.proposed_at = of.at;
    known.position = of.position;
    return;
  }
  known.state = action == "approve" ? State::approved : State::rejected;
  known.decided_by = member(entry, "actor");
}

void EventBook::take_signature(const Json& entry, const Json& event, WallTime at) {
  const auto party = parse_party(member(event, "party"));
  if (!party || *party == Party::auditor) return;
  signatures_.try_emplace({member(event, "version"), *party},
                          SignatureCase{member(event, "digest"), member(entry, "actor"), at});
}

void EventBook::take_duty(const Json& entry, const Json& event, WallTime at) {
  auto& known = duties_[member(event, "id")];
  if (member(event, "event") == "withdrawn") {
    known.withdrawn = true;
    return;
  }
  known.duty = member(event, "duty");
  known.due = member(event, "due");
  known.evidence = member(event, "evidence");
  known.actor = member(entry, "actor");
  known.party = parse_party(member(entry, "party")).value_or(Party::auditor);
  known.at = at;
}

Party decider_of(const std::vector<sla::Agreement>& versions,
                 const std::string& kind,
                 Party claimant) {
  const sla::Agreement* newest = nullptr;
  std::string named;
  for (const sla::Agreement& version : versions) {
    if (newest != nullptr && version.effective_from < newest->effective_from) continue;
    for (const sla::ExclusionKind& each : version.exclusions.kinds) {
      if (each.name != kind) continue;
      newest = &version;
      named = each.accepted_by;
    }
  }
  const auto party = parse_party(named);
  if (party && *party != claimant) return *party;
  return claimant == Party::provider ? Party::customer : Party::provider;
}

}  // namespace nines::collector
