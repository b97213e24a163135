// SPDX-License-Identifier: Apache-2.0
#include "alerts/condition.h"

#include <algorithm>

namespace nines::alerts {
namespace {

constexpr const char* kPage = "page";
constexpr const char* kTicket = "ticket";

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// Parts are joined by ':', so other characters than those of names become '~' and their code: keys
// of different parts stay different.
std::string key_of(std::initializer_list<std::string_view> parts) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string key;
  for (const auto part : parts) {
    if (!key.empty()) key += ':';
    for (const char c : part) {
      if (plain(c)) {
        key += c;
        continue;
      }
      const auto byte = static_cast<unsigned char>(c);
      key += '~';
      key += kDigits[byte >> 4];
      key += kDigits[byte & 15];
    }
  }
  return key;
}

Condition condition_of(Kind kind, std::string key, Labels labels, const std::string& severity) {
  Condition out;
  out.key = std::move(key);
  out.kind = kind;
  out.labels = std::move(labels);
  out.labels["kind"] = std::string(name(kind));
  out.labels["severity"] = severity;
  return out;
}

Labels labels_of(const sla::Report& report, const sla::ObjectiveReport& objective) {
  return {{"agreement", report.agreement},
          {"objective", objective.name},
          {"service", objective.service}};
}

std::string seconds_of(const sla::Rational& ns) {
  return sla::floor_text(ns / sla::Rational(kSecondNs), 0);
}

Condition burn_condition(const sla::Report& report,
                         const sla::ObjectiveReport& objective,
                         const sla::BurnAlert& burn) {
  const auto windows = format_duration(burn.long_window) + "-" + format_duration(burn.short_window);
  auto out = condition_of(
      Kind::burn, key_of({"burn", report.agreement, objective.name, burn.severity, windows}),
      labels_of(report, objective), burn.severity);
  if (burn.frozen) out.state = Condition::State::frozen;
  const auto fast = sla::floor_text(burn.long_burn, 1);
  out.text = objective.name + " of " + objective.service + " burns its budget " + fast +
             " times too fast (" + format_duration(burn.long_window) + "), " +
             sla::floor_text(burn.short_burn, 1) + " times (" + format_duration(burn.short_window) +
             ")";
  out.figures = {{"long_window", format_duration(burn.long_window)},
                 {"short_window", format_duration(burn.short_window)},
                 {"long_burn", sla::floor_text(burn.long_burn, 3)},
                 {"short_burn", sla::floor_text(burn.short_burn, 3)},
                 {"threshold", sla::floor_text(burn.threshold, 3)},
                 {"bad_results", std::to_string(burn.bad_results)},
                 {"target", objective.target}};
  if (burn.exhausts_in_ns) out.figures["exhausts_in_s"] = seconds_of(*burn.exhausts_in_ns);
  return out;
}

void add_budget(const sla::Report& report,
                const sla::ObjectiveReport& objective,
                const std::vector<std::string>& warn_at,
                std::vector<Condition>& out) {
  if (!objective.budget || !(objective.budget->total_ns > sla::Rational(0))) return;
  const auto& budget = *objective.budget;
  const auto used = sla::Rational(budget.used_ns) * sla::Rational(100) / budget.total_ns;
  const auto period = format_rfc3339(WallTime{objective.period.from});
  for (const auto& percent : warn_at) {
    const auto limit = sla::parse_decimal(percent);
    if (!limit || used < *limit) continue;
    auto one = condition_of(Kind::budget,
                            key_of({"budget", report.agreement, objective.name, percent, period}),
                            labels_of(report, objective), kTicket);
    one.text = objective.name + " of " + objective.service + " has used " +
               sla::floor_text(used, 1) + " % of its budget, " + percent +
               " % is where a warning was agreed";
    one.figures = {{"used_percent", sla::floor_text(used, 3)},
                   {"warn_at_percent", percent},
                   {"used_s", seconds_of(sla::Rational(budget.used_ns))},
                   {"total_s", seconds_of(budget.total_ns)},
                   {"left_s", seconds_of(budget.left_ns())},
                   {"period_from", period},
                   {"period_to", format_rfc3339(WallTime{objective.period.to})}};
    out.push_back(std::move(one));
  }
}

std::string whole_days(Duration left) {
  const auto days = std::chrono::floor<std::chrono::days>(left).count();
  return std::to_string(days) + (days == 1 || days == -1 ? " day" : " days");
}

Condition expiry_condition(const SeenCertificate& seen, int days, WallTime now) {
  auto out = condition_of(Kind::certificate_expiry, key_of({"certificate", seen.check}),
                          {{"check", seen.check}, {"vantage", seen.vantage}}, kTicket);
  const auto left = seen.expires - now;
  out.text = "the certificate of " + seen.check +
             (left > Duration(0) ? " expires in " + whole_days(left) : " has expired") + ", at " +
             format_rfc3339(seen.expires);
  out.figures = {{"expires", format_rfc3339(seen.expires)},
                 {"seen", format_rfc3339(seen.seen)},
                 {"warn_days", std::to_string(days)}};
  return out;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

Condition duty_condition(const sla::Agreement& agreement, const sla::DutyDay& of, WallTime now) {
  const auto& [duty, on, remind_from, number] = of.due;
  const auto due = sla::iso_date(on);
  auto out = condition_of(Kind::duty, key_of({"duty", agreement.name, duty->id, due}),
                          {{"agreement", agreement.name}, {"duty", duty->id}}, kTicket);
  out.labels["owner"] = duty->owner;
  const auto days =
      hours(24) * std::abs(sla::day_number(on) - sla::day_number(agreement.zone.date_at(now)));
  const bool missed = of.state == sla::DutyDay::State::missed;
  out.text = one_line(duty->owner) + " owes " + one_line(duty->id) + " (" + one_line(duty->what) +
             "): " +
             (missed ? "it was due on " + due + ", " + whole_days(days) + " ago, and was missed"
                     : "it is due on " + due + ", in " + whole_days(days) + ", and not done yet");
  out.figures = {{"due", due},
                 {"remind_from", sla::iso_date(remind_from)},
                 {"state", std::string(sla::name(of.state))},
                 {"what", duty->what}};
  if (!duty->evidence.empty()) out.figures["evidence"] = duty->evidence;
  out.since = agreement.zone.instant(remind_from);
  return out;
}

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::burn:
      return "burn";
    case Kind::budget:
      return "budget";
    case Kind::incident:
      return "incident";
    case Kind::certificate_expiry:
      return "certificate_expiry";
    case Kind::agent_silent:
      return "agent_silent";
    case Kind::duty:
      break;
  }
  return "duty";
}

std::vector<Condition> report_conditions(const sla::Report& report,
                                         const std::vector<sla::Agreement>& versions) {
  std::vector<Condition> out;
  const std::vector<std::string> none;
  const auto version = std::find_if(versions.begin(), versions.end(),
                                    [&](const auto& each) { return each.digest == report.digest; });
  const auto& warn_at = version == versions.end() ? none : version->conduct.communication.warn_at;
  for (const auto& objective : report.objectives) {
    for (const auto& burn : objective.burn) {
      if (burn.fires || burn.frozen) out.push_back(burn_condition(report, objective, burn));
    }
    add_budget(report, objective, warn_at, out);
  }
  return out;
}

Condition incident_condition(const RunningIncident& incident) {
  Labels labels{
      {"agreement", incident.agreement}, {"service", incident.service}, {"incident", incident.id}};
  if (!incident.priority.empty()) labels["priority"] = incident.priority;
  auto out = condition_of(Kind::incident, key_of({"incident", incident.agreement, incident.id}),
                          std::move(labels), kPage);
  out.text = incident.service + " has an open incident, " + incident.id + ": it began at " +
             format_rfc3339(incident.opened);
  out.figures = {{"first_failure", format_rfc3339(incident.opened)},
                 {"confirmed", format_rfc3339(incident.said)},
                 {"opened_by", incident.by}};
  out.since = incident.opened;
  out.acknowledged = incident.acknowledged;
  return out;
}

std::vector<Condition> certificate_conditions(const std::vector<SeenCertificate>& seen,
                                              int days,
                                              WallTime now) {
  std::map<std::string, std::pair<const SeenCertificate*, bool>> of_check;  // and whether fresh
  for (const auto& each : seen) {
    const bool fresh = now - each.seen <= kCertificateFresh;
    auto [place, first] = of_check.try_emplace(each.check, &each, fresh);
    auto& [best, best_is_fresh] = place->second;
    const bool better = fresh != best_is_fresh ? fresh : each.expires < best->expires;
    if (!first && better) place->second = {&each, fresh};
  }
  std::vector<Condition> out;
  for (const auto& [check, best] : of_check) {
    const bool near = best.first->expires - now < hours(24) * days;
    if (!near && best.second) continue;
    auto one = expiry_condition(*best.first, days, now);
    if (!best.second) one.state = Condition::State::frozen;
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Condition> silence_conditions(const std::vector<SeenAgent>& agents,
                                          Duration limit,
                                          WallTime watched_since,
                                          WallTime now) {
  std::vector<Condition> out;
  for (const auto& agent : agents) {
    const bool gone = now - agent.last > kAgentForgotten;
    if (agent.retired || gone || now - std::max(agent.last, watched_since) <= limit) continue;
    auto one = condition_of(Kind::agent_silent, key_of({"agent", agent.name}),
                            {{"agent", agent.name}, {"vantage", agent.name}}, kTicket);
    one.text = "agent " + agent.name + " was last heard of at " + format_rfc3339(agent.last);
    one.figures = {{"last_seen", format_rfc3339(agent.last)}, {"limit", format_duration(limit)}};
    one.since = agent.last;
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Condition> duty_conditions(const std::vector<sla::InForce>& versions,
                                       const std::vector<sla::DutyEvent>& said,
                                       WallTime now) {
  std::vector<Condition> out;
  std::set<std::string> keys;                 // two versions may meet on a due day
  std::map<std::string, std::size_t> missed;  // by duty
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    const sla::Agreement& agreement = *version->agreement;
    if (version->span.from > now.ns) continue;
    const auto day = agreement.zone.date_at(now);
    const auto days = sla::duty_days(*version, said, day);
    for (auto each = days.rbegin(); each != days.rend(); ++each) {
      if (each->state == sla::DutyDay::State::done || each->due.remind_from > day) continue;
      const bool late = each->state == sla::DutyDay::State::missed;
      if (late && ++missed[each->due.duty->id] > kMissedDays) continue;
      auto one = duty_condition(agreement, *each, now);
      if (keys.insert(one.key).second) out.push_back(std::move(one));
    }
  }
  return out;
}

void silence(std::vector<Condition>& conditions, const Services& services) {
  for (auto& each : conditions) {
    const auto agreement = each.labels.find("agreement");
    const auto service = each.labels.find("service");
    if (agreement == each.labels.end() || service == each.labels.end()) continue;
    if (each.state == Condition::State::holds &&
        services.contains({agreement->second, service->second})) {
      each.state = Condition::State::silenced;
    }
  }
}

}  // namespace nines::alerts
