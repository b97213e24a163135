// SPDX-License-Identifier: Apache-2.0
#include "probes/udp_probe.h"

#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/probes/fixture.h"
#include "tests/support/datagram_server.h"

namespace nines::probes::udp_probe_test {
namespace {

using test::DatagramServer;
using Replies = std::vector<std::string>;

Check udp_check(std::uint16_t port, const std::string& pattern, const std::string& host) {
  UdpSpec spec;
  spec.host = host;
  spec.port = port;
  spec.send = std::string("ping\0\xff", 6);
  spec.pattern = pattern;
  Check check;
  check.name = "udp";
  check.spec = std::move(spec);
  return check;
}

Check udp_check(std::uint16_t port, const std::string& pattern = "^pong") {
  return udp_check(port, pattern, "127.0.0.1");
}

class UdpProbe : public ProbeTest {};

TEST_F(UdpProbe, IsUpWhenTheReplyMatches) {
  const DatagramServer server([](const std::string& got) {
    return Replies{got == std::string("ping\0\xff", 6) ? "pong" : "what?"};
  });
  const auto result = run(udp_check(server.port()));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(server.port()));
  ASSERT_TRUE(result.phases.first_byte_us);
  EXPECT_FALSE(result.phases.connect_us) << "nothing is connected";
  EXPECT_LE(*result.phases.first_byte_us, *result.total_us);
  EXPECT_NE(result.stamps, Stamps::none);
}

TEST_F(UdpProbe, ReachesIpv6) {
  const DatagramServer server([](const std::string&) { return Replies{"pong"}; }, true);
  EXPECT_EQ(verdict(run(udp_check(server.port(), "^pong", "::1"))), "up ok");
}

TEST_F(UdpProbe, AnyReplyDoesWhereNoneIsDescribed) {
  const DatagramServer server([](const std::string&) { return Replies{""}; });
  EXPECT_EQ(verdict(run(udp_check(server.port(), ""))), "up ok") << "an empty datagram is a reply";
}

TEST_F(UdpProbe, SaysWhatDoesNotMatch) {
  const DatagramServer server(
      [](const std::string&) { return Replies{"go\x1b away\xff" + std::string(300, 'x')}; });
  const auto result = run(udp_check(server.port()));
  EXPECT_EQ(verdict(result), "down udp_expect");
  EXPECT_NE(result.detail.find("away"), std::string::npos) << result.detail;
  EXPECT_LE(result.detail.size(), kMaxText);
  EXPECT_EQ(valid_text(result.detail), result.detail);
}

TEST_F(UdpProbe, TellsSilenceFromAClosedPort) {
  const test::SilentPort silent;
  const auto late = run(udp_check(silent.port()), milliseconds(200));
  EXPECT_EQ(verdict(late), "down udp_timeout");
  EXPECT_TRUE(room_.waited_to_the_end());
  EXPECT_GE(late.phases.first_byte_us.value_or(0), *late.total_us / 2);

  std::uint16_t free_port = 0;
  { free_port = test::SilentPort().port(); }
  const auto refused = run(udp_check(free_port));
  EXPECT_EQ(verdict(refused), "down connect_refused") << refused.detail;
  EXPECT_LT(*refused.total_us, 5'000'000) << "an ICMP error ends the run at once";
}

TEST_F(UdpProbe, BadPatternIsNotTheServicesFault) {
  const DatagramServer server([](const std::string&) { return Replies{"pong"}; });
  EXPECT_EQ(verdict(run(udp_check(server.port(), "("))), "unknown agent_configuration");
}

TEST_F(UdpProbe, NoSourceIsOurOwnTrouble) {
  const DatagramServer server([](const std::string&) { return Replies{"pong"}; });
  auto check = udp_check(server.port());
  std::get<UdpSpec>(check.spec).source = "192.0.2.77";
  EXPECT_EQ(verdict(run(check)), "unknown agent_no_source");
  std::get<UdpSpec>(check.spec).source = "127.0.0.9";
  EXPECT_EQ(verdict(run(check)), "up ok");
}

TEST_F(UdpProbe, ALateLoopIsNotASlowService) {
  wait_for_stamps();
  std::atomic<bool> asked{false}, held{false};
  const DatagramServer server([&](const std::string&) {
    asked = true;
    while (!held) std::this_thread::yield();
    return Replies{"pong"};
  });
  // While the run waits, the loop is held up until 200 ms after the answer has left.
  const test::HoldUp hold_up(
      room_.io(), [&] { return asked.load(); },
      [&] {
        held = true;
        while (server.sent() == 0) std::this_thread::yield();
        std::this_thread::sleep_for(milliseconds(200));
      });
  const auto result = run(udp_check(server.port()));
  EXPECT_EQ(verdict(result), "up ok");
  EXPECT_EQ(result.stamps, Stamps::kernel);
  EXPECT_LE(*result.phases.first_byte_us + 200'000, *result.total_us)
      << "the loop's delay is in the phase";
}

TEST_F(UdpProbe, AStarvedHostBlamesNobody) {
  const test::SilentPort silent;
  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(5));
  soon.async_wait([](const asio::error_code&) { ::usleep(2'000'000); });
  EXPECT_EQ(verdict(run(udp_check(silent.port()), milliseconds(100))), "unknown agent_overloaded");
}

TEST_F(UdpProbe, StopsAtOnce) {
  const test::SilentPort silent;
  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(20));
  soon.async_wait([this](const asio::error_code&) { room_.stop().request(); });
  EXPECT_EQ(verdict(run(udp_check(silent.port()), hours(1))), "unknown agent_stopped");
}

}  // namespace
}  // namespace nines::probes::udp_probe_test
