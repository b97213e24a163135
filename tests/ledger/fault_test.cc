// SPDX-License-Identifier: Apache-2.0
// The N-th call fails, once or from then on: creation, commits, recovery.
#include <cerrno>

#include "tests/ledger/rig.h"

namespace nines::ledger::fault_test {
namespace {

using test::DiskOp;
using test::SimDisk;
using test::Tear;

const std::vector<Entry> kGroup = {{1, std::string(2500, 'a')}, {2, "b"}};

TEST(LedgerFault, AFailedSyncIsNeverRepeatedOnTheSameFile) {
  SimDisk disk;
  auto o = open_on(disk);
  Oracle oracle;
  oracle.accept(*o.ledger->commit(views(kGroup)), kGroup);
  disk.inject({.op = DiskOp::sync});
  const auto refs = o.ledger->commit(views(kGroup));
  ASSERT_TRUE(refs) << refs.error().message;
  oracle.accept(*refs, kGroup);
  EXPECT_EQ(refs->front().number, 3U);
  EXPECT_EQ(o.ledger->usage().quarantined_segments, 1U);
  EXPECT_EQ(o.ledger->oldest()->end_record, 3U);
  // From now on only the second file is written; the disk remembers what the failed sync lost.
  oracle.accept(*o.ledger->commit(views(kGroup)), kGroup);
  Random random(1);
  for (const Tear tear : {Tear::lost, Tear::kept, Tear::subset}) {
    auto again = open_on(disk.cut(disk.events(), tear, random));
    check_promises(again, oracle, false);
    EXPECT_TRUE(again.recovered.clean);
    EXPECT_TRUE(again.recovered.damage.empty());
  }
}

TEST(LedgerFault, AQuarantinedFileIsNotReusedWhileTheProcessLives) {
  SimDisk disk;
  auto o = open_on(disk, small_options(6));
  disk.inject({.op = DiskOp::write, .nth = 2, .error = ENOSPC, .partial = true});
  for (int i = 0; i < 300; ++i) {
    while (!o.ledger->fits(2600)) o.ledger->release_oldest();
    ASSERT_TRUE(o.ledger->commit(views(kGroup)));
  }
  const auto bytes = disk.content("seg-0000");
  EXPECT_EQ(decode_header(bytes)->segment, 1U);  // the first lap's first group is still there
  EXPECT_EQ(o.ledger->usage().quarantined_segments, 1U);
  o = open_on(disk, small_options(6));
  EXPECT_EQ(o.ledger->usage().quarantined_segments, 0U);  // after a restart it gets its chance
}

TEST(LedgerFault, TwoFailuresInDifferentSegmentsEndTheWriting) {
  for (const DiskOp op : {DiskOp::write, DiskOp::sync}) {
    SimDisk disk;
    auto o = open_on(disk);
    Oracle oracle;
    const auto refs = o.ledger->commit(views(kGroup));
    oracle.accept(*refs, kGroup);
    disk.inject({.op = op, .persistent = true, .partial = true});
    oracle.offer(3, kGroup);
    const auto failed = o.ledger->commit(views(kGroup));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, kStorageFailed);
    EXPECT_NE(failed.error().message.find("Input/output error"), std::string::npos);
    EXPECT_TRUE(o.ledger->failed());
    EXPECT_FALSE(o.ledger->fits(1));
    disk.clear_faults();
    EXPECT_EQ(o.ledger->commit(views(kGroup)).error().code, kStorageFailed);
    EXPECT_EQ(*o.ledger->read(refs->front()), kGroup[0].bytes);  // reading goes on
    Random random(2);
    for (int i = 0; i < 20; ++i) {
      auto again = open_on(disk.cut(disk.events(), Tear::subset, random));
      check_promises(again, oracle, false);
      EXPECT_FALSE(again.ledger->failed());
    }
  }
}

TEST(LedgerFault, WhenTooFewFilesAreHealthyTheLedgerSaysSo) {
  SimDisk disk;
  auto o = open_on(disk);
  int commits = 0;
  for (int i = 0; i < 10 && !o.ledger->failed(); ++i) {
    disk.inject({.op = DiskOp::sync});
    const auto refs = o.ledger->commit(views(kGroup));
    disk.clear_faults();
    if (refs) {
      ++commits;
    } else if (refs.error().code == kFull) {
      ASSERT_TRUE(o.ledger->oldest());
      o.ledger->release_oldest();
    } else {
      EXPECT_EQ(refs.error().code, kStorageFailed);
    }
  }
  EXPECT_GE(commits, 1);
  EXPECT_TRUE(o.ledger->failed());
}

TEST(LedgerFault, CreationThatFailsAtAnyCallIsAnErrorAndSucceedsLater) {
  for (const DiskOp op : {DiskOp::open, DiskOp::create, DiskOp::write, DiskOp::sync,
                          DiskOp::sync_directory, DiskOp::rename, DiskOp::list}) {
    for (std::uint64_t nth = 1; nth < 1000; ++nth) {
      SimDisk disk;
      disk.inject({.op = op, .nth = nth, .error = ENOSPC, .partial = true});
      auto o = open_on(disk);
      disk.clear_faults();
      if (o.ledger) {
        EXPECT_GT(nth, 1U) << "no such call is made: " << static_cast<int>(op);
        break;
      }
      EXPECT_NE(o.error.message.find("No space"), std::string::npos) << o.error.message;
      auto again = open_on(disk);
      ASSERT_TRUE(again.ledger) << again.error.message;
      EXPECT_FALSE(again.recovered.lost);
      EXPECT_TRUE(again.ledger->commit(views(kGroup)));
    }
  }
}

// A ring whose end is torn, so that recovery must write.
SimDisk torn(Oracle& oracle) {
  SimDisk disk;
  auto o = open_on(disk);
  for (int i = 0; i < 20; ++i) {
    oracle.accept(*o.ledger->commit(views(kGroup)), kGroup);
  }
  disk.forget();
  const std::vector<Entry> last = {{1, std::string(30'000, 'z')}};
  oracle.offer(o.ledger->next_record(), last);
  EXPECT_TRUE(o.ledger->commit(views(last)));
  Random random(1);
  return disk.cut(1, Tear::subset, random);
}

TEST(LedgerFault, RecoveryThatFailsAtAnyCallLosesNothing) {
  for (const DiskOp op : {DiskOp::open, DiskOp::create, DiskOp::write, DiskOp::sync, DiskOp::read,
                          DiskOp::size, DiskOp::sync_directory, DiskOp::list}) {
    for (const bool persistent : {false, true}) {
      for (std::uint64_t nth = 1; nth < 200; ++nth) {
        SCOPED_TRACE("op " + std::to_string(static_cast<int>(op)) + " call " + std::to_string(nth));
        Oracle oracle;
        SimDisk disk = torn(oracle);
        disk.inject({.op = op, .nth = nth, .error = EROFS, .persistent = persistent});
        const auto before = disk.count(op);
        auto o = open_on(disk);
        const bool hit = disk.count(op) - before >= nth;
        // Whatever went wrong: what is shown is true, and numbers that may be used are not reused.
        if (o.ledger) {
          if (op == DiskOp::read) {
            disk.clear_faults();
            check_promises(o, oracle, true);
          } else {
            check_promises(o, oracle, false);
          }
          if (!o.recovered.read_only) {
            disk.clear_faults();
            const auto number = o.ledger->next_record();
            const auto refs = o.ledger->commit(views({{5, "new"}}), Room::reserve);
            if (refs) oracle.durable[number] = {5, "new"};
          }
        }
        disk.clear_faults();
        auto again = open_on(disk);
        check_promises(again, oracle, op == DiskOp::read);
        if (HasFailure() || !hit) break;
      }
    }
  }
}

TEST(LedgerFault, AReadOnlyDiskCanStillBeRead) {
  Oracle oracle;
  SimDisk disk = torn(oracle);
  disk.inject({.op = DiskOp::write, .error = EROFS, .persistent = true});
  auto o = open_on(disk);
  const auto found = check_promises(o, oracle, false);
  EXPECT_EQ(found.size(), 40U);
  EXPECT_TRUE(o.recovered.read_only);
  EXPECT_TRUE(o.ledger->failed());
  EXPECT_EQ(o.ledger->commit(views(kGroup)).error().code, kStorageFailed);
}

TEST(LedgerFault, SyncFailuresAtEveryCommitOfALongRunLoseNothing) {
  for (std::uint64_t nth = 1; nth <= 40; nth += 3) {
    SimDisk disk;
    Random random(nth);
    Oracle oracle;
    auto o = open_on(disk, small_options(8));
    disk.inject({.op = nth % 2 == 0 ? DiskOp::sync : DiskOp::write, .nth = nth, .partial = true});
    for (int i = 0; i < 60; ++i) {
      const auto group = random_group(random, 1 + random.below(3), 3000);
      while (!o.ledger->fits(10'000)) {
        oracle.released = o.ledger->oldest()->end_record;
        o.ledger->release_oldest();
      }
      const auto refs = o.ledger->commit(views(group));
      ASSERT_TRUE(refs) << refs.error().message;
      oracle.accept(*refs, group);
    }
    for (const Tear tear : {Tear::lost, Tear::kept, Tear::subset}) {
      auto again = open_on(disk.cut(disk.events(), tear, random), small_options(8));
      check_promises(again, oracle, false);
    }
  }
}

}  // namespace
}  // namespace nines::ledger::fault_test
