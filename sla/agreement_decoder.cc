// SPDX-License-Identifier: Apache-2.0
#include "sla/agreement_decoder.h"

#include <array>

#include "config/check_decoder.h"
#include "sla/agreement_parts.h"
#include "sla/canonical.h"

namespace nines::sla {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

// Sections of `spec` that are read by people and by later tools, and cannot change any number that
// this version reports. Everything else in `spec` is either judged or refused.
constexpr std::array<std::string_view, 14> kDescriptive{
    "languages",     "parties",  "obligations", "needs",      "reliability",
    "capability",    "risks",    "suppliers",   "guarantee",  "legal",
    "communication", "training", "feedback",    "improvement"};

// Known sections whose rules are not judged yet and would change numbers, money or alerts.
constexpr std::array<std::string_view, 1> kRefused{"overlay"};

void decode_metadata(const Node& node, Decoding& d) {
  Mapping metadata(node, d.complaints, "metadata");
  if (const Node* name = metadata.require("name")) {
    d.agreement.name = as_name(*name, d.complaints).value_or("");
  }
  if (const Node* version = metadata.require("version")) {
    d.agreement.version = as_name(*version, d.complaints).value_or("");
  }
  for (const char* words : {"displayName", "description", "labels", "annotations"}) {
    metadata.take(words);
  }
  if (const Node* node_superseded = metadata.take("supersedes")) {
    Mapping supersedes(*node_superseded, d.complaints, "supersedes");
    d.agreement.supersedes_version = supersedes.require_text("version");
    d.agreement.supersedes_digest = supersedes.take_text("digest");
    supersedes.finish();
  }
  metadata.finish();
}

// "2026-07-01T00:00:00" or "2026-07-01" on the wall of the zone, or an instant with Z or an offset.
std::optional<WallTime> as_instant(const Node& node, Decoding& d) {
  const auto text = config::as_text(node, d.complaints);
  if (!text) return std::nullopt;
  auto out = parse_rfc3339(*text);
  if (!out) {
    constexpr std::size_t kDateOnly = 10;
    const std::string whole = text->size() == kDateOnly ? *text + "T00:00:00" : *text;
    const auto wall = parse_rfc3339(whole + "Z");
    const Zone utc;
    if (wall && valid(utc.date_at(*wall))) {
      const LocalDate date = utc.date_at(*wall);
      out = d.agreement.zone.instant(date, *wall - utc.instant(date));
    }
  }
  if (out && valid(Zone().date_at(*out))) return *out;
  d.complaints.add(node.place(), config::shown(*text) +
                                     " is no instant of the years 1970 to 2199 (write "
                                     "\"2026-07-01T00:00:00\", on the clock of 'timeZone')");
  return std::nullopt;
}

void decode_effective(const Node& node, Decoding& d) {
  Mapping effective(node, d.complaints, "effective");
  if (const Node* zone = effective.take("timeZone")) {
    d.agreement.zone = as_zone(*zone, d.complaints).value_or(Zone());
  }
  if (const Node* from = effective.require("from")) {
    d.agreement.effective_from = as_instant(*from, d).value_or(WallTime{});
  }
  if (const Node* to = effective.take("to")) {
    d.agreement.effective_to = as_instant(*to, d);
    if (d.agreement.effective_to && *d.agreement.effective_to <= d.agreement.effective_from) {
      d.complaints.add(to->place(), "the agreement must end after it begins");
    }
  }
  effective.finish();
}

void decode_service(const Node& node, Decoding& d) {
  Mapping service(node, d.complaints, "service");
  for (const char* words : {"description", "displayName", "endpoints", "labels", "owner"}) {
    service.take(words);
  }
  const auto kind = service.take_text("kind");
  if (kind && *kind != "Service") {
    d.complaints.add(node.find("kind")->place(), "'kind' of a service is Service");
  }
  if (const Node* name = service.require("name")) {
    if (const auto text = as_name(*name, d.complaints)) {
      if (holds(d.agreement.services, *text)) {
        d.complaints.add(name->place(), "a second service with the name '" + *text + "'");
      }
      d.agreement.services.push_back(*text);
    }
  }
  service.finish();
}

void decode_scope(const Node& node, Decoding& d) {
  Mapping scope(node, d.complaints, "scope");
  for (const char* words : {"includes", "excludes", "scenarios"}) scope.take(words);
  if (const Node* services = scope.require("services")) {
    if (services->kind() != Node::Kind::sequence || services->items().empty()) {
      if (!services->broken())
        d.complaints.add(services->place(), "'services' must list the services");
    }
    for (const Node& each : services->items()) decode_service(each, d);
  }
  scope.finish();
}

void decode_needs(const Node* node, Decoding& d) {
  if (node == nullptr) return;
  for (const Node& each : node->items()) {
    const Node* id = each.find("id");
    if (id != nullptr) d.agreement.needs.push_back(id->text());
  }
}

// Reports are written in the language that prevails, where they can be.
void decode_language(const Node* languages, Decoding& d) {
  const Node* prevailing = languages != nullptr ? languages->find("prevailing") : nullptr;
  if (prevailing != nullptr) d.agreement.language = prevailing->text();
}

// The one word in it that another value of would change a number.
void check_revision(Mapping& mapping, Decoding& d) {
  const Node* revision = mapping.take("revision");
  const Node* change = revision != nullptr ? revision->find("onChangeMidPeriod") : nullptr;
  if (change != nullptr && change->text() != "split") {
    refuse_value(*change, "onChangeMidPeriod", "split", d.complaints);
  }
}

void decode_spec(const Node& node, Decoding& d) {
  Mapping spec(node, d.complaints, "spec");
  for (const std::string_view section : kDescriptive) spec.take(section);
  for (const std::string_view section : kRefused) refuse_keys(spec, {section}, d.complaints);
  check_revision(spec, d);
  decode_needs(node.find("needs"), d);
  decode_language(node.find("languages"), d);
  if (const Node* effective = spec.require("effective")) decode_effective(*effective, d);
  if (const Node* scope = spec.require("scope")) decode_scope(*scope, d);
  if (const Node* calendars = spec.take("calendars")) decode_calendars(*calendars, d);
  if (const Node* exclusions = spec.take("exclusions")) decode_exclusions(*exclusions, d);
  if (const Node* unplanned = spec.take("unplanned")) decode_unplanned(*unplanned, d);
  if (const Node* measurement = spec.require("measurement")) decode_measurement(*measurement, d);
  decode_composition(spec.take("composition"), node.find("suppliers"), d);
  if (const Node* objectives = spec.require("objectives")) decode_objectives(*objectives, d);
  if (const Node* alerting = spec.take("alerting")) decode_alerting(*alerting, d);
  if (const Node* support = spec.take("support")) decode_support(*support, d);
  const Node* compensation = spec.take("compensation");
  if (compensation != nullptr) decode_compensation(*compensation, d);
  spec.finish();
}

void require_word(Mapping& file, const char* key, const char* word, Complaints& complaints) {
  const auto text = file.require_text(key);
  if (text && *text != word) {
    complaints.add(file.node().find(key)->place(),
                   std::string(key) + " is " + config::shown(*text) + ", not " + word);
  }
}

Expected<Agreement> finish(const std::optional<Node>& node,
                           const std::string& directory,
                           Complaints& complaints) {
  if (node) {
    const auto agreement = decode_agreement(*node, directory, complaints);
    if (agreement && complaints.empty()) return *agreement;
  }
  std::string text = complaints.text();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return fail(std::move(text));
}

}  // namespace

std::optional<Agreement> decode_agreement(const Node& file,
                                          const std::string& directory,
                                          Complaints& complaints) {
  const std::size_t before = complaints.size();
  Agreement out;
  Decoding decoding{out, directory, complaints};
  forbid_fractions(file, complaints);
  Mapping mapping(file, complaints, "the agreement");
  require_word(mapping, "apiVersion", "nines/v1", complaints);
  require_word(mapping, "kind", "Agreement", complaints);
  refuse_keys(mapping, {"overlay"}, complaints);
  if (const Node* metadata = mapping.require("metadata")) decode_metadata(*metadata, decoding);
  if (const Node* spec = mapping.require("spec")) decode_spec(*spec, decoding);
  mapping.finish();
  if (complaints.size() != before) return std::nullopt;
  const std::string canonical = canonical_json(file);
  out.digest = sha256(as_bytes(canonical));
  return out;
}

Expected<Agreement> read_agreement(std::string_view text, const std::string& file_name) {
  Complaints complaints;
  const auto node = config::parse_yaml(text, file_name, complaints);
  return finish(node, "", complaints);
}

Expected<Agreement> read_agreement_file(const std::string& path) {
  Complaints complaints;
  const auto node = config::parse_yaml_file(path, complaints);
  const std::size_t slash = path.rfind('/');
  return finish(node, slash == std::string::npos ? "" : path.substr(0, slash), complaints);
}

}  // namespace nines::sla
