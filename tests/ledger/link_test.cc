// SPDX-License-Identifier: Apache-2.0
// Groups that are whole and yet do not belong: what the chain alone can tell.
#include "ledger/survey.h"
#include "tests/ledger/rig.h"

namespace nines::ledger::link_test {
namespace {

using test::SimDisk;

// Groups of one record each, in one segment, in a chain.
std::vector<FoundGroup> chain_of(std::size_t count) {
  std::vector<FoundGroup> out;
  Digest head{};
  for (std::size_t i = 0; i < count; ++i) {
    FoundGroup g;
    g.header.segment = 1;
    g.header.group = i + 1;
    g.header.prev_group = i;
    g.header.first_record = i + 1;
    g.header.prev_end = i + 1;
    g.header.floor_segment = 1;
    g.header.floor_record = 1;
    g.header.page = static_cast<std::uint16_t>(i);
    g.header.record_count = 1;
    g.header.prev_hash = head;
    head.fill(static_cast<std::uint8_t>(i + 1));
    g.head = head;
    g.pages = 1;
    out.push_back(g);
  }
  return out;
}

TEST(LedgerLink, AcceptsAChainInAnyOrder) {
  auto groups = chain_of(5);
  std::swap(groups[0], groups[4]);
  const Linked linked = link_groups(groups);
  ASSERT_EQ(linked.accepted.size(), 5U);
  EXPECT_TRUE(linked.damage.empty());
  EXPECT_EQ(linked.accepted.back().header.group, 5U);
}

TEST(LedgerLink, RejectsAGroupWhoseHashLeadsElsewhere) {
  auto groups = chain_of(5);
  groups[2].header.prev_hash[0] ^= 1;
  const Linked linked = link_groups(groups);
  ASSERT_EQ(linked.rejected.size(), 1U);
  EXPECT_EQ(linked.rejected[0].header.group, 3U);
  EXPECT_EQ(linked.accepted.size(), 4U);
  EXPECT_EQ(linked.damage, (std::vector<Damage>{{DamageKind::media, 3, 3}}));
}

TEST(LedgerLink, RejectsAGroupWhoseNumbersDoNotFollow) {
  auto groups = chain_of(3);
  groups[2].header.prev_end = 2;  // says that record 2 was never there
  EXPECT_EQ(link_groups(groups).rejected.size(), 1U);
  groups = chain_of(3);
  groups[2].header.prev_end = groups[2].header.first_record = 9;
  EXPECT_EQ(link_groups(groups).rejected.size(), 1U);
  groups = chain_of(3);
  groups[2].header.group = 2;
  EXPECT_EQ(link_groups(groups).rejected.size(), 1U);
}

TEST(LedgerLink, ALaterGroupMayDeclareEarlierOnesVoid) {
  auto groups = chain_of(4);
  groups[3].header.prev_group = 2;  // group 3 failed to sync; this is its rewrite
  groups[3].header.prev_hash = groups[1].head;
  groups[3].header.first_record = groups[3].header.prev_end = 3;
  Linked linked = link_groups(groups);
  EXPECT_EQ(linked.accepted.size(), 3U);
  EXPECT_TRUE(linked.rejected.empty());
  EXPECT_TRUE(linked.damage.empty());
  groups[3].header.prev_hash[5] ^= 1;  // a stranger takes nothing back
  linked = link_groups(groups);
  EXPECT_EQ(linked.accepted.size(), 3U);
  EXPECT_EQ(linked.accepted.back().header.group, 3U);
}

TEST(LedgerLink, ADeclaredJumpIsUncertainAndAHoleIsMedia) {
  auto groups = chain_of(4);
  groups.erase(groups.begin() + 1);
  groups[2].header.first_record = 100;
  const Linked linked = link_groups(groups);
  EXPECT_EQ(linked.damage,
            (std::vector<Damage>{{DamageKind::media, 2, 2}, {DamageKind::uncertain, 4, 99}}));
}

TEST(LedgerLink, WhatIsBelowTheFloorIsReleased) {
  auto groups = chain_of(4);
  for (std::size_t i = 2; i < 4; ++i) {
    groups[i].header.segment = 2;
    groups[i].header.page = static_cast<std::uint16_t>(i - 2);
  }
  groups[3].header.floor_segment = 2;
  groups[3].header.floor_record = 3;
  const Linked linked = link_groups(groups);
  EXPECT_EQ(linked.accepted.size(), 2U);
  EXPECT_TRUE(linked.damage.empty());
  EXPECT_EQ(linked.floor_record, 3U);
}

TEST(LedgerLink, AGroupWithGoodChecksumsAndAWrongHeadIsRefused) {
  GroupHeader h;
  h.uuid = *small_options().uuid;
  h.segment = h.group = h.first_record = 1;
  std::vector<std::uint8_t> first;
  std::vector<std::uint8_t> second;
  std::vector<std::uint8_t> body;
  const std::vector<Entry> record = {{1, std::string(5000, 'x')}};
  const Digest head = encode_group(h, views(record), first);
  h.prev_hash[0] = 1;
  encode_group(h, views(record), second);
  EXPECT_EQ(check_group(*decode_header(first), first, body), head);
  // The second page of the other group has a good checksum for this place, and another head hash.
  std::copy(second.begin() + kPageSize, second.end(), first.begin() + kPageSize);
  EXPECT_FALSE(check_group(*decode_header(first), first, body));
}

TEST(Ledger, UsesTheFilesInTurn) {
  SimDisk disk;
  auto o = open_on(disk, small_options(6));
  const std::vector<Entry> big = {{1, std::string(o.ledger->max_group_bytes() - 5, 'x')}};
  for (std::uint64_t i = 1; i <= 20; ++i) {
    if (i > 5) {
      while (o.ledger->usage().live_segments > 2) o.ledger->release_oldest();
    }
    ASSERT_TRUE(o.ledger->commit(views(big)));
    const auto file = segment_name(static_cast<std::uint32_t>((i - 1) % 6));
    EXPECT_EQ(decode_header(disk.content(file))->segment, i);
  }
}

TEST(LedgerRot, RotOfTheFirstGroupInAReusedFileDoesNotFreeItsNumbers) {
  SimDisk disk;
  Oracle oracle;
  auto o = open_on(disk);
  const std::vector<Entry> page = {{1, std::string(3000, 'p')}};
  for (int i = 0; i < 64; ++i) oracle.accept(*o.ledger->commit(views(page), Room::reserve), page);
  // Nothing is free. The released file is reused at once: only the new group says that it was.
  oracle.released = o.ledger->oldest()->end_record;
  o.ledger->release_oldest();
  oracle.accept(*o.ledger->commit(views(page), Room::reserve), page);
  ASSERT_EQ(decode_header(disk.content("seg-0000"))->segment, 5U);
  disk.flip("seg-0000", 3000 * 8);
  auto again = open_on(disk);
  check_promises(again, oracle, true);
  EXPECT_FALSE(again.recovered.clean);
  EXPECT_GT(again.recovered.next_record, 65U);
}

}  // namespace
}  // namespace nines::ledger::link_test
