// SPDX-License-Identifier: Apache-2.0
// At stake: the shipper learns what really became of a request. An answer of any status is a value;
// everything else is an Error that names its phase, in time. Both ends are ours where they behave,
// scripted where they do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>

#include "tests/net/client_fixture.h"
#include "tests/support/scripted_server.h"

namespace nines::net::http_client_test {
namespace {

using test::answering;
using test::http_answer;
using test::ScriptedPeer;
using test::ScriptedServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(HttpClientTest, ExchangesMethodsHeadersAndBodies) {
  to(local(serve()));
  ClientRequest request;
  request.method = "POST";
  request.path = "/v1/agents/edge%20042/batches?x=1";
  request.headers = {{"X-One", "1"}, {"X-Empty", ""}, {"Content-Type", "application/x-protobuf"}};
  request.body = std::string("bytes\0with\nall", 14);
  const auto got = exchange(request);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "POST " + request.body);
  EXPECT_EQ(got->header("x-test"), "some value");
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].path, "/v1/agents/edge 042/batches");
  EXPECT_EQ(seen_[0].header("X-One"), "1");
  EXPECT_EQ(seen_[0].header("X-Empty"), "");
  EXPECT_EQ(seen_[0].header("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(seen_[0].header("Expect"), std::nullopt);
}

TEST_F(HttpClientTest, EveryMethodArrivesAsItIs) {
  to(local(serve()));
  for (const char* method : {"GET", "PUT", "DELETE", "PATCH", "POST"}) {
    ClientRequest request;
    request.method = method;
    request.path = "/";
    const auto got = exchange(request);
    ASSERT_TRUE(got) << method << " " << got.error().message;
    EXPECT_EQ(got->body, std::string(method) + " ");
    EXPECT_EQ(seen_.back().header("Content-Type"), std::nullopt);
  }
  ClientRequest head;
  head.method = "HEAD";
  head.path = "/";
  const auto got = exchange(head);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->body, "");
}

TEST_F(HttpClientTest, LargeBodiesGoWithoutARoundTrip) {
  to(local(serve()));
  ClientRequest request;
  request.method = "POST";
  request.path = "/";
  request.body = std::string(1 << 20, 'b');
  ClientOptions options;
  options.url = local(*server_->listen_tcp("127.0.0.1:0", nullptr));
  options.max_response = 2 << 20;
  to(options);
  const auto got = exchange(request);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->body.size(), request.body.size() + 5);
}

TEST_F(HttpClientTest, AnyStatusIsAnAnswer) {
  to(local(serve()));
  for (const int status : {200, 204, 301, 400, 403, 409, 413, 429, 500, 503, 507}) {
    status_ = status;
    const auto got = get();
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->status, status);
  }
}

TEST_F(HttpClientTest, KeepsTheConnectionOpen) {
  to(local(serve()));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get());
  EXPECT_EQ(server_->counters().accepted, 1U);
}

TEST_F(HttpClientTest, KeptConnectionThatDiedIsReplacedWithoutAnError) {
  // The server ends each connection after its first answer, without saying so.
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  to(server.url(""));
  ClientRequest request;
  request.method = "POST";
  request.path = "/";
  request.body = "batch";
  for (int i = 0; i < 5; ++i) {
    const auto got = exchange(request);
    ASSERT_TRUE(got) << i << " " << got.error().message;
  }
}

TEST_F(HttpClientTest, RedirectsAreAnswersAndNotFollowed) {
  const ScriptedServer portal(answering(http_answer("portal")));
  const ScriptedServer server(
      answering(http_answer("", "302 Found", "Location: " + portal.url() + "\r\n")));
  to(server.url(""));
  const auto got = get();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 302);
  EXPECT_EQ(portal.connections(), 0);
}

TEST_F(HttpClientTest, EnvironmentProxiesAreIgnored) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("all_proxy", "http://127.0.0.1:1", 1);
  to(local(serve()));
  const auto got = get();
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  EXPECT_TRUE(got);
}

TEST_F(HttpClientTest, GivenProxyIsUsed) {
  const ScriptedServer proxy([](ScriptedPeer& peer) {
    const std::string request = peer.read_request();
    peer.send(http_answer(request.substr(0, request.find('\r'))));
  });
  ClientOptions options;
  options.url = "http://collector.invalid:8643";
  options.proxy = proxy.url("");
  to(options);
  const auto got = get("/x");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->body, "GET http://collector.invalid:8643/x HTTP/1.1");
}

TEST_F(HttpClientTest, ProxyThatWantsALoginIsAnAnswer) {
  const ScriptedServer proxy(answering(http_answer("", "407 Proxy Authentication Required")));
  ClientOptions options;
  options.url = "http://collector.invalid:8643";
  options.proxy = proxy.url("");
  to(options);
  EXPECT_EQ(get()->status, 407);
  options.url = "https://collector.invalid:8643";
  to(options);
  EXPECT_THAT(failure(), HasSubstr("407"));
}

TEST_F(HttpClientTest, UnixSocketNeedsNoName) {
  serve();
  const std::string path = directory_ / "agent.sock";
  ASSERT_TRUE(server_->listen_unix(path));
  ClientOptions options;
  options.url = "http://agent";
  options.unix_socket = path;
  to(options);
  ASSERT_TRUE(get());
  EXPECT_EQ(seen_[0].header("Host"), "agent");
  EXPECT_TRUE(seen_[0].peer.uid.has_value());
  options.unix_socket = directory_ / "nobody.sock";
  to(options);
  EXPECT_THAT(failure(), StartsWith("connect"));
}

TEST_F(HttpClientTest, FindsNamesByOurOwnResolver) {
  const auto port = serve();
  bool failing = false;
  test::DnsServer dns(io_, [&](const test::DnsQuery&) {
    test::DnsReply reply;
    if (failing) {
      reply.kind = test::DnsReply::Kind::code;
      reply.code = 2;
    } else {
      reply.addresses = {asio::ip::make_address("127.0.0.1")};
    }
    return reply;
  });
  resolver_ = std::make_unique<Resolver>(io_, clock_, dns.address());
  to("http://collector.test.:" + std::to_string(port));
  to("http://collector.test:" + std::to_string(port));
  ASSERT_TRUE(get());
  EXPECT_EQ(seen_[0].header("Host"), "collector.test:" + std::to_string(port));
  ASSERT_TRUE(get());
  EXPECT_EQ(dns.asked("collector.test"), 2U) << "A and AAAA, once: an answer serves for a minute";

  // With the server away the name is asked again; when that fails too, the last address is tried.
  failing = true;
  server_.reset();
  EXPECT_THAT(failure(), StartsWith("connect"));
  EXPECT_THAT(failure(), StartsWith("connect"));
  EXPECT_GT(dns.asked("collector.test"), 2U);
}

TEST_F(HttpClientTest, NamesThatFailSayResolve) {
  int code = 3;
  test::DnsServer dns(io_, [&](const test::DnsQuery&) {
    test::DnsReply reply;
    reply.kind = code == 0 ? test::DnsReply::Kind::silent : test::DnsReply::Kind::code;
    reply.code = code;
    return reply;
  });
  resolver_ = std::make_unique<Resolver>(io_, clock_, dns.address());
  to("http://collector.test:1");
  EXPECT_THAT(failure(), AllOf(StartsWith("resolve collector.test"), HasSubstr("NXDOMAIN")));
  code = 2;
  EXPECT_THAT(failure(), AllOf(StartsWith("resolve collector.test"), HasSubstr("SERVFAIL")));
  code = 0;
  ClientRequest hurried;
  hurried.connect_timeout = milliseconds(50);
  const BootTime start = clock_.boot();
  EXPECT_THAT(failure(hurried), StartsWith("resolve collector.test"));
  EXPECT_LT(clock_.boot() - start, seconds(5));
}

TEST_F(HttpClientTest, ConnectionTroubleSaysConnect) {
  const test::RefusingPort refusing;
  to(local(refusing.port()));
  EXPECT_THAT(failure(), AllOf(StartsWith("connect http://127.0.0.1:"), HasSubstr("refused")));
  const test::DeafPort deaf;
  to(local(deaf.port()));
  ClientRequest request;
  request.connect_timeout = milliseconds(60);
  EXPECT_THAT(failure(request), AllOf(StartsWith("connect"), HasSubstr("not in time")));
}

TEST_F(HttpClientTest, MissingAnswersSayAnswer) {
  const ScriptedServer silent([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  to(silent.url(""));
  ClientRequest request;
  request.timeout = milliseconds(80);
  const BootTime start = clock_.boot();
  EXPECT_THAT(failure(request), AllOf(StartsWith("answer"), HasSubstr("not in time")));
  EXPECT_LT(clock_.boot() - start, seconds(5));

  const ScriptedServer cut([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
  });
  to(cut.url(""));
  EXPECT_THAT(failure(), StartsWith("answer"));

  const ScriptedServer garbage([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("220 smtp.example ESMTP\r\n");
  });
  to(garbage.url(""));
  EXPECT_THAT(failure(), StartsWith("answer"));
}

TEST_F(HttpClientTest, EveryCutOfAnAnswerIsAnError) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  std::atomic<std::size_t> size = 0;  // read on the server's threads
  const ScriptedServer server([&](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(whole.substr(0, size));
  });
  to(server.url(""));
  for (; size < whole.size(); ++size) {
    EXPECT_FALSE(get()) << size;
  }
  EXPECT_TRUE(get());
}

TEST_F(HttpClientTest, EndlessAnswersAreCut) {
  const ScriptedServer body([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.send("400\r\n" + std::string(1024, 'x') + "\r\n")) {
    }
  });
  to(body.url(""));
  EXPECT_THAT(failure(), AllOf(StartsWith("answer"), HasSubstr("longer than")));
  const ScriptedServer headers([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n");
    while (peer.send("X-Filler: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  to(headers.url(""));
  EXPECT_THAT(failure(), AllOf(StartsWith("answer"), HasSubstr("longer than")));
}

TEST_F(HttpClientTest, AnswerAtTheLimitIsTaken) {
  const ScriptedServer server(answering(http_answer(std::string(100, 'x'))));
  ClientOptions options;
  options.url = server.url("");
  options.max_response = 100;
  to(options);
  EXPECT_TRUE(get());
  options.max_response = 99;
  to(options);
  EXPECT_FALSE(get());
}

TEST_F(HttpClientTest, HeadersOfAContinueAreNotTheAnswers) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" + http_answer("x"));
  });
  to(server.url(""));
  const auto got = get();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->header("X-Early"), std::nullopt);
}

TEST_F(HttpClientTest, RequestsThatCannotBeAreRefusedHere) {
  to(local(serve()));
  ClientRequest request;
  for (const char* path : {"", "a", "/a b", "/a\r\nX: y", "/a#b"}) {
    request.path = path;
    const auto got = exchange(request);
    ASSERT_FALSE(got) << path;
    EXPECT_THAT(got.error().message, StartsWith("request"));
  }
  request.path = "/";
  request.headers = {{"X", "a\r\nY: b"}};
  EXPECT_FALSE(exchange(request));
  request.headers = {{"X: y", "a"}};
  EXPECT_FALSE(exchange(request));
  request.headers = {};
  request.method = "GET /x";
  EXPECT_FALSE(exchange(request));
  for (const char* url : {"", "http://", "file:///etc/passwd", "ftp://127.0.0.1"}) {
    to(url);
    EXPECT_FALSE(get()) << url;
  }
  EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpClientTest, StopEndsAnExchange) {
  const ScriptedServer silent([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  to(silent.url(""));
  asio::steady_timer timer(io_, milliseconds(20));
  timer.async_wait([this](const asio::error_code&) { stop_.request(); });
  EXPECT_EQ(failure(), "stopped");
}

}  // namespace
}  // namespace nines::net::http_client_test
