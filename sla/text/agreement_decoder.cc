// SPDX-License-Identifier: Apache-2.0
#include "sla/text/agreement_decoder.h"

#include <array>

#include "config/check_decoder.h"
#include "sla/text/agreement_files.h"
#include "sla/text/agreement_parts.h"
#include "sla/text/canonical.h"
#include "sla/text/presets.h"

namespace nines::sla {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

// Sections that people act on, in the order in which they refer to each other.
struct Descriptive {
  std::string_view key;
  void (*decode)(const Node& node, Decoding& decoding);
};

constexpr std::array<Descriptive, 14> kDescriptive{{
    {"languages", decode_languages},
    {"parties", decode_parties},
    {"obligations", decode_obligations},
    {"reliability", decode_reliability},
    {"capability", decode_capability},
    {"risks", decode_risks},
    {"suppliers", decode_suppliers},
    {"guarantee", decode_guarantee},
    {"legal", decode_legal},
    {"communication", decode_communication},
    {"training", decode_training},
    {"feedback", decode_feedback},
    {"improvement", decode_improvement},
    {"revision", decode_revision},
}};

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

// Names in descriptive sections that must be there in another one.
void check_references(const Node& spec, Decoding& d) {
  const std::string& calendar = d.agreement.safeguards.capability.roster_calendar;
  const Node* calendars = spec.find("calendars");
  const bool known = calendar.empty() || calendar == "always" ||
                     (calendars != nullptr && calendars->find(calendar) != nullptr);
  if (!known) {
    d.complaints.add(spec.find("capability")->find("roster")->find("calendar")->place(),
                     config::shown(calendar) + " is none of the calendars");
  }
  const auto& deposit = d.agreement.terms.guarantee.deposit;
  if (!deposit || deposit->objective.empty() || !d.complaints.empty()) return;
  std::vector<std::string> names;
  for (const Objective& each : d.agreement.objectives) names.push_back(each.name);
  if (holds(names, deposit->objective)) return;
  const std::string near = config::nearest(deposit->objective, names);
  d.complaints.add(spec.find("guarantee")->find("deposit")->find("drawnWhen")->place(),
                   config::shown(deposit->objective) + " is no objective" +
                       (near.empty() ? "" : " (did you mean '" + near + "'?)"));
}

void decode_spec(const Node& node, Decoding& d) {
  Mapping spec(node, d.complaints, "spec");
  if (const Node* needs = spec.take("needs")) decode_needs(*needs, d);
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
  for (const Descriptive& section : kDescriptive) {
    if (const Node* found = spec.take(section.key)) section.decode(*found, d);
  }
  if (const Node* suppliers = node.find("suppliers")) decode_supplier_terms(*suppliers, d);
  check_references(node, d);
  spec.finish();
}

void require_word(Mapping& file, const char* key, const char* word, Complaints& complaints) {
  const auto text = file.require_text(key);
  if (text && *text != word) {
    complaints.add(file.node().find(key)->place(),
                   std::string(key) + " is " + config::shown(*text) + ", not " + word);
  }
}

std::string text_of(const Complaints& complaints) {
  std::string text = complaints.text();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

std::optional<Agreement> decode_agreement(const Node& written, Complaints& complaints) {
  const std::size_t before = complaints.size();
  const auto resolved = resolve_preset(written, complaints);
  if (!resolved) return std::nullopt;
  const Node& file = *resolved;
  Agreement out;
  Decoding decoding{out, complaints};
  forbid_fractions(file, complaints);
  Mapping mapping(file, complaints, "the agreement");
  require_word(mapping, "apiVersion", "nines/v1", complaints);
  require_word(mapping, "kind", "Agreement", complaints);
  if (const Node* overlay = mapping.take("overlay")) {
    complaints.add(overlay->place(),
                   "an overlay is read from a file, so that its base can be found");
  }
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
  if (node) {
    const auto agreement = decode_agreement(*node, complaints);
    if (agreement && complaints.empty()) return *agreement;
  }
  return fail(text_of(complaints));
}

Expected<Agreement> read_agreement_file(const std::string& path) {
  Complaints complaints;
  auto file = load_agreement(path, {}, complaints);
  if (file) return std::move(file->agreement);
  return fail(text_of(complaints));
}

}  // namespace nines::sla
