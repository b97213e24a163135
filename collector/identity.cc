// SPDX-License-Identifier: Apache-2.0
#include "collector/identity.h"

#include "config/check_decoder.h"

namespace nines::collector {
namespace {

constexpr std::string_view kAgentPrefix = "nines:agent:";
constexpr std::string_view kActorPrefix = "nines:actor:";
constexpr std::string_view kReaderPrefix = "nines:reader:";

Identity parse(std::string_view uri) {
  const auto named = [&](std::string_view prefix, Identity::Kind kind) -> Identity {
    const auto name = uri.substr(prefix.size());
    if (!config::check_name(name)) return {};
    return {kind, std::string(name)};
  };
  if (uri.starts_with(kAgentPrefix)) return named(kAgentPrefix, Identity::Kind::agent);
  if (uri.starts_with(kReaderPrefix)) return named(kReaderPrefix, Identity::Kind::reader);
  if (uri.starts_with(kActorPrefix)) return named(kActorPrefix, Identity::Kind::actor);
  return {};
}

}  // namespace

Identity identify(const net::Peer& peer) {
  if (peer.uid) return {Identity::Kind::local, {}};
  Identity found;
  for (const auto& uri : peer.certificate_uris) {
    if (!uri.starts_with("nines:")) continue;
    if (found.kind != Identity::Kind::nobody) return {};
    found = parse(uri);
    if (found.kind == Identity::Kind::nobody) return {};
  }
  return found;
}

bool may(const Identity& identity, Action action, std::string_view agent) {
  switch (identity.kind) {
    case Identity::Kind::nobody:
      return false;
    case Identity::Kind::agent:
      return (action == Action::post_batch || action == Action::read_head) &&
             identity.name == agent;
    case Identity::Kind::reader:
      return action == Action::read || action == Action::read_own || action == Action::read_head;
    case Identity::Kind::actor:
      return action == Action::read_own || action == Action::speak;
    case Identity::Kind::local:
      return action != Action::post_batch;
  }
  return false;
}

std::string describe(const Identity& identity) {
  switch (identity.kind) {
    case Identity::Kind::agent:
      return "agent " + identity.name;
    case Identity::Kind::reader:
      return "reader " + identity.name;
    case Identity::Kind::actor:
      return "actor " + identity.name;
    case Identity::Kind::local:
      return "a local peer";
    case Identity::Kind::nobody:
      break;
  }
  return "nobody";
}

}  // namespace nines::collector
