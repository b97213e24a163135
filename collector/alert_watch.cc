// SPDX-License-Identifier: Apache-2.0
#include "collector/alert_watch.h"

#include <algorithm>
#include <sstream>

#include "proto/event_lines.h"
#include "sla/input/events_file.h"
#include "sla/rules/membership.h"
#include "sla/text/versions.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;
using alerts::Step;

// Checks of which some vantage saw a failure lately; all others have nothing to confirm.
Expected<std::set<std::string>> failing_checks(Database& db, WallTime since) {
  std::set<std::string> out;
  auto rows = db.rows(
      "SELECT DISTINCT l.check_name FROM latest l JOIN timeline t ON t.agent = l.agent AND "
      "t.check_name = l.check_name AND t.hour >= ?1 AND t.down > 0",
      since.ns / kHourNs - 1);
  while (rows.next()) out.insert(rows.text(0));
  TRY_VOID(db.take_failure());
  return out;
}

Expected<std::vector<alerts::SeenCertificate>> certificates_seen(Database& db) {
  std::vector<alerts::SeenCertificate> out;
  auto rows = db.rows(
      "SELECT agent, check_name, started_ns, result FROM latest WHERE result LIKE "
      "'%\"expires\"%'");
  while (rows.next()) {
    const auto result = Json::parse(rows.text(3), nullptr, false);
    if (!result.is_object() || !result.contains("tls")) continue;
    const auto expires = proto::instant_member(result["tls"], "expires");
    if (!expires) continue;
    out.push_back({rows.text(1), rows.text(0), *expires, WallTime{rows.integer(2)}});
  }
  TRY_VOID(db.take_failure());
  return out;
}

Expected<std::vector<alerts::SeenAgent>> agents_seen(Database& db) {
  TRY(names, all_agents(db));
  std::vector<alerts::SeenAgent> out;
  for (const auto& agent : names) {
    auto rows = db.rows("SELECT max(received_ns) FROM headers WHERE agent = ?1", agent);
    if (rows.next() && !rows.null(0)) out.push_back({agent, WallTime{rows.integer(0)}, false});
  }
  TRY_VOID(db.take_failure());
  return out;
}

std::vector<alerts::KnownIncident> incidents_of(const EventBook& book, const std::string& service) {
  std::vector<alerts::KnownIncident> out;
  for (const auto& [id, each] : book.incidents()) {
    if (each.service != service) continue;
    alerts::KnownIncident known{id, each.opened, each.until, each.opened_by == kCollector,
                                each.state == IncidentCase::State::closed};
    if (each.runs()) known.until.reset();
    out.push_back(std::move(known));
  }
  return out;
}

std::vector<alerts::Condition> running_incidents(const EventBook& book,
                                                 const std::string& agreement) {
  std::vector<alerts::Condition> out;
  for (const auto& [id, each] : book.incidents()) {
    if (!each.runs()) continue;
    alerts::RunningIncident running{agreement,   id,        each.service,   each.priority,
                                    each.opened, each.said, each.opened_by, {}};
    if (each.acknowledged) {
      running.acknowledged = alerts::Acknowledgement{each.acknowledged_by, *each.acknowledged};
    }
    out.push_back(alerts::incident_condition(running));
  }
  return out;
}

// Which services need a look: with checks that failed lately, or with an incident of ours.
std::vector<std::string> services_to_see(const sla::Agreement& version,
                                         const EventBook& book,
                                         const std::set<std::string>& failing) {
  std::vector<std::string> out;
  for (const auto& service : version.services) {
    const auto parts = version.composition.find(service);
    if (parts == version.composition.end()) continue;
    const bool fails = std::any_of(parts->second.begin(), parts->second.end(),
                                   [&](const auto& check) { return failing.contains(check); });
    const bool runs =
        std::any_of(book.incidents().begin(), book.incidents().end(), [&](const auto& one) {
          return one.second.runs() && one.second.opened_by == kCollector &&
                 one.second.service == service;
        });
    if (fails || runs) out.push_back(service);
  }
  return out;
}

Json event_of(const Step& step, const std::string& service, const sla::Agreement& version) {
  Json event{{"type", "incident"}, {"id", step.id}, {"note", step.note}};
  if (step.what == Step::What::open) {
    event["event"] = "opened";
    event["service"] = service;
    event["at"] = format_rfc3339(step.at);
    // A service that is down is what the highest priority is for.
    if (version.support && !version.support->priorities.empty()) {
      event["priority"] = version.support->priorities.front().name;
    }
  } else if (step.what == Step::What::reopen) {
    event["event"] = "reopened";
    event["since"] = format_rfc3339(step.at);
  } else {
    event["event"] = "resolved";
    event["until"] = format_rfc3339(step.at);
  }
  return event;
}

// An outage that was over long before it became known helps nobody to act; the report has it.
void leave_out_old(alerts::ServiceState& state, WallTime since) {
  std::erase_if(state.outages,
                [&](const alerts::Outage& each) { return each.to && *each.to < since; });
}

bool may_begin_before(const alerts::ServiceState& state, const std::vector<Step>& steps) {
  return state.begins_before && !state.outages.empty() &&
         std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
           return step.what == Step::What::open && step.at == state.outages.back().from;
         });
}

}  // namespace

Expected<const AlertWatch::Said*> AlertWatch::said_of(Database& db, const std::string& agreement) {
  std::uint64_t position = 0;
  {
    auto rows =
        db.rows("SELECT coalesce(max(position) + 1, 0) FROM log WHERE agreement = ?1", agreement);
    if (rows.next()) position = rows.count(0);
  }
  auto& known = said_[agreement];
  if (known.position == position && position != 0) return &known;
  TRY(book, EventBook::read(db, agreement));
  std::istringstream lines(book.lines());
  TRY(events, sla::read_events(lines, "events"));
  known = {position, std::move(book), std::move(events)};
  return &known;
}

Expected<void> AlertWatch::look_at(Database& db,
                                   const std::string& agreement,
                                   const std::vector<sla::Agreement>& versions,
                                   const std::set<std::string>& failing,
                                   const alerts::Settings& settings,
                                   WallTime now,
                                   Seen& out) {
  TRY(said, said_of(db, agreement));
  const auto& [position, book, events] = *said;
  out.incidents[agreement] = running_incidents(book, agreement);
  TRY(ordered, sla::order_versions(versions));
  out.duties[agreement] = alerts::duty_conditions(ordered, events.duties, now);
  const auto& in_force = sla::version_at(ordered, now.ns);
  const auto& version = *in_force.agreement;
  if (now.ns < in_force.span.from || now.ns >= in_force.span.to) return {};
  for (const auto& service : version.services) {
    if (version.exclusions.kinds.empty() && events.exclusions.empty()) break;
    if (alerts::excluded_of(version, events, service, now).contains(now.ns)) {
      out.silenced.insert({agreement, service});
    }
  }
  if (!settings.incident.open) return {};
  const auto services = services_to_see(version, book, failing);
  if (services.empty()) return {};
  TRY(needed, results_needed(db, versions, {{}, now}));
  // A failure that began before the results that were read is followed back.
  std::vector<Seen::Said> to_say;
  for (Duration reach = kOutageReach;; reach = std::min<Duration>(reach * 8, kOutageReachMost)) {
    to_say.clear();
    bool further = false;
    const sla::Interval window{(now - reach).ns, now.ns};
    needed.from = now - reach - hours(1);
    TRY(series, read_series(db, needed));
    alerts::ServiceStates states(version, std::move(series), events, settings.incident, window);
    for (const auto& service : services) {
      auto state = states.of(service);
      leave_out_old(state, now - kOutageReach);
      const auto steps =
          alerts::steps_of(service, state, incidents_of(book, service), settings.incident);
      further = further || may_begin_before(state, steps);
      for (const auto& step : steps) {
        to_say.push_back({agreement, event_of(step, service, version)});
      }
    }
    if (!further || reach >= kOutageReachMost) break;
  }
  out.to_say.insert(out.to_say.end(), to_say.begin(), to_say.end());
  return {};
}

// Whom an agreement let go is not missed, unless another lists it.
void AlertWatch::mark_retired(std::vector<alerts::SeenAgent>& agents,
                              const Agreements& agreements,
                              WallTime now) const {
  std::set<std::string> let_go, listed;
  for (const auto& [name, versions] : agreements.all()) {
    const auto said = said_.find(name);
    if (said == said_.end()) continue;
    const sla::Memberships memberships(said->second.events.memberships);
    const auto& list = versions.back().vantages;
    for (const auto& agent : agents) {
      const auto* in_service = memberships.of(sla::MembershipEvent::Of::vantage, agent.name);
      const bool serves = in_service == nullptr || in_service->contains(now.ns);
      if (!serves) {
        let_go.insert(agent.name);
      } else if (std::find(list.begin(), list.end(), agent.name) != list.end()) {
        listed.insert(agent.name);
      }
    }
  }
  for (auto& agent : agents) {
    agent.retired = let_go.contains(agent.name) && !listed.contains(agent.name);
  }
}

Expected<Seen> AlertWatch::look(Database& db,
                                const Agreements& agreements,
                                const alerts::Settings& settings,
                                WallTime now) {
  Seen out;
  TRY(failing, failing_checks(db, now - kOutageReach));
  for (const auto& [name, versions] : agreements.all()) {
    const auto looked = look_at(db, name, versions, failing, settings, now, out);
    if (!looked) {
      out.complaints.push_back("agreement '" + name + "': " + looked.error().message);
    }
  }
  std::erase_if(said_, [&](const auto& one) { return agreements.find(one.first) == nullptr; });
  TRY(agents, agents_seen(db));
  mark_retired(agents, agreements, now);
  out.agents = alerts::silence_conditions(agents, settings.agent_silent, since_, now);
  const bool due = !certificates_looked_ || now < *certificates_looked_ ||
                   now - *certificates_looked_ >= kLookAtCertificates;
  if (!due) return out;
  TRY(certificates, certificates_seen(db));
  out.certificates = alerts::certificate_conditions(certificates, settings.certificate_days, now);
  certificates_looked_ = now;
  return out;
}

}  // namespace nines::collector
