// SPDX-License-Identifier: Apache-2.0
#include "sla/input/events_file.h"

#include <cerrno>
#include <fstream>

#include "base/bytes.h"
#include "sla/time/zone.h"

namespace nines::sla {
namespace {

constexpr std::size_t kMaxEvents = 1'000'000;
constexpr std::size_t kMaxValue = 4096;  // bytes of one value

// The members of one event. The first thing that is wrong is kept.
class EventsReader {
 public:
  explicit EventsReader(const nlohmann::json& event) : event_(event) {}

  std::string need(const char* key) {
    const std::string out = take(key);
    if (out.empty()) wrong(std::string("needs '") + key + "'");
    return out;
  }

  std::string take(const char* key) {
    const nlohmann::json* value = member(event_, key);
    if (value == nullptr) return "";
    if (!value->is_string()) {
      wrong(std::string("'") + key + "' is no text");
      return "";
    }
    auto out = value->get<std::string>();
    if (out.size() > kMaxValue) wrong(std::string("'") + key + "' is longer than 4 KiB");
    return out;
  }

  WallTime need_instant(const char* key) {
    const auto out = take_instant(key);
    if (!out) wrong(std::string("needs the instant '") + key + "'");
    return out.value_or(WallTime{});
  }

  std::optional<WallTime> take_instant(const char* key) {
    const std::string text = take(key);
    if (text.empty()) return std::nullopt;
    const auto instant = parse_rfc3339(text);
    if (instant && valid(Zone().date_at(*instant))) return *instant;
    wrong(std::string("'") + key + "' is no RFC 3339 instant of the years 1970 to 2199");
    return std::nullopt;
  }

  Digest need_digest(const char* key) {
    constexpr std::string_view kPrefix = "sha256:";
    const std::string text = need(key);
    const auto bytes = text.starts_with(kPrefix) ? from_hex(text.substr(kPrefix.size()))
                                                 : std::optional<std::string>();
    const auto digest = bytes ? digest_from(as_bytes(*bytes)) : std::nullopt;
    if (!digest) wrong(std::string("'") + key + "' is not sha256: and 64 hexadecimal digits");
    return digest.value_or(Digest{});
  }

  void wrong(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }

  const std::string& fault() const { return wrong_; }

 private:
  const nlohmann::json& event_;
  std::string wrong_;
};

ExclusionEvent exclusion(EventsReader& r) {
  ExclusionEvent out;
  out.id = r.need("id");
  out.kind = r.need("kind");
  out.span = {r.need_instant("from").ns, r.need_instant("to").ns};
  if (r.fault().empty() && out.span.to <= out.span.from) r.wrong("must end after it begins");
  const auto state = exclusion_state(r.need("state"));
  if (!state) r.wrong("'state' is not claimed, approved, rejected or withdrawn");
  out.state = state.value_or(ExclusionEvent::State::claimed);
  out.announced = r.take_instant("announced");
  out.approved_by = r.take("approved_by");
  out.approved_at = r.take_instant("approved_at");
  out.evidence = r.take("evidence");
  out.cause = r.take("cause");
  out.service = r.take("service");
  out.at = r.take_instant("at");
  return out;
}

IncidentEvent incident(EventsReader& r) {
  IncidentEvent out;
  out.id = r.need("id");
  const auto step = incident_step(r.need("event"));
  if (!step) {
    r.wrong(
        "'event' is not opened, acknowledged, responded, updated, paused, resumed, mitigated, "
        "resolved, reopened, prioritised or closed");
  }
  out.step = step.value_or(IncidentEvent::Step::opened);
  out.at = r.need_instant("at");
  out.service = r.take("service");
  out.actor = r.take("actor");
  out.priority = r.take("priority");
  out.reason = r.take("reason");
  out.said = r.take_instant("said");
  out.party = r.take("party");
  const bool known = out.party.empty() || out.party == "provider" || out.party == "customer" ||
                     out.party == "collector";
  if (!known) r.wrong("'party' is not provider, customer or collector");
  if (out.said && r.fault().empty() && *out.said < out.at) r.wrong("'said' lies before 'at'");
  return out;
}

MembershipEvent membership(EventsReader& r, MembershipEvent::Of of) {
  MembershipEvent out;
  out.of = of;
  out.name = r.need("name");
  const std::string event = r.need("event");
  if (event != "joined" && event != "retired") r.wrong("'event' is not joined or retired");
  out.joined = event == "joined";
  out.at = r.need_instant("at");
  return out;
}

SignatureEvent signature(EventsReader& r) {
  SignatureEvent out;
  out.version = r.need("version");
  out.digest = r.need_digest("digest");
  const std::string party = r.need("party");
  if (party != "provider" && party != "customer") r.wrong("'party' is not provider or customer");
  out.side = party == "customer" ? SignatureEvent::Side::customer : SignatureEvent::Side::provider;
  out.actor = r.need("actor");
  out.at = r.need_instant("at");
  return out;
}

DutyEvent duty(EventsReader& r) {
  DutyEvent out;
  const std::string event = r.need("event");
  if (event != "done" && event != "withdrawn") r.wrong("'event' is not done or withdrawn");
  out.done = event == "done";
  out.duty = r.need("duty");
  const auto due = parse_date(r.need("due"));
  if (!due) r.wrong("'due' is no date (write \"2026-03-31\")");
  out.due = due.value_or(LocalDate{});
  out.actor = r.need("actor");
  out.evidence = r.take("evidence");
  out.at = r.need_instant("at");
  return out;
}

}  // namespace

Expected<void> read_event(const nlohmann::json& event, Events& out) {
  EventsReader r(event);
  const std::string type = r.take("type");
  std::string what = type;
  if (type == "exclusion") {
    const ExclusionEvent one = exclusion(r);
    if (r.fault().empty()) out.exclusions.push_back(one);
  } else if (type == "incident") {
    const IncidentEvent one = incident(r);
    if (r.fault().empty()) out.incidents.push_back(one);
  } else if (type == "vantage" || type == "check") {
    const MembershipEvent one =
        membership(r, type == "check" ? MembershipEvent::Of::check : MembershipEvent::Of::vantage);
    if (r.fault().empty()) out.memberships.push_back(one);
  } else if (type == "signature") {
    const SignatureEvent one = signature(r);
    if (r.fault().empty()) out.signatures.push_back(one);
  } else if (type == "duty") {
    const DutyEvent one = duty(r);
    if (r.fault().empty()) out.duties.push_back(one);
  } else {
    return fail("'type' is not exclusion, incident, vantage, check, signature or duty");
  }
  if (r.fault().empty()) return {};
  return fail(type + ": " + r.fault());
}

Expected<Events> read_events(std::istream& in, const std::string& name) {
  JsonLines lines(in, name);
  LineNotes bad;
  Events out;
  for (std::size_t count = 0;; ++count) {
    if (count == kMaxEvents) return fail(lines.place() + ": more than a million events");
    bool done = false;
    const auto line = lines.next(done);
    if (!line) bad.add(line.error().message);
    if (done) break;
    if (!line) continue;
    const auto read = read_event(*line, out);
    if (!read) bad.add(lines.place() + ": " + read.error().message);
  }
  if (bad.empty()) return out;
  std::string text;
  for (const std::string& each : bad.lines()) text += (text.empty() ? "" : "\n") + each;
  return fail(std::move(text));
}

Expected<Events> read_events_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_errno("events " + path, errno);
  return read_events(file, path);
}

}  // namespace nines::sla
