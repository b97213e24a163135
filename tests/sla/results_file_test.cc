// SPDX-License-Identifier: Apache-2.0
#include "sla/input/results_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "sla/input/lines.h"
#include "support.h"

namespace nines::sla::results_file_test {
namespace {

std::string line(const std::string& second,
                 const std::string& outcome,
                 const std::string& more = "") {
  return R"({"check":"web","vantage":"a","started":"2026-03-02T00:00:)" + second +
         R"(Z","outcome":")" + outcome + "\"" + more + "}\n";
}

Results read(const std::string& text) {
  std::istringstream in(text);
  auto out = read_results(in, "r.jsonl");
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? *std::move(out) : Results{};
}

std::string refusal(const std::string& text) {
  std::istringstream in(text);
  const auto out = read_results(in, "r.jsonl");
  return out ? "" : out.error().message;
}

TEST(ResultsFile, NeedsOnlyFourKeysAndIgnoresUnknownOnes) {
  const Results r = read(
      line("00", "up") + "\n  \r\n" +
      line("30", "down",
           R"(,"total_us":48211,"reason":"tls_certificate_expired","icmp":null,"x":{"y":[1]})"));
  ASSERT_EQ(r.series.size(), 1U);
  EXPECT_EQ(r.series[0].check, "web");
  EXPECT_EQ(r.series[0].vantage, "a");
  EXPECT_FALSE(r.series[0].check_digest);
  ASSERT_EQ(r.series[0].samples.size(), 2U);
  EXPECT_EQ(unpacked(r.series[0].samples)[1].at_ns, at("2026-03-02T00:00:30Z"));
  EXPECT_EQ(unpacked(r.series[0].samples)[1].total_us, 48'211);
  EXPECT_TRUE(r.warnings.empty());
}

TEST(ResultsFile, TakesTheSameResultOnce) {
  const Results r = read(line("00", "up") + line("00", "up") +
                         line("00", "up", R"(,"received":"2026-03-02T01:00:00Z")"));
  EXPECT_EQ(r.count, 1U);
  EXPECT_EQ(r.duplicates, 2U);
  EXPECT_TRUE(r.warnings.empty());
}

TEST(ResultsFile, InPartsIsWhatItIsInOne) {
  const auto other = [](const std::string& text) {
    return std::string(text).replace(text.find("web"), 3, "api");
  };
  const std::vector<std::string> parts = {
      line("00", "up") + line("30", "down"),
      line("00", "down") + line("30", "down") + line("40", "up"), other(line("00", "up"))};
  const auto text_of = [&](const std::string& name) { return parts.at(std::stoul(name)); };
  const auto in_parts = read_results_in_parts({"0", "1", "2"}, text_of);
  ASSERT_TRUE(in_parts) << in_parts.error().message;
  const auto in_one = read(parts[0] + parts[1] + parts[2]);
  EXPECT_EQ(in_parts->count, 4U);
  EXPECT_EQ(in_parts->count, in_one.count);
  EXPECT_EQ(in_parts->duplicates, 1U);
  EXPECT_EQ(in_parts->conflicts, 1U);
  ASSERT_EQ(in_parts->series.size(), 2U);
  ASSERT_EQ(in_one.series.size(), 2U);
  EXPECT_EQ(in_parts->series[0].samples.size(), in_one.series[0].samples.size());
  ASSERT_EQ(in_parts->warnings.size(), 1U);
  EXPECT_EQ(in_parts->warnings[0].values.front(), "results:3") << "numbered through";
  const auto apart = read_results_in_parts({"0", "2", "1"}, text_of);
  ASSERT_FALSE(apart);
  EXPECT_TRUE(apart.error().message.starts_with("1:1: ")) << apart.error().message;
}

TEST(ResultsFile, OfTwoDeliveriesTheFirstArrivalCounts) {
  const Results r =
      read(line("00", "up", R"(,"received":"2026-03-02T02:00:00Z")") +
           line("00", "up", R"(,"received":"2026-03-02T01:00:00Z")") + line("30", "up"));
  EXPECT_EQ(unpacked(r.series.at(0).samples).at(0).received_ns, at("2026-03-02T01:00:00Z"));
  EXPECT_EQ(unpacked(r.series.at(0).samples).at(1).received_ns, kNotReceived);
}

TEST(ResultsFile, KeepsTheFirstOfTwoThatContradict) {
  const Results r = read(line("00", "up") + line("30", "up") + line("00", "down"));
  EXPECT_EQ(r.conflicts, 1U);
  ASSERT_EQ(r.warnings.size(), 1U);
  EXPECT_EQ(warning_text(r.warnings[0]),
            "r.jsonl:3: same identity as line 1 with other content; the first stays");
  for (const Sample& sample : r.series.at(0).samples) EXPECT_EQ(sample.outcome, Outcome::up);
}

TEST(ResultsFile, IdentityIsEpochAndSequenceWhereBothAreGiven) {
  const std::string one = R"(,"epoch":"e1","seq":1)";
  const Results same = read(line("00", "up", one) + line("30", "up", one));
  EXPECT_EQ(same.count, 1U);
  EXPECT_EQ(same.conflicts, 1U);
  const Results other_epoch =
      read(line("00", "up", one) + line("00", "down", R"(,"epoch":"e2","seq":1)"));
  EXPECT_EQ(other_epoch.count, 2U);
  const Results half = read(line("00", "up", R"(,"epoch":"e1")") + line("00", "up"));
  EXPECT_EQ(half.count, 1U);
}

TEST(ResultsFile, OrderOfLinesDoesNotMatter) {
  const std::string a = line("00", "up");
  const std::string b = line("30", "down");
  const std::string c = line("45", "unknown");
  const Results first = read(a + b + c);
  const Results second = read(c + a + b);
  ASSERT_EQ(first.series.size(), 1U);
  EXPECT_EQ(first.series[0].samples, second.series.at(0).samples);
}

TEST(ResultsFile, CorrectsAClockThatIsKnownToBeWrong) {
  const Results r = read(line("30", "up", R"(,"clock_ahead_us":2000000)"));
  EXPECT_EQ(unpacked(r.series.at(0).samples).at(0).at_ns, at("2026-03-02T00:00:28Z"));
  const Results unsure =
      read(line("30", "up", R"(,"clock_ahead_us":2000000,"clock_bound_us":2500000)"));
  EXPECT_EQ(unpacked(unsure.series.at(0).samples).at(0).at_ns, at("2026-03-02T00:00:30Z"));
}

TEST(ResultsFile, SeparatesDefinitionsOfACheck) {
  const std::string digest(64, 'a');
  const Results r =
      read(line("00", "up", ",\"check_digest\":\"sha256:" + digest + "\"") + line("30", "up"));
  ASSERT_EQ(r.series.size(), 2U);
  EXPECT_EQ(std::count_if(r.series.begin(), r.series.end(),
                          [](const Series& each) { return each.check_digest.has_value(); }),
            1);
}

TEST(ResultsFile, RefusesEachBadLineWithItsNumber) {
  struct Row {
    std::string text;
    std::string expected;
  };

  const std::string good = line("00", "up");
  const Row rows[] = {
      {"nonsense\n", "r.jsonl:2: the line is not JSON"},
      {"[1]\n", "r.jsonl:2: the line is not a JSON object"},
      {"{\"check\":\"web\"", "r.jsonl:2: the line is not JSON"},
      {"{}\n", "r.jsonl:2: no text 'check'"},
      {R"({"check":7,"vantage":"a","started":"2026-03-02T00:00:00Z","outcome":"up"})",
       "no text 'check'"},
      {R"({"check":"","vantage":"a","started":"2026-03-02T00:00:00Z","outcome":"up"})",
       "'check' is empty"},
      {R"({"check":"w","vantage":"a","started":"2026-03-02","outcome":"up"})", "2026-03-02"},
      {R"({"check":"w","vantage":"a","started":"1969-03-02T00:00:00Z","outcome":"up"})",
       "outside the years"},
      {line("00", "UP"), "'outcome' is not up, down or unknown"},
      {line("00", "up", ",\"total_us\":-1"), "'total_us' is not a whole number"},
      {line("00", "up", ",\"total_us\":1.5"), "'total_us' is not a whole number"},
      {line("00", "up", ",\"total_us\":\"5\""), "'total_us' is not a whole number"},
      {line("00", "up", ",\"total_us\":18446744073709551615"), "'total_us' is not a whole number"},
      {line("00", "up", ",\"clock_ahead_us\":1e30"), "'clock_ahead_us' is not a whole number"},
      {line("00", "up", ",\"check_digest\":\"sha256:12\""), "'check_digest' is not"},
      {std::string(kMaxLine + 1, ' ') + "\n", "longer than 1 MiB"},
      {std::string(100'000, '[') + "\n", "not JSON"},
  };
  for (const Row& row : rows) {
    const std::string message = refusal(good + row.text);
    EXPECT_NE(message.find("r.jsonl:2: "), std::string::npos) << message;
    EXPECT_NE(message.find(row.expected), std::string::npos) << message;
  }
}

TEST(ResultsFile, ShowsTheFirstTwentyBadLinesAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "?\n";
  const std::string message = refusal(text);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 20);
  EXPECT_NE(message.find("and 30 more"), std::string::npos);
}

TEST(ResultsFile, SaysWhichFileItCannotOpen) {
  const auto out = read_results_file("/nonexistent/results.jsonl");
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().message.find("/nonexistent/results.jsonl: No such file"),
            std::string::npos);
}

TEST(ResultsFile, TakesTheReasonOfAnUnknownResultAsItsCause) {
  const Results r = read(line("00", "unknown", R"(,"reason":"agent_stopped")") +
                         line("10", "unknown", R"(,"reason":"of_a_newer_agent")") +
                         line("20", "unknown", R"(,"reason":["agent_stopped"])") +
                         line("30", "unknown", R"(,"reason":"connect_refused")") +
                         line("40", "unknown") + line("50", "down", R"(,"reason":"spool_full")"));
  ASSERT_EQ(r.series.size(), 1U);
  std::vector<Cause> causes;
  for (const Sample& each : r.series[0].samples) causes.push_back(each.cause);
  EXPECT_EQ(causes, (std::vector<Cause>{static_cast<Cause>(Reason::agent_stopped), Cause::unstated,
                                        Cause::unstated, Cause::unstated, Cause::unstated,
                                        Cause::answered}));
}

TEST(ResultsFile, AnotherReasonUnderTheSameIdentityIsOtherContent) {
  const std::string stopped = line("00", "unknown", R"(,"reason":"agent_stopped")");
  EXPECT_EQ(read(stopped + stopped).duplicates, 1U);
  EXPECT_EQ(read(stopped + line("00", "unknown", R"(,"reason":"agent_overlap")")).conflicts, 1U);
}

TEST(ResultsFile, TakesCanariesByTheirUris) {
  const Results r = read(
      R"({"check":"icmp://gateway","vantage":"a","started":"2026-03-02T00:00:00Z","outcome":"up"})");
  ASSERT_EQ(r.series.size(), 1U);
  EXPECT_EQ(r.series[0].check, "icmp://gateway");
}

}  // namespace
}  // namespace nines::sla::results_file_test
