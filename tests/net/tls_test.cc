// SPDX-License-Identifier: Apache-2.0
// At stake: a wrong file is one clear line at start, naming the file and what is wrong with it, and
// not a connection that fails at night.
#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/certificates.h"

namespace nines::net::tls_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TlsFilesTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = directory_ / name;
    std::ofstream(path, std::ios::trunc) << text;
    return path;
  }

  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  // Both ends find the same fault and say the same.
  static std::string refusal(const TlsFiles& files) {
    const auto server = TlsServerContext::load(files);
    const auto client = check_tls_files(files);
    EXPECT_FALSE(server);
    EXPECT_FALSE(client);
    if (server || client) return {};
    EXPECT_EQ(server.error().message, client.error().message);
    return server.error().message;
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority ca_{directory_.path()};
  test::PemFiles leaf_ = ca_.issue_server();
};

TEST_F(TlsFilesTest, GoodFilesLoad) {
  const TlsFiles files{ca_.file(), leaf_.certificate, leaf_.key};
  EXPECT_TRUE(TlsServerContext::load(files));
  EXPECT_TRUE(check_tls_files(files));
}

TEST_F(TlsFilesTest, BundlesAndChainsLoad) {
  const test::CertificateAuthority other(directory_.path(), "other CA");
  const auto bundle =
      write("bundle.pem", "# two\n" + read(ca_.file()) + "\ntext between\n" + read(other.file()));
  const auto chain = write("chain.pem", read(leaf_.certificate) + read(ca_.file()));
  EXPECT_TRUE(TlsServerContext::load({bundle, chain, leaf_.key}));
}

TEST_F(TlsFilesTest, NamesTheMissingFile) {
  const std::string missing = directory_ / "missing.pem";
  EXPECT_THAT(refusal({missing, leaf_.certificate, leaf_.key}),
              AllOf(HasSubstr("CA"), HasSubstr(missing), HasSubstr("No such file")));
  EXPECT_THAT(refusal({ca_.file(), missing, leaf_.key}),
              AllOf(HasSubstr("certificate"), HasSubstr(missing)));
  EXPECT_THAT(refusal({ca_.file(), leaf_.certificate, missing}),
              AllOf(HasSubstr("key"), HasSubstr(missing)));
  EXPECT_THAT(refusal({"", leaf_.certificate, leaf_.key}), HasSubstr("CA"));
  EXPECT_THAT(refusal({directory_.path(), leaf_.certificate, leaf_.key}), HasSubstr("CA"));
}

TEST_F(TlsFilesTest, SaysWhatIsNotPem) {
  const auto junk = write("junk.pem", "not a certificate\n");
  const auto empty = write("empty.pem", "");
  const auto cut = write("cut.pem", read(leaf_.certificate).substr(0, 200));
  const auto spoiled = write("spoiled.pem", [&] {
    std::string text = read(leaf_.certificate);
    text.replace(text.find('\n') + 5, 8, "AAAAAAAA");
    return text;
  }());
  for (const auto& bad : {junk, empty, cut, spoiled}) {
    EXPECT_THAT(refusal({bad, leaf_.certificate, leaf_.key}), HasSubstr(bad));
    EXPECT_THAT(refusal({ca_.file(), bad, leaf_.key}), HasSubstr(bad));
  }
  EXPECT_THAT(refusal({ca_.file(), leaf_.certificate, junk}),
              AllOf(HasSubstr(junk), HasSubstr("not a PEM private key")));
  EXPECT_THAT(refusal({ca_.file(), leaf_.key, leaf_.key}), HasSubstr("holds no PEM certificate"));
}

TEST_F(TlsFilesTest, HugeFilesAreNotRead) {
  const auto huge = write("huge.pem", std::string(2 << 20, 'A'));
  EXPECT_THAT(refusal({huge, leaf_.certificate, leaf_.key}), HasSubstr(huge));
}

TEST_F(TlsFilesTest, KeyOfAnotherCertificateIsRefused) {
  const auto other = ca_.issue_server("other");
  EXPECT_THAT(
      refusal({ca_.file(), leaf_.certificate, other.key}),
      AllOf(HasSubstr(other.key), HasSubstr("does not belong"), HasSubstr(leaf_.certificate)));
}

TEST_F(TlsFilesTest, EncryptedKeyIsRefusedWithoutAsking) {
  const auto key = test::CertificateAuthority::encrypt_key(leaf_, "secret");
  EXPECT_THAT(refusal({ca_.file(), leaf_.certificate, key}),
              AllOf(HasSubstr(key), HasSubstr("encrypted")));
}

TEST_F(TlsFilesTest, ExpiredCertificateIsRefused) {
  test::Leaf leaf;
  leaf.name = "old";
  leaf.valid_to_s = -60;
  const auto old = ca_.issue(leaf);
  EXPECT_THAT(refusal({ca_.file(), old.certificate, old.key}),
              AllOf(HasSubstr(old.certificate), HasSubstr("expired")));
}

TEST_F(TlsFilesTest, TellsTheUrisOfALeaf) {
  test::Leaf leaf;
  leaf.name = "agent";
  leaf.dns = {"edge.example"};
  leaf.uris = {"nines:agent:edge-042", "urn:x:y"};
  const auto files = ca_.issue(leaf);
  const auto uris = certificate_uris(files.certificate);
  ASSERT_TRUE(uris);
  EXPECT_THAT(*uris, ElementsAre("nines:agent:edge-042", "urn:x:y"));
  EXPECT_THAT(*certificate_uris(leaf_.certificate), IsEmpty());
  EXPECT_FALSE(certificate_uris(directory_ / "missing.pem"));
}

}  // namespace
}  // namespace nines::net::tls_test
