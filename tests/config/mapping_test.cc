// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/yaml.h"

namespace nines::config::mapping_test {
namespace {

// Parses "v: TEXT", converts it with `convert`, and answers what was complained of.
template <class Convert>
auto converted(const std::string& text, Convert convert, std::string* said = nullptr) {
  Complaints complaints;
  const auto root = parse_yaml("v: " + text + "\n", "f", complaints);
  EXPECT_TRUE(root);
  const auto value = convert(*root->find("v"), complaints);
  EXPECT_EQ(value.has_value(), complaints.empty()) << text << " " << complaints.text();
  if (said != nullptr) *said = complaints.text();
  return value;
}

auto integer(std::int64_t low, std::int64_t high) {
  return [=](const Node& n, Complaints& c) { return as_integer(n, low, high, c); };
}

auto duration(const Node& n, Complaints& c) { return as_duration(n, seconds(1), hours(1), c); }

auto size(const Node& n, Complaints& c) { return as_size(n, 1, std::uint64_t{1} << 40, c); }

TEST(Scalars, TakeOneSpellingOfABoolean) {
  EXPECT_EQ(converted("true", as_bool), true);
  EXPECT_EQ(converted("false", as_bool), false);
  for (const auto* text : {"yes", "no", "True", "1", "'true'", "on", "{}", "[]"}) {
    EXPECT_EQ(converted(text, as_bool), std::nullopt) << text;
  }
}

TEST(Scalars, TakeWholeNumbersWithinTheirRange) {
  EXPECT_EQ(converted("-3", integer(-3, 5)), -3);
  EXPECT_EQ(converted("5", integer(-3, 5)), 5);
  EXPECT_EQ(converted("9223372036854775807", integer(0, INT64_MAX)), INT64_MAX);
  std::string said;
  EXPECT_EQ(converted("6", integer(-3, 5), &said), std::nullopt);
  EXPECT_EQ(said, "f:1:4: error: '6' is out of range (-3 to 5)\n");
  for (const auto* text : {"010", "0x10", "1e3", "1.0", "+1", "--1", "1_000", "''", "[1]",
                           "99999999999999999999", "9223372036854775808"}) {
    EXPECT_EQ(converted(text, integer(INT64_MIN, INT64_MAX)), std::nullopt) << text;
  }
}

TEST(Scalars, TakeDurationsWithinTheirRange) {
  EXPECT_EQ(converted("1m30s", duration), seconds(90));
  EXPECT_EQ(converted("1s", duration), seconds(1));
  std::string said;
  EXPECT_EQ(converted("30", duration, &said), std::nullopt);
  EXPECT_EQ(said, "f:1:4: error: '30' is not a duration (write 500ms, 30s, 5m, 1h30m, 1d)\n");
  EXPECT_EQ(converted("2h", duration, &said), std::nullopt);
  EXPECT_EQ(said, "f:1:4: error: '2h' is out of range (1s to 1h)\n");
}

TEST(Scalars, TakeSizesInPowersOfTwo) {
  EXPECT_EQ(converted("64KiB", size), std::uint64_t{65536});
  EXPECT_EQ(converted("512B", size), std::uint64_t{512});
  EXPECT_EQ(converted("512", size), std::uint64_t{512});
  EXPECT_EQ(converted("2GiB", size), std::uint64_t{2} << 30);
  for (const auto* text :
       {"64KB", "64k", "1.5MiB", "-1", "64 KiB", "KiB", "0", "99999999999GiB", "17179869184GiB"}) {
    EXPECT_EQ(converted(text, size), std::nullopt) << text;
  }
}

TEST(Scalars, TakeOneTextOrAListOfThem) {
  EXPECT_EQ(converted("a", as_texts), (std::vector<std::string>{"a"}));
  EXPECT_EQ(converted("[a, 'b c']", as_texts), (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(converted("[a, [b]]", as_texts), std::nullopt);
}

TEST(Scalars, RefuseControlBytesInTexts) {
  EXPECT_EQ(converted("\"a\\nb\"", as_text), "a\nb");
  EXPECT_EQ(converted("\"a\\0b\"", as_text), std::nullopt);
  EXPECT_EQ(converted("\"a\\eb\"", as_text), std::nullopt);
}

TEST(Mapping, ComplainsOfWhatNobodyAskedFor) {
  Complaints complaints;
  const auto root = parse_yaml("intervall: 1\ntimeout: 5s\nzzz: 1\n", "f", complaints);
  Mapping mapping(*root, complaints, "check 'a'");
  EXPECT_EQ(mapping.take("interval"), nullptr);
  EXPECT_EQ(mapping.take_duration("timeout", seconds(1), seconds(9)), seconds(5));
  mapping.finish();
  EXPECT_EQ(complaints.text(),
            "f:1:1: error: unknown key 'intervall' in check 'a' (did you mean 'interval'?)\n"
            "f:3:1: error: unknown key 'zzz' in check 'a'\n");
}

TEST(Mapping, SaysWhichKeyIsMissing) {
  Complaints complaints;
  const auto root = parse_yaml("a: 1\n", "f", complaints);
  Mapping mapping(*root, complaints, "check 'a'");
  EXPECT_EQ(mapping.require_text("url"), std::nullopt);
  EXPECT_EQ(complaints.text(), "f:1:1: error: check 'a' has no 'url'\n");
}

TEST(Mapping, SaysOnceThatItIsNone) {
  Complaints complaints;
  const auto root = parse_yaml("[1, 2]\n", "f", complaints);
  Mapping mapping(*root, complaints, "the file");
  EXPECT_EQ(mapping.require("url"), nullptr);
  mapping.finish();
  EXPECT_EQ(complaints.text(), "f:1:1: error: the file must be a mapping (key: value)\n");
}

TEST(Mapping, SaysNothingMoreOfWhatIsBrokenAlready) {
  Complaints complaints;
  const auto root = parse_yaml("a: ~\n", "f", complaints);
  ASSERT_EQ(complaints.size(), 1U);
  Mapping mapping(*root, complaints, "the file");
  EXPECT_EQ(mapping.take_duration("a", seconds(1), seconds(2)), std::nullopt);
  EXPECT_EQ(complaints.size(), 1U);
}

TEST(Nearest, FindsASlipOfTheFinger) {
  const std::vector<std::string> known{"every", "timeout", "url", "priority"};
  EXPECT_EQ(nearest("evrey", known), "every");
  EXPECT_EQ(nearest("time_out", known), "timeout");
  EXPECT_EQ(nearest("uri", known), "url");
  EXPECT_EQ(nearest("prio", known), "");
  EXPECT_EQ(nearest("banana", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(100'000, 'a'), known), "");
}

}  // namespace
}  // namespace nines::config::mapping_test
