// SPDX-License-Identifier: Apache-2.0
#include "probes/icmp_probe.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/probes/fixture.h"

namespace nines::probes::icmp_probe_test {
namespace {

bool may_open_raw_sockets() {
  const int fd = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd < 0) return false;
  ::close(fd);
  return true;
}

class IcmpProbe : public ProbeTest {
 protected:
  void SetUp() override {
    const auto support = room_.room().icmp_support();
    if (support != "raw socket" && support != "ping socket") GTEST_SKIP() << support;
  }
};

TEST_F(IcmpProbe, CountsEveryReplyOfLoopback) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    const auto result = run(icmp_check(host, 5));
    EXPECT_EQ(verdict(result), "up ok") << result.detail;
    EXPECT_EQ(result.address, host);
    ASSERT_TRUE(result.icmp);
    EXPECT_EQ(result.icmp->sent, 5);
    EXPECT_EQ(result.icmp->received, 5);
    EXPECT_EQ(result.icmp->duplicates, 0);
    ASSERT_EQ(result.icmp->rtt_us.size(), 5U);
    for (const auto rtt : result.icmp->rtt_us) {
      EXPECT_GE(rtt, 0);
      EXPECT_LE(rtt, *result.total_us);
    }
    EXPECT_EQ(result.icmp->ttl, 64);
    EXPECT_EQ(result.icmp->reordered, 0);
    EXPECT_EQ(result.icmp->late, 0);
    EXPECT_NE(result.stamps, Stamps::none);
    EXPECT_FALSE(result.phases.connect_us);
  }
}

TEST_F(IcmpProbe, EndsAsSoonAsAllAnswered) {
  const auto result = run(icmp_check("127.0.0.1", 2), hours(1));
  EXPECT_EQ(verdict(result), "up ok");
}

TEST_F(IcmpProbe, SpacesItsRequests) {
  const auto result = run(icmp_check("127.0.0.1", 4, milliseconds(20)));
  EXPECT_GE(*result.total_us, 60'000);
}

TEST_F(IcmpProbe, TakesSizesAtBothEnds) {
  for (const int size : {16, 1472}) {
    for (const char* host : {"127.0.0.1", "::1"}) {
      auto check = icmp_check(host, 1);
      std::get<IcmpSpec>(check.spec).size = size;
      EXPECT_EQ(verdict(run(check)), "up ok") << size;
    }
  }
}

TEST_F(IcmpProbe, RunsManyChecksOverOneSocket) {
  const auto check = icmp_check("127.0.0.1", 3);
  int up = 0;
  TaskSet tasks(room_.io());
  for (int i = 0; i < 100; ++i) {
    struct One {
      static Task<void> run(Room& room, const Check& check, int& up) {
        ProbeResult result;
        auto task = room.room().run(check, room.clock().boot() + seconds(10), room.stop(), result);
        co_await std::move(task);
        if (result.icmp && result.icmp->received == 3 && result.icmp->duplicates == 0) ++up;
      }
    };

    tasks.spawn("ping", One::run(room_, check, up));
  }
  test::run(room_.io(), tasks.join());
  EXPECT_EQ(up, 100);
}

TEST_F(IcmpProbe, HoldsTheLoopOnlyWhileItWaits) {
  run(icmp_check("127.0.0.1", 1));
  room_.io().restart();
  room_.io().run_for(seconds(10));
  EXPECT_TRUE(room_.io().stopped()) << "an idle socket keeps the loop alive";
}

TEST_F(IcmpProbe, CannotSendToAGroupOfNobody) {
  auto result = run(icmp_check("0.0.0.1", 1), milliseconds(300));
  EXPECT_NE(result.outcome, Outcome::up);
}

TEST_F(IcmpProbe, StopsAtOnce) {
  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(20));
  soon.async_wait([this](const asio::error_code&) { room_.stop().request(); });
  const auto result = run(icmp_check("127.0.0.1", 100, minutes(1)), hours(1));
  EXPECT_EQ(verdict(result), "unknown agent_stopped");
  ASSERT_TRUE(result.icmp);
  EXPECT_EQ(result.icmp->sent, 1);
}

// The socket itself, with a sender of forgeries beside it.
class IcmpSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!may_open_raw_sockets()) GTEST_SKIP() << "needs raw sockets";
    opened_ = IcmpSocket::open(io_, clock_, IpVersion::v4);
    ASSERT_FALSE(opened_.failure) << opened_.failure.detail;
    forger_ = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    ASSERT_GE(forger_, 0);
    // To 127.0.0.2, which answers by itself; forged replies of 127.0.0.3 come from elsewhere.
    echo_.target = asio::ip::make_address("127.0.0.2");
    echo_.changed = &changed_;
  }

  void TearDown() override {
    if (opened_.socket != nullptr) opened_.socket->forget(echo_);
    if (forger_ >= 0) ::close(forger_);
  }

  // A reply to `echo_` as `from` would send it, changed by `change`.
  template <class Change>
  void forge(const char* from, Change change) {
    auto bytes =
        encode_echo_request(IpVersion::v4, identifier_, echo_.sequence, echo_.nonce, echo_.payload);
    bytes[0] = 0;
    change(bytes);
    deliver(from, std::move(bytes));
  }

  // A message of ICMP, with its checksum, from `from` to this host.
  static void deliver(const char* from, std::vector<std::uint8_t> bytes) {
    bytes[2] = bytes[3] = 0;
    const auto sum = internet_checksum(bytes);
    bytes[2] = static_cast<std::uint8_t>(sum >> 8);
    bytes[3] = static_cast<std::uint8_t>(sum & 0xFF);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(asio::ip::make_address_v4(from).to_uint());
    const int forger = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    ASSERT_EQ(::bind(forger, reinterpret_cast<const sockaddr*>(&source), sizeof source), 0);
    sockaddr_in to = source;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_GT(::sendto(forger, bytes.data(), bytes.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to), sizeof to),
              0);
    ::close(forger);
  }

  // "Host unreachable" for `echo_`, as a router would send it that never saw the nonce.
  void refuse_blindly() {
    auto quoted =
        encode_echo_request(IpVersion::v4, identifier_, echo_.sequence, Nonce{}, echo_.payload);
    std::vector<std::uint8_t> bytes{3, 1, 0, 0, 0, 0, 0, 0};
    const auto size = static_cast<std::uint8_t>(20 + quoted.size());
    const std::vector<std::uint8_t> header{0x45, 0, 0,   size, 0, 0, 0,   0, 64, 1,
                                           0,    0, 127, 0,    0, 1, 127, 0, 0,  2};
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), quoted.begin(), quoted.end());
    deliver("127.0.0.3", std::move(bytes));
  }

  // The identifier that the socket uses, seen on the wire.
  void send_and_learn_identifier() {
    const auto failure = opened_.socket->send(echo_);
    ASSERT_FALSE(failure) << failure.detail;
    std::array<std::uint8_t, 2048> packet{};
    for (int i = 0; i < 1000; ++i) {
      const auto n = ::recv(forger_, packet.data(), packet.size(), 0);
      ASSERT_GT(n, 0);
      const auto message = skip_ipv4_header(ByteView(packet).first(static_cast<std::size_t>(n)));
      const auto request = decode_quoted_request(IpVersion::v4, message);
      if (!request || request->sequence != echo_.sequence) continue;
      if (!carries(request->payload, echo_.nonce)) continue;
      identifier_ = request->identifier;
      return;
    }
    FAIL() << "the request was not seen";
  }

  template <class Condition>
  void wait_for(Condition condition) {
    opened_.socket->await_answers();
    ASSERT_TRUE(test::run_until(io_, condition));
  }

  asio::io_context io_{1};
  SystemClock clock_;
  IcmpSocket::Opened opened_;
  int forger_ = -1;
  std::uint16_t identifier_ = 0;
  Event changed_{io_};
  Echo echo_;
};

constexpr auto kUnchanged = [](std::vector<std::uint8_t>&) {};

TEST_F(IcmpSocketTest, CountsDuplicatesOnce) {
  send_and_learn_identifier();
  forge("127.0.0.2", kUnchanged);
  forge("127.0.0.2", kUnchanged);
  wait_for([&] { return echo_.duplicates == 2; });
  EXPECT_TRUE(echo_.round_trip);
}

TEST_F(IcmpSocketTest, RefusesForgeries) {
  send_and_learn_identifier();
  const auto forged = [&] { return opened_.socket->counters().forged; };
  forge("127.0.0.3", kUnchanged);                                           // another sender
  forge("127.0.0.2", [](auto& bytes) { bytes[10] ^= 1; });                  // another nonce
  forge("127.0.0.2", [](auto& bytes) { bytes.resize(kIcmpHeader + 16); });  // another length
  forge("127.0.0.2", [](auto& bytes) { bytes.resize(kIcmpHeader); });
  wait_for([&] { return forged() == 4; });
  EXPECT_EQ(echo_.duplicates, 0);
  wait_for([&] { return echo_.round_trip.has_value(); });  // the true one still counts
}

TEST_F(IcmpSocketTest, KnowsALateReplyOfARequestThatWasGivenUp) {
  send_and_learn_identifier();
  opened_.socket->forget(echo_);  // its own answer waits unread
  Echo other;
  other.target = asio::ip::make_address("127.0.0.1");
  other.changed = &changed_;
  ASSERT_FALSE(opened_.socket->send(other));
  wait_for([&] { return other.round_trip.has_value(); });
  opened_.socket->forget(other);
  EXPECT_EQ(opened_.socket->take_late(other.target), 0);
  EXPECT_EQ(opened_.socket->take_late(echo_.target), 1);
  EXPECT_EQ(opened_.socket->take_late(echo_.target), 0) << "told once";
  EXPECT_EQ(opened_.socket->counters().foreign, 0U);
}

TEST_F(IcmpSocketTest, AFloodOfErrorsNeitherEndsARequestNorKeepsTheLoopBusy) {
  send_and_learn_identifier();
  ++echo_.payload;  // its own answer is of another length: nobody has answered
  wait_for([&] { return opened_.socket->counters().forged == 1; });
  --echo_.payload;
  for (int i = 0; i < 500; ++i) refuse_blindly();
  wait_for([&] { return opened_.socket->counters().forged > 1; });
  io_.restart();
  const auto handlers = io_.run_for(milliseconds(300));
  EXPECT_LT(handlers, 2'000U) << "a loop that spins would have run far more";
  EXPECT_EQ(echo_.error, IcmpError::none);
  EXPECT_FALSE(echo_.round_trip);
  forge("127.0.0.2", kUnchanged);
  wait_for([&] { return echo_.round_trip.has_value(); });
}

// As agents side by side on one host: every raw socket sees the replies of all.
TEST_F(IcmpSocketTest, ManySocketsDoNotTakeEachOthersReplies) {
  constexpr std::size_t kSockets = 50;
  std::vector<IcmpSocket::Opened> sockets;
  std::vector<Echo> echoes(kSockets);
  for (auto& echo : echoes) {
    sockets.push_back(IcmpSocket::open(io_, clock_, IpVersion::v4));
    ASSERT_FALSE(sockets.back().failure) << sockets.back().failure.detail;
    echo.target = asio::ip::make_address("127.0.0.1");
    echo.changed = &changed_;
    ASSERT_FALSE(sockets.back().socket->send(echo));
    sockets.back().socket->await_answers();
  }
  wait_for([&] {
    return std::all_of(echoes.begin(), echoes.end(),
                       [](const Echo& echo) { return echo.round_trip.has_value(); });
  });
  for (std::size_t i = 0; i < kSockets; ++i) {
    EXPECT_EQ(echoes[i].duplicates, 0);
    sockets[i].socket->forget(echoes[i]);
  }
}

TEST_F(IcmpSocketTest, SendsWithTheHopLimitAndTheClassOfTheRequest) {
  echo_.options = {7, 46, true, "127.0.0.9"};
  ASSERT_FALSE(opened_.socket->send(echo_));
  std::array<std::uint8_t, 2048> packet{};
  for (int i = 0; i < 1000; ++i) {
    const auto n = ::recv(forger_, packet.data(), packet.size(), 0);
    ASSERT_GT(n, 28);
    const auto request = decode_quoted_request(
        IpVersion::v4, skip_ipv4_header(ByteView(packet).first(static_cast<std::size_t>(n))));
    if (!request || !carries(request->payload, echo_.nonce)) continue;
    EXPECT_EQ(packet[1], 46 << 2);
    EXPECT_EQ(packet[6] & 0x40, 0x40) << "do not fragment";
    EXPECT_EQ(packet[8], 7);
    EXPECT_EQ(packet[15], 9) << "the source";
    return;
  }
  FAIL() << "the request was not seen";
}

TEST_F(IcmpSocketTest, SaysThatASourceCannotBeUsed) {
  for (const char* source : {"no-such-if", "192.0.2.77", "::1"}) {
    echo_.options.source = source;
    EXPECT_EQ(opened_.socket->send(echo_).reason, Reason::agent_no_source) << source;
  }
}

TEST_F(IcmpSocketTest, IgnoresRepliesThatComeTooLate) {
  send_and_learn_identifier();
  wait_for([&] { return echo_.round_trip.has_value(); });
  Echo other;
  other.target = echo_.target;
  other.changed = &changed_;
  ASSERT_FALSE(opened_.socket->send(other));
  opened_.socket->forget(echo_);
  forge("127.0.0.2", kUnchanged);
  wait_for([&] { return other.round_trip && opened_.socket->counters().foreign > 0; });
  EXPECT_EQ(echo_.duplicates, 0);
  opened_.socket->forget(other);
}

TEST_F(IcmpSocketTest, MeasuresBetweenKernelStamps) {
  for (int i = 0; i < 20; ++i) {
    Echo echo;
    echo.target = asio::ip::make_address("127.0.0.1");
    echo.changed = &changed_;
    ASSERT_FALSE(opened_.socket->send(echo));
    wait_for([&] { return echo.round_trip.has_value(); });
    EXPECT_TRUE(echo.kernel_sent) << "no stamp of the send";
    opened_.socket->forget(echo);
  }
  // A pre-empted reading of the clocks looks like a step now and then.
  EXPECT_LT(opened_.socket->counters().app_clock, 10U);
}

// A clock whose wall time is stepped by an hour at each reading.
class SteppingClock final : public Clock {
 public:
  explicit SteppingClock(Duration step) : step_(step) {}

  ClockReading read() const override {
    auto reading = system_.read();
    reading.wall += step_ * ++readings_;
    return reading;
  }

 private:
  SystemClock system_;
  Duration step_;
  mutable int readings_ = 0;
};

TEST_F(IcmpSocketTest, WallClockStepsDoNotReachTheRoundTrip) {
  for (const auto step : {hours(1), hours(-1)}) {
    const SteppingClock clock(step);
    auto opened = IcmpSocket::open(io_, clock, IpVersion::v4);
    ASSERT_FALSE(opened.failure);
    const auto start = clock.boot();
    ASSERT_FALSE(opened.socket->send(echo_));
    opened.socket->await_answers();
    wait_for([&] { return echo_.round_trip.has_value(); });
    EXPECT_GE(*echo_.round_trip, Duration(0));
    EXPECT_LE(*echo_.round_trip, clock.boot() - start);
    opened.socket->forget(echo_);
    echo_.round_trip.reset();
  }
}

// The verdict's table.
Echo answered(Duration round_trip) {
  Echo echo;
  echo.round_trip = round_trip;
  return echo;
}

Echo refused(IcmpError error) {
  Echo echo;
  echo.error = error;
  echo.error_text = "says 192.0.2.1";
  return echo;
}

TEST(JudgeEchoes, FollowsItsTable) {
  IcmpSpec spec;
  const auto ms = [](int n) { return answered(milliseconds(n)); };
  const Failure none, local{Reason::agent_no_route, "no route"};
  EXPECT_EQ(judge_echoes(spec, {ms(1), Echo(), Echo()}, none).reason, Reason::ok);
  EXPECT_EQ(judge_echoes(spec, {Echo(), Echo()}, none).reason, Reason::icmp_timeout);
  EXPECT_EQ(judge_echoes(spec, {Echo(), refused(IcmpError::unreachable)}, none).reason,
            Reason::icmp_unreachable);
  EXPECT_EQ(judge_echoes(spec, {refused(IcmpError::ttl_exceeded)}, none).reason,
            Reason::icmp_ttl_exceeded);
  EXPECT_EQ(judge_echoes(spec, {Echo()}, local).reason, Reason::agent_no_route);
  EXPECT_EQ(judge_echoes(spec, {ms(1)}, local).reason, Reason::ok);

  spec.loss = {1, 3};
  EXPECT_EQ(judge_echoes(spec, {ms(1), ms(1), Echo()}, none).reason, Reason::ok) << "at the limit";
  EXPECT_EQ(judge_echoes(spec, {ms(1), Echo(), Echo()}, none).reason, Reason::icmp_loss);
  spec.loss = {0, 1};
  EXPECT_EQ(judge_echoes(spec, {ms(1), ms(1), Echo()}, none).reason, Reason::icmp_loss);
  EXPECT_EQ(judge_echoes(spec, {ms(1), ms(1)}, none).reason, Reason::ok);
}

}  // namespace
}  // namespace nines::probes::icmp_probe_test
