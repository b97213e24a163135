// SPDX-License-Identifier: Apache-2.0
// What a caller of the ledger sees while nothing goes wrong, and at its limits.
#include "ledger/ledger.h"

#include <numeric>

#include "tests/ledger/rig.h"

namespace nines::ledger::ledger_test {
namespace {

using test::DiskOp;
using test::SimDisk;

std::vector<RecordRef> must_commit(Ledger& ledger,
                                   const std::vector<Entry>& entries,
                                   Room room = Room::normal) {
  auto refs = ledger.commit(views(entries), room);
  EXPECT_TRUE(refs) << refs.error().message;
  return refs ? *refs : std::vector<RecordRef>();
}

TEST(Ledger, IsMadeEmptyAndFoundAgain) {
  SimDisk disk;
  {
    auto first = open_on(disk);
    ASSERT_TRUE(first.ledger) << first.error.message;
    EXPECT_TRUE(first.recovered.created);
    EXPECT_TRUE(first.recovered.clean);
    EXPECT_FALSE(first.recovered.lost);
    EXPECT_EQ(first.ledger->next_record(), 1U);
    EXPECT_FALSE(first.ledger->oldest());
  }
  auto second = open_on(disk);
  ASSERT_TRUE(second.ledger);
  EXPECT_FALSE(second.recovered.created);
  EXPECT_TRUE(second.recovered.clean);
  EXPECT_EQ(second.recovered.uuid, *small_options().uuid);
  EXPECT_EQ(disk.names(), (std::vector<std::string>{"seg-0000", "seg-0001", "seg-0002", "seg-0003",
                                                    "superblock"}));
}

TEST(Ledger, ReturnsRecordsByteForByteAcrossAnOpen) {
  SimDisk disk;
  Random random(1);
  const std::vector<Entry> first = {{7, "seven"}, {0, ""}, {255, random_bytes(random, 9000)}};
  const std::vector<Entry> second = {{1, std::string(1, '\0')}};
  {
    auto o = open_on(disk);
    const auto refs = must_commit(*o.ledger, first);
    ASSERT_EQ(refs.size(), 3U);
    EXPECT_EQ(refs[0].number, 1U);
    EXPECT_EQ(refs[2].number, 3U);
    EXPECT_EQ(refs[2].size, 9000U);
    must_commit(*o.ledger, second);
    for (std::size_t i = 0; i < refs.size(); ++i) {
      const auto bytes = o.ledger->read(refs[i]);
      ASSERT_TRUE(bytes) << bytes.error().message;
      EXPECT_EQ(*bytes, first[i].bytes);
    }
  }
  auto o = open_on(disk);
  EXPECT_TRUE(o.recovered.clean);
  EXPECT_TRUE(o.recovered.damage.empty());
  EXPECT_EQ(o.recovered.first_record, 1U);
  EXPECT_EQ(o.recovered.next_record, 5U);
  EXPECT_EQ(o.recovered.records, 4U);
  std::vector<RecordRef> refs;
  o.ledger->visit([&](const RecordRef& ref, ByteView) { refs.push_back(ref); });
  ASSERT_EQ(refs.size(), 4U);
  EXPECT_EQ(*o.ledger->read(refs[2]), first[2].bytes);
  EXPECT_EQ(refs[3].type, 1);
  EXPECT_EQ(*o.ledger->read(refs[3]), second[0].bytes);
}

TEST(Ledger, CommitsWithOneWriteAndOneSync) {
  SimDisk disk;
  auto o = open_on(disk);
  must_commit(*o.ledger, {{1, "a"}});
  const auto writes = disk.count(DiskOp::write);
  const auto syncs = disk.count(DiskOp::sync);
  must_commit(*o.ledger, {{1, "b"}, {2, std::string(10'000, 'c')}});
  EXPECT_EQ(disk.count(DiskOp::write), writes + 1);
  EXPECT_EQ(disk.count(DiskOp::sync), syncs + 1);
  EXPECT_EQ(o.ledger->usage().syncs, 2U);
  EXPECT_EQ(o.ledger->usage().bytes_written, 4 * kPageSize);
}

TEST(Ledger, CommitOfNothingTouchesNothing) {
  SimDisk disk;
  auto o = open_on(disk);
  const auto writes = disk.count(DiskOp::write);
  EXPECT_TRUE(must_commit(*o.ledger, {}).empty());
  EXPECT_EQ(disk.count(DiskOp::write), writes);
  EXPECT_EQ(o.ledger->next_record(), 1U);
}

TEST(Ledger, ReadsTheClockOnlyWhenGivenOne) {
  class StepClock final : public Clock {
   public:
    ClockReading read() const override {
      now_ += 3;
      return {WallTime{now_}, BootTime{now_}, Duration(now_)};
    }

   private:
    mutable std::int64_t now_ = 0;
  };

  SimDisk disk;
  const StepClock clock;
  Options options = small_options();
  options.clock = &clock;
  auto o = open_on(disk, options);
  must_commit(*o.ledger, {{1, "a"}});
  EXPECT_EQ(o.ledger->usage().last_sync, Duration(3));
  EXPECT_EQ(o.ledger->usage().longest_sync, Duration(3));
}

TEST(Ledger, TakesAGroupThatFillsASegmentAndRefusesOneByteMore) {
  SimDisk disk;
  auto o = open_on(disk);
  const std::uint64_t most = o.ledger->max_group_bytes();
  EXPECT_EQ(most, 128ULL * 0 + (4096 - 128) + 15 * (4096 - 24) - 32);
  const std::vector<Entry> full = {{1, std::string(most - kRecordOverhead, 'x')}};
  EXPECT_TRUE(o.ledger->fits(most));
  EXPECT_FALSE(o.ledger->fits(most + 1));
  const auto refs = must_commit(*o.ledger, full);
  EXPECT_EQ(*o.ledger->read(refs[0]), full[0].bytes);
  const std::vector<Entry> over = {{1, std::string(most - kRecordOverhead + 1, 'x')}};
  const auto refused = o.ledger->commit(views(over));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, kTooLarge);
  EXPECT_EQ(o.ledger->next_record(), 2U);
  EXPECT_TRUE(everything(*open_on(disk).ledger).contains(1));
}

TEST(Ledger, LimitsTheRecordsOfAGroup) {
  SimDisk disk;
  auto o = open_on(disk);
  const std::vector<Entry> most(kMaxGroupRecords, Entry{3, "r"});
  EXPECT_EQ(must_commit(*o.ledger, most).back().number, kMaxGroupRecords);
  const std::vector<Entry> over(kMaxGroupRecords + 1, Entry{3, ""});
  EXPECT_EQ(o.ledger->commit(views(over)).error().code, kTooLarge);
  EXPECT_EQ(everything(*open_on(disk).ledger).size(), kMaxGroupRecords);
}

// Fills the ring and returns how many groups went in.
int fill(Ledger& ledger, const std::vector<Entry>& group) {
  int done = 0;
  for (; done < 1000; ++done) {
    const auto refs = ledger.commit(views(group));
    if (refs) continue;
    EXPECT_EQ(refs.error().code, kFull);
    return done;
  }
  ADD_FAILURE() << "never full";
  return done;
}

TEST(Ledger, NeverOverwritesWhatIsNotReleased) {
  SimDisk disk;
  auto o = open_on(disk);
  const std::vector<Entry> page = {{1, std::string(3000, 'p')}};
  EXPECT_EQ(fill(*o.ledger, page), 3 * 16);  // one of four segments stays in reserve
  EXPECT_FALSE(o.ledger->fits(3000 + kRecordOverhead));
  EXPECT_EQ(o.ledger->usage().free_segments, 1U);
  const auto all = everything(*o.ledger);
  EXPECT_EQ(all.size(), 48U);
  EXPECT_EQ(everything(*open_on(disk).ledger), all);
}

TEST(Ledger, KeepsASegmentForTheGapRecord) {
  SimDisk disk;
  auto o = open_on(disk);
  const std::vector<Entry> page = {{1, std::string(3000, 'p')}};
  fill(*o.ledger, page);
  const auto gap = must_commit(*o.ledger, {{9, "gap 1-16"}}, Room::reserve);
  ASSERT_EQ(gap.size(), 1U);
  EXPECT_EQ(gap[0].number, 49U);
  const auto oldest = o.ledger->oldest();
  ASSERT_TRUE(oldest);
  EXPECT_EQ(oldest->first_record, 1U);
  EXPECT_EQ(oldest->end_record, 17U);
  o.ledger->release_oldest();
  EXPECT_EQ(o.ledger->oldest()->first_record, 17U);
  // The reserve is the open segment now and takes more; what was released is the new reserve.
  EXPECT_EQ(fill(*o.ledger, page), 15);
  auto again = open_on(disk);
  EXPECT_TRUE(again.recovered.clean);
  EXPECT_TRUE(again.recovered.damage.empty());
  EXPECT_EQ(again.recovered.first_record, 17U);
  EXPECT_EQ(everything(*again.ledger), everything(*o.ledger));
}

TEST(Ledger, RefusesEvenTheReserveWhenNothingIsFree) {
  SimDisk disk;
  auto o = open_on(disk);
  const std::vector<Entry> page = {{1, std::string(3000, 'p')}};
  fill(*o.ledger, page);
  for (int i = 0; i < 16; ++i) must_commit(*o.ledger, page, Room::reserve);
  EXPECT_EQ(o.ledger->commit(views(page), Room::reserve).error().code, kFull);
  EXPECT_FALSE(o.ledger->failed());
  o.ledger->release_oldest();
  must_commit(*o.ledger, page, Room::reserve);
}

TEST(Ledger, DoesNotReleaseTheSegmentThatIsWritten) {
  SimDisk disk;
  auto o = open_on(disk);
  must_commit(*o.ledger, {{1, "a"}});
  EXPECT_FALSE(o.ledger->oldest());
  must_commit(*o.ledger, {{1, std::string(o.ledger->max_group_bytes() - 5, 'x')}});
  ASSERT_TRUE(o.ledger->oldest());
  EXPECT_EQ(o.ledger->oldest()->end_record, 2U);
  o.ledger->release_oldest();
  EXPECT_FALSE(o.ledger->oldest());
}

TEST(Ledger, AReleaseIsDurableWithTheNextCommit) {
  SimDisk disk;
  auto o = open_on(disk);
  const std::vector<Entry> page = {{1, std::string(3000, 'p')}};
  fill(*o.ledger, page);
  o.ledger->release_oldest();
  EXPECT_EQ(open_on(disk.copy()).recovered.first_record, 1U);  // a caller must tolerate this
  must_commit(*o.ledger, page);
  EXPECT_EQ(open_on(disk.copy()).recovered.first_record, 17U);
}

TEST(Ledger, ReadingAReleasedRecordIsAnError) {
  SimDisk disk;
  auto o = open_on(disk);
  const auto refs = must_commit(*o.ledger, {{1, "a"}});
  must_commit(*o.ledger, {{1, std::string(o.ledger->max_group_bytes() - 5, 'x')}});
  o.ledger->release_oldest();
  EXPECT_EQ(o.ledger->read(refs[0]).error().code, kReleased);
}

TEST(Ledger, ReadRefusesBytesThatChangedSinceOpen) {
  SimDisk disk;
  auto o = open_on(disk);
  const auto refs = must_commit(*o.ledger, {{1, "alpha"}, {2, std::string(9000, 'b')}});
  for (const std::uint64_t byte : {140U, 4096U + 30U, 50U}) {
    disk.flip("seg-0000", byte * 8);
    const auto read = o.ledger->read(refs[1]);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, kDamaged);
    disk.flip("seg-0000", byte * 8);
  }
  disk.flip("seg-0000", (2 * 4096 + 100) * 8);  // not a page of the first record
  EXPECT_TRUE(o.ledger->read(refs[0]));
  EXPECT_FALSE(o.ledger->read(refs[1]));
  const auto damage = o.ledger->visit([](const RecordRef&, ByteView) { FAIL(); });
  EXPECT_EQ(damage, (std::vector<Damage>{{DamageKind::media, 1, 2}}));
}

TEST(Ledger, ReadRefusesAReferenceThatNamesNoRecord) {
  SimDisk disk;
  auto o = open_on(disk);
  const auto refs = must_commit(*o.ledger, {{1, "alpha"}, {2, "beta"}});
  RecordRef wrong = refs[0];
  wrong.where.offset += 1;
  EXPECT_EQ(o.ledger->read(wrong).error().code, kDamaged);
  wrong = refs[0];
  wrong.type = 2;
  EXPECT_EQ(o.ledger->read(wrong).error().code, kDamaged);
  wrong = refs[0];
  wrong.size = 0xFFFFFFFF;
  EXPECT_EQ(o.ledger->read(wrong).error().code, kDamaged);
  wrong = refs[0];
  wrong.where.page = 15;
  EXPECT_EQ(o.ledger->read(wrong).error().code, kDamaged);
}

TEST(Ledger, RefusesAnImpossibleGeometry) {
  SimDisk disk;
  Options o = small_options(3);
  EXPECT_EQ(open_on(disk, o).error.code, EINVAL);
  o = small_options();
  o.segment_size = 65536 + 512;
  EXPECT_EQ(open_on(disk, o).error.code, EINVAL);
  o.segment_size = 0;
  EXPECT_EQ(open_on(disk, o).error.code, EINVAL);
  EXPECT_TRUE(disk.names().empty());
}

TEST(Ledger, KeepsItsGeometryAndSaysSoWhenAnotherIsAskedFor) {
  SimDisk disk;
  must_commit(*open_on(disk).ledger, {{1, "kept"}});
  auto o = open_on(disk, small_options(8));
  EXPECT_TRUE(o.recovered.size_differs);
  EXPECT_EQ(o.ledger->usage().total_bytes, 4U * kMinSegmentSize);
  EXPECT_EQ(everything(*o.ledger).size(), 1U);
  EXPECT_FALSE(open_on(disk).recovered.size_differs);
}

TEST(Ledger, LapsTheRingManyTimesWithGroupsOfAllSizes) {
  SimDisk disk;
  Random random(7);
  Oracle oracle;
  auto o = open_on(disk);
  for (int i = 0; i < 600; ++i) {
    const std::size_t most = random.below(4) == 0 ? 40'000 : 600;
    const auto group = random_group(random, 1 + random.below(5), most / 5);
    std::uint64_t body = 0;
    for (const auto& e : group) body += e.bytes.size() + kRecordOverhead;
    while (!o.ledger->fits(body)) {
      oracle.released = o.ledger->oldest()->end_record;
      o.ledger->release_oldest();
    }
    oracle.accept(must_commit(*o.ledger, group), group);
    if (i % 20 == 0) {
      o = open_on(disk);
      check_promises(o, oracle, false);
      // Pages of earlier laps must prove themselves old, whatever the sizes of their groups.
      EXPECT_TRUE(o.recovered.clean) << "after group " << i;
      EXPECT_TRUE(o.recovered.damage.empty());
    }
  }
  EXPECT_GT(o.ledger->usage().total_bytes, 0U);
  EXPECT_GT(oracle.released, 100U);
}

}  // namespace
}  // namespace nines::ledger::ledger_test
