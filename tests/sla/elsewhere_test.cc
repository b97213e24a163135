// SPDX-License-Identifier: Apache-2.0
// An agreement's text is kept and judged on machines that have none of the files it names: it must
// mean the same there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/check_decoder.h"
#include "support.h"

namespace nines::sla::elsewhere_test {
namespace {

Words with_check(const std::string& http) {
  Words w;
  w.checks =
      "      - {name: web, every: 30s, http: {url: \"https://shop.example/\", " + http + "}}\n";
  return w;
}

TEST(Elsewhere, ATextThatNamesFilesIsReadWithoutThem) {
  for (const char* http :
       {"tls: {ca: nowhere/ca.pem, certificate: c.pem, key: k.pem}", "bearer_file: /nowhere/token",
        "bearer_credential: token", "headers_file: headers.txt",
        "body_file: body.json, method: POST", "basic: {username: u, password_file: secret}"}) {
    const auto read = read_agreement(yaml(with_check(http)), "kept");
    EXPECT_TRUE(read) << http << ": " << (read ? "" : read.error().message);
  }
  EXPECT_FALSE(read_agreement(yaml(with_check("tls: {ca: \"\"}")), "kept"))
      << "a name is still wanted";
}

// The agent reads the same check beside its own files; both digests must be one.
TEST(Elsewhere, TheDigestOfACheckDoesNotDependOnWhereItsFilesLie) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("nines_elsewhere_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "ca.pem") << "x";
  const Agreement a = agreement(with_check("tls: {ca: ca.pem}"));
  config::Complaints complaints;
  const auto check = config::decode_check(
      tree("{name: web, every: 30s, http: {url: \"https://shop.example/\", tls: "
           "{ca: ca.pem}}}"),
      {}, folder.string(), {}, complaints);
  ASSERT_TRUE(check) << complaints.text();
  EXPECT_EQ(digest_of(*check), digest_of(a.checks.at(0).check));
  const Agreement other = agreement(with_check("tls: {ca: other.pem}"));
  EXPECT_NE(digest_of(*check), digest_of(other.checks.at(0).check));
  std::filesystem::remove_all(folder);
}

Seconds judged_with_digest(const Words& words, const Digest& digest) {
  Series s = series();
  s.check_digest = digest;
  add(s, at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z"), 30, Outcome::up);
  return judged(words, {s}, "2026-03-02").objectives.at(0).seconds;
}

TEST(Elsewhere, OnlyACheckWhoseContentIsInAFileIsToldByItsName) {
  const Digest other = sha256(as_bytes(std::string("another check")));
  EXPECT_EQ(judged_with_digest(with_check("tls: {ca: ca.pem}"), other).up, 0)
      << "another definition says nothing";
  EXPECT_EQ(judged_with_digest(with_check("bearer_file: token"), other).up, 86'400 * kSecondNs);
  EXPECT_FALSE(agreement(with_check("bearer_file: token")).checks.at(0).comparable);
  EXPECT_TRUE(agreement(with_check("method: HEAD")).checks.at(0).comparable);
}

}  // namespace
}  // namespace nines::sla::elsewhere_test
