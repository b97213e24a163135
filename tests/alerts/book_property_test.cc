// SPDX-License-Identifier: Apache-2.0
// Random lives of a few conditions: whatever comes, the book keeps its promises.
#include <gtest/gtest.h>

#include "alerts/book.h"
#include "base/random.h"
#include "tests/alerts/book_rig.h"

namespace nines::alerts::book_property_test {
namespace {

using State = Condition::State;

// What a book said of one key, in order: + fired, - resolved.
class Witness {
 public:
  void look(const Book& book) {
    for (const auto& [key, alert] : book.active()) {
      if (alert.state == Alert::State::firing) say(alert, '+');
    }
    for (const auto& alert : book.ended()) {
      say(alert, '+');
      say(alert, '-');
    }
  }

  const std::map<std::string, std::string>& said() const { return said_; }

 private:
  void say(const Alert& alert, char what) {
    if (seen_.insert({alert.id, what}).second) said_[alert.condition.key] += what;
  }

  std::set<std::pair<std::uint64_t, char>> seen_;
  std::map<std::string, std::string> said_;
};

class Lives : public test::BookTest, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  void SetUp() override {
    auto route = test::pages();
    route.repeat = minutes(30);
    use(route);
  }
};

TEST_P(Lives, NeverFireTwiceWithoutAResolveAndFrozenChangesNothing) {
  Random random(GetParam());
  Witness witness;
  const std::vector<std::string> keys = {"k", "l", "m"};
  std::map<std::string, std::string> held;  // key → h, f, s; absent: not
  for (int step = 0; step < 80; ++step) {
    std::vector<Condition> conditions;
    for (const auto& key : keys) {
      const auto draw = random.below(8);
      if (draw < 2) held.erase(key);
      if (draw == 2) held[key] = "f";
      if (draw == 3) held[key] = "s";
      if (draw == 4 || draw == 5) held[key] = "h";
      if (!held.contains(key)) continue;
      const auto state = held[key] == "f"   ? State::frozen
                         : held[key] == "s" ? State::silenced
                                            : State::holds;
      conditions.push_back(test::condition(key, "page", state));
    }
    std::map<std::string, Alert::State> before;
    for (const auto& [key, alert] : book.active()) before[key] = alert.state;
    apply(conditions);
    pass(random.between(seconds(1), minutes(12)));
    for (const auto& condition : conditions) {
      if (condition.state != State::frozen) continue;
      const auto* alert = book.find(condition.key);
      const auto known = before.find(condition.key);
      ASSERT_EQ(alert != nullptr, known != before.end()) << "step " << step;
      if (alert == nullptr) continue;
      ASSERT_EQ(alert->state, known->second) << "step " << step;
    }
    if (random.below(6) == 0 && !book.active().empty()) {
      EXPECT_TRUE(book.acknowledge(book.active().begin()->first, {"alice", now}));
    }
    if (random.below(3) == 0) told();
    witness.look(book);
    keep();
    // A restart at any moment changes nothing that is said.
    const auto after = restarted();
    ASSERT_EQ(after->active().size(), book.active().size());
    for (const auto& [key, alert] : book.active()) {
      ASSERT_EQ(after->active().at(key).id, alert.id);
      ASSERT_EQ(after->active().at(key).state, alert.state);
      ASSERT_EQ(after->active().at(key).acknowledged, alert.acknowledged);
    }
    for (const auto& [id, delivery] : book.deliveries()) {
      ASSERT_EQ(after->deliveries().at(id).dedup_key, delivery.dedup_key);
      ASSERT_EQ(after->deliveries().at(id).state, delivery.state);
    }
  }
  for (const auto& [key, said] : witness.said()) {
    for (std::size_t i = 0; i < said.size(); ++i) {
      ASSERT_EQ(said[i], i % 2 == 0 ? '+' : '-') << key << " " << said << " seed " << GetParam();
    }
  }
  EXPECT_GT(witness.said().size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Lives, ::testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace nines::alerts::book_property_test
