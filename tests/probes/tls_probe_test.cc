// SPDX-License-Identifier: Apache-2.0
// TLS as TCP and HTTP checks see it: whatever is wrong with a certificate has one reason in both,
// and its dates are known also where verification fails.
#include <filesystem>
#include <fstream>

#include "tests/probes/fixture.h"
#include "tests/support/certificates.h"

namespace nines::probes::tls_probe_test {
namespace {

using test::CertificateAuthority;
using test::http_answer;
using test::Leaf;
using test::PemFiles;
using test::ScriptedPeer;
using test::ScriptedServer;
using test::TemporaryDirectory;

constexpr long kYear = 365L * 86'400;

// Answers a request where a handshake succeeds; else waits until the client has gone.
ScriptedServer::Script serving(PemFiles files, std::string client_ca = {}) {
  return [files = std::move(files), client_ca = std::move(client_ca)](ScriptedPeer& peer) {
    if (!peer.start_tls(files, client_ca)) return peer.wait_until_gone();
    if (!peer.read_request().empty()) peer.send(http_answer("secret"));
  };
}

class TlsProbe : public ProbeTest {
 protected:
  TlsSpec trusting() const {
    TlsSpec tls;
    tls.ca_file = ca_.file();
    return tls;
  }

  ProbeResult http(const ScriptedServer& server,
                   const TlsSpec& tls,
                   Duration timeout = seconds(10)) {
    auto spec = http_spec(server.url("/", "https"));
    spec.tls = tls;
    return run(http_check(spec), timeout);
  }

  ProbeResult tcp(const ScriptedServer& server,
                  const TlsSpec& tls,
                  Duration timeout = seconds(10)) {
    auto check = tcp_check(server.port(), {send("GET / HTTP/1.1\r\n\r\n"), expect("secret$")});
    std::get<TcpSpec>(check.spec).tls = tls;
    return run(check, timeout);
  }

  PemFiles leaf(long from_s, long to_s, const std::string& name = "leaf") {
    Leaf leaf;
    leaf.name = name;
    leaf.ips = {"127.0.0.1"};
    leaf.dns = {name + ".example"};
    leaf.valid_from_s = from_s;
    leaf.valid_to_s = to_s;
    return ca_.issue(leaf);
  }

  // Both kinds must say the same.
  void expect_both(const ScriptedServer& server,
                   const TlsSpec& tls,
                   const std::string& wanted,
                   bool certificate_seen = true) {
    for (const auto& result : {http(server, tls), tcp(server, tls)}) {
      EXPECT_EQ(verdict(result), wanted) << result.detail;
      EXPECT_TRUE(result.phases.tls_us);
      ASSERT_TRUE(result.tls);
      EXPECT_EQ(result.tls->expires.has_value(), certificate_seen);
      if (result.outcome == Outcome::down) {
        EXPECT_FALSE(result.tls->verified);
        EXPECT_FALSE(result.phases.first_byte_us);
      }
    }
  }

  TemporaryDirectory directory_;
  CertificateAuthority ca_{directory_.path()};
};

TEST_F(TlsProbe, AcceptsAGoodCertificate) {
  const auto now = room_.clock().wall();
  const ScriptedServer server(serving(leaf(-3600, 3600)));
  for (const auto& result : {http(server, trusting()), tcp(server, trusting())}) {
    EXPECT_EQ(verdict(result), "up ok") << result.detail;
    ASSERT_TRUE(result.tls && result.tls->expires && result.tls->chain_expires);
    EXPECT_TRUE(result.tls->verified);
    EXPECT_EQ(result.tls->version, "TLSv1.3");
    EXPECT_LT(*result.tls->expires - now, seconds(3660));
    EXPECT_GT(*result.tls->expires - now, seconds(3500));
    EXPECT_LE(*result.tls->chain_expires, *result.tls->expires);
    EXPECT_TRUE(result.phases.tls_us && result.phases.first_byte_us);
  }
}

TEST_F(TlsProbe, NamesWhatIsWrongWithACertificate) {
  const ScriptedServer expired(serving(leaf(-2 * kYear, -86'400)));
  expect_both(expired, trusting(), "down tls_certificate_expired");
  const auto result = http(expired, trusting());
  EXPECT_LT(*result.tls->expires, room_.clock().wall());
  EXPECT_NE(result.detail.find("expired 20"), std::string::npos) << result.detail;

  const ScriptedServer early(serving(leaf(86'400, 2 * kYear)));
  expect_both(early, trusting(), "down tls_certificate_not_yet_valid");

  const ScriptedServer good(serving(leaf(-3600, 3600)));
  expect_both(good, TlsSpec{}, "down tls_certificate_untrusted");
  const CertificateAuthority other(directory_.path(), "other CA");
  auto tls = trusting();
  tls.ca_file = other.file();
  expect_both(good, tls, "down tls_certificate_untrusted");

  tls = trusting();
  tls.server_name = "wrong.example";
  expect_both(good, tls, "down tls_name_mismatch");
  tls.server_name = "leaf.example";
  expect_both(good, tls, "up ok");
}

TEST_F(TlsProbe, SkippingVerificationStillTellsTheTruth) {
  const ScriptedServer server(serving(leaf(-2 * kYear, -86'400)));
  TlsSpec tls;
  tls.skip_verify = true;
  for (const auto& result : {http(server, tls), tcp(server, tls)}) {
    EXPECT_EQ(verdict(result), "up ok") << result.detail;
    ASSERT_TRUE(result.tls);
    EXPECT_FALSE(result.tls->verified);
    EXPECT_TRUE(result.tls->expires);
  }
}

TEST_F(TlsProbe, HoldsYearsBeyondItsInstants) {
  const ScriptedServer server(serving(leaf(-3600, 5000 * kYear)));
  const auto result = http(server, trusting());
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(format_rfc3339(*result.tls->expires).substr(0, 4), "2262");
}

TEST_F(TlsProbe, StallsOfAServerEndInTime) {
  const ScriptedServer silent([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  for (const auto& result :
       {http(silent, trusting(), milliseconds(200)), tcp(silent, trusting(), milliseconds(200))}) {
    EXPECT_EQ(verdict(result), "down tls_timeout") << result.detail;
    EXPECT_GE(*result.total_us, 150'000);
    EXPECT_FALSE(result.phases.first_byte_us);
  }
}

// OpenSSL takes 100 KiB of certificates and no more.
TEST_F(TlsProbe, AChainWithoutEndIsAFailedHandshake) {
  auto files = leaf(-3600, kYear);
  std::ifstream authority(ca_.file());
  const std::string one((std::istreambuf_iterator<char>(authority)), {});
  std::ofstream chain(files.certificate, std::ios::app);
  for (int i = 0; i < 400; ++i) chain << one;
  chain.close();
  ASSERT_GT(std::filesystem::file_size(files.certificate), 150'000U);
  const ScriptedServer server(serving(files));
  expect_both(server, trusting(), "down tls_handshake", false);
}

TEST_F(TlsProbe, GarbageIsAFailedHandshake) {
  const ScriptedServer plain([](ScriptedPeer& peer) {
    peer.read_until("\x01");
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_until_gone();
  });
  expect_both(plain, trusting(), "down tls_handshake", false);
  const ScriptedServer closing([](ScriptedPeer&) {});
  expect_both(closing, trusting(), "down tls_handshake", false);
  const ScriptedServer resetting([](ScriptedPeer& peer) {
    peer.read_until("\x01");
    peer.reset();
  });
  expect_both(resetting, trusting(), "down tls_handshake", false);
}

TEST_F(TlsProbe, TimesOutInTheRightPhaseAfterTheHandshake) {
  const ScriptedServer server([files = leaf(-3600, 3600)](ScriptedPeer& peer) {
    if (peer.start_tls(files)) peer.wait_until_gone();
  });
  EXPECT_EQ(verdict(http(server, trusting(), milliseconds(500))), "down http_timeout");
  EXPECT_EQ(verdict(tcp(server, trusting(), milliseconds(500))), "down tcp_timeout");
}

TEST_F(TlsProbe, AsksEachTargetForItsOwnName) {
  // Two names in turn over one room: no name of one check may stick to the other.
  const ScriptedServer one(serving(leaf(-3600, 3600, "one")));
  const ScriptedServer two(serving(leaf(-3600, 3600, "two")));
  for (int i = 0; i < 2; ++i) {
    auto tls = trusting();
    tls.server_name = "one.example";
    expect_both(one, tls, "up ok");
    expect_both(two, tls, "down tls_name_mismatch");
    tls.server_name = "two.example";
    expect_both(two, tls, "up ok");
  }
}

TEST_F(TlsProbe, KeepsTheHostItWasAskedForUnderAnotherServerName) {
  std::string seen;
  const auto files = leaf(-3600, 3600);
  auto tls = trusting();
  tls.server_name = "leaf.example";
  std::string url;
  {
    const ScriptedServer server([&](ScriptedPeer& peer) {
      if (!peer.start_tls(files)) return;
      seen = peer.read_request();
      peer.send(http_answer(""));
    });
    EXPECT_EQ(verdict(http(server, tls)), "up ok");
    url = "127.0.0.1:" + std::to_string(server.port());
  }
  EXPECT_NE(seen.find("Host: " + url + "\r\n"), std::string::npos) << seen;
}

TEST_F(TlsProbe, ShowsItsCertificateWhereOneIsAsked) {
  const auto client = ca_.issue_client("nines:agent:edge");
  const ScriptedServer server(serving(leaf(-3600, 3600), ca_.file()));
  auto tls = trusting();
  for (const auto& result : {http(server, tls), tcp(server, tls)}) {
    EXPECT_EQ(verdict(result), "down tls_handshake") << result.detail;
  }
  tls.certificate_file = client.certificate;
  tls.key_file = client.key;
  expect_both(server, tls, "up ok");
}

TEST_F(TlsProbe, BadFilesAreNotTheServicesFault) {
  const ScriptedServer server(serving(leaf(-3600, 3600)));
  TlsSpec tls;
  tls.ca_file = directory_ / "absent.pem";
  for (const auto& result : {http(server, tls), tcp(server, tls)}) {
    EXPECT_EQ(verdict(result), "unknown agent_configuration");
    EXPECT_NE(result.detail.find("absent.pem"), std::string::npos) << result.detail;
  }
}

TEST_F(TlsProbe, ReadsAReplacedBundle) {
  const CertificateAuthority other(directory_.path(), "other CA");
  const ScriptedServer server(serving(leaf(-3600, 3600)));
  TlsSpec tls;
  tls.ca_file = directory_ / "bundle.pem";
  std::filesystem::copy_file(other.file(), tls.ca_file);
  EXPECT_EQ(verdict(http(server, tls)), "down tls_certificate_untrusted");
  std::filesystem::copy_file(ca_.file(), directory_ / "new.pem");
  std::filesystem::rename(directory_ / "new.pem", tls.ca_file);
  EXPECT_EQ(verdict(http(server, tls)), "up ok");
}

}  // namespace
}  // namespace nines::probes::tls_probe_test
