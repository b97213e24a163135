// SPDX-License-Identifier: Apache-2.0
// Random lives of a ledger against the oracle: commits, releases, restarts, power cuts in the
// middle of commits, failing calls, and (in a second kind of life) rot. One seed, one life.
#include <cstdlib>

#include "tests/ledger/rig.h"

namespace nines::ledger::model_test {
namespace {

using test::DiskOp;
using test::SimDisk;
using test::Tear;

class Life {
 public:
  Life(std::uint64_t seed, bool rot) : random_(seed), rot_(rot), options_(small_options(6)) {
    opened_ = open_on(disk_, options_);
  }

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("step " + std::to_string(i));
      const auto dice = random_.below(100);
      if (dice < 62) {
        commit();
      } else if (dice < 70) {
        release();
      } else if (dice < 80) {
        reopen(disk_.copy());
      } else if (dice < 94) {
        cut();
      } else if (dice < 97) {
        fault();
      } else if (rot_) {
        rot();
      }
    }
    disk_.clear_faults();
    reopen(disk_.copy());
  }

  std::uint64_t records() const { return oracle_.durable.size(); }

 private:
  void commit() {
    const std::size_t most = random_.below(6) == 0 ? 15'000 : 900;
    const auto group = random_group(random_, 1 + random_.below(4), most);
    const Room room = random_.below(8) == 0 ? Room::reserve : Room::normal;
    begin_ = disk_.events();
    group_ = group;
    first_ = opened_.ledger->next_record();
    auto refs = opened_.ledger->commit(views(group), room);
    if (!refs && refs.error().code == kFull) {
      release();
      return group_.clear();
    }
    if (!refs) {
      ASSERT_EQ(refs.error().code, kStorageFailed) << refs.error().message;
      oracle_.offer(first_, group);
      group_.clear();
      disk_.clear_faults();
      return reopen(disk_.copy());
    }
    ASSERT_EQ(refs->front().number, first_);
    oracle_.accept(*refs, group);
    const auto& ref = (*refs)[random_.below(refs->size())];
    const auto bytes = opened_.ledger->read(ref);
    ASSERT_TRUE(bytes) << bytes.error().message;
    EXPECT_EQ(*bytes, oracle_.durable.at(ref.number).bytes);
  }

  void release() {
    if (const auto oldest = opened_.ledger->oldest()) {
      oracle_.released = std::max(oracle_.released, oldest->end_record);
      opened_.ledger->release_oldest();
    }
  }

  // The power goes during the last commit, or after it.
  void cut() {
    if (group_.empty()) return reopen(disk_.copy());
    const std::size_t end = disk_.events();
    const std::size_t event = begin_ + random_.below(end - begin_ + 1);
    if (event < end) {
      for (std::size_t i = 0; i < group_.size(); ++i) oracle_.durable.erase(first_ + i);
      oracle_.offer(first_, group_);
    }
    constexpr Tear kTears[] = {Tear::lost, Tear::kept, Tear::torn_512, Tear::torn_4096,
                               Tear::subset};
    reopen(disk_.cut(event, kTears[random_.below(5)], random_));
  }

  void fault() {
    constexpr DiskOp kOps[] = {DiskOp::write, DiskOp::sync};
    disk_.inject({.op = kOps[random_.below(2)], .nth = 1 + random_.below(4), .partial = true});
  }

  void rot() {
    const auto file = segment_name(static_cast<std::uint32_t>(random_.below(6)));
    disk_.flip(file, random_.below(std::uint64_t{kMinSegmentSize} * 8));
    damaged_ = true;
    group_.clear();
    reopen(disk_.copy());
  }

  void reopen(SimDisk disk) {
    opened_.ledger.reset();
    disk_ = std::move(disk);
    opened_ = open_on(disk_, options_);
    const Entries found = check_promises(opened_, oracle_, damaged_);
    ASSERT_TRUE(opened_.ledger);
    // What was shown once stays.
    for (const auto& [number, entry] : found) oracle_.durable.emplace(number, entry);
    oracle_.offered.clear();
    group_.clear();
    begin_ = disk_.events();
  }

  Random random_;
  bool rot_;
  Options options_;
  SimDisk disk_;
  Opened opened_;
  Oracle oracle_;
  bool damaged_ = false;
  std::vector<Entry> group_;  // of the last commit, while a cut may still reach it
  std::uint64_t first_ = 1;
  std::size_t begin_ = 0;
};

std::uint64_t lives() { return std::getenv("NINES_EXHAUSTIVE") != nullptr ? 2000 : 12; }

TEST(LedgerModel, ALifeOfCutsAndFailuresLosesNothing) {
  for (std::uint64_t seed = 1; seed <= lives() && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life(seed, false);
    life.run(200);
    EXPECT_GT(life.records(), 100U);
  }
}

TEST(LedgerModel, ALifeWithRotTellsEveryLoss) {
  for (std::uint64_t seed = 1; seed <= lives() && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life(1000 + seed, true);
    life.run(200);
  }
}

}  // namespace
}  // namespace nines::ledger::model_test
