// SPDX-License-Identifier: Apache-2.0
// At stake: agents and people get the answers they asked for, over connections that are kept where
// both sides want it. Real sockets on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/server_fixture.h"

namespace nines::net::http_server_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  const auto port = listen();
  const bool kept = serve([&] {
    auto client = RawClient::tcp(port);
    for (int i = 0; i < 3; ++i) {
      const auto got = client.exchange(post("/b", "hello"));
      if (got.status != 200 || got.body != "POST /b hello") return false;
      if (got.headers.contains("connection")) return false;
    }
    return true;
  });
  EXPECT_TRUE(kept);
  settle();
  EXPECT_EQ(server_->counters().accepted, 1U);
  EXPECT_EQ(server_->counters().requests, 3U);
  EXPECT_THAT(seen_[0].peer.address, StartsWith("127.0.0.1:"));
  EXPECT_EQ(seen_[0].peer.uid, std::nullopt);
  EXPECT_THAT(seen_[0].peer.certificate_uris, IsEmpty());
}

TEST_F(HttpServerTest, ServesPipelinedRequestsInOrder) {
  const auto port = listen();
  const auto bodies = serve([&] {
    auto client = RawClient::tcp(port);
    client.send(post("/1", "a") + post("/2", "bb") + kGet);
    std::vector<std::string> all;
    for (int i = 0; i < 3; ++i) all.push_back(client.receive().body);
    return all;
  });
  EXPECT_THAT(bodies, ElementsAre("POST /1 a", "POST /2 bb", "GET /a "));
}

TEST_F(HttpServerTest, ReadsRequestsThatComeByteByByte) {
  const auto port = listen();
  const auto got = serve([&] {
    auto client = RawClient::tcp(port);
    for (const char c : post("/bytes", "hello")) client.send(std::string(1, c));
    return client.receive();
  });
  EXPECT_EQ(got.body, "POST /bytes hello");
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  const auto port = listen();
  const auto got = ask(port,
                       "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  EXPECT_EQ(got.body, "POST /c hello world");
}

TEST_F(HttpServerTest, HeadHasTheLengthButNoBody) {
  const auto port = listen();
  const auto next = serve([&] {
    auto client = RawClient::tcp(port);
    client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = client.receive(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.at("content-length"), "8");
    return client.exchange(kGet);  // would start with a body if there were one
  });
  EXPECT_EQ(next.body, "GET /a ");
}

TEST_F(HttpServerTest, NoContentHasNoLength) {
  const auto port = listen();
  const auto got = ask(port, "GET /empty HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(got.status, 204);
  EXPECT_FALSE(got.headers.contains("content-length"));
}

TEST_F(HttpServerTest, ClosesWhenEitherSideWants) {
  const auto port = listen();
  const bool closed = serve([&] {
    for (const char* request :
         {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "GET /close HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
      auto client = RawClient::tcp(port);
      const auto got = client.exchange(request);
      if (got.status != 200 || got.headers.at("connection") != "close") return false;
      if (!client.closed_by_peer()) return false;
    }
    return true;
  });
  EXPECT_TRUE(closed);
}

TEST_F(HttpServerTest, SendsLargeAnswersWhole) {
  large_ = 8 << 20;
  const auto port = listen();
  EXPECT_EQ(ask(port, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n").body.size(), large_);
}

TEST_F(HttpServerTest, ContinuesWhenAsked) {
  const auto port = listen();
  const auto statuses = serve([&] {
    auto client = RawClient::tcp(port);
    client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    const int first = client.receive(true).status;
    return std::pair(first, client.exchange("hi").body);
  });
  EXPECT_EQ(statuses.first, 100);
  EXPECT_EQ(statuses.second, "POST /e hi");
}

TEST_F(HttpServerTest, GateRefusesBeforeTheBodyComes) {
  gate_ = [](const HttpRequest& request) -> std::optional<HttpResponse> {
    EXPECT_THAT(request.body, IsEmpty());
    if (request.path != "/full") return std::nullopt;
    return HttpResponse::problem(507, "the disk is full");
  };
  const auto port = listen();
  const auto got = serve([&] {
    auto client = RawClient::tcp(port);
    client.send("POST /full HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n");
    return client.receive();
  });
  EXPECT_EQ(got.status, 507);
  EXPECT_EQ(got.headers.at("connection"), "close");
  EXPECT_EQ(ask(port, post("/ok", "hi")).status, 200);
  EXPECT_EQ(seen_.size(), 1U);
}

TEST_F(HttpServerTest, RefusalArrivesAlthoughTheClientIsStillSending) {
  gate_ = [](const HttpRequest&) { return HttpResponse::problem(507, "the disk is full"); };
  const auto port = listen();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask(port, post("/full", std::string(1 << 20, 'x'))).status, 507);
  }
}

}  // namespace
}  // namespace nines::net::http_server_test
