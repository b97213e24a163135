// SPDX-License-Identifier: Apache-2.0
// When the packets of one socket left and reached this host, by the kernel's clock. The loop may be
// late, and the host busy; the packets are not. Every phase of a run is taken between two of these
// instants where the kernel gives them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "model/result.h"

namespace nines::probes {

class PacketTimes {
 public:
  // `clock` must outlive this. Instants before `not_before` are refused.
  PacketTimes(const Clock& clock, BootTime not_before) : clock_(clock), not_before_(not_before) {}

  // A connected one, from here on: asks for stamps of what is sent too (the kernel numbers the
  // bytes of a stream, so a stream must have begun).
  void follow(int descriptor);

  // Forgets what was sent so far; instants before `not_before` are refused from here on.
  void begin_anew(BootTime not_before);

  // When the first byte that nobody has read yet arrived, and the last one. Nothing where nothing
  // waits. TLS or not: they look at packets.
  std::optional<BootTime> first_waiting() const;
  std::optional<BootTime> last_waiting() const;

  // When the first and the last packet sent since follow() left. Of a packet sent again the first
  // time counts. Fetching them also keeps the socket from reporting them as an error to the loop.
  std::optional<BootTime> first_sent();
  std::optional<BootTime> last_sent();

 private:
  std::optional<BootTime> waiting(bool last) const;
  void fetch_sent();

  struct Sent {
    std::uint32_t key = 0;  // of the last byte, within the stream
    BootTime at;
  };

  const Clock& clock_;
  BootTime not_before_;
  int descriptor_ = -1;
  std::optional<Sent> first_, last_;
};

// A TCP connection by the kernel's own word.
struct TcpHandshake {
  bool pending = true;  // no answer yet, or the kernel does not say
  bool made = false;    // neither of both where it failed
  // How long it took. Nothing where a packet of it was lost: then the kernel's measurement is of
  // the one that was not.
  std::optional<Duration> took;
};

TcpHandshake handshake_of(int descriptor);

// Bytes of payload that the kernel has taken from the other end of a TCP connection, read or not.
std::uint64_t bytes_received(int descriptor);

// Adds a phase timed by the kernel, or by the program, to what a result says of its clocks.
void note_stamp(Stamps& stamps, bool kernel);

}  // namespace nines::probes
