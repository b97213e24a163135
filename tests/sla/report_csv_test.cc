// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_csv.h"

#include <gtest/gtest.h>

#include <map>

#include "support.h"

namespace nines::sla::report_csv_test {
namespace {

using Rows = std::vector<std::map<std::string, std::string>>;

// RFC 4180: fields in quotes may hold anything, quotes doubled; lines end in CRLF.
std::vector<std::vector<std::string>> fields_of(const std::string& csv) {
  std::vector<std::vector<std::string>> out(1);
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (quoted && c == '"' && csv[i + 1] == '"') {
      field += csv[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '\r')) {
      out.back().push_back(field);
      field.clear();
    } else if (!quoted && c == '\n') {
      EXPECT_EQ(csv[i - 1], '\r');
      out.emplace_back();
    } else {
      field += c;
    }
  }
  EXPECT_TRUE(out.back().empty()) << "the last line has no end";
  out.pop_back();
  return out;
}

Rows rows_of(const Report& report) {
  const auto lines = fields_of(report_csv(report));
  Rows out;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].size(), lines[0].size());
    out.emplace_back();
    for (std::size_t k = 0; k < lines[0].size(); ++k) {
      EXPECT_TRUE(out.back().emplace(lines[0][k], lines[i].at(k)).second) << lines[0][k];
    }
  }
  return out;
}

// One day at 30 s: 90 s down from 00:10, 600 s unmeasured from 01:00.
Series day() {
  Series all = series();
  const std::int64_t from = at("2026-03-02T00:00:00Z");
  for (std::int64_t t = 0; t < 86'400; t += 30) {
    Outcome outcome = t >= 600 && t < 690 ? Outcome::down : Outcome::up;
    if (t >= 3600 && t < 4200) outcome = Outcome::unknown;
    all.samples.push_back({from + t * kSecondNs, outcome, {}, 120'000});
  }
  return all;
}

TEST(ReportCsv, HasARowForEachObjective) {
  Words words;
  words.objectives =
      "    - {name: availability, target: \"99.9\"}\n"
      "    - {name: speed, statistic: mean, max: 1500us}\n";
  const Rows rows = rows_of(judged(words, {day()}, "2026-03-02"));
  ASSERT_EQ(rows.size(), 2U);
  auto row = rows[0];
  EXPECT_EQ(row["agreement"], "acme");
  EXPECT_EQ(row["objective"], "availability");
  EXPECT_EQ(row["part"], "period");
  EXPECT_EQ(row["from"], "2026-03-02T00:00:00Z");
  EXPECT_EQ(row["target"], "99.9");
  EXPECT_EQ(row["value"], "99.895");
  EXPECT_EQ(row["unit"], "%");
  EXPECT_EQ(row["verdict"], "BREACHED");
  EXPECT_EQ(row["certain"], "false");
  EXPECT_EQ(row["worst_value"], "99.201");
  EXPECT_EQ(row["nominal"], "0.998951048951");
  EXPECT_EQ(row["unknown_s"], "600");
  EXPECT_EQ(row["down_s"], "90");
  EXPECT_EQ(row["up_s"], "85710");
  EXPECT_EQ(row["down_min_s"], "60");
  EXPECT_EQ(row["down_max_s"], "120");
  EXPECT_EQ(row["budget_total_s"], "86.4");
  EXPECT_EQ(row["budget_left_s"], "-3.6");
  EXPECT_EQ(row["outages"], "1");
  EXPECT_EQ(row["results"], "2880");
  EXPECT_TRUE(row["digest"].starts_with("sha256:"));
  row = rows[1];
  EXPECT_EQ(row["statistic"], "mean");
  EXPECT_EQ(row["value"], "120.000");
  EXPECT_EQ(row["unit"], "ms");
  EXPECT_EQ(row["worst"], "");
  EXPECT_EQ(row["budget_total_s"], "");
}

TEST(ReportCsv, HasARowForEachVersionOfAPeriodWithSeveral) {
  Words two;
  two.version = "\"2.0.0\"";
  two.effective = "{from: \"2026-03-02T12:00:00\", timeZone: UTC}";
  two.objectives = "    - {name: availability, target: \"99\"}\n";
  const Rows rows = rows_of(
      judged({agreement(Words{}), agreement(two)}, {day()}, Question{"2026-03-02", std::nullopt}));
  ASSERT_EQ(rows.size(), 3U);
  std::int64_t up = 0;
  for (auto row : {rows[1], rows[2]}) {
    EXPECT_EQ(row["part"], "version");
    EXPECT_EQ(row["budget_total_s"], "");
    up += std::stoll(row["up_s"]);
  }
  auto second = rows[2];
  EXPECT_EQ(second["version"], "2.0.0");
  EXPECT_EQ(second["target"], "99");
  EXPECT_EQ(second["from"], "2026-03-02T12:00:00Z");
  EXPECT_EQ(second["verdict"], "MET");
  auto whole = rows[0];
  EXPECT_EQ(std::to_string(up), whole["up_s"]);
}

TEST(ReportCsv, QuotesAndDisarmsWhatCouldBeAFormula) {
  Report report = judged(Words{}, {day()}, "2026-03-02");
  const auto as = [&](const std::string& name) {
    report.objectives[0].name = name;
    return rows_of(report)[0]["objective"];
  };
  EXPECT_EQ(as("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
  EXPECT_EQ(as("+1"), "'+1");
  EXPECT_EQ(as("-1"), "'-1");
  EXPECT_EQ(as("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(as("a,\"b\""), "a,\"b\"");
  EXPECT_EQ(as("a\r\n=b"), "a  =b");
  EXPECT_EQ(as("\t=b"), "' =b");
  EXPECT_EQ(as("plain"), "plain");
}

}  // namespace
}  // namespace nines::sla::report_csv_test
