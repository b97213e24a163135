// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake_pace.h"

#include <algorithm>

namespace nines::agent {

bool makes_handshake(const Check& check) {
  switch (check.kind()) {
    case CheckKind::http:
      return std::get<HttpSpec>(check.spec).url.starts_with("https:");
    case CheckKind::tcp:
      return std::get<TcpSpec>(check.spec).tls.has_value();
    case CheckKind::dns:
      return std::get<DnsSpec>(check.spec).transport == DnsTransport::tls;
    case CheckKind::tls:
      return true;
    case CheckKind::grpc:
      return std::get<GrpcSpec>(check.spec).tls.has_value();
    case CheckKind::icmp:
    case CheckKind::udp:
    case CheckKind::exec:
      return false;
  }
  return false;
}

BootTime HandshakePace::turn(BootTime now) {
  const auto turn = std::max(now, free_);
  if (turn > now + kMost) return now + kMost;
  free_ = turn + kGap;
  return turn;
}

}  // namespace nines::agent
