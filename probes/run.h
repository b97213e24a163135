// SPDX-License-Identifier: Apache-2.0
// What every part of one run needs: the loop, the clock, the end of its time and the request to
// stop. Waiting for a socket goes through here, so that no wait can outlast either.
#pragma once

#include <asio/ip/address.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <string>

#include "base/async.h"
#include "base/descriptor.h"
#include "model/outcome.h"

namespace nines::probes {

using Socket = asio::posix::stream_descriptor;

// References live longer than the run; the struct itself lives in the frame of the outermost probe.
struct Run {
  asio::io_context& io;
  const Clock& clock;
  BootTime deadline;
  Stop& stop;

  Duration left() const;
  // Whole milliseconds, at least 1: libcurl takes 0 for "no limit".
  long left_ms() const;
};

// Why a part of a run ended; Reason::ok where it did what it should.
struct Failure {
  Reason reason = Reason::ok;
  std::string detail;

  explicit operator bool() const { return reason != Reason::ok; }
};

enum class Waited { ready, timed_out, stopped };
enum class Readiness { readable, writable };

// Gives a non-blocking descriptor to the loop, which then can wait for it. Where the loop cannot
// take it, it stays where it was; that is this host's own trouble.
Failure attach(Descriptor& descriptor, Socket& socket);

// What the kernel says this instant. A socket in error is ready.
bool is_ready(int descriptor, Readiness what);

// Until `socket` is ready by the kernel's word, `until` has come or the run is stopped. A socket in
// error is ready.
Task<Waited> wait_for(Run& run, Socket& socket, Readiness what, BootTime until);

// "192.0.2.10", "2001:db8::1".
std::string address_text(const asio::ip::address& address);

// "192.0.2.10:443", "[2001:db8::1]:443".
std::string address_text(const asio::ip::address& address, std::uint16_t port);

// What a peer sent, fit for a detail: bytes that are no UTF-8 become '?'.
std::string valid_text(std::string text);

}  // namespace nines::probes
