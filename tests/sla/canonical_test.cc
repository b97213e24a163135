// SPDX-License-Identifier: Apache-2.0
#include "sla/text/canonical.h"

#include <gtest/gtest.h>

namespace nines::sla::canonical_test {
namespace {

std::string canonical(const std::string& text) {
  config::Complaints complaints;
  const auto node = config::parse_yaml(text, "x.yaml", complaints);
  EXPECT_TRUE(node && complaints.empty()) << complaints.text();
  return node ? canonical_json(*node) : "";
}

TEST(Canonical, SortsKeysAndForgetsLayout) {
  EXPECT_EQ(canonical("b: 1\na: {d: x, c: [true, \"true\", 07, -3]}  # note\n"),
            R"({"a":{"c":[true,"true","07",-3],"d":"x"},"b":1})");
  EXPECT_EQ(canonical("a: \"99.9\"\n"), canonical("\"a\":   '99.9'\n"));
}

TEST(Canonical, EscapesAsJsonDoesAndKeepsOtherLettersAsTheyAre) {
  EXPECT_EQ(canonical("a: \"\\t\\\"\\\\ 网\\u0001/\"\n"), "{\"a\":\"\\t\\\"\\\\ 网\\u0001/\"}");
}

TEST(Canonical, SortsByUtf16Units) {
  // U+10000 is D800 DC00 in UTF-16 and so comes before U+E000.
  EXPECT_EQ(canonical("\"\\U0000E000\": 1\n\"\\U00010000\": 2\n\"z\": 3\n"),
            "{\"z\":3,\"\xF0\x90\x80\x80\":2,\"\xEE\x80\x80\":1}");
}

TEST(Fractions, MustBeQuoted) {
  const auto complaint = [](const std::string& value) {
    config::Complaints complaints;
    const auto node = config::parse_yaml("a: [x, " + value + "]\n", "x.yaml", complaints);
    forbid_fractions(*node, complaints);
    return complaints.text();
  };
  for (const char* good :
       {"\"99.9\"", "99", "-1", "2.1.0", "1e", "30s", "1-2", "9007199254740992"}) {
    EXPECT_EQ(complaint(good), "") << good;
  }
  for (const char* bad : {"99.9", "-0.5", "1e3", "1.", "2E-7", "9007199254740993"}) {
    EXPECT_NE(complaint(bad).find("in quotes"), std::string::npos) << bad;
  }
}

}  // namespace
}  // namespace nines::sla::canonical_test
