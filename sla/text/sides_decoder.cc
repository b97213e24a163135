// SPDX-License-Identifier: Apache-2.0
// `metadata`, `languages`, `parties`, `obligations`, `scope` and `needs`.
#include <algorithm>

#include "base/bytes.h"
#include "config/check_decoder.h"
#include "sla/text/agreement_parts.h"
#include "sla/text/section.h"

namespace nines::sla {
namespace {

using config::Node;

constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::string_view kKeyPrefix = "ed25519:";

void decode_party(Section& section, const std::string& id, Agreement& out) {
  Party party;
  party.id = id;
  party.name = section.require("name");
  party.contact = section.text("contact");
  section.inside("signs", [&](Section& signs) {
    party.signing_role = signs.text("role");
    party.signing_key = signs.text("key");
    if (!party.signing_key.empty() && !party.signing_key.starts_with(kKeyPrefix)) {
      signs.complain("key", "a signing key begins with ed25519:");
    }
  });
  out.parties.push_back(std::move(party));
}

// One duty: a plain text, or a mapping that says when it is due.
void decode_obligation(const Node& node,
                       const std::string& party,
                       std::size_t number,
                       Decoding& d) {
  Duty duty;
  duty.id = "obligations/" + party + "/" + std::to_string(number);
  duty.owner = party;
  duty.place = node.place();
  if (node.kind() != Node::Kind::mapping) {
    duty.what = config::as_text(node, d.complaints).value_or("");
    d.agreement.duties.push_back(std::move(duty));
    return;
  }
  Section section(node, d.complaints, "an obligation");
  duty.what = section.require("what");
  duty.every = section.span("every");
  read_duty(section, std::move(duty), d.agreement.duties);
  section.finish();
}

void decode_service(Section& section, Decoding& d) {
  ScopedService service;
  service.description = section.words("description");
  section.words("displayName");
  service.owner = section.text("owner");
  if (const Node* labels = section.take("labels")) config::decode_labels(*labels, d.complaints);
  if (const std::string kind = section.text("kind"); !kind.empty() && kind != "Service") {
    section.complain("kind", "'kind' of a service is Service");
  }
  service.endpoints = section.texts("endpoints");
  for (const std::string& each : service.endpoints) {
    const auto check = config::check_from_uri(each, seconds(30), seconds(5));
    if (!check) section.complain("endpoints", check.error().message);
  }
  const Node* name = section.take("name");
  if (name == nullptr) {
    if (section.node().kind() == Node::Kind::mapping) {
      section.complain("name", "service has no 'name'");
    }
    return;
  }
  const auto text = as_name(*name, d.complaints);
  if (!text) return;
  if (holds(d.agreement.services, *text)) {
    section.complain("name", "a second service with the name '" + *text + "'");
  }
  service.name = *text;
  d.agreement.services.push_back(*text);
  d.agreement.scope.services.push_back(std::move(service));
}

}  // namespace

std::optional<PublicKey> public_key_of(const Party& party) {
  if (!party.signing_key.starts_with(kKeyPrefix)) return std::nullopt;
  const auto bytes = from_hex(std::string_view(party.signing_key).substr(kKeyPrefix.size()));
  PublicKey key{};
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

std::optional<PublicKey> signing_key_of(const std::vector<Party>& parties, std::string_view id) {
  const auto party = std::find_if(parties.begin(), parties.end(),
                                  [&](const Party& each) { return each.id == id; });
  return party == parties.end() ? std::nullopt : public_key_of(*party);
}

void decode_metadata(const Node& node, Decoding& d) {
  Section section(node, d.complaints, "metadata");
  if (section.require("name").size() > 0) {
    d.agreement.name = as_name(*section.take("name"), d.complaints).value_or("");
  }
  if (section.require("version").size() > 0) {
    d.agreement.version = as_name(*section.take("version"), d.complaints).value_or("");
  }
  d.agreement.display_name = section.words("displayName");
  d.agreement.description = section.words("description");
  if (const Node* labels = section.take("labels")) {
    d.agreement.labels = config::decode_labels(*labels, d.complaints);
  }
  section.texts_by_name("annotations");
  section.inside("supersedes", [&](Section& supersedes) {
    const std::string version = supersedes.require("version");
    if (!version.empty()) d.agreement.supersedes_version = version;
    const std::string digest = supersedes.text("digest");
    if (digest.empty()) return;
    if (!digest.starts_with(kDigestPrefix)) {
      supersedes.complain("digest", "a digest is written sha256:… (nines sla lint prints it)");
    }
    d.agreement.supersedes_digest = digest;
  });
  section.finish();
}

void decode_languages(const Node& node, Decoding& d) {
  Section section(node, d.complaints, "languages");
  d.agreement.languages.prevailing = section.require("prevailing");
  d.agreement.languages.also = section.texts("also");
  if (holds(d.agreement.languages.also, d.agreement.languages.prevailing)) {
    section.complain("also", "'also' lists the prevailing language");
  }
  section.finish();
}

void decode_parties(const Node& node, Decoding& d) {
  Section section(node, d.complaints, "parties");
  for (const char* id : {"provider", "customer", "auditor"}) {
    section.inside(id, [&](Section& party) { decode_party(party, id, d.agreement); });
  }
  section.finish();
}

void decode_obligations(const Node& node, Decoding& d) {
  Section section(node, d.complaints, "obligations");
  for (const char* party : {"provider", "customer"}) {
    const Node* list = section.take(party);
    if (list == nullptr) continue;
    if (list->kind() != Node::Kind::sequence || list->items().empty()) {
      section.complain(party, "the obligations of a party are a list with at least one entry");
    }
    std::size_t number = 0;
    for (const Node& each : list->items()) decode_obligation(each, party, ++number, d);
  }
  section.finish();
}

void decode_scope(const Node& node, Decoding& d) {
  Section section(node, d.complaints, "scope");
  d.agreement.scope.includes = section.texts("includes");
  d.agreement.scope.excludes = section.texts("excludes");
  d.agreement.scope.scenarios = section.texts("scenarios");
  const Node* services = section.take("services");
  if (services == nullptr) {
    if (node.kind() == Node::Kind::mapping) section.complain("services", "scope has no 'services'");
  } else if (services->kind() != Node::Kind::sequence || services->items().empty()) {
    if (!services->broken()) section.complain("services", "'services' must list the services");
  } else {
    for (const Node& each : services->items()) {
      Section service(each, d.complaints, "service");
      decode_service(service, d);
      service.finish();
    }
  }
  section.finish();
}

void decode_needs(const Node& node, Decoding& d) {
  constexpr std::int64_t kLeastUrgent = 9;
  each_in(node, "needs", d.complaints, [&](Section& section) {
    Need need;
    need.id = section.require("id");
    need.need = section.require("need");
    need.source = section.text("source");
    need.priority = section.whole("priority", 1, kLeastUrgent).value_or(0);
    if (need.id.empty()) return;
    if (holds(d.agreement.needs, need.id)) {
      section.complain("id", "a second need with the id '" + need.id + "'");
    }
    d.agreement.needs.push_back(need.id);
    d.agreement.need_list.push_back(std::move(need));
  });
}

}  // namespace nines::sla
