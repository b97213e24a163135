// SPDX-License-Identifier: Apache-2.0
// The bytes of a ledger, format 1: superblock, group, page. All integers are little-endian.
// Pure functions between bytes and values; docs/formats/ledger.md has the reasons and an example.
//
//   group, first page                         group, each further page
//     0 magic "nGRP"       u32                  0 magic "Ng"    u16
//     4 version            u16                  2 used          u16  bytes of the page in use
//     6 file               u16                  4 crc           u32  of [8, used), seeded
//     8 header_crc         u32  of [0, 128)     8 segment       u64
//    12 page_crc           u32  of the rest    16 group         u64
//    16 uuid               16 bytes            24 payload
//    32 segment            u64
//    40 group              u64                payload, across the pages
//    48 first_record       u64                  record_count times:
//    56 prev_end           u64                    size u32, type u8, bytes
//    64 prev_group         u64                  head hash, 32 bytes
//    72 floor_segment      u64                  zeros to the end of the page
//    80 floor_record       u64
//    88 body_size          u32
//    92 page               u16
//    94 record_count       u16
//    96 prev_hash          32 bytes
//   128 payload
#pragma once

#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "base/hash.h"

namespace nines::ledger {

using Uuid = std::array<std::uint8_t, 16>;

inline constexpr std::uint16_t kFormatVersion = 1;
inline constexpr std::uint32_t kPageSize = 4096;
inline constexpr std::uint32_t kHeaderSize = 128;
inline constexpr std::uint32_t kStampSize = 24;
inline constexpr std::uint32_t kTrailerSize = 32;
inline constexpr std::uint32_t kRecordOverhead = 5;  // size and type in front of the bytes
inline constexpr std::uint32_t kMaxGroupRecords = 4096;
inline constexpr std::uint32_t kSuperblockSize = 2 * kPageSize;
inline constexpr std::uint32_t kMinSegments = 4;
inline constexpr std::uint32_t kMaxSegments = 9999;  // four digits in the file name
inline constexpr std::uint32_t kMinSegmentSize = 64U << 10U;
inline constexpr std::uint32_t kMaxSegmentSize = 128U << 20U;

struct Geometry {
  Uuid uuid{};
  std::uint32_t segment_size = 0;
  std::uint32_t segment_count = 0;

  std::uint32_t pages() const { return segment_size / kPageSize; }

  std::uint64_t bytes() const { return std::uint64_t{segment_size} * segment_count; }

  bool valid() const;
};

// Two equal slots; the valid one of the higher generation holds. The numbers are lower bounds that
// count only where the groups on the disk prove less (after an uncertain end).
struct Superblock {
  Geometry geometry;
  std::uint64_t generation = 1;
  std::uint64_t next_record = 1;
  std::uint64_t next_group = 1;
  std::uint64_t next_segment = 1;
};

enum class SlotState { valid, bad, newer };

struct SuperblockSlot {
  SlotState state = SlotState::bad;
  std::uint32_t version = 0;
  Superblock value;  // when valid
};

std::array<std::uint8_t, kPageSize> encode_superblock(const Superblock& superblock);
SuperblockSlot decode_superblock(ByteView page);

struct GroupHeader {
  Uuid uuid{};
  std::uint64_t segment = 0;
  std::uint64_t group = 0;
  std::uint64_t first_record = 0;
  std::uint64_t prev_end =
      1;  // one past the last record before; less than first_record after a jump
  std::uint64_t prev_group = 0;
  std::uint64_t floor_segment = 0;  // older segments are released
  std::uint64_t floor_record = 0;
  std::uint32_t body_size = 0;
  std::uint16_t file = 0;
  std::uint16_t page = 0;
  std::uint16_t record_count = 0;
  Digest prev_hash{};
  std::uint32_t page_crc = 0;

  std::uint64_t end_record() const { return first_record + record_count; }
};

// Checked: magic, version, header CRC, and that body and counts are possible. Not the payload.
std::optional<GroupHeader> decode_header(ByteView page);

// Does this look like the first page of a group of a newer format? Nothing is checked but the
// magic: it is asked only to keep a program from throwing away what a newer one may still read.
bool looks_newer(ByteView page);

std::uint32_t pages_for(std::uint64_t body_size);
std::uint64_t max_body(std::uint32_t pages);

struct RecordIn {  // borrowed bytes; the types are the caller's
  std::uint8_t type = 0;
  ByteView bytes;
};

// Fills `out` with whole pages and completes the header's counts and CRC. The sizes must fit (the
// caller checked). Returns the chain hash after the last record.
Digest encode_group(GroupHeader& header,
                    std::span<const RecordIn> records,
                    std::vector<std::uint8_t>& out);

// Are the payload bytes of one page of the group as they were written? `index` counts in the group;
// the page must not be the first when `index` > 0. Seeded with uuid, segment, group, file and page:
// a page of an earlier lap, another place or another ledger never passes.
bool first_page_intact(const GroupHeader& header, ByteView page);

struct Stamp {
  std::uint64_t segment = 0;
  std::uint64_t group = 0;
  std::uint16_t used = 0;
};

// A further page that lies at `page` of `file` as it was written; otherwise nothing.
std::optional<Stamp> decode_stamp(ByteView bytes,
                                  const Uuid& uuid,
                                  std::uint32_t file,
                                  std::uint32_t page);

// Where byte `offset` of the payload lies in the group: the page, and the offset in that page.
struct PayloadPlace {
  std::uint32_t page = 0;
  std::uint32_t offset = 0;
};

PayloadPlace payload_place(std::uint64_t offset);

// Copies payload bytes [offset, offset + out.size()) out of the pages of a group, of which `pages`
// begins with page `first_page`.
void gather(ByteView pages,
            std::uint32_t first_page,
            std::uint64_t offset,
            std::span<std::uint8_t> out);

// Calls `each` with the body offset, type and bytes of every record. False when the body does not
// parse into exactly `record_count` records.
bool parse_body(ByteView body,
                std::uint32_t record_count,
                const std::function<void(std::uint32_t offset, const RecordIn&)>& each);

// h_n = SHA-256("nines-ledger-v1", h_(n-1), number, type, bytes)
Digest chain(const Digest& previous, std::uint64_t number, const RecordIn& record);

// A whole group is good: every page intact, body parses, chain leads from prev_hash to the head.
// `pages` starts at the group and is at least as long; `body` is room that is reused.
std::optional<Digest> check_group(const GroupHeader& header,
                                  ByteView pages,
                                  std::vector<std::uint8_t>& body);

std::string segment_name(std::uint32_t file);  // "seg-0007"
inline constexpr char kSuperblockName[] = "superblock";
// Marks that a ledger was found useless and is being made anew; means nothing beside a superblock.
inline constexpr char kLostName[] = "superblock.lost";

enum class DamageKind {
  media,      // durable once, unreadable now
  uncertain,  // numbers given up at an unclean end: they may never have been durable
};

struct Damage {  // numbers [first, last]
  DamageKind kind = DamageKind::media;
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  bool operator==(const Damage&) const = default;
};

const char* name_of(DamageKind kind);

}  // namespace nines::ledger
