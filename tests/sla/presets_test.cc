// SPDX-License-Identifier: Apache-2.0
// Published texts as parts of an agreement: one set of results under each of them.
#include "sla/text/presets.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "sla/tools/explain.h"
#include "sla/tools/lint.h"
#include "support.h"

namespace nines::sla::presets_test {
namespace {

// An agreement of one service with the preset under it, and what the preset leaves to the parties.
std::string over(const Preset& preset, const std::string& more = "") {
  const std::string text(preset.text);
  const bool promised = text.find("objectives:") != std::string::npos;
  const bool paid = text.find("compensation:") != std::string::npos;
  return "overlay: {base: \"preset:" + std::string(preset.name) +
         "\"}\nmetadata: {name: cloud, version: \"1\"}\nspec:\n"
         "  effective: {from: \"2026-01-01T00:00:00\", timeZone: UTC}\n"
         "  scope: {services: [{name: vm}]}\n"
         "  measurement:\n    checks: [{name: web, every: 10s, tcp: {address: "
         "\"vm.example:443\"}}]\n"
         "    canaries: []\n" +
         (promised ? "" : "  objectives: [{name: uptime, target: \"99\"}]\n") +
         (paid ? "  compensation: {fee: {currency: USD, monthly: \"100.00\"}}\n" : "") + more;
}

const Preset& preset(std::string_view name) {
  const Preset* found = find_preset(name);
  EXPECT_NE(found, nullptr) << name;
  return *found;
}

Agreement agreed(const std::string& text) {
  const auto out = read_agreement(text, "cloud.yaml");
  EXPECT_TRUE(out) << (out ? "" : out.error().message) << text;
  return out ? *out : Agreement{};
}

// A result every 10 s from 10:00 to 10:30; the service is down from 10:10:30 to 10:12:50.
Report half_an_hour(const Agreement& agreement) {
  Series s = series();
  add(s, at("2026-03-02T10:00:00Z"), at("2026-03-02T10:10:30Z"), 10, Outcome::up);
  add(s, at("2026-03-02T10:10:30Z"), at("2026-03-02T10:12:50Z"), 10, Outcome::down);
  add(s, at("2026-03-02T10:12:50Z"), at("2026-03-02T10:30:00Z"), 10, Outcome::up);
  return judged({agreement}, {s}, Question{"2026-03-02T10:00:00Z/2026-03-02T10:30:00Z", {}});
}

std::string value_under(std::string_view name) {
  const Report report = half_an_hour(agreed(over(preset(name))));
  if (report.objectives.empty() || !report.objectives[0].nominal) return "none";
  return floor_text(*report.objectives[0].nominal * Rational(100), 3);
}

TEST(Presets, CarryADateASourceAndTheirReadings) {
  std::string before;
  for (const Preset& each : presets()) {
    const std::string name(each.name);
    EXPECT_LT(before, name) << "in order, each once";
    before = name;
    const std::size_t at = name.find('@');
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_TRUE(parse_rfc3339(name.substr(at + 1) + "T00:00:00Z")) << name << " has no date";
    EXPECT_FALSE(each.title.empty());
    for (const Language language : {Language::en, Language::zh}) {
      for (const Phrase* phrase :
           {&each.source, &each.measures, &each.silence, &each.partial, &each.left_out}) {
        EXPECT_FALSE(phrase->in(language).ends_with('.')) << name;
      }
    }
  }
}

TEST(Presets, ExpandToAWholeAgreementWithWhatThePartiesAdd) {
  for (const Preset& each : presets()) {
    const Agreement a = agreed(over(each));
    ASSERT_EQ(a.objectives.size(), 1U) << each.name;
    EXPECT_EQ(a.objectives[0].name, "uptime");
    EXPECT_EQ(a.exclusions.effect, Exclusions::Effect::forgive) << "the denominator is kept";
  }
}

TEST(Presets, SayWhatIsPromisedAndPaid) {
  const Agreement region = agreed(over(preset("aws-ec2-region@2022-05-25")));
  EXPECT_EQ(region.objectives[0].target_text, "99.99");
  ASSERT_TRUE(region.outage_rule);
  EXPECT_EQ(region.outage_rule->kind, OutageRule::Kind::all_attempts_fail);
  EXPECT_EQ(region.outage_rule->slice, minutes(1));
  ASSERT_EQ(region.compensation->tiers.size(), 1U);
  const auto& steps = region.compensation->tiers[0].steps;
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[1].from, *parse_decimal("0.99"));
  EXPECT_EQ(steps[1].credit, *parse_decimal("0.1"));
  EXPECT_EQ(steps[2].credit, *parse_decimal("0.3"));
  EXPECT_EQ(steps[3].credit, Rational(1));
  EXPECT_EQ(region.compensation->claim_billing_cycles, 2);
  EXPECT_TRUE(agreed(over(preset("aws-ec2-instance@2022-05-25"))).objectives[0].assume_up);
  const Agreement store = agreed(over(preset("aws-s3@2019-07-31")));
  EXPECT_EQ(store.objectives[0].method, Objective::Method::ratio_timeslices);
  EXPECT_TRUE(store.objectives[0].slices.empty_is_good) << "silence is perfect";
  EXPECT_EQ(store.objectives[0].slices.window, minutes(5));
}

// By hand, of 1 800 s. Down 10:10:30 to 10:12:50: 140 s.
//   full minutes since the beginning: 2, so 120 s          → 1 680/1 800 = 93.333 %
//   clock minutes with nothing but failures: 10:11, 60 s   → 1 740/1 800 = 96.666 %
//   seconds                                                → 1 660/1 800 = 92.222 %
//   five minutes from 10:10: 14 of 30 failed               → (5 + 16/30)/6 = 92.222 %
//   no hour with more than six minutes                     → 100 %
TEST(Presets, JudgeTheSameResultsEachByItsOwnText) {
  EXPECT_EQ(value_under("gcp-compute-single@2025-03-04"), "93.333");
  EXPECT_EQ(value_under("aliyun-ecs@2021-12-18"), "93.333");
  EXPECT_EQ(value_under("aws-ec2-region@2022-05-25"), "96.666");
  EXPECT_EQ(value_under("aws-ec2-instance@2022-05-25"), "96.666");
  EXPECT_EQ(value_under("azure-vm-zones@2026-09-01"), "92.222");
  EXPECT_EQ(value_under("aws-s3@2019-07-31"), "92.222");
  EXPECT_EQ(value_under("aws-ec2-hourly@2022-05-25"), "100.000");
  // 96.666 % pays 30 %, 92.222 % pays all.
  const auto aws = half_an_hour(agreed(over(preset("aws-ec2-region@2022-05-25")))).credits;
  EXPECT_EQ(aws->percent, Rational(30));
  const auto azure = half_an_hour(agreed(over(preset("azure-vm-zones@2026-09-01")))).credits;
  EXPECT_EQ(azure->percent, Rational(100));
}

TEST(Presets, AreTheSameRuleAloneOrWithTheWholeText) {
  Words w;
  w.measurement = "    outageRule: {preset: aws-ec2-region@2022-05-25}\n";
  const Agreement alone = agreement(w);
  ASSERT_TRUE(alone.outage_rule);
  EXPECT_EQ(alone.outage_rule->kind, OutageRule::Kind::all_attempts_fail);
  w.measurement = "    outageRule: {preset: aws-s3@2019-07-31}\n";
  EXPECT_NE(complaint(w).find("preset 'aws-s3@2019-07-31' has no spec/measurement/outageRule; take "
                              "the whole of it: overlay: {base: \"preset:aws-s3@2019-07-31\"}"),
            std::string::npos)
      << complaint(w);
}

TEST(Presets, UnknownOnesAreRefusedWithTheNearest) {
  EXPECT_NE(no_such_preset("aws-ec2-region").find("did you mean 'aws-ec2-region@2022-05-25'?"),
            std::string::npos);
  EXPECT_NE(no_such_preset("aws-ec2-regio@2022-05-25").find("'aws-ec2-region@2022-05-25'"),
            std::string::npos);
  EXPECT_NE(no_such_preset("x").find("there are aliyun-ecs@2021-12-18, aws-"), std::string::npos);
  std::string text = over(preset("aws-s3@2019-07-31"));
  text.replace(text.find("aws-s3@2019"), 11, "aws-s3@2018");
  const auto refused = read_agreement(text, "cloud.yaml");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "cloud.yaml:1:17: error: no preset 'aws-s3@2018-07-31' (did you mean "
            "'aws-s3@2019-07-31'?)");
}

// A text without a fee, whose preset has tiers: the place is in the preset.
TEST(Presets, AreNamedWhereAComplaintIsOfTheirText) {
  std::string text = over(preset("aws-s3@2019-07-31"));
  text.erase(text.find("  compensation:"));
  const auto refused = read_agreement(text, "cloud.yaml");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("preset:aws-s3@2019-07-31:"))
      << refused.error().message;
}

// What was signed under a name must mean the same for ever: who must change a text adds another.
TEST(Presets, NeverChange) {
  std::string all;
  for (const Preset& each : presets()) {
    all += std::string(each.name) + " " +
           hex(sha256(as_bytes(std::string(each.text)))).substr(0, 16) + "\n";
  }
  EXPECT_EQ(all,
            "aliyun-ecs@2021-12-18 3537a74a99b7247a\n"
            "aws-ec2-hourly@2022-05-25 2a3b94c7358df9cc\n"
            "aws-ec2-instance@2022-05-25 3e500eabe4cffd6d\n"
            "aws-ec2-region@2022-05-25 09fde882b9950e79\n"
            "aws-s3@2019-07-31 fa2af4233dc7f0b5\n"
            "azure-vm-set@2026-09-01 89a86695fad61c43\n"
            "azure-vm-single@2026-09-01 1f5bf2c63c96759b\n"
            "azure-vm-zones@2026-09-01 ed0e1f2e8e6c9f6f\n"
            "gcp-compute-single@2025-03-04 384e35379d30d282\n"
            "gcp-compute-zones@2020-04-07 46b5e12860fa32fa\n");
}

TEST(Explain, ShowsWhatAPresetExpandsTo) {
  const std::string text = over(preset("aws-ec2-region@2022-05-25"));
  config::Complaints complaints;
  const auto whole = resolve_preset(tree(text), complaints);
  ASSERT_TRUE(whole);
  std::string en;
  for (const Sentence& each : explain(agreed(text), *whole, Language::en)) en += each.text + "\n";
  for (const char* part :
       {"aws-ec2-region@2022-05-25: Amazon Compute Service Level Agreement (Region-Level SLA), "
        "last "
        "updated 25 May 2022",
        "Silence: the text says nothing", "Left out: not modelled",
        "spec/measurement/outageRule/rule: all-attempts-fail\n",
        "spec/objectives/uptime/target: 99.99\n",
        "A slice of 1 min (UTC clock) is down as a whole if there were attempts in it and all "
        "failed"}) {
    EXPECT_NE(en.find(part), std::string::npos) << part << " is not in:\n" << en;
  }
  std::string zh;
  for (const Sentence& each : explain(preset("aws-s3@2019-07-31"), Language::zh)) {
    zh += each.text + "\n";
  }
  EXPECT_NE(zh.find("五分钟间隔内无请求视为无错误"), std::string::npos) << zh;
}

TEST(Lint, FindsWhereATextLeavesThePublishedOne) {
  const auto findings = [](const std::string& text) {
    config::Complaints complaints;
    const auto whole = resolve_preset(tree(text), complaints);
    std::string out;
    for (const Finding& each : lint(agreed(text), *whole)) out += each.text + "\n";
    return out;
  };
  const Preset& google = preset("gcp-compute-zones@2020-04-07");
  EXPECT_EQ(findings(over(google)).find("follows the preset"), std::string::npos);
  EXPECT_NE(findings(over(google, "  objectives: [{name: uptime, target: \"99.9\"}]\n"))
                .find("the text follows the preset 'gcp-compute-zones@2020-04-07', which has "
                      "spec/objectives/uptime/target: 99.99; here it is 99.9"),
            std::string::npos);
}

}  // namespace
}  // namespace nines::sla::presets_test
