// SPDX-License-Identifier: Apache-2.0
#include "net/address_order.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/ip/udp.hpp>
#include <cstdint>

namespace nines::net {
namespace {

using asio::ip::address;
using Bytes = asio::ip::address_v6::bytes_type;

struct Policy {
  std::array<std::uint8_t, 4> prefix;  // all that the table needs of the address
  unsigned bits;
  int precedence;
  int label;
};

// RFC 6724 section 2.1, without the rows for ::1 and ::ffff:0:0/96, which are tested by value.
constexpr std::array<Policy, 6> kPolicies = {{{{0x20, 0x02}, 16, 30, 2},
                                              {{0x20, 0x01, 0x00, 0x00}, 32, 5, 5},
                                              {{0xfc}, 7, 3, 13},
                                              {{0xfe, 0xc0}, 10, 1, 11},
                                              {{0x3f, 0xfe}, 16, 1, 12},
                                              {{}, 0, 40, 1}}};

Bytes mapped(const address& a) {
  if (a.is_v6()) return a.to_v6().to_bytes();
  Bytes bytes{};
  const auto four = a.to_v4().to_bytes();
  bytes[10] = bytes[11] = 0xff;
  std::copy(four.begin(), four.end(), bytes.begin() + 12);
  return bytes;
}

bool matches(const Bytes& bytes, const Policy& policy) {
  for (unsigned bit = 0; bit < policy.bits; ++bit) {
    const unsigned difference = bytes[bit / 8] ^ policy.prefix[bit / 8];
    if ((difference >> (7 - bit % 8)) & 1U) return false;
  }
  return true;
}

Policy policy_of(const address& a) {
  if (a.is_v4() || a.to_v6().is_v4_mapped()) return {{}, 96, 35, 4};
  if (a.is_loopback()) return {{}, 128, 50, 0};
  const Bytes bytes = mapped(a);
  return *std::find_if(kPolicies.begin(), kPolicies.end(),
                       [&](const Policy& policy) { return matches(bytes, policy); });
}

// Section 3.1 and 3.2: 2 link-local, 5 site-local, 14 global.
int scope_of(const address& a) {
  if (a.is_loopback()) return 2;
  if (a.is_v4()) {
    const auto bytes = a.to_v4().to_bytes();
    return bytes[0] == 169 && bytes[1] == 254 ? 2 : 14;
  }
  const auto six = a.to_v6();
  if (six.is_multicast()) return six.to_bytes()[1] & 0x0f;
  if (six.is_link_local()) return 2;
  return six.is_site_local() ? 5 : 14;
}

struct Candidate {
  address destination;
  bool reachable = false;
  bool scope_fits = false;
  bool label_fits = false;
  int precedence = 0;
  int scope = 0;
};

bool better(const Candidate& a, const Candidate& b) {
  if (a.reachable != b.reachable) return a.reachable;                    // rule 1
  if (a.scope_fits != b.scope_fits) return a.scope_fits;                 // rule 2
  if (a.label_fits != b.label_fits) return a.label_fits;                 // rule 5
  if (a.precedence != b.precedence) return a.precedence > b.precedence;  // rule 6
  return a.scope < b.scope;                                              // rule 8
}

}  // namespace

std::optional<address> kernel_source(const address& destination) {
  const asio::ip::udp::endpoint to(destination, 53);  // nothing is sent by connecting
  const int socket = ::socket(to.data()->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::nullopt;
  asio::ip::udp::endpoint from(to);
  auto size = static_cast<socklen_t>(from.capacity());
  const bool known = ::connect(socket, to.data(), static_cast<socklen_t>(to.size())) == 0 &&
                     ::getsockname(socket, from.data(), &size) == 0;
  ::close(socket);
  if (!known) return std::nullopt;
  return from.address();
}

void order_addresses(std::vector<address>& addresses, const SourceOf& source_of) {
  if (addresses.size() < 2) return;
  std::vector<Candidate> candidates;
  for (const auto& destination : addresses) {
    const auto source = source_of(destination);
    const Policy policy = policy_of(destination);
    Candidate candidate{destination, source.has_value(), false,
                        false,       policy.precedence,  scope_of(destination)};
    if (source) {
      candidate.scope_fits = scope_of(*source) == candidate.scope;
      candidate.label_fits = policy_of(*source).label == policy.label;
    }
    candidates.push_back(candidate);
  }
  std::stable_sort(candidates.begin(), candidates.end(), better);
  for (std::size_t i = 0; i < addresses.size(); ++i) addresses[i] = candidates[i].destination;
}

}  // namespace nines::net
