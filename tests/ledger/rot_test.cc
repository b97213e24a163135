// SPDX-License-Identifier: Apache-2.0
// Bits that flip, pages that go, files that vanish: what is damaged is told exactly, nothing is
// ever changed silently. NINES_EXHAUSTIVE=1 flips every bit of the sample instead of a spread of
// them.
#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "tests/ledger/rig.h"

namespace nines::ledger::rot_test {
namespace {

using test::DiskOp;
using test::SimDisk;

struct GroupPlace {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string file;
  std::uint32_t page = 0;
  std::uint32_t pages = 0;
  std::uint64_t used = 0;  // bytes from the start of the first page, padding of pages excluded
};

struct Sample {
  SimDisk disk;
  Entries all;   // live
  Entries ever;  // and those released: they may come back when the newest groups are lost
  std::vector<GroupPlace> groups;  // live, in order

  const GroupPlace* at(const std::string& file, std::uint32_t page) const {
    for (const auto& g : groups) {
      if (g.file == file && g.page <= page && page < g.page + g.pages) return &g;
    }
    return nullptr;
  }
};

Oracle oracle_of(const Sample& s) {
  Oracle oracle;
  oracle.durable = s.ever;
  oracle.released = s.groups.front().first;
  return oracle;
}

// Does the byte of this page of the group carry anything?
bool carries(const GroupPlace& g, std::uint32_t page, std::uint32_t byte) {
  const std::uint32_t index = page - g.page;
  if (byte < (index == 0 ? kHeaderSize : kStampSize)) return true;
  const PayloadPlace end = payload_place(g.used - 1);
  return index < end.page || (index == end.page && byte <= end.offset);
}

// A ring after `groups` commits, as the places of its live groups show.
Sample make_sample(std::uint64_t seed, int groups, std::size_t most) {
  Sample s;
  Random random(seed);
  auto o = open_on(s.disk);
  for (int i = 0; i < groups; ++i) {
    auto group = random_group(random, 1 + random.below(4), random.below(4) == 0 ? most : 400);
    std::uint64_t body = 0;
    for (const auto& e : group) body += e.bytes.size() + kRecordOverhead;
    while (!o.ledger->fits(body)) o.ledger->release_oldest();
    const auto refs = o.ledger->commit(views(group));
    EXPECT_TRUE(refs);
    for (std::size_t r = 0; r < refs->size(); ++r) s.ever[(*refs)[r].number] = group[r];
    const auto pages = pages_for(body);
    s.groups.push_back({refs->front().number, refs->back().number,
                        std::to_string(refs->front().where.segment), refs->front().where.page,
                        pages, body + kTrailerSize});
  }
  s.disk.forget();
  const auto again = open_on(s.disk.copy());
  EXPECT_TRUE(again.recovered.clean);
  s.all = everything(*again.ledger);
  std::erase_if(s.groups,
                [&](const GroupPlace& g) { return g.first < again.recovered.first_record; });
  // Only the disk knows which file a segment is in.
  for (const auto& name : s.disk.names()) {
    if (!name.starts_with("seg-")) continue;
    const auto bytes = s.disk.content(name);
    for (auto& g : s.groups) {
      const auto header = decode_header(ByteView(bytes).subspan(g.page * std::size_t{kPageSize}));
      if (header && header->first_record == g.first) g.file = name;
    }
  }
  return s;
}

// Flips one bit, opens, and compares with what that bit was part of.
void flip_and_check(const Sample& s, const std::string& file, std::uint64_t bit) {
  SCOPED_TRACE(file + " bit " + std::to_string(bit));
  SimDisk image = s.disk.copy();
  image.flip(file, bit);
  auto o = open_on(image);
  ASSERT_TRUE(o.ledger) << o.error.message;
  ASSERT_FALSE(o.recovered.lost);
  const Entries found = check_promises(o, oracle_of(s), true);
  const auto page = static_cast<std::uint32_t>(bit / 8 / kPageSize);
  const GroupPlace* g = s.at(file, page);
  if (g == nullptr || !carries(*g, page, bit / 8 % kPageSize)) {
    EXPECT_EQ(found, s.all);
    for (const auto& d : o.recovered.damage) EXPECT_EQ(d.kind, DamageKind::uncertain);
    return;
  }
  Entries expected = s.all;
  std::erase_if(expected, [&](const auto& e) { return g->first <= e.first && e.first <= g->last; });
  EXPECT_EQ(found, expected);
  ASSERT_FALSE(o.recovered.damage.empty());
  const Damage& d = o.recovered.damage.front();
  EXPECT_EQ(d.first, g->first);
  if (g == &s.groups.back()) {
    EXPECT_EQ(d.kind, DamageKind::uncertain);
    EXPECT_FALSE(o.recovered.clean);
    EXPECT_EQ(d.last + 1, o.recovered.next_record);
  } else {
    EXPECT_EQ(d, (Damage{DamageKind::media, g->first, g->last}));
  }
}

void flip_region(const Sample& s, std::uint64_t spread) {
  std::uint64_t done = 0;
  const std::uint64_t bits = std::uint64_t{kMinSegmentSize} * 8;
  const std::uint64_t step = std::getenv("NINES_EXHAUSTIVE") != nullptr ? 1 : bits / spread;
  // The file that holds the newest group: live groups, the tail, and pages of earlier laps.
  for (std::uint64_t bit = 0; bit < bits; bit += step, ++done) {
    // An odd walk inside each stride, so that every bit of a byte and every field is met.
    flip_and_check(s, s.groups.back().file, (bit + (step > 1 ? done * 7919 % step : 0)) % bits);
    if (testing::Test::HasFailure()) return;
  }
  std::printf("%llu of %llu bits flipped\n", static_cast<unsigned long long>(done),
              static_cast<unsigned long long>(bits));
}

TEST(LedgerRot, AFlippedBitIsToldExactlyOrCarriesNothing) {
  flip_region(make_sample(21, 70, 12'000), 400);
}

TEST(LedgerRot, AFlippedBitIsToldExactlyAmongGroupsOfOnePage) {
  flip_region(make_sample(22, 60, 800), 300);
}

TEST(LedgerRot, EveryFieldOfAHeaderAStampAndATrailerIsGuarded) {
  const Sample s = make_sample(23, 40, 12'000);
  const auto big = std::find_if(s.groups.begin(), s.groups.end(),
                                [](const GroupPlace& g) { return g.pages >= 2; });
  ASSERT_NE(big, s.groups.end());
  const std::uint64_t base = std::uint64_t{big->page} * kPageSize * 8;
  for (std::uint64_t bit = 0; bit < kHeaderSize * 8; bit += 7) {
    flip_and_check(s, big->file, base + bit);
  }
  for (std::uint64_t bit = 0; bit < kStampSize * 8; bit += 5) {
    flip_and_check(s, big->file, base + kPageSize * 8 + bit);
  }
  const PayloadPlace end = payload_place(big->used - kTrailerSize);
  const std::uint64_t trailer = base + (std::uint64_t{end.page} * kPageSize + end.offset) * 8;
  if (end.offset + kTrailerSize <= kPageSize) {
    for (std::uint64_t bit = 0; bit < kTrailerSize * 8; bit += 9) {
      flip_and_check(s, big->file, trailer + bit);
    }
  }
}

TEST(LedgerRot, AFlipInTheSuperblockIsRepairedFromTheOtherSlot) {
  const Sample s = make_sample(24, 20, 400);
  for (std::uint64_t bit = 0; bit < 80 * 8; bit += 13) {
    for (const std::uint64_t slot : {0U, 1U}) {
      SimDisk image = s.disk.copy();
      image.flip("superblock", slot * kPageSize * 8 + bit);
      auto o = open_on(image);
      EXPECT_EQ(check_promises(o, oracle_of(s), false), s.all);
      EXPECT_TRUE(o.recovered.clean);
      // Both slots hold again: the other one may fail now.
      image.flip("superblock", (1 - slot) * kPageSize * 8 + bit);
      auto again = open_on(image);
      EXPECT_EQ(check_promises(again, oracle_of(s), false), s.all);
      EXPECT_FALSE(again.recovered.superblock_rebuilt);
    }
  }
}

TEST(LedgerRot, ALostSuperblockIsRebuiltFromTheGroups) {
  const Sample s = make_sample(25, 70, 12'000);
  for (const bool removed : {true, false}) {
    SimDisk image = s.disk.copy();
    if (removed) {
      image.remove("superblock");
    } else {
      image.set_content("superblock", std::vector<std::uint8_t>(kSuperblockSize, 0xAA));
    }
    auto o = open_on(image);
    ASSERT_TRUE(o.ledger) << o.error.message;
    EXPECT_TRUE(o.recovered.superblock_rebuilt);
    EXPECT_FALSE(o.recovered.clean);
    EXPECT_FALSE(o.recovered.lost);
    EXPECT_EQ(o.recovered.uuid, *small_options().uuid);
    EXPECT_EQ(check_promises(o, oracle_of(s), false), s.all);
    auto again = open_on(image);
    EXPECT_FALSE(again.recovered.superblock_rebuilt);
    EXPECT_EQ(again.recovered.next_record, o.recovered.next_record);
  }
}

TEST(LedgerRot, ANewerFormatIsRefusedAndNotTouched) {
  const Sample s = make_sample(26, 10, 400);
  SimDisk image = s.disk.copy();
  auto bytes = image.content("superblock");
  for (const std::size_t slot : {std::size_t{0}, std::size_t{kPageSize}}) {
    put_le(&bytes[slot + 8], std::uint32_t{2});
    put_le(&bytes[slot + 12], std::uint32_t{0});
    put_le(&bytes[slot + 12], crc32c(ByteView(bytes).subspan(slot, 512)));
  }
  image.set_content("superblock", bytes);
  const auto o = open_on(image);
  EXPECT_FALSE(o.ledger);
  EXPECT_EQ(o.error.code, kNewerFormat);
  EXPECT_NE(o.error.message.find("format 2"), std::string::npos) << o.error.message;
  EXPECT_EQ(image.events(), 0U);
}

TEST(LedgerRot, EachSegmentFileMayBeMissingShortOrEmpty) {
  const Sample s = make_sample(27, 70, 6000);
  for (const auto& name : s.disk.names()) {
    if (!name.starts_with("seg-")) continue;
    for (const int how : {0, 1, 2, 3}) {
      SCOPED_TRACE(name + " way " + std::to_string(how));
      SimDisk image = s.disk.copy();
      auto bytes = image.content(name);
      if (how == 0) image.remove(name);
      if (how == 1) image.set_content(name, {});
      if (how == 2) {
        bytes.resize(5 * kPageSize + 100);
        image.set_content(name, bytes);
      }
      if (how == 3) image.set_content(name, std::vector<std::uint8_t>(bytes.size(), 0xFF));
      auto o = open_on(image);
      const Entries found = check_promises(o, oracle_of(s), true);
      ASSERT_TRUE(o.ledger);
      // The newest group may have been in there, unless later groups vouch for all that is gone.
      if (how != 2 || s.groups.back().file == name) {
        EXPECT_FALSE(o.recovered.clean);
      }
      for (const auto& g : s.groups) {
        if (g.file == name && (how != 2 || g.page + g.pages > 5)) continue;
        EXPECT_TRUE(found.contains(g.first)) << "a group of another file is missing";
      }
      EXPECT_EQ(image.content(name).size(), kMinSegmentSize);
      ASSERT_TRUE(o.ledger->commit(views({{1, "on we go"}}), Room::reserve));
      auto again = open_on(image);
      EXPECT_TRUE(again.recovered.clean);
      Oracle oracle = oracle_of(s);
      oracle.durable[o.recovered.next_record] = {1, "on we go"};
      check_promises(again, oracle, true);
    }
  }
}

TEST(LedgerRot, WithoutAnySegmentTheLedgerIsLostAndGetsANewIdentity) {
  Sample s = make_sample(28, 70, 400);
  for (const auto& name : s.disk.names()) {
    if (name.starts_with("seg-")) s.disk.remove(name);
  }
  Options options = small_options();
  options.uuid.reset();
  const auto o = open_on(s.disk, options);
  ASSERT_TRUE(o.ledger);
  EXPECT_TRUE(o.recovered.lost);
  EXPECT_FALSE(o.recovered.created);
  EXPECT_FALSE(o.recovered.clean);
  EXPECT_NE(o.recovered.uuid, *small_options().uuid);
  EXPECT_FALSE(open_on(s.disk, options).recovered.lost);
}

TEST(LedgerRot, ADiskThatCannotBeReadIsAnErrorNotALoss) {
  const Sample s = make_sample(29, 70, 400);
  SimDisk image = s.disk.copy();
  image.inject({.op = DiskOp::read, .nth = 3, .persistent = true});
  auto o = open_on(image);
  EXPECT_FALSE(o.ledger);
  EXPECT_EQ(image.events(), 0U);
  image.clear_faults();
  o = open_on(image);
  EXPECT_EQ(check_promises(o, oracle_of(s), false), s.all);
  EXPECT_TRUE(o.recovered.clean);
}

TEST(LedgerRot, NoDescriptorsIsAnErrorNotALoss) {
  const Sample s = make_sample(30, 70, 400);
  for (const std::uint64_t nth : {1U, 2U, 4U}) {
    SimDisk image = s.disk.copy();
    image.inject({.op = DiskOp::open, .nth = nth, .error = EMFILE});
    EXPECT_FALSE(open_on(image).ledger);
    EXPECT_EQ(image.events(), 0U);
    image.clear_faults();
    EXPECT_TRUE(open_on(image).recovered.clean);
  }
}

TEST(LedgerRot, AnUnreadableFileIsQuarantinedAndMayComeBack) {
  const Sample s = make_sample(31, 70, 400);
  for (const auto& name : s.disk.names()) {
    if (!name.starts_with("seg-")) continue;
    SCOPED_TRACE(name);
    SimDisk image = s.disk.copy();
    image.inject({.op = DiskOp::read, .persistent = true, .only = name});
    auto o = open_on(image);
    Oracle oracle = oracle_of(s);
    check_promises(o, oracle, true);
    EXPECT_EQ(o.ledger->usage().quarantined_segments, 1U);
    const auto number = o.ledger->next_record();
    auto refs = o.ledger->commit(views({{1, "elsewhere"}}), Room::reserve);
    if (!refs && refs.error().code == kFull) {
      oracle.released = o.ledger->oldest()->end_record;
      o.ledger->release_oldest();
      refs = o.ledger->commit(views({{1, "elsewhere"}}), Room::reserve);
    }
    ASSERT_TRUE(refs) << refs.error().message;
    oracle.durable[number] = {1, "elsewhere"};
    image.clear_faults();
    auto again = open_on(image);
    check_promises(again, oracle, true);
    EXPECT_TRUE(everything(*again.ledger).contains(number));
  }
}

TEST(LedgerRot, AMisdirectedPageIsSeen) {
  const Sample s = make_sample(32, 70, 400);
  const GroupPlace& from = s.groups[s.groups.size() - 2];
  for (const auto& to : {s.groups[3], s.groups[s.groups.size() / 2]}) {
    SimDisk image = s.disk.copy();
    const auto source = image.content(from.file);
    auto target = image.content(to.file);
    std::copy_n(source.begin() + std::ptrdiff_t{from.page} * kPageSize, kPageSize,
                target.begin() + std::ptrdiff_t{to.page} * kPageSize);
    image.set_content(to.file, target);
    auto o = open_on(image);
    const Entries found = check_promises(o, oracle_of(s), true);
    EXPECT_EQ(found.size(), s.all.size() - (to.last - to.first + 1));
    ASSERT_EQ(o.recovered.damage.size(), 1U);
    EXPECT_EQ(o.recovered.damage[0], (Damage{DamageKind::media, to.first, to.last}));
  }
}

TEST(LedgerRot, ASegmentOfAnotherLedgerIsNotTakenForOurs) {
  const Sample s = make_sample(33, 70, 400);
  SimDisk other;
  Options options = small_options();
  (*options.uuid)[3] ^= 1;
  {
    auto o = open_on(other, options);
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(o.ledger->commit(views({{1, "theirs"}})));
  }
  SimDisk image = s.disk.copy();
  image.set_content(s.groups.front().file, other.content("seg-0000"));
  auto o = open_on(image);
  for (const auto& [number, entry] : check_promises(o, oracle_of(s), true)) {
    EXPECT_NE(entry.bytes, "theirs");
  }
}

TEST(LedgerRot, ASegmentRestoredFromAnEarlierCopyIsCountedAsDamage) {
  SimDisk disk;
  Oracle oracle;
  std::vector<std::uint8_t> early;
  std::string file;
  {
    auto o = open_on(disk);
    for (int i = 0; i < 30; ++i) {
      if (i == 5) early = disk.content("seg-0000");
      const std::vector<Entry> group = {{1, "number " + std::to_string(i)}};
      oracle.accept(*o.ledger->commit(views(group)), group);
    }
  }
  disk.set_content("seg-0000", early);
  auto o = open_on(disk);
  EXPECT_EQ(check_promises(o, oracle, true).size(), 30U - 11U);
  EXPECT_EQ(o.recovered.damage, (std::vector<Damage>{{DamageKind::media, 6, 16}}));
}

TEST(LedgerRot, TwoFlipsAnywhereNeverChangeARecordSilently) {
  const Sample s = make_sample(34, 70, 12'000);
  Random random(5);
  std::vector<std::string> files;
  for (const auto& name : s.disk.names()) {
    if (name.starts_with("seg-")) files.push_back(name);
  }
  for (int i = 0; i < 300; ++i) {
    SimDisk image = s.disk.copy();
    for (int flips = 0; flips < 2; ++flips) {
      image.flip(files[random.below(files.size())], random.below(kMinSegmentSize * 8));
    }
    auto o = open_on(image);
    check_promises(o, oracle_of(s), true);
  }
}

}  // namespace
}  // namespace nines::ledger::rot_test
