// SPDX-License-Identifier: Apache-2.0
#include "probes/http_cookies.h"

#include <gtest/gtest.h>

namespace nines::probes::http_cookies_test {
namespace {

const WallTime kNow = *parse_rfc3339("2026-11-24T08:00:00Z");

struct Jar {
  Jar& take(const std::string& from, const std::string& line) {
    jar.take(*parse_url(from), line, kNow);
    return *this;
  }

  std::string sent(const std::string& to) const { return jar.header_for(*parse_url(to)); }

  CookieJar jar;
};

TEST(CookieJar, SendsBackToTheHostThatSetIt) {
  Jar jar;
  jar.take("http://a.example/x/y", "a=1").take("http://a.example/", " b = two words ; HttpOnly");
  EXPECT_EQ(jar.sent("http://a.example/x/z"), "a=1; b=two words");
  EXPECT_EQ(jar.sent("https://A.example:8443/"), "b=two words") << "ports and schemes share";
  for (const char* other : {"http://b.example/", "http://sub.a.example/x/", "http://example/"}) {
    EXPECT_EQ(jar.sent(other), "") << other;
  }
}

TEST(CookieJar, TakesADomainThatIsItsOwn) {
  const std::tuple<const char*, const char*, bool> table[] = {
      {"http://www.a.example/", "a.example", true},
      {"http://www.a.example/", ".A.Example", true},
      {"http://www.a.example/", "www.a.example", true},
      {"http://www.a.example/", "example", false},  // no dot: a public suffix, as far as we know
      {"http://www.a.example/", "b.example", false},
      {"http://www.a.example/", "w.a.example", false},
      {"http://xa.example/", "a.example", false},
      {"http://a.example/", "www.a.example", false},
      {"http://localhost/", "localhost", true},
      {"http://192.0.2.1/", "0.2.1", false},
      {"http://192.0.2.1/", "192.0.2.1", true},
      {"http://[2001:db8::1]/", "[2001:db8::1]", true},
      {"http://www.a.example/", "a.example.", false},
      {"http://www.a.example/", "", true}};
  for (const auto& [from, domain, taken] : table) {
    Jar jar;
    jar.take(from, std::string("a=1; Domain=") + domain);
    EXPECT_EQ(jar.jar.size(), taken ? 1U : 0U) << from << ' ' << domain;
    EXPECT_EQ(jar.sent(from), taken ? "a=1" : "") << from << ' ' << domain;
  }
  Jar jar;
  jar.take("http://www.a.example/", "a=1; domain=a.example");
  EXPECT_EQ(jar.sent("http://a.example/"), "a=1");
  EXPECT_EQ(jar.sent("http://x.y.a.example/"), "a=1");
  EXPECT_EQ(jar.sent("http://ba.example/"), "");
}

TEST(CookieJar, KeepsToPaths) {
  Jar jar;
  jar.take("http://a.example/docs/web/page?q=/", "deep=1");
  jar.take("http://a.example/docs/x", "own=1; Path=/docs");
  jar.take("http://a.example/", "root=1; path=relative");
  EXPECT_EQ(jar.sent("http://a.example/docs/web/"), "deep=1; own=1; root=1") << "long paths first";
  EXPECT_EQ(jar.sent("http://a.example/docs/web"), "deep=1; own=1; root=1");
  EXPECT_EQ(jar.sent("http://a.example/docs"), "own=1; root=1");
  EXPECT_EQ(jar.sent("http://a.example/docsify"), "root=1");
  EXPECT_EQ(jar.sent("http://a.example"), "root=1");
}

TEST(CookieJar, KeepsSecureOnesOffPlainHttp) {
  Jar jar;
  jar.take("https://a.example/", "a=1; Secure").take("http://a.example/", "b=1; secure");
  EXPECT_EQ(jar.sent("https://a.example/"), "a=1");
  EXPECT_EQ(jar.sent("http://a.example/"), "");
  jar.take("https://a.example/", "__Secure-x=1")
      .take("https://a.example/", "__Host-y=1; Secure; Path=/x");
  jar.take("https://a.example/", "__Host-z=1; Secure; Path=/; Domain=a.example");
  EXPECT_EQ(jar.jar.size(), 1U);
  jar.take("https://a.example/", "__Host-w=1; Secure; Path=/");
  EXPECT_EQ(jar.jar.size(), 2U);
}

TEST(CookieJar, ReplacesAndForgets) {
  const std::string url = "http://a.example/";
  Jar jar;
  jar.take(url, "a=1").take(url, "b=2").take(url, "a=3");
  EXPECT_EQ(jar.sent(url), "b=2; a=3");
  jar.take(url, "a=; Max-Age=0");
  EXPECT_EQ(jar.sent(url), "b=2");
  jar.take(url, "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(jar.sent(url), "");
  jar.take(url, "c=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60");
  jar.take(url, "d=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  jar.take(url, "e=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT").take(url, "f=1; Max-Age=-1");
  EXPECT_EQ(jar.sent(url), "c=1; d=1; e=1") << "Max-Age goes before Expires";
}

TEST(CookieJar, IgnoresWhatIsNoCookie) {
  Jar jar;
  for (const char* line : {"", ";", "novalue", "=1", "  = 1", "a\x01=1", "a=b\x7F", "; a=1"}) {
    jar.take("http://a.example/", line);
  }
  EXPECT_EQ(jar.jar.size(), 0U);
}

TEST(CookieJar, IsBounded) {
  const std::string url = "http://a.example/";
  Jar jar;
  for (int i = 0; i < 100; ++i) jar.take(url, "n" + std::to_string(i) + "=1");
  EXPECT_EQ(jar.jar.size(), CookieJar::kMostCookies);
  EXPECT_TRUE(jar.sent(url).starts_with("n68=1; ")) << "the oldest went";
  for (int i = 0; i < 4; ++i)
    jar.take(url, "big" + std::to_string(i) + "=" + std::string(6000, 'x'));
  EXPECT_LE(jar.sent(url).size(), CookieJar::kMostBytes + 100);
  EXPECT_NE(jar.sent(url).find("big3="), std::string::npos);
  jar.take(url, "huge=" + std::string(CookieJar::kMostBytes, 'x'));
  EXPECT_EQ(jar.sent(url).find("huge="), std::string::npos);
}

}  // namespace
}  // namespace nines::probes::http_cookies_test
