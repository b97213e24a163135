// SPDX-License-Identifier: Apache-2.0
// Texts from outside, damaged at random: they are read or refused with a message, and nothing else
// happens. What the sanitizers find here is a bug.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "sla/input/events_file.h"
#include "sla/input/results_file.h"
#include "sla/render/report_json.h"
#include "sla/render/report_text.h"
#include "support.h"

namespace nines::sla::mutilated_test {
namespace {

std::string damaged(std::string text, std::mt19937& random) {
  const std::string pieces[] = {"{",
                                "}",
                                "[",
                                "]",
                                ":",
                                "- ",
                                "\n",
                                "\"",
                                "9",
                                "-",
                                "null",
                                " ",
                                "\xff",
                                std::string(1, '\0'),
                                "99999999999999999999",
                                "&a",
                                "*a",
                                "\t"};
  const auto pick = [&](std::size_t size) { return std::size_t{random()} % size; };
  for (std::size_t i = 0, edits = 1 + pick(3); i < edits && !text.empty(); ++i) {
    const std::size_t at = pick(text.size());
    switch (pick(4)) {
      case 0:
        text.erase(at, 1 + pick(8));
        break;
      case 1:
        text.insert(at, pieces[pick(std::size(pieces))]);
        break;
      case 2:
        text.insert(at, text.substr(pick(text.size()), pick(60)));
        break;
      default:
        text[at] = static_cast<char>(random());
    }
  }
  return text;
}

// Another digit for one digit: often still an agreement, only an odd one.
std::string odd(std::string text, std::mt19937& random) {
  for (int tries = 0; tries < 1000; ++tries) {
    char& c = text[std::size_t{random()} % text.size()];
    if (c < '0' || c > '9') continue;
    c = static_cast<char>('0' + random() % 10);
    break;
  }
  return text;
}

TEST(Mutilated, AgreementsAreReadOrRefusedWithAMessage) {
  Words w;
  w.measurement =
      "    vantages: [a, b]\n    quorum: {k: 1, of: 2}\n    belief: 75s\n"
      "    unknown: {treat: up, minCoverage: \"95\"}\n    rounding: {decimals: 4}\n";
  w.objectives =
      "    - {name: x, target: \"99.9\", period: {calendar: week, timeZone: Europe/Berlin}}\n"
      "    - {name: y, statistic: mean, max: 2000ms, period: {rolling: 30d}}\n";
  w.spec = "  composition: {shop: {serial: [web]}}\n  legal: {governingLaw: PRC}\n";
  const std::string text = yaml(w);
  std::mt19937 random(42);
  int read = 0;
  for (int i = 0; i < 600; ++i) {
    const auto out =
        read_agreement(i % 2 == 0 ? damaged(text, random) : odd(text, random), "agreement.yaml");
    if (!out) {
      EXPECT_EQ(out.error().message.find("agreement.yaml"), 0U) << out.error().message;
      continue;
    }
    ++read;
    Series all = series("a");
    add(all, at("2026-03-01T00:00:00Z"), at("2026-03-01T01:00:00Z"), 30, Outcome::down, 5);
    const auto report =
        judge({*out}, {all}, Question{std::nullopt, WallTime{at("2026-03-01T02:00:00Z")}});
    if (!report) continue;
    for (const ObjectiveReport& o : report->objectives) {
      EXPECT_EQ(o.seconds.not_in_force + o.seconds.future + o.seconds.accountable(),
                o.period.to - o.period.from);
    }
    EXPECT_FALSE(report_json(*report).empty());
    EXPECT_FALSE(report_text(*report, true).empty());
  }
  EXPECT_GT(read, 30);
}

TEST(Mutilated, ResultsAndEventsAreReadOrRefusedWithAMessage) {
  const std::string text =
      R"({"check":"web","vantage":"a","started":"2026-03-02T00:00:00.5Z","outcome":"up",)"
      R"("total_us":48211,"epoch":"e","seq":7,"clock_ahead_us":-5000000,"clock_bound_us":10})"
      "\n"
      R"({"type":"exclusion","id":"x","kind":"maintenance","state":"claimed",)"
      R"("from":"2026-03-02T00:00:00Z","to":"2026-03-02T01:00:00Z"})"
      "\n";
  std::mt19937 random(43);
  for (int i = 0; i < 1500; ++i) {
    const std::string bad = damaged(text, random);
    std::istringstream results(bad);
    const auto out = read_results(results, "r.jsonl");
    if (!out) {
      EXPECT_EQ(out.error().message.find("r.jsonl:"), 0U);
    }
    std::istringstream events(bad);
    const auto notes = read_events(events, "e.jsonl");
    if (!notes) {
      EXPECT_EQ(notes.error().message.find("e.jsonl:"), 0U);
    }
  }
}

}  // namespace
}  // namespace nines::sla::mutilated_test
