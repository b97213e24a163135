// SPDX-License-Identifier: Apache-2.0
// Names to addresses by c-ares on the loop, with a deadline of the caller's: libcurl's and glibc's
// resolvers block. Literals never reach DNS; /etc/hosts and "localhost" are honoured.
#pragma once

#include <asio/ip/address.hpp>
#include <memory>
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
  timed_out,    // no server answered before the deadline
  malformed,    // an answer that does not parse
  no_resolver,  // our own trouble: no server configured or reachable at all, no descriptor, no memory
  stopped,
};

struct Resolution {
  ResolveStatus status = ResolveStatus::no_resolver;
  std::vector<asio::ip::address> addresses;  // at most 16; IPv6 and IPv4 in the order of RFC 6724
  std::string detail;                        // for people
};

class Resolver {
 public:
  // `servers` overrides /etc/resolv.conf ("127.0.0.1:5353,…"); for tests.
  Resolver(asio::io_context& io, const Clock& clock, std::string servers = {});
  ~Resolver();

  Task<Resolution> resolve(std::string host, Family family, BootTime deadline, Stop& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines::net
