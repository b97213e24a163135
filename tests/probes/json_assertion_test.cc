// SPDX-License-Identifier: Apache-2.0
#include "probes/json_assertion.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/random.h"

namespace nines::probes::json_assertion_test {
namespace {

using Kind = JsonValue::Kind;
using Op = JsonExpect::Op;

JsonValue at(std::string_view json, const std::string& pointer) {
  const auto values = find_values(json, {pointer});
  EXPECT_TRUE(values) << (values ? "" : values.error().message) << " in " << json;
  return values ? values->front() : JsonValue{};
}

TEST(JsonAssertion, FindsTheExamplesOfRfc6901) {
  const std::string json = R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,)"
                           R"("i\\j":5,"k\"l":6," ":7,"m~n":8})";
  EXPECT_EQ(at(json, "").kind, Kind::object);
  EXPECT_EQ(at(json, "/foo").kind, Kind::array);
  EXPECT_EQ(at(json, "/foo/0").text, "bar");
  EXPECT_EQ(at(json, "/foo/1").text, "baz");
  const std::pair<const char*, const char*> table[] = {
      {"/", "0"},     {"/a~1b", "1"}, {"/c%d", "2"}, {"/e^f", "3"}, {"/g|h", "4"},
      {"/i\\j", "5"}, {"/k\"l", "6"}, {"/ ", "7"},   {"/m~0n", "8"}};
  for (const auto& [pointer, text] : table) EXPECT_EQ(at(json, pointer).text, text) << pointer;
  for (const char* pointer : {"/foo/2", "/foo/00", "/foo/-", "/foo/0/x", "/bar", "/foo/bar"}) {
    EXPECT_EQ(at(json, pointer).kind, Kind::missing) << pointer;
  }
}

TEST(JsonAssertion, TakesTheLastOfTwoKeysOfOneName) {
  EXPECT_EQ(at(R"({"a":1,"a":2})", "/a").text, "2");
  EXPECT_EQ(at(R"({"a":{"b":1},"a":2})", "/a/b").kind, Kind::missing);
  EXPECT_EQ(at(R"({"a":{"b":1},"a":{"b":3}})", "/a/b").text, "3");
}

TEST(JsonAssertion, DecodesTexts) {
  EXPECT_EQ(at(R"(["\u00e9\ud83d\ude00\n\/"])", "/0").text, "\xC3\xA9\xF0\x9F\x98\x80\n/");
  EXPECT_EQ(at("{\"gr\\u00fcn\":true}", "/gr\xC3\xBCn").kind, Kind::boolean);
  EXPECT_EQ(at("\xEF\xBB\xBF[1]", "/0").text, "1") << "a byte order mark is passed over";
}

TEST(JsonAssertion, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "1e",
                           "-",
                           "nul",
                           "truee",
                           "[1] x",
                           "\"a",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"a\nb\"",
                           "{\"a\" 1}",
                           "[1 2]",
                           "]",
                           "{1:2}",
                           "\"\xff\"",
                           "\"\\u12g4\"",
                           "NaN"}) {
    EXPECT_FALSE(find_values(text, {"/a"})) << text;
  }
}

TEST(JsonAssertion, BoundsDepthWithoutRecursion) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(find_values(nested(kMaxJsonDepth), {""}));
  const auto refused = find_values(nested(kMaxJsonDepth + 1), {""});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "more than 200 levels");
  EXPECT_FALSE(find_values(std::string(5'000'000, '['), {""}));
}

// Another reader of the same grammar must say yes and no where ours does.
TEST(JsonAssertion, AgreesWithAnotherReader) {
  Random random(42);
  constexpr std::string_view kParts[] = {"{",     "}",       "[",  "]",      ",",       ":",
                                         "\"a\"", "\"\\n\"", "1",  "0",      "-1.5e-3", "true",
                                         " ",     "null",    "\"", "\\u0041"};
  int good = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    const auto length = 1 + random.below(7);
    for (std::uint64_t j = 0; j < length; ++j) text += kParts[random.below(std::size(kParts))];
    const bool theirs = nlohmann::json::accept(text);
    EXPECT_EQ(find_values(text, {"/a"}).has_value(), theirs) << text;
    good += theirs ? 1 : 0;
  }
  EXPECT_GT(good, 100);
}

TEST(JsonAssertion, ComparesDecimalsExactly) {
  const std::vector<std::vector<std::string>> rising = {
      {"-1e400"},
      {"-2", "-2.0", "-20e-1"},
      {"-0.1000000000000000000001"},
      {"-0.1", "-1e-1"},
      {"-1e-400"},
      {"0", "-0", "0.000", "0e99999999999999999999", "-0.0"},
      {"1e-400"},
      {"0.09999999999999999999"},
      {"0.1", "1e-1", "0.10", "10E-2", "0.01e+1"},
      {"0.1000000000000000055511151231257827"},
      {"1", "1.0", "1e0", "100e-2", "0.00001e5"},
      {"9007199254740992"},
      {"9007199254740993"},
      {"18446744073709551616"},
      {"1e400", "10e399", "0.1e401"},
      {"1e99999999999999999999"}};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t j = 0; j < rising.size(); ++j) {
      for (const auto& a : rising[i]) {
        for (const auto& b : rising[j]) {
          EXPECT_EQ(compare_decimals(a, b), i <=> j) << a << " and " << b;
        }
      }
    }
  }
}

TEST(JsonAssertion, HasATruthTable) {
  const std::string json = R"({"n":5,"big":1e400,"s":"5","t":true,"z":null,"a":[1],"o":{},"e":""})";

  struct Row {
    const char* pointer;
    Op op;
    const char* operand;
    bool good;
  };

  const Row table[] = {{"/n", Op::equals, "5", true},        {"/n", Op::equals, "5.0", true},
                       {"/n", Op::equals, "6", false},       {"/n", Op::equals, "\"5\"", false},
                       {"/s", Op::equals, "\"5\"", true},    {"/s", Op::equals, "5", false},
                       {"/e", Op::equals, "\"\"", true},     {"/t", Op::equals, "true", true},
                       {"/t", Op::equals, "false", false},   {"/t", Op::equals, "\"true\"", false},
                       {"/z", Op::equals, "false", false},   {"/a", Op::equals, "1", false},
                       {"/o", Op::equals, "\"\"", false},    {"/none", Op::equals, "1", false},
                       {"/big", Op::equals, "1e400", true},  {"/n", Op::not_equals, "6", true},
                       {"/n", Op::not_equals, "5", false},   {"/n", Op::not_equals, "\"5\"", true},
                       {"/z", Op::not_equals, "1", true},    {"/none", Op::not_equals, "1", false},
                       {"/a", Op::not_equals, "1", true},    {"/n", Op::below, "6", true},
                       {"/n", Op::below, "5", false},        {"/n", Op::below, "4", false},
                       {"/s", Op::below, "6", false},        {"/none", Op::below, "6", false},
                       {"/n", Op::above, "4", true},         {"/n", Op::above, "5", false},
                       {"/big", Op::above, "1e399", true},   {"/big", Op::below, "1e401", true},
                       {"/t", Op::above, "0", false},        {"/z", Op::below, "1", false},
                       {"/n", Op::exists, "true", true},     {"/z", Op::exists, "true", true},
                       {"/none", Op::exists, "true", false}, {"/none", Op::exists, "false", true},
                       {"/z", Op::exists, "false", false}};
  for (const auto& row : table) {
    const JsonExpect expect{row.pointer, row.op, row.operand};
    const auto wrong = judge_value(expect, at(json, row.pointer));
    EXPECT_EQ(wrong.empty(), row.good)
        << row.pointer << ' ' << static_cast<int>(row.op) << ' ' << row.operand << ": " << wrong;
  }
}

TEST(JsonAssertion, SaysWhatItFound) {
  EXPECT_EQ(judge_value({"/n", Op::below, "3"}, {Kind::number, "5"}), "/n is 5, expected below 3");
  EXPECT_EQ(judge_value({"", Op::equals, "3"}, {Kind::array, ""}),
            "the document is an array, expected 3");
  EXPECT_EQ(judge_value({"/x", Op::exists, "true"}, {}), "/x is missing");
  EXPECT_EQ(judge_value({"/x", Op::exists, "false"}, {Kind::null, ""}),
            "/x is there, and must not be");
}

}  // namespace
}  // namespace nines::probes::json_assertion_test
