// SPDX-License-Identifier: Apache-2.0
#include "probes/http_probe.h"

#include <mutex>

#include "tests/probes/fixture.h"

namespace nines::probes::http_probe_test {
namespace {

using test::answering;
using test::http_answer;
using test::ScriptedPeer;
using test::ScriptedServer;

class HttpProbe : public ProbeTest {};

// Answers by path and keeps what it was asked.
class Site {
 public:
  using Route = std::function<std::string(const std::string& path)>;

  explicit Site(Route route)
      : route_(std::move(route)), server_([this](ScriptedPeer& peer) { serve(peer); }) {}

  std::string url(const std::string& path = "/") const { return server_.url(path); }

  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve(ScriptedPeer& peer) {
    const auto request = peer.read_request();
    if (request.empty()) return;
    const auto from = request.find(' ') + 1;
    const auto path = request.substr(from, request.find(' ', from) - from);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    peer.send(route_(path));
  }

  Route route_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedServer server_;  // last: its threads use the rest
};

std::string redirect_to(const std::string& location, const std::string& status = "302 Found") {
  return http_answer("", status, "Location: " + location + "\r\n");
}

TEST_F(HttpProbe, IsUpOn200) {
  const ScriptedServer server(answering(http_answer("hello")));
  const auto result = run(http_check(server.url()));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  ASSERT_TRUE(result.http);
  EXPECT_EQ(result.http->status, 200);
  EXPECT_EQ(result.http->version, "1.1");
  EXPECT_EQ(result.http->body_bytes, 5);
  EXPECT_EQ(result.http->wire_bytes, static_cast<std::int64_t>(http_answer("hello").size()));
  EXPECT_TRUE(result.http->hops.empty());
  EXPECT_FALSE(result.tls);
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(server.port()));
  const auto& p = result.phases;
  ASSERT_TRUE(p.connect_us && p.first_byte_us && p.transfer_us && result.total_us);
  EXPECT_FALSE(p.dns_us);
  EXPECT_FALSE(p.tls_us);
  EXPECT_LE(*p.connect_us + *p.first_byte_us + *p.transfer_us, *result.total_us);
}

TEST_F(HttpProbe, SendsWhatTheCheckSaysAndNoMore) {
  const Site site([](const std::string&) { return http_answer(""); });
  auto spec = http_spec(site.url("/a?b=c#fragment"));
  spec.method = "PUT";
  spec.headers = {{"X-One", "1"}, {"X-Empty", ""}};
  spec.body = "payload";
  EXPECT_EQ(verdict(run(http_check(spec))), "up ok");
  run(http_check(site.url()));
  const auto requests = site.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_TRUE(requests[0].starts_with("PUT /a?b=c HTTP/1.1\r\n")) << requests[0];
  EXPECT_NE(requests[0].find("\r\nX-One: 1\r\n"), std::string::npos);
  EXPECT_NE(requests[0].find("\r\nX-Empty:\r\n"), std::string::npos) << requests[0];
  EXPECT_NE(requests[0].find("\r\nUser-Agent: nines/0.1\r\n"), std::string::npos);
  EXPECT_TRUE(requests[0].ends_with("\r\n\r\npayload"));
  EXPECT_EQ(requests[0].find("Content-Type"), std::string::npos) << requests[0];
  EXPECT_EQ(requests[0].find("Expect"), std::string::npos);
  EXPECT_EQ(requests[1].find("Accept-Encoding"), std::string::npos);
  EXPECT_TRUE(requests[1].starts_with("GET / HTTP/1.1\r\n"));
}

TEST_F(HttpProbe, HeadAsksForNoBody) {
  const ScriptedServer server(
      answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n"));
  auto spec = http_spec(server.url());
  spec.method = "HEAD";
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.http->body_bytes, 0);
}

TEST_F(HttpProbe, PostWithoutBodySendsLengthZero) {
  const Site site([](const std::string&) { return http_answer(""); });
  auto spec = http_spec(site.url());
  spec.method = "POST";
  EXPECT_EQ(verdict(run(http_check(spec))), "up ok");
  ASSERT_EQ(site.requests().size(), 1U);
  EXPECT_NE(site.requests()[0].find("Content-Length: 0\r\n"), std::string::npos);
}

TEST_F(HttpProbe, JudgesTheStatus) {
  const ScriptedServer server(answering(http_answer("", "503 Service Unavailable")));
  const auto result = run(http_check(server.url()));
  EXPECT_EQ(verdict(result), "down http_status");
  EXPECT_EQ(result.detail, "status 503, expected 200-299");
  EXPECT_EQ(result.http->status, 503);
  auto spec = http_spec(server.url());
  spec.expect.status = {{200, 299}, {503, 503}};
  EXPECT_EQ(verdict(run(http_check(spec))), "up ok");
}

TEST_F(HttpProbe, JudgesTheBody) {
  const ScriptedServer server(
      answering(http_answer("a cart with gr\xC3\xBC\xC3\x9F"
                            "e")));
  const auto judge = [&](std::vector<std::string> matches, std::vector<std::string> nots) {
    auto spec = http_spec(server.url());
    spec.expect.body = {std::move(matches), std::move(nots)};
    return verdict(run(http_check(spec)));
  };
  EXPECT_EQ(judge({"cart"}, {}), "up ok");
  EXPECT_EQ(judge({"cart", "gr..e$"}, {"error"}), "up ok");
  EXPECT_EQ(judge({"cart", "missing"}, {}), "down http_body");
  EXPECT_EQ(judge({}, {"cart"}), "down http_body");
  EXPECT_EQ(judge({"("}, {}), "unknown agent_configuration");
}

TEST_F(HttpProbe, CountsADechunkedBody) {
  const ScriptedServer server(
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));
  auto spec = http_spec(server.url());
  spec.expect.body.matches = {"^hello world$"};
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.http->body_bytes, 11);
}

TEST_F(HttpProbe, SaysRefusedAndTimedOutLikeTcp) {
  const test::RefusingPort refusing;
  auto result = run(http_check("http://127.0.0.1:" + std::to_string(refusing.port())));
  EXPECT_EQ(verdict(result), "down connect_refused");
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(refusing.port()));
  ASSERT_TRUE(result.http);
  EXPECT_FALSE(result.http->status);
  EXPECT_FALSE(result.phases.first_byte_us);
  const test::DeafPort deaf;
  result = run(http_check("http://127.0.0.1:" + std::to_string(deaf.port())), milliseconds(200));
  EXPECT_EQ(verdict(result), "down connect_timeout");
}

TEST_F(HttpProbe, FollowsRedirectsAndRecordsThem) {
  const Site site([](const std::string& path) {
    if (path == "/") return redirect_to("/one", "301 Moved Permanently");
    if (path == "/one") return redirect_to("two?x=1", "308 Permanent Redirect");
    return http_answer("there");
  });
  const auto result = run(http_check(site.url()));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.http->status, 200);
  ASSERT_EQ(result.http->hops.size(), 2U);
  EXPECT_EQ(result.http->hops[0].url, site.url("/one"));
  EXPECT_EQ(result.http->hops[1].url, site.url("/two?x=1"));
  EXPECT_EQ(result.http->body_bytes, 5);
}

TEST_F(HttpProbe, EndsARedirectLoopAtItsLimit) {
  const Site site([](const std::string&) { return redirect_to("/again"); });
  auto spec = http_spec(site.url());
  spec.redirects = 3;
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "down http_redirect_limit");
  EXPECT_EQ(result.http->hops.size(), 3U);
  EXPECT_EQ(site.requests().size(), 4U);
}

TEST_F(HttpProbe, JudgesTheRedirectItselfWhenToldNotToFollow) {
  const Site site([](const std::string&) { return redirect_to("/elsewhere"); });
  auto spec = http_spec(site.url());
  spec.redirects = 0;
  EXPECT_EQ(verdict(run(http_check(spec))), "down http_status");
  spec.expect.status = {{300, 399}};
  EXPECT_EQ(verdict(run(http_check(spec))), "up ok");
  EXPECT_EQ(site.requests().size(), 2U);
}

TEST_F(HttpProbe, FollowsNothingButHttp) {
  for (const char* location : {"file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/x",
                               "javascript:alert(1)", "http://127.0.0.1:99999/"}) {
    const Site site([&](const std::string&) { return redirect_to(location); });
    const auto result = run(http_check(site.url()));
    EXPECT_EQ(verdict(result), "down http_protocol") << location << ": " << result.detail;
    EXPECT_EQ(site.requests().size(), 1U);
    EXPECT_TRUE(result.http->hops.empty());
  }
}

TEST_F(HttpProbe, DoesNotWaitForTheBodyOfARedirect) {
  const ScriptedServer there(answering(http_answer("ok")));
  const ScriptedServer server([&](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 302 Found\r\nLocation: " + there.url() +
              "\r\nContent-Length: 1000000\r\n\r\nsome");
    peer.wait_until_gone();
  });
  EXPECT_EQ(verdict(run(http_check(server.url()))), "up ok");
}

TEST_F(HttpProbe, KeepsCredentialsWithinTheOrigin) {
  const Site other([](const std::string&) { return http_answer(""); });
  const Site site([&](const std::string& path) {
    return redirect_to(path == "/" ? "/inside" : other.url("/outside"));
  });
  auto spec = http_spec("http://user:secret@" + site.url("/").substr(7));
  spec.headers = {{"cookie", "a=b"}, {"X-Other", "kept"}};
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  const auto inside = site.requests();
  ASSERT_EQ(inside.size(), 2U);
  for (const auto& request : inside) {
    EXPECT_NE(request.find("Authorization: Basic dXNlcjpzZWNyZXQ="), std::string::npos) << request;
    EXPECT_NE(request.find("cookie: a=b"), std::string::npos);
  }
  ASSERT_EQ(other.requests().size(), 1U);
  const auto outside = other.requests()[0];
  EXPECT_EQ(outside.find("Authorization"), std::string::npos) << outside;
  EXPECT_EQ(outside.find("cookie"), std::string::npos);
  EXPECT_NE(outside.find("X-Other: kept"), std::string::npos);
  for (const auto& hop : result.http->hops) EXPECT_EQ(hop.url.find("secret"), std::string::npos);
}

HttpHop hop_at(const std::string& url, const std::string& method) {
  HttpHop hop;
  hop.url = *parse_url(url);
  hop.method = method;
  hop.body = "body";
  hop.headers = {{"Authorization", "x"}, {"Content-Type", "text/plain"}, {"Host", "h"}, {"A", "b"}};
  hop.tls.certificate_file = "c";
  hop.tls.key_file = "k";
  hop.tls.server_name = "n";
  return hop;
}

TEST(Redirect, RewritesMethodsAsBrowsersDo) {
  const std::tuple<int, const char*, const char*, bool> table[] = {
      {301, "GET", "GET", true},   {301, "POST", "GET", false},    {301, "PUT", "PUT", true},
      {302, "POST", "GET", false}, {302, "HEAD", "HEAD", true},    {303, "POST", "GET", false},
      {303, "PUT", "GET", false},  {303, "HEAD", "HEAD", true},    {307, "POST", "POST", true},
      {308, "POST", "POST", true}, {308, "DELETE", "DELETE", true}};
  for (const auto& [status, before, after, keeps_body] : table) {
    auto hop = hop_at("https://a.example/", before);
    redirect(hop, status, *parse_url("https://a.example/b"));
    EXPECT_EQ(hop.method, after) << status << ' ' << before;
    EXPECT_EQ(hop.body.empty(), !keeps_body) << status << ' ' << before;
    EXPECT_EQ(hop.headers.size(), keeps_body ? 4U : 3U) << "the body's type goes with it";
  }
}

TEST(Redirect, LeavesCredentialsBehindForGood) {
  for (const char* other : {"http://a.example/", "https://b.example/", "https://a.example:444/"}) {
    auto hop = hop_at("https://a.example/", "GET");
    redirect(hop, 302, *parse_url(other));
    ASSERT_EQ(hop.headers.size(), 2U) << other;
    EXPECT_EQ(hop.tls.certificate_file + hop.tls.key_file + hop.tls.server_name, "");
    redirect(hop, 302, *parse_url("https://a.example/back"));
    EXPECT_EQ(hop.headers.size(), 2U) << "they came back";
  }
  auto hop = hop_at("https://a.example/", "GET");
  redirect(hop, 302, *parse_url("https://A.example:443/same"));
  EXPECT_EQ(hop.headers.size(), 4U);
  EXPECT_EQ(hop.tls.server_name, "n");
}

TEST(HttpUrl, IsTakenApart) {
  const auto url = parse_url("https://us%40er:p%3Aw@Shop.Example:8443/a b?c#d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->user, "us@er");
  EXPECT_EQ(url->password, "p:w");
  EXPECT_EQ(url->host, "shop.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->text, "https://shop.example:8443/a%20b?c");
  EXPECT_EQ(url->origin(), "https://shop.example:8443");
  EXPECT_EQ(parse_url("http://[::1]/")->host, "[::1]");
  EXPECT_EQ(parse_url("http://x/")->origin(), parse_url("http://X:80/")->origin());
  EXPECT_EQ(parse_url("https://xn--bcher-kva.example/")->host, "xn--bcher-kva.example");
  for (const char* bad :
       {"", "x", "ftp://a/", "http://", "http://a:0/", "http://a:65536/", "http://a\r\nb/",
        "https://b\xC3\xBC"
        "cher.example/"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

TEST(HttpUrl, IsTakenApartOnceForAllRuns) {
  Urls urls;
  const auto first = urls.get("http://shop.example/a");
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)->host, "shop.example");
  EXPECT_EQ(*urls.get("http://shop.example/a"), *first);
  EXPECT_FALSE(urls.get("ftp://shop.example/"));
  // A full cache forgets all, and who uses an URL keeps it.
  for (std::size_t i = 0; i < Urls::kLimit; ++i) {
    ASSERT_TRUE(urls.get("http://shop.example/" + std::to_string(i)));
  }
  const auto again = urls.get("http://shop.example/a");
  EXPECT_NE(*again, *first);
  EXPECT_EQ((*again)->text, (*first)->text);
}

TEST(HttpUrl, ResolvesLocations) {
  const auto base = *parse_url("https://user:pw@a.example/x/y?z");
  EXPECT_EQ(resolve_url(base, "/b")->text, "https://a.example/b");
  EXPECT_EQ(resolve_url(base, "c")->text, "https://a.example/x/c");
  EXPECT_EQ(resolve_url(base, "?q")->text, "https://a.example/x/y?q");
  EXPECT_EQ(resolve_url(base, "//b.example/")->text, "https://b.example/");
  EXPECT_EQ(resolve_url(base, "http://u:p@b.example/")->user, "");
  EXPECT_EQ(resolve_url(base, "http://u:p@b.example/")->text, "http://b.example/");
  EXPECT_FALSE(resolve_url(base, "file:///etc/passwd"));
}

TEST_F(HttpProbe, ReachesIpv6AndKeepsHopsApart) {
  const ScriptedServer there(answering(http_answer("six")), true);
  const ScriptedServer server(answering(redirect_to(there.url("/"))));
  const auto result = run(http_check(server.url()));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, "[::1]:" + std::to_string(there.port())) << "of the last hop";
}

TEST(HttpProbeByName, ResolvesEachHopAndNeverAsksLibcurlTo) {
  test::DnsReply reply;
  reply.addresses.push_back(asio::ip::make_address("127.0.0.1"));
  std::vector<std::string> asked;
  Room room([&](const test::DnsQuery& query) {
    asked.push_back(query.name);
    return reply;
  });
  const ScriptedServer there(answering(http_answer("ok")));
  const auto port = std::to_string(there.port());
  const ScriptedServer server(answering(redirect_to("http://two.example:" + port + "/")));
  const auto url = "http://one.example:" + std::to_string(server.port()) + "/";
  const auto result = room.run(http_check(url));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_TRUE(result.phases.dns_us);
  EXPECT_EQ(result.address, "127.0.0.1:" + port);
  for (const auto& name : asked)
    EXPECT_TRUE(name == "one.example" || name == "two.example") << name;
  reply.kind = test::DnsReply::Kind::code;
  reply.code = 3;
  EXPECT_EQ(verdict(room.run(http_check(url))), "down dns_nxdomain");
}

TEST_F(HttpProbe, IgnoresProxiesOfTheEnvironment) {
  const ScriptedServer server(answering(http_answer("direct")));
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  EXPECT_EQ(verdict(run(http_check(server.url()))), "up ok");
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

TEST_F(HttpProbe, ManyAtOnceDoNotDisturbEachOther) {
  const ScriptedServer good(answering(http_answer("ok")));
  const ScriptedServer silent([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  const auto up = http_check(good.url());
  const auto down = http_check(silent.url());

  struct One {
    static Task<void> run(Room& room, const Check& check, Duration timeout, ProbeResult& out) {
      auto task = room.room().run(check, room.clock().boot() + timeout, room.stop(), out);
      co_await std::move(task);
    }
  };

  std::vector<ProbeResult> results(60);
  TaskSet tasks(room_.io());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const bool dead = i % 3 == 0;
    tasks.spawn("run", One::run(room_, dead ? down : up, dead ? milliseconds(500) : seconds(10),
                                results[i]));
  }
  test::run(room_.io(), tasks.join());
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(verdict(results[i]), i % 3 == 0 ? "down http_timeout" : "up ok");
  }
}

TEST_F(HttpProbe, StopsAtOnce) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(20));
  soon.async_wait([this](const asio::error_code&) { room_.stop().request(); });
  EXPECT_EQ(verdict(run(http_check(server.url()), hours(1))), "unknown agent_stopped");
}

}  // namespace
}  // namespace nines::probes::http_probe_test
