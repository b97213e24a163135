// SPDX-License-Identifier: Apache-2.0
// At stake: a collector that thousands of agents and anybody's port scanner can reach stays up,
// keeps its bounds, and answers what it should. Real sockets on loopback; limits of time are made
// tiny.
#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "tests/net/raw_client.h"
#include "tests/support/certificates.h"

namespace nines::net {
namespace {

using test::RawClient;
using test::RawResponse;
using test::RawTls;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    limits_.handshake = seconds(5);
    limits_.idle = seconds(5);
  }

  ~HttpServerTest() override {
    if (server_) stop();
  }

  static Task<HttpResponse> echo(HttpServerTest* test, const HttpRequest& request) {
    test->seen_.push_back(request);
    if (request.path == "/throws") throw std::runtime_error("a fault of the handler");
    if (request.path == "/slow") {
      const bool slept = co_await sleep_until(test->io_, test->clock_,
                                              test->clock_.boot() + test->slowness_, test->never_);
      EXPECT_TRUE(slept);
    }
    if (request.path == "/empty") {
      HttpResponse empty;
      empty.status = 204;
      co_return empty;
    }
    HttpResponse response = HttpResponse::text(
        200, request.path == "/large" ? std::string(test->large_, 'x')
                                      : request.method + " " + request.path + " " + request.body);
    response.close = request.path == "/close";
    co_return response;
  }

  void start() {
    server_ = std::make_unique<HttpServer>(
        io_, clock_, limits_, [this](const HttpRequest& request) { return echo(this, request); },
        gate_);
  }

  std::uint16_t listen(std::shared_ptr<const TlsServerContext> tls = nullptr) {
    if (!server_) start();
    const auto port = server_->listen_tcp("127.0.0.1:0", std::move(tls));
    EXPECT_TRUE(port) << port.error().message;
    return port ? *port : std::uint16_t{0};
  }

  std::string listen_unix() {
    if (!server_) start();
    const std::string path = directory_ / "agent.sock";
    const auto bound = server_->listen_unix(path);
    EXPECT_TRUE(bound) << bound.error().message;
    return path;
  }

  void stop(Duration grace = seconds(5)) { test::run(io_, server_->stop(grace)); }

  template <class Client>
  auto serve(Client client) {
    return test::serve_while(io_, std::move(client));
  }

  RawResponse ask(std::uint16_t port, const std::string& bytes) {
    return serve([&] { return RawClient::tcp(port).exchange(bytes); });
  }

  // Waits until the server has noticed that its connections are gone.
  void settle() {
    EXPECT_TRUE(test::run_until(io_, [this] { return server_->connections() == 0; }));
  }

  asio::io_context io_{1};
  SystemClock clock_;
  Stop never_;
  ServerLimits limits_;
  HttpServer::Gate gate_;
  Duration slowness_ = milliseconds(50);
  std::size_t large_ = 1 << 20;
  std::vector<HttpRequest> seen_;
  test::TemporaryDirectory directory_;
  std::unique_ptr<HttpServer> server_;
};

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

std::string post(const std::string& path, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

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

// --- Unix sockets ---

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

// --- TLS ---

class HttpsServerTest : public HttpServerTest {
 protected:
  std::shared_ptr<const TlsServerContext> context(const test::CertificateAuthority& trusted) {
    const auto loaded = TlsServerContext::load({trusted.file(), leaf_.certificate, leaf_.key});
    EXPECT_TRUE(loaded) << loaded.error().message;
    return *loaded;
  }

  RawTls with(const test::PemFiles& files) const {
    return {ca_.file(), files.certificate, files.key};
  }

  // What a client gets to see: 0 when TLS refused it, at the handshake or (TLS 1.3) just after.
  int status_with(std::uint16_t port, const RawTls& files) {
    return serve([&] {
      auto client = RawClient::tls(port, files);
      return client.connected() ? client.exchange(kGet).status : 0;
    });
  }

  test::CertificateAuthority ca_{directory_.path()};
  test::PemFiles leaf_ = ca_.issue_server();
  test::PemFiles agent_ = ca_.issue_client("nines:agent:edge-042");
};

TEST_F(HttpsServerTest, KnowsTheClientByItsCertificate) {
  const auto port = listen(context(ca_));
  const bool good = serve([&] {
    auto client = RawClient::tls(port, with(agent_));
    return client.exchange(post("/1", std::string(100000, 'x'))).body.size() > 100000 &&
           client.exchange(kGet).status == 200;
  });
  EXPECT_TRUE(good);
  EXPECT_THAT(seen_[0].peer.certificate_uris, ElementsAre("nines:agent:edge-042"));
  EXPECT_EQ(server_->counters().handshake_failures, 0U);
}

TEST_F(HttpsServerTest, RefusesClientsWithoutACertificate) {
  const auto port = listen(context(ca_));
  EXPECT_EQ(status_with(port, {ca_.file(), "", ""}), 0);
  settle();
  EXPECT_EQ(server_->counters().handshake_failures, 1U);
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(HttpsServerTest, RefusesCertificatesThatDoNotHold) {
  const test::CertificateAuthority foreign(directory_.path(), "foreign CA");
  test::Leaf expired;
  expired.name = "expired";
  expired.server = false;
  expired.valid_to_s = -60;
  test::Leaf not_for_clients;
  not_for_clients.name = "for-servers";
  const auto port = listen(context(ca_));
  EXPECT_EQ(status_with(port, with(foreign.issue_client("nines:agent:edge-042", "foreign"))), 0);
  EXPECT_EQ(status_with(port, with(ca_.issue(expired))), 0);
  EXPECT_EQ(status_with(port, with(ca_.issue(not_for_clients))), 0);
  EXPECT_EQ(status_with(port, with(agent_)), 200);
  settle();
  EXPECT_EQ(server_->counters().handshake_failures, 3U);
  EXPECT_EQ(seen_.size(), 1U);
}

TEST_F(HttpsServerTest, SlowHandshakesAreCutShort) {
  limits_.handshake = milliseconds(60);
  const auto port = listen(context(ca_));
  const bool closed = serve([&] {
    auto silent = RawClient::tcp(port);
    auto dripping = RawClient::tcp(port);
    dripping.send("\x16\x03\x01");
    return silent.closed_by_peer() && dripping.closed_by_peer();
  });
  EXPECT_TRUE(closed);
  EXPECT_EQ(server_->counters().timeouts, 2U);
}

TEST_F(HttpsServerTest, PlainHttpOnATlsPortIsEnded) {
  const auto port = listen(context(ca_));
  EXPECT_TRUE(serve([&] {
    auto client = RawClient::tcp(port);
    client.send(kGet);
    return client.receive().status == 0;
  }));
  settle();
  EXPECT_EQ(server_->counters().handshake_failures, 1U);
}

TEST_F(HttpsServerTest, PeersThatVanishRaiseNoSignal) {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  large_ = 4 << 20;
  const auto port = listen(context(ca_));
  serve([&] {
    auto client = RawClient::tls(port, with(agent_));
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    client.abandon();
    return true;
  });
  settle();
  std::signal(SIGPIPE, before);
}

TEST_F(HttpsServerTest, SendsLargeAnswersWhole) {
  large_ = 4 << 20;
  const auto port = listen(context(ca_));
  const auto size = serve([&] {
    return RawClient::tls(port, with(agent_))
        .exchange("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        .body.size();
  });
  EXPECT_EQ(size, large_);
}

TEST_F(HttpsServerTest, RefusalArrivesAlthoughTheClientIsStillSending) {
  gate_ = [](const HttpRequest&) { return HttpResponse::problem(507, "the disk is full"); };
  const auto port = listen(context(ca_));
  EXPECT_EQ(serve([&] {
              return RawClient::tls(port, with(agent_))
                  .exchange(post("/full", std::string(1 << 20, 'x')))
                  .status;
            }),
            507);
}

TEST_F(HttpsServerTest, ReplacedTlsCountsFromTheNextConnection) {
  const test::CertificateAuthority next(directory_.path(), "next CA");
  const auto new_agent = next.issue_client("nines:agent:edge-042", "new-client");
  const auto port = listen(context(ca_));
  const auto result = serve([&] {
    auto old_client = RawClient::tls(port, with(agent_));
    if (old_client.exchange(kGet).status != 200) return 1;
    std::atomic<bool> replaced = false;
    asio::post(io_, [&] {
      server_->replace_tls(context(next));
      replaced = true;
    });
    while (!replaced) std::this_thread::yield();
    auto last = old_client.exchange(kGet);
    if (last.status != 200 || last.headers["connection"] != "close") return 2;
    return old_client.closed_by_peer() ? 0 : 3;
  });
  EXPECT_EQ(result, 0);
  EXPECT_EQ(status_with(port, with(agent_)), 0);
  EXPECT_EQ(status_with(port, with(new_agent)), 200);
}

}  // namespace
}  // namespace nines::net
