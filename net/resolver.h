// SPDX-License-Identifier: Apache-2.0
// Names to addresses by c-ares on the loop, with a deadline of the caller's: libcurl's and glibc's
// resolvers block. Literals never reach DNS; /etc/hosts, "localhost" and the search list of
// /etc/resolv.conf are honoured, and both files are read again when they change.
#pragma once

#include <asio/ip/address.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"

namespace nines::net {

enum class Family { any, ipv4, ipv6 };

enum class ResolveStatus {
  ok,
  not_found,    // NXDOMAIN: the name does not exist
  no_address,   // it exists, with no address of the family
  servfail,     // a server answered that it failed
  refused,      // a server refused to answer
  timed_out,    // no server answered this question before the deadline, but others they did
  silent,       // no server answered anything, not even who serves the root: our own side's trouble
  malformed,    // an answer that does not parse
  no_resolver,  // our own trouble: no server configured or reachable at all, no descriptor, no
                // memory
  stopped,
};

struct Resolution {
  ResolveStatus status = ResolveStatus::no_resolver;
  std::vector<asio::ip::address> addresses = {};  // at most 16; in the order of RFC 6724
  std::string detail = {};                        // for people
  bool asked = false;                             // a name server was
  // By the kernel's stamp, when the last answer came that this rests on. Nothing where it gave
  // none, and where something was waited for that did not come.
  std::optional<BootTime> arrived = {};
};

struct ResolverFiles {
  std::string hosts = "/etc/hosts";
  std::string resolv_conf = "/etc/resolv.conf";
};

class Resolver {
 public:
  // `servers` overrides the name servers of resolv.conf ("127.0.0.1:5353,…"); for tests.
  // `io` and `clock` must outlive the resolver, and it every coroutine that resolves.
  Resolver(asio::io_context& io,
           const Clock& clock,
           std::string servers = {},
           ResolverFiles files = {});
  ~Resolver();

  // Servers are asked in turn (1 s, then 2 s, 4 s …) until the deadline. With Family::any, A and
  // AAAA are asked at once; when one has addresses, the other is waited for half a second at most.
  // At half time without any answer the servers are asked for the root's own servers: whoever
  // answers that and not the question says something of the name, whoever answers nothing does not.
  // A packet that answers no question of ours is taken for a forgery and ignored, not for
  // malformed.
  Task<Resolution> resolve(std::string host, Family family, BootTime deadline, Stop& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines::net
