// SPDX-License-Identifier: Apache-2.0
// `nines sla lint` and `nines sla eval` as a user runs them: files in, text and exit code out.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/sla_commands.h"
#include "support.h"
#include "tests/support/command.h"

namespace nines::sla::commands_test {
namespace {

using test::Ran;

class Commands : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("nines_sla_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    const auto path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }

  // A day of results every 30 s with `down` failures from 06:00 on.
  std::string results(int down) {
    std::string text;
    const std::int64_t from = at("2026-03-02T00:00:00Z");
    for (int i = 0; i < 2880; ++i) {
      const bool failed = i >= 720 && i < 720 + down;
      text += R"({"check":"web","vantage":"edge","started":")" +
              format_rfc3339({from + i * 30 * kSecondNs}) + R"(","outcome":")" +
              (failed ? "down" : "up") + "\"}\n";
    }
    return file("results.jsonl", text);
  }

  static Ran run(std::vector<std::string> arguments) {
    return test::run_command(cli::add_sla_commands, std::move(arguments));
  }

  std::filesystem::path folder_;
};

TEST_F(Commands, EvalExitsByTheVerdict) {
  const std::string agreement_file = file("a.yaml", yaml({}));
  const auto eval = [&](int down) {
    return run({"sla", "eval", "--agreement", agreement_file, "--results", results(down),
                "--period", "2026-03-02"});
  };
  EXPECT_EQ(eval(2).code, 0);
  EXPECT_EQ(eval(3).code, 2);
  EXPECT_NE(eval(3).out.find("BREACHED"), std::string::npos);
  const Ran other_day = run({"sla", "eval", "--agreement", agreement_file, "--results", results(0),
                             "--period", "2026-05-02"});
  EXPECT_EQ(other_day.code, 3);
  EXPECT_NE(other_day.out.find("NO_DATA"), std::string::npos);
}

TEST_F(Commands, EvalPrintsJsonAndTakesAnInstant) {
  const Ran r = run({"sla", "eval", "--agreement", file("a.yaml", yaml({})), "--results",
                     results(0), "--as-of", "2026-03-03T00:00:00Z", "--json"});
  const auto report = nlohmann::json::parse(r.out);
  EXPECT_EQ(report.at("as_of"), "2026-03-03T00:00:00Z");
  EXPECT_EQ(report.at("objectives").at(0).at("seconds").at("up"), 86'400);
  EXPECT_EQ(report.at("objectives").at(0).at("seconds").at("unknown"), 86'400);
  EXPECT_EQ(report.at("objectives").at(0).at("seconds").at("future"), 29 * 86'400);
  EXPECT_EQ(r.code, 3);
}

TEST_F(Commands, EvalEstimatesResponseTimesAsTheCollectorDoes) {
  Words w;
  w.objectives = "    - {name: speed, statistic: mean, max: 2s}\n";
  std::string lines;
  for (int i = 0; i < 2880; ++i) {
    lines += R"({"check":"web","vantage":"edge","outcome":"up","total_us":100000,"started":")" +
             format_rfc3339({at("2026-03-02T00:00:00Z") + i * 30 * kSecondNs}) + "\"}\n";
  }
  const Ran r = run({"sla", "eval", "--agreement", file("a.yaml", yaml(w)), "--results",
                     file("results.jsonl", lines), "--period", "2026-03-02", "--json"});
  EXPECT_EQ(r.code, 0) << r.err;
  const auto report = nlohmann::json::parse(r.out);
  EXPECT_EQ(report.at("objectives").at(0).at("sketch_us").at("p50"), 99'741);
}

TEST_F(Commands, EvalPrintsEachFormatInTheLanguageAskedFor) {
  Words chinese;
  chinese.spec = "  languages: {prevailing: zh, also: [en]}\n";
  const std::vector<std::string> question{
      "sla",       "eval",     "--agreement", file("a.yaml", yaml(chinese)),
      "--results", results(3), "--period",    "2026-03-02"};
  const auto eval = [&](std::vector<std::string> further) {
    further.insert(further.begin(), question.begin(), question.end());
    const Ran out = run(further);
    EXPECT_EQ(out.code, 2) << out.err;
    return out.out;
  };
  EXPECT_NE(eval({}).find("BREACHED"), std::string::npos);
  EXPECT_NE(eval({"--lang", "zh"}).find("未达标"), std::string::npos);
  EXPECT_NE(eval({"--format", "html"}).find("<html lang=\"zh-CN\">"), std::string::npos);
  const std::string english = eval({"--format", "html", "--lang", "en"});
  EXPECT_TRUE(english.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_TRUE(eval({"--format", "csv"}).starts_with("agreement,objective,"));
  EXPECT_EQ(eval({"--format", "json"}), eval({"--json"}));
  EXPECT_EQ(run({"sla", "eval", "--format", "pdf"}).code, 1);
}

TEST_F(Commands, EvalTakesSeveralVersions) {
  Words later;
  later.version = "\"2.0.0\"";
  later.effective = "{from: \"2026-03-02T12:00:00\", timeZone: UTC}";
  const Ran r = run({"sla", "eval", "--agreement", file("1.yaml", yaml({})), "--agreement",
                     file("2.yaml", yaml(later)), "--results", results(0), "--period", "2026-03-02",
                     "--json"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(nlohmann::json::parse(r.out).at("objectives").at(0).at("versions").size(), 2U);
}

TEST_F(Commands, EvalPutsWarningsOfFilesIntoTheReport) {
  const std::string line =
      R"({"check":"web","vantage":"edge","started":"2026-03-02T00:00:00Z","outcome":)";
  const std::string twice = file("twice.jsonl", line + "\"up\"}\n" + line + "\"down\"}\n");
  const std::string events =
      file("e.jsonl", R"({"type":"exclusion","id":"x","kind":"maintenance","state":"approved",)"
                      R"("from":"2026-03-02T01:00:00Z","to":"2026-03-02T02:00:00Z"})"
                      "\n");
  const Ran r = run({"sla", "eval", "--agreement", file("a.yaml", yaml({})), "--results", twice,
                     "--events", events, "--period", "2026-03-02", "--json"});
  EXPECT_EQ(nlohmann::json::parse(r.out).at("warnings").size(), 2U) << r.out;
}

TEST_F(Commands, WhatCannotRunExitsOneAndSaysWhy) {
  const std::string good = file("a.yaml", yaml({}));
  const std::string bad = file("bad.yaml", "a: [\n");
  Words refused;
  refused.spec = "  exclusions: {effect: remove}\n  overlay: {base: other}\n";
  const std::string subset = file("refused.yaml", yaml(refused));
  const std::string junk = file("junk.jsonl", "junk\n");
  const std::string event =
      file("e.jsonl", "{\"type\":\"exclusion\",\"id\":\"x\",\"state\":\"approved\"}\n");

  struct Row {
    std::vector<std::string> arguments;
    std::string expected;
  };

  const std::string r = results(0);
  const std::vector<Row> rows{
      {{"--agreement", good, "--results", r}, "say --period P or --as-of T"},
      {{"--agreement", good, "--period", "2026"}, "--results is required"},
      {{"--agreement", good, "--results", r, "--period", "march"}, "'march' is not a period"},
      {{"--agreement", good, "--results", r, "--as-of", "now"}, "now"},
      {{"--agreement", bad, "--results", r, "--period", "2026"}, "bad.yaml:"},
      {{"--agreement", subset, "--results", r, "--period", "2026"},
       "nines: sla eval: " + subset + ":"},
      {{"--agreement", good, "--results", junk, "--period", "2026"},
       "junk.jsonl:1: the line is not"},
      {{"--agreement", good, "--results", "/nonexistent", "--period", "2026"}, "No such file"},
      {{"--agreement", "/nonexistent", "--results", r, "--period", "2026"}, "/nonexistent"},
      {{"--agreement", good, "--agreement", good, "--results", r, "--period", "2026"},
       "given twice"},
      {{"--agreement", good, "--results", r, "--period", "2026", "--events", event},
       "e.jsonl:1: exclusion: needs 'kind'"},
  };
  for (const Row& row : rows) {
    std::vector<std::string> arguments{"sla", "eval"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    const Ran out = run(arguments);
    EXPECT_EQ(out.code, 1) << row.expected;
    EXPECT_NE(out.err.find(row.expected), std::string::npos) << out.err;
    EXPECT_EQ(out.out, "");
  }
}

TEST_F(Commands, LintTellsSoundFromDoubtfulFromUnreadable) {
  const std::string good = file("a.yaml", yaml({}));
  const Ran sound = run({"sla", "lint", good});
  EXPECT_EQ(sound.code, 0);
  EXPECT_NE(sound.out.find("acme 1.0.0, 1 objective, sha256:"), std::string::npos);
  Words doubtful;
  doubtful.objectives = "    - {name: a, target: \"99.9999\"}\n";
  EXPECT_EQ(run({"sla", "lint", good, file("d.yaml", yaml(doubtful))}).code, 2);
  Words unknown_key;
  unknown_key.spec = "  exclusion: {}\n";
  const Ran complaint_run = run({"sla", "lint", file("k.yaml", yaml(unknown_key))});
  EXPECT_EQ(complaint_run.code, 2);
  EXPECT_NE(complaint_run.out.find("did you mean 'exclusions'"), std::string::npos)
      << complaint_run.out;
  EXPECT_EQ(run({"sla", "lint", good, "/nonexistent"}).code, 1);
  const Ran broken = run({"sla", "lint", file("b.yaml", "a: [\n")});
  EXPECT_EQ(broken.code, 1);
  EXPECT_NE(broken.err.find("nines: sla lint: "), std::string::npos) << broken.err;
  EXPECT_NE(broken.err.find("b.yaml:2:1"), std::string::npos) << broken.err;
}

}  // namespace
}  // namespace nines::sla::commands_test
