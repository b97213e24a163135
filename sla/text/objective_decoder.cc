// SPDX-License-Identifier: Apache-2.0
// `objectives`: the promises with their targets and periods.
#include <algorithm>

#include "sla/rules/latency.h"
#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;
using Statistic = Objective::Statistic;
using Method = Objective::Method;

constexpr Duration kDay = hours(24);
constexpr int kMostRollingDays = 3660;

void decode_rolling(const Node& node, PeriodRule& rule, Decoding& d) {
  const auto length = config::as_duration(node, kDay, kDay * kMostRollingDays, d.complaints);
  if (!length) return;
  if (*length % kDay != Duration(0)) {
    d.complaints.add(node.place(), "a rolling period is whole days (write 30d)");
    return;
  }
  rule = {PeriodRule::Kind::rolling, static_cast<int>(*length / kDay)};
}

void decode_calendar(const Node& node, PeriodRule& rule, Decoding& d) {
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
    rule = {kind, 0};
    return;
  }
  d.complaints.add(node.place(), config::shown(*text) +
                                     " is no calendar period (day, week, month, quarter or year)");
}

AlsoReport::Period decode_period(const Node& node, const Zone& default_zone, Decoding& d) {
  AlsoReport::Period out{{}, default_zone};
  Mapping period(node, d.complaints, "period");
  const Node* calendar = period.take("calendar");
  const Node* rolling = period.take("rolling");
  if (const Node* zone = period.take("timeZone")) {
    if (const auto found = as_zone(*zone, d.complaints)) out.zone = *found;
  }
  if (calendar != nullptr) decode_calendar(*calendar, out.rule, d);
  if (rolling != nullptr) decode_rolling(*rolling, out.rule, d);
  if (node.kind() == Node::Kind::mapping && (calendar != nullptr) == (rolling != nullptr)) {
    d.complaints.add(node.place(), "a period is either {calendar: month} or {rolling: 30d}");
  }
  period.finish();
  return out;
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

// One word of a list; complains and returns nothing for any other.
template <class Value, std::size_t size>
std::optional<Value> as_word(const Node& node,
                             const char* what,
                             const std::pair<std::string_view, Value> (&words)[size],
                             Decoding& d) {
  const auto text = config::as_text(node, d.complaints);
  if (!text) return std::nullopt;
  std::string list;
  for (std::size_t i = 0; i < size; ++i) {
    if (words[i].first == *text) return words[i].second;
    list += (i == 0 ? "" : i + 1 == size ? " or " : ", ") + std::string(words[i].first);
  }
  d.complaints.add(node.place(),
                   std::string(what) + " is " + list + ", not " + config::shown(*text));
  return std::nullopt;
}

constexpr std::pair<std::string_view, Statistic> kStatistics[] = {
    {"availability", Statistic::availability},
    {"success-ratio", Statistic::success_ratio},
    {"mean", Statistic::mean},
    {"percentile", Statistic::percentile},
    {"share-below", Statistic::share_below},
    {"longest-outage", Statistic::longest_outage},
    {"mttr", Statistic::mttr}};

constexpr std::pair<std::string_view, Method> kMethods[] = {
    {"time", Method::time},
    {"occurrences", Method::occurrences},
    {"timeslices", Method::timeslices},
    {"ratio-timeslices", Method::ratio_timeslices}};

void decode_slices(Mapping& mapping, Objective& objective, Decoding& d) {
  if (objective.method == Method::timeslices) {
    if (const Node* target = mapping.take("timeSliceTarget")) {
      objective.slices.target = as_percentage(*target, d.complaints).value_or(Rational(1));
      if (objective.slices.target == Rational(0)) {
        d.complaints.add(target->place(), "with a timeSliceTarget of 0 every slice is good");
      }
    }
  }
  if (objective.method != Method::timeslices && objective.method != Method::ratio_timeslices) {
    return;
  }
  const auto window = mapping.take_duration("timeSliceWindow", seconds(1), kDay);
  if (window) objective.slices.window = *window;
  constexpr std::pair<std::string_view, bool> kEmpty[] = {{"unknown", false}, {"good", true}};
  if (const Node* empty = mapping.take("emptySlice")) {
    objective.slices.empty_is_good = as_word(*empty, "'emptySlice'", kEmpty, d).value_or(false);
  }
}

void decode_availability(Mapping& mapping, Objective& objective, Decoding& d) {
  if (const Node* method = mapping.take("method")) {
    objective.method = as_word(*method, "'method'", kMethods, d).value_or(Method::time);
  }
  decode_slices(mapping, objective, d);
  decode_target(mapping, objective, d);
}

// Response times are those of successes; what timed out can be agreed to count as so long.
void decode_latency_of(Mapping& mapping, Objective& objective, Decoding& d) {
  constexpr std::pair<std::string_view, bool> kOf[] = {{"successful", true}};
  if (const Node* of = mapping.take("of")) as_word(*of, "'of'", kOf, d);
  objective.impute_timeout = mapping.take_duration("imputeTimeout", microseconds(1), kDay);
}

void decode_max(Mapping& mapping, Objective& objective, Duration most, Decoding& d) {
  const Node* max = mapping.require("max");
  if (max == nullptr) return;
  if (const auto length = config::as_duration(*max, microseconds(1), most, d.complaints)) {
    objective.max = *length;
  }
}

// `percentile: "95"`, a percentage; kept as the name by which reports know it, "p95".
void decode_percentile(Mapping& mapping, Objective& objective, Decoding& d) {
  const Node* node = mapping.require("percentile");
  if (node == nullptr || !as_percentage(*node, d.complaints)) return;
  objective.percentile = "p" + node->text();
  if (parse_percentile(objective.percentile)) return;
  d.complaints.add(node->place(),
                   "a percentile is above \"0\" and has at most 10 characters (\"99.9\")");
}

void decode_threshold(Mapping& mapping, Objective& objective, Decoding& d) {
  const Node* threshold = mapping.require("threshold");
  if (threshold == nullptr) return;
  const auto length = config::as_duration(*threshold, microseconds(1), kDay, d.complaints);
  if (length) objective.threshold = *length;
}

void decode_statistic(Mapping& mapping, Objective& objective, Decoding& d) {
  if (const Node* statistic = mapping.take("statistic")) {
    const auto found = as_word(*statistic, "'statistic'", kStatistics, d);
    if (!found) {
      for (const char* key : {"method", "target", "of", "max", "threshold", "percentile"}) {
        mapping.take(key);
      }
      return;
    }
    objective.statistic = *found;
  }
  switch (objective.statistic) {
    case Statistic::availability:
      return decode_availability(mapping, objective, d);
    case Statistic::success_ratio:
      return decode_target(mapping, objective, d);
    case Statistic::mean:
      decode_latency_of(mapping, objective, d);
      return decode_max(mapping, objective, kDay, d);
    case Statistic::percentile:
      decode_latency_of(mapping, objective, d);
      decode_percentile(mapping, objective, d);
      return decode_max(mapping, objective, kDay, d);
    case Statistic::share_below:
      decode_latency_of(mapping, objective, d);
      decode_threshold(mapping, objective, d);
      return decode_target(mapping, objective, d);
    case Statistic::longest_outage:
    case Statistic::mttr:
      return decode_max(mapping, objective, kDay * kMostRollingDays, d);
  }
}

bool is_latency(Statistic statistic) {
  return statistic == Statistic::mean || statistic == Statistic::percentile ||
         statistic == Statistic::share_below;
}

// Each entry is a period, {calendar: year} or {rolling: 30d}, or a percentile, p95.
void decode_also(const Node& node, Objective& objective, Decoding& d) {
  constexpr std::size_t kMost = 16;
  if (node.kind() != Node::Kind::sequence || node.items().size() > kMost) {
    if (!node.broken()) {
      d.complaints.add(node.place(),
                       "'alsoReport' is a list of at most 16 periods and percentiles");
    }
    return;
  }
  for (const Node& each : node.items()) {
    if (each.kind() == Node::Kind::mapping) {
      objective.also.periods.push_back(decode_period(each, objective.zone, d));
      continue;
    }
    const auto text = config::as_text(each, d.complaints);
    if (!text) continue;
    if (!parse_percentile(*text)) {
      d.complaints.add(each.place(), config::shown(*text) +
                                         " is no percentile (p95, p99.9) and no period "
                                         "({calendar: year}, {rolling: 30d})");
    } else if (!is_latency(objective.statistic)) {
      d.complaints.add(each.place(), "percentiles are of response times; objective '" +
                                         objective.name + "' has none");
    } else if (!holds(objective.also.percentiles, *text)) {
      objective.also.percentiles.push_back(*text);
    }
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
  if (const Node* period = mapping.take("period")) {
    const auto own = decode_period(*period, objective.zone, d);
    objective.period = own.rule;
    objective.zone = own.zone;
  }
  if (const Node* also = mapping.take("alsoReport")) decode_also(*also, objective, d);
  if (const Node* hours = mapping.take("hours")) {
    objective.hours = as_calendar(*hours, d).value_or(std::string(kAlways));
  }
  const auto partial = mapping.take_text("partialPeriod");
  objective.assume_up = partial == "assume_up";
  if (partial && *partial != "prorate" && !objective.assume_up) {
    d.complaints.add(node.find("partialPeriod")->place(),
                     "'partialPeriod' is prorate or assume_up");
  }
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
