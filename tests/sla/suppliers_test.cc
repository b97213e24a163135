// SPDX-License-Identifier: Apache-2.0
// Suppliers judged under their own text on the same results, and what they leave to the provider.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sla/render/report_csv.h"
#include "sla/render/report_html.h"
#include "sla/render/report_json.h"
#include "sla/render/report_text.h"
#include "support.h"

namespace nines::sla::suppliers_test {
namespace {

// A shop that needs its web check and the line of a carrier.
Words shop(const std::string& supplier) {
  Words w;
  w.checks =
      "      - {name: web, every: 30s, tcp: {address: \"shop.example:443\"}}\n"
      "      - {name: line, every: 30s, tcp: {address: \"line.example:443\"}}\n";
  w.objectives = "    - {name: availability, target: \"99\"}\n";
  w.spec =
      "  compensation: {fee: {currency: CNY, monthly: \"1000.00\", prorate: none}, tiers: "
      "[{objective: availability, missed: \"10\"}]}\n"
      "  suppliers:\n    - {name: carrier, agreement: carrier-2026, " +
      supplier + "}\n";
  return w;
}

// The line is down for 150 s of half an hour, the web check for nothing.
Report half_an_hour(const Words& words) {
  const std::int64_t from = at("2026-03-02T10:00:00Z");
  const std::int64_t to = from + 1800 * kSecondNs;
  Series web = series("edge", "web");
  add(web, from, to, 30, Outcome::up);
  Series line = series("edge", "line");
  add(line, from, from + 600 * kSecondNs, 30, Outcome::up);
  add(line, from + 600 * kSecondNs, from + 750 * kSecondNs, 30, Outcome::down);
  add(line, from + 750 * kSecondNs, to, 30, Outcome::up);
  return judged(words, {web, line}, "2026-03-02T10:00:00Z/2026-03-02T10:30:00Z");
}

TEST(Suppliers, AreJudgedByTheirPromiseWhereTheySayNothingElse) {
  const Report report = half_an_hour(shop("promise: \"99.9\", checks: [line]"));
  ASSERT_EQ(report.suppliers.size(), 1U);
  const SupplierReport& carrier = report.suppliers[0];
  EXPECT_EQ(carrier.name, "carrier");
  ASSERT_EQ(carrier.objectives.size(), 1U);
  EXPECT_EQ(carrier.objectives[0].target, "99.9");
  EXPECT_EQ(carrier.objectives[0].seconds.down, 150 * kSecondNs);
  ASSERT_EQ(carrier.backs.size(), 1U);
  EXPECT_EQ(carrier.backs[0].caused_ns, 150 * kSecondNs);
  EXPECT_EQ(carrier.backs[0].covered_ns, 150 * kSecondNs);
  EXPECT_FALSE(report.uncovered) << "the carrier pays nothing that could be counted";
}

TEST(Suppliers, HaveRowsOfTheirOwnInTheTable) {
  const std::string csv = report_csv(half_an_hour(shop("promise: \"99.9\", checks: [line]")));
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < csv.size();) {
    const auto end = csv.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    lines.push_back(csv.substr(at, end - at));
    at = end + 2;
  }
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[0].ends_with(",supplier,provider_signed,customer_signed")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with(",,,")) << "our own promise names no supplier: " << lines[1];
  EXPECT_TRUE(lines[2].ends_with(",,carrier,,")) << "nor does the supplier's have our digest";
  EXPECT_NE(lines[2].find(",99.9,"), std::string::npos) << lines[2];
  EXPECT_NE(lines[2].find("BREACHED"), std::string::npos) << lines[2];
}

TEST(Suppliers, WithoutChecksOrPromiseAreNotJudged) {
  EXPECT_TRUE(half_an_hour(shop("promise: \"99.9\"")).suppliers.empty());
  EXPECT_TRUE(half_an_hour(shop("response: 15m, checks: [line]")).suppliers.empty());
}

TEST(Suppliers, HaveRulesOfTheirOwnAndTheMeasuringOfAll) {
  Words w = shop("checks: [line], terms: {objectives: [{name: up, target: \"90\"}]}");
  w.measurement = "    confirm: {downAfter: 9}\n    vantages: [edge]\n";
  const Report report = half_an_hour(w);
  EXPECT_EQ(report.objectives[0].seconds.down, 0) << "five failures confirm nothing here";
  EXPECT_EQ(report.suppliers[0].objectives[0].seconds.down, 150 * kSecondNs);
}

TEST(Suppliers, OtherKindsOfPromiseAreComparedByVerdictOnly) {
  const Report report = half_an_hour(shop("checks: [line], preset: aws-s3@2019-07-31"));
  const Backing& backing = report.suppliers[0].backs.at(0);
  EXPECT_FALSE(backing.caused_ns);
  EXPECT_EQ(backing.ours, Verdict::breached);
  EXPECT_EQ(backing.theirs, Verdict::breached);
}

TEST(Suppliers, StandInEveryReport) {
  const Report report = half_an_hour(
      shop("checks: [line], preset: gcp-compute-single@2025-03-04, terms: {compensation: {fee: "
           "{currency: CNY, monthly: \"200.00\", prorate: none}}}"));
  const std::string text = report_text(report, false);
  for (const char* part :
       {"supplier carrier (carrier-2026; gcp-compute-single@2025-03-04): uptime 93.333 %",
        "150 s charged to us while it was down, 120 s of it charged", "30 s uncovered",
        "supplier carrier owes 25.000 % of its fee, 50.00 CNY",
        "owed to the customer 100.00 CNY, claimable from suppliers 50.00 CNY: uncovered"}) {
    std::string flat;  // without the breaks of lines
    for (const char c : text) {
      if (c == '\n') flat += flat.ends_with(' ') ? "" : " ";
      if (c != '\n' && !(c == ' ' && flat.ends_with(' '))) flat += c;
    }
    EXPECT_NE(flat.find(part), std::string::npos) << part << " is not in:\n" << text;
  }
  const std::string zh = report_text(report, false, Language::zh);
  EXPECT_NE(zh.find("供应方 carrier"), std::string::npos) << zh;
  EXPECT_NE(zh.find("应付客户 100.00 CNY"), std::string::npos) << zh;
  const std::string html = report_html(report, Language::en);
  EXPECT_NE(html.find("Suppliers, each under its own text"), std::string::npos);
  EXPECT_NE(html.find("uncovered 50.00 CNY"), std::string::npos);
  const auto json = nlohmann::json::parse(report_json(report));
  EXPECT_EQ(json.at("suppliers").at(0).at("backs").at(0).at("uncovered_s"), 30);
  EXPECT_EQ(json.at("uncovered").at("amount"), "50.00");
}

TEST(Suppliers, RefuseTermsThatCannotBeJudged) {
  const auto refused = [](const std::string& supplier, const std::string& why) {
    const std::string said = complaint(shop(supplier));
    EXPECT_NE(said.find(why), std::string::npos) << said;
  };
  refused("preset: aws-s3@2019-07-31", "supplier 'carrier' has terms, but no 'checks'");
  refused("checks: [line], preset: aws-s3@2019", "did you mean 'aws-s3@2019-07-31'?");
  refused("checks: [line], terms: {measurement: {belief: 1m}}",
          "measurement of supplier 'carrier'");
  refused("checks: [line], terms: {scope: {}}", "the terms of supplier 'carrier'");
  refused("checks: [line], terms: {exclusions: {effect: forgive}}",
          "promises nothing that can be judged");
}

}  // namespace
}  // namespace nines::sla::suppliers_test
