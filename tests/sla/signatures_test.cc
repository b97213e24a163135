// SPDX-License-Identifier: Apache-2.0
// Who signed the text that is judged by: a signature is over one digest, and what is missing is
// said in every form of the report without changing what it judges.
#include "sla/judge/signatures.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sla/render/report_csv.h"
#include "sla/render/report_html.h"
#include "sla/render/report_json.h"
#include "sla/render/report_text.h"
#include "support.h"

namespace nines::sla::signatures_test {
namespace {

using Side = SignatureEvent::Side;

Words text(const std::string& version, const std::string& from, bool signs = true) {
  Words words;
  words.version = "\"" + version + "\"";
  words.effective = "{from: \"" + from + "T00:00:00\", timeZone: UTC}";
  if (signs) {
    words.spec =
        "  parties:\n    provider: {name: North, signs: {role: head}}\n"
        "    customer: {name: Harbour, signs: {key: \"ed25519:harbour-1\"}}\n";
  }
  return words;
}

SignatureEvent signed_by(Side side,
                         const Agreement& of,
                         const std::string& actor,
                         const std::string& when) {
  return {side, of.version, of.digest, actor, WallTime{at(when)}};
}

Report report(const std::vector<Agreement>& versions,
              const std::vector<SignatureEvent>& signatures,
              const Question& question = {"2026-03-02", std::nullopt}) {
  Series all = series();
  add(all, at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z"), 30, kUp);
  Events events;
  events.signatures = signatures;
  auto out = judge(versions, {all}, question, events);
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? *out : Report{};
}

std::string warnings(const Report& report, Language language = Language::en) {
  std::string out;
  for (const Warning& each : report.warnings) out += warning_text(each, language) + "\n";
  return out;
}

TEST(Signatures, StandInTheReportWithWhoAndWhen) {
  const Agreement one = agreement(text("1", "2026-01-01"));
  const Report out = report({one}, {signed_by(Side::provider, one, "alice", "2026-01-05T10:00:00Z"),
                                    signed_by(Side::customer, one, "bob", "2026-01-06T10:00:00Z")});
  ASSERT_EQ(out.signatures.size(), 1U);
  EXPECT_EQ(out.signatures[0].digest, one.digest);
  EXPECT_EQ(out.signatures[0].provider.actor, "alice");
  EXPECT_EQ(out.signatures[0].customer.at.ns, at("2026-01-06T10:00:00Z"));
  EXPECT_EQ(warnings(out), "");
  const auto json = nlohmann::json::parse(report_json(out)).at("signatures");
  const nlohmann::json expected{{{"version", "1"},
                                 {"digest", "sha256:" + hex(one.digest)},
                                 {"provider", {{"actor", "alice"}, {"at", "2026-01-05T10:00:00Z"}}},
                                 {"customer", {{"actor", "bob"}, {"at", "2026-01-06T10:00:00Z"}}},
                                 {"missing", nlohmann::json::array()}}};
  EXPECT_EQ(json, expected);
}

TEST(Signatures, ThatAreMissingAreWarnedOfAndChangeNoVerdict) {
  const Agreement one = agreement(text("1", "2026-01-01"));
  const Report whole =
      report({one}, {signed_by(Side::provider, one, "alice", "2026-01-05T10:00:00Z"),
                     signed_by(Side::customer, one, "bob", "2026-01-06T10:00:00Z")});
  const Report half =
      report({one}, {signed_by(Side::provider, one, "alice", "2026-01-05T10:00:00Z")});
  EXPECT_EQ(warnings(half),
            "version 1 is not signed by the customer, and the agreement says who signs\n");
  EXPECT_EQ(warnings(half, Language::zh), "版本 1 未经客户签署，而协议写明了签署人\n");
  EXPECT_EQ(half.objectives[0].verdict, whole.objectives[0].verdict);
  EXPECT_EQ(half.objectives[0].seconds, whole.objectives[0].seconds);
  const auto json = nlohmann::json::parse(report_json(half)).at("signatures").at(0);
  EXPECT_EQ(json.at("customer"), nullptr);
  EXPECT_EQ(json.at("missing"), nlohmann::json({"customer"}));
}

TEST(Signatures, NobodyIsWarnedWhereTheTextNamesNobodyWhoSigns) {
  const Agreement one = agreement(text("1", "2026-01-01", false));
  const Report out = report({one}, {});
  ASSERT_EQ(out.signatures.size(), 1U);
  EXPECT_FALSE(out.signatures[0].tells());
  EXPECT_EQ(warnings(out), "");
  EXPECT_EQ(report_text(out, false, Language::en).find("signatures"), std::string::npos);
  EXPECT_EQ(report_html(out, Language::en).find("signatures"), std::string::npos);
}

TEST(Signatures, OfAChangedTextDoNotCount) {
  const Agreement before = agreement(text("1", "2026-01-01"));
  Words changed = text("1", "2026-01-01");
  changed.objectives = "    - {name: availability, target: \"99.5\"}\n";
  const Agreement after = agreement(changed);
  const Report out =
      report({after}, {signed_by(Side::provider, before, "alice", "2026-01-05T10:00:00Z"),
                       signed_by(Side::customer, after, "bob", "2026-01-06T10:00:00Z")});
  EXPECT_EQ(out.signatures.at(0).provider.actor, "");
  EXPECT_EQ(out.signatures.at(0).customer.actor, "bob");
  EXPECT_EQ(warnings(out),
            "the provider signed another text of version 1, sha256:" + hex(before.digest) +
                ": that signature does not count\n"
                "version 1 is not signed by the provider, and the agreement says "
                "who signs\n");
}

TEST(Signatures, TheFirstOfAPartyCounts) {
  const Agreement one = agreement(text("1", "2026-01-01"));
  const Report out = report({one}, {signed_by(Side::provider, one, "anna", "2026-01-07T10:00:00Z"),
                                    signed_by(Side::provider, one, "alice", "2026-01-05T10:00:00Z"),
                                    signed_by(Side::provider, one, "amy", "2026-01-06T10:00:00Z")});
  EXPECT_EQ(out.signatures.at(0).provider.actor, "alice");
}

TEST(Signatures, ThatCameAfterTheInstantOfTheReportAreNotUsed) {
  const Agreement one = agreement(text("1", "2026-01-01"));
  const std::vector<SignatureEvent> both{
      signed_by(Side::provider, one, "alice", "2026-01-05T10:00:00Z"),
      signed_by(Side::customer, one, "bob", "2026-03-02T12:00:00Z")};
  const auto as_of = [&](const char* instant) {
    return report({one}, both, {"2026-03-02", WallTime{at(instant)}}).signatures.at(0);
  };
  EXPECT_EQ(as_of("2026-03-02T11:59:59Z").customer.actor, "");
  EXPECT_EQ(as_of("2026-03-02T12:00:00Z").customer.actor, "bob");
}

TEST(Signatures, AreOfTheVersionsThatWereInForceByThen) {
  const Agreement old = agreement(text("1", "2026-01-01"));
  const Agreement now = agreement(text("2", "2026-03-02"));
  const Agreement next = agreement(text("3", "2026-03-05"));
  const auto versions_in = [&](const Question& question) {
    std::string out;
    for (const auto& each : report({old, now, next}, {}, question).signatures) out += each.version;
    return out;
  };
  EXPECT_EQ(versions_in({"2026-03-01", std::nullopt}), "1");
  EXPECT_EQ(versions_in({"2026-03-02", std::nullopt}), "2");
  EXPECT_EQ(versions_in({"2026-03", std::nullopt}), "123");
  EXPECT_EQ(versions_in({"2026-03", WallTime{at("2026-03-04T00:00:00Z")}}), "12");
  EXPECT_EQ(versions_in({"2025-03", std::nullopt}), "");
}

TEST(Signatures, AreSaidInTextPageAndSpreadsheet) {
  const Agreement one = agreement(text("1", "2026-01-01"));
  const Report out =
      report({one}, {signed_by(Side::provider, one, "al<ice", "2026-01-05T10:00:00Z")});
  const auto holds = [](const std::string& whole, const std::string& part) {
    EXPECT_NE(whole.find(part), std::string::npos) << whole;
  };
  holds(report_text(out, false, Language::en),
        "signatures under version 1: provider al<ice (2026-01-05T10:00:00Z), customer\nnone\n");
  holds(report_text(out, false, Language::zh), "版本 1 的签署：服务提供方 al<ice");
  holds(report_html(out, Language::en), "signatures 1</th>");
  holds(report_html(out, Language::en), "provider al&lt;ice (2026-01-05T10:00:00Z), customer none");
  holds(report_html(out, Language::zh), "客户 未签署");
  const std::string csv = report_csv(out);
  holds(csv, "supplier,provider_signed,customer_signed\r\n");
  holds(csv, ",,2026-01-05T10:00:00Z,\r\n");
}

}  // namespace
}  // namespace nines::sla::signatures_test
