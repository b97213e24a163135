// SPDX-License-Identifier: Apache-2.0
#include "cli/fields.h"

#include <gtest/gtest.h>

#include "cli/report_verdict.h"

namespace nines::cli::fields_test {
namespace {

TEST(Fields, WhatIsMissingOrOfAnotherTypeReadsAsAbsent) {
  const Json json = {{"a", 1}, {"b", "x"}, {"c", nullptr}, {"d", UINT64_MAX}, {"e", 1.5}};
  EXPECT_EQ(number_in(json, "a"), 1);
  EXPECT_EQ(number_in(json, "b"), std::nullopt);
  EXPECT_EQ(number_in(json, "d"), std::nullopt);
  EXPECT_EQ(number_in(json, "e"), std::nullopt);
  EXPECT_EQ(number_in(json, "z"), std::nullopt);
  EXPECT_EQ(number_in(Json::array(), "a"), std::nullopt);
  EXPECT_EQ(text_in(json, "a"), "");
  EXPECT_EQ(text_in(json, "b"), "x");
  EXPECT_TRUE(field(json, "c").is_null());
  EXPECT_EQ(instant_in(json, "b"), std::nullopt);
  EXPECT_FALSE(flag_in(json, "a"));
}

TEST(Fields, AnAnswerThatIsNoJsonIsAnError) {
  EXPECT_FALSE(parse_answer("<html>"));
  EXPECT_FALSE(parse_answer(""));
  EXPECT_TRUE(parse_answer("{}"));
}

TEST(Fields, AgesAreShort) {
  EXPECT_EQ(age_text(seconds(-5)), "0s");
  EXPECT_EQ(age_text(seconds(59)), "59s");
  EXPECT_EQ(age_text(seconds(119)), "1m");
  EXPECT_EQ(age_text(minutes(60)), "1h");
  EXPECT_EQ(age_text(minutes(192)), "3h12m");
  EXPECT_EQ(age_text(hours(76)), "3d4h");
}

TEST(Fields, InstantsAreCutToSeconds) {
  EXPECT_EQ(clock_text(*parse_rfc3339("2026-11-23T08:00:00.999999999Z")), "2026-11-23 08:00:00Z");
  EXPECT_EQ(clock_text(*parse_rfc3339("1969-12-31T23:59:59.5Z")), "1969-12-31 23:59:59Z");
}

TEST(Fields, SizesForPeople) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(64 << 20), "64 MiB");
  EXPECT_EQ(bytes_text(1'600'000), "1.5 MiB");
  EXPECT_EQ(bytes_text(1'048'575), "1.0 MiB");
}

TEST(Fields, PathsAreEncoded) {
  EXPECT_EQ(percent_encoded("shop-http_1.a~"), "shop-http_1.a~");
  EXPECT_EQ(percent_encoded("icmp://gateway"), "icmp%3A%2F%2Fgateway");
  EXPECT_EQ(percent_encoded("a&b=\xc3\xa9 ?#"), "a%26b%3D%C3%A9%20%3F%23");
}

TEST(Verdicts, TheWorstIsTheExitCode) {
  const auto code = [](std::initializer_list<const char*> verdicts) {
    Json report = {{"objectives", Json::array()}};
    for (const auto* verdict : verdicts) report["objectives"].push_back({{"verdict", verdict}});
    return code_of_report(report);
  };
  EXPECT_EQ(code({"MET", "NOT_APPLICABLE"}), 0);
  EXPECT_EQ(code({"MET", "INDETERMINATE"}), 3);
  EXPECT_EQ(code({"NO_DATA", "MET"}), 3);
  EXPECT_EQ(code({"INDETERMINATE", "BREACHED", "MET"}), 2);
  EXPECT_EQ(code({"NONSENSE"}), 3);
  EXPECT_EQ(code_of_report(Json::object()), 3);
}

}  // namespace
}  // namespace nines::cli::fields_test
