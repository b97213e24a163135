// SPDX-License-Identifier: Apache-2.0
// At stake: a power cut at any moment. Method: a session of appends, seals, deliveries and drops
// runs on a recording disk; the disk is cut after random writes in every way it may tear; the spool
// is opened again and delivers to the collector that had seen the session so far. Oracle: every
// result that was durable is at the collector or counted by a gap; nothing comes twice; no number
// is bound to two contents (the strict collector would see it); slots are never doubled.
#include <gtest/gtest.h>

#include "tests/agent/spool_rig.h"

namespace nines::agent::spool_crash_test {
namespace {

using nines::test::Tear;
using test::Rig;
using test::StrictCollector;

struct Session {
  Rig rig{512 << 10};
  StrictCollector collector;
  std::map<std::size_t, std::set<std::int64_t>>
      durable_at;                                  // by disk events: slots durable by then
  std::map<std::size_t, StrictCollector> seen_at;  // and what the collector had by then

  void mark(const std::set<std::int64_t>& slots) {
    durable_at[rig.disk.events()] = slots;
    seen_at.insert_or_assign(rig.disk.events(), collector);
  }
};

void run_session(Session& session, std::uint64_t seed, int steps) {
  Random random(seed);
  ASSERT_TRUE(session.rig.open());
  std::set<std::int64_t> durable;
  session.mark(durable);
  for (int slot = 0; slot < steps; ++slot) {
    const auto detail = std::string(random.below(180), 'd');
    ASSERT_TRUE(session.rig.record(0, slot, slot % 9 == 0 ? Outcome::down : Outcome::up,
                                   random.below(4) == 0, detail));
    durable.insert(slot);
    if (random.below(12) == 0) session.collector.drain(*session.rig.spool);
    if (testing::Test::HasFatalFailure()) return;
    session.mark(durable);
  }
}

// The state of knowledge at the last mark that is not after `event`.
template <class Map>
const typename Map::mapped_type& at_or_before(const Map& map, std::size_t event) {
  return std::prev(map.upper_bound(event))->second;
}

class SpoolCrash : public testing::TestWithParam<Tear> {};

TEST_P(SpoolCrash, LosesNothingDurableAndRepeatsNothing) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Session session;
    run_session(session, seed, 250);
    if (HasFatalFailure()) return;
    Random random(seed * 1000);
    const auto first = session.durable_at.begin()->first;
    for (int cut = 0; cut < 25; ++cut) {
      const auto event = first + random.below(session.rig.disk.events() - first + 1);
      Rig after(512 << 10);
      after.disk = session.rig.disk.cut(event, GetParam(), random);
      const auto opened = after.open();
      ASSERT_TRUE(opened) << opened.error().message;
      auto collector = at_or_before(session.seen_at, event);
      collector.drain(*after.spool);
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << " cut after event " << event;
      for (const auto slot : at_or_before(session.durable_at, event)) {
        ASSERT_EQ(collector.slots[std::pair(0U, slot)], 1)
            << "slot " << slot << ", seed " << seed << ", cut after event " << event;
      }
      // Life goes on: what is appended next arrives too.
      ASSERT_TRUE(after.record(0, 100'000, Outcome::up, true));
      collector.drain(*after.spool);
      ASSERT_EQ(collector.slots[std::pair(0U, std::int64_t{100'000})], 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tears,
    SpoolCrash,
    testing::Values(Tear::lost, Tear::kept, Tear::torn_512, Tear::torn_4096, Tear::subset));

TEST(SpoolCrash, AccountsForAllWhenTheRingOverflowsAndThePowerGoes) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Rig rig(512 << 10);
    ASSERT_TRUE(rig.open());
    Random random(seed);
    int slot = 0;
    for (; slot < 2500; ++slot) {
      ASSERT_TRUE(rig.record(0, slot, Outcome::up, slot % 3 == 2, std::string(150, 'd')));
    }
    const auto durable = slot;
    for (int cut = 0; cut < 10; ++cut) {
      Rig after(512 << 10);
      after.disk = rig.disk.cut(rig.disk.events(), Tear::lost, random);
      ASSERT_TRUE(after.open());
      StrictCollector collector;
      collector.drain(*after.spool);
      if (HasFatalFailure()) return;
      ASSERT_EQ(collector.results.size() + collector.gap_results,
                static_cast<std::size_t>(durable));
    }
  }
}

}  // namespace
}  // namespace nines::agent::spool_crash_test
