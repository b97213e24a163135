// SPDX-License-Identifier: Apache-2.0
// From a host name to a connected TCP socket. TCP and HTTP checks share it, so that a refusal, a
// missing route or a full descriptor table means the same in both. An address that refuses, is
// unreachable or does not answer is followed by the next one while time is left.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/check.h"
#include "model/result.h"
#include "net/resolver.h"
#include "probes/run.h"

namespace nines::probes {

// Adds to a phase: a phase that happens in several hops is the sum of them.
void add_phase(std::optional<std::int64_t>& phase, Duration d);

struct Addresses {
  std::vector<asio::ip::address> list;
  Failure failure;

  bool empty() const { return list.empty() && !failure; }
};

// What a literal says by itself; empty where `host` is a name. "[::1]" is taken as "::1". A family
// that it must not have leaves dns_no_address.
Addresses literal_address(std::string_view host, Family family);

// Of a literal or a name. A literal needs no lookup and leaves the dns phase absent. A family that
// the host must not have leaves dns_no_address; a preferred one comes first. What is found without
// a name server has no packets, and nothing is noted of its stamps.
Task<Addresses> look_up(Run& run,
                        net::Resolver& resolver,
                        std::string host,
                        Family family,
                        Phases& phases,
                        Stamps& stamps);

// Binds to `source`: a local address, or the name of an interface (SO_BINDTODEVICE). Nothing where
// it is empty. An address of the other family is agent_no_source.
Failure bind_source(int descriptor, bool v6, const std::string& source);

// Who speaks first on a new connection. Where the other end may, its first bytes can arrive before
// anybody follows the connection, so stamps of what arrives are asked for before it is made.
enum class Greeting { ours, theirs };

struct Connection {
  Descriptor socket;          // non-blocking; there when connected
  std::string address;        // of the attempt that decided
  bool kernel_timed = false;  // the connect phase is the kernel's measurement
  Failure failure;
};

// With addresses left an attempt gets half of the remaining time at most. Of several failures the
// last one that came from outside decides; this host's own trouble only where there is nothing
// else.
Task<Connection> connect_any(Run& run,
                             std::vector<asio::ip::address> addresses,
                             std::uint16_t port,
                             std::string source,
                             Phases& phases,
                             Greeting greeting = Greeting::ours);

// The same to a Unix socket, whose address reads "unix:/path".
Task<Connection> connect_unix(Run& run, std::string path, Phases& phases);

}  // namespace nines::probes
