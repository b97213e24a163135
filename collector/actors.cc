// SPDX-License-Identifier: Apache-2.0
#include "collector/actors.h"

#include <algorithm>

#include "config/check_decoder.h"
#include "config/check_printer.h"

namespace nines::collector {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

void decode_agreements(const Node& node, Actor& actor, Complaints& complaints) {
  if (node.kind() == Node::Kind::scalar && node.text() == "all") {
    actor.sees_all = true;
    return;
  }
  if (node.kind() != Node::Kind::sequence || node.items().empty()) {
    complaints.add(node.place(), "'agreements' is all, or a list of names");
    return;
  }
  actor.agreements = config::as_texts(node, complaints).value_or(std::vector<std::string>());
}

Actor decode_actor(const Node& node, Complaints& complaints) {
  Mapping mapping(node, complaints, "actor");
  Actor actor;
  if (const Node* name = mapping.require("name")) {
    actor.name = config::as_text(*name, complaints).value_or("");
    if (!actor.name.empty() && !config::check_name(actor.name)) {
      complaints.add(name->place(),
                     "an actor's name is as a check's: letters, digits, '-', '_' "
                     "and '.'");
    }
  }
  if (actor.name == "collector") {
    complaints.add(node.find("name")->place(),
                   "'collector' is how the collector names itself in its log");
  }
  if (const auto text = mapping.require_text("party")) {
    const auto party = parse_party(*text);
    if (!party) {
      complaints.add(node.find("party")->place(), "'party' is provider, customer or auditor");
    }
    actor.party = party.value_or(Party::auditor);
  }
  if (const Node* agreements = mapping.require("agreements")) {
    decode_agreements(*agreements, actor, complaints);
  }
  actor.local = mapping.take_bool("local").value_or(false);
  mapping.finish();
  return actor;
}

}  // namespace

std::string_view name(Party party) {
  switch (party) {
    case Party::provider:
      return "provider";
    case Party::customer:
      return "customer";
    case Party::auditor:
      break;
  }
  return "auditor";
}

std::optional<Party> parse_party(std::string_view text) {
  for (const auto party : {Party::provider, Party::customer, Party::auditor}) {
    if (text == name(party)) return party;
  }
  return std::nullopt;
}

bool Actor::sees(std::string_view agreement) const {
  return sees_all || std::find(agreements.begin(), agreements.end(), agreement) != agreements.end();
}

const Actor* Actors::find(std::string_view name) const {
  for (const auto& actor : list_) {
    if (!actor.local && actor.name == name) return &actor;
  }
  return nullptr;
}

const Actor* Actors::local() const {
  for (const auto& actor : list_) {
    if (actor.local) return &actor;
  }
  return nullptr;
}

Actors decode_actors(const Node& node, Complaints& complaints) {
  if (node.kind() != Node::Kind::sequence || node.items().size() > kMaxActors) {
    if (!node.broken()) {
      complaints.add(node.place(), "'actors' is a list, of at most " + std::to_string(kMaxActors));
    }
    return {};
  }
  std::vector<Actor> list;
  bool any_local = false;
  for (const auto& item : node.items()) {
    auto actor = decode_actor(item, complaints);
    const bool twice = std::any_of(list.begin(), list.end(),
                                   [&](const Actor& known) { return known.name == actor.name; });
    if (twice && !actor.name.empty()) {
      complaints.add(item.place(), "a second actor with the name '" + actor.name + "'");
    }
    if (actor.local && any_local) {
      complaints.add(item.place(), "one actor at most is 'local': who speaks by the socket");
    }
    any_local = any_local || actor.local;
    list.push_back(std::move(actor));
  }
  return Actors(std::move(list));
}

std::string print_actors(const Actors& actors) {
  if (actors.list().empty()) return "";
  std::string out = "  actors:\n";
  for (const auto& actor : actors.list()) {
    out += "    - {name: " + config::yaml_quoted(actor.name) +
           ", party: " + std::string(name(actor.party)) + ", agreements: ";
    if (actor.sees_all) {
      out += "all";
    } else {
      out += "[";
      for (const auto& agreement : actor.agreements) {
        if (out.back() != '[') out += ", ";
        out += config::yaml_quoted(agreement);
      }
      out += "]";
    }
    out += std::string(actor.local ? ", local: true" : "") + "}\n";
  }
  return out;
}

}  // namespace nines::collector
