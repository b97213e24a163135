// SPDX-License-Identifier: Apache-2.0
// A ping socket where the host allows one, else a raw one, with all that has to be told to it once.
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "probes/failure.h"
#include "probes/icmp_socket.h"
#include "probes/socket_option.h"

// After the system's own headers, with which it clashes when it comes first.
#include <linux/icmp.h>

namespace nines::probes {
namespace {

constexpr int kReceiveBuffer = 1 << 20;

Failure open_failure(int error_number) {
  if (error_number != EPERM && error_number != EACCES) {
    return local_failure(error_number, "open an ICMP socket");
  }
  return {Reason::agent_no_permission,
          "no ICMP: the group is outside net.ipv4.ping_group_range and CAP_NET_RAW is missing"};
}

Descriptor open_descriptor(IpVersion version, int type) {
  const int family = version == IpVersion::v4 ? AF_INET : AF_INET6;
  const int protocol = version == IpVersion::v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  return Descriptor(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

// A raw socket would see every ICMP message of the host.
void only_echo_replies(int fd, IpVersion version) {
  if (version == IpVersion::v4) {
    icmp_filter filter{~(1U << ICMP_ECHOREPLY)};
    set_option(fd, SOL_RAW, ICMP_FILTER, filter);
  } else {
    icmp6_filter filter;
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    set_option(fd, IPPROTO_ICMPV6, ICMP6_FILTER, filter);
  }
}

}  // namespace

IcmpSocket::Opened IcmpSocket::open(asio::io_context& io, const Clock& clock, IpVersion version) {
  bool raw = false;
  auto descriptor = open_descriptor(version, SOCK_DGRAM);
  if (!descriptor && errno != EMFILE && errno != ENFILE) {
    raw = true;
    descriptor = open_descriptor(version, SOCK_RAW);
  }
  Opened opened;
  if (!descriptor) {
    opened.failure = open_failure(errno);
    return opened;
  }
  opened.socket.reset(new IcmpSocket(io, clock, version, raw));
  opened.failure = opened.socket->prepare(std::move(descriptor));
  if (opened.failure) opened.socket.reset();
  return opened;
}

Failure IcmpSocket::prepare(Descriptor descriptor) {
  auto failure = attach(descriptor, socket_);
  if (failure) return failure;
  const int fd = socket_.native_handle();
  set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  // Large requests may be fragmented: what is asked is whether the target answers.
  const int on = 1, fragment = IP_PMTUDISC_DONT;
  if (version_ == IpVersion::v4) {
    set_option(fd, IPPROTO_IP, IP_RECVERR, on);
    set_option(fd, IPPROTO_IP, IP_RECVTTL, on);
    set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, fragment);
  } else {
    set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, on);
    set_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, on);
    set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, fragment);
  }
  if (raw_) only_echo_replies(fd, version_);
  stamp_sends();
  return {};
}

IcmpSocket::Opened IcmpSockets::get(IpVersion version) {
  auto& kept = sockets_[version == IpVersion::v4 ? 0 : 1];
  IcmpSocket::Opened opened;
  if (kept == nullptr) {
    opened = IcmpSocket::open(io_, clock_, version);
    kept = opened.socket;
  }
  opened.socket = kept;
  return opened;
}

}  // namespace nines::probes
