// SPDX-License-Identifier: Apache-2.0
#include "proto/event_lines.h"

#include "proto/proof.h"

namespace nines::proto {

using Json = nlohmann::json;

std::string text_member(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<WallTime> instant_member(const Json& object, const char* key) {
  const auto instant = parse_rfc3339(text_member(object, key));
  if (!instant) return std::nullopt;
  return *instant;
}

std::optional<std::int64_t> integer_member(const Json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  const bool too_large =
      found->is_number_unsigned() && found->get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  if (too_large) return std::nullopt;
  return found->get<std::int64_t>();
}

std::optional<std::uint64_t> count_member(const Json& object, const char* key) {
  const auto number = integer_member(object, key);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

void EventLines::take(const Json& entry, WallTime at) {
  if (!entry.is_object() || !entry.contains("event")) return;
  const auto& event = entry["event"];
  const auto type = text_member(event, "type");
  if (type == "exclusion") return take_exclusion(entry, event, at);
  if (type == "incident") return take_incident(entry, event, at);
  if (type == "signature") return take_signature(entry, event, at);
  if (type == "duty") return take_duty(entry, event, at);
  if (type != "vantage" && type != "check") return;
  put({{"type", type},
       {"name", text_member(event, "name")},
       {"event", text_member(event, "event")},
       {"at", format_rfc3339(instant_member(event, "at").value_or(at))}});
}

// Every line says all that is known of the exclusion: a later one supersedes.
void EventLines::take_exclusion(const Json& entry, const Json& event, WallTime at) {
  const auto action = text_member(event, "action");
  auto& known = exclusions_[text_member(event, "id")];
  if (action == "announce" || action == "claim") {
    known.claim = event;
    known.state = "claimed";
    if (action == "announce") known.announced = at;
  } else if (action == "approve") {
    known.state = "approved";
  } else if (action == "reject") {
    known.state = "rejected";
  } else if (action == "withdraw") {
    known.state = "withdrawn";
  } else {
    known.state = "claimed";  // disputed: not accepted yet
  }
  Json line{{"type", "exclusion"},
            {"id", text_member(event, "id")},
            {"state", known.state},
            {"at", format_rfc3339(at)}};
  for (const char* key : {"kind", "from", "to", "service", "evidence", "cause"}) {
    if (known.claim.contains(key)) line[key] = known.claim[key];
  }
  if (known.announced) line["announced"] = format_rfc3339(*known.announced);
  if (known.state == "approved") {
    line["approved_by"] = text_member(entry, "actor");
    line["approved_at"] = format_rfc3339(at);
  }
  put(line);
}

void EventLines::take_incident(const Json& entry, const Json& event, WallTime at) {
  const auto what = text_member(event, "event");
  const auto id = text_member(event, "id");
  if (what == "opened") services_[id] = text_member(event, "service");
  const auto when = what == "opened" ? instant_member(event, "at").value_or(at) : at;
  Json line{{"type", "incident"},         {"id", id},
            {"service", services_[id]},   {"event", what},
            {"at", format_rfc3339(when)}, {"actor", text_member(entry, "actor")}};
  for (const char* key : {"priority", "reason"}) {
    if (event.contains(key)) line[key] = event[key];
  }
  if (what == "opened" && integer_member(entry, "form") == kOpeningForm) {
    line["said"] = format_rfc3339(at);
    line["party"] = text_member(entry, "party");
  }
  put(line);
}

// The party is the one that the speaker signed for, not the one that the collector took them for.
void EventLines::take_signature(const Json& entry, const Json& event, WallTime at) {
  put({{"type", "signature"},
       {"version", text_member(event, "version")},
       {"digest", text_member(event, "digest")},
       {"party", text_member(event, "party")},
       {"actor", text_member(entry, "actor")},
       {"at", format_rfc3339(at)}});
}

// A withdrawal says of which duty and day it is: a reader needs no other line.
void EventLines::take_duty(const Json& entry, const Json& event, WallTime at) {
  const auto what = text_member(event, "event");
  const auto id = text_member(event, "id");
  auto& known = done_[id];
  if (what == "done") known = event;
  Json line{{"type", "duty"},
            {"id", id},
            {"event", what},
            {"duty", text_member(known, "duty")},
            {"due", text_member(known, "due")},
            {"actor", text_member(entry, "actor")},
            {"at", format_rfc3339(at)}};
  if (event.contains("evidence")) line["evidence"] = event["evidence"];
  put(line);
}

void EventLines::put(const Json& line) { text_ += canonical_text(line) + "\n"; }

}  // namespace nines::proto
