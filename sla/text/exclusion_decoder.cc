// SPDX-License-Identifier: Apache-2.0
// `exclusions` and `unplanned`: which time is not charged, and who is named as its cause (S22–S30).
#include <algorithm>

#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;

constexpr Duration kMostLength = hours(24 * 366);
constexpr Duration kMostWindow = hours(24 * 31);
constexpr std::size_t kMostKinds = 100;
constexpr std::size_t kMostWindows = 1000;  // of one kind

void decode_effect(Mapping& mapping, Exclusions& out, Decoding& d) {
  using Effect = Exclusions::Effect;
  const auto effect = mapping.take_text("effect");
  if (!effect || *effect == "remove") return;
  if (*effect == "remove_down") {
    out.effect = Effect::remove_down;
  } else if (*effect == "forgive") {
    out.effect = Effect::forgive;
  } else {
    d.complaints.add(mapping.node().find("effect")->place(),
                     "'effect' is remove, remove_down or forgive");
  }
}

// "2026-07-05T02:00:00" on the wall of the window's zone.
void decode_start(const Node& node, Window& window, Decoding& d) {
  const auto text = config::as_text(node, d.complaints);
  if (!text) return;
  const auto wall = text->ends_with('Z') ? fail("") : parse_rfc3339(*text + "Z");
  const Zone utc;
  if (!wall || !valid(utc.date_at(*wall))) {
    d.complaints.add(node.place(), config::shown(*text) +
                                       " is no local time (write \"2026-07-05T02:00:00\", on the "
                                       "clock of 'timeZone')");
    return;
  }
  window.start = utc.date_at(*wall);
  window.since_midnight = *wall - utc.instant(window.start);
}

void decode_length(Mapping& mapping, Window& window, Decoding& d) {
  const Node* until = mapping.take("until");
  const Node* duration = mapping.take("duration");
  if (mapping.node().kind() == Node::Kind::mapping && (until == nullptr) == (duration == nullptr)) {
    d.complaints.add(mapping.node().place(),
                     "a window has a 'duration' or ends on the wall clock with 'until'");
  }
  if (duration != nullptr) {
    window.duration = config::as_duration(*duration, seconds(1), kMostWindow, d.complaints);
  }
  if (until == nullptr) return;
  const auto text = config::as_text(*until, d.complaints);
  const auto time = text ? time_of_day(*text) : std::nullopt;
  if (text && !time) {
    d.complaints.add(until->place(), config::shown(*text) + " is no time of day (write \"05:00\")");
  }
  window.until = time.value_or(Duration(0));
}

void decode_window(const Node& node, ExclusionKind& kind, Decoding& d) {
  Mapping mapping(node, d.complaints, "a window of '" + kind.name + "'");
  mapping.take("description");
  Window window;
  window.zone = d.agreement.zone;
  if (const Node* name = mapping.take("name")) {
    window.name = as_name(*name, d.complaints).value_or("");
  }
  if (const Node* zone = mapping.take("timeZone")) {
    window.zone = as_zone(*zone, d.complaints).value_or(Zone());
  }
  if (const Node* service = mapping.take("service")) {
    window.service = as_service(*service, "a window", d).value_or("");
  }
  if (const Node* start = mapping.require("dtstart")) decode_start(*start, window, d);
  if (const Node* rrule = mapping.take("rrule")) {
    if (const auto text = config::as_text(*rrule, d.complaints)) {
      auto rule = parse_rrule(*text);
      if (!rule) d.complaints.add(rrule->place(), rule.error().message);
      if (rule) window.rule = *std::move(rule);
    }
  }
  decode_length(mapping, window, d);
  mapping.finish();
  kind.windows.push_back(std::move(window));
}

void decode_needed(const Node& node, ExclusionKind& kind, Decoding& d) {
  const auto texts = config::as_texts(node, d.complaints);
  if (!texts) return;
  for (const std::string& each : *texts) {
    if (each == "evidence") {
      kind.needs_evidence = true;
    } else if (each == "acceptance by the customer" || each == "acceptance by the provider") {
      // The approval, without which no exclusion counts, and whose it is.
      kind.accepted_by = each.substr(each.rfind(' ') + 1);
    } else {
      d.complaints.add(node.place(), config::shown(each) +
                                         " is nothing that an exclusion can need (evidence, "
                                         "acceptance by the customer, acceptance by the provider)");
    }
  }
}

void decode_kind(const std::string& name, const Node& node, Exclusions& out, Decoding& d) {
  Mapping mapping(node, d.complaints, "the exclusion kind " + config::shown(name));
  for (const char* words : {"displayName", "description"}) mapping.take(words);
  ExclusionKind kind;
  kind.name = name;
  kind.notice = mapping.take_duration("notice", Duration(0), kMostLength).value_or(Duration(0));
  kind.allowance = mapping.take_duration("allowance", Duration(0), kMostLength);
  if (const Node* needs = mapping.take("needs")) decode_needed(*needs, kind, d);
  kind.causes = mapping.take_texts("causes").value_or(std::vector<std::string>{});
  if (const Node* windows = mapping.take("windows")) {
    if (windows->kind() != Node::Kind::sequence || windows->items().size() > kMostWindows) {
      if (!windows->broken()) {
        d.complaints.add(windows->place(), "'windows' must list at most 1,000 windows");
      }
    } else {
      for (const Node& each : windows->items()) decode_window(each, kind, d);
    }
  }
  mapping.finish();
  out.kinds.push_back(std::move(kind));
}

void decode_kinds(const Node& node, Exclusions& out, Decoding& d) {
  const Mapping unused(node, d.complaints, "kinds");
  if (node.entries().size() > kMostKinds) {
    d.complaints.add(node.place(), "more than 100 kinds of exclusion");
    return;
  }
  for (const auto& [name, kind] : node.entries()) {
    if (as_name(name, d.complaints)) decode_kind(name.text(), kind, out, d);
  }
}

void decode_not_excluded(const Node& node, Exclusions& out, Decoding& d) {
  const Mapping unused(node, d.complaints, "notExcluded");
  for (const auto& [name, words] : node.entries()) {
    if (!as_name(name, d.complaints)) continue;
    config::as_text(words, d.complaints);
    const bool excluded =
        std::any_of(out.kinds.begin(), out.kinds.end(),
                    [&](const ExclusionKind& each) { return each.name == name.text(); });
    if (excluded) {
      d.complaints.add(name.place(), "'" + name.text() + "' is excluded and not excluded");
    }
    out.not_excluded.push_back(name.text());
  }
}

void decode_precedence(const Node& node, Exclusions& out, Decoding& d) {
  const auto names = config::as_texts(node, d.complaints);
  if (!names) return;
  std::vector<std::string> known =
      out.precedence;  // the four words of the default are always known
  for (const ExclusionKind& each : out.kinds) known.push_back(each.name);
  known.insert(known.end(), out.not_excluded.begin(), out.not_excluded.end());
  std::vector<std::string> order;
  for (const std::string& each : *names) {
    if (!holds(known, each)) {
      d.complaints.add(node.place(), config::shown(each) + " in 'precedence' is no kind");
    }
    if (holds(order, each)) {
      d.complaints.add(node.place(), "'" + each + "' stands twice in 'precedence'");
    }
    order.push_back(each);
  }
  out.precedence = std::move(order);
}

}  // namespace

void decode_exclusions(const Node& node, Decoding& d) {
  Exclusions& out = d.agreement.exclusions;
  Mapping mapping(node, d.complaints, "exclusions");
  decode_effect(mapping, out, d);
  if (const Node* kinds = mapping.take("kinds")) decode_kinds(*kinds, out, d);
  if (const Node* others = mapping.take("notExcluded")) decode_not_excluded(*others, out, d);
  if (const Node* order = mapping.take("precedence")) decode_precedence(*order, out, d);
  mapping.finish();
}

void decode_unplanned(const Node& node, Decoding& d) {
  Mapping mapping(node, d.complaints, "unplanned");
  const auto text = mapping.take_text("emergencyMaintenance");
  if (text && *text == "counts as maintenance") {
    d.agreement.exclusions.emergency_is_maintenance = true;
  } else if (text && *text != "counts as downtime") {
    d.complaints.add(node.find("emergencyMaintenance")->place(),
                     "'emergencyMaintenance' is counts as downtime or counts as maintenance");
  }
  mapping.finish();
}

}  // namespace nines::sla
