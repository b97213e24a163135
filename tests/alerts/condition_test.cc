// SPDX-License-Identifier: Apache-2.0
#include "alerts/condition.h"

#include <gtest/gtest.h>

namespace nines::alerts::condition_test {
namespace {

using State = Condition::State;

constexpr WallTime kNow{1'793'577'600'000'000'000};  // 2026-11-02T00:00:00Z

sla::BurnAlert burn(bool fires, bool frozen = false) {
  sla::BurnAlert out;
  out.severity = "page";
  out.long_window = hours(1);
  out.short_window = minutes(5);
  out.threshold = sla::Rational(sla::Integer(144), sla::Integer(10));
  out.long_burn = sla::Rational(20);
  out.short_burn = sla::Rational(30);
  out.bad_results = 7;
  out.fires = fires;
  out.frozen = frozen;
  return out;
}

sla::Report report() {
  sla::Report out;
  out.agreement = "acme";
  out.digest = {1};
  sla::ObjectiveReport objective;
  objective.name = "availability";
  objective.service = "shop";
  objective.target = "99.9";
  objective.period = {kNow.ns, (kNow + hours(24 * 30)).ns};
  out.objectives.push_back(objective);
  return out;
}

std::vector<sla::Agreement> versions(std::vector<std::string> warn_at) {
  sla::Agreement agreement;
  agreement.name = "acme";
  agreement.digest = {1};
  agreement.conduct.communication.warn_at = std::move(warn_at);
  return {agreement};
}

TEST(Conditions, HaveABurnThatFiresWithItsFiguresAndNoneThatDoesNot) {
  auto of = report();
  of.objectives[0].burn = {burn(true), burn(false)};
  of.objectives[0].burn[1].severity = "ticket";
  const auto all = report_conditions(of, versions({}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].key, "burn:acme:availability:page:1h-5m");
  EXPECT_EQ(all[0].state, State::holds);
  EXPECT_EQ(all[0].labels.at("severity"), "page");
  EXPECT_EQ(all[0].labels.at("kind"), "burn");
  EXPECT_EQ(all[0].labels.at("service"), "shop");
  EXPECT_EQ(all[0].figures.at("long_burn"), "20.000");
  EXPECT_EQ(all[0].figures.at("threshold"), "14.400");
}

TEST(Conditions, AreFrozenWhereTheWindowsSayTooLittle) {
  auto of = report();
  of.objectives[0].burn = {burn(false, true)};
  const auto all = report_conditions(of, versions({}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].state, State::frozen);
}

TEST(Conditions, WarnOfABudgetAtEachAgreedShareThatIsReached) {
  auto of = report();
  of.objectives[0].budget = sla::Budget{sla::Rational(1'000'000'000'000), 800'000'000'000};
  const auto all = report_conditions(of, versions({"50", "80", "100"}));
  ASSERT_EQ(all.size(), 2U) << "80 % is reached at exactly 80 %, 100 % is not";
  EXPECT_EQ(all[0].key, "budget:acme:availability:50:2026-11-02T00~3a00~3a00Z");
  EXPECT_EQ(all[1].figures.at("warn_at_percent"), "80");
  EXPECT_EQ(all[1].figures.at("used_s"), "800");
  EXPECT_EQ(all[1].figures.at("left_s"), "200");
}

TEST(Conditions, WarnByTheVersionThatTheReportIsOf) {
  auto of = report();
  of.digest = {2};
  of.objectives[0].budget = sla::Budget{sla::Rational(10), 10};
  EXPECT_TRUE(report_conditions(of, versions({"50"})).empty());
}

TEST(Conditions, OfACertificateTakeTheEarliestEndThatAnyVantageSeesFreshly) {
  const std::vector<SeenCertificate> seen = {
      {"web", "edge-1", kNow + hours(24 * 10), kNow - minutes(1)},
      {"web", "edge-2", kNow + hours(24 * 5), kNow - minutes(1)},
      {"web", "edge-3", kNow + hours(24), kNow - hours(25)},  // silent for a day
      {"mail", "edge-1", kNow + hours(24 * 22), kNow},
  };
  const auto all = certificate_conditions(seen, 21, kNow);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].key, "certificate:web");
  EXPECT_EQ(all[0].labels.at("vantage"), "edge-2");
  EXPECT_NE(all[0].text.find("expires in 5 days"), std::string::npos) << all[0].text;
}

TEST(Conditions, OfACertificateThatNobodyHasSeenForADayAreFrozen) {
  const auto all =
      certificate_conditions({{"web", "edge-1", kNow + hours(1), kNow - hours(30)}}, 21, kNow);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].state, State::frozen);
}

TEST(Conditions, TellOfAnAgentThatIsSilentForLongerThanTheLimit) {
  const std::vector<SeenAgent> agents = {
      {"quiet", kNow - minutes(6), false},
      {"late", kNow - minutes(5), false},
      {"let-go", kNow - hours(2), true},
      {"gone", kNow - hours(24 * 31), false},
  };
  const auto all = silence_conditions(agents, minutes(5), kNow - hours(24), kNow);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].key, "agent:quiet");
  EXPECT_EQ(all[0].since, kNow - minutes(6));
}

TEST(Conditions, CallNobodySilentWhileTheCollectorItselfWasAway) {
  const std::vector<SeenAgent> agents = {{"quiet", kNow - hours(3), false}};
  EXPECT_TRUE(silence_conditions(agents, minutes(5), kNow - minutes(4), kNow).empty());
  EXPECT_EQ(silence_conditions(agents, minutes(5), kNow - minutes(6), kNow).size(), 1U);
}

TEST(Conditions, AreSilencedWithinAWindowOfTheirService) {
  auto of = report();
  of.objectives[0].burn = {burn(true), burn(false, true)};
  of.objectives[0].burn[1].severity = "ticket";
  auto all = report_conditions(of, versions({}));
  silence(all, {{"acme", "mail"}});
  EXPECT_EQ(all[0].state, State::holds);
  silence(all, {{"acme", "shop"}});
  EXPECT_EQ(all[0].state, State::silenced);
  EXPECT_EQ(all[1].state, State::frozen) << "what is frozen stays so";
}

TEST(Conditions, HaveKeysThatStayApartAndFitAPath) {
  const auto key = [](const std::string& id) {
    return incident_condition({"acme", id, "shop", "", kNow, kNow, "collector", {}}).key;
  };
  EXPECT_EQ(key("i-1"), "incident:acme:i-1");
  EXPECT_NE(key("a:b"), key("a~3ab"));
  EXPECT_EQ(key("a/b?").find_first_of("/?# %"), std::string::npos);
}

}  // namespace
}  // namespace nines::alerts::condition_test
