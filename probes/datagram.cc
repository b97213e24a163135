// SPDX-License-Identifier: Apache-2.0
#include "probes/datagram.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <asio/ip/udp.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/kernel_stamp.h"
#include "probes/connector.h"
#include "probes/failure.h"

namespace nines::probes {
namespace {

constexpr int kMaxQueued = 64;  // entries of the error queue that one call takes
constexpr int kStamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE |
                        SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;

// The payload of a control message of one kind; null where there is none.
const void* find_control(msghdr& message, int level, int type, std::size_t size) {
  for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(size)) {
      return CMSG_DATA(c);
    }
  }
  return nullptr;
}

// The sender of an ICMP error: a sockaddr behind the error itself (ip(7)).
std::string offender_of(const sock_extended_err* error) {
  sockaddr_in6 any{};
  const auto* address = SO_EE_OFFENDER(error);
  std::memcpy(&any, address, address->sa_family == AF_INET6 ? sizeof any : sizeof(sockaddr_in));
  if (any.sin6_family == AF_INET6) {
    asio::ip::address_v6::bytes_type bytes{};
    std::memcpy(bytes.data(), &any.sin6_addr, bytes.size());
    return asio::ip::address_v6(bytes).to_string();
  }
  if (any.sin6_family != AF_INET) return {};
  sockaddr_in v4{};
  std::memcpy(&v4, &any, sizeof v4);
  return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr)).to_string();
}

}  // namespace

Failure DatagramSocket::open_one(const asio::ip::address& address,
                                 std::uint16_t port,
                                 const std::string& source) {
  const asio::ip::udp::endpoint endpoint(address, port);
  address_ = address_text(address, port);
  Descriptor opened(
      ::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!opened) return local_failure(errno, "open a socket");
  const int fd = opened.number();
  Socket socket(run_.io);
  auto failure = attach(opened, socket);
  if (failure) return failure;
  failure = bind_source(fd, address.is_v6(), source);
  if (failure) return failure;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &kStamps, sizeof kStamps);
  ::setsockopt(fd, address.is_v6() ? SOL_IPV6 : SOL_IP, address.is_v6() ? IPV6_RECVERR : IP_RECVERR,
               &on, sizeof on);
  if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return local_failure(errno, "send to " + address_);
  }
  socket_ = std::move(socket);
  return {};
}

Failure DatagramSocket::open(const std::vector<asio::ip::address>& addresses,
                             std::uint16_t port,
                             const std::string& source) {
  ASSERT(!addresses.empty());
  opened_ = run_.clock.boot();
  Failure failure;
  for (const auto& address : addresses) {
    failure = open_one(address, port, source);
    if (!failure) break;
  }
  return failure;
}

Failure DatagramSocket::send(ByteView bytes) {
  sent_ = run_.clock.boot();
  sent_by_kernel_ = false;
  const auto n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0) return local_failure(errno, "send to " + address_);
  drain_errors();
  return {};
}

void DatagramSocket::drain_errors() {
  for (int i = 0; i < kMaxQueued; ++i) {
    alignas(cmsghdr) std::array<char, 512> control;
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket_.native_handle(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    const void* found = find_control(message, SOL_IP, IP_RECVERR, sizeof(sock_extended_err));
    if (found == nullptr) {
      found = find_control(message, SOL_IPV6, IPV6_RECVERR, sizeof(sock_extended_err));
    }
    if (found == nullptr) continue;
    const auto* error = static_cast<const sock_extended_err*>(found);
    if (error->ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
      const auto at = net::kernel_stamp(message, run_.clock, opened_);
      if (at) sent_ = *at;
      sent_by_kernel_ = sent_by_kernel_ || at;
    } else if (error->ee_errno != 0 && network_error_ == 0) {
      network_error_ = static_cast<int>(error->ee_errno);
      if (error->ee_origin != SO_EE_ORIGIN_LOCAL) offender_ = offender_of(error);
    }
  }
}

Failure DatagramSocket::network_failure(int error_number) {
  auto failure = connect_failure(error_number, false, address_);
  if (!offender_.empty() && !address_.starts_with(offender_) &&
      !address_.starts_with("[" + offender_)) {
    failure.detail += ", says " + offender_;
  }
  return failure;
}

// Not in the coroutine: g++ 12 gives no alignment to what lies in its frame.
bool DatagramSocket::receive_now(std::span<std::uint8_t> buffer, Datagram& got) {
  alignas(cmsghdr) std::array<char, 128> control;
  iovec part{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto n = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
  const int why = errno;
  drain_errors();
  if (n < 0) {
    if (why != EAGAIN && why != EINTR && network_error_ == 0) network_error_ = why;
    return false;
  }
  got.size = static_cast<std::size_t>(n);
  const auto at = net::kernel_stamp(message, run_.clock, opened_);
  arrival_by_kernel_ = at.has_value();
  got.at = at.value_or(run_.clock.boot());
  return true;
}

Task<Datagram> DatagramSocket::receive(std::span<std::uint8_t> buffer) {
  Datagram got;
  while (network_error_ == 0) {
    auto wait = wait_for(run_, socket_, Readiness::readable, run_.deadline);
    const auto waited = co_await std::move(wait);
    got.timed_out = waited == Waited::timed_out;
    if (waited == Waited::stopped) got.failure = stopped_failure();
    if (waited != Waited::ready) co_return got;
    if (receive_now(buffer, got)) co_return got;
  }
  got.failure = network_failure(network_error_);
  co_return got;
}

}  // namespace nines::probes
