// SPDX-License-Identifier: Apache-2.0
#include "collector/live_view.h"

#include <algorithm>
#include <set>

#include "sla/render/report_sentences.h"

namespace nines::collector {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson instant(WallTime at) { return format_rfc3339(at); }

OrderedJson instant(const std::optional<WallTime>& at) {
  return at ? instant(*at) : OrderedJson(nullptr);
}

OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

OrderedJson budget_json(const sla::ObjectiveReport& o) {
  if (!o.budget) return nullptr;
  const auto seconds = [](const sla::Rational& ns) {
    return sla::floor_text(sla::in_seconds(ns), 3);
  };
  return {{"total_s", seconds(o.budget->total_ns)}, {"left_s", seconds(o.budget->left_ns())}};
}

OrderedJson objective_json(const sla::ObjectiveReport& o) {
  OrderedJson out{
      {"name", o.name},
      {"service", o.service},
      {"statistic", sla::name(o.statistic)},
      {"from", instant(WallTime{o.period.from})},
      {"to", instant(WallTime{o.period.to})},
      {"target", o.target},
      {"value", o.nominal ? OrderedJson(sla::shown_number(o, *o.nominal)) : OrderedJson(nullptr)},
      {"verdict", sla::name(o.verdict)},
      {"unmeasured_percent", nullptr},
      {"budget", budget_json(o)},
      {"outlook", o.outlook ? OrderedJson(sla::name(*o.outlook)) : OrderedJson(nullptr)}};
  if (o.seconds.accountable() > 0) {
    const sla::Rational share(sla::Integer(o.seconds.unknown),
                              sla::Integer(o.seconds.accountable()));
    out["unmeasured_percent"] = sla::ceil_text(share * sla::Rational(100), 2);
  }
  return out;
}

OrderedJson checks_json(const LiveAgreement& agreement) {
  OrderedJson out = OrderedJson::array();
  for (const auto& each : agreement.checks) {
    out.push_back({{"name", each.check},
                   {"service", each.service},
                   {"vantage", each.vantage},
                   {"state", name(each.outcome)},
                   {"silent", each.silent},
                   {"since", instant(each.since)},
                   {"since_before", each.since_before},
                   {"last", instant(each.last)},
                   {"reason", text_or_null(each.reason)},
                   {"detail", text_or_null(each.detail)}});
  }
  return out;
}

OrderedJson services_json(const Judged& judged) {
  OrderedJson out = OrderedJson::array();
  for (const auto& each : judged.services) {
    out.push_back({{"name", each.service},
                   {"state", sla::name(each.phase)},
                   {"since", instant(each.since)},
                   {"since_before", each.since_before}});
  }
  return out;
}

OrderedJson said_json(const LiveAgreement& agreement) {
  OrderedJson incidents = OrderedJson::array();
  for (const auto& [id, what] : agreement.incidents) {
    incidents.push_back({{"id", id},
                         {"service", text_or_null(what.service)},
                         {"priority", text_or_null(what.priority)},
                         {"state", name(what.state)},
                         {"opened", instant(what.opened)}});
  }
  OrderedJson exclusions = OrderedJson::array();
  for (const auto& each : agreement.exclusions) {
    exclusions.push_back({{"id", each.id},
                          {"kind", each.kind},
                          {"service", text_or_null(each.service)},
                          {"state", each.state},
                          {"from", instant(each.from)},
                          {"to", instant(each.to)},
                          {"running", each.running}});
  }
  OrderedJson reports = OrderedJson::array();
  for (const auto& each : agreement.reports) {
    reports.push_back({{"period", each.period},
                       {"revision", each.revision},
                       {"sealed", instant(each.sealed)},
                       {"verdict", sla::name(each.verdict)}});
  }
  return {{"incidents", incidents}, {"exclusions", exclusions}, {"reports", reports}};
}

OrderedJson agreement_json(const LiveAgreement& agreement) {
  const auto* judged = agreement.judged.get();
  OrderedJson objectives = OrderedJson::array();
  if (judged != nullptr && judged->report) {
    for (const auto& each : judged->report->objectives) objectives.push_back(objective_json(each));
  }
  OrderedJson out{
      {"name", agreement.name},
      {"version", agreement.version},
      {"zone", agreement.zone.name()},
      {"judged", judged != nullptr ? instant(judged->at) : OrderedJson(nullptr)},
      {"trouble", judged != nullptr ? text_or_null(judged->trouble) : OrderedJson(nullptr)},
      {"objectives", objectives},
      {"services", judged != nullptr ? services_json(*judged) : OrderedJson::array()},
      {"checks", checks_json(agreement)}};
  out.update(said_json(agreement));
  out["left_out"] = {{"checks", agreement.more_checks},
                     {"incidents", agreement.more_incidents},
                     {"exclusions", agreement.more_exclusions}};
  return out;
}

OrderedJson agents_json(const Visible& visible, WallTime now) {
  OrderedJson out = OrderedJson::array();
  for (const auto& [name, agent] : visible.agents) {
    if (agent == nullptr) {
      out.push_back({{"name", name}, {"last_seen", nullptr}});
      continue;
    }
    const auto silent = std::max<std::int64_t>(0, (now - agent->seen).count() / kSecondNs);
    out.push_back({{"name", name},
                   {"last_seen", instant(agent->seen)},
                   {"silent_s", silent},
                   {"oldest_unsent_not_before", instant(agent->complete_to)},
                   {"forks", agent->forks}});
  }
  return out;
}

}  // namespace

Visible visible_to(const Viewer& viewer, const Live& live) {
  Visible out;
  std::set<std::string> names;
  for (const auto& each : live.agreements) {
    if (viewer.actor != nullptr && !viewer.actor->sees(each.name)) continue;
    if (viewer.agreement && *viewer.agreement != each.name) continue;
    if (out.agreements.size() == kMostShown) {
      ++out.more_agreements;
      continue;
    }
    out.agreements.push_back(&each);
    names.insert(each.vantages.begin(), each.vantages.end());
  }
  const bool everything = (viewer.actor == nullptr || viewer.actor->sees_all) && !viewer.agreement;
  if (everything) {
    for (const auto& [name, agent] : live.agents) names.insert(name);
  }
  for (const auto& name : names) {
    if (out.agents.size() == kMostAgents) {
      ++out.more_agents;
      continue;
    }
    const auto found = live.agents.find(name);
    out.agents.emplace_back(name, found == live.agents.end() ? nullptr : &found->second);
  }
  return out;
}

std::string live_json(const Live& live, const Visible& visible, WallTime now, Duration age) {
  OrderedJson agreements = OrderedJson::array();
  for (const auto* each : visible.agreements) agreements.push_back(agreement_json(*each));
  auto head = OrderedJson::parse(head_json(live.head), nullptr, false);
  if (head.is_discarded()) head = nullptr;
  const OrderedJson out{{"now", instant(now)},
                        {"as_of", instant(live.as_of)},
                        {"age_ms", age.count() / 1'000'000},
                        {"agreements", agreements},
                        {"more_agreements", visible.more_agreements},
                        {"agents", agents_json(visible, now)},
                        {"more_agents", visible.more_agents},
                        {"log", head}};
  return out.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace nines::collector
