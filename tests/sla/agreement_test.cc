// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sla/text/agreement_decoder.h"
#include "sla/text/canonical.h"
#include "support.h"

namespace nines::sla::agreement_test {
namespace {

TEST(AgreementReader, FillsInTheDefaults) {
  const Agreement a = agreement({});
  EXPECT_EQ(a.name, "acme");
  EXPECT_EQ(a.version, "1.0.0");
  EXPECT_EQ(a.zone.name(), "UTC");
  EXPECT_FALSE(a.effective_to);
  EXPECT_EQ(a.decimals, 3U);
  EXPECT_TRUE(a.vantages.empty());
  EXPECT_FALSE(a.quorum.k);
  EXPECT_EQ(a.unknown.treat, UnknownPolicy::Treat::verdict);
  EXPECT_EQ(a.unknown.min_coverage, Rational(0));
  EXPECT_EQ(a.unknown.burden, UnknownPolicy::Burden::provider);
  ASSERT_EQ(a.checks.size(), 1U);
  EXPECT_EQ(a.checks[0].service, "shop");
  EXPECT_EQ(a.checks[0].belief, seconds(75));
  ASSERT_EQ(a.objectives.size(), 1U);
  EXPECT_EQ(a.objectives[0].statistic, Objective::Statistic::availability);
  EXPECT_EQ(a.objectives[0].service, "shop");
  EXPECT_EQ(a.objectives[0].target, Rational(Integer(999), Integer(1000)));
  EXPECT_EQ(a.objectives[0].period, (PeriodRule{PeriodRule::Kind::month, 0}));
  EXPECT_EQ(a.composition.at("shop"), std::vector<std::string>{"web"});
}

TEST(AgreementReader, TakesEverySectionThatItJudgesOrMayPassOver) {
  Words w;
  w.name = "acme-shop-web";
  w.metadata =
      "  displayName: {zh: 网上商城托管服务级别协议, en: Web shop hosting SLA}\n"
      "  labels: {customer: acme, tier: gold}\n"
      "  supersedes: {version: \"2.0.0\", digest: \"sha256:5f1d0c6a3b\"}\n";
  w.effective =
      "{from: \"2026-07-01T00:00:00\", to: \"2027-07-01T00:00:00\", timeZone: Asia/Shanghai}";
  w.services =
      "\n      - {name: shop, kind: Service, description: {zh: 商城, en: shop}, endpoints: "
      "[\"https://shop.example/\"]}\n      - {name: vpn, kind: Service}\n"
      "    includes: [hardware]\n    excludes: [customer code]\n    scenarios: [peaks]";
  w.checks =
      "      - {name: web, service: shop, every: 30s, timeout: 10s, http: {url: "
      "\"https://shop.example/\", expect: {status: \"200-399\"}}}\n"
      "      - {name: tunnel, service: vpn, every: 60s, timeout: 5s, tcp: {address: "
      "\"vpn.example:1194\"}}\n";
  w.measurement =
      "    vantages: [sh-edge-1, bj-edge-2, gz-edge-3]\n    canaries: []\n    belief: 75s\n"
      "    confirm: {downAfter: 1, upAfter: 1, startAt: firstFailure}\n"
      "    quorum: {rule: k-of-n, k: 2, of: 3}\n"
      "    minimumOutage: {duration: 0s, mergeGap: 0s}\n"
      "    unknown: {treat: down, minCoverage: \"95\", burdenOfProof: customer}\n"
      "    lateDataUntil: 5d\n    rounding: {display: floor, decimals: 4, compare: exact}\n";
  w.objectives =
      "    - {name: a, serves: N1, service: shop, statistic: availability, method: time, target: "
      "\"99.95\", hours: always, period: {calendar: quarter, timeZone: Europe/Berlin}, "
      "partialPeriod: prorate}\n"
      "    - {name: b, serves: [N1, N2], service: vpn, statistic: mean, of: successful, max: "
      "2000ms, period: {rolling: 4w}}\n";
  w.spec =
      "  languages: {prevailing: zh, also: [en]}\n  parties: {provider: {name: P}}\n"
      "  obligations: {customer: [answer]}\n  needs: [{id: N1, need: x}, {id: N2, need: y}]\n"
      "  calendars:\n    always: {timeZone: Asia/Shanghai, weekly: {mon: [\"00:00-24:00\"], tue: "
      "[\"00:00-24:00\"], wed: [\"00:00-24:00\"], thu: [\"00:00-24:00\"], fri: [\"00:00-24:00\"], "
      "sat: [\"00:00-24:00\"], sun: [\"00:00-24:00\"]}}\n    office: {weekly: {mon: "
      "[\"09:00-18:00\"]}}\n"
      "  composition: {shop: {serial: [web]}}\n"
      "  unplanned: {emergencyMaintenance: counts as downtime}\n"
      "  reliability: {backup: {every: 24h}}\n  capability: {growth: {expected: \"40 %\"}}\n"
      "  risks: [{id: R1, likelihood: 3}]\n  suppliers: [{name: isp-a}]\n"
      "  guarantee: {reserve: {percentOfRevenue: \"2\"}}\n  legal: {governingLaw: PRC}\n"
      "  communication: {portal: {url: \"https://x/\"}}\n  training: [{what: x}]\n"
      "  feedback: {survey: {every: 1Q}}\n  improvement: {gap: {planWithin: 10d}}\n"
      "  revision: {notice: 30d, onChangeMidPeriod: split}\n";
  const Agreement a = agreement(w);
  EXPECT_EQ(a.effective_from.ns, at("2026-06-30T16:00:00Z"));
  EXPECT_EQ(a.effective_to->ns, at("2027-06-30T16:00:00Z"));
  EXPECT_EQ(a.supersedes_version, "2.0.0");
  EXPECT_EQ(a.vantages.size(), 3U);
  EXPECT_EQ(a.quorum.k, 2U);
  EXPECT_EQ(a.unknown.treat, UnknownPolicy::Treat::down);
  EXPECT_EQ(a.unknown.min_coverage, Rational(Integer(95), Integer(100)));
  EXPECT_EQ(a.decimals, 4U);
  ASSERT_EQ(a.objectives.size(), 2U);
  EXPECT_EQ(a.objectives[0].period.kind, PeriodRule::Kind::quarter);
  EXPECT_EQ(a.objectives[0].zone.name(), "Europe/Berlin");
  EXPECT_EQ(a.objectives[1].max, seconds(2));
  EXPECT_EQ(a.objectives[1].period, (PeriodRule{PeriodRule::Kind::rolling, 28}));
  EXPECT_EQ(a.objectives[1].zone.name(), "Asia/Shanghai");
}

TEST(AgreementReader, ReadsEffectiveDatesOnTheWallOfTheZone) {
  const auto from = [](const std::string& text) {
    Words w;
    w.effective = "{from: \"" + text + "\", timeZone: Europe/Berlin}";
    return agreement(w).effective_from.ns;
  };
  EXPECT_EQ(from("2026-07-01T00:00:00"), at("2026-06-30T22:00:00Z"));
  EXPECT_EQ(from("2026-07-01"), at("2026-06-30T22:00:00Z"));
  EXPECT_EQ(from("2026-03-29T02:30:00"), at("2026-03-29T01:30:00Z"));
  EXPECT_EQ(from("2026-07-01T00:00:00.25"), at("2026-06-30T22:00:00.25Z"));
  EXPECT_EQ(from("2026-07-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
  EXPECT_EQ(from("2026-07-01T00:00:00+08:00"), at("2026-06-30T16:00:00Z"));
}

TEST(AgreementReader, WalksSharedServicesOfACompositionOnce) {
  // Forty layers, each naming the next one twice: 2^40 ways to the bottom.
  Words w;
  w.services = "[";
  w.spec = "  composition:\n";
  for (int i = 0; i < 40; ++i) {
    const std::string next = "s" + std::to_string(i + 1);
    w.services += "{name: s" + std::to_string(i) + "}, {name: t" + std::to_string(i) + "}, ";
    w.spec +=
        "    s" + std::to_string(i) + ": {serial: [" + next + ", t" + std::to_string(i) + "]}\n";
    w.spec += "    t" + std::to_string(i) + ": {serial: [" + next + "]}\n";
  }
  w.services += "{name: s40}]";
  w.checks = "      - {name: web, service: s40, http: {url: \"https://shop.example/\"}}\n";
  w.objectives = "    - {name: a, service: s0, target: \"99.9\"}\n";
  EXPECT_EQ(agreement(w).composition.at("s0"), std::vector<std::string>{"web"});
}

TEST(AgreementReader, DigestIsOfTheMeaningNotOfTheLayout) {
  Words w;
  const Digest digest = agreement(w).digest;
  w.spec = "  # a remark\n";
  EXPECT_EQ(agreement(w).digest, digest);
  w.spec = "  legal: {governingLaw: PRC}\n";
  EXPECT_NE(agreement(w).digest, digest);
}

TEST(AgreementReader, ShowsAllComplaintsOfAFileAtOnce) {
  Words w;
  w.measurement = "    belief: soon\n    quorum: {rule: unanimous, minKnown: 1}\n";
  w.objectives = "    - {name: a, target: 99.9}\n    - {name: b, target: \"101\"}\n";
  w.spec = "  exclusions: {effect: ignore}\n  legl: {}\n";
  const std::string text = complaint(w);
  for (const char* expected :
       {"'soon' is not a duration", "k-of-n or majority", "99.9 in quotes", "'101'", "'effect' is",
        "unknown key 'legl'", "did you mean 'legal'"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
  }
}

TEST(AgreementReader, SaysWhichFileItCannotRead) {
  const auto out = read_agreement_file("/nonexistent/agreement.yaml");
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().message.find("/nonexistent/agreement.yaml"), std::string::npos);
}

}  // namespace
}  // namespace nines::sla::agreement_test
