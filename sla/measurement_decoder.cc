// SPDX-License-Identifier: Apache-2.0
// `measurement` and `composition`: how results become the seconds of a service.
#include <algorithm>
#include <map>

#include "config/check_decoder.h"
#include "sla/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

constexpr Duration kLeastBelief = milliseconds(1);
constexpr Duration kMostBelief = hours(24 * 31);
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

void decode_one_check(const Node& node, std::optional<Duration> belief, Decoding& d) {
  const auto check = config::decode_check(node, config::CheckDefaults{}, d.directory,
                                          {"service", "path"}, d.complaints);
  if (!check) return;
  MeasuredCheck measured{*check, {}, belief.value_or(default_belief(check->every))};
  measured.local = is_local(node, d.complaints);
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

// Results are judged as they come: one failure is an outage, one success its end.
void decode_confirm(const Node& node, Decoding& d) {
  Mapping confirm(node, d.complaints, "confirm");
  for (const std::string_view key : {"downAfter", "upAfter"}) {
    const auto count = confirm.take_integer(key, 1, 1000);
    if (count && *count != 1) {
      refuse_value(*node.find(key), key, std::string(key) + ": 1", d.complaints);
    }
  }
  const auto start = confirm.take_text("startAt");
  if (start && *start != "firstFailure") {
    refuse_value(*node.find("startAt"), "startAt", "firstFailure", d.complaints);
  }
  confirm.finish();
}

void decode_minimum_outage(const Node& node, Decoding& d) {
  Mapping minimum(node, d.complaints, "minimumOutage");
  for (const std::string_view key : {"duration", "mergeGap", "forgivenCap"}) {
    const auto length = minimum.take_duration(key, Duration(0), kMostBelief);
    if (length && length->count() != 0) {
      refuse_value(*node.find(key), key, std::string(key) + ": 0s", d.complaints);
    }
  }
  minimum.finish();
}

void decode_quorum(const Node& node, Decoding& d) {
  Mapping quorum(node, d.complaints, "quorum");
  const auto rule = quorum.take_text("rule");
  if (rule && *rule != "k-of-n") {
    refuse_value(*node.find("rule"), "rule", "k-of-n", d.complaints);
    quorum.take("minKnown");
  }
  constexpr std::int64_t kMostVantages = 1000;
  if (const auto k = quorum.take_integer("k", 1, kMostVantages)) {
    d.agreement.quorum.k = static_cast<std::size_t>(*k);
  }
  if (const auto of = quorum.take_integer("of", 1, kMostVantages)) {
    d.agreement.quorum.of = static_cast<std::size_t>(*of);
  }
  quorum.finish();
  const auto& [k, of] = d.agreement.quorum;
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

// The checks under a service, through any services in between. A service that is being resolved
// already (`path`) would hold itself.
class Composer {
 public:
  Composer(const Node* node, Decoding& decoding) : node_(node), d_(decoding) {}

  void resolve(const std::string& service, std::vector<std::string>& out) {
    constexpr std::size_t kMaxLayers = 100;
    if (path_.size() == kMaxLayers) {
      d_.complaints.add(node_->place(), "the composition has more than 100 layers");
      return;
    }
    if (holds(path_, service)) {
      d_.complaints.add(node_->find(service)->place(),
                        "the composition of '" + service + "' holds itself");
      return;
    }
    if (const auto done = done_.find(service); done != done_.end()) {
      for (const std::string& check : done->second) add(check, out);
      return;
    }
    std::vector<std::string> found;
    resolve_first(service, found);
    for (const std::string& check : found) add(check, out);
    done_.emplace(service, std::move(found));
  }

 private:
  void resolve_first(const std::string& service, std::vector<std::string>& out) {
    const Node* entry = node_ != nullptr ? node_->find(service) : nullptr;
    const Node* serial = entry != nullptr ? entry->find("serial") : nullptr;
    if (serial == nullptr) {
      for (const MeasuredCheck& check : d_.agreement.checks) {
        if (check.service == service) add(check.check.name, out);
      }
      return;
    }
    path_.push_back(service);
    const auto leaves =
        config::as_texts(*serial, d_.complaints).value_or(std::vector<std::string>{});
    if (leaves.empty()) d_.complaints.add(serial->place(), "'serial' lists nothing");
    for (const std::string& leaf : leaves) resolve_leaf(leaf, *serial, out);
    path_.pop_back();
  }

  static void add(const std::string& check, std::vector<std::string>& out) {
    if (!holds(out, check)) out.push_back(check);
  }

  void resolve_leaf(const std::string& leaf, const Node& serial, std::vector<std::string>& out) {
    const auto& checks = d_.agreement.checks;
    const bool check = std::any_of(checks.begin(), checks.end(), [&](const MeasuredCheck& each) {
      return each.check.name == leaf;
    });
    const bool service = holds(d_.agreement.services, leaf);
    if (check && service) {
      d_.complaints.add(serial.place(), "'" + leaf + "' names both a check and a service");
    } else if (check) {
      add(leaf, out);
    } else if (service) {
      resolve(leaf, out);
      const auto found = done_.find(leaf);
      if (found != done_.end() && found->second.empty() && d_.complaints.empty()) {
        d_.complaints.add(serial.place(),
                          "service '" + leaf + "' in the composition is measured by no check");
      }
    } else {
      d_.complaints.add(serial.place(),
                        config::shown(leaf) + " in the composition is no check and no service");
    }
  }

  const Node* node_;
  Decoding& d_;
  std::vector<std::string> path_;
  std::map<std::string, std::vector<std::string>> done_;  // so shared services are walked once
};

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
  if (const Node* confirm = measurement.take("confirm")) decode_confirm(*confirm, d);
  if (const Node* quorum = measurement.take("quorum")) decode_quorum(*quorum, d);
  if (const Node* minimum = measurement.take("minimumOutage")) decode_minimum_outage(*minimum, d);
  if (const Node* unknown = measurement.take("unknown")) decode_unknown(*unknown, d);
  if (const Node* rounding = measurement.take("rounding")) decode_rounding(*rounding, d);
  // Reports of this version are provisional: nothing is sealed, so nothing is late yet.
  measurement.take_duration("lateDataUntil", Duration(0), hours(24 * 366));
  refuse_keys(measurement, {"outageRule", "latencyAsDown", "attempts"}, d.complaints);
  measurement.finish();
}

void decode_composition(const Node* node, Decoding& d) {
  if (node != nullptr) {
    const Mapping unused(*node, d.complaints, "composition");
    for (const auto& [service, rule] : node->entries()) {
      if (!holds(d.agreement.services, service.text())) {
        d.complaints.add(service.place(), "composition of " + config::shown(service.text()) +
                                              ", which the scope does not list");
      }
      Mapping composition(rule, d.complaints,
                          "the composition of " + config::shown(service.text()));
      composition.take("serial");
      refuse_keys(composition, {"parallel", "need", "of"}, d.complaints);
      composition.finish();
    }
  }
  Composer composer(node, d);
  for (const std::string& service : d.agreement.services) {
    composer.resolve(service, d.agreement.composition[service]);
  }
}

}  // namespace nines::sla
