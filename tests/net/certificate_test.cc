// SPDX-License-Identifier: Apache-2.0
#include "net/certificate.h"

#include <gtest/gtest.h>

#include "base/sign.h"
#include "tests/support/certificates.h"

namespace nines::net::certificate_test {
namespace {

class Certificate : public ::testing::Test {
 protected:
  nines::test::TemporaryDirectory directory;
  nines::test::CertificateAuthority ca{directory.path()};
};

TEST_F(Certificate, ProvesWhoSigned) {
  const auto alice = ca.issue_client("nines:actor:alice", "alice");
  const auto bob = ca.issue_client("nines:actor:bob", "bob");
  const auto signature = sign_with_key(alice.key, as_bytes("I agree"));
  ASSERT_TRUE(signature) << signature.error().message;
  const auto certificate = read_certificate(alice.certificate);
  const auto other = read_certificate(bob.certificate);
  ASSERT_TRUE(certificate && other);
  EXPECT_TRUE(signed_by(*certificate, as_bytes("I agree"), as_bytes(*signature)));
  EXPECT_FALSE(signed_by(*certificate, as_bytes("I agreed"), as_bytes(*signature)));
  EXPECT_FALSE(signed_by(*other, as_bytes("I agree"), as_bytes(*signature)));
  EXPECT_FALSE(signed_by(*certificate, as_bytes("I agree"), as_bytes("")));
  EXPECT_EQ(uris_of_certificate(*certificate), std::vector<std::string>{"nines:actor:alice"});
}

TEST_F(Certificate, TellsItsEd25519KeyAndNoOther) {
  nines::test::Leaf leaf;
  leaf.name = "carol";
  leaf.uris = {"nines:actor:carol"};
  leaf.ed25519 = true;
  const auto carol = ca.issue(leaf);
  const auto certificate = *read_certificate(carol.certificate);
  const auto key = ed25519_key_of(certificate);
  ASSERT_TRUE(key);
  const auto signature = *sign_with_key(carol.key, as_bytes("I agree"));
  ASSERT_EQ(signature.size(), 64U);
  Signature raw{};
  std::copy(signature.begin(), signature.end(), raw.begin());
  EXPECT_TRUE(verify_signature(*key, as_bytes("I agree"), raw)) << "the key itself, not a name";
  const auto p256 = ca.issue_client("nines:actor:alice", "alice");
  EXPECT_FALSE(ed25519_key_of(*read_certificate(p256.certificate)));
  EXPECT_FALSE(ed25519_key_of("nonsense"));
}

TEST_F(Certificate, IsNothingWhereItsBytesAreNone) {
  const auto certificate = read_certificate(ca.issue_client("nines:actor:alice").certificate);
  ASSERT_TRUE(certificate);
  EXPECT_TRUE(uris_of_certificate("").empty());
  EXPECT_TRUE(uris_of_certificate(certificate->substr(0, 100)).empty());
  EXPECT_TRUE(uris_of_certificate(*certificate + "x").empty());
  EXPECT_FALSE(signed_by("nonsense", as_bytes("a"), as_bytes("b")));
  EXPECT_FALSE(read_certificate(directory / "absent.pem"));
  EXPECT_FALSE(sign_with_key(directory / "absent.key", as_bytes("a")));
}

}  // namespace
}  // namespace nines::net::certificate_test
