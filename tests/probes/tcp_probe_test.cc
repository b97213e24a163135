// SPDX-License-Identifier: Apache-2.0
#include "probes/tcp_probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "probes/connector.h"
#include "tests/probes/fixture.h"
#include "tests/support/dns_server.h"

namespace nines::probes::tcp_probe_test {
namespace {

using test::ScriptedPeer;
using test::ScriptedServer;

class TcpProbe : public ProbeTest {};

void stall(ScriptedPeer& peer) { peer.wait_until_gone(); }

TEST_F(TcpProbe, IsUpWhenTheConnectionIs) {
  const ScriptedServer server(stall);
  const auto result = run(tcp_check(server.port()));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(server.port()));
  ASSERT_TRUE(result.total_us);
  ASSERT_TRUE(result.phases.connect_us);
  EXPECT_LE(*result.phases.connect_us, *result.total_us);
  EXPECT_FALSE(result.phases.dns_us) << "a literal was looked up";
  EXPECT_FALSE(result.phases.tls_us);
  EXPECT_FALSE(result.phases.first_byte_us);
}

TEST_F(TcpProbe, ReachesIpv6) {
  const ScriptedServer server(stall, true);
  for (const char* host : {"::1", "[::1]"}) {
    const auto result = run(tcp_check(server.port(), {}, host));
    EXPECT_EQ(verdict(result), "up ok") << result.detail;
    EXPECT_EQ(result.address, "[::1]:" + std::to_string(server.port()));
  }
}

TEST_F(TcpProbe, SaysRefused) {
  const test::RefusingPort port;
  const auto result = run(tcp_check(port.port()));
  EXPECT_EQ(verdict(result), "down connect_refused");
  EXPECT_TRUE(result.phases.connect_us);
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(port.port()));
}

TEST_F(TcpProbe, SaysTimedOutAtTheDeadline) {
  const test::DeafPort port;
  const auto result = run(tcp_check(port.port()), milliseconds(200));
  EXPECT_EQ(verdict(result), "down connect_timeout") << result.detail;
  EXPECT_TRUE(room_.waited_to_the_end());
}

struct Pipe {
  explicit Pipe(asio::io_context& io) : reader(io) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
    reader.assign(ends[0]);
    writer = ends[1];
  }

  void hang_up() { ::close(writer); }

  Socket reader;
  int writer = -1;
};

// Both pipes have news in one turn of the loop; in the turn of the first the second is closed and
// the run begun.
Task<ProbeResult> run_in_place_of(Pipe& second, Pipe& first, Room& room, const Check& check) {
  first.hang_up();
  second.hang_up();
  auto wait = first.reader.async_wait(Socket::wait_read, kNoThrow);
  co_await std::move(wait);
  second.reader.close();
  ProbeResult result;
  auto probe = room.room().run(check, room.clock().boot() + milliseconds(200), room.stop(), result);
  co_await std::move(probe);
  co_return result;
}

TEST_F(TcpProbe, NewsOfASocketThatIsGoneAreNotTheNextOnes) {
  // The probe's socket takes the place of the closed one, and with it the hangup that the loop has
  // yet to tell, while its own connection is unanswered.
  Pipe first(room_.io()), second(room_.io());
  const test::DeafPort deaf;
  const auto check = tcp_check(deaf.port());
  const auto result = test::run(room_.io(), run_in_place_of(second, first, room_, check));
  EXPECT_EQ(verdict(result), "down connect_timeout") << result.detail;
}

TEST_F(TcpProbe, SpeaksADialogue) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send("220 mail.example ESMTP\r\n");
    if (peer.read_until("\r\n") == "EHLO nines\r\n") peer.send("250-SIZE\r\n250 HELP\r\n");
  });
  const auto result = run(tcp_check(
      server.port(), {expect("^220 "), send("EHLO nines\r\n"), expect("(?m)^250 HELP\r?$")}));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_TRUE(result.phases.first_byte_us);
  EXPECT_TRUE(result.phases.transfer_us);
}

TEST_F(TcpProbe, MatchesAcrossSegmentsOfOneByte) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.drip("SSH-2.0-OpenSSH_9.2\r\n");
    peer.wait_until_gone();
  });
  const auto result = run(tcp_check(server.port(), {expect("OpenSSH_9\\.2\r\n")}));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
}

TEST_F(TcpProbe, KeepsWhatFollowsAMatchInTheSameSegment) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send("HELLO" + std::string("\0\xFF", 2) + "WORLD");
    peer.wait_until_gone();
  });
  const auto result =
      run(tcp_check(server.port(), {expect("HELLO"), expect("^\\x00\\xff"), expect("^WORLD$")}));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
}

TEST_F(TcpProbe, MatchesALineOfNearlyTheLimit) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send(std::string(kMaxDialogue - 4096, 'x') + "end");
    peer.wait_until_gone();
  });
  EXPECT_EQ(verdict(run(tcp_check(server.port(), {expect("xend")}))), "up ok");
}

TEST_F(TcpProbe, EndsAnAnswerWithoutEnd) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    while (peer.send(std::string(4096, 'x'))) {
    }
  });
  const auto result = run(tcp_check(server.port(), {expect("never")}), seconds(20));
  EXPECT_EQ(verdict(result), "down tcp_too_large");
}

TEST_F(TcpProbe, TellsAWrongAnswerFromSilenceAndFromClosing) {
  const ScriptedServer wrong([](ScriptedPeer& peer) { peer.send("500 go away\r\n"); });
  auto result = run(tcp_check(wrong.port(), {expect("^220")}));
  EXPECT_EQ(verdict(result), "down tcp_expect");
  EXPECT_NE(result.detail.find("500 go away"), std::string::npos) << result.detail;

  const ScriptedServer closing([](ScriptedPeer&) {});
  EXPECT_EQ(verdict(run(tcp_check(closing.port(), {expect("^220")}))), "down tcp_closed");

  const ScriptedServer silent(stall);
  result = run(tcp_check(silent.port(), {expect("^220")}), milliseconds(100));
  EXPECT_EQ(verdict(result), "down tcp_timeout");
  EXPECT_TRUE(result.phases.first_byte_us) << "the phase in which it ended was reached";
  EXPECT_FALSE(result.phases.transfer_us);
}

TEST_F(TcpProbe, SaysReset) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_until("hello");
    peer.reset();
  });
  EXPECT_EQ(verdict(run(tcp_check(server.port(), {send("hello"), expect("x")}))), "down tcp_reset");
}

TEST_F(TcpProbe, TimesOutWhenNobodyReads) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.hold(); });
  const std::string much(32 << 20, 'y');  // more than both ends buffer
  const auto result = run(tcp_check(server.port(), {send(much)}), milliseconds(500));
  EXPECT_EQ(verdict(result), "down tcp_timeout");
  EXPECT_EQ(result.detail, "step 1: not sent in time");
}

TEST_F(TcpProbe, HostileBytesMakeAValidDetail) {
  const ScriptedServer server(
      [](ScriptedPeer& peer) { peer.send("\xFF\xFE\x1B[31m\r\n" + std::string(500, '\xC3')); });
  const auto result = run(tcp_check(server.port(), {expect("^220")}));
  EXPECT_EQ(verdict(result), "down tcp_expect");
  EXPECT_LE(result.detail.size(), kMaxText);
  EXPECT_EQ(valid_text(result.detail), result.detail);
  EXPECT_EQ(result.detail.find('\x1B'), std::string::npos);
}

TEST_F(TcpProbe, BadPatternIsNotTheServicesFault) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.send("x"); });
  EXPECT_EQ(verdict(run(tcp_check(server.port(), {expect("(")}))), "unknown agent_configuration");
}

TEST_F(TcpProbe, InvertsUpAndDownButNotUnknown) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.send("x"); });
  auto check = tcp_check(server.port());
  check.invert = true;
  EXPECT_EQ(verdict(run(check)), "down inverted_up");
  const test::RefusingPort port;
  check = tcp_check(port.port());
  check.invert = true;
  const auto result = run(check);
  EXPECT_EQ(verdict(result), "up ok");
  EXPECT_NE(result.detail.find("connect_refused"), std::string::npos) << result.detail;
  check = tcp_check(server.port(), {expect("(")});
  check.invert = true;
  EXPECT_EQ(verdict(run(check)), "unknown agent_configuration");
}

TEST_F(TcpProbe, IsDownAboveItsLatency) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.send("x"); });
  auto check = tcp_check(server.port(), {expect("x")});
  std::get<TcpSpec>(check.spec).expect.latency = Duration(1);
  EXPECT_EQ(verdict(run(check)), "down latency_above");
  std::get<TcpSpec>(check.spec).expect.latency = hours(1);
  EXPECT_EQ(verdict(run(check)), "up ok");
}

TEST_F(TcpProbe, ALateLoopIsNotASlowService) {
  wait_for_stamps();
  std::atomic<bool> asked{false}, held{false}, sent{false};
  const ScriptedServer server([&](ScriptedPeer& peer) {
    peer.read_until("go");
    asked = true;
    while (!held) std::this_thread::yield();
    peer.send("220\r\n");
    sent = true;
    peer.wait_until_gone();
  });
  // While the run waits, the loop is held up until 200 ms after the answer has left.
  const test::HoldUp hold_up(
      room_.io(), [&] { return asked.load(); },
      [&] {
        held = true;
        while (!sent) std::this_thread::yield();
        std::this_thread::sleep_for(milliseconds(200));
      });
  const auto result = run(tcp_check(server.port(), {send("go"), expect("220")}));
  EXPECT_EQ(verdict(result), "up ok");
  ASSERT_TRUE(result.phases.first_byte_us);
  EXPECT_LE(*result.phases.first_byte_us + 200'000, *result.total_us)
      << "the loop's delay is in the phase";
}

TEST_F(TcpProbe, AStarvedHostBlamesNobody) {
  const ScriptedServer server(stall);
  const auto none = run(tcp_check(server.port()), Duration(0));
  EXPECT_EQ(verdict(none), "unknown agent_overloaded");
  EXPECT_FALSE(none.total_us);

  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(5));
  soon.async_wait([](const asio::error_code&) { std::this_thread::sleep_for(seconds(2)); });
  const auto late = run(tcp_check(server.port(), {expect("x")}), milliseconds(100));
  EXPECT_EQ(verdict(late), "unknown agent_overloaded") << late.detail;
}

TEST_F(TcpProbe, StopsAtOnce) {
  const ScriptedServer server(stall);
  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(20));
  soon.async_wait([this](const asio::error_code&) { room_.stop().request(); });
  const auto result = run(tcp_check(server.port(), {expect("never")}), hours(1));
  EXPECT_EQ(verdict(result), "unknown agent_stopped");
  EXPECT_TRUE(result.total_us);
  const auto again = run(tcp_check(server.port()), hours(1));
  EXPECT_EQ(verdict(again), "unknown agent_stopped");
  EXPECT_FALSE(again.total_us) << "nothing was attempted";
}

int open_descriptors() {
  int count = 0;
  for (int i = 0; i < 1024; ++i) count += ::fcntl(i, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

TEST_F(TcpProbe, LeavesNoDescriptorBehind) {
  const test::RefusingPort refusing;
  const test::DeafPort deaf;
  run(tcp_check(refusing.port()));
  const int before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    run(tcp_check(refusing.port()));
    run(tcp_check(deaf.port()), milliseconds(5));
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(TcpProbeByName, MeasuresTheLookup) {
  test::DnsReply reply;
  reply.addresses.push_back(asio::ip::make_address("127.0.0.1"));
  Room room([&](const test::DnsQuery&) { return reply; });
  const ScriptedServer server(stall);
  const auto result = room.run(tcp_check(server.port(), {}, "shop.example"));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_TRUE(result.phases.dns_us);
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(server.port()));
}

TEST(TcpProbeByName, TriesTheNextAddressAfterARefusal) {
  test::DnsReply reply;
  for (const char* address : {"127.0.0.2", "127.0.0.3", "127.0.0.1"}) {
    reply.addresses.push_back(asio::ip::make_address(address));
  }
  Room room([&](const test::DnsQuery&) { return reply; });
  const ScriptedServer server(stall);  // on 127.0.0.1 alone
  const auto result = room.run(tcp_check(server.port(), {}, "shop.example"));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(server.port()));
}

TEST(TcpProbeByName, SaysWhatTheNameServerDid) {
  using Kind = test::DnsReply::Kind;
  test::DnsReply reply;
  Room room([&](const test::DnsQuery&) { return reply; });
  const auto check = tcp_check(1, {}, "shop.example");
  const auto ask = [&](Kind kind, int code, Duration timeout = seconds(10)) {
    reply.kind = kind;
    reply.code = code;
    return room.run(check, timeout);
  };
  auto result = ask(Kind::code, 3);
  EXPECT_EQ(verdict(result), "down dns_nxdomain");
  EXPECT_TRUE(result.phases.dns_us);
  EXPECT_EQ(result.stamps, Stamps::kernel);
  EXPECT_FALSE(result.phases.connect_us);
  EXPECT_EQ(result.address, "");
  EXPECT_EQ(verdict(ask(Kind::code, 2)), "down dns_servfail");
  EXPECT_EQ(verdict(ask(Kind::code, 5)), "down dns_refused");
  EXPECT_EQ(verdict(ask(Kind::answer, 0)), "down dns_no_address");
  EXPECT_EQ(verdict(ask(Kind::silent, 0, milliseconds(300))), "unknown agent_no_resolver");
}

// The list of addresses is given, not looked up.
class Connector : public ::testing::Test {
 protected:
  Connection connect(std::vector<const char*> addresses, std::uint16_t port, Duration timeout) {
    std::vector<asio::ip::address> list;
    for (const auto* address : addresses) list.push_back(asio::ip::make_address(address));
    probes::Run run{io_, clock_, clock_.boot() + timeout, stop_};
    std::optional<Connection> connection;
    auto task = connect_into(run, std::move(list), port, connection);
    test::run(io_, std::move(task));
    return std::move(*connection);
  }

  Task<void> connect_into(probes::Run& run,
                          std::vector<asio::ip::address> list,
                          std::uint16_t port,
                          std::optional<Connection>& connection) {
    auto connect = connect_any(run, std::move(list), port, std::string(), phases_);
    connection = co_await std::move(connect);
  }

  asio::io_context io_{1};
  SystemClock clock_;
  Stop stop_;
  Phases phases_;
};

constexpr const char* kNoRoute = "224.0.0.1";  // TCP has no way to a group: ENETUNREACH at once

TEST_F(Connector, OutsideVerdictBeatsOurOwnTrouble) {
  const test::RefusingPort port;
  for (const auto& order : {std::vector{kNoRoute, "127.0.0.1"}, {"127.0.0.1", kNoRoute}}) {
    const auto connection = connect(order, port.port(), seconds(10));
    EXPECT_EQ(connection.failure.reason, Reason::connect_refused);
    EXPECT_EQ(connection.address, "127.0.0.1:" + std::to_string(port.port()));
  }
  EXPECT_EQ(connect({kNoRoute}, port.port(), seconds(10)).failure.reason, Reason::agent_no_route);
}

TEST_F(Connector, LeavesTimeForTheNextAddress) {
  const test::DeafPort deaf;
  const auto connection = connect({"127.0.0.1", "127.0.0.2"}, deaf.port(), seconds(1));
  EXPECT_EQ(connection.failure.reason, Reason::connect_refused);
  EXPECT_EQ(connection.address, "127.0.0.2:" + std::to_string(deaf.port()));
  EXPECT_GE(phases_.connect_us.value_or(0), 200'000) << "failed attempts count too";
}

}  // namespace
}  // namespace nines::probes::tcp_probe_test
