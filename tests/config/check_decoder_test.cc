// SPDX-License-Identifier: Apache-2.0
#include "config/check_decoder.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "config/kind_decoders.h"

namespace nines::config::check_decoder_test {
namespace {

struct Decoded {
  std::optional<Check> check;
  std::string said;
};

Decoded decode(const std::string& text, const std::string& directory = "/nonexistent") {
  Complaints complaints;
  const auto root = parse_yaml(text, "f", complaints);
  EXPECT_TRUE(root);
  Decoded out;
  if (root) out.check = decode_check(*root, {}, directory, {"service"}, complaints);
  out.said = complaints.text();
  EXPECT_EQ(out.check.has_value(), out.said.empty()) << out.said;
  return out;
}

std::string write_file(const std::string& name, const std::string& content) {
  const auto directory = testing::TempDir();
  std::ofstream(directory + name, std::ios::binary) << content;
  return directory;
}

TEST(CheckDecoder, FillsInTheDefaults) {
  const auto [check, said] = decode("name: web\nhttp: {url: 'https://shop.example/'}\n");
  ASSERT_TRUE(check) << said;
  EXPECT_EQ(check->every, seconds(30));
  EXPECT_EQ(check->timeout, seconds(5));
  EXPECT_EQ(check->priority, 5);
  EXPECT_FALSE(check->invert);
  const auto& http = std::get<HttpSpec>(check->spec);
  EXPECT_EQ(http.method, "GET");
  EXPECT_EQ(http.max_body, std::uint64_t{1} << 20);
  EXPECT_EQ(http.redirects, 10);
  EXPECT_EQ(http.expect.status, (std::vector<StatusRange>{{200, 299}}));
}

TEST(CheckDecoder, BendsTheDefaultTimeoutToTheInterval) {
  const auto [check, said] = decode("name: a\nevery: 1s\ntcp: {address: 'db:5432'}\n");
  ASSERT_TRUE(check) << said;
  EXPECT_EQ(check->timeout, seconds(1));
}

TEST(CheckDecoder, TakesEveryKeyOfHttp) {
  const auto directory = write_file("token", "s3cret\n");
  write_file("ca.pem", "x");
  const auto [check, said] = decode(R"(
name: web
every: 1m
timeout: 10s
labels: {service: shop-web}
priority: 1
invert: true
service: the-callers-own-key
http:
  url: HTTPS://shop.example/cart?x=1
  method: POST
  headers: {X-Tenant: acme, Accept: 'text/html'}
  bearer_file: token
  body: '{"a":1}'
  max_body: 64KiB
  redirects: 0
  tls: {ca: ca.pem, server_name: other.example}
  expect:
    status: [200-204, '301,404']
    body: {matches: [cart, 'c.*t'], not_matches: error}
    latency: 2s
)",
                                    directory);
  ASSERT_TRUE(check) << said;
  EXPECT_EQ(check->labels, (Labels{{"service", "shop-web"}}));
  EXPECT_TRUE(check->invert);
  const auto& http = std::get<HttpSpec>(check->spec);
  EXPECT_EQ(http.url, "https://shop.example/cart?x=1");
  const std::vector<std::pair<std::string, std::string>> headers{
      {"X-Tenant", "acme"}, {"Accept", "text/html"}, {"Authorization", "Bearer s3cret"}};
  EXPECT_EQ(http.headers, headers);
  EXPECT_EQ(http.body, "{\"a\":1}");
  EXPECT_EQ(http.redirects, 0);
  EXPECT_EQ(http.tls.ca_file, directory + "ca.pem");
  EXPECT_EQ(http.expect.status, (std::vector<StatusRange>{{200, 204}, {301, 301}, {404, 404}}));
  EXPECT_EQ(http.expect.body.matches, (std::vector<std::string>{"cart", "c.*t"}));
  EXPECT_EQ(http.expect.body.not_matches, (std::vector<std::string>{"error"}));
  EXPECT_EQ(http.expect.limits.latency, seconds(2));
}

TEST(CheckDecoder, EncodesBasicCredentials) {  // the example of RFC 7617, section 2
  const auto [check, said] = decode(
      "name: a\nhttp: {url: 'http://a/', basic: {username: Aladdin, password: 'open sesame'}}\n");
  ASSERT_TRUE(check) << said;
  EXPECT_EQ(std::get<HttpSpec>(check->spec).headers[0].second,
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(CheckDecoder, ReadsHeadersFromAFile) {
  const auto directory = write_file("headers", "# secret\nX-Key: abc def \n\nX-Other:1\r\n");
  const auto [check, said] =
      decode("name: a\nhttp: {url: 'http://a/', headers_file: headers}\n", directory);
  ASSERT_TRUE(check) << said;
  const std::vector<std::pair<std::string, std::string>> headers{{"X-Key", "abc def"},
                                                                 {"X-Other", "1"}};
  EXPECT_EQ(std::get<HttpSpec>(check->spec).headers, headers);
}

TEST(CheckDecoder, TakesEveryKeyOfTcp) {
  const auto [check, said] = decode(R"(
name: mail
tcp:
  address: "[2001:db8::1]:25"
  tls: {}
  steps: [{expect: "^220"}, {send: "EHLO nines\r\n"}, {expect: "^250 "}]
  expect: {latency: 1s}
)");
  ASSERT_TRUE(check) << said;
  const auto& tcp = std::get<TcpSpec>(check->spec);
  EXPECT_EQ(tcp.host, "2001:db8::1");
  EXPECT_EQ(tcp.port, 25);
  EXPECT_TRUE(tcp.tls);
  ASSERT_EQ(tcp.steps.size(), 3U);
  EXPECT_EQ(tcp.steps[1].bytes, "EHLO nines\r\n");
  EXPECT_EQ(tcp.expect.latency, seconds(1));
  EXPECT_EQ(check->target(), "tcp://[2001:db8::1]:25");
}

TEST(CheckDecoder, TakesEveryKeyOfIcmp) {
  const auto [check, said] = decode(
      "name: gw\nicmp: {host: 192.0.2.1, count: 10, interval: 100ms, size: 1472,"
      " expect: {loss: '20%', latency: 100ms}}\n");
  ASSERT_TRUE(check) << said;
  const auto& icmp = std::get<IcmpSpec>(check->spec);
  EXPECT_EQ(icmp.count, 10);
  EXPECT_EQ(icmp.interval, milliseconds(100));
  EXPECT_EQ(icmp.loss, (std::pair<std::int64_t, std::int64_t>{1, 5}));
}

TEST(CheckDecoder, FitsUnwrittenIcmpIntervalsIntoShortTimeouts) {
  const auto [check, said] = decode("name: gw\nevery: 200ms\nicmp: {host: a, count: 9}\n");
  ASSERT_TRUE(check) << said;
  EXPECT_EQ(std::get<IcmpSpec>(check->spec).interval, milliseconds(20));
}

TEST(CheckDecoder, SaysEverythingThatIsWrongAtOnce) {
  const auto [check, said] = decode(R"(
name: -bad name
evry: 10s
timeout: 40s
http: {url: "ftp://x/", expect: {status: "700", body: {matches: "("}}}
)");
  EXPECT_FALSE(check);
  for (const auto* part :
       {"is not a name", "unknown key 'evry' in check '-bad name' (did you mean 'every'?)",
        "timeout 40s is longer than 'every' 30s", "is not an http:// or https:// URL",
        "is not a list of status codes", "missing )"}) {
    EXPECT_NE(said.find(part), std::string::npos) << part << "\n" << said;
  }
}

TEST(CheckDecoder, WantsExactlyOneKind) {
  EXPECT_EQ(
      decode("name: a\n").said,
      "f:1:1: error: check 'a' has no kind: add http, tcp, icmp, dns, tls, grpc, udp or exec\n");
  EXPECT_EQ(decode("name: a\ntcp: {address: 'a:1'}\nicmp: {host: a}\n").said,
            "f:3:7: error: check 'a' holds both 'tcp' and 'icmp'; a check is of one kind\n");
}

TEST(CheckDecoder, RefusesHeadersThatSmuggle) {
  for (const auto* headers :
       {"{\"X-A\": \"b\\r\\nEvil: 1\"}", "{\"X A\": b}", "{'': b}", "{Content-Length: 5}",
        "{transfer-encoding: chunked}", "{X-A: 1, x-a: 2}", "{\"X-A\\r\\nEvil\": b}"}) {
    const auto decoded =
        decode(std::string("name: a\nhttp: {url: 'http://a/', headers: ") + headers + "}\n");
    EXPECT_FALSE(decoded.check) << headers;
  }
}

TEST(CheckDecoder, DoesNotRepeatSecretsInItsComplaints) {
  const auto directory = write_file("bad_token", "hunter2\nhunter3");
  for (const auto* secret :
       {"bearer: \"hunter2\\n\\x07\"", "bearer_file: bad_token", "headers: {A: \"hunter2\\r\"}",
        "basic: {username: \"a:b\", password: hunter2}"}) {
    const auto decoded =
        decode(std::string("name: a\nhttp: {url: 'http://a/', ") + secret + "}\n", directory);
    EXPECT_FALSE(decoded.check) << secret;
    EXPECT_EQ(decoded.said.find("hunter"), std::string::npos) << decoded.said;
  }
}

TEST(CheckDecoder, RefusesWhatExcludesEachOther) {
  const auto directory = write_file("t", "x");
  for (const auto* keys :
       {"bearer: a, bearer_file: t", "body: a, body_file: t", "bearer: a, basic: {username: b}",
        "tls: {certificate: t}", "tls: {key: t}", "tls: {ca: t, skip_verify: true}",
        "method: HEAD, expect: {body: {matches: a}}", "expect: {latency: 6s}",
        "expect: {body: {}}"}) {
    EXPECT_FALSE(
        decode(std::string("name: a\nhttp: {url: 'http://a/', ") + keys + "}\n", directory).check)
        << keys;
  }
}

TEST(CheckDecoder, BoundsFilesAndPatterns) {
  const auto directory = write_file("big", std::string((1 << 20) + 1, 'x'));
  EXPECT_FALSE(decode("name: a\nhttp: {url: 'http://a/', body_file: big}\n", directory).check);
  EXPECT_FALSE(decode("name: a\nhttp: {url: 'http://a/', body_file: missing}\n", directory).check);
  EXPECT_FALSE(check_pattern("((((((a{100}){100}){100}){100}"));
  EXPECT_FALSE(check_pattern(std::string(5000, 'a')));
  EXPECT_FALSE(check_pattern(""));
  EXPECT_FALSE(check_pattern("a(?=b)"));  // RE2 has no look-ahead
  EXPECT_TRUE(check_pattern("(?i)ok|\\bfine\\b"));
}

TEST(CheckDecoder, RefusesIcmpThatCannotEndInTime) {
  const auto decoded = decode("name: a\nicmp: {host: a, count: 100, interval: 1s}\n");
  EXPECT_EQ(decoded.said, "f:2:39: error: 100 requests 1s apart do not fit in the timeout 5s\n");
}

TEST(Share, IsExact) {
  using Fraction = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(*parse_share("0"), (Fraction{0, 1}));
  EXPECT_EQ(*parse_share("1"), (Fraction{1, 1}));
  EXPECT_EQ(*parse_share("50%"), (Fraction{1, 2}));
  EXPECT_EQ(*parse_share("2.5%"), (Fraction{1, 40}));
  EXPECT_EQ(*parse_share("0.025"), (Fraction{1, 40}));
  EXPECT_EQ(*parse_share("2/6"), (Fraction{1, 3}));
  for (const auto* text : {"", "%", "-1", "1.5", "101%", "1/0", "3/2", "1/", "/2", "a", "1e-3",
                           "0.0000000001", "9999999999/9999999999", ".", "1."}) {
    EXPECT_FALSE(parse_share(text)) << text;
  }
}

TEST(StatusRanges, TakeCodesAndRanges) {
  EXPECT_EQ(*parse_status_ranges("200"), (std::vector<StatusRange>{{200, 200}}));
  EXPECT_EQ(*parse_status_ranges("200-399, 404"),
            (std::vector<StatusRange>{{200, 399}, {404, 404}}));
  for (const auto* text :
       {"", ",", "200-", "-200", "399-200", "99", "600", "2xx", "200 299", "200-300-400", "0200"}) {
    EXPECT_FALSE(parse_status_ranges(text)) << text;
  }
}

TEST(CheckFromUri, KnowsTheThreeKinds) {
  const auto http = check_from_uri("https://shop.example/", seconds(30), seconds(5));
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->kind(), CheckKind::http);
  EXPECT_EQ(http->name, "https://shop.example/");
  const auto tcp = check_from_uri("tcp://[::1]:80", seconds(30), seconds(5));
  ASSERT_TRUE(tcp) << tcp.error().message;
  EXPECT_EQ(std::get<TcpSpec>(tcp->spec).host, "::1");
  const auto icmp = check_from_uri("icmp://gateway", seconds(30), seconds(5));
  ASSERT_TRUE(icmp) << icmp.error().message;
  EXPECT_EQ(std::get<IcmpSpec>(icmp->spec).host, "gateway");
}

TEST(CheckFromUri, RefusesTheRest) {
  for (const auto& uri :
       {std::string("shop.example"), std::string("tcp://a"), std::string("tcp://a:1/x"),
        std::string("icmp://a:1"), std::string("icmp://a/x"), std::string("dns://a/"),
        std::string("gopher://a/"), std::string("http://u:p@a/"), std::string(""),
        "http://a/" + std::string(1000, 'x')}) {
    EXPECT_FALSE(check_from_uri(uri, seconds(30), seconds(5))) << uri;
  }
  EXPECT_FALSE(check_from_uri("icmp://a", seconds(1), seconds(5)));
}

TEST(Labels, AreBounded) {
  EXPECT_FALSE(decode("name: a\nlabels: {'a b': c}\ntcp: {address: 'a:1'}\n").check);
  EXPECT_FALSE(decode("name: a\nlabels: {a: \"b\\nc\"}\ntcp: {address: 'a:1'}\n").check);
  EXPECT_FALSE(
      decode("name: a\nlabels: {a: " + std::string(129, 'x') + "}\ntcp: {address: 'a:1'}\n").check);
  EXPECT_FALSE(decode("name: a\nlabels: [a]\ntcp: {address: 'a:1'}\n").check);
}

}  // namespace
}  // namespace nines::config::check_decoder_test
