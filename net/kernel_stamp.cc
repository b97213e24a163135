// SPDX-License-Identifier: Apache-2.0
#include "net/kernel_stamp.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <unistd.h>

namespace nines::net {

void ask_for_arrivals(int descriptor) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  ::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

StampKeeper::StampKeeper() : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ >= 0) ask_for_arrivals(descriptor_);
}

StampKeeper::~StampKeeper() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<BootTime> kernel_stamp(const msghdr& message,
                                     const Clock& clock,
                                     BootTime not_before) {
  scm_timestamping stamps{};
  if (!take_control(message, SOL_SOCKET, SCM_TIMESTAMPING, stamps)) return std::nullopt;
  const auto& stamp = stamps.ts[0];
  if (stamp.tv_sec == 0) return std::nullopt;
  const auto now = clock.read();
  const WallTime wall{std::int64_t{stamp.tv_sec} * kSecondNs + stamp.tv_nsec};
  const auto at = now.boot - (now.wall - wall);
  if (at < not_before || at > now.boot) return std::nullopt;
  return at;
}

}  // namespace nines::net
