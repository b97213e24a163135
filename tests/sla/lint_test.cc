// SPDX-License-Identifier: Apache-2.0
#include "sla/tools/lint.h"

#include <gtest/gtest.h>

#include "support.h"

namespace nines::sla::lint_test {
namespace {

std::string findings(Words words, const LintOptions& options = {}) {
  words.measurement += "    canaries: []\n";
  std::string out;
  for (const Finding& each : lint(agreement(words), tree(yaml(words)), options)) {
    out += text_of(each.place) + ": ";
    out += each.severity == Finding::Severity::error ? "error: " : "warning: ";
    out += each.text + "\n";
  }
  return out;
}

bool found(const Words& words, const std::string& text, const LintOptions& options = {}) {
  const std::string all = findings(words, options);
  if (all.find(text) != std::string::npos) return true;
  ADD_FAILURE() << "'" << text << "' is not in:\n" << all;
  return false;
}

TEST(Lint, HasNothingToSayOfASoundAgreement) { EXPECT_EQ(findings({}), ""); }

TEST(Lint, FindsAWindowAtATimeThatTheClockSkips) {
  Words w;
  w.effective = "{from: \"2026-01-01T00:00:00\", to: \"2027-01-01T00:00:00\", timeZone: UTC}";
  w.spec =
      "  exclusions:\n    kinds:\n      maintenance:\n        windows:\n"
      "          - {name: weekly, timeZone: Europe/Berlin, dtstart: \"2026-01-04T02:30:00\", "
      "rrule: \"FREQ=WEEKLY;BYDAY=SU\", duration: 1h}\n";
  found(w,
        "warning: window 'weekly' would begin at a time that the clock of Europe/Berlin skips on "
        "2026-03-29; no window is counted on such a day");
  w.spec.replace(w.spec.find("Europe/Berlin"), 13, "Asia/Shanghai");
  EXPECT_EQ(findings(w), "") << "no clock change there";
}

TEST(Lint, FindsMoreResultsThanOneReportTakes) {
  Words w;
  w.checks =
      "      - {name: web, every: 200ms, timeout: 200ms, http: {url: \"https://shop.example/\"}}\n";
  w.measurement = "    vantages: [a, b, c, d]\n";
  EXPECT_EQ(findings(w), "") << "4 × (31 + 16) × 86 400 × 5";
  w.measurement = "    vantages: [a, b, c, d, e]\n";
  found(
      w,
      "error: these checks make up to 101520000 results in one period and the days around it, and "
      "one report takes 100000000: check less often, or agree service by service");
}

TEST(Lint, FindsACheckThatIsPartlyInAFile) {
  Words w;
  w.checks =
      "      - {name: web, every: 30s, http: {url: \"https://shop.example/\", bearer_file: "
      "token}}\n";
  found(w, "check 'web' names a file whose content is no part of this text");
  w.checks =
      "      - {name: web, every: 30s, http: {url: \"https://shop.example/\", tls: {ca: "
      "ca.pem}}}\n";
  EXPECT_EQ(findings(w), "");
}

TEST(Lint, FindsAServiceThatNothingMeasures) {
  Words w;
  w.services = "[{name: shop}, {name: mail}]";
  w.checks = "      - {name: web, service: shop, http: {url: \"https://shop.example/\"}}\n";
  w.objectives = "    - {name: a, service: shop, target: \"99.9\"}\n";
  EXPECT_EQ(findings(w),
            "agreement.yaml:9:30: error: service 'mail' is in scope, but no check measures it\n"
            "agreement.yaml:9:30: warning: service 'mail' is in scope, but no objective speaks of "
            "it\n");
}

TEST(Lint, FindsAnEndpointInScopeThatNoCheckMeasures) {
  Words w;
  w.services =
      "[{name: shop, endpoints: [\"https://shop.example/\", \"https://shop.example/api\"]}]";
  found(w, "agreement.yaml:9:40: error: endpoint 'https://shop.example/api' of service 'shop'");
  w.checks += "      - {name: api, http: {url: \"https://SHOP.example:443/api/health?x=1\"}}\n";
  EXPECT_EQ(findings(w), "") << "a path below the endpoint measures it";
  w.services = "[{name: shop, endpoints: [\"http://shop.example/\"]}]";
  found(w, "endpoint 'http://shop.example/'");
}

TEST(Lint, FindsACheckOutsideTheScope) {
  Words w;
  w.services = "[{name: shop, endpoints: [\"https://shop.example/\"]}]";
  w.checks += "      - {name: other, tcp: {address: \"db.example:5432\"}}\n";
  found(w,
        "13:9: error: check 'other' measures 'tcp://db.example:5432', which is outside the scope");
}

TEST(Lint, FindsATargetThatTheSamplingCannotResolve) {
  Words w;
  w.objectives = "    - {name: a, target: \"99.99\"}\n";  // 241.92 s of 28 days, 8 intervals
  found(w, "warning: objective 'a': 99.99 % leaves 241.9 s");
  w.objectives = "    - {name: a, target: \"99.999\"}\n";
  found(w, "error: objective 'a': 99.999 % leaves 24.1 s");
  w.objectives = "    - {name: a, target: \"100\"}\n";
  found(w, "agreement.yaml:15:25: error: objective 'a': 100 % leaves 0.0 s");
}

TEST(Lint, FindsBeliefShorterThanTheInterval) {
  Words w;
  w.measurement = "    belief: 20s\n";
  found(w, "believed for 20s but comes only every 30s");
}

TEST(Lint, FindsNeedsWithoutObjectivesAndObjectivesWithoutNeeds) {
  Words w;
  w.spec = "  needs: [{id: N1, need: order}]\n";
  EXPECT_EQ(findings(w),
            "agreement.yaml:15:7: error: objective 'availability' serves no need\n"
            "agreement.yaml:16:11: error: no objective serves the need 'N1'\n");
}

const std::string kParties =
    "  parties: {provider: {name: P, signs: {role: CEO}}, customer: {name: C, signs: {role: "
    "CIO}}}\n"
    "  revision: {notice: 30d}\n";

TEST(Lint, WantsADisputeLadderOfNamedParties) {
  Words w;
  w.spec = kParties;
  found(w, "error: no 'disputes' in 'legal': the parties are named");
  w.spec = kParties +
           "  legal: {governingLaw: PRC, disputes: [{step: negotiation}, {step: litigation}]}\n";
  found(w, "warning: dispute step 'negotiation' has no 'within'");
  w.spec = kParties +
           "  legal: {governingLaw: PRC, disputes: [{step: negotiation, within: 15d}, {step: "
           "litigation}]}\n";
  EXPECT_EQ(findings(w), "");
}

TEST(Lint, WantsBothParties) {
  Words w;
  w.spec =
      "  parties: {provider: {name: P}}\n"
      "  legal: {governingLaw: PRC, disputes: [{step: litigation}]}\n";
  found(w, "error: 'parties' names no customer");
}

TEST(Lint, WantsSomebodyWhoSignsForEach) {
  Words w;
  w.spec =
      "  parties: {provider: {name: P, signs: {role: CEO}}, customer: {name: C}}\n"
      "  revision: {notice: 30d}\n"
      "  legal: {governingLaw: PRC, disputes: [{step: litigation}]}\n";
  EXPECT_EQ(findings(w),
            "agreement.yaml:16:64: warning: nobody signs for the customer ('signs'): who accepted "
            "this text cannot be shown\n");
}

TEST(Roster, FindsTheHoursInWhichNobodyIsOnCall) {
  const auto holes = [](const std::string& roster, const std::string& promised) {
    Words w;
    const config::Node file =
        tree(yaml(w) +
             "  calendars:\n"
             "    day: {weekly: {mon: [\"09:00-18:00\"], tue: [\"09:00-18:00\"]}, holidays: "
             "[\"2026-10-01\"]}\n"
             "    night: {weekly: {mon: [\"22:00-06:00\"]}}\n"
             "  support: {priorities: [{name: high, hours: " +
             promised + "}]}\n");
    Agreement a = agreement(w);
    a.safeguards.capability.roster_calendar = roster;
    std::string out;
    for (const Finding& each : roster_findings(a, file)) out += each.text + "\n";
    return out;
  };
  EXPECT_EQ(holes("always", "day"), "");
  EXPECT_EQ(holes("day", "day"), "");
  EXPECT_EQ(holes("", "always"), "") << "no roster is agreed";
  EXPECT_EQ(holes("day", "night"),
            "support of priority 'high' is promised in the hours 'night', but nobody is on call: "
            "mon 22:00-24:00, tue 00:00-06:00\n");
  EXPECT_NE(holes("day", "always").find("mon 00:00-09:00, mon 18:00-24:00, tue 00:00-09:00"),
            std::string::npos);
}

TEST(Lint, FindsAVersionThatBeginsBeforeItsNoticeIsOver) {
  Words w;
  w.metadata = "  supersedes: {version: \"0.9\"}\n";
  w.spec = "  revision: {notice: 30d}\n";
  LintOptions options;
  options.as_of = LocalDate{2025, 12, 3};
  found(w, "takes effect on 2026-01-01, but signed on 2025-12-03", options);
  options.as_of = LocalDate{2025, 12, 2};
  EXPECT_EQ(findings(w, options), "");
  EXPECT_EQ(findings(w), "") << "without a day of signing nothing can be said";
}

TEST(Lint, FindsWhatNobodyWillBeRemindedOf) {
  Words w;
  w.spec =
      "  training: [{what: tickets}]\n"
      "  risks: [{id: R1, what: flood}]\n"
      "  suppliers: [{name: isp}]\n"
      "  reliability: {backup: {restoreTest: {evidence: required}}}\n";
  found(w, "16:14: warning: the training 'tickets' has no date");
  found(w, "risk 'R1' has no owner");
  found(w, "supplier 'isp' promises nothing");
  found(w, "the restore test 'restore test of the backup' has no date");
  found(w, "risk 'R1' is never reviewed");
}

TEST(Lint, FindsAnInsuranceThatEndsBeforeTheAgreement) {
  Words w;
  w.effective = "{from: \"2026-01-01\", to: \"2027-01-01\", timeZone: UTC}";
  w.spec = "  guarantee: {insurance: {validUntil: \"2026-12-30\"}}\n";
  found(w, "the insurance ends on 2026-12-30, before the agreement does on 2026-12-31");
  w.spec = "  guarantee: {insurance: {validUntil: \"2026-12-31\"}}\n";
  EXPECT_EQ(findings(w), "");
}

TEST(Lint, HoldsPromisesAgainstThoseOfSuppliers) {
  Words w;
  w.spec =
      "  suppliers: [{name: a, promise: \"99.9\", covers: [network]}, {name: b, promise: \"99.9\", "
      "covers: [power]}]\n";
  found(w, "promises 99.9 %, but the suppliers together only 99.800 %");
  w.spec =
      "  suppliers: [{name: a, promise: \"99\", covers: [network]}, {name: b, promise: \"99\", "
      "covers: [network]}]\n";  // 99.99 % when one stands in for the other
  EXPECT_EQ(findings(w), "");
}

// One sound agreement; each test of SMART takes one thing away from it.
Words smart_words() {
  Words w;
  w.effective = "{from: \"2026-01-01\", to: \"2027-01-01\", timeZone: UTC}";
  w.services = "[{name: shop, description: the shop}]";
  w.objectives =
      "    - {name: a, serves: N1, statistic: availability, target: \"99.9\", period: {calendar: "
      "month}}\n";
  w.spec =
      "  needs: [{id: N1, need: order}]\n"
      "  capability: {feasibility: {history: 12M}}\n";
  return w;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Smart, FindsEachOfTheFiveLetters) {
  const LintOptions options{true, std::nullopt};
  EXPECT_EQ(findings(smart_words(), options), "");
  Words w = smart_words();
  w.objectives = replaced(w.objectives, "statistic: availability, ", "");
  found(w, "not SMART (S): it does not say which indicator", options);
  w = smart_words();
  w.checks = "      - {name: web, every: 300s, http: {url: \"https://shop.example/\"}}\n";
  found(w, "not SMART (M): the budget is 8.0 intervals of 5m", options);
  w = smart_words();
  w.spec = "  needs: [{id: N1, need: order}]\n";
  found(w, "not SMART (A): nothing shows that it can be kept", options);
  w = smart_words();
  w.spec = "  capability: {feasibility: {history: 12M}}\n";
  w.objectives = replaced(w.objectives, "serves: N1, ", "");
  found(w, "not SMART (R): it serves no need", options);
  w = smart_words();
  w.effective = "{from: \"2026-01-01\", timeZone: UTC}";
  found(w, "not SMART (T): the agreement has no end", options);
}

TEST(Smart, SaysWhatItMeasured) {
  const Words w = smart_words();
  std::string text;
  for (const Measured& each : smart(agreement(w), tree(yaml(w)))) {
    text += std::string(1, each.letter) + " " + each.text + "\n";
  }
  EXPECT_EQ(text,
            "S availability of shop\n"
            "M the budget is 80.6 intervals of 30s\n"
            "A history of 1Y\n"
            "R N1, order\n"
            "T UTC, 2026-01-01 00:00:00 to 2027-01-01 00:00:00\n");
}

}  // namespace
}  // namespace nines::sla::lint_test
