// SPDX-License-Identifier: Apache-2.0
#include "alerts/incident_rule.h"

#include <gtest/gtest.h>

#include "sla/text/agreement_decoder.h"

namespace nines::alerts::incident_rule_test {
namespace {

constexpr WallTime kStart{1'793'577'600'000'000'000};  // 2026-11-02T00:00:00Z, a Monday

constexpr const char* kHead =
    "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: acme, version: \"1\"}\n"
    "spec:\n  effective: {from: \"2026-01-01T00:00:00\", timeZone: UTC}\n"
    "  scope: {services: [{name: shop}, {name: pair}]}\n";

std::string text_with(const std::string& more) {
  return kHead +
         std::string(
             "  measurement:\n"
             "    canaries: [\"icmp://192.0.2.1\", \"icmp://192.0.2.2\"]\n"
             "    checks:\n"
             "      - {name: web, service: shop, every: 10s, timeout: 5s, tcp: {address: "
             "\"a:1\"}}\n"
             "      - {name: one, service: pair, every: 10s, timeout: 5s, tcp: {address: "
             "\"b:1\"}}\n"
             "      - {name: two, service: pair, every: 10s, timeout: 5s, tcp: {address: "
             "\"c:1\"}}\n"
             "  composition: {pair: {parallel: [one, two]}}\n") +
         more + "  objectives: [{name: availability, service: shop, target: \"99\"}]\n";
}

class Rule : public ::testing::Test {
 protected:
  void SetUp() override { read(""); }

  void read(const std::string& more) {
    auto read = sla::read_agreement(text_with(more), "acme.yaml");
    ASSERT_TRUE(read) << read.error().message;
    agreement = *std::move(read);
  }

  // One letter for each slot of ten seconds: u, d, ?, or '.' for none.
  void see(const std::string& check, const std::string& vantage, const std::string& slots) {
    sla::Series one{check, vantage, {}, {}};
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i] == '.') continue;
      sla::Sample sample;
      sample.at_ns = at(i).ns;
      sample.outcome = slots[i] == 'u'   ? Outcome::up
                       : slots[i] == 'd' ? Outcome::down
                                         : Outcome::unknown;
      one.samples.push_back(sample);
    }
    last = std::max(last, slots.size());
    series.push_back(std::move(one));
  }

  static WallTime at(std::size_t slot) { return kStart + seconds(10) * static_cast<int>(slot); }

  // As of the last slot that was seen.
  ServiceState state(const std::string& service = "shop") {
    const sla::Interval window{(kStart - hours(1)).ns, at(last - 1).ns};
    ServiceStates states(agreement, series, events, rule, window);
    return states.of(service);
  }

  std::vector<Step> steps(const std::vector<KnownIncident>& known = {}) {
    return steps_of("shop", state(), known, rule);
  }

  sla::Agreement agreement;
  std::vector<sla::Series> series;
  sla::Events events;
  IncidentRule rule;
  std::size_t last = 0;
};

TEST_F(Rule, OneFailureAtOneVantageConfirmsNothing) {
  see("web", "edge-1", "uuuduuud");
  EXPECT_TRUE(state().outages.empty());
  EXPECT_TRUE(steps().empty());
}

TEST_F(Rule, TwoResultsInARowConfirmAndTheFirstDatesTheIncident) {
  see("web", "edge-1", "uuuudd");
  const auto state = this->state();
  ASSERT_EQ(state.outages.size(), 1U);
  EXPECT_EQ(state.outages[0].from, at(4));
  EXPECT_FALSE(state.outages[0].to);
  EXPECT_TRUE(state.outages[0].by_slots);
  EXPECT_FALSE(state.up_since);
  const auto steps = this->steps();
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].what, Step::What::open);
  EXPECT_EQ(steps[0].at, at(4));
  EXPECT_EQ(steps[0].id, "auto-shop-20261102T000040Z");
}

TEST_F(Rule, ASuccessThatNothingConfirmedDatesNoIncident) {
  see("web", "edge-1", "udd");
  const auto state = this->state();
  ASSERT_EQ(state.outages.size(), 1U);
  EXPECT_EQ(state.outages[0].from, at(1));
}

TEST_F(Rule, TwoVantagesConfirmByOneResultEach) {
  see("web", "edge-1", "uuuud");
  see("web", "edge-2", "uuuud");
  see("web", "edge-3", "uuuuu");
  const auto state = this->state();
  ASSERT_EQ(state.outages.size(), 1U);
  EXPECT_EQ(state.outages[0].from, at(4));
  EXPECT_FALSE(state.outages[0].by_slots);
}

TEST_F(Rule, UnknownResultsConfirmNothing) {
  see("web", "edge-1", "uuud?d?d");
  EXPECT_TRUE(state().outages.empty());
}

TEST_F(Rule, FailuresThatTheCanariesExplainConfirmNothing) {
  see("web", "edge-1", "uuuudddddd");
  see("icmp://192.0.2.1", "edge-1", "uuuddddddd");
  see("icmp://192.0.2.2", "edge-1", "uuuddddddd");
  EXPECT_TRUE(state().outages.empty());
  EXPECT_FALSE(state().up_since) << "it is not known to be up either";
}

TEST_F(Rule, AServiceIsMadeOfItsChecksAsAgreed) {
  see("one", "edge-1", "uuuudddd");
  see("two", "edge-1", "uuuuuuuu");
  EXPECT_TRUE(state("pair").outages.empty()) << "one of two in parallel is enough";
  series.pop_back();
  see("two", "edge-1", "uuuuuudd");
  ASSERT_EQ(state("pair").outages.size(), 1U);
  EXPECT_EQ(state("pair").outages[0].from, at(6));
}

TEST_F(Rule, OneGoodResultDoesNotEndAnIncidentAndTwoDo) {
  see("web", "edge-1", "uudddu");
  const std::vector<KnownIncident> known{{"auto-1", at(2), {}, true, false}};
  EXPECT_TRUE(steps(known).empty());
  series.clear();
  see("web", "edge-1", "uuddduu");
  const auto steps = this->steps(known);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].what, Step::What::resolve);
  EXPECT_EQ(steps[0].id, "auto-1");
  EXPECT_EQ(steps[0].at, at(5));
}

TEST_F(Rule, ASilentAgentEndsNoIncident) {
  see("web", "edge-1", "uudddddd..........");
  EXPECT_FALSE(state().up_since);
  EXPECT_TRUE(steps({{"auto-1", at(2), {}, true, false}}).empty());
}

TEST_F(Rule, ASilentAgentHoldsNoIncidentOpenWhereAnotherSeesTheServiceUp) {
  see("web", "edge-1", "uudddddd..........");
  see("web", "edge-2", "uuuuuuuuuuuuuuuuuu");
  const auto steps = this->steps({{"auto-1", at(2), {}, true, false}});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].what, Step::What::resolve);
}

TEST_F(Rule, TheSameResultsSaySoOnlyOnce) {
  see("web", "edge-1", "uudddd");
  const auto first = steps();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(steps({{first[0].id, first[0].at, {}, true, false}}).empty());
  // It was resolved; the results of that time say nothing more.
  series.clear();
  see("web", "edge-1", "uudddduuuu");
  EXPECT_TRUE(steps({{first[0].id, first[0].at, at(6), true, false}}).empty());
}

TEST_F(Rule, AnEarlierFailureThatArrivesLateOpensNoSecondIncident) {
  see("web", "edge-1", "uuuudddd");
  const std::vector<KnownIncident> known{{"auto-1", at(4), {}, true, false}};
  see("web", "edge-2", "uudddddd");
  EXPECT_EQ(state().outages[0].from, at(2));
  EXPECT_TRUE(steps(known).empty());
}

TEST_F(Rule, FailingAgainSoonReopensAndLaterOpensAnother) {
  see("web", "edge-1", "uuuuuuuudd");
  rule.reopen = seconds(60);
  auto again = steps({{"auto-1", at(0), at(4), true, false}});
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].what, Step::What::reopen);
  EXPECT_EQ(again[0].id, "auto-1");
  EXPECT_EQ(again[0].at, at(8));
  rule.reopen = seconds(30);
  again = steps({{"auto-1", at(0), at(4), true, false}});
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].what, Step::What::open);
  rule.reopen = seconds(60);
  again = steps({{"auto-1", at(0), at(4), true, true}});
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].what, Step::What::open) << "what is closed stays closed";
}

TEST_F(Rule, APersonsIncidentCoversTheOutageAndIsAPersonsToResolve) {
  see("web", "edge-1", "uudddduuuu");
  EXPECT_TRUE(steps({{"i-12", at(4), {}, false, false}}).empty());
}

TEST_F(Rule, AnOutageThatIsOverOpensAndResolves) {
  see("web", "edge-1", "uudduuuu");
  const auto steps = this->steps();
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].what, Step::What::open);
  EXPECT_EQ(steps[0].at, at(2));
  EXPECT_EQ(steps[1].what, Step::What::resolve);
  EXPECT_EQ(steps[1].at, at(4));
}

TEST_F(Rule, TimeThatIsAgreedOnOpensNothingAndItsOverrunDoes) {
  sla::ExclusionEvent window;
  window.id = "m1";
  window.kind = "maintenance";
  window.span = {at(3).ns, at(6).ns};
  window.state = sla::ExclusionEvent::State::approved;
  window.announced = kStart - hours(100);
  window.approved_by = "bob";
  window.approved_at = kStart - hours(90);
  read("  exclusions: {kinds: {maintenance: {notice: 48h}}}\n");
  events.exclusions.push_back(window);
  see("web", "edge-1", "uuudd");
  EXPECT_TRUE(state().outages.empty());
  EXPECT_TRUE(excluded_of(agreement, events, "shop", at(4)).contains(at(4).ns));
  EXPECT_FALSE(excluded_of(agreement, events, "shop", at(4)).contains(at(7).ns));
  series.clear();
  see("web", "edge-1", "uuuddddd");
  ASSERT_EQ(state().outages.size(), 1U);
  EXPECT_EQ(state().outages[0].from, at(6)) << "the overrun is charged, and dated from its start";
}

TEST_F(Rule, AFailureAtTheEdgeOfTheResultsMayHaveBegunBefore) {
  see("web", "edge-1", "dddd");
  const sla::Interval window{at(0).ns, at(3).ns};
  ServiceStates states(agreement, series, events, rule, window);
  EXPECT_TRUE(states.of("shop").begins_before);
  EXPECT_FALSE(state().begins_before);
}

TEST_F(Rule, NamesOfIncidentsFitWhatANameMayBe) {
  const ServiceState down{{{kStart + Duration(123'456'789), {}, true}}, {}, false};
  const std::string a(64, 'a');
  const auto first = steps_of(a, down, {}, rule);
  const auto second = steps_of(a.substr(0, 63) + "b", down, {}, rule);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_LE(first[0].id.size(), 64U);
  EXPECT_NE(first[0].id, second[0].id);
}

}  // namespace
}  // namespace nines::alerts::incident_rule_test
