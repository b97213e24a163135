// SPDX-License-Identifier: Apache-2.0
// A connected UDP socket: only datagrams of the address and port that were asked are seen. ICMP
// errors and the kernel's stamps come from its error queue. One datagram is taken per turn of the
// loop, so that a flood holds nobody else up.
#pragma once

#include <asio/ip/address.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/result.h"
#include "probes/run.h"

namespace nines::probes {

struct Datagram {
  Failure failure;         // of this host or the network
  bool timed_out = false;  // nothing came by the run's deadline
  std::size_t size = 0;    // at most the buffer's; what is longer is cut
  BootTime at;             // of the arrival
};

class DatagramSocket {
 public:
  // `run` must outlive the socket.
  explicit DatagramSocket(Run& run) : run_(run), socket_(run.io) {}

  // Connects to the first address that this host has a way to.
  Failure open(const std::vector<asio::ip::address>& addresses,
               std::uint16_t port,
               const std::string& source);

  const std::string& address() const { return address_; }

  Failure send(ByteView bytes);

  // `buffer` must outlive the call.
  Task<Datagram> receive(std::span<std::uint8_t> buffer);

  // When the last datagram left, and whether the instants of both ways are the kernel's.
  BootTime sent() const { return sent_; }

  bool kernel_timed() const { return sent_by_kernel_ && arrival_by_kernel_; }

 private:
  Failure open_one(const asio::ip::address& address, std::uint16_t port, const std::string& source);
  bool receive_now(std::span<std::uint8_t> buffer, Datagram& got);
  void drain_errors();
  Failure network_failure(int error_number);

  Run& run_;
  Socket socket_;
  std::string address_;
  BootTime opened_, sent_;
  bool sent_by_kernel_ = false, arrival_by_kernel_ = false;
  int network_error_ = 0;  // of an ICMP error that nobody was told of yet
  std::string offender_;   // the router that sent it
};

}  // namespace nines::probes
