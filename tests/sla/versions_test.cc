// SPDX-License-Identifier: Apache-2.0
#include "sla/text/versions.h"

#include <gtest/gtest.h>

#include "support.h"

namespace nines::sla::versions_test {
namespace {

Words first() {
  Words words;
  words.effective = "{from: \"2026-01-01T00:00:00\", timeZone: UTC}";
  words.objectives = "    - {name: a, target: \"99\"}\n";
  return words;
}

Words second() {
  Words words = first();
  words.version = "\"2.0.0\"";
  words.effective = "{from: \"2026-03-02T12:00:00\", timeZone: UTC}";
  words.objectives = "    - {name: a, target: \"99.9\"}\n";
  return words;
}

// Down for 300 s in each half of the day.
Series day() {
  Series out = series();
  const std::int64_t from = at("2026-03-02T00:00:00Z");
  for (std::int64_t t = 0; t < 86'400; t += 30) {
    const bool down = t % 43'200 < 300;
    out.samples.push_back(
        {from + t * kSecondNs, down ? Outcome::down : Outcome::up, {}, std::nullopt});
  }
  return out;
}

TEST(Versions, EachInstantIsJudgedByTheOneInForce) {
  const std::vector<Agreement> versions{agreement(second()), agreement(first())};
  const Report report = judged(versions, {day()}, Question{"2026-03-02", std::nullopt});
  EXPECT_EQ(report.version, "2.0.0");
  const ObjectiveReport& o = report.objectives.at(0);
  ASSERT_EQ(o.versions.size(), 2U);
  EXPECT_EQ(o.versions[0].version, "1.0.0");
  EXPECT_EQ(o.versions[0].seconds.down, 300 * kSecondNs);
  EXPECT_EQ(o.versions[0].verdict, Verdict::met);  // 300 of 432 s
  EXPECT_EQ(o.versions[1].verdict, Verdict::breached);
  EXPECT_EQ(o.verdict, Verdict::breached);
  EXPECT_EQ(o.seconds.down, 600 * kSecondNs);
  EXPECT_EQ(o.seconds.not_in_force, 0);
  EXPECT_EQ(o.budget->total_ns, Rational(Integer(4752 * kSecondNs), Integer(10)));
  EXPECT_EQ(*o.blended_target, Rational(Integer(9945), Integer(10'000)));
  EXPECT_EQ(*o.blended_verdict, Verdict::breached);
}

TEST(Versions, ALaterOneThatBeginsAfterThePeriodChangesNothing) {
  const Report one = judged({agreement(first())}, {day()}, Question{"2026-03-01", std::nullopt});
  const Report two = judged({agreement(first()), agreement(second())}, {day()},
                            Question{"2026-03-01", std::nullopt});
  EXPECT_EQ(two.objectives.at(0).seconds, one.objectives.at(0).seconds);
  EXPECT_EQ(two.version, "1.0.0");
  EXPECT_EQ(two.objectives.at(0).versions.size(), 1U);
}

TEST(Versions, APastPeriodIsReportedInTheWordsOfItsOwnVersion) {
  Words later = second();
  later.objectives += "    - {name: new, target: \"99.9\"}\n";
  const Report report = judged({agreement(first()), agreement(later)}, {day()},
                               Question{"2026-03-01", WallTime{at("2026-05-01T00:00:00Z")}});
  EXPECT_EQ(report.version, "1.0.0");
  ASSERT_EQ(report.objectives.size(), 1U);
  EXPECT_EQ(report.objectives[0].name, "a");
  EXPECT_EQ(report.objectives[0].target, "99");
}

TEST(Versions, AnObjectiveThatWasDroppedIsJudgedForItsPart) {
  Words later = second();
  later.objectives = "    - {name: other, target: \"99.9\"}\n";
  const Report report =
      judged({agreement(first()), agreement(later)}, {day()}, Question{"2026-03-02", std::nullopt});
  ASSERT_EQ(report.objectives.size(), 2U);
  EXPECT_EQ(report.objectives[0].name, "other");
  EXPECT_EQ(report.objectives[1].name, "a");
  EXPECT_EQ(report.objectives[1].seconds.not_in_force, 43'200 * kSecondNs);
  EXPECT_EQ(report.objectives[1].verdict, Verdict::met);
}

TEST(Versions, AGapBetweenTwoIsNotInForce) {
  Words early = first();
  early.effective = "{from: \"2026-01-01T00:00:00\", to: \"2026-03-02T06:00:00\", timeZone: UTC}";
  const Report report = judged({agreement(early), agreement(second())}, {day()},
                               Question{"2026-03-02", std::nullopt});
  EXPECT_EQ(report.objectives.at(0).seconds.not_in_force, 21'600 * kSecondNs);
}

TEST(Versions, AnOutageOverTheChangeIsOneOutage) {
  Series all = series();
  const std::int64_t noon = at("2026-03-02T12:00:00Z");
  add(all, noon - 43'200 * kSecondNs, noon - 300 * kSecondNs, 30, Outcome::up);
  add(all, noon - 300 * kSecondNs, noon + 300 * kSecondNs, 30, Outcome::down);
  add(all, noon + 300 * kSecondNs, noon + 43'200 * kSecondNs, 30, Outcome::up);
  const Report report = judged({agreement(first()), agreement(second())}, {all},
                               Question{"2026-03-02", std::nullopt});
  ASSERT_EQ(report.objectives.at(0).outages.size(), 1U);
  EXPECT_EQ(report.objectives[0].outages[0].down_ns, 600 * kSecondNs);
  EXPECT_EQ(report.objectives[0].outages[0].least_ns, 570 * kSecondNs);
}

std::string refusal(const std::vector<Agreement>& versions) {
  const auto out = order_versions(versions);
  return out ? "" : out.error().message;
}

TEST(Versions, ThatContradictEachOtherAreRefused) {
  Words other = second();
  other.name = "other";
  EXPECT_NE(refusal({agreement(first()), agreement(other)}).find("two agreements"),
            std::string::npos);
  EXPECT_NE(refusal({agreement(first()), agreement(first())}).find("given twice"),
            std::string::npos);
  Words same_day = first();
  same_day.version = "\"1.1.0\"";
  EXPECT_NE(refusal({agreement(first()), agreement(same_day)}).find("same instant"),
            std::string::npos);
}

TEST(Versions, MustSupersedeTheTextThatIsGiven) {
  const Agreement old = agreement(first());
  Words wrong = second();
  wrong.metadata = "  supersedes: {version: \"1.0.0\", digest: \"sha256:00\"}\n";
  EXPECT_NE(refusal({old, agreement(wrong)}).find("supersedes 1.0.0"), std::string::npos);
  Words right = second();
  right.metadata =
      "  supersedes: {version: \"1.0.0\", digest: \"sha256:" + hex(old.digest) + "\"}\n";
  EXPECT_EQ(refusal({old, agreement(right)}), "");
  Words of_another = second();
  of_another.metadata = "  supersedes: {version: \"0.9.0\", digest: \"sha256:00\"}\n";
  EXPECT_EQ(refusal({old, agreement(of_another)}), "");
}

}  // namespace
}  // namespace nines::sla::versions_test
