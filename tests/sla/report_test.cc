// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/utf8.h"
#include "sla/render/report_json.h"
#include "sla/render/report_sentences.h"
#include "sla/render/report_text.h"
#include "sla/words/text_layout.h"
#include "support.h"

namespace nines::sla::report_test {
namespace {

using nlohmann::json;

// One day at 30 s: 90 s down from 00:10, 600 s unmeasured from 01:00.
Report day(const Words& words = {}) {
  Series all = series();
  const std::int64_t from = at("2026-03-02T00:00:00Z");
  for (std::int64_t t = 0; t < 86'400; t += 30) {
    Outcome outcome = t >= 600 && t < 690 ? Outcome::down : Outcome::up;
    if (t >= 3600 && t < 4200) outcome = Outcome::unknown;
    all.samples.push_back({from + t * kSecondNs, outcome, {}, 120'000});
  }
  return judged(words, {all}, "2026-03-02");
}

std::vector<std::string> keys(const json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

TEST(ReportJson, HasEveryPromisedKey) {
  const json report = json::parse(report_json(day()));
  for (const char* key :
       {"apiVersion", "agreement", "version", "as_of", "state", "warnings", "objectives", "support",
        "credits", "suppliers", "uncovered", "signatures"}) {
    EXPECT_TRUE(report.contains(key)) << key;
  }
  const json& o = report.at("objectives").at(0);
  for (const char* key : {"name",
                          "service",
                          "statistic",
                          "method",
                          "period",
                          "seconds",
                          "blip_s",
                          "blips",
                          "partial_s",
                          "forgiven_short_s",
                          "forgiven_excluded_s",
                          "excluded_by",
                          "down_by",
                          "unknown_by",
                          "outages",
                          "target",
                          "value",
                          "nominal",
                          "worst",
                          "best",
                          "coverage",
                          "verdict",
                          "certain",
                          "budget",
                          "outlook",
                          "forecast",
                          "burn",
                          "resolution_s",
                          "believed_s",
                          "unseen_down_s95",
                          "worst_value",
                          "best_value",
                          "coverage_value",
                          "slices",
                          "samples",
                          "percentiles_us",
                          "sketch_us",
                          "interval95",
                          "versions",
                          "blended_target",
                          "blended_verdict"}) {
    EXPECT_TRUE(o.contains(key)) << key;
  }
  EXPECT_EQ(keys(o.at("period")), (std::vector<std::string>{"from", "length_s", "to", "zone"}));
  EXPECT_EQ(keys(o.at("outages").at(0)),
            (std::vector<std::string>{"cause", "counted", "down_s", "from", "max_s", "min_s", "to",
                                      "whole_down_s"}));
}

TEST(ReportJson, HoldsTheNumbersOfTheDay) {
  const json report = json::parse(report_json(day()));
  EXPECT_EQ(report.at("as_of"), "2026-03-03T00:00:00Z");
  const json& o = report.at("objectives").at(0);
  EXPECT_EQ(o.at("period").at("length_s"), 86'400);
  EXPECT_EQ(o.at("seconds").at("down"), 90);
  EXPECT_EQ(o.at("seconds").at("unknown"), 600);
  EXPECT_EQ(o.at("seconds").at("up"), 85'710);
  EXPECT_EQ(o.at("nominal"), "85710/85800");
  EXPECT_EQ(o.at("worst"), "85710/86400");
  EXPECT_EQ(o.at("best"), "86310/86400");
  EXPECT_EQ(o.at("value"), "99.895");
  EXPECT_EQ(o.at("worst_value"), "99.201");
  EXPECT_EQ(o.at("best_value"), "99.895");
  EXPECT_EQ(o.at("coverage_value"), "99.305");
  EXPECT_EQ(o.at("verdict"), "BREACHED");
  EXPECT_EQ(o.at("certain"), false);
  EXPECT_EQ(o.at("budget").at("total_s"), "864/10");
  EXPECT_EQ(o.at("budget").at("used_s"), 90);
  EXPECT_EQ(o.at("budget").at("left_s"), "-36/10");
  EXPECT_EQ(o.at("outlook"), "BREACH_CERTAIN");
  EXPECT_EQ(o.at("outages").at(0).at("min_s"), 60);
  EXPECT_EQ(o.at("outages").at(0).at("max_s"), 120);
  EXPECT_EQ(o.at("resolution_s"), 30);
  EXPECT_EQ(o.at("samples"), 2880);
  EXPECT_EQ(o.at("versions").size(), 1U);
  EXPECT_TRUE(o.at("slices").is_null());
  EXPECT_TRUE(o.at("burn").empty());
  EXPECT_TRUE(report.at("credits").is_null());
}

TEST(ReportJson, OfAMeanIsMicrosecondsAndMilliseconds) {
  Words words;
  words.objectives = "    - {name: speed, statistic: mean, max: 1500us}\n";
  const json o = json::parse(report_json(day(words))).at("objectives").at(0);
  EXPECT_EQ(o.at("statistic"), "mean");
  EXPECT_TRUE(o.at("method").is_null());
  EXPECT_EQ(o.at("nominal"), "342840000/2857");
  EXPECT_EQ(o.at("value"), "120.000");
  EXPECT_EQ(o.at("target"), "1.5");
  EXPECT_EQ(o.at("verdict"), "BREACHED");
  EXPECT_EQ(o.at("samples"), 2857);
  EXPECT_TRUE(o.at("budget").is_null());
  EXPECT_TRUE(o.at("worst").is_null());
}

TEST(ReportJson, IsTheSameBytesForTheSameQuestion) {
  EXPECT_EQ(report_json(day()), report_json(day()));
}

TEST(ReportJson, SurvivesNamesThatAreNoUtf8) {
  Report report = day();
  static constexpr Phrase kNoResults{"check '{0}': no results", "{0}"};
  report.warnings.push_back({kNoResults, {"\xff\xfe"}, {}});
  EXPECT_TRUE(json::accept(report_json(report)));
}

TEST(ReportText, SaysWarningsInTheLanguageOfTheReport) {
  Report report = day();
  report.warnings.clear();
  static constexpr Phrase kLate{"check '{0}': {1} results arrived too late and are not counted",
                                "检查 “{0}”：{1} 个结果到达过晚，不计入"};
  report.warnings.push_back({kLate, {"web", "3"}, {}});
  report.warnings.push_back({kLate, {"web", "4"}, "carrier"});
  const std::string zh = report_text(report, false, Language::zh);
  EXPECT_NE(zh.find("警告：检查 “web”：3 个结果到达过晚，不计入"), std::string::npos) << zh;
  EXPECT_NE(zh.find("供应方 “carrier”：检查 “web”：4"), std::string::npos) << zh;
  EXPECT_EQ(zh.find("arrived"), std::string::npos);
  const std::string en = report_text(report, false);
  EXPECT_NE(en.find("warning: supplier 'carrier': check 'web': 4 results"), std::string::npos);
}

TEST(ReportText, SaysTheNameOfAPercentileOnce) {
  Words words;
  words.objectives = "    - {name: p95, statistic: percentile, percentile: \"95\", max: 1s}\n";
  const std::string line = report_line(day(words).objectives.at(0));
  EXPECT_TRUE(line.starts_with("p95 ")) << line;
  EXPECT_EQ(line.find("p95", 3), std::string::npos) << line;
}

TEST(ReportText, FitsEightyColumns) {
  Words words;
  words.objectives =
      "    - {name: availability-of-the-whole-shop-during-all-hours, target: \"99.9\"}\n"
      "    - {name: speed, statistic: mean, max: 100ms}\n";
  for (const Language language : {Language::en, Language::zh}) {
    std::istringstream text(report_text(day(words), false, language));
    int lines = 0;
    for (std::string line; std::getline(text, line); ++lines) {
      EXPECT_LE(display_width(line), 80U) << line;
    }
    EXPECT_GT(lines, 20);
  }
}

TEST(ReportText, IsColouredOnlyOnDemand) {
  EXPECT_EQ(report_text(day(), false).find('\033'), std::string::npos);
  EXPECT_NE(report_text(day(), true).find("\033[1;31mBREACHED"), std::string::npos);
}

TEST(ReportText, LooksLikeThis) {
  EXPECT_EQ(report_text(day(), false),
            R"(acme 1.0.0                               provisional, as of 2026-03-03T00:00:00Z
--------------------------------------------------------------------------------
availability of shop                    BREACHED, within measurement uncertainty
2026-03-02 00:00:00 to 2026-03-03 00:00:00 UTC

  availability 99.895 % · target 99.9 % · BREACHED, within measurement
  uncertainty (99.860–99.930 by 30 s sampling; 0.70 % unmeasured: 99.201–99.895)
  · 4 s over budget

  up                    85 710 s          23 h 48 min 30 s      99.201 %
  down                      90 s                1 min 30 s       0.105 %
  unmeasured               600 s                    10 min       0.695 %
    unstated               600 s                    10 min
  results                2 880
  budget                    86 s                1 min 26 s  104.2 % used

  outage from          to                       lasted    at least     at most
  2026-03-02 00:10:00  2026-03-02 00:11:30        90 s        60 s       120 s

  Outages shorter than 30 s are not seen by this sampling; with 95 % confidence
  they took at most 90 s together.

)");
}

TEST(ReportText, LooksLikeThisInChinese) {
  EXPECT_EQ(report_text(day(), false, Language::zh),
            R"(acme 1.0.0                                   临时报告，截至 2026-03-03T00:00:00Z
--------------------------------------------------------------------------------
shop 的 availability                                      未达标，在测量误差之内
2026-03-02 00:00:00 至 2026-03-03 00:00:00 UTC

  availability 99.895 % · 目标 99.9 % · 未达标，在测量误差之内（按 30 秒采样为
  99.860–99.930；0.70 % 未测量：99.201–99.895） · 超出预算 4 秒

  可用                 85 710 秒       23 小时 48 分 30 秒      99.201 %
  不可用                   90 秒                1 分 30 秒       0.105 %
  未测量                  600 秒                     10 分       0.695 %
    未说明原因            600 秒                     10 分
  测量结果数             2 880
  预算                     86 秒                1 分 26 秒  已用 104.2 %

  中断开始             结束                       持续        最短        最长
  2026-03-02 00:10:00  2026-03-02 00:11:30       90 秒       60 秒      120 秒

  短于 30 秒的中断不能被该采样发现；以 95 % 置信度，其合计不超过 90 秒。

)");
}

TEST(ReportText, BreaksChineseBetweenCharactersAndNeverBeforeAMark) {
  std::string sentence;
  for (int i = 0; i < 39; ++i) sentence += "测";
  EXPECT_EQ(wrapped(sentence + "量，完", ""), sentence + "\n量，完\n");
  EXPECT_EQ(wrapped(sentence + "（完）", ""), sentence + "\n（完）\n");
  EXPECT_EQ(wrapped(sentence + " 12 秒", ""), sentence + "\n12 秒\n");
}

TEST(ReportWords, SayValuesInTheirPlaces) {
  EXPECT_EQ(say(Language::en, words::kObjectiveOf, {"speed", "shop"}), "speed of shop");
  EXPECT_EQ(say(Language::zh, words::kObjectiveOf, {"speed", "shop"}), "shop 的 speed");
  EXPECT_EQ(say(Language::en, words::kWarning, {"{0} {9}"}), "warning: {0} {9}");
}

TEST(ReportWords, ThereAreSomeForEveryCauseOfUnknownTime) {
  const Phrase& none = words_of(Cause::unstated);
  for (std::uint32_t number = 0; number < 256; ++number) {
    const auto reason = reason_from_number(number);
    if (!reason || outcome_of(*reason) != Outcome::unknown) continue;
    EXPECT_NE(words_of(cause_of(*reason)).in(Language::zh), none.in(Language::zh)) << number;
  }
}

TEST(ReportWords, ChineseIsAskedForByItsTags) {
  for (const char* tag : {"zh", "zh-CN", "zh_Hans"}) EXPECT_EQ(language_of(tag), Language::zh);
  for (const char* tag : {"en", "", "de", "zhx"}) EXPECT_EQ(language_of(tag), Language::en);
}

TEST(Verdicts, TheWorstOfSeveralCounts) {
  Report report;
  EXPECT_EQ(worst_verdict(report), Verdict::not_applicable);
  for (const Verdict verdict :
       {Verdict::met, Verdict::no_data, Verdict::indeterminate, Verdict::breached}) {
    ObjectiveReport o;
    o.verdict = verdict;
    report.objectives.push_back(o);
    EXPECT_EQ(worst_verdict(report), verdict);
  }
  EXPECT_EQ(exit_code_of(Verdict::met), 0);
  EXPECT_EQ(exit_code_of(Verdict::not_applicable), 0);
  EXPECT_EQ(exit_code_of(Verdict::breached), 2);
  EXPECT_EQ(exit_code_of(Verdict::indeterminate), 3);
  EXPECT_EQ(exit_code_of(Verdict::no_data), 3);
}

}  // namespace
}  // namespace nines::sla::report_test
