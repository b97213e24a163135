// SPDX-License-Identifier: Apache-2.0
// `support`: priorities with their clocks, and what stops a clock. Channels and the way to report
// are for people.
#include <algorithm>

#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;

constexpr std::size_t kMostPriorities = 32;
constexpr Duration kMostLimit = hours(24 * 366);

void decode_priority(const Node& node, Support& out, Decoding& d) {
  const std::size_t before = d.complaints.size();
  SupportPriority priority;
  Mapping mapping(node, d.complaints, "the priority");
  const Node* name = mapping.require("name");
  if (name != nullptr) priority.name = as_name(*name, d.complaints).value_or("");
  mapping.take("when");
  priority.response = mapping.take_duration("response", seconds(1), kMostLimit);
  priority.resolve = mapping.take_duration("resolve", seconds(1), kMostLimit);
  priority.update = mapping.take_duration("update", seconds(1), kMostLimit);
  if (const Node* hours = mapping.take("hours")) {
    priority.hours = as_calendar(*hours, d).value_or(std::string(kAlways));
  }
  mapping.finish();
  if (d.complaints.size() != before) return;
  const bool twice =
      std::any_of(out.priorities.begin(), out.priorities.end(),
                  [&](const SupportPriority& each) { return each.name == priority.name; });
  if (twice) {
    d.complaints.add(name->place(), "a second priority with the name '" + priority.name + "'");
    return;
  }
  out.priorities.push_back(std::move(priority));
}

void decode_clock(const Node& node, Support& out, Decoding& d) {
  Mapping clock(node, d.complaints, "clock");
  out.pause_while = clock.take_texts("pauseWhile").value_or(std::vector<std::string>{});
  out.reopen_continues = clock.take_bool("reopenContinues").value_or(true);
  if (const Node* escalation_node = clock.take("escalation")) {
    Mapping escalation(*escalation_node, d.complaints, "escalation");
    out.escalation_retroactive = escalation.take_bool("retroactive").value_or(false);
    escalation.finish();
  }
  clock.finish();
}

}  // namespace

void decode_support(const Node& node, Decoding& d) {
  Support out;
  Mapping support(node, d.complaints, "support");
  for (const char* words : {"channels", "reporting"}) support.take(words);
  if (const Node* priorities = support.take("priorities")) {
    const bool list =
        priorities->kind() == Node::Kind::sequence && priorities->items().size() <= kMostPriorities;
    if (!list && !priorities->broken()) {
      d.complaints.add(priorities->place(), "'priorities' must be a list of at most 32");
    }
    if (list) {
      for (const Node& each : priorities->items()) decode_priority(each, out, d);
    }
  }
  if (const Node* clock = support.take("clock")) decode_clock(*clock, out, d);
  support.finish();
  d.agreement.support = std::move(out);
}

}  // namespace nines::sla
