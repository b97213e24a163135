// SPDX-License-Identifier: Apache-2.0
// When a packet left or reached this host, by the kernel's clock.
//
// Stamps are of the wall clock. Each is taken over to the boot clock by a pair of readings made
// when it is fetched, a moment after it happened, so that no slewing adds up; a step of the wall
// clock shows as an instant that cannot be, and then there is none.
#pragma once

#include <sys/socket.h>

#include <cstring>
#include <optional>

#include "base/clock.h"

namespace nines::net {

// A control message of one kind, copied out; false where there is none.
template <class Value>
bool take_control(const msghdr& message, int level, int type, Value& value) {
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

// Asks for stamps of what arrives at a socket.
void ask_for_arrivals(int descriptor);

// Keeps the kernel stamping arrivals for as long as it lives. The kernel begins only when a first
// socket asks, a moment later and by patching its own code, and ends with the last one: without a
// keeper short connections would lack stamps and pay for that again and again. Where no descriptor
// is left there is no keeper, and stamps may be missing.
class StampKeeper {
 public:
  StampKeeper();
  ~StampKeeper();
  StampKeeper(const StampKeeper&) = delete;
  StampKeeper& operator=(const StampKeeper&) = delete;

 private:
  int descriptor_;
};

// The stamp that came with a message. Nothing where the kernel gave none, and where it would lie
// before `not_before` or ahead of now.
std::optional<BootTime> kernel_stamp(const msghdr& message,
                                     const Clock& clock,
                                     BootTime not_before);

}  // namespace nines::net
