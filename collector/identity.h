// SPDX-License-Identifier: Apache-2.0
// Who may do what. One function decides, once for each request. An agent's certificate names it by
// the URI SAN nines:agent:NAME; it may post its own batches and read its own head, and nothing else
// exists for it. nines:reader:NAME may read. Peers of the Unix socket may read and administer: the
// socket's mode (0660) is their credential. A certificate with two names of ours is nobody: it is
// ambiguous.
#pragma once

#include <string>
#include <string_view>

#include "net/http_message.h"

namespace nines::collector {

struct Identity {
  enum class Kind { nobody, agent, reader, local } kind = Kind::nobody;
  std::string name;  // of an agent or a reader

  bool operator==(const Identity&) const = default;
};

enum class Action { post_batch, read_head, read, administer };

Identity identify(const net::Peer& peer);

// `agent` is whom the action is about; it matters for post_batch and read_head alone.
bool may(const Identity& identity, Action action, std::string_view agent);

std::string describe(
    const Identity& identity);  // "agent edge-042", "nobody"; for refusals and logs

}  // namespace nines::collector
