// SPDX-License-Identifier: Apache-2.0
// `measurement`: how results become the seconds of a check.
#include <algorithm>
#include <map>

#include "config/check_decoder.h"
#include "sla/text/agreement_parts.h"
#include "sla/text/presets.h"

namespace nines::sla {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

constexpr Duration kLeastBelief = milliseconds(1);
constexpr Duration kMostBelief = hours(24 * 31);
constexpr Duration kMostLate = hours(24 * 366);
constexpr std::size_t kMostCanaries = 32;  // as of one agent
constexpr Duration kCanaryEvery =
    seconds(30);  // what an agent measures its canaries by, unless told

// Default of S6: two and a half intervals.
Duration default_belief(Duration every) { return every * 5 / 2; }

// `path: local`: the target is reached without the uplink that the canaries watch.
bool is_local(const Node& check, Complaints& complaints) {
  const Node* path = check.find("path");
  if (path == nullptr) return false;
  const auto text = config::as_text(*path, complaints);
  if (text && *text != "local") {
    complaints.add(path->place(), "'path' is local, or left out");
  }
  return text.has_value();
}

// Whether a file's content is part of the check: "bearer_file", "headers_credential".
bool names_content(const Node& check) {
  return std::any_of(check.entries().begin(), check.entries().end(), [](const auto& entry) {
    const std::string& key = entry.first.text();
    return key.ends_with("_file") || key.ends_with("_credential") || names_content(entry.second);
  });
}

// A text means the same wherever it is read, so none of the files that it names is opened.
void decode_one_check(const Node& node, std::optional<Duration> belief, Decoding& d) {
  config::CheckDefaults defaults;
  defaults.files_elsewhere = true;
  const auto check = config::decode_check(node, defaults, "", {"service", "path"}, d.complaints);
  if (!check) return;
  MeasuredCheck measured{*check, {}, belief.value_or(default_belief(check->every))};
  measured.local = is_local(node, d.complaints);
  measured.comparable = !names_content(node);
  const auto& checks = d.agreement.checks;
  const bool twice = std::any_of(checks.begin(), checks.end(), [&](const MeasuredCheck& other) {
    return other.check.name == check->name;
  });
  if (twice) {
    d.complaints.add(node.place(), "a second check with the name '" + check->name + "'");
    return;
  }
  const auto& services = d.agreement.services;
  const Node* service = node.find("service");
  if (service != nullptr) {
    const auto text = config::as_text(*service, d.complaints);
    if (!text) return;
    if (!holds(services, *text)) {
      const std::string near = config::nearest(*text, services);
      d.complaints.add(service->place(),
                       "check '" + check->name + "' measures service " + config::shown(*text) +
                           ", which the scope does not list" +
                           (near.empty() ? "" : " (did you mean '" + near + "'?)"));
      return;
    }
    measured.service = *text;
  } else if (services.size() == 1) {
    measured.service = services.front();
  } else {
    d.complaints.add(node.place(),
                     "check '" + check->name + "' must say which 'service' it measures");
    return;
  }
  d.agreement.checks.push_back(std::move(measured));
}

void decode_vantages(const Node& node, Decoding& d) {
  const auto list = config::as_texts(node, d.complaints);
  if (!list) return;
  if (list->empty())
    d.complaints.add(node.place(), "'vantages' is empty; leave it out to take all");
  for (const std::string& each : *list) {
    const auto good = config::check_name(each);
    if (!good) d.complaints.add(node.place(), good.error().message);
    if (holds(d.agreement.vantages, each)) {
      d.complaints.add(node.place(), "vantage '" + each + "' is listed twice");
    }
    d.agreement.vantages.push_back(each);
  }
}

// Results come under the names that the agents gave them: the URIs as they are written.
void decode_canaries(const Node& node, Decoding& d) {
  const auto list = config::as_texts(node, d.complaints);
  if (!list) return;
  if (list->size() > kMostCanaries) {
    d.complaints.add(node.place(), "more than " + std::to_string(kMostCanaries) + " canaries");
    return;
  }
  auto& canaries = d.agreement.canaries.emplace();
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string& uri = (*list)[i];
    const auto& place = i < node.items().size() ? node.items()[i].place() : node.place();
    const auto check = config::check_from_uri(uri, kCanaryEvery, seconds(5));
    if (!check) d.complaints.add(place, check.error().message);
    if (holds(canaries, uri)) {
      d.complaints.add(place, "canary " + config::shown(uri) + " is listed twice");
    }
    canaries.push_back(uri);
  }
}

// How often an agent measures them is no business of the agreement: taken as often as the checks,
// but not more often than an agent does by itself.
Duration default_canary_belief(const std::vector<MeasuredCheck>& checks) {
  Duration every = kCanaryEvery;
  for (const MeasuredCheck& each : checks) every = std::max(every, each.check.every);
  return default_belief(every);
}

void decode_confirm(const Node& node, Decoding& d) {
  Mapping confirm(node, d.complaints, "confirm");
  constexpr std::int64_t kMost = 1000;
  Confirmation& out = d.agreement.confirm;
  out.down_after = static_cast<int>(confirm.take_integer("downAfter", 1, kMost).value_or(1));
  out.up_after = static_cast<int>(confirm.take_integer("upAfter", 1, kMost).value_or(1));
  const auto start = confirm.take_text("startAt");
  if (start && *start != "firstFailure") {
    refuse_value(*node.find("startAt"), "startAt", "firstFailure", d.complaints);
  }
  confirm.finish();
}

void decode_minimum_outage(const Node& node, Decoding& d) {
  Mapping minimum(node, d.complaints, "minimumOutage");
  MinimumOutage& out = d.agreement.minimum_outage;
  const auto take = [&](std::string_view key) {
    return minimum.take_duration(key, Duration(0), kMostBelief);
  };
  out.duration = take("duration").value_or(Duration(0));
  out.merge_gap = take("mergeGap").value_or(Duration(0));
  out.forgiven_cap = take("forgivenCap");
  minimum.finish();
}

// Slices follow the clock, so they fit into a day.
Duration decode_slice(Mapping& rule, Duration usual, Decoding& d) {
  const auto slice = rule.take_duration("slice", seconds(1), hours(24));
  if (slice && hours(24) % *slice != Duration(0)) {
    d.complaints.add(rule.node().find("slice")->place(), "'slice' must divide a day");
  }
  return slice.value_or(usual);
}

void decode_outage_rule(const Node& node, Decoding& d) {
  using Kind = OutageRule::Kind;
  Mapping mapping(node, d.complaints, "outageRule");
  if (const Node* preset = mapping.take("preset")) {
    mapping.finish();
    const Node* published = preset_part(*preset, "spec/measurement/outageRule", d.complaints);
    if (published != nullptr) decode_outage_rule(*published, d);
    return;
  }
  const std::string rule = mapping.require_text("rule").value_or("");
  OutageRule out;
  if (rule == "all-attempts-fail") {
    out.kind = Kind::all_attempts_fail;
    out.slice = decode_slice(mapping, minutes(1), d);
  } else if (rule == "error-rate") {
    out.kind = Kind::error_rate;
    out.slice = decode_slice(mapping, minutes(1), d);
    if (const Node* over = mapping.require("over")) {
      out.share = as_percentage(*over, d.complaints).value_or(Rational(0));
    }
    constexpr std::int64_t kMost = 1'000'000;
    constexpr std::int64_t kUsual = 100;
    out.minimum = mapping.take_integer("minimum", 1, kMost).value_or(kUsual);
  } else if (rule == "down-longer-than") {
    out.kind = Kind::down_longer_than;
    out.slice = decode_slice(mapping, hours(1), d);
    if (mapping.require("over") != nullptr) {
      out.over = mapping.take_duration("over", Duration(0), hours(24)).value_or(Duration(0));
    }
    if (out.over >= out.slice) {
      d.complaints.add(node.place(), "'over' must be shorter than 'slice'");
    }
  } else if (rule != "elapsed-full-minutes" && node.find("rule") != nullptr) {
    d.complaints.add(node.find("rule")->place(),
                     "'rule' is elapsed-full-minutes, all-attempts-fail, error-rate or "
                     "down-longer-than");
    for (const char* key : {"slice", "over", "minimum"}) mapping.take(key);
  }
  mapping.finish();
  d.agreement.outage_rule = out;
}

// S3: one result stands for one cycle, whatever attempts it took.
void decode_attempts(Mapping& measurement, Decoding& d) {
  const auto attempts = measurement.take_text("attempts");
  if (attempts && *attempts != "any") {
    refuse_value(*measurement.node().find("attempts"), "attempts", "any", d.complaints);
  }
}

void decode_quorum(const Node& node, Decoding& d) {
  Mapping quorum(node, d.complaints, "quorum");
  const auto rule = quorum.take_text("rule");
  constexpr std::int64_t kMostVantages = 1000;
  if (rule == "majority-of-known") {
    d.agreement.quorum.majority_of_known = true;
    if (const auto known = quorum.take_integer("minKnown", 1, kMostVantages)) {
      d.agreement.quorum.min_known = static_cast<std::size_t>(*known);
      const std::size_t listed = d.agreement.vantages.size();
      if (listed > 0 && d.agreement.quorum.min_known > listed) {
        d.complaints.add(node.find("minKnown")->place(), "'minKnown' is " + std::to_string(*known) +
                                                             " of only " + std::to_string(listed) +
                                                             " vantages");
      }
    }
    quorum.finish();
    return;
  }
  if (rule && *rule != "k-of-n") {
    d.complaints.add(node.find("rule")->place(), "'rule' is k-of-n or majority-of-known");
    quorum.take("minKnown");
  }
  if (const auto k = quorum.take_integer("k", 1, kMostVantages)) {
    d.agreement.quorum.k = static_cast<std::size_t>(*k);
  }
  if (const auto of = quorum.take_integer("of", 1, kMostVantages)) {
    d.agreement.quorum.of = static_cast<std::size_t>(*of);
  }
  quorum.finish();
  const auto& k = d.agreement.quorum.k;
  const auto& of = d.agreement.quorum.of;
  const std::size_t listed = d.agreement.vantages.size();
  if (of && listed > 0 && *of != listed) {
    d.complaints.add(node.find("of")->place(), "'of' is " + std::to_string(*of) + ", but " +
                                                   std::to_string(listed) + " vantages are listed");
  }
  const std::size_t most = of.value_or(listed);
  if (k && most > 0 && *k > most) {
    d.complaints.add(node.find("k")->place(), "'k' is " + std::to_string(*k) + " of only " +
                                                  std::to_string(most) + " vantages");
  }
}

void decode_unknown(const Node& node, Decoding& d) {
  Mapping unknown(node, d.complaints, "unknown");
  UnknownPolicy& policy = d.agreement.unknown;
  if (const auto treat = unknown.take_text("treat")) {
    if (*treat == "up") {
      policy.treat = UnknownPolicy::Treat::up;
    } else if (*treat == "down") {
      policy.treat = UnknownPolicy::Treat::down;
    } else if (*treat != "verdict") {
      d.complaints.add(node.find("treat")->place(), "'treat' is verdict, up or down");
    }
  }
  if (const Node* coverage = unknown.take("minCoverage")) {
    policy.min_coverage = as_percentage(*coverage, d.complaints).value_or(Rational(0));
  }
  if (const auto burden = unknown.take_text("burdenOfProof")) {
    if (*burden == "customer") {
      policy.burden = UnknownPolicy::Burden::customer;
    } else if (*burden != "provider") {
      d.complaints.add(node.find("burdenOfProof")->place(),
                       "'burdenOfProof' is provider or customer");
    }
  }
  unknown.finish();
}

void decode_rounding(const Node& node, Decoding& d) {
  Mapping rounding(node, d.complaints, "rounding");
  constexpr std::int64_t kMostDecimals = 12;
  if (const auto decimals = rounding.take_integer("decimals", 0, kMostDecimals)) {
    d.agreement.decimals = static_cast<unsigned>(*decimals);
  }
  const auto display = rounding.take_text("display");
  if (display && *display != "floor") {
    refuse_value(*node.find("display"), "display", "floor", d.complaints);
  }
  const auto compare = rounding.take_text("compare");
  if (compare && *compare != "exact") {
    refuse_value(*node.find("compare"), "compare", "exact", d.complaints);
  }
  rounding.finish();
}

}  // namespace

void decode_measurement(const Node& node, Decoding& d) {
  Mapping measurement(node, d.complaints, "measurement");
  const auto belief = measurement.take_duration("belief", kLeastBelief, kMostBelief);
  if (const Node* checks = measurement.require("checks")) {
    if (checks->kind() != Node::Kind::sequence || checks->items().empty()) {
      if (!checks->broken()) d.complaints.add(checks->place(), "'checks' must list the checks");
    }
    for (const Node& each : checks->items()) decode_one_check(each, belief, d);
  }
  if (const Node* vantages = measurement.take("vantages")) decode_vantages(*vantages, d);
  if (const Node* canaries = measurement.take("canaries")) decode_canaries(*canaries, d);
  d.agreement.canary_belief = belief.value_or(default_canary_belief(d.agreement.checks));
  if (const Node* quorum = measurement.take("quorum")) decode_quorum(*quorum, d);
  if (const auto late = measurement.take_duration("lateDataUntil", Duration(0), kMostLate)) {
    d.agreement.late_data_until = *late;
  }
  decode_attempts(measurement, d);
  decode_rules(measurement, d);
  measurement.finish();
}

void decode_rules(Mapping& measurement, Decoding& d) {
  if (const Node* confirm = measurement.take("confirm")) decode_confirm(*confirm, d);
  if (const Node* minimum = measurement.take("minimumOutage")) decode_minimum_outage(*minimum, d);
  if (const Node* unknown = measurement.take("unknown")) decode_unknown(*unknown, d);
  if (const Node* rounding = measurement.take("rounding")) decode_rounding(*rounding, d);
  if (const Node* rule = measurement.take("outageRule")) decode_outage_rule(*rule, d);
  d.agreement.latency_as_down =
      measurement.take_duration("latencyAsDown", microseconds(1), hours(24));
}

}  // namespace nines::sla
