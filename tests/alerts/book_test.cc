// SPDX-License-Identifier: Apache-2.0
#include "alerts/book.h"

#include <gmock/gmock.h>

#include "tests/alerts/book_rig.h"

namespace nines::alerts::book_test {
namespace {

using test::condition;
using test::kStart;
using test::pages;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = Condition::State;

class Alerts : public test::BookTest {};

TEST_F(Alerts, WaitForCompanyBeforeTheyFire) {
  apply({condition("k")});
  pass(seconds(9));
  EXPECT_EQ(book.active().at("k").state, Alert::State::pending);
  EXPECT_THAT(told(), IsEmpty());
  apply({condition("k"), condition("l")});
  pass(seconds(1));
  EXPECT_EQ(book.active().at("k").state, Alert::State::firing);
  EXPECT_THAT(told(), ElementsAre("a firing"));
}

TEST_F(Alerts, ThatEndWhileTheyPendWereNeverSaid) {
  apply({condition("k")});
  pass(seconds(9));
  apply({});
  pass(seconds(10));
  EXPECT_TRUE(book.active().empty());
  EXPECT_TRUE(book.ended().empty());
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Alerts, OfOneGroupAreToldTogether) {
  apply({condition("k"), condition("l")});
  pass(seconds(10));
  ASSERT_EQ(book.deliveries().size(), 1U);
  const auto message = nlohmann::json::parse(book.deliveries().begin()->second.payload);
  EXPECT_EQ(message["status"], "firing");
  EXPECT_EQ(message["alerts"].size(), 2U);
  EXPECT_EQ(message["group"]["value"], "acme");
  EXPECT_EQ(message["dedup_key"], "store-1");
}

TEST_F(Alerts, GoToTheNextContactUntilAcknowledged) {
  fire();
  EXPECT_THAT(told(), ElementsAre("a firing"));
  pass(minutes(10) - seconds(1));
  EXPECT_THAT(told(), IsEmpty());
  pass(seconds(1));
  EXPECT_THAT(told(), ElementsAre("b escalated", "c escalated"));
  pass(minutes(10));
  EXPECT_THAT(told(), IsEmpty()) << "there is nobody further";
}

TEST_F(Alerts, GoNoFurtherOnceAcknowledged) {
  fire();
  told();
  pass(minutes(9));
  EXPECT_TRUE(book.acknowledge("k", {"alice", now}));
  pass(hours(5));
  EXPECT_THAT(told(), IsEmpty()) << "neither escalated nor repeated";
  EXPECT_EQ(book.active().at("k").acknowledged->by, "alice");
  EXPECT_TRUE(book.acknowledge("k", {"bob", now}));
  EXPECT_EQ(book.active().at("k").acknowledged->by, "alice");
  EXPECT_FALSE(book.acknowledge("other", {"alice", now}));
}

TEST_F(Alerts, AreAcknowledgedByWhatWasSaidOfTheIncident) {
  fire();
  told();
  auto said = condition("k");
  said.acknowledged = Acknowledgement{"alice", now};
  apply({said});
  pass(hours(1));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Alerts, ThatFireBesideAcknowledgedOnesStartWithTheFirstContact) {
  fire();
  told();
  pass(minutes(10));
  told();
  EXPECT_TRUE(book.acknowledge("k", {"alice", now}));
  apply({condition("k"), condition("l")});
  pass(seconds(10));
  EXPECT_THAT(told(), ElementsAre("a firing"));
  pass(minutes(10));
  EXPECT_THAT(told(), ElementsAre("b escalated", "c escalated"));
}

TEST_F(Alerts, ThatFireBesideOpenOnesAreToldToAllWhoKnow) {
  fire();
  told();
  pass(minutes(10));
  told();
  apply({condition("k"), condition("l")});
  pass(seconds(10));
  EXPECT_THAT(told(), ElementsAre("a firing", "b firing", "c firing"));
}

TEST_F(Alerts, AreRepeatedToAllWhoWereTold) {
  auto route = pages();
  route.repeat = hours(1);
  use(route);
  fire();
  told();
  pass(minutes(10));
  told();
  pass(minutes(49));
  EXPECT_THAT(told(), IsEmpty());
  pass(minutes(1));
  EXPECT_THAT(told(), ElementsAre("a repeated", "b repeated", "c repeated"));
  pass(minutes(30));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Alerts, AreToldToBeOverByThoseWhoWereTold) {
  fire();
  told();
  apply({});
  pass(seconds(5));
  EXPECT_THAT(told(), ElementsAre("a resolved"));
  EXPECT_TRUE(book.active().empty());
  ASSERT_EQ(book.ended().size(), 1U);
  EXPECT_EQ(book.ended()[0].state, Alert::State::resolved);
  pass(hours(10));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_TRUE(book.groups().empty());
}

TEST_F(Alerts, AreEndedByTheirSourceAlone) {
  fire();
  told();
  book.apply("another", {}, now);
  EXPECT_TRUE(book.active().contains("k"));
  book.keep_sources({"source"}, now);
  EXPECT_TRUE(book.active().contains("k"));
  book.keep_sources({"another"}, now);
  EXPECT_FALSE(book.active().contains("k"));
}

TEST_F(Alerts, NeitherFireNorResolveWhileFrozen) {
  apply({condition("k", "page", State::frozen)});
  pass(hours(1));
  EXPECT_TRUE(book.active().empty()) << "what does not fire does not begin";
  fire();
  told();
  apply({condition("k", "page", State::frozen)});
  pass(minutes(1));
  EXPECT_EQ(book.active().at("k").state, Alert::State::firing);
  EXPECT_EQ(book.active().at("k").condition.text, "k is bad");
  apply({});
  pass(minutes(1));
  EXPECT_THAT(told(), ElementsAre("a resolved"));
}

TEST_F(Alerts, ThatPendFireOnlyWhenWarm) {
  apply({condition("k")});
  pass(seconds(5));
  apply({condition("k", "page", State::frozen)});
  pass(hours(1));
  EXPECT_EQ(book.active().at("k").state, Alert::State::pending);
  apply({condition("k")});
  pass(seconds(1));
  EXPECT_EQ(book.active().at("k").state, Alert::State::firing);
}

TEST_F(Alerts, TellNobodyWithinAnAgreedWindowAndDoAfterIt) {
  apply({condition("k", "page", State::silenced)});
  pass(hours(1));
  EXPECT_EQ(book.active().at("k").state, Alert::State::pending);
  EXPECT_THAT(told(), IsEmpty());
  apply({condition("k")});
  pass(seconds(1));
  EXPECT_THAT(told(), ElementsAre("a firing"));
  apply({condition("k", "page", State::silenced)});
  pass(hours(9));
  EXPECT_THAT(told(), IsEmpty()) << "neither repeated nor escalated";
  EXPECT_EQ(book.active().at("k").state, Alert::State::firing);
}

TEST_F(Alerts, ThatNoRouteTakesFireAndAreToldToNobody) {
  apply({condition("k", "ticket")});
  pass(seconds(0));
  EXPECT_EQ(book.active().at("k").state, Alert::State::firing);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Alerts, AreToldAnewWhereAReloadSendsThemElsewhere) {
  fire();
  told();
  auto route = pages();
  route.group_by = "severity";
  use(route);
  pass(seconds(1));
  EXPECT_THAT(told(), ElementsAre("a firing"));
  EXPECT_EQ(book.groups().size(), 1U);
}

TEST_F(Alerts, GoOutOnlyWhenTheyAreDurable) {
  fire();
  EXPECT_EQ(book.next_for("a"), nullptr);
  const auto changes = book.take_changes();
  EXPECT_EQ(book.next_for("a"), nullptr);
  book.put_back(changes);
  const auto again = book.take_changes();
  EXPECT_EQ(again.alerts, changes.alerts);
  EXPECT_EQ(again.deliveries, changes.deliveries);
  book.made_durable(again);
  ASSERT_NE(book.next_for("a"), nullptr);
}

TEST_F(Alerts, AreTriedAgainUntilAnAgeOrACountThenGivenUp) {
  fire();
  keep();
  const auto id = book.next_for("a")->id;
  for (unsigned i = 1; i < kMaxAttempts; ++i) {
    book.settle(id, {Sent::Result::failed, "no route to host", {}}, now);
    ASSERT_NE(book.next_for("a"), nullptr) << i;
  }
  EXPECT_EQ(book.next_for("a")->detail, "no route to host");
  book.settle(id, {Sent::Result::failed, "no", {}}, now);
  EXPECT_EQ(book.next_for("a"), nullptr);
  EXPECT_EQ(book.deliveries().at(id).state, Delivery::State::given_up);
  EXPECT_EQ(book.take_changes().attempts.size(), kMaxAttempts);
}

TEST_F(Alerts, AreNotTriedAgainWhereTheMessageWasRefusedOrIsADayOld) {
  fire("k");
  keep();
  const auto first = book.next_for("a")->id;
  book.settle(first, {Sent::Result::refused, "status 400", {}}, now);
  EXPECT_EQ(book.deliveries().at(first).state, Delivery::State::given_up);
  apply({});
  pass(seconds(1));
  keep();
  const auto second = book.next_for("a")->id;
  book.settle(second, {Sent::Result::failed, "down", {}}, now + kMaxDeliveryAge - seconds(1));
  EXPECT_EQ(book.deliveries().at(second).state, Delivery::State::waiting);
  book.settle(second, {Sent::Result::failed, "down", {}}, now + kMaxDeliveryAge);
  EXPECT_EQ(book.deliveries().at(second).state, Delivery::State::given_up);
}

TEST_F(Alerts, KeepWhenSomebodyWasFirstTold) {
  fire();
  keep();
  EXPECT_FALSE(book.active().at("k").notified);
  now += minutes(3);
  told();
  EXPECT_EQ(book.active().at("k").notified, now);
}

TEST_F(Alerts, SurviveARestartWithTheSameDeliveriesAndKeys) {
  fire();
  keep();
  const auto after = restarted();
  ASSERT_NE(after->next_for("a"), nullptr);
  EXPECT_EQ(after->next_for("a")->dedup_key, "store-1");
  EXPECT_EQ(after->next_for("a")->payload, book.next_for("a")->payload);
  EXPECT_EQ(after->active().at("k").state, Alert::State::firing);
  EXPECT_EQ(after->active().at("k").fired, book.active().at("k").fired);
  // Nothing is told twice by the restart itself, and what was to come comes when it was to.
  after->apply("source", {condition("k")}, now);
  after->advance(now);
  EXPECT_EQ(after->deliveries().size(), 1U);
  after->advance(now + minutes(10));
  EXPECT_EQ(after->deliveries().size(), 3U);
  EXPECT_EQ(after->deliveries().rbegin()->second.dedup_key, "store-3");
}

TEST_F(Alerts, GiveWayWhereTooManyWaitForOneChannel) {
  auto route = pages();
  route.contacts = {{{"a"}, Duration(0), {}}};
  route.wait = Duration(0);
  use(route);
  for (std::size_t i = 0; i <= kMaxWaiting / 2; ++i) {
    apply({condition("k")});
    pass(seconds(1));
    apply({});
    pass(seconds(1));
  }
  std::size_t waiting = 0;
  for (const auto& [id, each] : book.deliveries())
    waiting += each.state == Delivery::State::waiting;
  EXPECT_EQ(waiting, kMaxWaiting);
  EXPECT_EQ(book.deliveries().begin()->second.state, Delivery::State::given_up);
}

TEST_F(Alerts, AreBounded) {
  std::vector<Condition> many;
  for (std::size_t i = 0; i < kMaxActive + 5; ++i)
    many.push_back(condition("k" + std::to_string(i)));
  apply(std::move(many));
  EXPECT_EQ(book.active().size(), kMaxActive);
  EXPECT_EQ(book.left_out(), 5U);
  pass(seconds(10));
  const auto message = nlohmann::json::parse(book.deliveries().begin()->second.payload);
  EXPECT_EQ(message["alerts"].size(), kMaxTold);
  EXPECT_EQ(message["left_out"], kMaxActive - kMaxTold);
}

}  // namespace
}  // namespace nines::alerts::book_test
