// SPDX-License-Identifier: Apache-2.0
// How a server is reached: families, pinned addresses, every address, sources, proxies, and the
// versions of TLS.
#include <openssl/ssl.h>

#include <cstdlib>

#include "probes/http_url.h"
#include "tests/probes/fixture.h"
#include "tests/probes/site.h"
#include "tests/support/certificates.h"

namespace nines::probes::http_way_test {
namespace {

using test::header_of;
using test::http_answer;
using test::redirect_to;
using test::ScriptedPeer;
using test::ScriptedServer;
using test::Site;

constexpr auto kEverywhere = ScriptedServer::Where::everywhere;

class HttpWay : public ProbeTest {
 protected:
  test::TemporaryDirectory directory_;
  test::CertificateAuthority ca_{directory_.path()};
};

test::DnsReply addresses(const std::vector<std::string>& list) {
  test::DnsReply reply;
  for (const auto& text : list) reply.addresses.push_back(asio::ip::make_address(text));
  return reply;
}

// Both families for every name; the server picks those of the type asked.
test::DnsReply both_families(const test::DnsQuery&) { return addresses({"127.0.0.1", "::1"}); }

std::string url_of(const std::string& host, std::uint16_t port, const std::string& path = "/") {
  return "http://" + host + ":" + std::to_string(port) + path;
}

TEST(HttpWayByName, HoldsTheFamilyOnEveryHop) {
  Room room(both_families);
  const Site there([](const std::string&) { return http_answer("ok"); }, {}, kEverywhere);
  const Site site(
      [&](const std::string&) { return redirect_to(url_of("two.example", there.port())); }, {},
      kEverywhere);
  for (const auto& [family, start] :
       {std::pair{Family::ipv4, "127.0.0.1:"}, std::pair{Family::ipv6, "[::1]:"},
        std::pair{Family::prefer_ipv4, "127.0.0.1:"}, std::pair{Family::prefer_ipv6, "[::1]:"}}) {
    auto spec = http_spec(url_of("one.example", site.port()));
    spec.family = family;
    const auto result = room.run(http_check(spec));
    EXPECT_EQ(verdict(result), "up ok") << result.detail;
    ASSERT_EQ(result.http->hops.size(), 1U);
    EXPECT_EQ(result.http->hops[0].address, start + std::to_string(site.port()));
    EXPECT_EQ(result.address, start + std::to_string(there.port()));
  }
}

TEST(HttpWayByName, APreferredFamilyFallsBackAndADemandedOneDoesNot) {
  Room room(both_families);
  const Site site([](const std::string&) { return http_answer("ok"); });  // IPv4 alone
  auto spec = http_spec(url_of("one.example", site.port()));
  spec.family = Family::prefer_ipv6;
  const auto result = room.run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(site.port()));
  spec.family = Family::ipv6;
  EXPECT_EQ(verdict(room.run(http_check(spec))), "down connect_refused");
}

TEST(HttpWayByName, PinsItsHostToAnAddressOnEveryHop) {
  std::vector<std::string> asked;
  Room room([&](const test::DnsQuery& query) {
    asked.push_back(query.name);
    test::DnsReply none;
    none.kind = test::DnsReply::Kind::code;
    none.code = 3;
    return none;
  });
  const Site site([](const std::string& path) {
    if (path == "/") return redirect_to("/again");
    return path == "/again" ? redirect_to("http://other.example/") : http_answer("ok");
  });
  auto spec = http_spec(url_of("shop.example", site.port()));
  spec.resolve = "127.0.0.1";
  const auto result = room.run(http_check(spec));
  EXPECT_EQ(verdict(result), "down dns_nxdomain") << "another host is looked up";
  EXPECT_EQ(result.http->hops.size(), 2U);
  ASSERT_EQ(site.requests().size(), 2U);
  EXPECT_EQ(header_of(site.requests()[1], "Host"), "shop.example:" + std::to_string(site.port()));
  for (const auto& name : asked) EXPECT_EQ(name, "other.example");
  EXPECT_FALSE(result.http->hops[0].phases.dns_us);
}

TEST(HttpWayByName, MeasuresEveryAddress) {
  Room room(both_families);
  const Site site([](const std::string&) { return http_answer("ok"); }, {}, kEverywhere);
  auto spec = http_spec(url_of("shop.example", site.port()));
  spec.all_addresses = true;
  const auto result = room.run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  ASSERT_EQ(result.addresses.size(), 2U);
  EXPECT_NE(result.addresses[0].address, result.addresses[1].address);
  for (const auto& one : result.addresses) {
    EXPECT_EQ(one.reason, Reason::ok);
    EXPECT_TRUE(one.total_us && one.phases.connect_us && one.phases.first_byte_us);
    EXPECT_FALSE(one.phases.dns_us) << "looked up once, for all";
  }
  EXPECT_TRUE(result.phases.dns_us);
  EXPECT_EQ(site.requests().size(), 2U);
  spec.family = Family::ipv4;
  EXPECT_EQ(room.run(http_check(spec)).addresses.size(), 1U);
}

TEST(HttpWayByName, IsUpOnlyWhereEveryAddressIs) {
  Room room(both_families);
  const Site site([](const std::string&) { return http_answer("ok"); });  // IPv4 alone
  auto spec = http_spec(url_of("shop.example", site.port()));
  spec.all_addresses = true;
  const auto result = room.run(http_check(spec));
  EXPECT_EQ(verdict(result), "down connect_refused");
  const auto dead = "[::1]:" + std::to_string(site.port());
  EXPECT_TRUE(result.detail.starts_with("1 of 2 addresses; " + dead + ": ")) << result.detail;
  EXPECT_EQ(result.address, dead);
  ASSERT_EQ(result.addresses.size(), 2U);
  for (const auto& one : result.addresses) {
    EXPECT_EQ(one.reason, one.address == dead ? Reason::connect_refused : Reason::ok);
  }
}

TEST(HttpWayByName, ASilentAddressTakesNoTimeFromTheOthers) {
  Room room([](const test::DnsQuery&) { return addresses({"127.0.0.1", "127.0.0.2", "::1"}); });
  std::atomic<int> turn = 0;
  const ScriptedServer server(
      [&](ScriptedPeer& peer) {
        if (turn++ == 0) return peer.wait_until_gone();
        peer.read_request();
        peer.send(http_answer("ok"));
      },
      kEverywhere);
  auto spec = http_spec(url_of("shop.example", server.port()));
  spec.all_addresses = true;
  const auto result = room.run(http_check(spec), milliseconds(1500));
  EXPECT_EQ(verdict(result), "down http_timeout") << result.detail;
  ASSERT_EQ(result.addresses.size(), 3U);
  int up = 0;
  for (const auto& one : result.addresses) up += one.reason == Reason::ok ? 1 : 0;
  EXPECT_EQ(up, 2);
}

TEST(HttpWayByName, MeasuresAtMostSixteenAddresses) {
  std::vector<std::string> many;
  for (int i = 1; i <= 20; ++i) many.push_back("127.0.1." + std::to_string(i));
  Room room([&](const test::DnsQuery&) { return addresses(many); });
  const Site site([](const std::string&) { return http_answer("ok"); }, {}, kEverywhere);
  auto spec = http_spec(url_of("shop.example", site.port()));
  spec.all_addresses = true;
  const auto result = room.run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.addresses.size(), kMaxAddresses);
}

TEST_F(HttpWay, SendsFromTheSourceItIsTold) {
  const Site site([](const std::string&) { return http_answer("ok"); });
  auto spec = http_spec(site.url());
  spec.source = "127.0.0.9";
  EXPECT_EQ(verdict(run(http_check(spec))), "up ok");
  spec.source = "192.0.2.77";
  EXPECT_EQ(verdict(run(http_check(spec))), "unknown agent_no_source");
}

// --- TLS ---

TEST_F(HttpWay, WantsTheVersionOfTlsItIsTold) {
  const auto files = ca_.issue_server();
  const auto serving = [&](int most) {
    return [&files, most](ScriptedPeer& peer) {
      if (peer.start_tls(files, {}, most) && !peer.read_request().empty()) {
        peer.send(http_answer("ok"));
      }
    };
  };
  const auto judge = [&](int most, const std::string& least) {
    const ScriptedServer server(serving(most));
    auto spec = http_spec(server.url("/", "https"));
    spec.tls.ca_file = ca_.file();
    spec.tls.min_version = least;
    const auto result = run(http_check(spec));
    return verdict(result) + (result.tls ? " " + result.tls->version : "");
  };
  EXPECT_EQ(judge(TLS1_2_VERSION, "1.2"), "up ok TLSv1.2");
  EXPECT_EQ(judge(0, "1.3"), "up ok TLSv1.3");
  EXPECT_EQ(judge(TLS1_2_VERSION, "1.3"), "down tls_version ");
}

// --- proxies ---

// A proxy and all that is behind it in one: it opens the way and answers itself.
class Proxy {
 public:
  explicit Proxy(test::PemFiles files = {}, std::string reply = {})
      : files_(std::move(files)),
        reply_(std::move(reply)),
        server_([this](ScriptedPeer& peer) { serve(peer); }) {}

  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }

  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::string next(ScriptedPeer& peer) {
    auto request = peer.read_request();
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    return request;
  }

  void serve(ScriptedPeer& peer) {
    const auto request = next(peer);
    if (!reply_.empty()) {
      peer.send(reply_);
      return;
    }
    if (request.starts_with("CONNECT ")) {
      peer.send("HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n");
      if (!peer.start_tls(files_) || next(peer).empty()) return;
    }
    peer.send(http_answer("through"));
  }

  test::PemFiles files_;
  std::string reply_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedServer server_;  // last: its threads use the rest
};

TEST_F(HttpWay, AsksAProxyForPlainPages) {
  const Proxy proxy;
  auto spec = http_spec("http://shop.example/a?b");
  spec.proxy = "http://user:pass%40word@" + proxy.address();
  spec.headers = {{"X-Own", "1"}};
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, proxy.address());
  EXPECT_FALSE(result.phases.dns_us) << "the proxy looks the name up";
  ASSERT_EQ(proxy.requests().size(), 1U);
  const auto request = proxy.requests()[0];
  EXPECT_TRUE(request.starts_with("GET http://shop.example/a?b HTTP/1.1\r\n")) << request;
  EXPECT_EQ(header_of(request, "Proxy-Authorization"), "Basic dXNlcjpwYXNzQHdvcmQ=");
  EXPECT_EQ(header_of(request, "X-Own"), "1");
}

TEST_F(HttpWay, TunnelsTlsThroughAProxy) {
  test::Leaf leaf;
  leaf.dns = {"shop.example"};
  const Proxy proxy(ca_.issue(leaf));
  auto spec = http_spec("https://shop.example/");
  spec.proxy = "http://" + proxy.address();
  spec.tls.ca_file = ca_.file();
  spec.headers = {{"Authorization", "Bearer secret"}};
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  ASSERT_TRUE(result.tls);
  EXPECT_TRUE(result.tls->verified);
  EXPECT_TRUE(result.phases.connect_us && result.phases.tls_us && result.phases.first_byte_us);
  ASSERT_EQ(proxy.requests().size(), 2U);
  EXPECT_TRUE(proxy.requests()[0].starts_with("CONNECT shop.example:443 HTTP/1.1\r\n"));
  EXPECT_EQ(proxy.requests()[0].find("secret"), std::string::npos);
  EXPECT_TRUE(proxy.requests()[1].starts_with("GET / HTTP/1.1\r\n"));
  EXPECT_EQ(header_of(proxy.requests()[1], "Authorization"), "Bearer secret");
  EXPECT_EQ(result.http->wire_bytes, static_cast<std::int64_t>(http_answer("through").size()));
}

TEST_F(HttpWay, AsksTheProxyForTheHostUnderAnotherServerName) {
  test::Leaf leaf;
  leaf.dns = {"cert.example"};
  const Proxy proxy(ca_.issue(leaf));
  auto spec = http_spec("https://192.0.2.1:8443/");
  spec.proxy = "http://" + proxy.address();
  spec.tls.ca_file = ca_.file();
  spec.tls.server_name = "cert.example";
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  ASSERT_EQ(proxy.requests().size(), 2U);
  EXPECT_TRUE(proxy.requests()[0].starts_with("CONNECT 192.0.2.1:8443 ")) << proxy.requests()[0];
  EXPECT_EQ(header_of(proxy.requests()[1], "Host"), "192.0.2.1:8443");
}

TEST_F(HttpWay, BlamesTheProxyForWhatItDid) {
  auto spec = http_spec("https://shop.example/");
  for (const char* reply :
       {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 ", "nonsense\r\n\r\n"}) {
    const Proxy proxy({}, reply);
    spec.proxy = "http://" + proxy.address();
    const auto result = run(http_check(spec));
    EXPECT_EQ(verdict(result), "down http_proxy") << reply << ": " << result.detail;
    EXPECT_FALSE(result.http->status);
  }
  const test::RefusingPort refusing;
  spec.proxy = "http://127.0.0.1:" + std::to_string(refusing.port());
  auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "down http_proxy");
  EXPECT_TRUE(result.detail.starts_with("the proxy cannot be reached: ")) << result.detail;
  const ScriptedServer silent([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  spec.proxy = "http://127.0.0.1:" + std::to_string(silent.port());
  result = run(http_check(spec), milliseconds(300));
  EXPECT_EQ(verdict(result), "down http_proxy") << result.detail;
}

TEST_F(HttpWay, JudgesWhatComesThroughTheTunnelAsEver) {
  const Proxy proxy(ca_.issue_server());  // a certificate for 127.0.0.1, not for shop.example
  auto spec = http_spec("https://shop.example/");
  spec.proxy = "http://" + proxy.address();
  spec.tls.ca_file = ca_.file();
  EXPECT_EQ(verdict(run(http_check(spec))), "down tls_name_mismatch");
}

// RFC 1928: methods, then CONNECT to a name, then whatever the name serves.
ScriptedServer::Script socks5(std::string& asked, char reply) {
  return [&asked, reply](ScriptedPeer& peer) {
    peer.read_until("\x05");
    peer.send(std::string("\x05\x00", 2));
    asked = peer.read_until(std::string("\x00\x50", 2));  // port 80
    peer.send(std::string("\x05") + reply + std::string("\x00\x01\x00\x00\x00\x00\x00\x00", 8));
    if (reply != 0) return;
    peer.read_request();
    peer.send(http_answer("through"));
  };
}

TEST_F(HttpWay, GoesThroughSocks5) {
  std::string asked;
  auto spec = http_spec("http://shop.example/");
  {
    const ScriptedServer server(socks5(asked, 0));
    spec.proxy = "socks5://127.0.0.1:" + std::to_string(server.port());
    const auto result = run(http_check(spec));
    EXPECT_EQ(verdict(result), "up ok") << result.detail;
  }
  EXPECT_NE(asked.find("shop.example"), std::string::npos) << "the proxy looks the name up";
  const ScriptedServer refusing(socks5(asked, 5));
  spec.proxy = "socks5://127.0.0.1:" + std::to_string(refusing.port());
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "down http_proxy") << result.detail;
}

TEST_F(HttpWay, KnowsNoProxyButItsOwn) {
  const Proxy proxy;
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
  ::setenv("NO_PROXY", "*", 1);
  auto spec = http_spec("http://shop.example/");
  spec.proxy = "http://" + proxy.address();
  const auto result = run(http_check(spec));
  for (const char* name : {"http_proxy", "HTTPS_PROXY", "NO_PROXY"}) ::unsetenv(name);
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
}

TEST(HttpUrl, TakesProxiesApart) {
  const auto url = parse_proxy("socks5://us:p%40@proxy.example:1080");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "socks5");
  EXPECT_EQ(url->host, "proxy.example");
  EXPECT_EQ(url->port, 1080);
  EXPECT_EQ(url->user + " " + url->password, "us p@");
  for (const char* bad : {"", "proxy:80", "http://proxy", "https://proxy:1/", "ftp://proxy:1"}) {
    EXPECT_FALSE(parse_proxy(bad)) << bad;
  }
}

}  // namespace
}  // namespace nines::probes::http_way_test
