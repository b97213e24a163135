// SPDX-License-Identifier: Apache-2.0
// At stake: handshakes that fall together do not lengthen one another, and none waits long for it.
#include "agent/handshake_pace.h"

#include <gtest/gtest.h>

namespace nines::agent::handshake_pace_test {
namespace {

constexpr BootTime kNow{5'000'000'000};

TEST(HandshakePace, AStartAloneDoesNotWait) {
  HandshakePace pace;
  EXPECT_EQ(pace.turn(kNow), kNow);
  EXPECT_EQ(pace.turn(kNow + milliseconds(1)), kNow + milliseconds(1));
  EXPECT_EQ(pace.turn(kNow + seconds(1)), kNow + seconds(1));
}

TEST(HandshakePace, StartsOfOneWakeUpFollowOneAnother) {
  HandshakePace pace;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(pace.turn(kNow), kNow + milliseconds(i)) << i;
}

TEST(HandshakePace, NobodyWaitsLongerThanTenMilliseconds) {
  HandshakePace pace;
  for (int i = 0; i < 100; ++i) EXPECT_LE(pace.turn(kNow), kNow + HandshakePace::kMost) << i;
  EXPECT_LE(pace.turn(kNow + milliseconds(5)), kNow + milliseconds(15));
  EXPECT_EQ(pace.turn(kNow + milliseconds(12)), kNow + milliseconds(12)) << "the queue is over";
}

TEST(HandshakePace, KnowsWhichChecksMakeOne) {
  const auto makes = [](decltype(Check::spec) spec) {
    Check check;
    check.spec = std::move(spec);
    return makes_handshake(check);
  };
  HttpSpec plain, secure;
  plain.url = "http://a/";
  secure.url = "https://a/";
  EXPECT_FALSE(makes(plain));
  EXPECT_TRUE(makes(secure));
  TcpSpec tcp;
  EXPECT_FALSE(makes(tcp));
  tcp.tls.emplace();
  EXPECT_TRUE(makes(tcp));
  DnsSpec dns;
  EXPECT_FALSE(makes(dns));
  dns.transport = DnsTransport::tls;
  EXPECT_TRUE(makes(dns));
  EXPECT_TRUE(makes(HandshakeSpec{}));
  EXPECT_FALSE(makes(GrpcSpec{}));
  EXPECT_FALSE(makes(IcmpSpec{}));
  EXPECT_FALSE(makes(UdpSpec{}));
  EXPECT_FALSE(makes(ExecSpec{}));
}

}  // namespace
}  // namespace nines::agent::handshake_pace_test
