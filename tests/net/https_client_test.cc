// SPDX-License-Identifier: Apache-2.0
// At stake: evidence goes to the collector that our CA vouches for and to nobody else, and an
// operator reads in one line that TLS is what failed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/client_fixture.h"
#include "tests/support/scripted_server.h"

namespace nines::net::https_client_test {
namespace {

using test::http_answer;
using test::ScriptedPeer;
using test::ScriptedServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class HttpsClientTest : public HttpClientTest {
 protected:
  std::uint16_t serve_tls(const test::PemFiles& leaf, const test::CertificateAuthority& clients) {
    const auto context = TlsServerContext::load({clients.file(), leaf.certificate, leaf.key});
    EXPECT_TRUE(context) << context.error().message;
    return serve(*context);
  }

  ClientOptions with(std::uint16_t port, const test::PemFiles& files, const std::string& ca) {
    ClientOptions options;
    options.url = local(port, "https");
    options.tls = TlsFiles{ca, files.certificate, files.key};
    return options;
  }

  test::CertificateAuthority ca_{directory_.path()};
  test::PemFiles leaf_ = ca_.issue_server();
  test::PemFiles agent_ = ca_.issue_client("nines:agent:edge-042");
};

TEST_F(HttpsClientTest, BothSidesProveThemselves) {
  const auto port = serve_tls(leaf_, ca_);
  to(with(port, agent_, ca_.file()));
  for (int i = 0; i < 3; ++i) {
    const auto got = get();
    ASSERT_TRUE(got) << got.error().message;
  }
  EXPECT_THAT(seen_[0].peer.certificate_uris, testing::ElementsAre("nines:agent:edge-042"));
  EXPECT_EQ(server_->counters().accepted, 1U);
}

TEST_F(HttpsClientTest, ServersThatDoNotHoldAreRefused) {
  const test::CertificateAuthority foreign(directory_.path(), "foreign CA");
  test::Leaf elsewhere;
  elsewhere.name = "elsewhere";
  elsewhere.dns = {"other.example"};
  test::Leaf for_clients;
  for_clients.name = "for-clients";
  for_clients.ips = {"127.0.0.1"};
  for_clients.server = false;
  for (const auto& leaf :
       {foreign.issue_server("foreign"), ca_.issue(elsewhere), ca_.issue(for_clients)}) {
    const auto port = serve_tls(leaf, ca_);
    to(with(port, agent_, ca_.file()));
    EXPECT_THAT(failure(), StartsWith("TLS https://")) << leaf.certificate;
    EXPECT_TRUE(seen_.empty());
  }
}

TEST_F(HttpsClientTest, ExpiredServerIsRefused) {
  test::Leaf old;
  old.name = "old";
  old.ips = {"127.0.0.1"};
  old.valid_to_s = -60;
  const auto leaf = ca_.issue(old);
  const ScriptedServer server([&](ScriptedPeer& peer) { peer.start_tls(leaf); });
  to(with(server.port(), agent_, ca_.file()));
  EXPECT_THAT(failure(), AllOf(StartsWith("TLS"), HasSubstr("expired")));
}

TEST_F(HttpsClientTest, BeingRefusedSaysTls) {
  const test::CertificateAuthority foreign(directory_.path(), "foreign CA");
  const auto port = serve_tls(leaf_, ca_);
  to(with(port, foreign.issue_client("nines:agent:edge-042", "stranger"), ca_.file()));
  EXPECT_THAT(failure(), StartsWith("TLS https://"));
}

TEST_F(HttpsClientTest, PlainServerSaysTls) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send(http_answer("x"));
    peer.wait_until_gone();
  });
  to(with(server.port(), agent_, ca_.file()));
  EXPECT_THAT(failure(), StartsWith("TLS https://"));
}

TEST_F(HttpsClientTest, SilentHandshakeSaysTls) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  to(with(server.port(), agent_, ca_.file()));
  ClientRequest request;
  request.connect_timeout = milliseconds(80);
  EXPECT_THAT(failure(request), AllOf(StartsWith("TLS"), HasSubstr("not in time")));
}

}  // namespace
}  // namespace nines::net::https_client_test
