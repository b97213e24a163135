// SPDX-License-Identifier: Apache-2.0
// At stake: what a whole life does to the ring that no single fault shows. Method: results, seals,
// changed tables, two collectors that take a little now and then, a ring that overflows and kills,
// in random order. Oracle: each collector ends with every durable result once, or with a gap that
// stands for it; and a start after a kill finds nothing amiss.
#include <gtest/gtest.h>

#include "tests/agent/spool_rig.h"

namespace nines::agent::spool_life_test {
namespace {

using test::Rig;
using test::StrictCollector;
using test::table_of;

class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {}

  void live(int steps) {
    ASSERT_TRUE(rig_.open());
    for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
      const auto die = random_.below(100);
      if (die < 80) {
        append();
      } else if (die < 90) {
        auto& collector = collectors_[random_.below(2)];
        collector.take_some(*rig_.spool, static_cast<int>(random_.below(8)));
      } else if (die < 95) {
        rig_.checks = 1 + static_cast<int>(random_.below(6));
        ASSERT_TRUE(rig_.spool->set_table(table_of(rig_.checks), test::context_at()));
      } else {
        kill();
      }
    }
  }

  void end() {
    kill();
    for (auto& collector : collectors_) {
      collector.drain(*rig_.spool);
      if (testing::Test::HasFatalFailure()) return;
      auto accounted = collector.dropped;
      for (const auto& [number, result] : collector.results) accounted.insert(number);
      ASSERT_EQ(accounted.size(), durable_);
      for (const auto& [slot, times] : collector.slots) ASSERT_EQ(times, 1);
      overflowed += collector.gap_results;
    }
  }

  std::uint64_t overflowed = 0;

 private:
  void append() {
    std::vector<PendingResult> results;
    const auto count = random_.below(12);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto check = static_cast<std::uint32_t>(random_.below(rig_.checks));
      const auto outcome = random_.below(9) == 0 ? Outcome::down : Outcome::up;
      const std::string detail(random_.below(400), 'd');
      results.push_back({check, test::result_at(++slot_, outcome, detail)});
    }
    ASSERT_TRUE(rig_.spool->append(results, {}, random_.below(10) == 0, test::context_at()));
    durable_ += count;
  }

  void kill() {
    ASSERT_TRUE(rig_.open());
    ASSERT_EQ(rig_.opened.findings, std::vector<std::string>());
  }

  Random random_;
  Rig rig_{512 << 10, {"https://a", "https://b"}};
  std::array<StrictCollector, 2> collectors_{StrictCollector("https://a"),
                                             StrictCollector("https://b")};
  std::int64_t slot_ = 0;
  std::uint64_t durable_ = 0;
};

TEST(SpoolLife, AccountsForEveryResultAtBothCollectors) {
  std::uint64_t overflowed = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Life life(seed);
    life.live(600);
    life.end();
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    overflowed += life.overflowed;
  }
  EXPECT_GT(overflowed, 1000U) << "the ring is too large to try anything";
}

}  // namespace
}  // namespace nines::agent::spool_life_test
