// SPDX-License-Identifier: Apache-2.0
#include "probes/icmp_packet.h"

#include <gtest/gtest.h>

namespace nines::probes::icmp_packet_test {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Nonce kSome = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

Bytes reply_to(Bytes request) {
  request[0] = 0;
  request[2] = request[3] = 0;
  const auto sum = internet_checksum(request);
  request[2] = static_cast<std::uint8_t>(sum >> 8);
  request[3] = static_cast<std::uint8_t>(sum & 0xFF);
  return request;
}

TEST(IcmpPacket, ChecksumIsTheOneOfRfc1071) {
  const Bytes example = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(internet_checksum(example), static_cast<std::uint16_t>(~0xddf2 & 0xFFFF));
  const Bytes odd = {0x01};
  EXPECT_EQ(internet_checksum(odd), static_cast<std::uint16_t>(~0x0100 & 0xFFFF));
  EXPECT_EQ(internet_checksum({}), 0xFFFF);
}

TEST(IcmpPacket, RequestIsLaidOutAsRfc792) {
  const auto bytes = encode_echo_request(IpVersion::v4, 0x1234, 0x5678, kSome, 20);
  ASSERT_EQ(bytes.size(), 28U);
  EXPECT_EQ(bytes[0], 8);
  EXPECT_EQ(bytes[1], 0);
  EXPECT_EQ(bytes[4], 0x12);
  EXPECT_EQ(bytes[5], 0x34);
  EXPECT_EQ(bytes[6], 0x56);
  EXPECT_EQ(bytes[7], 0x78);
  EXPECT_EQ(bytes[8], 0);
  EXPECT_EQ(bytes[23], 15);
  EXPECT_EQ(bytes[24], 0);  // the nonce again
  EXPECT_EQ(internet_checksum(bytes), 0);
  EXPECT_EQ(encode_echo_request(IpVersion::v6, 1, 2, kSome, 16)[0], 128);
}

TEST(IcmpPacket, ReplyComesBackWithItsFields) {
  const auto bytes = reply_to(encode_echo_request(IpVersion::v4, 7, 9, kSome, 56));
  const auto reply = decode_echo_reply(IpVersion::v4, bytes);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->identifier, 7);
  EXPECT_EQ(reply->sequence, 9);
  EXPECT_EQ(reply->payload.size(), 56U);
  EXPECT_TRUE(carries(reply->payload, kSome));
}

TEST(IcmpPacket, RefusesWhatIsNoReply) {
  const auto request = encode_echo_request(IpVersion::v4, 7, 9, kSome, 16);
  EXPECT_FALSE(decode_echo_reply(IpVersion::v4, request));
  auto reply = reply_to(request);
  for (std::size_t n = 0; n < kIcmpHeader; ++n) {
    EXPECT_FALSE(decode_echo_reply(IpVersion::v4, ByteView(reply).first(n)));
  }
  reply[20] ^= 1;
  EXPECT_FALSE(decode_echo_reply(IpVersion::v4, reply)) << "a flipped bit passes";
  EXPECT_FALSE(decode_echo_reply(IpVersion::v6, reply));
}

TEST(IcmpPacket, PayloadWithOneOtherByteIsNotOurs) {
  auto bytes = encode_echo_request(IpVersion::v6, 1, 1, kSome, 40);
  EXPECT_TRUE(carries(ByteView(bytes).subspan(kIcmpHeader), kSome));
  bytes.back() ^= 0x80;
  EXPECT_FALSE(carries(ByteView(bytes).subspan(kIcmpHeader), kSome));
}

TEST(IcmpPacket, SkipsIpv4HeadersOfAnyLegalLength) {
  Bytes packet(60 + 8);
  packet[0] = 0x45;
  EXPECT_EQ(skip_ipv4_header(packet).size(), 48U);
  packet[0] = 0x4F;  // with 40 bytes of options
  EXPECT_EQ(skip_ipv4_header(packet).size(), 8U);
  packet[0] = 0x44;  // shorter than a header can be
  EXPECT_TRUE(skip_ipv4_header(packet).empty());
  packet[0] = 0x65;  // not IPv4
  EXPECT_TRUE(skip_ipv4_header(packet).empty());
  EXPECT_TRUE(skip_ipv4_header(ByteView(packet).first(19)).empty());
  packet[0] = 0x4F;
  EXPECT_TRUE(skip_ipv4_header(ByteView(packet).first(59)).empty());
}

TEST(IcmpPacket, NamesWhatRoutersSay) {
  EXPECT_EQ(classify(IpVersion::v4, 3), IcmpError::unreachable);
  EXPECT_EQ(classify(IpVersion::v4, 11), IcmpError::ttl_exceeded);
  EXPECT_EQ(classify(IpVersion::v4, 5), IcmpError::none);  // a redirect is no error
  EXPECT_EQ(classify(IpVersion::v6, 1), IcmpError::unreachable);
  EXPECT_EQ(classify(IpVersion::v6, 3), IcmpError::ttl_exceeded);
  EXPECT_EQ(classify(IpVersion::v6, 137), IcmpError::none);
  EXPECT_EQ(describe(IpVersion::v4, 3, 1), "host unreachable");
  EXPECT_EQ(describe(IpVersion::v4, 3, 13), "communication administratively prohibited");
  EXPECT_EQ(describe(IpVersion::v4, 3, 200), "ICMP error type 3 code 200");
  EXPECT_EQ(describe(IpVersion::v6, 1, 0), "no route to destination");
  EXPECT_EQ(describe(IpVersion::v6, 3, 0), "hop limit exceeded");
}

}  // namespace
}  // namespace nines::probes::icmp_packet_test
