// SPDX-License-Identifier: Apache-2.0
// What is kept from hop to hop, and what is left behind: phases, cookies, credentials.
#include <thread>

#include "tests/probes/fixture.h"
#include "tests/probes/site.h"
#include "tests/support/certificates.h"

namespace nines::probes::http_session_test {
namespace {

using test::header_of;
using test::http_answer;
using test::redirect_to;
using test::ScriptedPeer;
using test::ScriptedServer;
using test::Site;

class HttpSession : public ProbeTest {
 protected:
  test::TemporaryDirectory directory_;
  test::CertificateAuthority ca_{directory_.path()};
};

TEST_F(HttpSession, KeepsThePhasesOfEachHopApart) {
  const Site there([](const std::string&) { return http_answer("ok"); }, ca_.issue_server());
  const Site site([&](const std::string& path) {
    return redirect_to(path == "/" ? "/second" : there.url("/end"));
  });
  auto spec = http_spec(site.url());
  spec.tls.ca_file = ca_.file();
  const auto result = run(http_check(spec));
  ASSERT_EQ(verdict(result), "up ok") << result.detail;
  const auto& hops = result.http->hops;
  ASSERT_EQ(hops.size(), 2U);
  EXPECT_EQ(hops[0].url, site.url("/second"));
  EXPECT_EQ(hops[1].url, there.url("/end"));
  for (const auto& hop : hops) {
    EXPECT_EQ(hop.status, 302);
    EXPECT_EQ(hop.address, "127.0.0.1:" + std::to_string(site.port()));
    EXPECT_TRUE(hop.phases.connect_us && hop.phases.first_byte_us);
    EXPECT_FALSE(hop.phases.tls_us) << "only the last one spoke TLS";
  }
  ASSERT_TRUE(result.phases.tls_us);
  EXPECT_GE(*result.phases.connect_us, *hops[0].phases.connect_us + *hops[1].phases.connect_us);
  EXPECT_GE(*result.phases.first_byte_us,
            *hops[0].phases.first_byte_us + *hops[1].phases.first_byte_us);
}

TEST_F(HttpSession, FindsTheSlowHop) {
  const Site there([](const std::string&) { return http_answer("ok"); });
  const ScriptedServer slow([&](ScriptedPeer& peer) {
    peer.read_request();
    std::this_thread::sleep_for(milliseconds(100));
    peer.send(redirect_to(there.url()));
  });
  const auto result = run(http_check(slow.url()));
  ASSERT_EQ(verdict(result), "up ok");
  EXPECT_GE(*result.http->hops.at(0).phases.first_byte_us, 100'000);
  EXPECT_EQ(result.http->hops[0].address, "127.0.0.1:" + std::to_string(slow.port()));
}

TEST_F(HttpSession, KeepsCookiesWhereTheyBelong) {
  const Site other([](const std::string&) { return http_answer("ok"); });
  const Site site([&](const std::string& path) {
    if (path == "/") {
      return redirect_to("/login", "302 Found",
                         "Set-Cookie: s=1; Path=/; HttpOnly\r\nSet-Cookie: t=2; Path=/deep\r\n"
                         "Set-Cookie: u=3; Domain=example.com\r\nSet-Cookie: v=4; Secure\r\n");
    }
    if (path == "/login") return redirect_to("/deep/er", "303 See Other", "Set-Cookie: s=5\r\n");
    return http_answer("ok", path == "/deep/er" ? "200 OK" : "404 Not Found");
  });
  auto spec = http_spec(site.url());
  spec.headers = {{"cookie", "own=0"}};
  EXPECT_EQ(verdict(run(http_check(spec))), "up ok");
  const auto requests = site.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(header_of(requests[0], "cookie"), "own=0");
  EXPECT_EQ(header_of(requests[1], "cookie"), "own=0; s=1");
  EXPECT_EQ(header_of(requests[2], "cookie"), "own=0; t=2; s=5");
  EXPECT_EQ(verdict(run(http_check(site.url()))), "up ok");
  EXPECT_EQ(header_of(site.requests()[3], "Cookie"), "") << "nothing outlives a run";
}

TEST(HttpSessionByName, LeavesCookiesAndCredentialsBehindAtAnotherOrigin) {
  test::DnsReply reply;
  reply.addresses.push_back(asio::ip::make_address("127.0.0.1"));
  Room room([&](const test::DnsQuery&) { return reply; });
  const Site other([](const std::string&) { return http_answer("ok"); });
  const auto port = std::to_string(other.port());
  const Site site([&](const std::string&) {
    return redirect_to("http://www.two.example:" + port + "/", "302 Found", "Set-Cookie: s=1\r\n");
  });
  auto spec = http_spec("http://one.example:" + std::to_string(site.port()) + "/");
  spec.headers = {{"Authorization", "Bearer secret"}, {"Host", "virtual.example"}};
  EXPECT_EQ(verdict(room.run(http_check(spec))), "up ok");
  ASSERT_EQ(site.requests().size(), 1U);
  EXPECT_EQ(header_of(site.requests()[0], "Host"), "virtual.example");
  EXPECT_EQ(header_of(site.requests()[0], "Authorization"), "Bearer secret");
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(header_of(other.requests()[0], "Host"), "www.two.example:" + port);
  EXPECT_EQ(other.requests()[0].find("secret"), std::string::npos);
  EXPECT_EQ(header_of(other.requests()[0], "Cookie"), "");
}

TEST_F(HttpSession, GoesFromHttpToHttpsAndBack) {
  std::string plain;
  const Site secure(
      [&](const std::string& path) {
        return path == "/in" ? redirect_to(plain, "307 Temporary Redirect",
                                           "Set-Cookie: safe=1; Secure; Path=/\r\n"
                                           "Set-Cookie: open=1; Path=/\r\n")
                             : http_answer("no", "404 Not Found");
      },
      ca_.issue_server());
  const Site site([&](const std::string& path) {
    return path == "/" ? redirect_to(secure.url("/in"), "308 Permanent Redirect")
                       : http_answer("ok");
  });
  plain = site.url("/out#fragment");
  auto spec = http_spec(site.url());
  spec.tls.ca_file = ca_.file();
  spec.method = "POST";
  spec.body = "kept";
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_FALSE(result.tls) << "of the last hop";
  ASSERT_EQ(site.requests().size(), 2U);
  EXPECT_TRUE(site.requests()[1].starts_with("POST /out HTTP/1.1\r\n")) << site.requests()[1];
  EXPECT_TRUE(site.requests()[1].ends_with("\r\n\r\nkept"));
  EXPECT_EQ(header_of(site.requests()[1], "Cookie"), "open=1");
}

TEST_F(HttpSession, ShowsItsCertificateToTheFirstOriginOnly) {
  const auto client = ca_.issue_client("nines:agent:edge");
  const auto files = ca_.issue_server();
  const ScriptedServer other([&](ScriptedPeer& peer) {
    if (!peer.start_tls(files, ca_.file())) return peer.wait_until_gone();
    if (!peer.read_request().empty()) peer.send(http_answer("ok"));
  });
  const ScriptedServer server([&](ScriptedPeer& peer) {
    if (peer.start_tls(files, ca_.file()) && !peer.read_request().empty()) {
      peer.send(redirect_to(other.url("/", "https")));
    }
  });
  auto spec = http_spec(server.url("/", "https"));
  spec.tls.ca_file = ca_.file();
  spec.tls.certificate_file = client.certificate;
  spec.tls.key_file = client.key;
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "down tls_handshake") << result.detail;
  EXPECT_EQ(result.http->hops.size(), 1U);
}

TEST_F(HttpSession, ARedirectsCookieFloodIsBounded) {
  std::string cookies;
  for (int i = 0; i < 1000; ++i) cookies += "Set-Cookie: c" + std::to_string(i) + "=xxxxxxxx\r\n";
  const Site site([&](const std::string& path) {
    return path == "/" ? redirect_to("/next", "302 Found", cookies) : http_answer("ok");
  });
  EXPECT_EQ(verdict(run(http_check(site.url()))), "up ok");
  ASSERT_EQ(site.requests().size(), 2U);
  const auto sent = header_of(site.requests()[1], "Cookie");
  EXPECT_EQ(std::count(sent.begin(), sent.end(), '='), 32);
}

}  // namespace
}  // namespace nines::probes::http_session_test
