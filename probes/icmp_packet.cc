// SPDX-License-Identifier: Apache-2.0
#include "probes/icmp_packet.h"

namespace nines::probes {
namespace {

constexpr std::uint8_t kEchoReply4 = 0, kEchoRequest4 = 8;
constexpr std::uint8_t kEchoRequest6 = 128, kEchoReply6 = 129;

std::uint16_t get_be16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void put_be16(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value & 0xFF);
}

EchoMessage parse(ByteView bytes) {
  return {get_be16(bytes, 4), get_be16(bytes, 6), bytes.subspan(kIcmpHeader)};
}

}  // namespace

std::uint16_t internet_checksum(ByteView bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += get_be16(bytes, i);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint64_t>(bytes.back()) << 8;
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xFFFF);
}

std::vector<std::uint8_t> encode_echo_request(IpVersion version,
                                              std::uint16_t identifier,
                                              std::uint16_t sequence,
                                              const Nonce& nonce,
                                              std::size_t payload) {
  std::vector<std::uint8_t> bytes(kIcmpHeader + payload);
  bytes[0] = version == IpVersion::v4 ? kEchoRequest4 : kEchoRequest6;
  put_be16(bytes, 4, identifier);
  put_be16(bytes, 6, sequence);
  for (std::size_t i = 0; i < payload; ++i) bytes[kIcmpHeader + i] = nonce[i % kNonce];
  if (version == IpVersion::v4) put_be16(bytes, 2, internet_checksum(bytes));
  return bytes;
}

std::optional<EchoMessage> decode_echo_reply(IpVersion version, ByteView bytes) {
  if (bytes.size() < kIcmpHeader) return std::nullopt;
  const auto wanted = version == IpVersion::v4 ? kEchoReply4 : kEchoReply6;
  if (bytes[0] != wanted || bytes[1] != 0) return std::nullopt;
  if (version == IpVersion::v4 && internet_checksum(bytes) != 0) return std::nullopt;
  return parse(bytes);
}

std::optional<EchoMessage> decode_quoted_request(IpVersion version, ByteView bytes) {
  if (bytes.size() < kIcmpHeader) return std::nullopt;
  const auto wanted = version == IpVersion::v4 ? kEchoRequest4 : kEchoRequest6;
  if (bytes[0] != wanted || bytes[1] != 0) return std::nullopt;
  return parse(bytes);
}

bool carries(ByteView payload, const Nonce& nonce) {
  for (std::size_t i = 0; i < payload.size(); ++i) {
    if (payload[i] != nonce[i % kNonce]) return false;
  }
  return true;
}

ByteView skip_ipv4_header(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4 != 4) return {};
  const std::size_t length = std::size_t{4} * (packet[0] & 0x0F);  // RFC 791: in words, options too
  if (length < 20 || length > packet.size()) return {};
  return packet.subspan(length);
}

IcmpError classify(IpVersion version, std::uint8_t type) {
  if (version == IpVersion::v4) {
    if (type == 11) return IcmpError::ttl_exceeded;
    return type == 3 || type == 12 ? IcmpError::unreachable : IcmpError::none;
  }
  if (type == 3) return IcmpError::ttl_exceeded;
  return type == 1 || type == 2 || type == 4 ? IcmpError::unreachable : IcmpError::none;
}

std::string describe(IpVersion version, std::uint8_t type, std::uint8_t code) {
  static constexpr const char* kUnreachable4[] = {"network unreachable",
                                                  "host unreachable",
                                                  "protocol unreachable",
                                                  "port unreachable",
                                                  "fragmentation needed",
                                                  "source route failed",
                                                  "network unknown",
                                                  "host unknown",
                                                  "source host isolated",
                                                  "network administratively prohibited",
                                                  "host administratively prohibited",
                                                  "network unreachable for this service",
                                                  "host unreachable for this service",
                                                  "communication administratively prohibited"};
  static constexpr const char* kUnreachable6[] = {"no route to destination",
                                                  "communication administratively prohibited",
                                                  "beyond the scope of the source address",
                                                  "address unreachable",
                                                  "port unreachable",
                                                  "source address failed policy",
                                                  "route rejected"};
  if (classify(version, type) == IcmpError::ttl_exceeded) {
    return version == IpVersion::v4 ? "time to live exceeded" : "hop limit exceeded";
  }
  if (version == IpVersion::v4 && type == 3 && code < std::size(kUnreachable4)) {
    return kUnreachable4[code];
  }
  if (version == IpVersion::v6 && type == 1 && code < std::size(kUnreachable6)) {
    return kUnreachable6[code];
  }
  if (version == IpVersion::v6 && type == 2) return "packet too big";
  return "ICMP error type " + std::to_string(type) + " code " + std::to_string(code);
}

}  // namespace nines::probes
