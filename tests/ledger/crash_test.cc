// SPDX-License-Identifier: Apache-2.0
// Power cuts at every point of the write stream, torn in every way the disk may tear: creation,
// commits over several laps, releases, rewrites after failures, and recovery itself.
// Every second event is cut per run; NINES_EXHAUSTIVE=1 cuts at all, tears more, and runs more
// workloads.
#include <cstdlib>

#include "tests/ledger/rig.h"

namespace nines::ledger::crash_test {
namespace {

using test::DiskOp;
using test::SimDisk;
using test::Tear;

bool exhaustive() { return std::getenv("NINES_EXHAUSTIVE") != nullptr; }

constexpr Tear kTears[] = {Tear::lost,      Tear::kept,   Tear::torn_512,
                           Tear::torn_4096, Tear::subset, Tear::subset};

struct Step {  // a commit: the events [begin, end) of the disk belong to it
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint64_t first = 0;
  std::vector<Entry> entries;
  std::uint64_t released = 1;  // before this commit
};

struct Workload {
  SimDisk disk;
  std::vector<Step> steps;
};

struct Shape {
  std::uint64_t seed = 1;
  int warm_up = 0;  // commits before the recording starts
  int commits = 40;
  std::size_t most = 3000;
  int fault_every = 0;  // a sync that fails once, each so many commits
};

void one_commit(
    Ledger& ledger, Workload& w, std::uint64_t& released, Random& random, const Shape& shape) {
  Step step;
  step.begin = w.disk.events();
  const std::size_t most = random.below(5) == 0 ? 20'000 : shape.most;
  step.entries = random_group(random, 1 + random.below(4), most / 4);
  std::uint64_t body = 0;
  for (const auto& e : step.entries) body += e.bytes.size() + kRecordOverhead;
  while (!ledger.fits(body)) {
    released = ledger.oldest()->end_record;
    ledger.release_oldest();
  }
  step.released = released;
  step.first = ledger.next_record();
  const auto refs = ledger.commit(views(step.entries));
  ASSERT_TRUE(refs) << refs.error().message;
  step.end = w.disk.events();
  w.steps.push_back(std::move(step));
}

Workload run(const Shape& shape) {
  Workload w;
  Random random(shape.seed);
  auto o = open_on(w.disk, small_options(shape.fault_every > 0 ? 8 : 4));
  std::uint64_t released = 1;
  for (int i = 0; i < shape.warm_up; ++i) one_commit(*o.ledger, w, released, random, shape);
  if (shape.warm_up > 0) {
    w.disk.forget();
    for (auto& s : w.steps) s.begin = s.end = 0;
  }
  for (int i = 0; i < shape.commits; ++i) {
    if (shape.fault_every > 0 && i % shape.fault_every == 1) {
      w.disk.inject({.op = i % 2 == 1 ? DiskOp::sync : DiskOp::write, .partial = true});
    }
    one_commit(*o.ledger, w, released, random, shape);
  }
  return w;
}

// What was promised when the power went after `event` events.
Oracle oracle_at(const Workload& w, std::size_t event) {
  Oracle oracle;
  for (const auto& s : w.steps) {
    if (s.end <= event) {
      std::uint64_t number = s.first;
      for (const auto& e : s.entries) oracle.durable.emplace(number++, e);
    } else if (s.begin <= event) {
      oracle.offer(s.first, s.entries);
    }
    if (s.begin <= event) oracle.released = s.released;
  }
  return oracle;
}

// Recovers, checks, goes on working, and checks again: nothing may be told twice or forgotten.
void recover_and_go_on(SimDisk image, const Oracle& oracle, const Options& options) {
  auto first = open_on(image, options);
  const Entries found = check_promises(first, oracle, false);
  if (!first.ledger) return;
  EXPECT_FALSE(first.recovered.lost);
  EXPECT_FALSE(first.recovered.read_only);
  const std::vector<Entry> after = {{77, "after the cut"}};
  const std::uint64_t number = first.ledger->next_record();
  ASSERT_TRUE(first.ledger->commit(views(after), Room::reserve));
  auto second = open_on(image, options);
  ASSERT_TRUE(second.ledger);
  EXPECT_TRUE(second.recovered.clean);
  Entries expected = found;
  expected.emplace(number, after[0]);
  std::erase_if(expected, [&](const auto& e) { return e.first < second.recovered.first_record; });
  EXPECT_EQ(everything(*second.ledger), expected);
  for (const auto& d : first.recovered.damage) {
    if (d.first < second.recovered.first_record) continue;
    EXPECT_TRUE(covered(second.recovered.damage, d.first) &&
                covered(second.recovered.damage, d.last));
  }
}

// A second cut while the first one is being repaired.
int compound(const SimDisk& image, const Oracle& oracle, const Options& options, Random& random) {
  const SimDisk again = image.copy();
  const auto opened = open_on(again, options);
  const std::size_t events = again.events();
  int images = 0;
  const std::size_t stride = exhaustive() ? 1 : 1 + events / 3;
  for (std::size_t event = 0; event <= events; event += stride) {
    const Tear tear = event % 2 == 0 ? Tear::subset : Tear::lost;
    recover_and_go_on(again.cut(event, tear, random), oracle, options);
    ++images;
  }
  return images;
}

void enumerate(const Workload& w, const Options& options, std::uint64_t seed) {
  Random random(seed);
  int images = 0;
  const std::size_t stride = exhaustive() ? 1 : 2;
  for (std::size_t event = seed % stride; event <= w.disk.events(); event += stride) {
    const Oracle oracle = oracle_at(w, event);
    const int repeats = exhaustive() ? 16 : 1;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      for (const Tear tear : kTears) {
        const SimDisk image = w.disk.cut(event, tear, random);
        SCOPED_TRACE("event " + std::to_string(event) + " tear " +
                     std::to_string(static_cast<int>(tear)));
        if (repeat == 0 && tear == Tear::subset) {
          images += compound(image, oracle, options, random);
        }
        recover_and_go_on(image, oracle, options);
        ++images;
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  std::printf("%d images\n", images);
}

TEST(LedgerCrash, AnyCutWhileTheLedgerIsMadeLeavesAnEmptyOne) {
  SimDisk disk;
  ASSERT_TRUE(open_on(disk).ledger);
  Random random(3);
  for (std::size_t event = 0; event <= disk.events(); ++event) {
    for (const Tear tear : kTears) {
      SimDisk image = disk.cut(event, tear, random);
      auto o = open_on(image);
      ASSERT_TRUE(o.ledger) << o.error.message;
      EXPECT_FALSE(o.recovered.lost);
      EXPECT_TRUE(o.recovered.clean);
      EXPECT_EQ(o.ledger->next_record(), 1U);
      ASSERT_TRUE(o.ledger->commit(views({{1, "works"}})));
      EXPECT_EQ(everything(*open_on(image).ledger).size(), 1U);
    }
  }
}

TEST(LedgerCrash, AnyCutWhileALostLedgerIsRemadeStaysLostAndNeverFallsSilent) {
  SimDisk disk;
  {
    auto o = open_on(disk);
    ASSERT_TRUE(o.ledger->commit(views({{1, "gone"}})));
  }
  for (const auto& name : disk.names()) {
    if (name != "superblock") disk.remove(name);
  }
  Options other = small_options();
  (*other.uuid)[0] = 99;
  ASSERT_TRUE(open_on(disk, other).recovered.lost);
  Random random(4);
  for (std::size_t event = 0; event <= disk.events(); ++event) {
    for (const Tear tear : kTears) {
      SimDisk image = disk.cut(event, tear, random);
      auto o = open_on(image, other);
      ASSERT_TRUE(o.ledger) << o.error.message;
      // Either the remaking is done, or it is told again: a new identity in both cases.
      EXPECT_FALSE(o.recovered.created);
      EXPECT_EQ(o.recovered.uuid, *other.uuid);
    }
  }
}

TEST(LedgerCrash, NothingCommittedIsLostByAnyCutInTheFirstLap) {
  enumerate(run({.seed = 11, .commits = 25}), small_options(), 1);
}

TEST(LedgerCrash, NothingCommittedIsLostByAnyCutInLaterLaps) {
  enumerate(run({.seed = 12, .warm_up = 150, .commits = 40}), small_options(), 2);
}

TEST(LedgerCrash, NothingCommittedIsLostByAnyCutWithGroupsOfManyPages) {
  enumerate(run({.seed = 13, .warm_up = 30, .commits = 20, .most = 50'000}), small_options(), 3);
}

TEST(LedgerCrash, NothingCommittedIsLostByAnyCutAroundARewriteAfterAFailure) {
  enumerate(run({.seed = 14, .warm_up = 20, .commits = 14, .most = 9000, .fault_every = 6}),
            small_options(8), 4);
}

TEST(LedgerCrash, ManyMoreWorkloadsWhenAsked) {
  if (!exhaustive()) GTEST_SKIP() << "set NINES_EXHAUSTIVE=1";
  for (std::uint64_t seed = 100; seed < 106; ++seed) {
    const std::size_t most = seed % 2 == 0 ? 2000 : 30'000;
    const int faults = seed % 3 == 0 ? 9 : 0;
    enumerate(run({seed, 60, 40, most, faults}), small_options(faults > 0 ? 8 : 4), seed);
  }
}

}  // namespace
}  // namespace nines::ledger::crash_test
