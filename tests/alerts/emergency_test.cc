// SPDX-License-Identifier: Apache-2.0
// The emergency chain of an agreement, followed to the second until somebody acknowledges.
#include "alerts/emergency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/alerts/book_rig.h"

namespace nines::alerts::emergency_test {
namespace {

using test::condition;
using test::kStart;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Chain chain_of_acme() {
  return {"acme",
          {{"phone", {"duty"}, minutes(5)}, {"sms", {"duty", "lead"}, minutes(15)}},
          {{"duty", "+49 30 1"}, {"lead", "+49 30 2"}}};
}

Settings with_emergency(std::vector<std::pair<std::string, std::vector<std::string>>> emergency) {
  auto route = test::pages();
  route.emergency = std::move(emergency);
  return test::settings_of(route);
}

TEST(EmergencyChain, IsARouteOfTheAgreementsOwnBeforeTheOneThatCanFollowIt) {
  const auto followed =
      follow_chains(with_emergency({{"phone", {"b"}}, {"sms", {"a", "c"}}}), {chain_of_acme()});
  EXPECT_THAT(followed.notes, IsEmpty());
  ASSERT_EQ(followed.settings.routes.size(), 2U);
  const auto& route = followed.settings.routes[0];
  EXPECT_TRUE(route.takes({{"severity", "page"}, {"agreement", "acme"}}));
  EXPECT_FALSE(route.takes({{"severity", "page"}, {"agreement", "other"}}));
  EXPECT_FALSE(route.takes({{"severity", "ticket"}, {"agreement", "acme"}}));
  EXPECT_THAT(route.contacts,
              ElementsAre(Contact{{"b"}, minutes(5), {"duty +49 30 1"}},
                          Contact{{"a", "c"}, minutes(15), {"duty +49 30 1", "lead +49 30 2"}}));
  EXPECT_NE(route.name(), followed.settings.routes[1].name());
}

TEST(EmergencyChain, IsNotFollowedInPart) {
  const auto followed = follow_chains(with_emergency({{"phone", {"b"}}}), {chain_of_acme()});
  EXPECT_EQ(followed.settings.routes.size(), 1U);
  EXPECT_THAT(followed.notes, ElementsAre(HasSubstr("no channel stands for 'sms'")));
}

TEST(EmergencyChain, LeavesRoutesAloneThatNameNoChannelsForIt) {
  const auto followed = follow_chains(with_emergency({}), {chain_of_acme()});
  EXPECT_EQ(followed.settings.routes.size(), 1U);
  EXPECT_THAT(followed.notes, IsEmpty());
}

TEST(EmergencyChain, OfAnotherAgreementThanTheRouteTakesIsNotFollowed) {
  auto settings = with_emergency({{"phone", {"b"}}, {"sms", {"a"}}});
  settings.routes[0].match.push_back({"agreement", {"other"}});
  const auto followed = follow_chains(settings, {chain_of_acme()});
  EXPECT_EQ(followed.settings.routes.size(), 1U);
}

class EmergencyAlerts : public test::BookTest {
 protected:
  void SetUp() override {
    auto followed =
        follow_chains(with_emergency({{"phone", {"b"}}, {"sms", {"c"}}}), {chain_of_acme()});
    book.set_settings(std::make_shared<const Settings>(std::move(followed.settings)));
  }

  static Condition of_acme() {
    auto out = condition("k");
    out.labels["agreement"] = "acme";
    return out;
  }
};

TEST_F(EmergencyAlerts, GoToTheNextStepAtTheSecondThatTheAgreementNames) {
  apply({of_acme()});
  pass(seconds(10));
  EXPECT_THAT(told(), ElementsAre("b firing"));
  pass(minutes(5) - seconds(1));
  EXPECT_THAT(told(), IsEmpty());
  pass(seconds(1));
  EXPECT_THAT(told(), ElementsAre("c escalated"));
  const auto& last = book.deliveries().rbegin()->second;
  const auto message = nlohmann::json::parse(last.payload);
  EXPECT_EQ(message["to"], (nlohmann::json{"duty +49 30 1", "lead +49 30 2"}));
  pass(hours(1));
  EXPECT_THAT(told(), IsEmpty()) << "the chain has no third step";
}

TEST_F(EmergencyAlerts, StopThereOnceAcknowledged) {
  apply({of_acme()});
  pass(seconds(10));
  told();
  EXPECT_TRUE(book.acknowledge("k", {"alice", now}));
  pass(hours(1));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(EmergencyAlerts, OfAgreementsWithoutAChainGoToTheContacts) {
  auto of_another = condition("k");
  of_another.labels["agreement"] = "other";
  apply({of_another});
  pass(seconds(10));
  EXPECT_THAT(told(), ElementsAre("a firing"));
}

}  // namespace
}  // namespace nines::alerts::emergency_test
