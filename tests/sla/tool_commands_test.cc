// SPDX-License-Identifier: Apache-2.0
// The tools around an agreement file as a user runs them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/sla_commands.h"
#include "cli/terminal.h"
#include "support.h"
#include "tests/support/command.h"

namespace nines::sla::tool_commands_test {
namespace {

using test::Ran;

Ran run(std::vector<std::string> arguments) {
  return test::run_command(cli::add_sla_commands, std::move(arguments));
}

class Tools : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("nines_tool_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  // Two days at the end of March, one hour of them down.
  std::string results() {
    std::string text;
    const std::int64_t from = at("2026-03-30T00:00:00Z");
    for (int i = 0; i < 5760; ++i) {
      const bool down = i >= 720 && i < 840;
      text += R"({"check":"web","vantage":"edge","started":")" +
              format_rfc3339({from + i * 30 * kSecondNs}) + R"(","outcome":")" +
              (down ? "down" : "up") + "\"}\n";
    }
    return file("r.jsonl", text);
  }

  std::filesystem::path folder_;
};

void expect_80_columns(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    EXPECT_LE(cli::display_width(line), 80U) << line;
  }
}

Words full() {
  Words w;
  w.spec =
      "  languages: {prevailing: zh}\n"
      "  needs: [{id: N1, need: customers can always order, source: a workshop in April}]\n"
      "  training: [{what: portal and tickets, for: duty desk of the customer, every: 1Y, proof: "
      "list of those present}]\n"
      "  obligations: {customer: [announce load tests five days ahead]}\n";
  return w;
}

TEST_F(Tools, ExplainSpeaksTheLanguageThatPrevailsUnlessAsked) {
  const std::string path = file("a.yaml", yaml(full()));
  const Ran zh = run({"sla", "explain", path});
  EXPECT_EQ(zh.code, 0) << zh.err;
  EXPECT_NE(zh.out.find("服务承诺"), std::string::npos) << zh.out;
  const Ran en = run({"sla", "explain", "--lang", "en", path});
  EXPECT_NE(en.out.find("What is promised"), std::string::npos) << en.out;
  expect_80_columns(zh.out);
  expect_80_columns(en.out);
  EXPECT_EQ(run({"sla", "explain", "/nonexistent"}).code, 1);
}

TEST_F(Tools, ExplainResolvedPrintsTheWholeText) {
  file("base.yaml", yaml({}));
  const std::string over = file("over.yaml",
                                "overlay: {base: acme@1.0.0}\nmetadata: {version: \"2\"}\n"
                                "spec: {objectives: [{name: availability, target: \"99\"}]}\n");
  const Ran whole = run({"sla", "explain", "--resolved", over});
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_EQ(whole.out.find("overlay"), std::string::npos);
  EXPECT_NE(whole.out.find("checks:"), std::string::npos) << whole.out;
  const std::string again = file("whole.yaml", whole.out);
  const std::string a = run({"sla", "lint", over}).out;
  const std::string b = run({"sla", "lint", again}).out;
  EXPECT_EQ(a.substr(a.find("sha256:")), b.substr(b.find("sha256:"))) << "one digest";
}

TEST_F(Tools, CoverageSaysWhatIsOpenAndWhichChapterIsMissing) {
  const Ran ran = run({"sla", "coverage", file("a.yaml", yaml(full()))});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("4.3"), std::string::npos);
  EXPECT_NE(ran.out.find("chapter 4 is missing"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("chapter 5 is missing"), std::string::npos);
  expect_80_columns(ran.out);
  expect_80_columns(run({"sla", "coverage", "--lang", "zh", file("a.yaml", yaml(full()))}).out);
}

TEST_F(Tools, DiffSpeaksInMinutesAndOnRecordedData) {
  Words after;
  after.version = "\"2.0.0\"";
  after.objectives = "    - {name: availability, target: \"80\"}\n";
  const std::string a = file("a.yaml", yaml({}));
  const std::string b = file("b.yaml", yaml(after));
  const Ran ran = run({"sla", "diff", a, b, "--results", results()});
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.out.find("1 difference"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("6 d 4 h 48 min in July"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("2026-03   1 h  BREACHED  INDETERMINATE"), std::string::npos) << ran.out;
  expect_80_columns(ran.out);
  EXPECT_EQ(run({"sla", "diff", a, a}).code, 0);
}

TEST_F(Tools, SimulateTriesAnotherTarget) {
  const std::string a = file("a.yaml", yaml({}));
  const Ran ran = run({"sla", "simulate", a, "--target", "80", "--results", results()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("with a target of 80 %, 1 month of results"), std::string::npos)
      << ran.out;
  EXPECT_EQ(run({"sla", "simulate", a, "--target", "x", "--results", results()}).code, 1);
}

TEST_F(Tools, FeasibilityGathersWhatSpeaksAgainstIt) {
  const std::string a = file("a.yaml", yaml({}));
  const Ran ran = run({"sla", "feasibility", a, "--results", results()});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.out.find("history: kept in 0 of 1 month; worst 97.916 %"), std::string::npos)
      << ran.out;
  const Ran without = run({"sla", "feasibility", a});
  EXPECT_EQ(without.code, 0) << without.out;
}

TEST_F(Tools, ObligationsListsWhatIsDueAsOfADay) {
  const std::string a = file("a.yaml", yaml(full()));
  const Ran ran = run({"sla", "obligations", a, "--as-of", "2026-12-25"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("2027-01-01  soon  provider"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("customer: announce load tests"), std::string::npos);
  expect_80_columns(ran.out);
  const Ran json = run({"sla", "obligations", a, "--as-of", "2026-12-17", "--json"});
  const auto line = nlohmann::json::parse(json.out);
  EXPECT_EQ(line.at("due"), "2027-01-01");
  EXPECT_EQ(line.at("remind"), false);
  EXPECT_EQ(run({"sla", "obligations", a, "--as-of", "soon"}).code, 1);
}

TEST_F(Tools, ObligationsSaysWhatWasDoneWhatIsOpenAndWhatWasMissed) {
  const std::string a = file("a.yaml", yaml(full()));
  const std::string done =
      R"({"type":"duty","id":"d","event":"done","duty":"training/1","due":"2027-01-01",)"
      R"("actor":"alice","at":"2026-12-20T09:00:00Z","evidence":"list 7"})"
      "\n";
  const std::string none = file("none.jsonl", "");
  const std::string one = file("one.jsonl", done);
  const auto on = [&](const std::string& events, const std::string& day) {
    return run({"sla", "obligations", a, "--as-of", day, "--events", events}).out;
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(on(none, "2026-12-25"), "2027-01-01  open    provider, training/1: portal"))
      << on(none, "2026-12-25");
  EXPECT_TRUE(has(on(none, "2027-01-02"), "2027-01-01  missed  provider"));
  const std::string ticked = on(one, "2027-01-02");
  EXPECT_TRUE(has(ticked, "2027-01-01  done    provider")) << ticked;
  EXPECT_TRUE(has(ticked, "alice, 2026-12-20T09:00:00Z")) << ticked;
  EXPECT_TRUE(has(ticked, "2028-01-01  open    provider")) << ticked;
  expect_80_columns(ticked);
  const Ran json =
      run({"sla", "obligations", a, "--as-of", "2026-12-25", "--events", one, "--json"});
  const auto line = nlohmann::json::parse(json.out);
  EXPECT_EQ(line.at("state"), "done");
  EXPECT_EQ(
      line.at("done"),
      (nlohmann::json{{"by", "alice"}, {"at", "2026-12-20T09:00:00Z"}, {"evidence", "list 7"}}));
  const Ran bad = run({"sla", "obligations", a, "--events", file("bad.jsonl", "{\n")});
  EXPECT_EQ(bad.code, 1);
  EXPECT_TRUE(has(bad.err, "bad.jsonl:1:")) << bad.err;
}

TEST_F(Tools, OpenSloGoesOutAndComesBack) {
  const Ran out = run({"sla", "export", "openslo", file("a.yaml", yaml(full()))});
  EXPECT_EQ(out.code, 0) << out.err;
  EXPECT_NE(out.err.find("note: as annotations only"), std::string::npos) << out.err;
  const Ran back = run({"sla", "import", "openslo", file("o.yaml", out.out)});
  EXPECT_EQ(back.code, 0) << back.err;
  EXPECT_EQ(run({"sla", "lint", file("b.yaml", back.out)}).code, 2) << "a need that nobody serves";
  EXPECT_EQ(run({"sla", "import", "openslo", file("c.yaml", "a: 1")}).code, 1);
}

TEST_F(Tools, LintStrictCountsWarningsAndSmartPrintsItsNumbers) {
  const std::string a = file("a.yaml", yaml({}));
  EXPECT_EQ(run({"sla", "lint", a}).code, 0);
  EXPECT_EQ(run({"sla", "lint", "--strict", a}).code, 2);
  const Ran smart = run({"sla", "lint", "--smart", a});
  EXPECT_EQ(smart.code, 2);
  EXPECT_NE(smart.out.find("  M  the budget is 80.6 intervals of 30s"), std::string::npos)
      << smart.out;
}

}  // namespace
}  // namespace nines::sla::tool_commands_test
