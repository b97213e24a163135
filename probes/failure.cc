// SPDX-License-Identifier: Apache-2.0
#include "probes/failure.h"

#include <cerrno>
#include <cstring>

namespace nines::probes {
namespace {

std::string text_of(int error_number) {
  char buffer[128];
  // The GNU form may return a string of its own instead of filling the buffer.
  return ::strerror_r(error_number, buffer, sizeof buffer);
}

Reason local_reason(int error_number) {
  switch (error_number) {
    case EMFILE:
    case ENFILE:
      return Reason::agent_no_descriptor;
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:  // epoll: the user's limit of watched descriptors
    case EAGAIN:  // connect(): no free local port; sendto(): the send buffer is full
      return Reason::agent_no_memory;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EAFNOSUPPORT:
    case EINVAL:  // Linux answers so for a blackhole route
      return Reason::agent_no_route;
    case EADDRNOTAVAIL:
      return Reason::agent_no_source;
    case EACCES:
    case EPERM:
      return Reason::agent_no_permission;
    default:
      return Reason::agent_internal;
  }
}

}  // namespace

Failure local_failure(int error_number, const std::string& what) {
  return {local_reason(error_number), what + ": " + text_of(error_number)};
}

Failure connect_failure(int error_number, bool at_once, const std::string& address) {
  const auto detail = address + ": " + text_of(error_number);
  switch (error_number) {
    case ECONNREFUSED:
      return {Reason::connect_refused, detail};
    case ECONNRESET:
    case ECONNABORTED:
      return {Reason::connect_reset, detail};
    case ETIMEDOUT:
      return {Reason::connect_timeout, detail};
    default:
      break;
  }
  if (at_once) return local_failure(error_number, "connect to " + address);
  switch (error_number) {
    // Answers of routers and firewalls (ICMP errors) as Linux translates them.
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case EACCES:
    case EPERM:
    case EPROTO:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EMSGSIZE:
      return {Reason::connect_unreachable, detail};
    default:
      return local_failure(error_number, "connect to " + address);
  }
}

Failure resolve_failure(const net::Resolution& resolution, const std::string& host) {
  const auto because = resolution.detail.empty() ? std::string() : ": " + resolution.detail;
  switch (resolution.status) {
    case net::ResolveStatus::ok:
      if (!resolution.addresses.empty()) return {};
      return {Reason::dns_no_address, host + " has no address"};
    case net::ResolveStatus::not_found:
      return {Reason::dns_nxdomain, host + " does not exist" + because};
    case net::ResolveStatus::no_address:
      return {Reason::dns_no_address, host + " has no address" + because};
    case net::ResolveStatus::servfail:
      return {Reason::dns_servfail, "the name server failed for " + host + because};
    case net::ResolveStatus::refused:
      return {Reason::dns_refused, "the name server refused to answer for " + host + because};
    case net::ResolveStatus::timed_out:
      return {Reason::dns_timeout, "no name server answered for " + host + " in time" + because};
    case net::ResolveStatus::malformed:
      return {Reason::dns_malformed, "the answer for " + host + " does not parse" + because};
    case net::ResolveStatus::silent:
    case net::ResolveStatus::no_resolver:
      return {Reason::agent_no_resolver, "cannot ask a name server for " + host + because};
    case net::ResolveStatus::stopped:
      break;
  }
  return stopped_failure();
}

Failure stopped_failure() { return {Reason::agent_stopped, "stopped while running"}; }

}  // namespace nines::probes
