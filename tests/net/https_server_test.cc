// SPDX-License-Identifier: Apache-2.0
// At stake: only agents with a certificate of our CA come in, and each is known by its URI.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/net/server_fixture.h"

namespace nines::net::https_server_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST_F(HttpsServerTest, EndsAConnectionWithAGoodbye) {
  limits_.idle = milliseconds(30);
  const auto port = listen(context(ca_));
  EXPECT_TRUE(serve([&] {
    auto idle = RawClient::tls(port, with(agent_));
    auto closing = RawClient::tls(port, with(agent_));
    closing.exchange("GET /close HTTP/1.1\r\nHost: x\r\n\r\n");
    return idle.exchange(kGet).status == 200 && idle.told_goodbye() && closing.told_goodbye();
  }));
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
}  // namespace nines::net::https_server_test
