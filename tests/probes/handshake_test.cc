// SPDX-License-Identifier: Apache-2.0
// Checks that are a TLS handshake and nothing more.
#include "probes/tls_probe.h"
#include "tests/probes/fixture.h"

namespace nines::probes::handshake_test {
namespace {

using test::ScriptedPeer;
using test::ScriptedServer;

class Handshake : public ProbeTest {
 protected:
  HandshakeSpec spec_for(const ScriptedServer& server) const {
    HandshakeSpec spec;
    spec.host = "127.0.0.1";
    spec.port = server.port();
    spec.tls.ca_file = authority_.file();
    return spec;
  }

  ProbeResult shake(HandshakeSpec spec, Duration timeout = seconds(10)) {
    Check check;
    check.name = "tls";
    check.spec = std::move(spec);
    return run(check, timeout);
  }

  ScriptedServer::Script serving(test::PemFiles files) const {
    return [files = std::move(files)](ScriptedPeer& peer) {
      if (peer.start_tls(files)) peer.wait_until_gone();
    };
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority authority_{directory_.path()};
};

TEST_F(Handshake, TellsOfTheCertificate) {
  const ScriptedServer server(serving(authority_.issue_server()));
  const auto result = shake(spec_for(server));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  ASSERT_TRUE(result.tls);
  EXPECT_TRUE(result.tls->verified);
  EXPECT_EQ(result.tls->version, "TLSv1.3");
  EXPECT_TRUE(result.tls->expires);
  EXPECT_TRUE(result.tls->chain_expires);
  EXPECT_TRUE(result.phases.connect_us);
  EXPECT_TRUE(result.phases.tls_us);
  EXPECT_FALSE(result.phases.first_byte_us);
}

TEST_F(Handshake, SaysWhatIsWrongWithTheCertificate) {
  test::Leaf expired;
  expired.name = "expired";
  expired.ips = {"127.0.0.1"};
  expired.valid_to_s = -60;
  const ScriptedServer old(serving(authority_.issue(expired)));
  const auto result = shake(spec_for(old));
  EXPECT_EQ(verdict(result), "down tls_certificate_expired");
  EXPECT_TRUE(result.tls->expires) << "also when verification fails";

  test::Leaf other;
  other.name = "other";
  other.dns = {"other.example"};
  const ScriptedServer foreign(serving(authority_.issue(other)));
  EXPECT_EQ(verdict(shake(spec_for(foreign))), "down tls_name_mismatch");
  auto renamed = spec_for(foreign);
  renamed.tls.server_name = "other.example";
  EXPECT_EQ(verdict(shake(renamed)), "up ok");
  auto unknown = spec_for(foreign);
  unknown.tls.ca_file.clear();
  EXPECT_EQ(verdict(shake(unknown)), "down tls_certificate_untrusted");
}

// A name that one target sets must not stay for the next one.
TEST_F(Handshake, TwoTargetsKeepTheirOwnNames) {
  test::Leaf a, b;
  a.name = "a";
  a.dns = {"a.example"};
  b.name = "b";
  b.dns = {"b.example"};
  const ScriptedServer first(serving(authority_.issue(a)));
  const ScriptedServer second(serving(authority_.issue(b)));
  auto to_a = spec_for(first);
  to_a.tls.server_name = "a.example";
  auto to_b = spec_for(second);
  to_b.tls.server_name = "b.example";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(verdict(shake(to_a)), "up ok");
    EXPECT_EQ(verdict(shake(to_b)), "up ok");
  }
}

TEST_F(Handshake, FewDaysLeftAreDownOrAWarning) {
  const ScriptedServer server(serving(authority_.issue_server()));  // valid for an hour
  auto spec = spec_for(server);
  spec.warn.certificate_days = 21;
  const auto warned = shake(spec);
  EXPECT_EQ(verdict(warned), "up ok");
  EXPECT_EQ(warned.warnings.size(), 1U);
  spec.expect.certificate_days = 1;
  EXPECT_EQ(verdict(shake(spec)), "down tls_certificate_days");
}

TEST_F(Handshake, TellsWhoeverSpeaksNoTls) {
  const ScriptedServer plain([](ScriptedPeer& peer) {
    peer.send("220 no tls here\r\n");
    peer.wait_until_gone();
  });
  EXPECT_EQ(verdict(shake(spec_for(plain))), "down tls_handshake");
  const ScriptedServer silent([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  const auto late = shake(spec_for(silent), milliseconds(200));
  EXPECT_EQ(verdict(late), "down tls_timeout");
  EXPECT_TRUE(room_.waited_to_the_end());
}

}  // namespace
}  // namespace nines::probes::handshake_test
