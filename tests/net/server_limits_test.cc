// SPDX-License-Identifier: Apache-2.0
// At stake: a collector that anybody's port scanner can reach stays up and keeps its bounds against
// garbage, floods and peers that are slow on purpose. Limits of time are made tiny.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "tests/net/server_fixture.h"

namespace nines::net::server_limits_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(HttpServerTest, RefusesGarbageAndGoesOn) {
  const auto port = listen();
  EXPECT_EQ(ask(port, "\x16\x03\x01\x02").status, 400);
  EXPECT_EQ(ask(port, "nonsense\r\n\r\n").status, 400);
  EXPECT_EQ(ask(port, "GET /../a HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
  const auto got = ask(port, "GET / HTTP/3.0\r\nHost: x\r\n\r\n");
  EXPECT_EQ(got.status, 505);
  EXPECT_EQ(got.headers.at("connection"), "close");
  EXPECT_THAT(got.body, HasSubstr("\"error\""));
  EXPECT_EQ(server_->counters().bad_requests, 4U);
  EXPECT_EQ(ask(port, kGet).status, 200);
}

TEST_F(HttpServerTest, RefusesWhatIsTooLarge) {
  limits_.header_bytes = 512;
  limits_.body_bytes = 1000;
  const auto port = listen();
  EXPECT_EQ(ask(port, "GET /" + std::string(600, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").status,
            431);
  EXPECT_EQ(ask(port, post("/b", std::string(1001, 'x'))).status, 413);
  EXPECT_EQ(ask(port, post("/b", std::string(1000, 'x'))).status, 200);
  EXPECT_EQ(ask(port, "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                          std::string(1001, 'x') + "\r\n0\r\n\r\n")
                .status,
            413);
  EXPECT_EQ(server_->counters().too_large, 3U);
}

TEST_F(HttpServerTest, BoundsTheBodiesOfAllConnectionsTogether) {
  limits_.bodies_in_flight = 1000;
  const auto port = listen();
  const auto statuses = serve([&] {
    auto first = RawClient::tcp(port);
    first.send(post("/1", std::string(900, 'x')).substr(0, 700));
    // The first body is accounted for once a whole exchange has gone round on another connection.
    EXPECT_EQ(RawClient::tcp(port).exchange(kGet).status, 200);
    const auto second = RawClient::tcp(port).exchange(post("/2", std::string(900, 'x')));
    first.abandon();
    return second;
  });
  EXPECT_EQ(statuses.status, 503);
  EXPECT_EQ(statuses.headers.at("retry-after"), "1");
  settle();
  EXPECT_EQ(ask(port, post("/3", std::string(900, 'x'))).status, 200) << "what was held is free";
}

TEST_F(HttpServerTest, TruncatedRequestsAreForgotten) {
  const auto port = listen();
  const std::string whole = post("/t", "hello");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{30}, whole.size() - 1}) {
    const bool closed = serve([&] {
      auto client = RawClient::tcp(port);
      client.send(whole.substr(0, size));
      client.finish_sending();
      return client.closed_by_peer();
    });
    EXPECT_TRUE(closed) << size;
  }
  settle();
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(HttpServerTest, SlowHeadersEndInATimeout) {
  limits_.handshake = milliseconds(60);
  const auto port = listen();
  const auto got = serve([&] {
    auto client = RawClient::tcp(port);
    client.send("GET / HTTP/1.1\r\nHo");
    return client.receive();
  });
  EXPECT_EQ(got.status, 408);
  EXPECT_EQ(server_->counters().timeouts, 1U);
}

TEST_F(HttpServerTest, DrippingHeadersDoNotEarnTime) {
  limits_.handshake = milliseconds(100);
  const auto port = listen();
  const bool refused = serve([&] {
    auto client = RawClient::tcp(port);
    client.send("GET / HTTP/1.1\r\nX-Long: ");
    for (int i = 0; i < 500; ++i) {
      if (!client.send("a")) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  });
  EXPECT_TRUE(refused);
  EXPECT_EQ(server_->counters().timeouts, 1U);
}

TEST_F(HttpServerTest, SlowBodiesEndInATimeout) {
  limits_.handshake = milliseconds(100);
  const auto port = listen();
  const auto got = serve([&] {
    auto client = RawClient::tcp(port);
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this");
    return client.receive();
  });
  EXPECT_EQ(got.status, 408);
}

TEST_F(HttpServerTest, SteadyBodiesOutlastTheGrace) {
  limits_.handshake = milliseconds(100);
  const auto port = listen();
  const auto got = serve([&] {
    auto client = RawClient::tcp(port);
    client.send("POST /s HTTP/1.1\r\nHost: x\r\nContent-Length: 5120\r\n\r\n");
    for (int i = 0; i < 5; ++i) {
      client.send(std::string(1024, 'x'));
      std::this_thread::sleep_for(milliseconds(40));
    }
    return client.receive();
  });
  EXPECT_EQ(got.status, 200);
}

TEST_F(HttpServerTest, SilentConnectionsAreClosedWithoutAWord) {
  limits_.handshake = milliseconds(50);
  limits_.idle = milliseconds(80);
  const auto port = listen();
  const bool closed = serve([&] { return RawClient::tcp(port).closed_by_peer(); });
  EXPECT_TRUE(closed);
  const bool idle_closed = serve([&] {
    auto client = RawClient::tcp(port);
    return client.exchange(kGet).status == 200 && client.closed_by_peer();
  });
  EXPECT_TRUE(idle_closed);
}

TEST_F(HttpServerTest, ReaderThatTakesNothingIsDropped) {
  limits_.handshake = milliseconds(30);
  large_ = 32 << 20;  // more than socket buffers hold
  const auto port = listen();
  const auto client = serve([&] {
    auto made = RawClient::tcp(port);
    made.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    return made;
  });
  settle();
  EXPECT_EQ(seen_.size(), 1U);
  EXPECT_EQ(ask(port, kGet).status, 200);
}

TEST_F(HttpServerTest, PeersThatVanishRaiseNoSignal) {
  // Were a write to raise SIGPIPE, the test would end here.
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  large_ = 4 << 20;
  slowness_ = milliseconds(20);
  const auto port = listen();
  for (const char* path : {"/large", "/slow"}) {
    serve([&] {
      auto client = RawClient::tcp(port);
      client.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n" + kGet);
      client.abandon();
      return true;
    });
    settle();
  }
  std::signal(SIGPIPE, before);
}

TEST_F(HttpServerTest, HandlerThatThrowsIsAnErrorOfTheServer) {
  const auto port = listen();
  const auto got = ask(port, "GET /throws HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(got.status, 500);
  EXPECT_EQ(got.body.find("a fault"), std::string::npos) << "nothing of ours is told to strangers";
  EXPECT_EQ(ask(port, kGet).status, 200);
}

TEST_F(HttpServerTest, ConnectionsOverTheLimitAreClosedAtOnce) {
  limits_.connections = 3;
  const auto port = listen();
  const int served = serve([&] {
    std::vector<RawClient> clients;
    int good = 0;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(RawClient::tcp(port));
      if (clients.back().exchange(kGet).status == 200) ++good;
    }
    return good;
  });
  EXPECT_EQ(served, 3);
  EXPECT_EQ(server_->counters().refused_connections, 7U);
  settle();
  EXPECT_EQ(ask(port, kGet).status, 200);
}

TEST_F(HttpServerTest, OneAddressCannotTakeAllConnections) {
  limits_.connections_per_address = 2;
  const auto port = listen();
  const auto path = listen_unix();
  const auto result = serve([&] {
    std::vector<RawClient> clients;
    int good = 0;
    for (int i = 0; i < 5; ++i) {
      clients.push_back(RawClient::tcp(port));
      if (clients.back().exchange(kGet).status == 200) ++good;
    }
    std::vector<RawClient> local;
    for (int i = 0; i < 5; ++i) {
      local.push_back(RawClient::unix_socket(path));
      if (local.back().exchange(kGet).status == 200) good += 10;
    }
    return good;
  });
  EXPECT_EQ(result, 52);
}

TEST_F(HttpServerTest, FloodOfConnectionsLeavesTheServerWhole) {
  const auto port = listen();
  serve([&] {
    for (int i = 0; i < 500; ++i) {
      auto client = RawClient::tcp(port);
      if (i % 3 == 0) client.send("GET");
      if (i % 2 == 0) client.abandon();
    }
    return true;
  });
  settle();
  EXPECT_EQ(ask(port, kGet).status, 200);
}

TEST_F(HttpServerTest, GoesOnAfterDescriptorsRanOut) {
  const auto port = listen();
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  // The lowest free descriptor tells how many are open; none above it may be made.
  const int lowest = ::dup(0);
  ::close(lowest);
  auto waiting = RawClient::tcp(port);
  auto also = RawClient::tcp(port);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(lowest) + 2;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  io_.restart();
  io_.run_for(milliseconds(30));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(serve([&] { return waiting.exchange(kGet).status + also.exchange(kGet).status; }), 400);
}

}  // namespace
}  // namespace nines::net::server_limits_test
