// SPDX-License-Identifier: Apache-2.0
// `objectives`: the promises with their targets and periods.
#include <algorithm>

#include "sla/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;
using Statistic = Objective::Statistic;

constexpr Duration kDay = hours(24);
constexpr int kMostRollingDays = 3660;

void decode_rolling(const Node& node, Objective& objective, Decoding& d) {
  const auto length = config::as_duration(node, kDay, kDay * kMostRollingDays, d.complaints);
  if (!length) return;
  if (*length % kDay != Duration(0)) {
    d.complaints.add(node.place(), "a rolling period is whole days (write 30d)");
    return;
  }
  objective.period = {PeriodRule::Kind::rolling, static_cast<int>(*length / kDay)};
}

void decode_calendar(const Node& node, Objective& objective, Decoding& d) {
  using Kind = PeriodRule::Kind;
  constexpr std::pair<std::string_view, Kind> kKinds[] = {{"day", Kind::day},
                                                          {"week", Kind::week},
                                                          {"month", Kind::month},
                                                          {"quarter", Kind::quarter},
                                                          {"year", Kind::year}};
  const auto text = config::as_text(node, d.complaints);
  if (!text) return;
  for (const auto& [word, kind] : kKinds) {
    if (*text != word) continue;
    objective.period = {kind, 0};
    return;
  }
  d.complaints.add(node.place(), config::shown(*text) +
                                     " is no calendar period (day, week, month, quarter or year)");
}

void decode_period(const Node& node, Objective& objective, Decoding& d) {
  Mapping period(node, d.complaints, "period");
  const Node* calendar = period.take("calendar");
  const Node* rolling = period.take("rolling");
  if (const Node* zone = period.take("timeZone")) {
    if (const auto found = as_zone(*zone, d.complaints)) objective.zone = *found;
  }
  if (calendar != nullptr) decode_calendar(*calendar, objective, d);
  if (rolling != nullptr) decode_rolling(*rolling, objective, d);
  if (node.kind() == Node::Kind::mapping && (calendar != nullptr) == (rolling != nullptr)) {
    d.complaints.add(node.place(), "a period is either {calendar: month} or {rolling: 30d}");
  }
  period.finish();
}

void decode_service(Mapping& mapping, Objective& objective, Decoding& d) {
  const auto& services = d.agreement.services;
  const Node* node = mapping.take("service");
  if (node == nullptr && services.size() == 1) {
    objective.service = services.front();
  } else if (node == nullptr) {
    d.complaints.add(mapping.node().place(),
                     "objective '" + objective.name + "' must say of which 'service' it speaks");
  } else if (const auto text = config::as_text(*node, d.complaints)) {
    objective.service = *text;
    if (holds(services, *text)) return;
    const std::string near = config::nearest(*text, services);
    d.complaints.add(node->place(), "objective '" + objective.name + "' speaks of service " +
                                        config::shown(*text) + ", which the scope does not list" +
                                        (near.empty() ? "" : " (did you mean '" + near + "'?)"));
  }
}

void decode_serves(Mapping& mapping, Objective& objective, Decoding& d) {
  const Node* node = mapping.take("serves");
  if (node == nullptr) return;
  objective.serves = config::as_texts(*node, d.complaints).value_or(std::vector<std::string>{});
  for (const std::string& id : objective.serves) {
    if (holds(d.agreement.needs, id)) continue;
    d.complaints.add(node->place(), "objective '" + objective.name + "' serves the need " +
                                        config::shown(id) + ", which 'needs' does not list");
  }
}

void decode_target(Mapping& mapping, Objective& objective, Decoding& d) {
  const Node* target = mapping.require("target");
  if (target == nullptr) return;
  const auto share = as_percentage(*target, d.complaints);
  if (!share) return;
  if (*share == Rational(0)) d.complaints.add(target->place(), "a target of 0 promises nothing");
  objective.target = *share;
  objective.target_text = target->text();
}

void decode_availability(Mapping& mapping, Objective& objective, Decoding& d) {
  const Node* method = mapping.take("method");
  if (method != nullptr && method->text() != "time") {
    refuse_value(*method, "method", "time", d.complaints);
  }
  decode_target(mapping, objective, d);
}

void decode_mean(Mapping& mapping, Objective& objective, Decoding& d) {
  const Node* of = mapping.take("of");
  if (of != nullptr && of->text() != "successful") {
    refuse_value(*of, "of", "successful", d.complaints);
  }
  const Node* max = mapping.require("max");
  if (max == nullptr) return;
  if (const auto length = config::as_duration(*max, microseconds(1), kDay, d.complaints)) {
    objective.max = *length;
  }
}

void decode_statistic(Mapping& mapping, Objective& objective, Decoding& d) {
  const Node* statistic = mapping.take("statistic");
  const std::string text = statistic != nullptr ? statistic->text() : "availability";
  if (text == "availability") {
    objective.statistic = Statistic::availability;
    decode_availability(mapping, objective, d);
  } else if (text == "mean") {
    objective.statistic = Statistic::mean;
    decode_mean(mapping, objective, d);
  } else {
    refuse_value(*statistic, "statistic", "availability or mean", d.complaints);
    for (const char* key : {"method", "target", "of", "max", "threshold"}) mapping.take(key);
  }
}

void decode_one(const Node& node, Decoding& d) {
  const std::size_t before = d.complaints.size();
  Objective objective;
  objective.zone = d.agreement.zone;
  const Node* name = node.find("name");
  const bool named = name != nullptr && name->kind() == Node::Kind::scalar;
  Mapping mapping(node, d.complaints,
                  named ? "objective " + config::shown(name->text()) : "the objective");
  if (mapping.require("name") != nullptr) {
    objective.name = as_name(*name, d.complaints).value_or("");
  }
  for (const char* words : {"displayName", "description"}) mapping.take(words);
  decode_service(mapping, objective, d);
  decode_serves(mapping, objective, d);
  decode_statistic(mapping, objective, d);
  if (const Node* period = mapping.take("period")) decode_period(*period, objective, d);
  const Node* hours = mapping.take("hours");
  if (hours != nullptr && hours->text() != "always") {
    refuse_value(*hours, "hours", "always", d.complaints);
  }
  const Node* partial = mapping.take("partialPeriod");
  if (partial != nullptr && partial->text() != "prorate") {
    refuse_value(*partial, "partialPeriod", "prorate", d.complaints);
  }
  refuse_keys(mapping,
              {"alsoReport", "imputeTimeout", "timeSliceTarget", "timeSliceWindow", "emptySlice"},
              d.complaints);
  mapping.finish();
  if (d.complaints.size() != before) return;
  for (const Objective& other : d.agreement.objectives) {
    if (other.name != objective.name) continue;
    d.complaints.add(node.place(), "a second objective with the name '" + objective.name + "'");
    return;
  }
  const auto& composition = d.agreement.composition[objective.service];
  if (composition.empty() && before == 0) {  // else it may be a check that was complained of
    d.complaints.add(node.place(), "objective '" + objective.name +
                                       "': no check measures service '" + objective.service + "'");
    return;
  }
  d.agreement.objectives.push_back(std::move(objective));
}

}  // namespace

void decode_objectives(const Node& node, Decoding& d) {
  if (node.kind() != Node::Kind::sequence || node.items().empty()) {
    if (!node.broken()) d.complaints.add(node.place(), "'objectives' must list the objectives");
    return;
  }
  for (const Node& each : node.items()) decode_one(each, d);
}

}  // namespace nines::sla
