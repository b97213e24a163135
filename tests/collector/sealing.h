// SPDX-License-Identifier: Apache-2.0
// A store whose collector knows an agreement since kStart, and the steps to a sealed report.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "collector/agreement_texts.h"
#include "collector/journal.h"
#include "collector/reports.h"
#include "sla/render/report_json.h"
#include "tests/collector/rig.h"

namespace nines::collector::test {

using nlohmann::json;

inline WallTime at(const std::string& text) { return *parse_rfc3339(text); }

inline const Actor kAlice{"alice", Party::provider, true, {}, false};
inline const Actor kBob{"bob", Party::customer, true, {}, false};

class SealingTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::filesystem::create_directory(directory / "agreements");
    write("1.0.0", "2026-01-01T00:00:00");
    load(kStart);
  }

  void write(const std::string& version, const std::string& from, const std::string& more = "") {
    std::ofstream(directory / "agreements" + "/" + version + ".yaml")
        << "apiVersion: nines/v1\nkind: Agreement\nmetadata:\n  name: shop\n  version: \""
        << version << "\"\nspec:\n  effective: {from: \"" << from
        << "\", timeZone: UTC}\n  scope:\n    services: [{name: shop}]\n  measurement:\n"
           "    lateDataUntil: 2d\n    checks:\n"
           "      - {name: db, every: 10s, timeout: 5s, tcp: {address: \"db:5432\"}}\n"
           "  objectives:\n    - {name: availability, target: \"99.9\"}\n"
        << more;
  }

  void load(WallTime now) {
    auto loaded = Agreements::load(directory / "agreements");
    ASSERT_TRUE(loaded) << loaded.error().message;
    agreements = *loaded;
    EXPECT_TRUE(store->write([&](Database& db) -> Expected<void> {
      record_agreements(db, agreements->sources(), now);
      return {};
    }));
  }

  Database& db() { return store->database(); }

  // The agreement's check, and none beside.
  std::vector<CheckEntry> agent_of_table() {
    auto entry = check_entry("db");
    entry.canonical = nines::canonical_text(agreements->find("shop")->front().checks.at(0).check);
    return {entry};
  }

  FakeAgent agent_of() {
    FakeAgent agent("edge");
    agent.set_table(agent_of_table());
    return agent;
  }

  std::vector<SealPlan> due(WallTime now) {
    auto plans = due_reports(db(), *agreements, now);
    EXPECT_TRUE(plans) << (plans ? "" : plans.error().message);
    return plans ? *plans : std::vector<SealPlan>();
  }

  std::vector<std::string> due_names(WallTime now) {
    std::vector<std::string> out;
    for (const auto& plan : due(now)) {
      out.push_back(plan.period + "/" + std::to_string(plan.revision));
    }
    return out;
  }

  void seal(WallTime now) {
    for (const auto& plan : due(now)) {
      const auto made = make_report(db(), *agreements, plan);
      ASSERT_TRUE(made) << made.error().message;
      EXPECT_TRUE(store->write([&](Database& to) -> Expected<void> {
        store_report(to, *made, now);
        return {};
      }));
    }
  }

  // What the code of now makes of the same inputs.
  std::string again(const SealedReport& report) {
    const auto made = report_again(db(), *agreements, report);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? sla::report_json(*made) : "";
  }

  std::string say(const Actor& actor, const json& event, WallTime now) {
    return say_statement(actor, {"shop", event, ""}, now);
  }

  std::string say_statement(const Actor& actor, const Statement& statement, WallTime now) {
    const auto said = write_statement(*store, actor, {}, statement, *agreements->find("shop"), now);
    return said ? "" : said.error().message;
  }

  std::string say_restatement(const Actor& actor, const std::string& action, WallTime now) {
    json event{{"type", "restatement"}, {"action", action}, {"id", "r1"}};
    if (action == "propose") event["period"] = "2026-11", event["reason"] = "late results";
    return say(actor, event, now);
  }

  json revisions() {
    const auto text = revisions_json(db(), *agreements, "shop", "2026-11");
    EXPECT_TRUE(text) << (text ? "" : text.error().message);
    return text ? json::parse(*text) : json();
  }

  std::shared_ptr<const Agreements> agreements;
};

}  // namespace nines::collector::test
