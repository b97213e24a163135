// SPDX-License-Identifier: Apache-2.0
#include "probes/packet_times.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "net/kernel_stamp.h"

namespace nines::probes {
namespace {

constexpr int kMaxFetched = 1024;  // stamps of one call; what is left waits for the next

}  // namespace

void PacketTimes::follow(int descriptor) {
  descriptor_ = descriptor;
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE |
                    SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                    SOF_TIMESTAMPING_OPT_TSONLY;
  ::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

void PacketTimes::begin_anew(BootTime not_before) {
  fetch_sent();
  first_.reset();
  last_.reset();
  not_before_ = not_before;
}

std::optional<BootTime> PacketTimes::waiting(bool last) const {
  // A peek at a connection that was reset would take the error away from who reads next.
  int bytes = 0;
  if (::ioctl(descriptor_, FIONREAD, &bytes) != 0 || bytes <= 0) return std::nullopt;
  // With MSG_TRUNC a stream copies nothing however many bytes are asked for, and the stamp is of
  // the last packet that it went over (tcp(7)). So the room is never touched, and takes no memory.
  // Of more than its size the stamp is a little early.
  static std::array<char, 256 << 10> room;
  alignas(cmsghdr) std::array<char, 128> control;
  iovec part{room.data(), last ? std::min(static_cast<std::size_t>(bytes), room.size()) : 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const int flags = MSG_PEEK | MSG_DONTWAIT | (last ? MSG_TRUNC : 0);
  if (::recvmsg(descriptor_, &message, flags) < 1) return std::nullopt;
  return net::kernel_stamp(message, clock_, not_before_);
}

std::optional<BootTime> PacketTimes::first_waiting() const { return waiting(false); }

std::optional<BootTime> PacketTimes::last_waiting() const { return waiting(true); }

void PacketTimes::fetch_sent() {
  for (int i = 0; i < kMaxFetched; ++i) {
    alignas(cmsghdr) std::array<char, 256> control;
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(descriptor_, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    sock_extended_err error{};
    const bool known = net::take_control(message, SOL_IP, IP_RECVERR, error) ||
                       net::take_control(message, SOL_IPV6, IPV6_RECVERR, error);
    if (!known || error.ee_origin != SO_EE_ORIGIN_TIMESTAMPING) continue;
    const auto at = net::kernel_stamp(message, clock_, not_before_);
    if (!at) continue;
    const Sent sent{error.ee_data, *at};
    if (!first_) first_ = sent;
    // Keys wrap after 4 GiB; a packet that was sent again has an old one.
    if (!last_ || static_cast<std::int32_t>(sent.key - last_->key) > 0) last_ = sent;
  }
}

std::optional<BootTime> PacketTimes::first_sent() {
  fetch_sent();
  return first_ ? std::optional(first_->at) : std::nullopt;
}

std::optional<BootTime> PacketTimes::last_sent() {
  fetch_sent();
  return last_ ? std::optional(last_->at) : std::nullopt;
}

TcpHandshake handshake_of(int descriptor) {
  // Of the kernel's numbers for states, which linux/tcp.h leaves to a header that it clashes with.
  constexpr int kEstablished = 1, kSynSent = 2, kSynReceived = 3, kCloseWait = 8;
  TcpHandshake handshake;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return handshake;
  const int state = info.tcpi_state;
  handshake.pending = state == kSynSent || state == kSynReceived;
  handshake.made = state == kEstablished || state == kCloseWait;  // the other end may have ended it
  if (!handshake.pending && info.tcpi_total_retrans == 0 && info.tcpi_rtt != 0) {
    handshake.took = microseconds(info.tcpi_rtt);
  }
  return handshake;
}

std::uint64_t bytes_received(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  const bool known = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  return known ? info.tcpi_bytes_received : 0;
}

void note_stamp(Stamps& stamps, bool kernel) {
  const auto one = kernel ? Stamps::kernel : Stamps::program;
  if (stamps == Stamps::none) {
    stamps = one;
  } else if (stamps != one) {
    stamps = Stamps::mixed;
  }
}

}  // namespace nines::probes
