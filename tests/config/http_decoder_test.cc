// SPDX-License-Identifier: Apache-2.0
// The `http:` mapping: every key, and each way to get one wrong.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/check_decoder.h"

namespace nines::config::http_decoder_test {
namespace {

struct Decoded {
  std::optional<Check> check;
  std::string said;

  const HttpSpec& http() const { return std::get<HttpSpec>(check.value().spec); }
};

// `keys` stand beside the URL.
Decoded decode(const std::string& keys, const std::string& directory = "/nonexistent") {
  Complaints complaints;
  const auto text = "name: a\nhttp: {url: 'https://a/', " + keys + "}\n";
  const auto root = parse_yaml(text, "f", complaints);
  EXPECT_TRUE(root) << complaints.text();
  Decoded out;
  if (root) out.check = decode_check(*root, {}, directory, {}, complaints);
  out.said = complaints.text();
  EXPECT_EQ(out.check.has_value(), out.said.empty()) << out.said;
  return out;
}

void expect_refused(const std::string& keys, const std::string& because) {
  const auto decoded = decode(keys);
  EXPECT_FALSE(decoded.check) << keys;
  EXPECT_NE(decoded.said.find(because), std::string::npos) << keys << "\n" << decoded.said;
}

TEST(HttpDecoder, TakesEveryExpectation) {
  const auto decoded = decode(R"(
    expect: {status: "200,204", version: ["1.1", "2"],
             headers: [{name: X-Cache, matches: [HIT, x], not_matches: MISS, allow_missing: true},
                       {name: A}],
             json: [{pointer: /a/b~1c, equals: 5}, {pointer: "", exists: false},
                    {pointer: /s, equals: "5"}, {pointer: /t, not_equals: true},
                    {pointer: /v, equals: 1.2.3}, {pointer: /n, below: -1e400},
                    {pointer: /m, above: 0.1}],
             modified_within: 1h, certificate_days: 7, latency: 2s},
    warn: {status: "200", latency: 1s, certificate_days: 21, body: {matches: ok}})");
  ASSERT_TRUE(decoded.check) << decoded.said;
  const auto& e = decoded.http().expect;
  EXPECT_EQ(e.version, (std::vector<std::string>{"1.1", "2"}));
  ASSERT_EQ(e.headers.size(), 2U);
  EXPECT_EQ(e.headers[0].name, "X-Cache");
  EXPECT_EQ(e.headers[0].value.matches, (std::vector<std::string>{"HIT", "x"}));
  EXPECT_EQ(e.headers[0].value.not_matches, (std::vector<std::string>{"MISS"}));
  EXPECT_TRUE(e.headers[0].allow_missing);
  EXPECT_FALSE(e.headers[1].allow_missing);
  using Op = JsonExpect::Op;
  const std::tuple<const char*, Op, const char*> json[] = {
      {"/a/b~1c", Op::equals, "5"},   {"", Op::exists, "false"},       {"/s", Op::equals, "\"5\""},
      {"/t", Op::not_equals, "true"}, {"/v", Op::equals, "\"1.2.3\""}, {"/n", Op::below, "-1e400"},
      {"/m", Op::above, "0.1"}};
  ASSERT_EQ(e.json.size(), std::size(json));
  for (std::size_t i = 0; i < e.json.size(); ++i) {
    EXPECT_EQ(std::tie(e.json[i].pointer, e.json[i].op, e.json[i].operand), json[i]) << i;
  }
  EXPECT_EQ(e.modified_within, hours(1));
  EXPECT_EQ(e.limits.certificate_days, 7);
  const auto& w = decoded.http().warn;
  EXPECT_EQ(w.status, (std::vector<StatusRange>{{200, 200}}));
  EXPECT_EQ(w.limits.latency, seconds(1));
  EXPECT_EQ(w.limits.certificate_days, 21);
  EXPECT_EQ(w.body.matches, (std::vector<std::string>{"ok"}));
}

TEST(HttpDecoder, WarnsOfNoStatusUnlessTold) {
  EXPECT_EQ(decode("expect: {latency: 1s}").http().expect.status,
            (std::vector<StatusRange>{{200, 299}}));
  EXPECT_TRUE(decode("warn: {latency: 1s}").http().warn.status.empty());
  EXPECT_TRUE(decode("method: GET").http().warn.status.empty());
}

TEST(HttpDecoder, RefusesExpectationsThatSayNothingOrTooMuch) {
  expect_refused("expect: {version: [\"3\"]}", "HTTP/3 cannot be measured: the libcurl");
  expect_refused("warn: {version: \"1.2\"}", "none of \"1.0\", \"1.1\", \"2\"");
  expect_refused("expect: {version: []}", "is wanted here");
  expect_refused("expect: {json: []}", "a list of 1 to 32 is wanted here");
  expect_refused("expect: {json: [{pointer: /a}]}", "exactly one of");
  expect_refused("expect: {json: [{pointer: /a, equals: 1, below: 2}]}", "exactly one of");
  expect_refused("expect: {json: [{equals: 1}]}", "has no 'pointer'");
  expect_refused("expect: {json: [{pointer: a, equals: 1}]}", "is not a JSON Pointer");
  expect_refused("expect: {json: [{pointer: /a~2, equals: 1}]}", "is not a JSON Pointer");
  expect_refused("expect: {json: [{pointer: /a~, equals: 1}]}", "is not a JSON Pointer");
  for (const char* number : {"x", "\"5\"", "01", "1.", ".5", "+1", "0x10", "1_000", "true"}) {
    expect_refused(std::string("expect: {json: [{pointer: /a, below: ") + number + "}]}",
                   "is not a number");
  }
  expect_refused("expect: {json: [{pointer: /a, exists: maybe}]}", "is not true or false");
  expect_refused("expect: {json: [{pointer: /a, equal: 1}]}", "did you mean 'equals'");
  expect_refused("expect: {headers: [{matches: x}]}", "has no 'name'");
  expect_refused("expect: {headers: [{name: 'a b'}]}", "is not a header name");
  expect_refused("expect: {headers: [{name: a, allow_missing: true}]}", "is no expectation");
  expect_refused("expect: {headers: [{name: a, matches: '('}]}", "missing )");
  expect_refused("expect: {modified_within: 0s}", "out of range");
  expect_refused("method: HEAD, expect: {json: [{pointer: /a, exists: true}]}", "HEAD");
}

TEST(HttpDecoder, TakesTheWayToTheServer) {
  const auto http = decode(
                        "family: ipv6, source: eth0, resolve: '2001:db8::1', compression: zstd, "
                        "tls: {min_version: \"1.3\"}")
                        .http();
  EXPECT_EQ(http.family, Family::ipv6);
  EXPECT_EQ(http.source, "eth0");
  EXPECT_EQ(http.resolve, "2001:db8::1");
  EXPECT_EQ(http.compression, Compression::zstd);
  EXPECT_EQ(http.tls.min_version, "1.3");
  EXPECT_TRUE(decode("addresses: all").http().all_addresses);
  EXPECT_FALSE(decode("addresses: first").http().all_addresses);
  EXPECT_EQ(decode("proxy: 'http://us:p%40@proxy.example:3128'").http().proxy,
            "http://us:p%40@proxy.example:3128");
  EXPECT_EQ(decode("proxy: 'socks5://[::1]:1080/'").http().proxy, "socks5://[::1]:1080/");
}

TEST(HttpDecoder, RefusesWaysThatLeadNowhere) {
  expect_refused("resolve: shop.example", "is not an IP address");
  expect_refused("resolve: 192.0.2.1, family: ipv6", "not of the family");
  expect_refused("resolve: 192.0.2.1, addresses: all", "it is one address");
  expect_refused("addresses: some", "neither first nor all");
  expect_refused("compression: lzma", "none of gzip, deflate, br, zstd, identity");
  expect_refused("compression: gzip, headers: {accept-encoding: br}", "Accept-Encoding");
  expect_refused("tls: {min_version: \"1.1\"}", "neither \"1.2\" nor \"1.3\"");
  expect_refused("proxy: 'https://proxy:1/'", "proxies that speak TLS themselves");
  for (const char* proxy : {"proxy:3128", "http://proxy", "ftp://proxy:1", "http://a b@proxy:1",
                            "http://@proxy:1", "http://proxy:1/path", "http://proxy:99999"}) {
    expect_refused(std::string("proxy: '") + proxy + "'", "a proxy is http://host:port");
  }
  expect_refused("proxy: 'http://p:1', resolve: 192.0.2.1", "the proxy chooses the address");
  expect_refused("proxy: 'http://p:1', addresses: all", "the proxy chooses the address");
}

TEST(HttpDecoder, ShowsNoPasswordOfAProxy) {
  EXPECT_EQ(decode("proxy: 'ftp://user:hunter2@p:1'").said.find("hunter2"), std::string::npos);
}

TEST(HttpDecoder, TakesTheOAuth2Client) {
  const auto http = decode(
                        "oauth2: {token_url: 'https://id/token', client_id: me, client_secret: "
                        "hunter2, scopes: [read, 'urn:x']}")
                        .http();
  ASSERT_TRUE(http.oauth2);
  EXPECT_EQ(http.oauth2->token_url, "https://id/token");
  EXPECT_EQ(http.oauth2->client_id, "me");
  EXPECT_EQ(http.oauth2->client_secret, "hunter2");
  EXPECT_EQ(http.oauth2->scopes, (std::vector<std::string>{"read", "urn:x"}));
  EXPECT_TRUE(
      decode("oauth2: {token_url: 'http://127.0.0.1:1/', client_id: a, client_secret: b}").check);
  expect_refused("oauth2: {token_url: 'http://id/', client_id: a, client_secret: b}",
                 "is not an https:// URL");
  expect_refused("oauth2: {token_url: 'https://id/', client_secret: b}", "has no 'client_id'");
  expect_refused("oauth2: {token_url: 'https://id/', client_id: a}", "has no 'client_secret'");
  expect_refused("bearer: x, oauth2: {token_url: 'https://id/', client_id: a, client_secret: b}",
                 "Authorization, which is given");
  expect_refused(
      "oauth2: {token_url: 'https://id/', client_id: a, client_secret: b, scopes: ['a "
      "b']}",
      "1 to 32 words");
}

class Credentials : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "credentials";
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ + "/token") << "hunter2\n";
    std::ofstream(directory_ + "/headers") << "X-Key: hunter2\n";
    std::ofstream(directory_ + "/empty") << "\n";
    ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  }

  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }

  std::string directory_;
};

TEST_F(Credentials, ComeFromTheServiceManager) {
  EXPECT_EQ(decode("bearer_credential: token").http().headers[0].second, "Bearer hunter2");
  EXPECT_EQ(decode("headers_credential: headers").http().headers[0].second, "hunter2");
  EXPECT_EQ(decode("body_credential: token").http().body, "hunter2\n");
  EXPECT_EQ(decode("basic: {username: a, password_credential: token}").http().headers[0].second,
            "Basic YTpodW50ZXIy");
  const auto oauth2 =
      decode("oauth2: {token_url: 'https://id/', client_id: a, client_secret_credential: token}");
  EXPECT_EQ(oauth2.http().oauth2->client_secret, "hunter2");
}

TEST_F(Credentials, AreRefusedWhereTheyCannotBeMeant) {
  for (const char* name : {"'../token'", "/etc/passwd", "..", ".", "''"}) {
    expect_refused(std::string("bearer_credential: ") + name, "is not the name of a credential");
  }
  expect_refused("bearer_credential: absent", "absent");
  expect_refused("bearer_credential: empty", "is empty");
  expect_refused("bearer: a, bearer_credential: token", "exclude each other");
  expect_refused("bearer_file: a, bearer_credential: token", "exclude each other");
  expect_refused("body: a, body_credential: token", "exclude each other");
  expect_refused("headers_file: a, headers_credential: headers", "exclude each other");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  expect_refused("bearer_credential: token", "no credentials were handed to this process");
}

}  // namespace
}  // namespace nines::config::http_decoder_test
