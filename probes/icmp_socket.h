// SPDX-License-Identifier: Apache-2.0
// One ICMP socket per IP version for all checks: a ping socket where the host allows it
// (net.ipv4.ping_group_range), else a raw one (CAP_NET_RAW).
//
// A reply counts when source address, sequence number, length and the whole payload with its nonce
// are those of the request. Round trips are measured between two kernel stamps of one clock,
// sending and receiving; the application's clock stands in for a missing stamp, and for both when
// the wall clock was stepped in between. ICMP errors come from the socket's error queue.
#pragma once

#include <array>
#include <asio/ip/address.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "probes/icmp_packet.h"
#include "probes/run.h"

namespace nines::probes {

// How a request leaves.
struct EchoOptions {
  int ttl = 0;  // 0: the host's own
  int dscp = 0;
  bool dont_fragment = false;
  std::string source;  // a local address or an interface; empty: the kernel chooses
};

// One echo request and what became of it. Belongs to the probe; its address must not change while
// the socket knows it.
struct Echo {
  asio::ip::address target;
  std::size_t payload = 56;  // at least kNonce
  EchoOptions options;
  Event* changed = nullptr;  // notified when a field below changes

  Nonce nonce{};
  std::uint16_t sequence = 0;
  ClockReading sent;                    // before sendto()
  std::optional<WallTime> kernel_sent;  // when the packet went to the device
  std::optional<Duration> round_trip;   // of the first valid reply
  bool kernel_timed = false;            // between two kernel stamps
  std::uint64_t arrival = 0;            // replies of the socket in order, from 1
  std::optional<int> ttl;               // of the first valid reply
  int duplicates = 0;
  IcmpError error = IcmpError::none;
  std::string error_text;  // "host unreachable, says 192.0.2.1"

  bool ended() const { return round_trip || error != IcmpError::none; }
};

struct IcmpCounters {
  std::uint64_t foreign = 0;    // replies to nobody's request: late, forged, or another program's
  std::uint64_t forged = 0;     // right sequence, wrong sender, length or payload
  std::uint64_t app_clock = 0;  // round trips without two usable kernel stamps
};

class IcmpSocket : public std::enable_shared_from_this<IcmpSocket> {
 public:
  struct Opened {
    std::shared_ptr<IcmpSocket> socket;
    Failure failure;
  };

  // `io` and `clock` must outlive the socket.
  static Opened open(asio::io_context& io, const Clock& clock, IpVersion version);

  // Sends one request, which the socket knows until forget(). A failure is this host's own.
  Failure send(Echo& echo);
  // Takes the answers that are there, and watches for the others.
  void await_answers();
  void forget(Echo& echo);

  // Replies from `target` to requests that had been forgotten, since this was asked last.
  int take_late(const asio::ip::address& target);

  bool raw() const { return raw_; }

  const IcmpCounters& counters() const { return counters_; }

  // Requests that may wait for answers at one time; one more is agent_overloaded.
  static constexpr std::size_t kMaxWaiting = 16384;
  // Requests without an answer that are remembered after forget(), to know a late reply.
  static constexpr std::size_t kMaxLost = 1024;

 private:
  struct Received;

  struct Lost {
    std::uint16_t sequence;
    asio::ip::address target;
    Nonce nonce;
  };

  IcmpSocket(asio::io_context& io, const Clock& clock, IpVersion version, bool raw);

  Failure prepare(Descriptor descriptor);
  void arm();
  void drain();
  void drain_forgotten();
  void await_no_longer();
  Nonce fresh_nonce();
  bool read_error();
  bool read_reply();
  void read_replies();
  bool receive(Received& received, int flags);
  void on_sent_stamp(std::uint32_t key, WallTime stamp);
  void on_icmp_error(const Received& received);
  void on_reply(const Received& received);
  Duration round_trip(Echo& echo, const Received& received);
  void on_late_reply(std::uint16_t sequence, const Received& received, ByteView payload);
  int send_packet(const Echo& echo, ByteView packet);
  void stamp_sends();
  std::uint16_t free_sequence();
  Echo* find(std::uint16_t sequence);

  const Clock& clock_;
  const IpVersion version_;
  const bool raw_;
  Socket socket_;
  Random random_;
  std::uint16_t identifier_ = 0;  // raw only: the kernel chooses a ping socket's
  std::uint16_t next_sequence_ = 0;
  std::unordered_map<std::uint16_t, Echo*> waiting_;
  std::size_t awaited_ = 0;  // those of waiting_ that have not ended
  // SOF_TIMESTAMPING_OPT_ID numbers the sends; which request each number was.
  std::uint32_t next_key_ = 0;
  std::unordered_map<std::uint32_t, std::uint16_t> unstamped_;
  std::deque<Lost> lost_;
  std::map<asio::ip::address, int> late_;  // at most kMaxLost targets
  std::uint64_t arrivals_ = 0;
  bool armed_ = false;
  BootTime drained_{};              // by drain_forgotten()
  std::array<Nonce, 32> nonces_{};  // those of the last `nonces_left_` places are not used yet
  std::size_t nonces_left_ = 0;
  IcmpCounters counters_;
};

// The sockets of one room, opened at first use and kept.
class IcmpSockets {
 public:
  IcmpSockets(asio::io_context& io, const Clock& clock) : io_(io), clock_(clock) {}

  IcmpSocket::Opened get(IpVersion version);

 private:
  asio::io_context& io_;
  const Clock& clock_;
  std::shared_ptr<IcmpSocket> sockets_[2];
};

}  // namespace nines::probes
