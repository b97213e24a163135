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
#include <cstring>

namespace nines::probes {
namespace {

constexpr int kMaxFetched = 1024;  // stamps of one call; what is left waits for the next
constexpr int kArrivals = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;

// A control message of one kind, copied out; false where there is none.
template <class Value>
bool take(const msghdr& message, int level, int type, Value& value) {
  auto* header = const_cast<msghdr*>(&message);  // CMSG_NXTHDR has no const form
  for (auto* c = CMSG_FIRSTHDR(header); c != nullptr; c = CMSG_NXTHDR(header, c)) {
    if (c->cmsg_level != level || c->cmsg_type != type || c->cmsg_len < CMSG_LEN(sizeof value)) {
      continue;
    }
    std::memcpy(&value, CMSG_DATA(c), sizeof value);
    return true;
  }
  return false;
}

}  // namespace

void PacketTimes::ask_for_arrivals(int descriptor) {
  ::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &kArrivals, sizeof kArrivals);
}

void PacketTimes::follow(int descriptor) {
  descriptor_ = descriptor;
  const int flags = kArrivals | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                    SOF_TIMESTAMPING_OPT_TSONLY;
  ::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

void PacketTimes::begin_anew(BootTime not_before) {
  fetch_sent();
  first_.reset();
  last_.reset();
  not_before_ = not_before;
}

std::optional<BootTime> PacketTimes::instant(const void* stamps) const {
  scm_timestamping all{};
  std::memcpy(&all, stamps, sizeof all);
  const auto& stamp = all.ts[0];
  if (stamp.tv_sec == 0) return std::nullopt;
  const auto now = clock_.read();
  const WallTime wall{std::int64_t{stamp.tv_sec} * kSecondNs + stamp.tv_nsec};
  const auto at = now.boot - (now.wall - wall);
  if (at < not_before_ || at > now.boot) return std::nullopt;
  return at;
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
  scm_timestamping stamps{};
  if (!take(message, SOL_SOCKET, SCM_TIMESTAMPING, stamps)) return std::nullopt;
  return instant(&stamps);
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
    const bool known =
        take(message, SOL_IP, IP_RECVERR, error) || take(message, SOL_IPV6, IPV6_RECVERR, error);
    scm_timestamping stamps{};
    if (!known || error.ee_origin != SO_EE_ORIGIN_TIMESTAMPING ||
        !take(message, SOL_SOCKET, SCM_TIMESTAMPING, stamps)) {
      continue;
    }
    const auto at = instant(&stamps);
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

std::optional<Duration> handshake_time(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      info.tcpi_total_retrans != 0 || info.tcpi_rtt == 0) {
    return std::nullopt;
  }
  return microseconds(info.tcpi_rtt);
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
