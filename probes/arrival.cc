// SPDX-License-Identifier: Apache-2.0
#include "probes/arrival.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace nines::probes {

void ask_for_arrivals(int descriptor) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  ::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

std::optional<BootTime> next_arrival(int descriptor, const Clock& clock, BootTime not_before) {
  // A peek at a connection that was reset would take the error away from who reads next.
  int waiting = 0;
  if (::ioctl(descriptor, FIONREAD, &waiting) != 0 || waiting == 0) return std::nullopt;
  char byte = 0;
  alignas(cmsghdr) std::array<char, 128> control;
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(descriptor, &message, MSG_PEEK | MSG_DONTWAIT) != 1) return std::nullopt;
  for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING ||
        c->cmsg_len < CMSG_LEN(sizeof(scm_timestamping))) {
      continue;
    }
    scm_timestamping stamps{};
    std::memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
    const auto& stamp = stamps.ts[0];
    if (stamp.tv_sec == 0) return std::nullopt;
    // The stamp is of the wall clock; a pair of readings takes it over to the boot clock. A step in
    // between shows as an instant that cannot be.
    const auto now = clock.read();
    const WallTime wall{std::int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec};
    const auto arrived = now.boot - (now.wall - wall);
    if (arrived < not_before || arrived > now.boot) return std::nullopt;
    return arrived;
  }
  return std::nullopt;
}

std::uint64_t bytes_received(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  const bool known = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  return known ? info.tcpi_bytes_received : 0;
}

}  // namespace nines::probes
