// SPDX-License-Identifier: Apache-2.0
// The bytes of format 1, pinned: what these tests hold must never change.
#include "ledger/format.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/ledger/rig.h"

namespace nines::ledger::format_test {
namespace {

GroupHeader example() {
  GroupHeader h;
  h.uuid = *small_options().uuid;
  h.segment = 0x0102030405060708;
  h.group = 9;
  h.first_record = 42;
  h.prev_end = 40;
  h.prev_group = 7;
  h.floor_segment = 3;
  h.floor_record = 11;
  h.file = 2;
  h.page = 5;
  h.prev_hash.fill(0xEE);
  return h;
}

TEST(LedgerFormat, AHeaderLiesWhereTheDrawingSays) {
  GroupHeader h = example();
  std::vector<std::uint8_t> out;
  const std::vector<Entry> records = {{1, "ab"}, {2, ""}};
  const Digest head = encode_group(h, views(records), out);
  ASSERT_EQ(out.size(), kPageSize);
  EXPECT_EQ(as_text(ByteView(out).first(4)), "nGRP");
  EXPECT_EQ(to_hex(ByteView(out).subspan(4, 4)), "01000200");
  EXPECT_EQ(to_hex(ByteView(out).subspan(16, 16)), "0102030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(to_hex(ByteView(out).subspan(32, 8)), "0807060504030201");
  EXPECT_EQ(get_le<std::uint64_t>(&out[40]), 9U);
  EXPECT_EQ(get_le<std::uint64_t>(&out[48]), 42U);
  EXPECT_EQ(get_le<std::uint64_t>(&out[56]), 40U);
  EXPECT_EQ(get_le<std::uint64_t>(&out[64]), 7U);
  EXPECT_EQ(get_le<std::uint64_t>(&out[72]), 3U);
  EXPECT_EQ(get_le<std::uint64_t>(&out[80]), 11U);
  EXPECT_EQ(get_le<std::uint32_t>(&out[88]), 12U);
  EXPECT_EQ(get_le<std::uint16_t>(&out[92]), 5U);
  EXPECT_EQ(get_le<std::uint16_t>(&out[94]), 2U);
  EXPECT_EQ(out[96], 0xEE);
  EXPECT_EQ(to_hex(ByteView(out).subspan(128, 12)), "020000000161620000000002");
  EXPECT_EQ(to_hex(ByteView(out).subspan(140, 32)), hex(head));
  EXPECT_EQ(out[172], 0);
}

TEST(LedgerFormat, TheChainIsSha256OfDomainHeadNumberTypeAndBytes) {
  Digest previous;
  previous.fill(1);
  std::string text = "nines-ledger-v1";
  text += std::string(32, '\1');
  text += std::string("\x2A\0\0\0\0\0\0\0", 8);
  text += '\7';
  text += "payload";
  EXPECT_EQ(chain(previous, 42, {7, as_bytes("payload")}), sha256(as_bytes(text)));
}

TEST(LedgerFormat, EveryFlippedBitOfAHeaderIsRefused) {
  GroupHeader h = example();
  std::vector<std::uint8_t> out;
  const std::vector<Entry> records = {{1, "ab"}};
  encode_group(h, views(records), out);
  ASSERT_TRUE(decode_header(out));
  for (std::size_t bit = 0; bit < kHeaderSize * 8; ++bit) {
    out[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(decode_header(out)) << "bit " << bit;
    out[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

TEST(LedgerFormat, EveryFlippedBitInUseIsRefusedAndEveryOtherIgnored) {
  GroupHeader h = example();
  std::vector<std::uint8_t> out;
  std::vector<std::uint8_t> body;
  const std::vector<Entry> records = {{1, std::string(5000, 'q')}, {2, "tail"}};
  const Digest head = encode_group(h, views(records), out);
  ASSERT_EQ(out.size(), 2U * kPageSize);
  ASSERT_EQ(check_group(*decode_header(out), out, body), head);
  const std::size_t used = kPageSize + payload_place(h.body_size + kTrailerSize - 1).offset + 1;
  for (std::size_t bit = 0; bit < out.size() * 8; bit += 3) {
    out[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto header = decode_header(out);
    const bool good = header && check_group(*header, out, body) == head;
    EXPECT_EQ(good, bit / 8 >= used) << "bit " << bit;
    out[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

TEST(LedgerFormat, GroupsOfEverySizeAroundAPageBoundaryComeBack) {
  std::vector<std::uint8_t> out;
  std::vector<std::uint8_t> body;
  for (std::uint32_t size = 3968 - 32 - 5 - 3; size < 3968 - 32 - 5 + 4080; size += 1 + size % 37) {
    GroupHeader h = example();
    const std::vector<Entry> records = {{1, std::string(size, 'z')}};
    const Digest head = encode_group(h, views(records), out);
    const std::uint32_t pages = size + 5 + 32 <= 3968 ? 1 : size + 5 + 32 <= 3968 + 4072 ? 2 : 3;
    ASSERT_EQ(out.size(), std::size_t{pages} * kPageSize) << size;
    EXPECT_EQ(check_group(*decode_header(out), out, body), head) << size;
    EXPECT_EQ(body.size(), size + 5);
  }
  for (std::uint32_t pages = 1; pages < 300; ++pages) {
    EXPECT_EQ(pages_for(max_body(pages)), pages);
    EXPECT_EQ(pages_for(max_body(pages) + 1), pages + 1);
  }
}

TEST(LedgerFormat, APageBelongsToOnePlaceOnly) {
  GroupHeader h = example();
  std::vector<std::uint8_t> out;
  const std::vector<Entry> records = {{1, std::string(5000, 'q')}};
  encode_group(h, views(records), out);
  const auto page = ByteView(out).subspan(kPageSize);
  const auto stamp = decode_stamp(page, h.uuid, 2, 6);
  ASSERT_TRUE(stamp);
  EXPECT_EQ(stamp->segment, h.segment);
  EXPECT_EQ(stamp->group, 9U);
  EXPECT_FALSE(decode_stamp(page, h.uuid, 2, 7));
  EXPECT_FALSE(decode_stamp(page, h.uuid, 3, 6));
  Uuid other = h.uuid;
  other[0] ^= 1;
  EXPECT_FALSE(decode_stamp(page, other, 2, 6));
}

TEST(LedgerFormat, ABodyMustParseExactly) {
  const auto ignore = [](std::uint32_t, const RecordIn&) {};
  const std::string good("\x02\0\0\0\x07xy\0\0\0\0\x01", 12);
  EXPECT_TRUE(parse_body(as_bytes(good), 2, ignore));
  EXPECT_FALSE(parse_body(as_bytes(good), 1, ignore));
  EXPECT_FALSE(parse_body(as_bytes(good), 3, ignore));
  EXPECT_FALSE(parse_body(as_bytes(good).first(11), 2, ignore));
  const std::string huge("\xFF\xFF\xFF\xFF\x07xy", 7);
  EXPECT_FALSE(parse_body(as_bytes(huge), 1, ignore));
  EXPECT_TRUE(parse_body({}, 0, ignore));
}

TEST(LedgerFormat, ASuperblockComesBackAndEveryFlipInItsFieldsIsRefused) {
  Superblock s;
  s.geometry = {*small_options().uuid, kMinSegmentSize, 4};
  s.generation = 3;
  s.next_record = 77;
  s.next_group = 8;
  s.next_segment = 9;
  auto page = encode_superblock(s);
  EXPECT_EQ(as_text(ByteView(page).first(8)), "NINESLDG");
  const auto slot = decode_superblock(page);
  ASSERT_EQ(slot.state, SlotState::valid);
  EXPECT_EQ(slot.value.geometry.uuid, s.geometry.uuid);
  EXPECT_EQ(slot.value.geometry.segment_count, 4U);
  EXPECT_EQ(slot.value.generation, 3U);
  EXPECT_EQ(slot.value.next_record, 77U);
  EXPECT_EQ(slot.value.next_group, 8U);
  EXPECT_EQ(slot.value.next_segment, 9U);
  for (std::size_t bit = 0; bit < 512 * 8; ++bit) {
    page[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(decode_superblock(page).state, SlotState::bad) << "bit " << bit;
    page[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

// The worked example of docs/formats/ledger.md.
TEST(LedgerFormat, TheWorkedExampleOfTheDocumentIsTrue) {
  test::SimDisk disk;
  auto o = open_on(disk);
  ASSERT_TRUE(o.ledger->commit(views({{1, "up"}, {2, "down"}})));
  const auto page = disk.content("seg-0000");
  EXPECT_EQ(to_hex(ByteView(page).first(176)),
            "6e475250010000006730df088685aa310102030405060708090a0b0c0d0e0f10"
            "0100000000000000010000000000000001000000000000000100000000000000"
            "0000000000000000010000000000000001000000000000001000000000000200"
            "0000000000000000000000000000000000000000000000000000000000000000"
            "020000000175700400000002646f776e"
            "b6975b6a2b4da3606f632f5c79a289ab16d0f46e86e34435cda957fdb072e95f");
  EXPECT_EQ(to_hex(ByteView(disk.content("superblock")).first(16)),
            "4e494e45534c444701000000c6e4e518");
}

// The ring of tests/data/ledger/v1: four segments of 64 KiB, trailing zeros cut off. Written by the
// first program that knew the format; every later one must read it.
TEST(LedgerFormat, ReadsTheRingThatTheFirstVersionWrote) {
  test::SimDisk disk;
  for (const char* name : {"superblock", "seg-0000", "seg-0001", "seg-0002", "seg-0003"}) {
    const auto text =
        read_file(NINES_SOURCE_DIR "/tests/data/ledger/v1/" + std::string(name), 1U << 20U);
    ASSERT_TRUE(text) << text.error().message;
    std::vector<std::uint8_t> bytes(text->begin(), text->end());
    bytes.resize(std::string(name) == "superblock" ? kSuperblockSize : kMinSegmentSize);
    disk.set_content(name, bytes);
  }
  auto o = open_on(disk);
  ASSERT_TRUE(o.ledger) << o.error.message;
  EXPECT_TRUE(o.recovered.clean);
  EXPECT_TRUE(o.recovered.damage.empty());
  EXPECT_EQ(o.recovered.first_record, 3U);
  EXPECT_EQ(o.recovered.next_record, 9U);
  const Entries expected = {{3, {1, std::string(30'000, 'b')}},
                            {4, {2, "after the big one"}},
                            {5, {3, ""}},
                            {6, {255, std::string("\0\xFF", 2)}},
                            {7, {4, std::string(30'000, 'c')}},
                            {8, {5, "the last"}}};
  EXPECT_EQ(everything(*o.ledger), expected);
  EXPECT_EQ(hex(o.ledger->head()),
            "3c7450c597e8de913f866b4ccb0779cba94a275c9eae97f81d83c9a78238e7ba");
}

}  // namespace
}  // namespace nines::ledger::format_test
