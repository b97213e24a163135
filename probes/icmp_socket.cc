// SPDX-License-Identifier: Apache-2.0
#include "probes/icmp_socket.h"

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/net_tstamp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/ip/icmp.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "probes/failure.h"
#include "probes/socket_option.h"

namespace nines::probes {
namespace {

// Messages taken in one go before the loop gets its turn again: a flood must not starve the rest.
constexpr int kDrainLimit = 256;
// The wall clock was stepped when it moved against the boot clock by more than reading both takes.
constexpr Duration kStep = microseconds(200);

WallTime wall_of(const timespec& t) { return {std::int64_t{t.tv_sec} * kSecondNs + t.tv_nsec}; }

asio::ip::address address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return asio::ip::address_v4(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return asio::ip::address_v6(bytes);
  }
  return {};
}

// Link-local addresses carry an interface that a reply's sender may or may not name.
bool same_host(const asio::ip::address& a, const asio::ip::address& b) {
  if (a.is_v6() && b.is_v6()) return a.to_v6().to_bytes() == b.to_v6().to_bytes();
  return a == b;
}

}  // namespace

// One message from the socket or from its error queue.
struct IcmpSocket::Received {
  std::array<std::uint8_t, 2048> bytes;  // more than an echo of 1472 bytes with all headers
  std::size_t size = 0;
  asio::ip::address peer;  // sender; for an ICMP error the address that the request went to
  std::optional<WallTime> stamp;
  std::optional<int> ttl;
  ClockReading read;
  std::optional<sock_extended_err> error;
  asio::ip::address offender;  // who sent the ICMP error

  ByteView view() const { return {bytes.data(), size}; }

  void take(const cmsghdr* control);
};

void IcmpSocket::Received::take(const cmsghdr* control) {
  const auto* data = CMSG_DATA(control);
  if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPING &&
      control->cmsg_len >= CMSG_LEN(sizeof(scm_timestamping))) {
    scm_timestamping stamps{};
    std::memcpy(&stamps, data, sizeof stamps);
    if (stamps.ts[0].tv_sec != 0) stamp = wall_of({stamps.ts[0].tv_sec, stamps.ts[0].tv_nsec});
    return;
  }
  const bool is_ttl = (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TTL) ||
                      (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_HOPLIMIT);
  if (is_ttl && control->cmsg_len >= CMSG_LEN(sizeof(int))) {
    ttl.emplace();
    std::memcpy(&*ttl, data, sizeof *ttl);
    return;
  }
  const bool is_error = (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR) ||
                        (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_RECVERR);
  if (!is_error || control->cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) return;
  error.emplace();
  std::memcpy(&*error, data, sizeof *error);
  const std::size_t room = control->cmsg_len - CMSG_LEN(sizeof(sock_extended_err));
  sockaddr_in6 from{};
  std::memcpy(&from, data + sizeof *error, std::min(room, sizeof from));
  sockaddr_storage storage{};
  std::memcpy(&storage, &from, sizeof from);
  offender = address_of(reinterpret_cast<const sockaddr*>(&storage));
}

IcmpSocket::IcmpSocket(asio::io_context& io, const Clock& clock, IpVersion version, bool raw)
    : clock_(clock), version_(version), raw_(raw), socket_(io), random_([] {
        std::uint64_t seed = 0;
        fill_entropy({reinterpret_cast<std::uint8_t*>(&seed), sizeof seed});
        return seed;
      }()) {
  // Random starting points: agents restarted together behind one NAT must not collide.
  identifier_ = static_cast<std::uint16_t>(random_.below(0x10000));
  next_sequence_ = static_cast<std::uint16_t>(random_.below(0x10000));
}

// Also starts the kernel's numbering of sends at 0 again.
void IcmpSocket::stamp_sends() {
  const int fd = socket_.native_handle();
  const int off = 0;
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE |
                    SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                    SOF_TIMESTAMPING_OPT_TSONLY;
  set_option(fd, SOL_SOCKET, SO_TIMESTAMPING, off);
  set_option(fd, SOL_SOCKET, SO_TIMESTAMPING, flags);
  next_key_ = 0;
  unstamped_.clear();
}

Echo* IcmpSocket::find(std::uint16_t sequence) {
  const auto found = waiting_.find(sequence);
  return found == waiting_.end() ? nullptr : found->second;
}

std::uint16_t IcmpSocket::free_sequence() {
  while (waiting_.contains(next_sequence_)) ++next_sequence_;
  return next_sequence_++;
}

Failure IcmpSocket::send(Echo& echo) {
  if (waiting_.size() >= kMaxWaiting) {
    return {Reason::agent_overloaded, "too many echo requests wait for answers"};
  }
  drain_forgotten();
  echo.nonce = fresh_nonce();
  echo.sequence = free_sequence();
  const auto packet =
      encode_echo_request(version_, identifier_, echo.sequence, echo.nonce, echo.payload);
  // An ICMP error for another target's request is also left on the socket itself, and the next send
  // reports it once, which clears it. Only what fails again is about this request.
  int error_number = 0;
  for (int attempt = 0; attempt < 4; ++attempt) {
    echo.sent = clock_.read();
    error_number = send_packet(echo, packet);
    if (error_number == 0) break;
    // Whether the kernel gave the failed send a number depends on its version.
    stamp_sends();
  }
  if (error_number != 0) {
    const auto what = "send to " + echo.target.to_string();
    if (error_number == EMSGSIZE) {  // cached path MTUs do not count: it is this host's own link
      return {Reason::agent_configuration,
              what + ": the request is larger than this host's link takes without fragmenting"};
    }
    const bool about_source = error_number == ENODEV || error_number == EINVAL ||
                              (error_number == ENETUNREACH && !echo.options.source.empty());
    if (about_source) {
      return {echo.options.source.empty() ? Reason::agent_no_route : Reason::agent_no_source,
              what + ": " + std::strerror(error_number)};
    }
    return local_failure(error_number, what);
  }
  unstamped_.emplace(next_key_++, echo.sequence);
  waiting_.emplace(echo.sequence, &echo);
  ++awaited_;
  // Most devices have stamped it by now, which would wake the loop for nothing else.
  read_error();
  return {};
}

void IcmpSocket::await_answers() {
  read_replies();  // a target on this host has answered within sendmsg(2)
  arm();
}

// An echo that was awaited has its reply, its error, or nobody who asks any more.
void IcmpSocket::await_no_longer() {
  ASSERT(awaited_ > 0);
  --awaited_;
}

void IcmpSocket::forget(Echo& echo) {
  const auto found = waiting_.find(echo.sequence);
  if (found == waiting_.end() || found->second != &echo) return;
  waiting_.erase(found);
  std::erase_if(unstamped_, [&](const auto& entry) { return entry.second == echo.sequence; });
  if (!echo.ended()) {
    await_no_longer();
    lost_.push_back({echo.sequence, echo.target, echo.nonce});
    if (lost_.size() > kMaxLost) lost_.pop_front();
  }
  // Nobody waits: an idle socket must not keep the loop alive.
  if (awaited_ == 0 && armed_) socket_.cancel();
}

// What came while nobody waited must not fill the buffer.
void IcmpSocket::drain_forgotten() {
  constexpr Duration kOften = milliseconds(100);
  if (armed_ || clock_.boot() - drained_ < kOften) return;
  drained_ = clock_.boot();
  for (int i = 0; i < kDrainLimit && read_error(); ++i) {
  }
  read_replies();
}

// From the kernel's entropy, which is fetched for many at once.
Nonce IcmpSocket::fresh_nonce() {
  if (nonces_left_ == 0) {
    fill_entropy({nonces_.front().data(), sizeof nonces_});
    nonces_left_ = nonces_.size();
  }
  return nonces_[--nonces_left_];
}

void IcmpSocket::arm() {
  if (armed_ || awaited_ == 0) return;
  armed_ = true;
  // Readable also means that the error queue holds something.
  socket_.async_wait(Socket::wait_read, [weak = weak_from_this()](const asio::error_code&) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->armed_ = false;
    self->drain();
    self->arm();
  });
}

// To the end, because a duplicate stands behind the reply that it repeats.
void IcmpSocket::read_replies() {
  for (int i = 0; i < kDrainLimit && read_reply(); ++i) {
  }
}

// A look at an empty queue is a call of the kernel, too: nothing is looked for that nobody awaits.
void IcmpSocket::drain() {
  if (awaited_ == 0) return;
  // Stamps of sends first: a reply needs the one of its request.
  for (int i = 0; i < kDrainLimit && !unstamped_.empty() && read_error(); ++i) {
  }
  read_replies();
  for (int i = 0; i < kDrainLimit && awaited_ > 0 && read_error(); ++i) {
  }
}

bool IcmpSocket::receive(Received& received, int flags) {
  sockaddr_storage peer{};
  alignas(cmsghdr) std::array<char, 512> control;
  iovec part{received.bytes.data(), received.bytes.size()};
  msghdr message{};
  message.msg_name = &peer;
  message.msg_namelen = sizeof peer;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto n = ::recvmsg(socket_.native_handle(), &message, flags | MSG_DONTWAIT);
  // A pending ICMP error of some request is reported once in place of data.
  if (n < 0 && errno != EAGAIN) {
    n = ::recvmsg(socket_.native_handle(), &message, flags | MSG_DONTWAIT);
  }
  if (n < 0) return false;
  received.read = clock_.read();
  received.size = static_cast<std::size_t>(n);
  received.peer = address_of(reinterpret_cast<const sockaddr*>(&peer));
  for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    received.take(c);
  }
  return true;
}

bool IcmpSocket::read_error() {
  Received received;
  if (!receive(received, MSG_ERRQUEUE)) return false;
  if (!received.error) return true;
  const auto origin = received.error->ee_origin;
  if (origin == SO_EE_ORIGIN_TIMESTAMPING && received.stamp) {
    on_sent_stamp(received.error->ee_data, *received.stamp);
  } else if (origin == SO_EE_ORIGIN_ICMP || origin == SO_EE_ORIGIN_ICMP6) {
    on_icmp_error(received);
  }
  return true;
}

bool IcmpSocket::read_reply() {
  Received received;
  if (!receive(received, 0)) return false;
  on_reply(received);
  return true;
}

void IcmpSocket::on_sent_stamp(std::uint32_t key, WallTime stamp) {
  const auto found = unstamped_.find(key);
  if (found == unstamped_.end()) return;
  if (auto* echo = find(found->second)) echo->kernel_sent = stamp;
  unstamped_.erase(found);
}

void IcmpSocket::on_icmp_error(const Received& received) {
  const auto quoted = decode_quoted_request(version_, received.view());
  if (!quoted || (raw_ && quoted->identifier != identifier_)) return;
  auto* echo = find(quoted->sequence);
  if (echo == nullptr || echo->ended() || !same_host(received.peer, echo->target)) return;
  // Routers may quote as little as eight bytes.
  const auto quote = quoted->payload.first(std::min(quoted->payload.size(), kNonce));
  if (!carries(quote, echo->nonce)) {
    ++counters_.forged;
    return;
  }
  echo->error = classify(version_, received.error->ee_type);
  if (echo->error == IcmpError::none) return;
  await_no_longer();
  echo->error_text = describe(version_, received.error->ee_type, received.error->ee_code) +
                     ", says " + received.offender.to_string();
  echo->changed->notify();
}

void IcmpSocket::on_reply(const Received& received) {
  const bool has_header = raw_ && version_ == IpVersion::v4;
  const auto message = has_header ? skip_ipv4_header(received.view()) : received.view();
  const auto reply = decode_echo_reply(version_, message);
  if (!reply || (raw_ && reply->identifier != identifier_)) return;
  auto* echo = find(reply->sequence);
  if (echo == nullptr) return on_late_reply(reply->sequence, received, reply->payload);
  if (!same_host(received.peer, echo->target) || reply->payload.size() != echo->payload ||
      !carries(reply->payload, echo->nonce)) {
    ++counters_.forged;
    return;
  }
  if (echo->round_trip) {
    ++echo->duplicates;
  } else {
    if (!echo->ended()) await_no_longer();
    echo->round_trip = round_trip(*echo, received);
    echo->arrival = ++arrivals_;
    echo->ttl = has_header ? int{received.view()[8]} : received.ttl;  // RFC 791 3.1
  }
  echo->changed->notify();
}

void IcmpSocket::on_late_reply(std::uint16_t sequence, const Received& received, ByteView payload) {
  const auto lost = std::find_if(lost_.begin(), lost_.end(), [&](const Lost& l) {
    return l.sequence == sequence && same_host(l.target, received.peer) &&
           carries(payload, l.nonce);
  });
  if (lost == lost_.end()) {
    ++counters_.foreign;
    return;
  }
  if (late_.size() < kMaxLost || late_.contains(lost->target)) ++late_[lost->target];
  lost_.erase(lost);
}

int IcmpSocket::take_late(const asio::ip::address& target) {
  const auto found = late_.find(target);
  if (found == late_.end()) return 0;
  const int count = found->second;
  late_.erase(found);
  return count;
}

Duration IcmpSocket::round_trip(Echo& echo, const Received& received) {
  const Duration by_app = received.read.boot - echo.sent.boot;
  const auto sent = echo.kernel_sent.value_or(echo.sent.wall);
  const auto back = received.stamp.value_or(received.read.wall);
  const Duration by_kernel = back - sent;
  // Between the two readings the kernel's interval lies within the application's.
  const Duration moved = (received.read.wall - echo.sent.wall) - by_app;
  const bool stepped = moved > kStep || moved < -kStep;
  if (stepped || by_kernel < Duration(0) || by_kernel > by_app + kStep) {
    ++counters_.app_clock;
    return by_app;
  }
  echo.kernel_timed = echo.kernel_sent && received.stamp;
  if (!echo.kernel_timed) ++counters_.app_clock;
  return by_kernel;
}

}  // namespace nines::probes
