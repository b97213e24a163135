// SPDX-License-Identifier: Apache-2.0
// Echo messages as bytes on the wire: RFC 792 (IPv4) and RFC 4443 section 4 (IPv6), both
//   type(1) code(1) checksum(2) identifier(2) sequence(2) payload
// in network order. A payload repeats a random nonce of 16 bytes, so that nobody who has not seen
// the request can answer it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace nines::probes {

inline constexpr std::size_t kIcmpHeader = 8;
inline constexpr std::size_t kNonce = 16;
using Nonce = std::array<std::uint8_t, kNonce>;

enum class IpVersion { v4, v6 };

struct EchoMessage {
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  ByteView payload;
};

// RFC 1071: the one's complement of the one's complement sum.
std::uint16_t internet_checksum(ByteView bytes);

// The checksum is computed for IPv4; for IPv6 it covers addresses, and the kernel fills it in.
std::vector<std::uint8_t> encode_echo_request(IpVersion version,
                                              std::uint16_t identifier,
                                              std::uint16_t sequence,
                                              const Nonce& nonce,
                                              std::size_t payload);

// Nothing where the bytes are no echo reply: another type, too short, a wrong checksum (IPv4; the
// kernel has checked IPv6). `payload` points into `bytes`.
std::optional<EchoMessage> decode_echo_reply(IpVersion version, ByteView bytes);

// The echo request that an ICMP error quotes, however short: identifier and sequence only are sure.
std::optional<EchoMessage> decode_quoted_request(IpVersion version, ByteView bytes);

bool carries(ByteView payload, const Nonce& nonce);  // the repeated nonce and nothing else

// The ICMP message of a whole IPv4 packet, as raw sockets deliver it. Empty where it does not
// parse.
ByteView skip_ipv4_header(ByteView packet);

enum class IcmpError { none, unreachable, ttl_exceeded };

// What an ICMP error's type and code mean, for the outcome and for people ("host unreachable").
IcmpError classify(IpVersion version, std::uint8_t type);
std::string describe(IpVersion version, std::uint8_t type, std::uint8_t code);

}  // namespace nines::probes
