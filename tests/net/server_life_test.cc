// SPDX-License-Identifier: Apache-2.0
// At stake: a start never takes over what is another's, and a stop loses no answer that was under
// way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/net/server_fixture.h"

namespace nines::net::server_life_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST_F(HttpServerTest, StopLetsRunningRequestsEnd) {
  slowness_ = milliseconds(60);
  const auto port = listen();
  bool stopped = false;
  const auto got = serve([&] {
    auto idle = RawClient::tcp(port);
    EXPECT_EQ(idle.exchange(kGet).status, 200);
    auto busy = RawClient::tcp(port);
    busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    while (true) {  // until the request runs
      const auto check = RawClient::tcp(port).exchange(kGet);
      if (check.status == 200) break;
    }
    asio::post(io_, [&] {
      asio::co_spawn(io_, server_->stop(seconds(5)), [&](std::exception_ptr) { stopped = true; });
    });
    const bool idle_closed = idle.closed_by_peer();
    return std::pair(busy.receive(), idle_closed);
  });
  EXPECT_EQ(got.first.status, 200);
  EXPECT_EQ(got.first.headers.at("connection"), "close");
  EXPECT_TRUE(got.second);
  EXPECT_TRUE(test::run_until(io_, [&] { return stopped; }));
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_FALSE(RawClient::tcp(port).connected());
}

TEST_F(HttpServerTest, StopEndsWhatOutlastsTheGrace) {
  const auto port = listen();
  auto client = serve([&] {
    auto made = RawClient::tcp(port);
    made.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npart");
    EXPECT_EQ(RawClient::tcp(port).exchange(kGet).status, 200);
    return made;
  });
  const BootTime start = clock_.boot();
  stop(milliseconds(30));
  EXPECT_LT(clock_.boot() - start, seconds(3));
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(HttpServerTest, ServerMayGoWhileConnectionsAreOpen) {
  slowness_ = milliseconds(30);
  const auto port = listen();
  auto client = serve([&] {
    auto made = RawClient::tcp(port);
    made.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(RawClient::tcp(port).exchange(kGet).status, 200);
    return made;
  });
  server_.reset();
  EXPECT_TRUE(serve([&] { return client.receive().status == 0; }));
}

TEST_F(HttpServerTest, LoopMayGoWhileConnectionsAreOpen) {
  auto io = std::make_unique<asio::io_context>(1);
  auto server = std::make_unique<HttpServer>(
      *io, clock_, limits_, [this](const HttpRequest& r) { return echo(this, r); });
  const auto port = server->listen_tcp("127.0.0.1:0", nullptr);
  ASSERT_TRUE(port);
  auto client = RawClient::tcp(*port);
  client.send("GET / HTTP/1.1\r\nHo");
  io->run_for(milliseconds(20));
  EXPECT_EQ(server->connections(), 1U);
  server.reset();
  io.reset();
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(HttpServerTest, RefusesAddressesThatCannotBe) {
  start();
  for (const char* bad :
       {"", "8643", ":8643", "host.example:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:80x", "127.0.0.1:-1", "::1:80", "[127.0.0.1]:80", "[::1]", "192.0.2.1:0"}) {
    const auto port = server_->listen_tcp(bad, nullptr);
    ASSERT_FALSE(port) << bad;
    EXPECT_THAT(port.error().message, HasSubstr(bad));
  }
  const auto port = listen();
  const auto taken = server_->listen_tcp("127.0.0.1:" + std::to_string(port), nullptr);
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("in use"));
}

TEST_F(HttpServerTest, PeersOfIpv6AndMappedIpv4HavePlainNames) {
  start();
  const auto port = server_->listen_tcp("[::]:0", nullptr);
  if (!port) GTEST_SKIP() << "no IPv6 here: " << port.error().message;
  EXPECT_EQ(ask(*port, kGet).status, 200);
  EXPECT_THAT(seen_.front().peer.address, StartsWith("127.0.0.1:"));
}

TEST_F(HttpServerTest, UnixSocketTellsWhoAsks) {
  const auto path = listen_unix();
  struct stat state = {};
  ASSERT_EQ(::stat(path.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0660U);
  EXPECT_EQ(serve([&] { return RawClient::unix_socket(path).exchange(kGet).status; }), 200);
  EXPECT_EQ(seen_[0].peer.uid, ::getuid());
  EXPECT_EQ(seen_[0].peer.pid, ::getpid());
  EXPECT_THAT(seen_[0].peer.address, IsEmpty());
  stop();
  EXPECT_NE(::stat(path.c_str(), &state), 0) << "the socket goes with the server";
}

TEST_F(HttpServerTest, StaleSocketIsReplacedAndALiveOneIsNot) {
  const auto path = listen_unix();
  HttpServer second(io_, clock_, limits_, [this](const HttpRequest& r) { return echo(this, r); });
  const auto refused = second.listen_unix(path);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("another program listens"));

  const std::string stale = directory_ / "stale.sock";
  ASSERT_TRUE(second.listen_unix(stale));
  ASSERT_EQ(::rename(stale.c_str(), (stale + ".kept").c_str()), 0);
  test::run(io_, second.stop(seconds(1)));
  ASSERT_EQ(::rename((stale + ".kept").c_str(), stale.c_str()), 0);  // as after a crash
  HttpServer third(io_, clock_, limits_, [this](const HttpRequest& r) { return echo(this, r); });
  EXPECT_TRUE(third.listen_unix(stale));
  EXPECT_EQ(serve([&] { return RawClient::unix_socket(stale).exchange(kGet).status; }), 200);
}

TEST_F(HttpServerTest, FilesInTheWayAreLeftAlone) {
  start();
  const std::string file = directory_ / "precious";
  std::ofstream(file) << "data";
  const auto refused = server_->listen_unix(file);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("not a socket"));
  const std::string link = directory_ / "link";
  ASSERT_EQ(::symlink(file.c_str(), link.c_str()), 0);
  EXPECT_FALSE(server_->listen_unix(link));
  EXPECT_FALSE(server_->listen_unix(directory_ / "no/such/folder.sock"));
  EXPECT_FALSE(server_->listen_unix(directory_ / std::string(200, 'x')));
  EXPECT_FALSE(server_->listen_unix(""));
  std::string text;
  std::ifstream(file) >> text;
  EXPECT_EQ(text, "data");
}

TEST_F(HttpServerTest, SocketOfASuccessorIsNotRemoved) {
  const auto path = listen_unix();
  ASSERT_EQ(::unlink(path.c_str()), 0);
  HttpServer successor(io_, clock_, limits_,
                       [this](const HttpRequest& r) { return echo(this, r); });
  ASSERT_TRUE(successor.listen_unix(path));
  stop();
  EXPECT_EQ(serve([&] { return RawClient::unix_socket(path).exchange(kGet).status; }), 200);
}

}  // namespace
}  // namespace nines::net::server_life_test
