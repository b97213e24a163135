// SPDX-License-Identifier: Apache-2.0
// Who may do what. One function decides, once for each request. An agent's certificate names it by
// the URI SAN nines:agent:NAME; it may post its own batches and read its own head, and nothing else
// exists for it. nines:reader:NAME may read. nines:actor:NAME is a person of the configuration
// (collector/actors.h), who may read and speak on the agreements that it sees. Peers of the Unix
// socket may read and administer: the socket's mode (0660) is their credential. A certificate with
// two names of ours is nobody: it is ambiguous.
#pragma once

#include <string>
#include <string_view>

#include "net/http_message.h"

namespace nines::collector {

struct Identity {
  enum class Kind { nobody, agent, reader, actor, local } kind = Kind::nobody;
  std::string name;  // of an agent, a reader or an actor

  bool operator==(const Identity&) const = default;
};

// `speak` and `read_own` are about one agreement, and asked of its actor beside.
enum class Action { post_batch, read_head, read, read_own, speak, administer };

Identity identify(const net::Peer& peer);

// `agent` is whom the action is about; it matters for post_batch and read_head alone.
bool may(const Identity& identity, Action action, std::string_view agent);

std::string describe(
    const Identity& identity);  // "agent edge-042", "nobody"; for refusals and logs

}  // namespace nines::collector
