// SPDX-License-Identifier: Apache-2.0
// `alerting`: at which speed of consumption of a budget somebody is told.
#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;

constexpr std::size_t kMostRules = 32;
constexpr Duration kMostAlertWindow = hours(24 * 31);

void decode_rule(const Node& node, Decoding& d) {
  const std::size_t before = d.complaints.size();
  BurnRule rule;
  Mapping mapping(node, d.complaints, "the alert");
  if (const auto severity = mapping.require_text("severity")) rule.severity = *severity;
  if (const Node* budget = mapping.require("budget")) {
    rule.budget = as_percentage(*budget, d.complaints).value_or(Rational(1));
    if (rule.budget == Rational(0)) {
      d.complaints.add(budget->place(), "a budget of 0 would alert always");
    }
  }
  for (const auto& [key, window] :
       {std::pair("long", &rule.long_window), std::pair("short", &rule.short_window)}) {
    const Node* length = mapping.require(key);
    if (length == nullptr) continue;
    *window = config::as_duration(*length, seconds(1), kMostAlertWindow, d.complaints)
                  .value_or(Duration(0));
  }
  constexpr std::int64_t kMostBad = 1'000'000;
  rule.min_bad_samples = mapping.take_integer("minBadSamples", 0, kMostBad).value_or(0);
  mapping.finish();
  if (d.complaints.size() != before) return;
  if (rule.short_window > rule.long_window) {
    d.complaints.add(node.find("short")->place(), "the short window is longer than the long one");
    return;
  }
  d.agreement.alerting.push_back(std::move(rule));
}

}  // namespace

void decode_alerting(const Node& node, Decoding& d) {
  if (node.kind() != Node::Kind::sequence || node.items().size() > kMostRules) {
    if (!node.broken()) {
      d.complaints.add(node.place(), "'alerting' must be a list of at most 32 alerts");
    }
    return;
  }
  for (const Node& each : node.items()) decode_rule(each, d);
}

}  // namespace nines::sla
