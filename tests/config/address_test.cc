// SPDX-License-Identifier: Apache-2.0
#include "config/address.h"

#include <gtest/gtest.h>

namespace nines::config::address_test {
namespace {

TEST(Address, TakesNamesAndLiterals) {
  for (const auto* host : {"db", "db.internal", "db.internal.", "_dmarc.example.net", "192.0.2.1",
                           "::1", "2001:db8::1", "fe80::1%eth0", "a-b.c"}) {
    EXPECT_TRUE(check_host(host)) << host;
  }
}

TEST(Address, RefusesWhatNoResolverShouldSee) {
  for (const auto& host :
       {std::string(""), std::string("a b"), std::string("a..b"), std::string(".a"),
        std::string("127.1"), std::string("1.2.3.400"), std::string("1.2.3.4.5"),
        std::string("2001:db8::g"), std::string("bücher.example"), std::string("a/b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string(64, 'a'), std::string(254, 'a'),
        std::string("fe80::1%"), std::string("fe80::1%a/b")}) {
    EXPECT_FALSE(check_host(host)) << host;
  }
}

TEST(Address, SplitsHostAndPort) {
  const auto v4 = parse_host_port("db.internal:5432");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->host, "db.internal");
  EXPECT_EQ(v4->port, 5432);
  const auto v6 = parse_host_port("[2001:db8::1]:443");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "2001:db8::1");
  const auto usual = parse_host_port("db", 53);
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->port, 53);
}

TEST(Address, RefusesBadPortsAndBareIpv6) {
  for (const auto* text : {"db", "db:", "db:0", "db:65536", "db:-1", "db:+1", "db:1x", "db: 1",
                           "2001:db8::1:443", "[2001:db8::1]", "[2001:db8::1:443", "[db]:1",
                           "[::1]x:1", ":1", "db:99999999999999999999"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

TEST(Address, TakesUrlsApart) {
  const auto url = parse_url("HTTPS://shop.example:8443/a/b?c=d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "shop.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/a/b?c=d");
  const auto bare = parse_url("http://[::1]?x");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->host, "::1");
  EXPECT_EQ(bare->port, 0);
  EXPECT_EQ(bare->path, "?x");
}

TEST(Address, RefusesUrlsThatMeanTwoThings) {
  for (const auto& text :
       {std::string("shop.example"), std::string("://x"), std::string("http://"),
        std::string("http:///x"), std::string("http://a b/"), std::string("http://a/\r\nX: y"),
        std::string("http://a/#f"), std::string("http://a:0/"), std::string("http://a:b/"),
        std::string("http://a\\@b/"), std::string("http://é/"), std::string("ht tp://a/"),
        "http://a/" + std::string(2000, 'x')}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Address, DoesNotShowThePasswordOfAUrl) {
  const auto url = parse_url("https://user:hunter2@shop.example/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos) << url.error().message;
}

}  // namespace
}  // namespace nines::config::address_test
