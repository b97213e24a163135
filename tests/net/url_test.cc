// SPDX-License-Identifier: Apache-2.0
// At stake: handlers and access rules see one meaning of a target, whatever escapes a client plays
// with.
#include "net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nines::net::url_test {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ParseTarget, DecodesPathAndQuery) {
  const auto got = parse_target("/a%20b/c+d?x=1&y=a+b%26c&&flag&z=");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->path, "/a b/c+d");
  EXPECT_THAT(got->query,
              ElementsAre(Pair("x", "1"), Pair("y", "a b&c"), Pair("flag", ""), Pair("z", "")));
}

TEST(ParseTarget, KeepsWhatIsHarmless) {
  for (const char* good :
       {"/", "//", "/a//b", "/a.b", "/..a", "/a..", "/.a/", "/?", "/?a=?/", "/%25", "/caf%C3%A9"}) {
    EXPECT_TRUE(parse_target(good)) << good;
  }
}

TEST(ParseTarget, RefusesTheRest) {
  for (const char* bad : {"",        "a",     "*",       "http://x/a", "x:443",        "/a b",
                          "/a#b",    "/%",    "/%2",     "/%zz",       "/%0",          "/a%00b",
                          "/?a=%00", "/?a=%", "/?%zz=1", "/%2e%2e/a",  "/a/../b",      "/a/.",
                          "/..",     "/./a",  "/a/%2E",  "/a%2fb",     "/a%2Fb",       "/a%0ab",
                          "/a%7f",   "/%ff",  "/?a=%ff", "/%c0%af",    "/caf\xc3\xa9", "/a\tb"}) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
}

TEST(ParseTarget, BoundsTheParameters) {
  std::string target = "/?";
  for (int i = 0; i < 64; ++i) target += "a=b&";
  EXPECT_TRUE(parse_target(target));
  EXPECT_FALSE(parse_target(target + "a=b"));
}

TEST(PercentEncode, RoundTrips) {
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  const auto got = parse_target("/?v=" + percent_encode(all + "\xc3\xa9"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->query.front().second, all + "\xc3\xa9");
  EXPECT_EQ(percent_encode("a-b._~/ "), "a-b._~%2F%20");
}

TEST(ValidUtf8, KnowsTheBoundaries) {
  for (const char* good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(valid_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc2", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                          "\xff", "a\xc2z", "\xe2\x28\xa1", "\xf0\x9f\x98"}) {
    EXPECT_FALSE(valid_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace nines::net::url_test
