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

// Training that the provider owes each quarter from 1 July on, with two weeks of notice.
sla::Agreement training() {
  sla::Agreement out;
  out.name = "acme";
  out.version = "1";
  out.effective_from = *parse_rfc3339("2026-07-01T00:00:00Z");
  sla::Duty duty;
  duty.id = "training/1";
  duty.what = "portal\nand tickets";
  duty.owner = "provider";
  duty.every = sla::parse_span("1Q");
  duty.evidence = "list of those present";
  out.duties = {duty};
  return out;
}

std::vector<Condition> duties_at(const std::vector<sla::Agreement>& versions,
                                 const std::vector<sla::DutyEvent>& said,
                                 const std::string& now) {
  const auto ordered = sla::order_versions(versions);
  EXPECT_TRUE(ordered);
  return duty_conditions(*ordered, said, *parse_rfc3339(now));
}

TEST(Conditions, RemindOfADutyFromItsFirstDayOfNoticeUntilItIsDone) {
  std::vector<sla::DutyEvent> said;
  EXPECT_TRUE(duties_at({training()}, said, "2026-09-16T23:59:59Z").empty());
  const auto all = duties_at({training()}, said, "2026-09-17T00:00:00Z");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].key, "duty:acme:training~2f1:2026-10-01");
  EXPECT_EQ(all[0].state, State::holds);
  EXPECT_EQ(all[0].text,
            "provider owes training/1 (portal and tickets): it is due on 2026-10-01, in 14 days, "
            "and not done yet");
  EXPECT_EQ(all[0].labels, (Labels{{"agreement", "acme"},
                                   {"duty", "training/1"},
                                   {"kind", "duty"},
                                   {"owner", "provider"},
                                   {"severity", "ticket"}}));
  EXPECT_EQ(all[0].figures.at("evidence"), "list of those present");
  EXPECT_EQ(all[0].since, *parse_rfc3339("2026-09-17T00:00:00Z"));
  said.push_back({true, "training/1", {2026, 10, 1}, "alice", "", kNow});
  EXPECT_TRUE(duties_at({training()}, said, "2026-09-17T00:00:00Z").empty());
  said.push_back({false, "training/1", {2026, 10, 1}, "alice", "", kNow});
  EXPECT_EQ(duties_at({training()}, said, "2026-09-17T00:00:00Z").size(), 1U);
}

TEST(Conditions, KeepAMissedDutyUnderItsKeyUntilItIsDone) {
  EXPECT_EQ(duties_at({training()}, {}, "2026-10-01T23:59:59Z")[0].figures.at("state"), "open")
      << "its day is not over";
  const auto late = duties_at({training()}, {}, "2026-10-02T00:00:00Z");
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].key, "duty:acme:training~2f1:2026-10-01") << "one alert, now of another text";
  EXPECT_EQ(late[0].text,
            "provider owes training/1 (portal and tickets): it was due on 2026-10-01, 1 day ago, "
            "and was missed");
  EXPECT_EQ(duties_at({training()}, {}, "2027-01-01T00:00:00Z").size(), 2U)
      << "the next one is reminded of beside it";
  const std::vector<sla::DutyEvent> said{{true, "training/1", {2026, 10, 1}, "alice", "", kNow}};
  EXPECT_EQ(duties_at({training()}, said, "2027-01-01T00:00:00Z").size(), 1U)
      << "done late is done";
  EXPECT_EQ(duties_at({training()}, {}, "2031-07-02T00:00:00Z").size(), kMissedDays)
      << "of 20 missed days the last";
}

TEST(Conditions, KeepWhatWasMissedUnderAnEarlierVersionAndSayNothingOfALaterOne) {
  auto next = training();
  next.version = "2";
  next.effective_from = *parse_rfc3339("2026-11-01T00:00:00Z");
  const auto all = duties_at({training(), next}, {}, "2027-01-25T00:00:00Z");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].figures.at("due"), "2027-02-01") << "by the second version's first day";
  EXPECT_EQ(all[1].figures.at("due"), "2026-10-01") << "missed under the first";
  EXPECT_TRUE(duties_at({next}, {}, "2026-10-25T00:00:00Z").empty()) << "not in force yet";
}

}  // namespace
}  // namespace nines::alerts::condition_test
